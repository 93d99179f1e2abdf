//! Heads of the audit trail for a server that collects logs (RFC 5424).
//!
//! Each message has a socket of its own: they are few, and a connection that
//! lay idle may be dead without anybody knowing, so that the next message
//! would be lost.

use crate::audit::Head;
use jiff::Timestamp;
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process,
    str::FromStr,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket, UnixDatagram, lookup_host},
    time::timeout,
};

/// Facility 13 (log audit), severity 5 (notice); RFC 5424, section 6.2.1.
const PRIORITY: u8 = 13 * 8 + 5;
const APP_NAME: &str = "mitblick-broker";
const MESSAGE_ID: &str = "audit-head";
/// Longest name of a host; RFC 5424, section 6.
const MAX_HOST_CHARS: usize = 255;
/// A server that takes no message in this time has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server over TCP may take to close its end: an error until then
/// says that the message is lost.
const CLOSE: Duration = Duration::from_secs(1);

/// Where messages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A datagram to a socket of this machine, as in `unix:/dev/log`.
    Unix(PathBuf),
    /// A datagram to `host:port` (RFC 5426).
    Udp(String),
    /// Over a connection to `host:port`, with octet counting (RFC 6587).
    Tcp(String),
}

/// The text is no target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no place for messages of syslog")]
pub struct BadTarget;

impl FromStr for Target {
    type Err = BadTarget;

    fn from_str(text: &str) -> Result<Self, BadTarget> {
        let (kind, place) = text.split_once(':').ok_or(BadTarget)?;
        let (host, port) = place.rsplit_once(':').unwrap_or_default();
        let is_address = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
        match kind {
            "unix" if !place.is_empty() && !place.contains('\0') => Ok(Self::Unix(place.into())),
            "udp" if is_address => Ok(Self::Udp(place.to_owned())),
            "tcp" if is_address => Ok(Self::Tcp(place.to_owned())),
            _ => Err(BadTarget),
        }
    }
}

impl Target {
    /// With a path that begins at this folder.
    #[must_use]
    pub fn below(self, folder: &Path) -> Self {
        match self {
            Self::Unix(path) => Self::Unix(folder.join(path)),
            other => other,
        }
    }
}

/// Sends heads to one target.
#[derive(Debug)]
pub(crate) struct Syslog {
    target: Target,
    host: String,
}

impl Syslog {
    pub(crate) fn new(target: Target) -> Self {
        let name = rustix::system::uname();
        Self { target, host: host_field(&name.nodename().to_string_lossy()) }
    }

    /// # Errors
    /// The target can't be reached, or takes nothing. That a datagram arrived
    /// is not known.
    pub(crate) async fn send(&self, head: &Head) -> io::Result<()> {
        let text = message(head, &self.host, process::id(), Timestamp::now());
        timeout(PATIENCE, self.deliver(text.as_bytes())).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    async fn deliver(&self, text: &[u8]) -> io::Result<()> {
        match &self.target {
            Target::Unix(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                socket.send(text).await?;
            }
            Target::Udp(address) => {
                let to = lookup_host(address).await?.next().ok_or(io::ErrorKind::NotFound)?;
                let any: SocketAddr = match to {
                    SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                    SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
                };
                UdpSocket::bind(any).await?.send_to(text, to).await?;
            }
            Target::Tcp(address) => {
                let mut stream = TcpStream::connect(address).await?;
                stream.write_all(&counted(text)).await?;
                stream.shutdown().await?;
                // What it says is nothing to us; that it resets is.
                if let Ok(closed) = timeout(CLOSE, stream.read(&mut [0])).await {
                    closed?;
                }
            }
        }
        Ok(())
    }
}

/// RFC 5424, section 6; the text of the message is what `audit verify --head`
/// takes.
fn message(head: &Head, host: &str, process: u32, at: Timestamp) -> String {
    let time = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    format!("<{PRIORITY}>1 {time} {host} {APP_NAME} {process} {MESSAGE_ID} - {}", head.to_json())
}

/// RFC 6587, section 3.4.1.
fn counted(text: &[u8]) -> Vec<u8> {
    [format!("{} ", text.len()).as_bytes(), text].concat()
}

/// Visible ASCII only, `-` if there is none.
fn host_field(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(MAX_HOST_CHARS).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_understood_and_others_refused() {
        assert_eq!("unix:/dev/log".parse(), Ok(Target::Unix("/dev/log".into())));
        assert_eq!("udp:log.example:514".parse(), Ok(Target::Udp("log.example:514".to_owned())));
        assert_eq!("tcp:[::1]:601".parse(), Ok(Target::Tcp("[::1]:601".to_owned())));
        for text in ["", "unix", "unix:", "/dev/log", "udp:514", "udp::514", "tcp:a:0", "tcp:a:65536", "tls:a:6514"] {
            assert_eq!(text.parse::<Target>(), Err(BadTarget), "{text}");
        }
    }

    #[test]
    fn a_message_has_the_fields_of_the_standard_and_its_text_is_the_head() {
        let head = Head { seq: 7, hash: [1; 32], signature: [2; 64] };
        let at = Timestamp::from_millisecond(1_795_000_000_250).unwrap();
        let text = message(&head, &host_field("a b\u{e4}c"), 42, at);
        let (header, json) = text.split_once(" - ").unwrap();
        assert_eq!(header, "<109>1 2026-11-18T11:06:40.250Z abc mitblick-broker 42 audit-head");
        assert_eq!(Head::from_json(json), Ok(head));
        assert_eq!(host_field("\u{e4}\n "), "-");
        assert_eq!(counted(b"abc"), b"3 abc");
    }
}
