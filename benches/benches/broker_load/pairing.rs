//! Numbers opened, joined over fresh TLS connections and paired.

use crate::{
    harness::{Client, Got, QUICK, Target, add_accounts, add_quick_accounts},
    process::{Process, Usage},
};
use anyhow::Context;
use mitblick_broker::{data_dir::DataDir, open_store};
use mitblick_protocol::broker_msg::{AttemptOutcome, FromBroker, PairEnd, ToBroker};
use std::{
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Advisors who pair one customer after the other.
const ADVISORS: usize = 64;
/// The first pairs are not measured: connections and caches are cold.
const WARM_UP_PAIRS: usize = 500;
/// There are 10 000 routing numbers and each rests after its use, so one
/// broker can't be measured for longer.
pub(crate) const MOST_PAIRS: usize = 8_000;
/// Writes by which the disk is judged.
const DISK_WRITES: u32 = 200;

/// How long one pair took.
struct Taken {
    /// From asking for a number to having it.
    number: Duration,
    /// From there to `Paired`, over a fresh connection.
    join: Duration,
    /// From there until the customer has the session's first byte, which the
    /// broker relays only once the session's beginning is written down.
    begin: Duration,
}

impl Taken {
    fn whole(&self) -> Duration {
        self.number + self.join + self.begin
    }
}

/// One customer after the other.
async fn pair_on(mut advisor: Client, target: Target, stop: Arc<AtomicBool>, taken: mpsc::UnboundedSender<Taken>) {
    while !stop.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let routing = advisor.open_number().await;
        let opened = Instant::now();
        let mut customer = target.connect().await;
        customer.say(&ToBroker::Join { routing }).await;
        assert_eq!(customer.hear().await, FromBroker::Paired);
        assert_eq!(advisor.hear().await, FromBroker::Joined);
        let paired = Instant::now();
        advisor.judge(AttemptOutcome::Confirmed).await;
        advisor.relay(b"x").await;
        assert_eq!(customer.next().await, Got::Relayed(b"x".to_vec()));
        let (number, join, begin) = (opened - asked, paired - opened, paired.elapsed());
        let _ = taken.send(Taken { number, join, begin });
        customer.say(&ToBroker::EndPair).await;
        assert_eq!(advisor.hear().await, FromBroker::PairEnded(PairEnd::PeerLeft));
    }
}

/// A line of the table, of so many pairs.
pub(crate) async fn measure(program: &Path, data: &Path, count: usize) -> anyhow::Result<()> {
    let store = open_store(&DataDir::open(data)?).await?;
    add_accounts(&store).await;
    add_quick_accounts(&store, ADVISORS).await;
    store.close().await;
    let (broker, target) = Process::broker(program, data)?;
    let mut advisors = Vec::new();
    for _ in 0..ADVISORS {
        advisors.push(target.advisor(QUICK).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, mut taken) = mpsc::unbounded_channel();
    let pairing = |advisor| tokio::spawn(pair_on(advisor, target.clone(), Arc::clone(&stop), sender.clone()));
    let tasks: Vec<_> = advisors.into_iter().map(pairing).collect();
    let mut next = async || taken.recv().await.context("no pair");
    for _ in 0..WARM_UP_PAIRS {
        next().await?;
    }
    let (began, broker_cpu, own_cpu) = (Instant::now(), broker.usage()?.cpu, Usage::own()?.cpu);
    let mut pairs = Vec::with_capacity(count);
    for _ in 0..count {
        pairs.push(next().await?);
    }
    let (seconds, broker_cpu, own_cpu) =
        (began.elapsed().as_secs_f64(), broker.usage()?.cpu - broker_cpu, Usage::own()?.cpu - own_cpu);
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await?;
    }
    let count = count as f64;
    let each_ms = |time: Duration| time.as_secs_f64() * 1e3 / count;
    let part = |part: fn(&Taken) -> Duration, share| {
        let mut times: Vec<Duration> = pairs.iter().map(part).collect();
        percentile_ms(&mut times, share)
    };
    println!(
        "| {} | {:.0} | {:.2} | {:.2} | {:.0} / {:.0} | {:.0} / {:.0} | {:.0} / {:.0} | {:.0} / {:.0} |",
        program.display(),
        count / seconds,
        each_ms(broker_cpu),
        each_ms(own_cpu),
        part(Taken::whole, 0.5),
        part(Taken::whole, 0.99),
        part(|taken| taken.number, 0.5),
        part(|taken| taken.number, 0.99),
        part(|taken| taken.join, 0.5),
        part(|taken| taken.join, 0.99),
        part(|taken| taken.begin, 0.5),
        part(|taken| taken.begin, 0.99),
    );
    Ok(())
}

fn percentile_ms(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let index = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// How long the disk takes for a small write that must last.
fn disk_ms(folder: &Path) -> anyhow::Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    let began = Instant::now();
    for _ in 0..DISK_WRITES {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
    }
    Ok(began.elapsed().as_secs_f64() * 1e3 / f64::from(DISK_WRITES))
}

/// The table's head.
pub(crate) fn print_head(folder: &Path) -> anyhow::Result<()> {
    println!(
        "{ADVISORS} advisors; a small write that must last takes this disk {:.2} ms. CPU in ms a pair, times in ms \
         (median / 99th percentile).\n\n\
         | broker | pairs a second | its CPU | the load's CPU | a pair | its number | its join | its beginning |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|",
        disk_ms(folder)?
    );
    Ok(())
}
