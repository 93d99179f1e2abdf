//! The three programs under test, as they are started by people.

use crate::{
    demo::as_at_home,
    frame::Frame,
    launch::{Launch, Place, Process},
    talker::Talker,
    wait,
};
use serde_json::json;
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, mpsc},
    thread,
};

/// The advisor's account in every test.
pub const ADVISOR: &str = "vera";
/// Its password.
pub const PASSWORD: &str = "correct-horse-battery-9";

/// Full path of one of our programs: they lie beside or above the test
/// program, in the same target folder.
///
/// # Panics
/// If it has not been built.
pub fn path(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the path of this program");
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} has not been built; run scripts/test, which builds it first"))
}

/// A running broker.
pub struct Broker {
    process: Process,
    url: String,
    /// All that it wrote to its standard output.
    output: Arc<Mutex<String>>,
}

impl Broker {
    /// Starts one on a free port, with one advisor's account. `more` are
    /// further arguments of `serve`.
    ///
    /// # Panics
    /// If it does not come up.
    #[track_caller]
    pub fn start(place: &Place, more: &[&str]) -> Self {
        Self::start_under(place, more, &[])
    }

    /// The same under these rules of the company, each a key and a value.
    ///
    /// # Panics
    /// If it does not come up.
    #[track_caller]
    pub fn start_under(place: &Place, more: &[&str], rules: &[(&str, &str)]) -> Self {
        let data = place.folder("broker-data");
        add_advisor(place, &data, ADVISOR, PASSWORD);
        for (key, value) in rules {
            set_rule(place, &data, key, value);
        }
        let launch = Launch::new(place, "broker", path("mitblick-broker"))
            .env("RUST_LOG", "info,mitblick_broker=debug")
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .args(more);
        Self::from_launch(launch)
    }

    /// Waits until a broker that is being started tells its address.
    ///
    /// # Panics
    /// If it does not come up.
    #[track_caller]
    pub fn from_launch(launch: Launch) -> Self {
        let mut process = launch.speaking().start();
        let stdout = BufReader::new(process.take_output());
        let (sender, receiver) = mpsc::channel();
        let output: Arc<Mutex<String>> = Arc::default();
        let shared = Arc::clone(&output);
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if let Some(url) = line.split_whitespace().find(|word| word.starts_with("mitblick://")) {
                    let _ = sender.send(url.to_owned());
                }
                let mut output = shared.lock().expect("the output");
                output.push_str(&line);
                output.push('\n');
            }
        });
        let Ok(url) = receiver.recv_timeout(wait::PATIENCE) else {
            panic!("the broker told no address:\n{}", process.log_tail());
        };
        Self { process, url, output }
    }

    /// Its address as programs take it: `mitblick://HOST:PORT#PIN`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address with another host and port, such as that of a
    /// [`crate::wire::Wire`].
    pub fn url_through(&self, address: SocketAddr) -> String {
        let pin = self.url.split_once('#').map(|(_, pin)| pin).unwrap_or_default();
        format!("mitblick://{address}#{pin}")
    }

    /// Where it listens.
    ///
    /// # Panics
    /// If its address is not an IP address and a port.
    pub fn address(&self) -> SocketAddr {
        let host = self.url.trim_start_matches("mitblick://").split('#').next().unwrap_or_default();
        host.parse().expect("an IP address and a port")
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Everything that it wrote so far, log and standard output.
    pub fn written(&self) -> String {
        self.process.log() + &self.output.lock().expect("the output")
    }

    /// All that is in its memory and can be written to, as one would find it
    /// in a core dump.
    ///
    /// # Panics
    /// If the system does not let its memory be read.
    pub fn memory(&self) -> Vec<Vec<u8>> {
        use std::os::unix::fs::FileExt;
        let folder = PathBuf::from(format!("/proc/{}", self.process.id()));
        let maps = std::fs::read_to_string(folder.join("maps")).expect("the broker's memory map");
        let memory = std::fs::File::open(folder.join("mem")).expect("the broker's memory");
        let writable =
            maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw")));
        let pieces = writable.filter_map(|line| {
            let (from, to) = line.split(' ').next()?.split_once('-')?;
            let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
            let mut piece = vec![0; usize::try_from(to - from).ok()?];
            memory.read_exact_at(&mut piece, from).ok()?;
            Some(piece)
        });
        pieces.collect()
    }
}

/// Makes an advisor's account in a broker's empty data folder: the main user's,
/// who comes first, with a paper code.
///
/// # Panics
/// If that fails.
#[track_caller]
pub fn add_advisor(place: &Place, data: &std::path::Path, name: &str, password: &str) {
    let command = |step: &str, arguments: &[&str], input: &str| {
        let launch = Launch::new(place, &format!("{step}-{name}"), path("mitblick-broker"));
        let mut process =
            launch.arg("main-user").args(arguments).arg("--data").arg(data).listening().speaking().start();
        process.take_input().write_all(input.as_bytes()).expect("the input is taken");
        let mut output = String::new();
        process.take_output().read_to_string(&mut output).expect("text");
        let status = process.wait_end();
        assert!(status.success(), "the advisor's account was not made: {status}\n{}", process.log());
        output
    };
    let code = command("code", &["code"], "");
    command("create", &["create", name], &format!("{code}{password}\n"));
}

/// Sets one of the company's rules.
fn set_rule(place: &Place, data: &std::path::Path, key: &str, value: &str) {
    let launch = Launch::new(place, &format!("rule-{key}"), path("mitblick-broker"));
    let mut process = launch.args(["rules", "set", key, value, "--data"]).arg(data).start();
    let status = process.wait_end();
    assert!(status.success(), "the rule was not set: {status}\n{}", process.log());
}

/// Gives the advisor a portrait and the company a logo.
///
/// # Panics
/// If the broker's command line refuses.
#[track_caller]
pub fn set_pictures(place: &Place) {
    let data = place.folder("broker-data");
    let (portrait, logo) = (place.folder("pictures").join("portrait.png"), place.folder("pictures").join("logo.png"));
    let drawn =
        |width: usize, height: usize, colour: u32| Frame { width, height, pixels: vec![colour; width * height] };
    drawn(200, 260, PORTRAIT_COLOUR).save(&portrait);
    drawn(120, 60, LOGO_COLOUR).save(&logo);
    let portrait = [&["advisor", "portrait", ADVISOR].map(OsStr::new)[..], &[portrait.as_os_str()]].concat();
    let logo = [&["rules", "set", "--logo"].map(OsStr::new)[..], &[logo.as_os_str()]].concat();
    for (name, arguments) in [("portrait", portrait), ("logo", logo)] {
        let mut launch = Launch::new(place, name, path("mitblick-broker"));
        for argument in arguments {
            launch = launch.arg(argument);
        }
        let mut process = launch.arg("--data").arg(&data).start();
        let status = process.wait_end();
        assert!(status.success(), "the {name} was not set: {status}\n{}", process.log());
    }
}

/// The colour of the portrait, and of the logo, of [`set_pictures`].
pub const PORTRAIT_COLOUR: u32 = 0x00a0_5020;
/// See [`PORTRAIT_COLOUR`].
pub const LOGO_COLOUR: u32 = 0x0020_50a0;

/// How the advisor's program is to be started.
#[derive(Clone, Debug)]
pub struct AdvisorOptions {
    /// Account name.
    pub user: String,
    /// Its password.
    pub password: String,
    /// Covers the whole screen.
    pub fullscreen: bool,
    /// `100` or `fit`.
    pub zoom: &'static str,
    /// Who shows the picture: `pane` or `window`.
    pub picture: &'static str,
    /// The proxy that its environment names.
    pub proxy: Option<String>,
    /// Programs in the test's folder `bin` are found before the system's.
    pub own_tools: bool,
}

impl Default for AdvisorOptions {
    fn default() -> Self {
        Self {
            user: ADVISOR.to_owned(),
            password: PASSWORD.to_owned(),
            fullscreen: true,
            zoom: "100",
            picture: "pane",
            proxy: None,
            own_tools: false,
        }
    }
}

/// Starts the advisor's program; it signs in and opens a number by itself.
pub fn advisor(place: &Place, name: &str, display: &str, url: &str, options: &AdvisorOptions) -> Talker {
    Talker::new(advisor_launch(place, name, display, url, options).start())
}

/// Starts the advisor's program on a person's own display.
pub fn advisor_on_desktop(place: &Place, display: &str, url: &str, options: &AdvisorOptions) -> Talker {
    Talker::new(as_at_home(advisor_launch(place, "advisor", display, url, options)).start())
}

fn advisor_launch<'a>(place: &'a Place, name: &str, display: &str, url: &str, options: &AdvisorOptions) -> Launch<'a> {
    let password = place.file(&format!("{name}.password"), &options.password);
    let mut launch = Launch::new(place, name, path("mitblick-advisor"))
        .display(display)
        .env("MITBLICK_LOG", LOG)
        .env("RUST_BACKTRACE", "1")
        .args(["--broker", url, "--user", &options.user, "--password-file"])
        .arg(&password)
        .arg("--workplace-folder")
        .arg(place.folder(&format!("{name}.workplace")))
        .args(["--zoom", options.zoom, "--picture", options.picture, "--automation"]);
    if let Some(proxy) = &options.proxy {
        launch = launch.env("https_proxy", proxy);
    }
    if options.own_tools {
        let system = std::env::var("PATH").unwrap_or_default();
        launch = launch.env("PATH", format!("{}:{system}", place.folder("bin").display()));
    }
    if options.fullscreen {
        launch = launch.arg("--fullscreen");
    }
    launch.listening().speaking()
}

/// Starts the customer's program.
pub fn customer(place: &Place, name: &str, display: &str, url: &str, number: Option<&str>) -> Talker {
    customer_with(place, name, display, url, number, &[], CustomerSurroundings::default())
}

/// What the customer's program finds around it.
#[derive(Clone, Debug, Default)]
pub struct CustomerSurroundings<'a> {
    /// The session bus; without one it has none.
    pub bus: Option<&'a str>,
    /// A folder that is a disk of its own for this program alone, of this size
    /// as `mount` takes it.
    pub disk: Option<(PathBuf, &'a str)>,
}

/// The same, with further arguments and surroundings.
pub fn customer_with(
    place: &Place,
    name: &str,
    display: &str,
    url: &str,
    number: Option<&str>,
    further: &[&str],
    around: CustomerSurroundings,
) -> Talker {
    let program = path("mitblick-customer");
    let launch = match &around.disk {
        Some((folder, size)) => Launch::with_disk(place, name, program, folder, size),
        None => Launch::new(place, name, program),
    };
    let mut launch = launch
        .display(display)
        .env("MITBLICK_LOG", LOG)
        .env("RUST_BACKTRACE", "1")
        .args(["--broker", url])
        .arg("--automation")
        .args(further);
    if let Some(bus) = around.bus {
        launch = launch.env("DBUS_SESSION_BUS_ADDRESS", bus);
    }
    if let Some(number) = number {
        launch = launch.arg(number);
    }
    Talker::new(launch.listening().speaking().start())
}

/// Waits until the customer's program is connected, and answers its question
/// who called whom, if it asks.
#[track_caller]
pub fn answer_that_we_called(customer: &mut Talker) {
    let connected = customer.expect("connected", json!({}));
    if connected["asks_who_called"] == true {
        customer.say("i_did_call", json!({}));
    }
}

/// What the programs log in tests: everything of ours, the rest if it matters.
const LOG: &str =
    "warn,mitblick_client_core=debug,mitblick_platform=debug,mitblick_customer=debug,mitblick_advisor=debug";

/// The number that an advisor's program shows.
#[track_caller]
pub fn number(advisor: &Talker) -> String {
    let event = advisor.expect("number", json!({}));
    let number = event["number"].as_str().unwrap_or_default().to_owned();
    let digits: Vec<usize> = number.split(' ').map(str::len).collect();
    assert!(digits == [3, 3, 4] && number.chars().all(|c| c == ' ' || c.is_ascii_digit()), "a number 3-3-4: {number}");
    number
}

/// The five digits of a number that the broker must never see.
pub fn secret_digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).skip(4).take(5).collect()
}

/// What a program writes until it ends, and how it ends.
#[track_caller]
pub fn run_to_end(launch: Launch) -> (std::process::ExitStatus, String) {
    let mut process = launch.speaking().start();
    let mut output = process.take_output();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let _ = output.read_to_string(&mut text);
        text
    });
    let status = process.wait_end();
    (status, process.log() + &reader.join().unwrap_or_default())
}

/// A number that is well-formed, for where it does not matter which.
pub const ANY_NUMBER: &str = "000 000 0000";

/// The number with another secret part and the check digit that goes with it:
/// well-formed, and wrong.
pub fn with_wrong_secret(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    // The fifth digit is the first of the secret part.
    digits[4] = b'0' + (digits[4] - b'0' + 1) % 10;
    with_check_digit(&digits[..9])
}

/// The number with another routing part: well-formed, and no one waits there.
pub fn with_other_routing(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    digits[0] = b'0' + (digits[0] - b'0' + 1) % 10;
    with_check_digit(&digits[..9])
}

/// The number with a wrong check digit: one that a slip of the finger makes.
pub fn mistyped(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    digits[9] = b'0' + (digits[9] - b'0' + 1) % 10;
    String::from_utf8_lossy(&digits).into_owned()
}

fn with_check_digit(nine: &[u8]) -> String {
    let nine = String::from_utf8_lossy(nine);
    let numbers = (0..10).map(|check| format!("{nine}{check}"));
    let right = numbers.into_iter().find(|number| number.parse::<mitblick_protocol::number::SessionNumber>().is_ok());
    right.expect("one of ten check digits is right")
}
