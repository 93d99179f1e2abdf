//! Processes that are measured, and what the system counts of them.

use crate::harness::{Target, add_accounts, add_quick_accounts};
use anyhow::{Context, ensure};
use mitblick_broker::{data_dir::DataDir, open_store};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What a process has used so far.
pub(crate) struct Usage {
    /// Time on processors, user and system.
    pub(crate) cpu: Duration,
    /// Memory in RAM.
    pub(crate) resident_bytes: u64,
}

impl Usage {
    /// Of a process's id, or of `self` (proc(5)): fields 14 and 15 of
    /// `/proc/PID/stat`, in hundredths of a second, and `VmRSS` of
    /// `/proc/PID/status`, in units of 1024 bytes.
    pub(crate) fn of(process: &str) -> anyhow::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        let (_, after_name) = stat.rsplit_once(')').context("no name")?;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // The name is the second one.
        let field = |number: usize| -> anyhow::Result<u64> { Ok(fields.get(number - 3).context("too few")?.parse()?) };
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no memory")?;
        let resident_kib: u64 = resident.trim().trim_end_matches(" kB").parse()?;
        Ok(Self { cpu: Duration::from_millis((field(14)? + field(15)?) * 10), resident_bytes: resident_kib * 1024 })
    }

    /// Of a process and those that it has started.
    fn of_family(process: &str) -> anyhow::Result<Self> {
        let mut sum = Self::of(process)?;
        let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
        for child in children.split_whitespace() {
            let usage = Self::of(child)?;
            sum.cpu += usage.cpu;
            sum.resident_bytes += usage.resident_bytes;
        }
        Ok(sum)
    }

    pub(crate) fn own() -> anyhow::Result<Self> {
        Self::of("self")
    }
}

/// Another program; ends with this.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it; what it says is in the file `log` of `folder`.
    pub(crate) fn start(command: &mut Command, folder: &Path) -> anyhow::Result<Self> {
        let started = command.stdout(Stdio::piped()).stderr(File::create(folder.join("log"))?).spawn();
        Ok(Self(started.with_context(|| format!("{command:?}"))?))
    }

    /// A broker with its data in `data`, where the accounts already are.
    pub(crate) fn broker(program: &Path, data: &Path) -> anyhow::Result<(Self, Target)> {
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--limits", "relaxed", "--new-workplaces", "approve", "--data"])
            .arg(data);
        let mut broker = Self::start(&mut command, data).context("cargo build --release -p mitblick-broker")?;
        let mut line = String::new();
        BufReader::new(broker.0.stdout.take().context("no output")?).read_line(&mut line)?;
        ensure!(!line.is_empty(), "{}", fs::read_to_string(data.join("log"))?);
        Ok((broker, Target::parse(&line)))
    }

    /// The same with a folder and accounts of its own, which go with the
    /// folder. What a sign-in costs is not what is measured: see
    /// [`add_quick_account`].
    pub(crate) async fn fresh_broker(
        program: &Path,
        place: &Path,
        advisors: usize,
    ) -> anyhow::Result<(Self, Target, TempDir)> {
        let data = tempfile::tempdir_in(place)?;
        let store = open_store(&DataDir::open(data.path())?).await?;
        add_accounts(&store).await;
        add_quick_accounts(&store, advisors).await;
        store.close().await;
        let (broker, target) = Self::broker(program, data.path())?;
        Ok((broker, target, data))
    }

    /// Reads `/proc/PID/limits` (proc(5)): files that it may have open.
    pub(crate) fn descriptor_limit(&self) -> anyhow::Result<usize> {
        let limits = fs::read_to_string(format!("/proc/{}/limits", self.0.id()))?;
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("no limit")?;
        Ok(line.split_whitespace().next().context("no limit")?.parse()?)
    }

    /// Sockets that it has open, those that listen and its own included.
    pub(crate) fn sockets(&self) -> anyhow::Result<usize> {
        let mut sockets = 0;
        for entry in fs::read_dir(format!("/proc/{}/fd", self.0.id()))? {
            let target = fs::read_link(entry?.path()).unwrap_or_default();
            sockets += usize::from(target.to_string_lossy().starts_with("socket:"));
        }
        Ok(sockets)
    }

    fn ends_soon(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(2) {
            if self.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of_family(&self.0.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // nginx takes its workers with it only when it is asked to end.
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) || !self.ends_soon() {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
