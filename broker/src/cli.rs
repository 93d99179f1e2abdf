//! The command line: `serve`, the accounts and the audit trail.

mod advisor;
mod audit;
mod backup;
mod config;
mod main_user;
mod pictures;
mod ratings;
mod rules;
mod secrets;
mod workplace;

use crate::{
    accounts::{self, Role},
    config::{self as settings, AdminListen, Settings},
    limits::Policy,
    problem::{Language, Problem},
    server::{self, Config},
    service,
    store::{NewAccount, NewPassword, StoreError},
    workplaces::NewWorkplaces,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// The Mitblick broker: pairs advisors and customers and relays their
/// encrypted sessions.
#[derive(Debug, Parser)]
#[command(name = "mitblick-broker", version)]
struct Cli {
    /// `serve` with all defaults if none is given.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the broker until SIGTERM or Ctrl+C.
    ///
    /// Prints one line when it is ready: the connect string for the programs.
    /// Settings come from broker.toml; SIGHUP reads it again.
    Serve(Serve),
    /// The file of settings, broker.toml.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Accounts of all users. Works while the broker runs.
    #[command(subcommand)]
    Advisor(advisor::Advisor),
    /// The main user, who answers for all accounts. Works while the broker
    /// runs.
    #[command(subcommand)]
    MainUser(main_user::MainUser),
    /// Workplaces: computers from which users sign in. Works while the broker
    /// runs.
    #[command(subcommand)]
    Workplace(workplace::WorkplaceCommand),
    /// The audit trail. Works while the broker runs.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The company's rules for sessions. Works while the broker runs, which
    /// takes them over within seconds.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// What customers answered after their sessions, by advisor, as CSV on
    /// standard output. Works while the broker runs.
    Ratings(ratings::Ratings),
    /// Makes a backup of database and keys in one file, or checks one. Works
    /// while the broker runs.
    Backup(backup::Backup),
    /// Brings a backup back, into an empty folder only.
    Restore(backup::Restore),
}

#[derive(Debug, Args)]
struct DataArg {
    /// Folder for keys and database; made if it isn't there.
    #[arg(long, value_name = "DIR", default_value_os_t = default_data_dir())]
    data: PathBuf,
}

#[derive(Debug, Args)]
struct Serve {
    /// File of settings, which these options win over; without it broker.toml
    /// in the data folder, if it is there. `config example` shows one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes any free one [default:
    /// 0.0.0.0:7443].
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    #[command(flatten)]
    data: DataArg,
    /// The company's name as customers see it; remembered.
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// Host name or address under which programs reach the broker.
    #[arg(long, value_name = "HOST")]
    public_host: Option<String>,
    /// Address and port of the admin pages, or `off` [default: 127.0.0.1 and
    /// the port after the relay's].
    #[arg(long, value_name = "ADDR", value_parser = admin_listen)]
    admin_listen: Option<AdminListen>,
    /// Limits for joins and connections of one address. `relaxed` is for test
    /// rigs and for companies whose people all come from one address.
    #[arg(long, value_enum)]
    limits: Option<Limits>,
    /// Joins a minute from one address, instead of what --limits says.
    #[arg(long, value_name = "N")]
    joins_per_minute: Option<u32>,
    /// Joins an hour from one address, instead of what --limits says.
    #[arg(long, value_name = "N")]
    joins_per_hour: Option<u32>,
    /// Open connections of one address, instead of what --limits says.
    #[arg(long, value_name = "N")]
    connections_per_address: Option<u32>,
    /// New connections a second from one address, instead of what --limits
    /// says.
    #[arg(long, value_name = "N")]
    handshakes_per_second: Option<u32>,
    /// Seconds that a number waits for a customer [default: 900].
    #[arg(long, value_name = "SECONDS", value_parser = seconds(settings::NUMBER_SECONDS))]
    number_seconds: Option<u32>,
    /// Seconds in which a session may go on after its line was cut
    /// [default: 120].
    #[arg(long, value_name = "SECONDS", value_parser = seconds(settings::RESUME_SECONDS))]
    resume_seconds: Option<u32>,
    /// Seconds that sessions may go on after the broker was told to stop
    /// [default: 5].
    #[arg(long, value_name = "SECONDS")]
    drain_seconds: Option<u32>,
    /// File in which the audit trail's signed head is kept, at the latest
    /// after 100 entries or 5 minutes; best on another machine. `audit verify
    /// --head` takes it.
    #[arg(long, value_name = "FILE")]
    audit_head: Option<PathBuf>,
    /// What becomes of a workplace from which an account signs in for the
    /// first time: it waits to be approved, or the password is enough
    /// [default: wait].
    #[arg(long, value_enum, value_name = "WHAT")]
    new_workplaces: Option<NewWorkplaces>,
    /// What is logged to stderr: error, warn, info, debug or trace. RUST_LOG
    /// is used if this is not given.
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
}

fn admin_listen(text: &str) -> Result<AdminListen, String> {
    AdminListen::parse(text).map_err(|_| "an address with a port like 127.0.0.1:7444, or off".to_owned())
}

fn seconds(range: std::ops::RangeInclusive<u32>) -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(i64::from(*range.start())..=i64::from(*range.end()))
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Limits {
    Default,
    Relaxed,
}

impl Serve {
    /// The file's settings with these options over them.
    fn config(&self) -> Result<(Config, Option<String>), Problem> {
        let settings = Settings::find(self.config.as_deref(), &self.data.data)?;
        let log = self.log.clone().or_else(|| settings.log_level.clone());
        let config = settings.config(&self.data.data);
        Ok((self.over(config), log))
    }

    fn over(&self, mut config: Config) -> Config {
        match self.limits {
            Some(Limits::Default) => config.limits = Policy::default(),
            Some(Limits::Relaxed) => config.limits = Policy::relaxed(),
            None => {}
        }
        let set = |limit: &mut Option<u32>, given: Option<u32>| {
            if given.is_some() {
                *limit = given;
            }
        };
        set(&mut config.limits.joins_per_minute, self.joins_per_minute);
        set(&mut config.limits.joins_per_hour, self.joins_per_hour);
        set(&mut config.limits.open_per_source, self.connections_per_address);
        set(&mut config.limits.handshakes_per_second, self.handshakes_per_second);
        if let Some(listen) = &self.listen {
            config.listen.clone_from(listen);
        }
        config.public_host = self.public_host.clone().or(config.public_host);
        config.organisation = self.organisation.clone().or(config.organisation);
        config.audit_head = self.audit_head.clone().or(config.audit_head);
        config.new_workplaces = self.new_workplaces.unwrap_or(config.new_workplaces);
        if let Some(listen) = &self.admin_listen {
            config.admin.clone_from(listen);
        }
        if let Some(life) = self.number_seconds {
            config.rules.number_life = Duration::from_secs(u64::from(life));
        }
        if let Some(window) = self.resume_seconds {
            config.rules.rejoin_window = Duration::from_secs(u64::from(window));
        }
        if let Some(drain) = self.drain_seconds {
            config.drain = Duration::from_secs(u64::from(drain));
        }
        config
    }
}

/// Runs what the arguments ask for; problems go to stderr in the person's
/// language.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&Problem::System { why: error.to_string() }),
    };
    let command = cli.command.unwrap_or_else(|| {
        // What the program is called with, and nothing else, can't fail.
        let alone = Cli::parse_from(["mitblick-broker", "serve"]).command;
        alone.unwrap_or(Command::Config(config::ConfigCommand::Example))
    });
    let done = match command {
        Command::Serve(serve) => runtime.block_on(serve_until_told(serve)),
        Command::Config(config) => config.run(),
        Command::Advisor(advisor) => runtime.block_on(advisor.run()),
        Command::MainUser(main_user) => runtime.block_on(main_user.run()),
        Command::Workplace(workplace) => runtime.block_on(workplace.run()),
        Command::Audit(audit) => runtime.block_on(audit.run()),
        Command::Rules(rules) => runtime.block_on(rules.run()),
        Command::Ratings(ratings) => runtime.block_on(ratings.run()),
        Command::Backup(backup) => runtime.block_on(backup.run()),
        Command::Restore(restore) => runtime.block_on(restore.run()),
    };
    // Threads that hash passwords may still run; nobody waits for them.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(&problem),
    }
}

fn fail(problem: &Problem) -> ExitCode {
    let _ = writeln!(io::stderr(), "mitblick-broker: {}", problem.text(Language::of_environment()));
    ExitCode::FAILURE
}

/// One text in both languages.
#[derive(Clone, Copy)]
struct Words {
    english: &'static str,
    german: &'static str,
}

impl Words {
    fn of(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::German => self.german,
        }
    }
}

/// A line on standard output; that nobody reads it is no failure.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A line for the person beside what a script reads.
fn hint(words: Words) {
    hint_line(words.of(Language::of_environment()));
}

fn hint_line(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn canonical(name: &str) -> Result<String, Problem> {
    accounts::canonical_name(name).map_err(|_| Problem::BadName)
}

fn failed(error: StoreError) -> Problem {
    Problem::Store { why: error.to_string() }
}

fn not_added(error: StoreError, name: String) -> Problem {
    match error {
        StoreError::NameTaken => Problem::NameTaken { name },
        StoreError::MainUserThere => Problem::MainUserThere,
        StoreError::NoMainUser => Problem::NoMainUser,
        StoreError::OutOfOrder(_) => failed(error),
    }
}

fn new_account(name: &str, display_name: Option<String>, role: Role, password: NewPassword) -> NewAccount {
    NewAccount { display_name: display_name.unwrap_or_else(|| name.to_owned()), name: name.to_owned(), role, password }
}

fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

async fn serve_until_told(serve: Serve) -> Result<(), Problem> {
    let (config, log) = serve.config()?;
    start_log(log.as_deref());
    raise_descriptor_limit();
    let mut terminate = stop_signal(SignalKind::terminate())?;
    let mut interrupt = stop_signal(SignalKind::interrupt())?;
    let mut hang_up = stop_signal(SignalKind::hangup())?;
    let broker = server::serve(config).await?;
    // Nobody may be listening; the broker serves nevertheless.
    let mut out = io::stdout();
    let _ = writeln!(out, "{}", broker.connect_string()).and_then(|()| out.flush());
    service::ready(broker.connect_string());
    let _watched = service::watch();
    loop {
        tokio::select! {
            () = told(&mut terminate, &mut interrupt) => break,
            _ = hang_up.recv() => {
                service::reloading();
                broker.reload(serve.config().map(|(config, _)| config));
                service::ready(broker.connect_string());
            }
        }
    }
    service::stopping();
    broker.stop(told(&mut terminate, &mut interrupt)).await;
    Ok(())
}

fn stop_signal(kind: SignalKind) -> Result<Signal, Problem> {
    signal(kind).map_err(|error| Problem::System { why: error.to_string() })
}

async fn told(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn start_log(level: Option<&str>) {
    let wanted = level.map(str::to_owned).or_else(|| std::env::var("RUST_LOG").ok());
    let filter = wanted.and_then(|levels| levels.parse::<Targets>().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO));
    // Only fails if there is one already, which then does it.
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
}

/// Every connection is a descriptor, and the usual limit of 1024 is soon
/// reached; the hard one is the administrator's will.
fn raise_descriptor_limit() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    if rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).is_err() {
        tracing::warn!("the limit of open files could not be raised");
    }
}

/// What a service manager gives, the system's place for root, else the
/// person's own.
fn default_data_dir() -> PathBuf {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(given) = set("STATE_DIRECTORY") {
        return given;
    }
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/mitblick-broker");
    }
    let home = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    home.unwrap_or_else(|| PathBuf::from(".")).join("mitblick-broker")
}
