//! Many idle pairs held for minutes, and what one pair whose reader is stalled
//! does to the others.

use crate::{
    forwarding::Side,
    harness::SIGN_INS_AT_ONCE,
    process::Process,
    relaying::{frame, round_trips},
};
use anyhow::Context;
use mitblick_protocol::wire::MAX_FRAME_BODY_BYTES;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Semaphore,
    task::JoinSet,
    time::{interval, sleep},
};

/// Descriptors of a process that are no connections, at most.
const OTHER_DESCRIPTORS: usize = 150;
/// By when an allocator has given back what it will.
const GIVEN_BACK_AFTER: Duration = Duration::from_secs(30);
/// Rounds without and with a stalled pair, in turn.
const ROUNDS: usize = 5;
/// Messages there and back in each.
const ROUND_TRIPS: usize = 10_000;
/// Pairs whose reader takes a byte a second.
const STALLED: usize = 1;

/// Holds `wanted` pairs that say nothing but answer pings, for so long, and
/// prints what the broker takes, a line a minute.
pub(crate) async fn idle(program: &Path, place: &Path, wanted: usize, minutes: u64) -> anyhow::Result<()> {
    let (broker, target, _data) = Process::fresh_broker(program, place, wanted).await?;
    // Two connections a pair; this process has as many of them as the broker.
    let most = broker.descriptor_limit()?.saturating_sub(OTHER_DESCRIPTORS) / 2;
    let count = wanted.min(most);
    if count < wanted {
        println!("Descriptors are enough for {count} pairs here, not for {wanted}: see ulimit -Hn.\n");
    }
    let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
    let (at_start, own_sockets) = (broker.usage()?, broker.sockets()?);
    let began = Instant::now();
    let places = Arc::new(Semaphore::new(SIGN_INS_AT_ONCE));
    let mut making = JoinSet::new();
    for _ in 0..count {
        let (target, places) = (target.clone(), Arc::clone(&places));
        making.spawn(async move {
            let _place = places.acquire().await;
            target.quick_pair().await
        });
    }
    let mut holding = JoinSet::new();
    while let Some(made) = making.join_next().await {
        let (mut advisor, mut customer) = made?;
        holding.spawn(async move {
            tokio::join!(advisor.next(), customer.next());
        });
    }
    let made = broker.usage()?;
    println!(
        "{count} pairs made in {:.0} s with {:.1} s of the broker's CPU; its memory was {:.0} MiB before and is {:.0} MiB.\n\n\
         | minute | memory, MiB | its CPU, s |\n|---:|---:|---:|",
        began.elapsed().as_secs_f64(),
        (made.cpu - at_start.cpu).as_secs_f64(),
        mib(at_start.resident_bytes),
        mib(made.resident_bytes)
    );
    let mut minute = interval(Duration::from_secs(60));
    minute.tick().await;
    let (mut before, mut peak) = (broker.usage()?, made.resident_bytes);
    for number in 1..=minutes {
        minute.tick().await;
        let usage = broker.usage()?;
        let cpu = usage.cpu - before.cpu;
        println!("| {number} | {:.0} | {:.1} |", mib(usage.resident_bytes), cpu.as_secs_f64());
        peak = peak.max(usage.resident_bytes);
        before = usage;
        anyhow::ensure!(holding.try_join_next().is_none(), "the broker has closed an idle pair");
    }
    anyhow::ensure!(holding.len() == count, "the broker has closed an idle pair");
    holding.shutdown().await;
    let began = Instant::now();
    // Until the broker has noticed all ends.
    while broker.sockets()? > own_sockets && began.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(100)).await;
    }
    let connections = broker.sockets()?.saturating_sub(own_sockets);
    let at_once = broker.usage()?.resident_bytes;
    sleep(GIVEN_BACK_AFTER).await;
    println!(
        "\nPeak {:.0} MiB, {:.1} KiB a pair. All dropped at once: {connections} connections are left and {:.0} MiB, {} s \
         later {:.0} MiB.",
        mib(peak),
        (peak.saturating_sub(at_start.resident_bytes)) as f64 / 1024.0 / count as f64,
        mib(at_once),
        GIVEN_BACK_AFTER.as_secs(),
        mib(broker.usage()?.resident_bytes)
    );
    Ok(())
}

/// Prints round trips of one pair, without and with another one that sends as
/// much as the broker takes to a reader of a byte a second.
pub(crate) async fn stalled(program: &Path, place: &Path) -> anyhow::Result<()> {
    let (broker, target, _data) = Process::fresh_broker(program, place, 1 + ROUNDS * STALLED).await?;
    let (advisor, customer) = target.quick_pair().await;
    let (mut there, mut back) = (Side::from(customer), Side::from(advisor));
    round_trips(&mut there, &mut back, ROUND_TRIPS).await?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    let mut most_bytes = 0;
    for _ in 0..ROUNDS {
        without.extend(round_trips(&mut there, &mut back, ROUND_TRIPS).await?);
        let before = broker.usage()?.resident_bytes;
        let mut stalling = JoinSet::new();
        for _ in 0..STALLED {
            let (advisor, customer) = target.quick_pair().await;
            stalling.spawn(flood(advisor.into(), customer.into()));
        }
        with.extend(round_trips(&mut there, &mut back, ROUND_TRIPS).await?);
        most_bytes = most_bytes.max(broker.usage()?.resident_bytes.saturating_sub(before));
        anyhow::ensure!(stalling.try_join_next().is_none(), "the stalled pair has ended too early");
        stalling.shutdown().await;
    }
    println!("| 100 bytes there and back | median | 99 % | 99.9 % |\n|---|---:|---:|---:|");
    for (name, times) in [("alone", &mut without), ("beside a pair whose reader takes a byte a second", &mut with)] {
        times.sort_unstable();
        let us = |share: f64| {
            let index = (times.len() as f64 * share) as usize;
            times.get(index).context("no times").map(|time| time.as_secs_f64() * 1e6)
        };
        println!("| {name} | {:.0} µs | {:.0} µs | {:.0} µs |", us(0.5)?, us(0.99)?, us(0.999)?);
    }
    println!("\nThe stalled pair takes {:.0} KiB of the broker's memory at most.", most_bytes as f64 / 1024.0);
    Ok(())
}

/// Sends without a pause to one who takes a byte a second.
async fn flood(mut from: Side, mut to: Side) -> anyhow::Result<()> {
    let frame = frame(MAX_FRAME_BODY_BYTES)?;
    let sending = async {
        loop {
            from.writer.write_all(&frame).await?;
        }
    };
    let taking = async {
        loop {
            to.reader.read_u8().await?;
            sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! { ended = sending => ended, ended = taking => ended }
}
