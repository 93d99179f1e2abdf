//! What a broker takes under load: pairing, and relaying beside haproxy.
//!
//! The broker is the release program in a process of its own, whose processor
//! time and memory the system counts. The load comes from this process on the
//! same machine, so its own processor time is told too: what both take together
//! is what limits the rate on a machine of few cores.
//!
//! `cargo bench -p mitblick-benches --bench broker-load -- [--relay |
//! --stalled | --idle] [--pairs N] [--minutes M] [--on FOLDER] [BROKER…]`: each of the programs BROKER is measured, else
//! the one that `cargo build --release` has built. The databases are in FOLDER,
//! whose disk then counts; else in the system's folder for temporary files.
//! With `--relay` it is relaying that is measured, and haproxy and nginx too if
//! they are there; with `--stalled` what one pair's stalled reader does to the
//! others; with `--idle` how much idle pairs (10 000, or `--pairs N`) cost for
//! ten minutes, or `--minutes M`.

mod forwarding;
#[allow(dead_code, reason = "the broker's tests use the rest")]
#[path = "../../../broker/tests/broker/harness.rs"]
mod harness;
mod holding;
mod pairing;
mod process;
mod relaying;

use anyhow::Context;
use std::{
    env,
    path::{Path, PathBuf},
};
use tokio::runtime::Runtime;

/// What is measured.
enum What {
    Pairing,
    Relaying,
    Stalled,
    Idle,
}

/// Idle pairs, and how long they are held.
const IDLE_PAIRS: usize = 10_000;
const IDLE_MINUTES: u64 = 10;
/// Each program in turn, so often.
const ROUNDS: usize = 2;

fn built() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    env::var_os("CARGO_TARGET_DIR").map_or_else(own, PathBuf::from).join("release/mitblick-broker")
}

fn main() -> anyhow::Result<()> {
    let mut place = env::temp_dir();
    let mut programs = Vec::new();
    let mut pairs = None;
    let mut minutes = IDLE_MINUTES;
    let mut what = What::Pairing;
    let mut arguments = env::args_os().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--on") => place = arguments.next().context("--on FOLDER")?.into(),
            Some("--relay") => what = What::Relaying,
            Some("--stalled") => what = What::Stalled,
            Some("--idle") => what = What::Idle,
            Some("--pairs") => {
                let number = arguments.next().context("--pairs N")?;
                pairs = Some(number.to_str().context("--pairs N")?.parse()?);
            }
            Some("--minutes") => {
                let number = arguments.next().context("--minutes M")?;
                minutes = number.to_str().context("--minutes M")?.parse()?;
            }
            _ => programs.push(PathBuf::from(argument)),
        }
    }
    if programs.is_empty() {
        programs.push(built());
    }
    let runtime = Runtime::new()?;
    match what {
        What::Pairing => {}
        What::Relaying => return runtime.block_on(relaying::compare(&programs, &place)),
        What::Stalled => {
            for program in &programs {
                runtime.block_on(holding::stalled(program, &place))?;
            }
            return Ok(());
        }
        What::Idle => {
            for program in &programs {
                runtime.block_on(holding::idle(program, &place, pairs.unwrap_or(IDLE_PAIRS), minutes))?;
            }
            return Ok(());
        }
    }
    let pairs = pairs.unwrap_or(pairing::MOST_PAIRS);
    pairing::print_head(&place)?;
    for _ in 0..ROUNDS {
        for program in &programs {
            let data = tempfile::tempdir_in(&place)?;
            runtime.block_on(pairing::measure(program, data.path(), pairs))?;
        }
    }
    Ok(())
}
