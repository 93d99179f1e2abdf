//! `mitblick-customer`: one field for the number, then the customer decides.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

use anyhow::Context;
use clap::{Parser, Subcommand};
#[cfg(feature = "automation")]
use mitblick_client_core::{
    automation::{self, AnyCommand},
    customer::automation as commands,
};
use mitblick_client_core::{
    controller::Controller,
    customer::{
        CustomerIntent, CustomerView,
        controller::{CustomerConfig, CustomerController},
        hands::{CustomerHands, SharedOverlay},
        intents::{CustomerIntents, Means},
        known,
        tray::SharedTray,
    },
    faults::on_fault,
    language::Language,
    problem::Problem,
    program,
    proxy::Route,
    receipt::{
        command::{self, Outcome, Wanted},
        save,
    },
    runtime::{self, Audience, Clock, Program},
    shell::{ClosesWindow, ViewSlot},
    together::files,
    ui::look::{DesktopLook, Look},
};
use mitblick_customer::app::{CustomerApp, Options, window_options};
use mitblick_platform::{
    Platform,
    capture::CaptureError,
    overlay::NativeWindow,
    stop_key::SecondStopKey,
    video::{DECODER_ARGUMENT, run_decoder},
    x11::{GUARD_ARGUMENT, X11, run_guard},
};
use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
};

/// Show your advisor the applications that you choose. Nothing is shown before
/// you choose, and F12 takes control back at any time.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    instead: Option<Instead>,
    /// The session number that your advisor reads out.
    number: Option<String>,
    /// Address of the company's broker: mitblick://HOST:PORT#PIN. Usually it
    /// comes with the download.
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    /// HTTP proxy to the broker: http://[USER:PASSWORD@]HOST:PORT, or none.
    /// Without this the environment names it: https_proxy, all_proxy, no_proxy.
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// A second key that stops control, beside F12: by its name in X, such as
    /// Pause, Scroll_Lock or F11.
    #[arg(long, value_name = "KEY")]
    second_stop_key: Option<String>,
    /// Language of the window: de or en.
    #[arg(long)]
    language: Option<String>,
    /// What the window looks like: system, light, dark or contrast.
    #[arg(long, value_name = "LOOK", default_value = "system")]
    look: Look,
    /// Take commands from stdin and print events to stdout, a JSON object a
    /// line.
    #[cfg(feature = "automation")]
    #[arg(long)]
    automation: bool,
}

/// What can be wanted instead of a session.
#[derive(Subcommand)]
enum Instead {
    /// Check or read a receipt that was kept. Needs no network.
    #[command(subcommand)]
    Receipt(OfReceipt),
}

#[derive(Subcommand)]
enum OfReceipt {
    /// Check that a receipt is unchanged. Exit code: 0 = unchanged, 1 =
    /// changed, 2 = can't be read.
    Verify(ReceiptFile),
    /// Check it, then print what it says.
    Show(ReceiptFile),
}

#[derive(clap::Args)]
struct ReceiptFile {
    /// The file.
    file: PathBuf,
    /// Language of the answer: de or en.
    #[arg(long)]
    language: Option<String>,
}

fn receipt(wanted: &OfReceipt) -> ExitCode {
    let (wanted, file) = match wanted {
        OfReceipt::Verify(file) => (Wanted::Verify, file),
        OfReceipt::Show(file) => (Wanted::Show, file),
    };
    let language = program::language(file.language.as_deref());
    match command::run(wanted, &file.file, language) {
        Outcome::Good(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Outcome::Wrong(text) => {
            eprintln!("{text}");
            ExitCode::from(1)
        }
        Outcome::Unreadable(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}

fn main() -> ExitCode {
    let mut given = std::env::args_os().skip(1);
    let first = given.next();
    if first.as_ref().is_some_and(|first| first == GUARD_ARGUMENT) {
        return run_guard(given.next().as_deref().and_then(|display| display.to_str()));
    }
    if first.is_some_and(|first| first == DECODER_ARGUMENT) {
        return run_decoder();
    }
    let arguments = Arguments::parse();
    program::start_log();
    if let Some(Instead::Receipt(wanted)) = &arguments.instead {
        return receipt(wanted);
    }
    let language = program::language(arguments.language.as_deref());
    let second_stop_key = match second_stop_key(arguments.second_stop_key.as_deref()) {
        Ok(key) => key,
        Err(problem) => {
            program::say(language, &problem);
            return ExitCode::from(2);
        }
    };
    let platform = match X11::new(None) {
        Ok(platform) => Arc::new(stoppable(guarded(platform), second_stop_key)),
        Err(error) => {
            let problem = match error {
                CaptureError::NoDisplay(why) => Problem::NoDisplay(why),
                other => Problem::CaptureUnavailable(other.to_string()),
            };
            program::say(language, &problem);
            return ExitCode::from(2);
        }
    };
    match run(&arguments, language, second_stop_key, platform) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// With this program itself as the guard of held keys.
fn guarded(platform: X11) -> X11 {
    match std::env::current_exe() {
        Ok(program) => platform.with_guard(program),
        Err(_) => platform,
    }
}

fn second_stop_key(name: Option<&str>) -> Result<Option<SecondStopKey>, Problem> {
    name.map(|name| name.parse().map_err(|_| Problem::NoStopKey { key: name.to_owned() })).transpose()
}

/// With a second key that stops control.
fn stoppable(platform: X11, key: Option<SecondStopKey>) -> X11 {
    match key {
        Some(key) => platform.with_second_stop_key(key.symbol()),
        None => platform,
    }
}

fn run(
    arguments: &Arguments,
    language: Language,
    second_stop_key: Option<SecondStopKey>,
    platform: Arc<dyn Platform>,
) -> anyhow::Result<()> {
    let clock = Clock::start();
    let (broker, problem) = match program::broker_address(arguments.broker.as_deref()) {
        Ok(broker) => (broker, None),
        Err(problem) => (None, Some(problem)),
    };
    let config = CustomerConfig {
        pin: broker.as_ref().map(|broker| broker.pin),
        unix_s_at_origin: runtime::unix_s(),
        utc_offset_s: save::utc_offset_s(),
        entropy: runtime::entropy,
        receipt_folder: files::downloads(),
        knows_company: broker.as_ref().is_some_and(|broker| known::knows(&broker.pin)),
        second_stop_key,
    };
    let route = broker.map(|broker| Route::to(broker, arguments.proxy.as_deref()));
    let controller = CustomerController::new(config, arguments.number.clone(), problem);
    let slot = Arc::new(ViewSlot::new(controller.view(clock.now())));
    let (intents, intents_receiver) = tokio::sync::mpsc::unbounded_channel();
    let (events, events_receiver) = tokio::sync::mpsc::unbounded_channel();
    let overlay = SharedOverlay::open(platform.as_ref());
    let repaint = {
        let slot = Arc::clone(&slot);
        move || slot.repaint()
    };
    let raise = Arc::new(AtomicBool::new(false));
    let tray = {
        let (slot, raise) = (Arc::clone(&slot), Arc::clone(&raise));
        SharedTray::new(Arc::clone(&platform), language, move || {
            raise.store(true, Ordering::SeqCst);
            slot.repaint();
        })
    };
    let wish = {
        let slot = Arc::clone(&slot);
        DesktopLook::of_desktop(move || slot.repaint())
    };
    let decoder = std::env::current_exe().ok();
    let hands = CustomerHands::start(platform, overlay.clone(), tray.clone(), decoder, repaint, events)
        .context("the program's threads")?;
    let brake = hands.brake();
    let from_window = CustomerIntents::new(intents.clone(), brake);
    let told = from_window.clone();
    on_fault(move || told.send(CustomerIntent::Fault, Means::Input));
    let close = Arc::new(AtomicBool::new(false));
    #[cfg(feature = "automation")]
    let (events, hang) = match arguments.automation.then(|| automate(arguments, language, &intents, &slot)) {
        Some(automated) => automated.map(|(events, hang)| (Some(events), Some(hang)))?,
        None => (None, None),
    };
    let audience = Viewers {
        slot: Arc::clone(&slot),
        tray: tray.clone(),
        shown: None,
        #[cfg(feature = "automation")]
        events,
    };

    let wishes = grant_wishes(overlay, tray).context("the program's threads")?;
    let worker = {
        let closes = ClosesWindow { close: Arc::clone(&close), slot: Arc::clone(&slot) };
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
                quit: CustomerIntent::Quit,
            }
            .run()
        })?
    };

    let [opened, bar, spoken] = [(); 3].map(|()| wishes.clone());
    #[cfg(feature = "automation")]
    let before_frame = move |ctx: &egui::Context| hang.iter().for_each(|hang| hang.before_frame(ctx));
    #[cfg(not(feature = "automation"))]
    let before_frame = |_: &egui::Context| ();
    // A thread that has ended grants no wishes any more.
    let options = Options {
        language: Some(language),
        look: arguments.look,
        wish,
        on_native_window: Box::new(move |native| drop(opened.send(Wish::Window(native)))),
        on_bar: Box::new(move |is_bar| drop(bar.send(Wish::Bar(is_bar)))),
        on_language: Box::new(move |language| drop(spoken.send(Wish::Speak(language)))),
        before_frame: Box::new(before_frame),
        close,
        raise,
    };
    let shown = mitblick_window::host::run(window_options(), move |opened| {
        CustomerApp::new(opened, slot, from_window, options)
    });
    // Whatever happened to the window, the session ends in order.
    let _ = intents.send(CustomerIntent::Quit);
    let ended = worker.join();
    shown.map_err(|error| anyhow::anyhow!("the window: {error}"))?;
    ended.map_err(|_| anyhow::anyhow!("the session's thread ended unexpectedly"))??;
    Ok(())
}

/// What the window wants of what it shares with the session.
enum Wish {
    /// This is the window.
    Window(NativeWindow),
    /// It is the bar from here on, or no longer.
    Bar(bool),
    /// The person has chosen another language.
    Speak(Language),
}

/// Grants the window's wishes, on a thread of its own: overlay and tray have
/// locks that the session takes too, and the session waits for no window.
fn grant_wishes(overlay: SharedOverlay, tray: SharedTray) -> std::io::Result<Sender<Wish>> {
    let (wishes, receiver) = channel();
    std::thread::Builder::new().name("wishes".into()).spawn(move || {
        let mut window = None;
        for wish in receiver {
            match wish {
                Wish::Window(native) => window = Some(native),
                Wish::Bar(bar) => overlay.keep_on_top(window.filter(|_| bar)),
                Wish::Speak(language) => tray.speak(language),
            }
        }
    })?;
    Ok(wishes)
}

/// Starts to read commands; gives back what tells events, and what makes the
/// window hang.
#[cfg(feature = "automation")]
fn automate(
    arguments: &Arguments,
    language: Language,
    intents: &mitblick_client_core::shell::IntentSender<CustomerIntent>,
    slot: &Arc<ViewSlot<CustomerView>>,
) -> anyhow::Result<(commands::CustomerEvents, commands::Hang)> {
    let printer = automation::Printer::start()?;
    let hang = commands::Hang::new(printer.clone());
    let wants_list = Arc::new(AtomicBool::new(false));
    let events = commands::CustomerEvents::new(printer, language, Arc::clone(&wants_list));
    let complaints = events.complainer();
    let (commands, end) = (intents.clone(), intents.clone());
    let (hangs, slot) = (hang.clone(), Arc::clone(slot));
    automation::read_commands(
        move |command: Result<AnyCommand<commands::CustomerCommand>, String>| match command {
            Ok(AnyCommand::Together(command)) => drop(commands.send(CustomerIntent::Together(command.intent()))),
            Ok(AnyCommand::Own(commands::CustomerCommand::Hang { on })) => {
                hangs.want(on);
                slot.repaint();
            }
            Ok(AnyCommand::Own(commands::CustomerCommand::Fault {})) => drop(commands::fault()),
            Ok(AnyCommand::Own(command)) => {
                if matches!(command, commands::CustomerCommand::Applications {}) {
                    wants_list.store(true, Ordering::SeqCst);
                }
                match command.intent(language) {
                    Some(intent) => drop(commands.send(intent)),
                    None => complaints
                        .complain(&Problem::BadCommand("a grade is 1 to 5, and a mark needs its points".into())),
                }
            }
            Err(text) => complaints.complain(&Problem::BadCommand(text)),
        },
        move || drop(end.send(CustomerIntent::Quit)),
    )?;
    if let Some(number) = &arguments.number {
        let _ = intents.send(CustomerIntent::Join(number.clone()));
    }
    Ok((events, hang))
}

/// The window, and the tray and automation beside it.
struct Viewers {
    slot: Arc<ViewSlot<CustomerView>>,
    tray: SharedTray,
    /// What is shown, so that nothing is painted again for nothing.
    shown: Option<CustomerView>,
    #[cfg(feature = "automation")]
    events: Option<commands::CustomerEvents>,
}

impl Audience<CustomerView> for Viewers {
    fn show(&mut self, view: CustomerView) {
        // The window first: who acts on an event finds it up to date. Nothing
        // is painted again for nothing.
        if self.shown.as_ref() != Some(&view) {
            self.tray.show(&view);
            self.slot.publish(view.clone());
            self.shown = Some(view.clone());
        }
        #[cfg(feature = "automation")]
        if let Some(events) = &mut self.events {
            // A list that was asked for is told even if it is the same again.
            events.show(&view);
        }
    }

    fn complain(&mut self, problem: Problem) {
        #[cfg(feature = "automation")]
        if let Some(events) = &self.events {
            events.complain(&problem);
        }
        tracing::debug!(code = problem.code(), "an intent was out of place");
    }
}
