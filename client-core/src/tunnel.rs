//! CONNECT through an HTTP proxy. Whoever answers is not trusted: the answer
//! is bounded, and what follows it belongs to TLS, which shows whose it is.

mod answer;

pub use answer::{Answer, read_answer};

use crate::{address::BrokerAddress, problem::Problem, proxy::Proxy};
use answer::MAX_HEAD_BYTES;
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Connects to the broker through the proxy.
///
/// # Errors
/// What to tell the person.
pub(crate) async fn open(proxy: &Proxy, broker: &BrokerAddress) -> Result<TcpStream, Problem> {
    let place = || proxy.place();
    let unreachable = |error: io::Error| {
        tracing::debug!(%error, "no connection to the proxy");
        Problem::ProxyUnreachable { proxy: proxy.place() }
    };
    let mut stream = TcpStream::connect((proxy.host(), proxy.port())).await.map_err(unreachable)?;
    stream.write_all(request(proxy, broker).as_bytes()).await.map_err(unreachable)?;
    let mut head = Vec::new();
    loop {
        let mut buffer = [0; 1024];
        let count = stream.read(&mut buffer).await.map_err(unreachable)?;
        head.extend_from_slice(buffer.get(..count).unwrap_or_default());
        return match read_answer(&head) {
            // It hung up, or has come to what none is allowed to be.
            Answer::Incomplete if count == 0 || head.len() > MAX_HEAD_BYTES => {
                Err(Problem::ProxyNotUnderstood { proxy: place() })
            }
            Answer::Incomplete => continue,
            Answer::Open => Ok(stream),
            Answer::WhoAsks(kinds) => Err(who_asks(proxy, &kinds)),
            Answer::Refused(status) => Err(Problem::ProxyRefused { proxy: place(), address: broker.place(), status }),
            Answer::Nonsense => Err(Problem::ProxyNotUnderstood { proxy: place() }),
        };
    }
}

fn request(proxy: &Proxy, broker: &BrokerAddress) -> String {
    let place = broker.place();
    let authorization = proxy.authorization().map(|value| format!("Proxy-Authorization: {value}\r\n"));
    format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{}\r\n", authorization.unwrap_or_default())
}

fn who_asks(proxy: &Proxy, kinds: &[String]) -> Problem {
    let place = proxy.place();
    let basic = kinds.is_empty() || kinds.iter().any(|kind| kind.eq_ignore_ascii_case("basic"));
    match (basic, proxy.authorization()) {
        (false, _) => Problem::ProxySignInKind { proxy: place, kinds: kinds.join(", ") },
        (true, None) => Problem::ProxySignIn { proxy: place },
        (true, Some(_)) => Problem::ProxySignInFailed { proxy: place },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_hears_where_to_and_who_asks() {
        let broker = "mitblick://[fd00::1]:443#AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".parse().unwrap();
        let route = crate::proxy::Route::to(broker, Some("http://anna:secret@proxy:3128"));
        let proxy = route.proxy.unwrap().unwrap();
        let expected = "CONNECT [fd00::1]:443 HTTP/1.1\r\nHost: [fd00::1]:443\r\n\
                        Proxy-Authorization: Basic YW5uYTpzZWNyZXQ=\r\n\r\n";
        assert_eq!(request(&proxy, &route.broker), expected);
    }
}
