//! The connection to the broker: TCP, TLS, frames. Two tasks and bounded
//! channels; it knows nothing of what the frames mean.

use crate::{
    problem::Problem,
    proxy::{Proxy, Route},
    tls, tunnel,
};
use mitblick_protocol::{
    broker_msg::{FromBroker, ToBroker},
    framing::{FrameKind, FrameReader, write_frame},
    wire::{self, MAX_BROKER_MESSAGE_BYTES},
    workplace::{BINDING_LABEL, ChannelBinding},
};
use rustls_pki_types::ServerName;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    net::TcpStream,
    sync::mpsc,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// How long the broker may take to answer at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Frames sealed but not yet taken by the socket. Small, so that what is
/// urgent is never behind much.
const QUEUED_FRAMES: usize = 2;
/// How much the system may hold that it has not sent, in bytes: a record, so
/// that it never runs dry.
const UNSENT_BYTES: u32 = 16 * 1024;
/// How long what is queued may take to go out once the link is closed.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);
/// The broker asks every few seconds; so long a silence means that it, or the
/// way to it, is gone.
const SILENCE_LIMIT: Duration = Duration::from_secs(20);

/// What comes from the broker.
#[derive(Debug)]
pub enum LinkEvent {
    /// The link is there; this is bound to it alone.
    Connected(ChannelBinding),
    /// A message of the broker itself.
    Broker(FromBroker),
    /// Bytes from the paired side.
    Relay(Vec<u8>),
    /// The link is gone; nothing follows.
    Lost(Problem),
}

/// A link, from the first try to connect on. Dropping it closes the connection
/// after what is queued has gone out.
#[derive(Debug)]
pub struct Link {
    frames: LinkSender,
    events: LinkReceiver,
    task: JoinHandle<()>,
}

impl Link {
    /// Starts to connect. Success shows by [`LinkEvent::Connected`], failure
    /// as [`LinkEvent::Lost`].
    pub fn open(route: Route) -> Self {
        let (frames, outgoing) = mpsc::channel(QUEUED_FRAMES);
        let (incoming, events) = mpsc::channel(64);
        let task = tokio::spawn(async move {
            match connect(&route).await {
                Ok(stream) => {
                    let binding = stream.get_ref().1.export_keying_material([0; 32], BINDING_LABEL, None);
                    let connected = match binding {
                        Ok(binding) => LinkEvent::Connected(ChannelBinding(binding)),
                        Err(_) => LinkEvent::Lost(Problem::LinkLost),
                    };
                    if incoming.send(connected).await.is_ok() {
                        serve(stream, outgoing, incoming).await;
                    }
                }
                Err(problem) => {
                    // The receiver may be gone already; then nobody asks.
                    let _ = incoming.send(LinkEvent::Lost(problem)).await;
                }
            }
        });
        Self { frames: LinkSender(frames), events: LinkReceiver(events), task }
    }

    /// Both halves, so that one can be waited for beside the other.
    pub fn halves(&mut self) -> (&LinkSender, &mut LinkReceiver) {
        (&self.frames, &mut self.events)
    }

    /// Closes the link: sends `rest` behind what is queued, waiting a little at
    /// most, then ends the connection. The returned task does it.
    pub fn close(self, rest: Vec<Vec<u8>>) -> JoinHandle<()> {
        let Self { frames, events, mut task } = self;
        tokio::spawn(async move {
            let flush = async {
                for frame in rest {
                    if frames.0.send(frame).await.is_err() {
                        break;
                    }
                }
                // Without senders the writer ends when all has gone out;
                // without a receiver the reader discards what still comes.
                drop((frames, events));
                let _ = (&mut task).await;
            };
            if tokio::time::timeout(FLUSH_TIMEOUT, flush).await.is_err() {
                task.abort();
            }
        })
    }
}

/// The sending half.
#[derive(Debug)]
pub struct LinkSender(mpsc::Sender<Vec<u8>>);

impl LinkSender {
    /// Waits until one more frame may be queued; for ever once the connection
    /// is gone, which the receiving half tells. Cancel-safe.
    pub async fn ready(&self) {
        match self.0.reserve().await {
            Ok(permit) => drop(permit),
            Err(_) => std::future::pending().await,
        }
    }

    /// Queues a frame for which [`LinkSender::ready`] has found room.
    pub fn send(&self, frame: Vec<u8>) {
        // Nobody else sends, so the room is still there; a connection that is
        // gone by now takes nothing any more.
        let _ = self.0.try_send(frame);
    }
}

/// The receiving half.
#[derive(Debug)]
pub struct LinkReceiver(mpsc::Receiver<LinkEvent>);

impl LinkReceiver {
    /// The next event. Cancel-safe. After `Lost` it waits for ever.
    pub async fn event(&mut self) -> LinkEvent {
        match self.0.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }
}

/// The frame of a message to the broker. `None` if it is over the limit, which
/// no message of ours is.
pub fn control_frame(message: &ToBroker) -> Option<Vec<u8>> {
    frame(FrameKind::Control, &wire::encode(message).ok()?)
}

/// The frame around bytes for the paired side.
pub fn relay_frame(bytes: &[u8]) -> Option<Vec<u8>> {
    frame(FrameKind::Relay, bytes)
}

fn frame(kind: FrameKind, body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write_frame(kind, body, &mut out).ok()?;
    Some(out)
}

/// All of it within one time limit, through a proxy too.
async fn connect(route: &Route) -> Result<TlsStream<TcpStream>, Problem> {
    let proxy = route.proxy.as_ref().map_err(Problem::from)?.as_ref();
    let address = || route.broker.place();
    let unreachable = || match proxy {
        Some(proxy) => Problem::UnreachableThroughProxy { proxy: proxy.place(), address: address() },
        None => Problem::BrokerUnreachable { address: address() },
    };
    let dial = async {
        let tcp = match proxy {
            Some(proxy) => tunnel::open(proxy, &route.broker).await?,
            None => TcpStream::connect((route.broker.host.as_str(), route.broker.port)).await.map_err(|error| {
                tracing::debug!(%error, "no connection to the broker");
                unreachable()
            })?,
        };
        speak_tls(tcp, route).await.map_err(|error| {
            tracing::debug!(%error, "no TLS with the broker");
            match proxy {
                _ if tls::is_out_of_time(&error) => Problem::ClockWrong,
                Some(proxy) if tls::is_refusal(&error) => opened(proxy, address()),
                None if tls::is_wrong_pin(&error) => Problem::BrokerNotGenuine { address: address() },
                _ => unreachable(),
            }
        })
    };
    tokio::time::timeout(CONNECT_TIMEOUT, dial).await.unwrap_or_else(|_| Err(unreachable()))
}

/// Whoever answers through the proxy is not the broker.
fn opened(proxy: &Proxy, address: String) -> Problem {
    Problem::ProxyOpensEncryption { proxy: proxy.place(), address }
}

async fn speak_tls(tcp: TcpStream, route: &Route) -> io::Result<TlsStream<TcpStream>> {
    tcp.set_nodelay(true)?;
    keep_unsent_small(&tcp);
    let config = tls::client_config(route.broker.pin).map_err(io::Error::other)?;
    let name = ServerName::try_from(route.broker.host.clone()).map_err(io::Error::other)?;
    TlsConnector::from(config).connect(name, tcp).await
}

/// What the system has taken and not sent can't be overtaken any more: on a
/// slow line it would hold seconds of pictures in front of a stop.
fn keep_unsent_small(tcp: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(tcp).set_tcp_notsent_lowat(UNSENT_BYTES) {
        tracing::debug!(%error, "the system keeps as much unsent as it likes");
    }
}

async fn serve(stream: TlsStream<TcpStream>, outgoing: mpsc::Receiver<Vec<u8>>, incoming: mpsc::Sender<LinkEvent>) {
    let (read, write) = tokio::io::split(stream);
    let mut writer = tokio::spawn(write_frames(write, outgoing));
    tokio::select! {
        problem = read_frames(read, &incoming) => {
            // Dropping a task's handle does not end it.
            writer.abort();
            let _ = incoming.send(LinkEvent::Lost(problem)).await;
        }
        written = &mut writer => match written {
            // All senders are gone: we closed the link.
            Ok(Ok(())) => {}
            _ => { let _ = incoming.send(LinkEvent::Lost(Problem::LinkLost)).await; }
        }
    }
}

async fn write_frames(
    mut stream: WriteHalf<TlsStream<TcpStream>>,
    mut frames: mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    while let Some(frame) = frames.recv().await {
        stream.write_all(&frame).await?;
        stream.flush().await?;
    }
    tokio::time::timeout(FLUSH_TIMEOUT, stream.shutdown()).await.unwrap_or(Ok(()))
}

/// Reads until the link is lost and says why.
async fn read_frames(mut stream: ReadHalf<TlsStream<TcpStream>>, events: &mpsc::Sender<LinkEvent>) -> Problem {
    let mut reader = FrameReader::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match tokio::time::timeout(SILENCE_LIMIT, stream.read(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => count,
            _ => return Problem::LinkLost,
        };
        reader.push(buffer.get(..count).unwrap_or_default());
        loop {
            let event = match reader.next_frame() {
                Ok(Some((FrameKind::Relay, body))) => LinkEvent::Relay(body.to_vec()),
                Ok(Some((FrameKind::Control, body))) => {
                    match wire::decode::<FromBroker, MAX_BROKER_MESSAGE_BYTES>(body) {
                        Ok(message) => LinkEvent::Broker(message),
                        Err(_) => return Problem::BrokerVersion,
                    }
                }
                Ok(None) => break,
                Err(_) => return Problem::BrokerVersion,
            };
            if events.send(event).await.is_err() {
                // We closed the link; what still comes is of no interest, but
                // reading on lets the writer finish.
                return discard(stream).await;
            }
        }
    }
}

async fn discard(mut stream: ReadHalf<TlsStream<TcpStream>>) -> Problem {
    let mut buffer = vec![0; 4096];
    let drain = async { while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {} };
    let _ = tokio::time::timeout(FLUSH_TIMEOUT, drain).await;
    Problem::LinkLost
}
