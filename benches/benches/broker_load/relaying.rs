//! Relaying with TLS on both sides, beside haproxy and no relay at all: what a
//! gigabyte costs, a small message's time there and back, and an idle pair's
//! memory.

use crate::{
    harness::{Client, Target, add_accounts},
    process::{Process, Usage},
};
use anyhow::Context;
use mitblick_broker::{data_dir::DataDir, open_store};
use mitblick_protocol::{
    framing::{FrameKind, write_frame},
    wire::MAX_FRAME_BODY_BYTES,
};
use rcgen::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Pairs that send at the same time.
const BUSY_PAIRS: usize = 4;
/// What each of them sends, in frames of the largest size.
const FRAMES: usize = 32 * 1024;
/// About an input event in its record.
const SMALL_BYTES: usize = 100;
const ROUND_TRIPS: usize = 20_000;
const IDLE_PAIRS: usize = 250;
/// How long haproxy may take to be there.
const PATIENCE: Duration = Duration::from_secs(10);

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// One side of a pair.
struct Side {
    reader: Reader,
    writer: Writer,
}

impl Side {
    fn new(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { reader: Box::new(reader), writer: Box::new(writer) }
    }

    async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
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
struct Ends {
    backend: TcpListener,
    accept: TlsAcceptor,
    connect: TlsConnector,
    certified: CertifiedKey<rcgen::KeyPair>,
}

impl Ends {
    async fn new() -> anyhow::Result<Self> {
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
    async fn pair(&self, front: SocketAddr) -> anyhow::Result<(Side, Side)> {
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
    async fn haproxy(&self, buffer_bytes: usize, folder: &Path) -> anyhow::Result<(Process, SocketAddr)> {
        let pem = folder.join("haproxy.pem");
        fs::write(&pem, self.certified.cert.pem() + &self.certified.signing_key.serialize_pem())?;
        let front = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let config = folder.join("haproxy.cfg");
        let (pem, backend) = (pem.display(), self.backend.local_addr()?);
        let text = format!(
            "global\n  maxconn 4000\n  tune.bufsize {buffer_bytes}\n\
             defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n  timeout server 1h\n\
             listen relay\n  bind {front} ssl crt {pem} ssl-min-ver TLSv1.3\n  \
             server backend {backend} ssl verify none ssl-min-ver TLSv1.3\n"
        );
        fs::write(&config, text)?;
        let process = Process::start(Command::new("haproxy").arg("-db").arg("-f").arg(&config), folder)?;
        let began = Instant::now();
        while TcpStream::connect(front).await.is_err() {
            anyhow::ensure!(began.elapsed() < PATIENCE, "{}", fs::read_to_string(folder.join("log"))?);
            sleep(Duration::from_millis(20)).await;
        }
        Ok((process, front))
    }
}

/// A way through which pairs are made.
enum Way<'a> {
    Direct(&'a Ends),
    Haproxy(&'a Ends, Process, SocketAddr),
    Broker(Process, Target),
}

impl Way<'_> {
    async fn pair(&self) -> anyhow::Result<(Side, Side)> {
        match self {
            Self::Direct(ends) => ends.pair(ends.backend.local_addr()?).await,
            Self::Haproxy(ends, _, front) => ends.pair(*front).await,
            Self::Broker(_, target) => {
                let (mut advisor, customer) = target.pair().await;
                advisor.settle().await;
                Ok((customer.into(), advisor.into()))
            }
        }
    }

    /// A pair that is silent for as long as the tasks run.
    async fn hold(&self, holding: &mut JoinSet<()>) -> anyhow::Result<()> {
        match self {
            Self::Direct(_) | Self::Haproxy(..) => {
                let (mut there, mut back) = self.pair().await?;
                holding.spawn(async move {
                    let _ = tokio::join!(there.reader.read_u8(), back.reader.read_u8());
                });
            }
            Self::Broker(_, target) => {
                let (mut advisor, mut customer) = target.pair().await;
                advisor.settle().await;
                // They answer pings.
                holding.spawn(async move {
                    tokio::join!(advisor.next(), customer.next());
                });
            }
        }
        Ok(())
    }

    fn usage(&self) -> anyhow::Result<Option<Usage>> {
        match self {
            Self::Direct(_) => Ok(None),
            Self::Haproxy(_, process, _) | Self::Broker(process, _) => process.usage().map(Some),
        }
    }

    fn cpu(&self) -> anyhow::Result<Duration> {
        Ok(self.usage()?.map(|usage| usage.cpu).unwrap_or_default())
    }
}

/// Prints a table.
pub(crate) async fn compare(brokers: &[PathBuf], place: &Path) -> anyhow::Result<()> {
    println!(
        "| TLS on both sides | GB/s, {BUSY_PAIRS} pairs | CPU s per GB | the load's | 100 bytes there and back, median / \
         99 % | KiB an idle pair |\n|---|---:|---:|---:|---:|---:|"
    );
    let ends = Ends::new().await?;
    line("no relay", &Way::Direct(&ends)).await?;
    for broker in brokers {
        let data = tempfile::tempdir_in(place)?;
        let store = open_store(&DataDir::open(data.path())?).await?;
        add_accounts(&store).await;
        store.close().await;
        let (process, target) = Process::broker(broker, data.path())?;
        line(&broker.display().to_string(), &Way::Broker(process, target)).await?;
    }
    for buffer_bytes in [16 * 1024, 64 * 1024] {
        let ends = Ends::new().await?;
        let folder = tempfile::tempdir()?;
        let name = format!("haproxy, buffers of {} KiB", buffer_bytes / 1024);
        match ends.haproxy(buffer_bytes, folder.path()).await {
            Ok((process, front)) => line(&name, &Way::Haproxy(&ends, process, front)).await?,
            Err(error) => println!("| {name}: {error:#} |"),
        }
    }
    Ok(())
}

async fn line(name: &str, way: &Way<'_>) -> anyhow::Result<()> {
    let (there, back) = way.pair().await?;
    let mut trips = round_trips(there, back).await?;
    trips.sort_unstable();
    let trip_us = |index: usize| trips.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e6);

    let mut pairs = Vec::new();
    for _ in 0..BUSY_PAIRS {
        pairs.push(way.pair().await?);
    }
    let (began, cpu, own) = (Instant::now(), way.cpu()?, Usage::own()?.cpu);
    let mut sending = JoinSet::new();
    for pair in pairs {
        sending.spawn(one_way(pair));
    }
    let mut bytes = 0;
    while let Some(sent) = sending.join_next().await {
        bytes += sent??;
    }
    let gigabytes = bytes as f64 / 1e9;
    let (seconds, cpu, own) = (began.elapsed().as_secs_f64(), way.cpu()? - cpu, Usage::own()?.cpu - own);

    let idle = idle_bytes(way).await?.map_or(String::new(), |bytes| format!("{:.1}", bytes / 1024.0));
    println!(
        "| {name} | {:.2} | {:.2} | {:.2} | {:.0} / {:.0} µs | {idle} |",
        gigabytes / seconds,
        cpu.as_secs_f64() / gigabytes,
        own.as_secs_f64() / gigabytes,
        trip_us(trips.len() / 2),
        trip_us(trips.len() * 99 / 100),
    );
    Ok(())
}

fn frame(bytes: usize) -> anyhow::Result<Vec<u8>> {
    let mut frame = Vec::new();
    write_frame(FrameKind::Relay, &vec![0x5a; bytes], &mut frame)?;
    Ok(frame)
}

async fn round_trips(mut there: Side, mut back: Side) -> anyhow::Result<Vec<Duration>> {
    let frame = frame(SMALL_BYTES)?;
    let mut taken = vec![0; frame.len()];
    let mut times = Vec::with_capacity(ROUND_TRIPS);
    for _ in 0..ROUND_TRIPS {
        let began = Instant::now();
        there.send(&frame).await?;
        back.reader.read_exact(&mut taken).await?;
        back.send(&taken).await?;
        there.reader.read_exact(&mut taken).await?;
        times.push(began.elapsed());
    }
    anyhow::ensure!(taken == frame, "what came back is not what was sent");
    Ok(times)
}

/// Sends and reads; gives how many bytes.
async fn one_way((mut from, mut to): (Side, Side)) -> anyhow::Result<usize> {
    let frame = frame(MAX_FRAME_BODY_BYTES)?;
    let bytes = frame.len() * FRAMES;
    let sending = tokio::spawn(async move {
        for _ in 0..FRAMES {
            from.send(&frame).await?;
        }
        anyhow::Ok(from)
    });
    let mut buffer = vec![0; 64 * 1024];
    let mut left = bytes;
    while left > 0 {
        let count = to.reader.read(&mut buffer).await?;
        anyhow::ensure!(count > 0, "the relay has closed");
        // The broker's pings to a silent reader are a few bytes more.
        left = left.saturating_sub(count);
    }
    drop(sending.await??);
    Ok(bytes)
}

/// By how much the relay grows for each pair that is silent.
async fn idle_bytes(way: &Way<'_>) -> anyhow::Result<Option<f64>> {
    let Some(before) = way.usage()? else { return Ok(None) };
    let mut holding = JoinSet::new();
    for _ in 0..IDLE_PAIRS {
        way.hold(&mut holding).await?;
    }
    let after = way.usage()?.context("no usage")?;
    anyhow::ensure!(holding.try_join_next().is_none(), "the relay has closed a silent pair");
    Ok(Some(after.resident_bytes.saturating_sub(before.resident_bytes) as f64 / IDLE_PAIRS as f64))
}
