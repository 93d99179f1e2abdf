//! Relaying with TLS on both sides, beside haproxy, nginx and no relay at all:
//! what a gigabyte costs, a small message's time there and back, and an idle
//! pair's memory.

use crate::{
    forwarding::{Ends, Side},
    harness::Target,
    process::{Process, Usage},
};
use anyhow::Context;
use mitblick_protocol::{
    framing::{FrameKind, write_frame},
    wire::MAX_FRAME_BODY_BYTES,
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::{io::AsyncReadExt, task::JoinSet};

/// Pairs that send at the same time.
const BUSY_PAIRS: usize = 4;
/// What each of them sends, in frames of the largest size.
const FRAMES: usize = 32 * 1024;
/// About an input event in its record.
const SMALL_BYTES: usize = 100;
const ROUND_TRIPS: usize = 20_000;
const IDLE_PAIRS: usize = 250;

/// A way through which pairs are made.
enum Way<'a> {
    Direct(&'a Ends),
    Forwarding(&'a Ends, Process, SocketAddr),
    Broker(Process, Target),
}

impl Way<'_> {
    async fn pair(&self) -> anyhow::Result<(Side, Side)> {
        match self {
            Self::Direct(ends) => ends.pair(ends.backend.local_addr()?).await,
            Self::Forwarding(ends, _, front) => ends.pair(*front).await,
            Self::Broker(_, target) => {
                let (advisor, customer) = target.quick_pair().await;
                Ok((customer.into(), advisor.into()))
            }
        }
    }

    /// A pair that is silent for as long as the tasks run.
    async fn hold(&self, holding: &mut JoinSet<()>) -> anyhow::Result<()> {
        match self {
            Self::Direct(_) | Self::Forwarding(..) => {
                let (mut there, mut back) = self.pair().await?;
                holding.spawn(async move {
                    let _ = tokio::join!(there.reader.read_u8(), back.reader.read_u8());
                });
            }
            Self::Broker(_, target) => {
                let (mut advisor, mut customer) = target.quick_pair().await;
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
            Self::Forwarding(_, process, _) | Self::Broker(process, _) => process.usage().map(Some),
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
        let (process, target, _data) = Process::fresh_broker(broker, place, 1 + BUSY_PAIRS + IDLE_PAIRS).await?;
        line(&broker.display().to_string(), &Way::Broker(process, target)).await?;
    }
    for buffer_kib in [16, 64] {
        for program in ["haproxy", "nginx"] {
            let ends = Ends::new().await?;
            let folder = tempfile::tempdir()?;
            let started = match program {
                "haproxy" => ends.haproxy(buffer_kib, folder.path()).await,
                _ => ends.nginx(buffer_kib, folder.path()).await,
            };
            let name = format!("{program}, buffers of {buffer_kib} KiB");
            match started {
                Ok((process, front)) => line(&name, &Way::Forwarding(&ends, process, front)).await?,
                Err(error) => println!("| {name}: {error:#} |"),
            }
        }
    }
    Ok(())
}

async fn line(name: &str, way: &Way<'_>) -> anyhow::Result<()> {
    let (mut there, mut back) = way.pair().await?;
    let mut trips = round_trips(&mut there, &mut back, ROUND_TRIPS).await?;
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

/// A relay frame with a body of so many bytes.
pub(crate) fn frame(bytes: usize) -> anyhow::Result<Vec<u8>> {
    let mut frame = Vec::new();
    write_frame(FrameKind::Relay, &vec![0x5a; bytes], &mut frame)?;
    Ok(frame)
}

/// `count` messages there and back; gives each one's time.
pub(crate) async fn round_trips(there: &mut Side, back: &mut Side, count: usize) -> anyhow::Result<Vec<Duration>> {
    let frame = frame(SMALL_BYTES)?;
    let mut taken = vec![0; frame.len()];
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
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
