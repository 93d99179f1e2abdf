//! Processes that are measured, and what the system counts of them.

use crate::harness::Target;
use anyhow::{Context, ensure};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

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
        command.args(["serve", "--listen", "127.0.0.1:0", "--limits", "relaxed", "--data"]).arg(data);
        let mut broker = Self::start(&mut command, data).context("cargo build --release -p mitblick-broker")?;
        let mut line = String::new();
        BufReader::new(broker.0.stdout.take().context("no output")?).read_line(&mut line)?;
        ensure!(!line.is_empty(), "{}", fs::read_to_string(data.join("log"))?);
        Ok((broker, Target::parse(&line)))
    }

    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(&self.0.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
