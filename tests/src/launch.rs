//! Processes that end with the test, and the folder they live in.
//!
//! Every process leads a process group of its own, which is killed when its
//! guard is dropped; should the test itself be killed, the kernel ends it
//! (`setpriv --pdeathsig`). It sees nothing of the caller's environment but
//! the search path.

use crate::wait;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    fs::{self, File},
    io::{Read, Write},
    os::unix::{
        fs::PermissionsExt,
        process::{CommandExt, ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
};
use tempfile::TempDir;

/// So many looks in a row at a process without finding it at work mean that it
/// has nothing to do: a quarter of a second.
const QUIET_LOOKS: u32 = 30;

/// A test's own folder, removed with everything in it.
pub struct Place(TempDir);

impl Place {
    /// An empty folder.
    ///
    /// # Panics
    /// If there is no room for temporary files.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(tempfile::Builder::new().prefix("mitblick-test-").tempdir().expect("a folder for temporary files"))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A folder inside, made if it is not there, for its owner alone.
    ///
    /// # Panics
    /// If it can't be made.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(&path).expect("a folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("private folder");
        path
    }

    /// A file inside with this text.
    ///
    /// # Panics
    /// If it can't be written.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    }
}

/// What to start, and how.
pub struct Launch<'a> {
    place: &'a Place,
    name: String,
    command: Command,
    gentle: bool,
    listens: bool,
    speaks: bool,
}

impl<'a> Launch<'a> {
    /// A program found in the search path, or by its full path. `name` is for
    /// its log and its home folder, and differs from that of all others in
    /// this place.
    pub fn new(place: &'a Place, name: &str, program: impl AsRef<Path>) -> Self {
        Self::with_death_signal(place, name, program, "KILL")
    }

    /// A program that cleans up behind itself when it is asked to end.
    pub fn gentle(place: &'a Place, name: &str, program: impl AsRef<Path>) -> Self {
        Self { gentle: true, ..Self::with_death_signal(place, name, program, "TERM") }
    }

    /// A program for which a folder is a disk of its own, of this size as
    /// `mount` takes it, in a mount namespace that ends with the program: no
    /// one else sees it, and nothing has to be unmounted.
    pub fn with_disk(place: &'a Place, name: &str, program: impl AsRef<Path>, folder: &Path, size: &str) -> Self {
        // Whoever takes a namespace of users is someone else to the kernel,
        // which forgets the signal then.
        let script = r#"set -e
            mount -t tmpfs -o "size=$2" none "$1"
            shift 2
            exec setpriv --pdeathsig KILL -- "$@""#;
        Self::new(place, name, "unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .arg(folder)
            .arg(size)
            .arg(program.as_ref())
    }

    fn with_death_signal(place: &'a Place, name: &str, program: impl AsRef<Path>, signal: &str) -> Self {
        let home = place.folder(&format!("home-{name}"));
        let run = place.folder(&format!("run-{name}"));
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", signal, "--"]).arg(program.as_ref());
        command.env_clear().current_dir(&home);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
        command.env("HOME", &home).env("XDG_RUNTIME_DIR", &run).env("LANG", "C.UTF-8");
        // Toolkits must not look for a desktop session of the caller's.
        command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:").env("GSETTINGS_BACKEND", "memory");
        command.env("NO_AT_BRIDGE", "1").env("GTK_A11Y", "none");
        Self { place, name: name.to_owned(), command, gentle: false, listens: false, speaks: false }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The display that it shows itself on.
    #[must_use]
    pub fn display(self, display: &str) -> Self {
        self.env("DISPLAY", display)
    }

    /// Gives it a standard input to write to.
    #[must_use]
    pub fn listening(mut self) -> Self {
        self.listens = true;
        self
    }

    /// Gives it a standard output to read from; else that goes to its log.
    #[must_use]
    pub fn speaking(mut self) -> Self {
        self.speaks = true;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// If it can't be started.
    #[track_caller]
    pub fn start(mut self) -> Process {
        let log = self.place.path().join(format!("{}.log", self.name));
        let file = File::create(&log).expect("a log file");
        let output = if self.speaks { Stdio::piped() } else { file.try_clone().expect("the log file").into() };
        self.command.stdin(if self.listens { Stdio::piped() } else { Stdio::null() }).stdout(output).stderr(file);
        let child = match self.command.process_group(0).spawn() {
            Ok(child) => child,
            Err(e) => panic!("can't start {}: {e}", self.name),
        };
        Process { child, name: self.name, log, gentle: self.gentle, ended: None }
    }
}

/// A running process, ended with its whole group when dropped.
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
    gentle: bool,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Its name in this test.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, once; closing it is up to the caller.
    ///
    /// # Panics
    /// If it was not started [`Launch::listening`], or at the second call.
    pub fn take_input(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("a process that listens")
    }

    /// Its standard output, once.
    ///
    /// # Panics
    /// If it was not started [`Launch::speaking`], or at the second call.
    pub fn take_output(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("a process that speaks")
    }

    /// What it wrote to its log so far.
    pub fn log(&self) -> String {
        let mut bytes = Vec::new();
        if let Ok(mut file) = File::open(&self.log) {
            let _ = file.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Where its log is.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn wait_end(&mut self) -> ExitStatus {
        let what = format!("{} ends; its log:\n{}", self.name, self.log_tail());
        wait::until(&what, || self.ended())
    }

    /// Sends a signal to this process alone.
    pub fn signal(&self, signal: Signal) {
        if let Some(id) = self.pid() {
            let _ = rustix::process::kill_process(id, signal);
        }
    }

    /// Whether nothing runs any more of what it and its children started.
    pub fn group_is_empty(&self) -> bool {
        self.pid().is_none_or(|id| rustix::process::test_kill_process_group(id).is_err())
    }

    /// Waits until it has nothing to do: all its threads sleep for a while. A
    /// window program has dealt with all its input by then.
    ///
    /// # Panics
    /// If it never comes to rest.
    #[track_caller]
    pub fn await_quiet(&self) {
        let threads = PathBuf::from(format!("/proc/{}/task", self.id()));
        let busy = || {
            let entries = fs::read_dir(&threads).into_iter().flatten().flatten();
            entries.map(|entry| fs::read_to_string(entry.path().join("stat")).unwrap_or_default()).any(|stat| {
                // The state follows the name, which stands in brackets.
                stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('R'))
            })
        };
        let mut quiet_looks = 0;
        wait::until(&format!("{} has nothing to do", self.name), || {
            quiet_looks = if busy() { 0 } else { quiet_looks + 1 };
            (quiet_looks > QUIET_LOOKS).then_some(())
        });
    }

    /// A process that it has started with this argument.
    pub fn child_with(&self, argument: &str) -> Option<Pid> {
        let of_file = |pid: i32, name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let found = pids.find(|&pid| {
            let status = of_file(pid, "status");
            let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
            parent.is_some_and(|parent| parent.trim() == self.id().to_string())
                && of_file(pid, "cmdline").split('\0').any(|word| word == argument)
        });
        found.and_then(Pid::from_raw)
    }

    /// Kills it at once and waits until it is gone.
    pub fn kill(&mut self) {
        self.signal_group(Signal::KILL);
        if self.ended.is_none() {
            self.ended = self.child.wait().ok();
        }
    }

    /// The last lines of its log.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(25);
        lines.get(from..).unwrap_or_default().join("\n")
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()).ok()?)
    }

    fn signal_group(&self, signal: Signal) {
        if let Some(id) = self.pid() {
            let _ = kill_process_group(id, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.gentle && self.ended().is_none() {
            self.signal_group(Signal::TERM);
            wait::within(wait::PATIENCE, || self.ended());
        }
        self.kill();
        if std::thread::panicking() {
            let end = match self.ended {
                Some(status) if status.signal() == Some(9) => "running".to_owned(),
                Some(status) => status.to_string(),
                None => "unknown end".to_owned(),
            };
            // A second panic while this one unwinds would leave processes behind.
            let _ = writeln!(std::io::stderr(), "--- {} ({end}):\n{}", self.name, self.log_tail());
        }
    }
}
