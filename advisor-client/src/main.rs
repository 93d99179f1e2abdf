//! `mitblick-advisor`: a number to read out, a sharp picture, control when it
//! is granted.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use mitblick_advisor::{
    app::{self, Options, PictureBy},
    screens::viewer::Zoom,
};
use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorView, PictureStore,
        automation::{AdvisorCommand, AdvisorEvents},
        controller::{AdvisorConfig, AdvisorController},
        hands::{AdvisorHands, Around},
    },
    automation::{self, AnyCommand},
    controller::Controller,
    faults::on_fault,
    journal::worker,
    language::{Language, Texts},
    problem::Problem,
    program,
    proxy::Route,
    receipt::save,
    recording::{Folder, command},
    runtime::{self, Audience, Clock, Program},
    shell::{ClosesWindow, IntentSender, ViewSlot},
    ui::look::{DesktopLook, Look},
    workplace_key::{self, KeyKeeper, KeyWanted},
};
use mitblick_platform::{
    Platform,
    video::{DECODER_ARGUMENT, run_decoder},
    x11::X11,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::Duration,
};

/// Without another word the program locks itself after so long.
const LOCK_MINUTES: u32 = 15;

/// See what your customer chooses to show, and help.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    instead: Option<Instead>,
    /// Address of the broker: mitblick://HOST:PORT#PIN, as it prints it at its
    /// start.
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    /// HTTP proxy to the broker: http://[USER:PASSWORD@]HOST:PORT, or none.
    /// Without this the environment names it: https_proxy, all_proxy, no_proxy.
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Name of your account.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// File whose first line is your password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Fill the screen.
    #[arg(long)]
    fullscreen: bool,
    /// Size of the picture.
    #[arg(long, value_enum, default_value_t = ZoomArgument::Full)]
    zoom: ZoomArgument,
    /// Language of the window: de or en.
    #[arg(long)]
    language: Option<String>,
    /// What the window looks like: system, light, dark or contrast.
    #[arg(long, value_name = "LOOK", default_value = "system")]
    look: Look,
    /// Who shows the picture: for tests, and for support.
    #[arg(long, value_enum, default_value_t = PictureArgument::Pane, hide = true)]
    picture: PictureArgument,
    /// Lock the program after so many minutes without its person; 0 is never.
    /// With --automation it does not lock itself unless this is given.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=1440))]
    lock_minutes: Option<u32>,
    /// Folder for this workplace's key, instead of one of your own: for several
    /// people on one account of the system.
    #[arg(long, value_name = "DIR")]
    workplace_folder: Option<PathBuf>,
    /// Where this workplace's key is kept. It is moved if it lies elsewhere.
    #[arg(long, value_enum, default_value_t = KeyArgument::Auto)]
    workplace_key: KeyArgument,
    /// Take commands from stdin and print events to stdout, a JSON object a
    /// line.
    #[arg(long)]
    automation: bool,
}

/// What can be wanted instead of a session.
#[derive(Subcommand)]
enum Instead {
    /// Check or export a recording. Needs no network. The customer's code is
    /// read from standard input.
    #[command(subcommand)]
    Recording(OfRecording),
}

#[derive(Subcommand)]
enum OfRecording {
    /// What it is, and whether it is whole.
    Info(RecordingFile),
    /// An ordinary video of it: H.264 in MP4. The video is not encrypted.
    Export {
        #[command(flatten)]
        file: RecordingFile,
        /// The video to be made.
        to: PathBuf,
    },
}

#[derive(clap::Args)]
struct RecordingFile {
    /// The recording.
    file: PathBuf,
    /// Language of the answer: de or en.
    #[arg(long)]
    language: Option<String>,
    /// As for a session.
    #[arg(long, value_name = "DIR")]
    workplace_folder: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum KeyArgument {
    /// In the system's key store (Secret Service: GNOME Keyring, KWallet,
    /// KeePassXC) where there is one, else in a file for you alone.
    Auto,
    /// In that file; the key store is not asked.
    File,
}

impl KeyArgument {
    fn wanted(self) -> KeyWanted {
        match self {
            Self::Auto => KeyWanted::Auto,
            Self::File => KeyWanted::File,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum ZoomArgument {
    /// One pixel of the customer is one pixel here.
    #[value(name = "100")]
    Full,
    /// All of it fits into the window.
    Fit,
}

#[derive(Clone, Copy, ValueEnum)]
enum PictureArgument {
    /// A pane of the system's where it has one.
    Pane,
    /// The window.
    Window,
}

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == DECODER_ARGUMENT) {
        return run_decoder();
    }
    let arguments = Arguments::parse();
    program::start_log();
    if let Some(Instead::Recording(wanted)) = &arguments.instead {
        return recording(wanted);
    }
    if !has_display() {
        let language = program::language(arguments.language.as_deref());
        program::say(language, &Problem::NoDisplay("DISPLAY".into()));
        return ExitCode::from(2);
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn recording(wanted: &OfRecording) -> ExitCode {
    let (wanted, file) = match wanted {
        OfRecording::Info(file) => (command::Wanted::Info, file),
        OfRecording::Export { file, to } => (command::Wanted::Export(to.clone()), file),
    };
    let folder = recordings(file.workplace_folder.as_deref());
    let language = program::language(file.language.as_deref());
    match command::run(&wanted, &file.file, folder.as_ref(), std::io::stdin(), language) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// Where recordings lie.
fn recordings(workplace: Option<&Path>) -> Option<Folder> {
    workplace.map(Folder::below).or_else(Folder::usual)
}

/// Whether the environment names a display, where it is for the environment to
/// name one.
fn has_display() -> bool {
    !cfg!(target_os = "linux") || std::env::var_os("DISPLAY").is_some_and(|value| !value.is_empty())
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let clock = Clock::start();
    let language = program::language(arguments.language.as_deref());
    let (broker, problem) = match program::broker_address(arguments.broker.as_deref()) {
        Ok(broker) => (broker, None),
        Err(problem) => (None, Some(problem)),
    };
    let credentials = credentials(arguments)?;
    let picture = Arc::new(PictureStore::default());
    let config = AdvisorConfig {
        pin: broker.as_ref().map(|broker| broker.pin),
        broker_place: broker.as_ref().map(|broker| broker.place()).unwrap_or_default(),
        user: arguments.user.clone().unwrap_or_default(),
        unix_s_at_origin: runtime::unix_s(),
        utc_offset_s: save::utc_offset_s(),
        entropy: runtime::entropy,
        workplace_name: workplace_key::name(),
        lock_after: lock_after(arguments),
        picture: Arc::clone(&picture),
    };
    let route = broker.map(|broker| Route::to(broker, arguments.proxy.as_deref()));
    let controller = AdvisorController::new(config, problem);
    let slot = Arc::new(ViewSlot::new(controller.view(clock.now())));
    let (intents, intents_receiver) = tokio::sync::mpsc::unbounded_channel();
    let (events, events_receiver) = tokio::sync::mpsc::unbounded_channel();
    let repaint = Arc::clone(&slot);
    let keeper = Arc::new(KeyKeeper::of_system(arguments.workplace_folder.clone(), arguments.workplace_key.wanted()));
    let recordings = recordings(arguments.workplace_folder.as_deref());
    let spoken = Arc::new(Mutex::new(language));
    let around = Around {
        decoder: std::env::current_exe().ok(),
        recordings: recordings.clone(),
        notes: worker::folder(arguments.workplace_folder.as_deref()),
        desktop: Arc::new(desktop),
        customer: {
            let spoken = Arc::clone(&spoken);
            Arc::new(move || Texts::of(*lock(&spoken)).t("the-customer"))
        },
    };
    let hands = AdvisorHands::start(keeper, Arc::clone(&picture), around, events, move || repaint.repaint())
        .context("the program's threads")?;
    let wish = {
        let slot = Arc::clone(&slot);
        DesktopLook::of_desktop(move || slot.repaint())
    };
    let told = intents.clone();
    on_fault(move || drop(told.send(AdvisorIntent::Fault)));
    let close = Arc::new(AtomicBool::new(false));
    let events = if arguments.automation { Some(automate(language, credentials.clone(), &intents)?) } else { None };
    // Name and password on the command line are meant to be used.
    if let Some((user, password)) = credentials {
        let _ = intents.send(AdvisorIntent::SignIn { user, password });
    }

    let worker = {
        let closes = ClosesWindow { close: Arc::clone(&close), slot: Arc::clone(&slot) };
        let audience = Viewers { slot: Arc::clone(&slot), events };
        std::thread::Builder::new().name("session".into()).spawn(move || {
            let _closes = closes;
            Program {
                clock,
                controller,
                route,
                hands,
                audience,
                intents: intents_receiver,
                events: events_receiver,
                quit: AdvisorIntent::Quit,
            }
            .run()
        })?
    };

    let options = Options {
        language: Some(language),
        look: arguments.look,
        wish,
        full_screen: arguments.fullscreen,
        zoom: match arguments.zoom {
            ZoomArgument::Full => Zoom::Times(1),
            ZoomArgument::Fit => Zoom::Fit,
        },
        recordings,
        on_language: Box::new(move |language| *lock(&spoken) = language),
        picture: match arguments.picture {
            PictureArgument::Pane => PictureBy::Pane,
            PictureArgument::Window => PictureBy::Window,
        },
        close,
    };
    let shown = app::run(slot, picture, intents.clone(), options, |_| {});
    // Whatever happened to the window, the session ends in order.
    let _ = intents.send(AdvisorIntent::Quit);
    let ended = worker.join();
    shown.map_err(|error| anyhow::anyhow!("the window: {error}"))?;
    ended.map_err(|_| anyhow::anyhow!("the session's thread ended unexpectedly"))??;
    Ok(())
}

/// The language of the window, for what is drawn outside of it.
fn lock(spoken: &Mutex<Language>) -> MutexGuard<'_, Language> {
    spoken.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What can be shown to customers.
fn desktop() -> Result<Arc<dyn Platform>, String> {
    let platform = X11::new(None).map_err(|error| error.to_string())?;
    Ok(Arc::new(platform))
}

/// A quarter of an hour, where a person is expected.
fn lock_after(arguments: &Arguments) -> Option<Duration> {
    let expected = if arguments.automation { 0 } else { LOCK_MINUTES };
    let minutes = arguments.lock_minutes.unwrap_or(expected);
    (minutes > 0).then(|| Duration::from_secs(u64::from(minutes) * 60))
}

/// Name and password, if the command line has both.
fn credentials(arguments: &Arguments) -> anyhow::Result<Option<(String, String)>> {
    let (Some(user), Some(file)) = (&arguments.user, &arguments.password_file) else { return Ok(None) };
    let text = std::fs::read_to_string(file).with_context(|| format!("the password file {}", file.display()))?;
    let password = text.lines().next().unwrap_or_default();
    anyhow::ensure!(!password.is_empty(), "the password file {} is empty", file.display());
    Ok(Some((user.clone(), password.to_owned())))
}

/// Starts to read commands; gives back what tells events.
fn automate(
    language: Language,
    credentials: Option<(String, String)>,
    intents: &IntentSender<AdvisorIntent>,
) -> anyhow::Result<AdvisorEvents> {
    let printer = automation::Printer::start()?;
    let events = AdvisorEvents::new(printer, language);
    let complaints = events.complainer();
    let (commands, end) = (intents.clone(), intents.clone());
    automation::read_commands(
        move |command: Result<AnyCommand<AdvisorCommand>, String>| {
            let intent = command.map(|command| match command {
                AnyCommand::Own(command) => command.intent(credentials.as_ref(), language),
                AnyCommand::Together(command) => Some(AdvisorIntent::Together(command.intent())),
            });
            match intent {
                Ok(Some(intent)) => drop(commands.send(intent)),
                Ok(None) => complaints.complain(&Problem::BadCommand(
                    "no such id or number, or --user and --password-file are missing".into(),
                )),
                Err(text) => complaints.complain(&Problem::BadCommand(text)),
            }
        },
        move || drop(end.send(AdvisorIntent::Quit)),
    )?;
    Ok(events)
}

/// The window, and automation beside it.
struct Viewers {
    slot: Arc<ViewSlot<AdvisorView>>,
    events: Option<AdvisorEvents>,
}

impl Audience<AdvisorView> for Viewers {
    fn show(&mut self, view: AdvisorView) {
        // The window first: who acts on an event finds it up to date.
        self.slot.publish_unless(AdvisorView::looks_like, view.clone());
        if let Some(events) = &mut self.events {
            events.show(&view);
        }
    }

    fn complain(&mut self, problem: Problem) {
        if let Some(events) = &self.events {
            events.complain(&problem);
        }
        tracing::debug!(code = problem.code(), "an intent was out of place");
    }
}
