//! Where a broker listens, under which names, and with which TLS.

use super::Config;
use crate::{certificate::Certificates, config::AdminListen, problem::Problem};
use std::{io, net::IpAddr, sync::Arc};
use tokio::net::{TcpListener, lookup_host};
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::aws_lc_rs,
    server::{NoServerSessionStorage, ResolvesServerCert},
};

/// Where the admin pages are to listen.
pub(super) fn admin_address(config: &Config, relay_port: u16) -> Option<String> {
    match &config.admin {
        AdminListen::Off => None,
        AdminListen::At(address) => Some(address.clone()),
        AdminListen::NextPort if config.listen.ends_with(":0") => Some("127.0.0.1:0".to_owned()),
        AdminListen::NextPort => Some(format!("127.0.0.1:{}", relay_port.checked_add(1).unwrap_or(0))),
    }
}

pub(super) async fn listen(address: &str) -> Result<TcpListener, Problem> {
    let problem = |error: io::Error| Problem::Listen { address: address.to_owned(), why: error.to_string() };
    let mut last = None;
    for address in lookup_host(address).await.map_err(problem)? {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(Problem::listen(address, &error)),
        }
    }
    Err(last.unwrap_or_else(|| problem(io::ErrorKind::AddrNotAvailable.into())))
}

pub(super) fn tls_config(certificates: &Arc<Certificates>, alpn: Vec<Vec<u8>>) -> Result<ServerConfig, Problem> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(Problem::keys)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(certificates) as Arc<dyn ResolvesServerCert>);
    config.alpn_protocols = alpn;
    // Programs connect once a session: tickets would only cost.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// A host that others may reach: the address itself, or the machine's name if
/// it listens on all of them.
pub(super) fn host_name(address: IpAddr) -> String {
    if address.is_unspecified() {
        let name = rustix::system::uname();
        name.nodename().to_str().ok().filter(|name| !name.is_empty()).unwrap_or("localhost").to_owned()
    } else {
        address.to_string()
    }
}

pub(super) fn connect_string(host: &str, port: u16, pin: &str) -> String {
    if host.contains(':') && !host.starts_with('[') {
        format!("mitblick://[{host}]:{port}#{pin}")
    } else {
        format!("mitblick://{host}:{port}#{pin}")
    }
}
