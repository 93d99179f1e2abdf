//! Forwarding relays to compare with: haproxy and nginx, which end TLS before
//! them and begin it anew behind them, and the two ends of their pairs.

use crate::{harness::Client, process::Process};
use rcgen::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// How long a relay may take to be there.
const PATIENCE: Duration = Duration::from_secs(10);
/// Where Debian has nginx's part for streams.
const NGINX_STREAMS: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

pub(crate) type Reader = Box<dyn AsyncRead + Send + Unpin>;
pub(crate) type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// One side of a pair.
pub(crate) struct Side {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
}

impl Side {
    pub(crate) fn new(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { reader: Box::new(reader), writer: Box::new(writer) }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.writer.write_all(bytes).await?;
        Ok(self.writer.flush().await?)
    }
}

impl From<Client> for Side {
    fn from(client: Client) -> Self {
        Self { reader: Box::new(client.reader), writer: Box::new(client.writer) }
    }
}

/// What stands behind a forwarding relay, and the programs before it.
pub(crate) struct Ends {
    pub(crate) backend: TcpListener,
    accept: TlsAcceptor,
    connect: TlsConnector,
    certified: CertifiedKey<rcgen::KeyPair>,
}

impl Ends {
    pub(crate) async fn new() -> anyhow::Result<Self> {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let certificate = certified.cert.der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let only = &[&rustls::version::TLS13];
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(only)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)?;
        let mut roots = RootCertStore::empty();
        roots.add(certificate)?;
        let client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(only)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            backend: TcpListener::bind("127.0.0.1:0").await?,
            accept: Arc::new(server).into(),
            connect: Arc::new(client).into(),
            certified,
        })
    }

    /// A pair through what listens at `front`.
    pub(crate) async fn pair(&self, front: SocketAddr) -> anyhow::Result<(Side, Side)> {
        let before = async {
            let socket = TcpStream::connect(front).await?;
            socket.set_nodelay(true)?;
            let mut side = Side::new(self.connect.connect(ServerName::try_from("localhost")?, socket).await?);
            // The handshake behind the relay may wait for the first byte.
            side.send(b"x").await?;
            anyhow::Ok(side)
        };
        let behind = async {
            let (socket, _) = self.backend.accept().await?;
            socket.set_nodelay(true)?;
            let mut side = Side::new(self.accept.accept(socket).await?);
            side.reader.read_u8().await?;
            anyhow::Ok(side)
        };
        tokio::try_join!(before, behind)
    }

    /// Starts haproxy between; gives its address.
    pub(crate) async fn haproxy(&self, buffer_kib: usize, folder: &Path) -> anyhow::Result<(Process, SocketAddr)> {
        let (front, backend) = (free_address().await?, self.backend.local_addr()?);
        let pem = folder.join("haproxy.pem");
        fs::write(&pem, self.certified.cert.pem() + &self.certified.signing_key.serialize_pem())?;
        let config = folder.join("haproxy.cfg");
        let text = format!(
            "global\n  maxconn 4000\n  tune.bufsize {}\n\
             defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n  timeout server 1h\n\
             listen relay\n  bind {front} ssl crt {} ssl-min-ver TLSv1.3\n  \
             server backend {backend} ssl verify none ssl-min-ver TLSv1.3\n",
            buffer_kib * 1024,
            pem.display()
        );
        fs::write(&config, text)?;
        self.started(Command::new("haproxy").arg("-db").arg("-f").arg(&config), front, folder).await
    }

    /// The same of nginx.
    pub(crate) async fn nginx(&self, buffer_kib: usize, folder: &Path) -> anyhow::Result<(Process, SocketAddr)> {
        let (front, backend) = (free_address().await?, self.backend.local_addr()?);
        let (certificate, key) = (folder.join("nginx.crt"), folder.join("nginx.key"));
        fs::write(&certificate, self.certified.cert.pem())?;
        fs::write(&key, self.certified.signing_key.serialize_pem())?;
        let config = folder.join("nginx.conf");
        let text = format!(
            "load_module {NGINX_STREAMS};\ndaemon off;\nworker_processes auto;\nerror_log stderr;\npid nginx.pid;\n\
             events {{ worker_connections 4000; }}\n\
             stream {{ server {{\n  listen {front} ssl;\n  ssl_certificate {};\n  ssl_certificate_key {};\n  \
             ssl_protocols TLSv1.3;\n  tcp_nodelay on;\n  proxy_buffer_size {buffer_kib}k;\n  proxy_timeout 1h;\n  \
             proxy_pass {backend};\n  proxy_ssl on;\n  proxy_ssl_protocols TLSv1.3;\n}} }}\n",
            certificate.display(),
            key.display()
        );
        fs::write(&config, text)?;
        self.started(Command::new("nginx").arg("-p").arg(folder).arg("-c").arg(&config), front, folder).await
    }

    async fn started(
        &self,
        command: &mut Command,
        front: SocketAddr,
        folder: &Path,
    ) -> anyhow::Result<(Process, SocketAddr)> {
        let process = Process::start(command, folder)?;
        let began = Instant::now();
        while TcpStream::connect(front).await.is_err() {
            anyhow::ensure!(began.elapsed() < PATIENCE, "{}", fs::read_to_string(folder.join("log"))?);
            sleep(Duration::from_millis(20)).await;
        }
        Ok((process, front))
    }
}

async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}
