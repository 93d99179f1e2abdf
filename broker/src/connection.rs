//! One connection from its TLS handshake to its end.
//!
//! Two tasks: this one reads, the other writes what waits in the
//! [`Outbox`]. The reader hands whole relay frames, as many as came together,
//! to the paired side's outbox and waits when that is full: then this side's
//! socket fills and its program slows down, and nobody else is touched.
//! Whatever happens, guards free what the connection held.

mod intake;
mod lobby;

use crate::{
    acme,
    desk::Leaving,
    hall::{Admission, Hall, Presence},
    limits::Source,
    metrics::Count,
    outbox::{Outbox, Relayed, WriteEnd},
    server::Services,
    web,
};
use intake::{Intake, Item};
use lobby::{Lobby, Next};
use mitblick_protocol::{
    broker_msg::{FromBroker, Refusal},
    wire,
    workplace::{BINDING_LABEL, ChannelBinding},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout},
};

/// Deadlines of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For the TLS handshake.
    pub handshake: Duration,
    /// From TLS, or a failed sign-in, to being signed in or joined.
    pub introduction: Duration,
    /// For the code of the second factor.
    pub code: Duration,
    /// For somebody's decision: on a new workplace, or on taking over.
    pub door: Duration,
    /// Silence after which a `Ping` is sent, and between pings.
    pub ping: Duration,
    /// Silence after which the other side is gone.
    pub silence: Duration,
    /// How long the other side may take no bytes.
    pub stall: Duration,
    /// When every failed join is answered, counted from its arrival.
    pub join_failed_after: Duration,
    /// How long the rest of a connection that the broker ends is read, so that
    /// the last message is not lost to a reset.
    pub linger: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(5),
            introduction: Duration::from_secs(10),
            code: Duration::from_secs(3 * 60),
            door: Duration::from_secs(30 * 60),
            ping: Duration::from_secs(5),
            silence: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            join_failed_after: Duration::from_millis(300),
            linger: Duration::from_secs(2),
        }
    }
}

/// Failed sign-ins that one connection may answer with another one.
const MAX_SIGN_INS: u32 = 5;

/// What a proxy says first if it tells whom it speaks for: the PROXY protocol,
/// versions 1 and 2 (haproxy's `proxy-protocol.txt`, section 2). The broker
/// believes neither; it knows them to say what is wrong.
const PROXY_HEADERS: [&[u8]; 2] = [b"PROXY ", b"\r\n\r\n\0\r\nQUIT\n"];

/// Looks at the first bytes, which stay where they are.
async fn begins_with_proxy_header(socket: &TcpStream) -> bool {
    let mut first = [0; 12];
    let count = socket.peek(&mut first).await.unwrap_or(0);
    let first = first.get(..count).unwrap_or_default();
    PROXY_HEADERS.iter().any(|header| first.starts_with(header))
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The other side said goodbye, or the broker did and all is written.
    Left,
    /// The connection broke.
    Broken,
    /// Bytes that are no frames or messages, or such as do not belong here.
    BadInput,
    /// Nothing valid in time.
    TooLate,
    /// Silent or taking nothing for too long.
    Stalled,
    /// The broker has said its last word.
    Served,
}

/// Serves a socket that has just been accepted.
pub(crate) async fn serve(services: Arc<Services>, socket: TcpStream, source: Source, admission: Admission) {
    let _admission = admission;
    let hall = &services.hall;
    // Small frames (input, pings) must not wait for more.
    if socket.set_nodelay(true).is_err() {
        return;
    }
    let handshake = async {
        if begins_with_proxy_header(&socket).await {
            return Ok(None);
        }
        services.tls.accept(socket).await.map(Some)
    };
    let tls = match timeout(services.timing.handshake, handshake).await {
        Ok(Ok(None)) => {
            // Once is enough to tell an admin; strangers must not fill the log.
            if hall.metrics.value(Count::ProxyHeader) == 0 {
                tracing::warn!(
                    "a connection began with a PROXY header and was closed: the broker takes an address from the \
                     connection itself and from nothing else. Turn off send-proxy at the load balancer before it"
                );
            }
            hall.metrics.count(Count::ProxyHeader);
            return;
        }
        Ok(Ok(Some(tls))) if tls.get_ref().1.alpn_protocol() == Some(wire::ALPN) => tls,
        Ok(Ok(Some(tls))) if tls.get_ref().1.alpn_protocol() == Some(web::ALPN) => {
            web::company::serve(&services, tls).await;
            return;
        }
        // An authority has seen the proof in the handshake.
        Ok(Ok(Some(tls))) if tls.get_ref().1.alpn_protocol() == Some(acme::ALPN) => return,
        Ok(Ok(Some(_))) | Ok(Err(_)) | Err(_) => {
            hall.metrics.count(Count::HandshakesFailed);
            tracing::debug!("TLS handshake failed");
            return;
        }
    };
    let Ok(binding) = tls.get_ref().1.export_keying_material([0; 32], BINDING_LABEL, None) else { return };
    let outbox = Arc::new(Outbox::default());
    let Some(mut presence) = hall.enter(Arc::clone(&outbox)) else { return };
    let (reader, writer) = tokio::io::split(tls);
    let stall = services.timing.stall;
    let writer = Writer(tokio::spawn(write(Arc::clone(&outbox), writer, stall)));
    hall.welcome(&presence.guest);
    let mut connection = Connection {
        services: &services,
        intake: Intake::new(reader),
        lobby: Lobby::new(Arc::clone(&services), source, ChannelBinding(binding)),
        heard: Instant::now(),
        pinged: Instant::now(),
        introduced_by: Instant::now() + services.timing.introduction,
        asked_again: 0,
    };
    let end = connection.run(&mut presence, writer).await;
    finish(hall, &mut presence, end);
}

fn finish(hall: &Hall, presence: &mut Presence, end: End) {
    presence.leaving = match end {
        End::Left | End::Served => Leaving::Left,
        End::Broken | End::BadInput | End::TooLate => Leaving::Lost,
        End::Stalled => Leaving::Stalled,
    };
    match end {
        End::BadInput => hall.metrics.count(Count::BadInput),
        End::TooLate => hall.metrics.count(Count::TooLate),
        End::Stalled => hall.metrics.count(Count::Stalled),
        End::Left | End::Served | End::Broken => {}
    }
    tracing::debug!(conn = ?presence.conn, ?end, "connection ends");
}

async fn write<W: AsyncWrite + Unpin>(outbox: Arc<Outbox>, socket: W, stall: Duration) -> WriteEnd {
    outbox.write_to(socket, stall).await
}

/// The writing task; it ends with this.
struct Writer(JoinHandle<WriteEnd>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Connection<'a, R> {
    services: &'a Services,
    intake: Intake<R>,
    lobby: Lobby,
    /// When bytes last came.
    heard: Instant,
    /// When the last `Ping` was sent.
    pinged: Instant,
    /// Until when it must be signed in or joined, if it isn't.
    introduced_by: Instant,
    /// Sign-ins that failed.
    asked_again: u32,
}

impl<R: AsyncRead + Unpin> Connection<'_, R> {
    async fn run(&mut self, presence: &mut Presence, mut writer: Writer) -> End {
        let outbox = Arc::clone(&presence.guest.outbox);
        let end = tokio::select! {
            end = self.read(presence) => end,
            ended = &mut writer.0 => return self.written(ended).await,
        };
        match end {
            // The last word is still written, and read: see `Timing::linger`.
            End::Served | End::BadInput | End::TooLate => {
                outbox.finish();
                let patience = self.services.timing.linger;
                if timeout(patience, &mut writer.0).await.is_ok() {
                    let _ = timeout(patience, self.intake.discard()).await;
                }
            }
            End::Left | End::Broken | End::Stalled => {}
        }
        end
    }

    /// The writer has ended while this side was still reading.
    async fn written(&mut self, ended: Result<WriteEnd, tokio::task::JoinError>) -> End {
        match ended {
            Ok(WriteEnd::Finished) => {
                let _ = timeout(self.services.timing.linger, self.intake.discard()).await;
                End::Served
            }
            Ok(WriteEnd::Stalled) => End::Stalled,
            Ok(WriteEnd::Broken) | Err(_) => End::Broken,
        }
    }

    async fn read(&mut self, presence: &mut Presence) -> End {
        loop {
            loop {
                match self.intake.next() {
                    Err(_) => return End::BadInput,
                    Ok(None) => break,
                    Ok(Some(Item::Relay(frames))) => {
                        if !self.lobby.is_introduced() {
                            presence.tell(&FromBroker::Refused(Refusal::NotSignedIn));
                            return End::BadInput;
                        }
                        relay(self.services, presence, frames).await;
                        // While the other side was slow nothing was read.
                        self.heard = Instant::now();
                    }
                    Ok(Some(Item::Control(message))) => {
                        let arrived = Instant::now();
                        let Ok(message) = message else { return End::BadInput };
                        match self.lobby.handle(presence, message).await {
                            Next::Go => {}
                            Next::AskAgain if self.asked_again < MAX_SIGN_INS => {
                                self.asked_again += 1;
                                self.introduced_by = Instant::now() + self.lobby.patience(&self.services.timing);
                            }
                            Next::Further => {
                                self.introduced_by = Instant::now() + self.lobby.patience(&self.services.timing);
                            }
                            Next::AskAgain => return End::Served,
                            Next::End => return End::Served,
                            Next::Misplaced(why) => {
                                presence.tell(&FromBroker::Refused(why));
                                return End::BadInput;
                            }
                            Next::NobodyThere => {
                                sleep_until(arrived + self.services.timing.join_failed_after).await;
                                presence.tell(&FromBroker::JoinFailed);
                                return End::Served;
                            }
                        }
                        self.heard = Instant::now();
                    }
                }
            }
            // Asked here too: one who sends without a pause never lets the
            // alarm in `fill` ring.
            if !self.lobby.is_introduced() && Instant::now() >= self.introduced_by {
                return End::TooLate;
            }
            if let Err(end) = self.fill(presence).await {
                return end;
            }
        }
    }

    /// Reads more bytes; pings when there are none, and loses patience.
    async fn fill(&mut self, presence: &Presence) -> Result<(), End> {
        let mut alarm = std::pin::pin!(sleep(Duration::ZERO));
        alarm.as_mut().reset(self.next_alarm());
        loop {
            tokio::select! {
                biased;
                read = self.intake.fill() => {
                    self.heard = Instant::now();
                    return match read {
                        Ok(0) => Err(End::Left),
                        Ok(_) => Ok(()),
                        Err(_) => Err(End::Broken),
                    };
                }
                () = &mut alarm => {
                    self.alarmed(presence)?;
                    alarm.as_mut().reset(self.next_alarm());
                }
            }
        }
    }

    fn next_alarm(&self) -> Instant {
        let next_ping = self.heard.max(self.pinged) + self.services.timing.ping;
        if self.lobby.is_introduced() {
            next_ping
        } else if self.lobby.is_waiting() {
            self.introduced_by.min(next_ping)
        } else {
            self.introduced_by
        }
    }

    fn alarmed(&mut self, presence: &Presence) -> Result<(), End> {
        let now = Instant::now();
        let timing = &self.services.timing;
        if !self.lobby.is_introduced() {
            if now >= self.introduced_by {
                return Err(End::TooLate);
            }
            if !self.lobby.is_waiting() {
                return Ok(());
            }
        }
        // One who can't take bytes can't see a ping either: that one is
        // measured by what it takes.
        let blocked = presence.guest.outbox.is_blocked();
        if now.duration_since(self.heard) >= timing.silence && !blocked {
            return Err(End::Stalled);
        }
        if !blocked {
            presence.tell(&FromBroker::Ping);
        }
        self.pinged = now;
        Ok(())
    }
}

/// Hands whole relay frames to the paired side; void without one.
async fn relay(services: &Services, presence: &Presence, frames: &[u8]) {
    let metrics = &services.hall.metrics;
    while let Some(route) = presence.guest.route() {
        match route.to.relay(route.pair, frames) {
            Relayed::Sent => {
                let bytes = u64::try_from(frames.len()).unwrap_or(u64::MAX);
                metrics.add(Count::RelayedBytes, bytes);
                route.count(bytes);
                return;
            }
            Relayed::Ended => return,
            Relayed::Full => {
                metrics.count(Count::RelayWaits);
                // The one who waits for a slow partner still hears that the
                // broker is there.
                while timeout(services.timing.ping, route.to.space()).await.is_err() {
                    presence.tell(&FromBroker::Ping);
                }
            }
        }
    }
}
