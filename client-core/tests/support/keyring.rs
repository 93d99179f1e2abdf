//! A bus of the test's own, with Debian's GNOME Keyring or with less.

use secret_service::{EncryptionType, blocking::SecretService};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    os::unix::{net::UnixListener, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};
use zbus::blocking::{Connection, connection, fdo::DBusProxy};

/// Longer than any deadline under test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "a keyring's password";
const SERVICE: &str = "org.freedesktop.secrets";

/// A process that ends with the test.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_owned();
        let child = command.process_group(0).spawn();
        Self(child.unwrap_or_else(|error| panic!("{}: {error}", program.display())))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait(what: &str, mut there: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !there() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A message bus with a home of its own. It starts no services by itself.
pub(crate) struct Bus {
    home: tempfile::TempDir,
    address: String,
    _daemon: Process,
}

impl Bus {
    pub(crate) fn start() -> Self {
        let home = tempfile::Builder::new().prefix("mitblick-keyring-").tempdir().unwrap();
        let socket = home.path().join("bus");
        let config = home.path().join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
             <policy context='default'><allow user='*'/><allow send_destination='*' eavesdrop='true'/>
             <allow eavesdrop='true'/><allow own='*'/></policy>
             </busconfig>",
            socket.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", "dbus-daemon", "--nofork", "--print-address"]);
        command.arg(format!("--config-file={}", config.display())).stdout(Stdio::piped());
        let mut daemon = Process::start(&mut command);
        let mut address = String::new();
        BufReader::new(daemon.0.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { home, address: address.trim().to_owned(), _daemon: daemon }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn connect(&self) -> Connection {
        connection::Builder::address(self.address.as_str()).unwrap().build().unwrap()
    }

    fn owned(&self, name: &str) -> bool {
        DBusProxy::new(&self.connect()).unwrap().name_has_owner(name.try_into().unwrap()).unwrap()
    }

    /// GNOME Keyring, unlocked. The keys in it outlast it.
    pub(crate) fn keyring(&self) -> Keyring<'_> {
        let data = self.home.path().join("data");
        let run = self.home.path().join("run");
        std::fs::create_dir_all(&run).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", "gnome-keyring-daemon", "--foreground", "--unlock"]);
        command.args(["--components=secrets", "--control-directory"]).arg(run.join("keyring"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.home.path());
        command.env("XDG_DATA_HOME", &data).env("XDG_RUNTIME_DIR", &run).env("LANG", "C.UTF-8");
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address).env("GSETTINGS_BACKEND", "memory");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = Process::start(&mut command);
        daemon.0.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        let keyring = Keyring { bus: self, daemon };
        wait("the keyring comes up unlocked", || self.owned(SERVICE) && keyring.unlocked());
        keyring
    }

    /// Takes questions in the place of a person, and answers none.
    pub(crate) fn silent_prompter(&self) -> Prompter {
        let (questions, asked) = mpsc::channel();
        let builder = connection::Builder::address(self.address.as_str()).unwrap();
        let builder = builder.name("org.gnome.keyring.SystemPrompter").unwrap();
        let connection = builder.serve_at("/org/gnome/keyring/Prompter", Silent(questions)).unwrap().build().unwrap();
        Prompter { _connection: connection, asked }
    }

    /// A service that takes calls and answers none.
    pub(crate) fn mute_service(&self) -> Connection {
        let builder = connection::Builder::address(self.address.as_str()).unwrap();
        let builder = builder.name(SERVICE).unwrap();
        builder.serve_at("/org/freedesktop/secrets", Mute).unwrap().build().unwrap()
    }
}

/// GNOME Keyring, ended when it is dropped.
pub(crate) struct Keyring<'a> {
    bus: &'a Bus,
    daemon: Process,
}

impl Drop for Keyring<'_> {
    fn drop(&mut self) {
        let _ = self.daemon.0.kill();
        let _ = self.daemon.0.wait();
        wait("the keyring leaves the bus", || !self.bus.owned(SERVICE));
    }
}

impl Keyring<'_> {
    fn service(&self) -> SecretService<'static> {
        SecretService::connect_with_existing(EncryptionType::Plain, self.bus.connect()).unwrap()
    }

    fn unlocked(&self) -> bool {
        self.service().get_default_collection().is_ok_and(|collection| !collection.is_locked().unwrap())
    }

    /// How many keys of workplaces are in it.
    pub(crate) fn items(&self) -> usize {
        let service = self.service();
        let found = service.search_items(HashMap::from([("kind", "workplace-key")])).unwrap();
        found.unlocked.len() + found.locked.len()
    }

    /// What it has written.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let folder: &Path = &self.bus.home.path().join("data/keyrings");
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    pub(crate) fn lock(&self) {
        self.service().get_default_collection().unwrap().lock().unwrap();
        assert!(!self.unlocked());
    }
}

/// Whoever shows the keyring's questions.
pub(crate) struct Prompter {
    _connection: Connection,
    asked: mpsc::Receiver<()>,
}

impl Prompter {
    pub(crate) fn await_question(&self) {
        self.asked.recv_timeout(PATIENCE).expect("the keyring asks");
    }
}

struct Silent(mpsc::Sender<()>);

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl Silent {
    fn begin_prompting(&self, _callback: zbus::zvariant::ObjectPath<'_>) {
        let _ = self.0.send(());
    }
}

struct Mute;

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Mute {
    async fn open_session(
        &self,
        _algorithm: String,
        _input: zbus::zvariant::OwnedValue,
    ) -> (zbus::zvariant::OwnedValue, zbus::zvariant::OwnedObjectPath) {
        std::future::pending().await
    }
}

/// Takes connections, and says nothing.
pub(crate) struct Silence {
    _folder: tempfile::TempDir,
    address: String,
    _socket: UnixListener,
}

impl Silence {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let socket = UnixListener::bind(&path).unwrap();
        Self { _folder: folder, address: format!("unix:path={}", path.display()), _socket: socket }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}
