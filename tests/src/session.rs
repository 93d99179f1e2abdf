//! Two people, two screens, a broker and a session between them.

use crate::{
    frame::Frame,
    hand::LEFT,
    launch::{Launch, Place},
    programs::{self, AdvisorOptions, Broker, CustomerSurroundings},
    screen::{Screen, ScreenOptions},
    talker::Talker,
    wait,
    wire::Wire,
};
use mitblick_protocol::geometry::{Point, Rect, Size};
use serde_json::json;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The company in every test.
pub const ORGANISATION: &str = "Example Help Desk";

/// A colour that belongs only to what is not shared.
pub const CANARY: u32 = 0x00ff_00ff;

/// Whether a colour is the canary's or near it, as it would be after a codec
/// that loses some of it.
pub fn is_canary(colour: u32) -> bool {
    let (red, green, blue) = (colour >> 16 & 0xff, colour >> 8 & 0xff, colour & 0xff);
    red >= 0xe0 && green <= 0x40 && blue >= 0xe0
}

/// How a session's surroundings are to be.
#[derive(Clone, Debug)]
pub struct StageOptions {
    /// The customer's screen.
    pub customer_screen: ScreenOptions,
    /// The advisor's screen.
    pub advisor_screen: ScreenOptions,
    /// The customer's keyboard and mouse are real devices for its programs.
    pub customer_devices: bool,
    /// Further arguments of `mitblick-broker serve`.
    pub broker: Vec<&'static str>,
    /// The company's rules, each a key and a value of `rules set`.
    pub rules: Vec<(&'static str, &'static str)>,
    /// How the advisor's program is started.
    pub advisor: AdvisorOptions,
    /// Further arguments of the customer's program.
    pub customer: Vec<&'static str>,
    /// The session bus of the customer's program; without one it has none.
    pub customer_bus: Option<String>,
    /// A folder of the test's place, by its name, that is for the customer's
    /// program a disk of its own, of this size as `mount` takes it.
    pub customer_disk: Option<(&'static str, &'static str)>,
    /// The proxy that both programs go through.
    pub proxy: Option<String>,
}

impl Default for StageOptions {
    fn default() -> Self {
        Self {
            customer_screen: ScreenOptions::default(),
            // Large enough for all of the customer's and a toolbar.
            advisor_screen: ScreenOptions { size: Size { width: 1360, height: 960 }, ..ScreenOptions::default() },
            customer_devices: false,
            // All programs of a test come from one address.
            broker: vec!["--limits", "relaxed", "--organisation", ORGANISATION],
            rules: Vec::new(),
            advisor: AdvisorOptions::default(),
            customer: Vec::new(),
            customer_bus: None,
            customer_disk: None,
            proxy: None,
        }
    }
}

/// Everything but the session: screens, broker, lines. Applications can be
/// started before the programs.
pub struct Stage {
    /// The customer's screen.
    pub customer_screen: Screen,
    /// The advisor's screen.
    pub advisor_screen: Screen,
    /// The broker.
    pub broker: Broker,
    /// The customer's line to the broker.
    pub customer_wire: Wire,
    /// The advisor's line to the broker.
    pub advisor_wire: Wire,
    /// The test's folder; dropped last.
    pub place: Place,
    options: StageOptions,
}

impl Stage {
    /// Screens as usual and a broker.
    #[track_caller]
    pub fn usual() -> Self {
        Self::new(StageOptions::default())
    }

    /// Screens and a broker.
    #[track_caller]
    pub fn new(options: StageOptions) -> Self {
        let place = Place::new();
        let broker = Broker::start_under(&place, &options.broker, &options.rules);
        let customer_screen = if options.customer_devices {
            Screen::start_with_devices(&place, "customer", &options.customer_screen)
        } else {
            Screen::start(&place, "customer", &options.customer_screen)
        };
        let advisor_screen = Screen::start(&place, "advisor", &options.advisor_screen);
        let (customer_wire, advisor_wire) = (Wire::to(broker.address()), Wire::to(broker.address()));
        Self { customer_screen, advisor_screen, broker, customer_wire, advisor_wire, place, options }
    }

    /// Kills the broker and starts it again at the same address, with what it
    /// has on its disk.
    #[track_caller]
    pub fn restart_broker(&mut self) {
        let address = self.broker.address().to_string();
        self.broker.process().signal(rustix::process::Signal::KILL);
        self.broker.process().wait_end();
        let launch = Launch::new(&self.place, "broker-again", programs::path("mitblick-broker"))
            .args(["serve", "--listen", &address, "--data"])
            .arg(self.place.folder("broker-data"))
            .args(&self.options.broker);
        self.broker = Broker::from_launch(launch);
    }

    /// Starts the advisor's program.
    #[track_caller]
    pub fn start_advisor(&self, name: &str) -> Talker {
        let url = self.broker.url_through(self.advisor_wire.address());
        let options = AdvisorOptions { proxy: self.options.proxy.clone(), ..self.options.advisor.clone() };
        programs::advisor(&self.place, name, self.advisor_screen.display(), &url, &options)
    }

    /// Starts the customer's program.
    #[track_caller]
    pub fn start_customer(&self, name: &str, number: Option<&str>) -> Talker {
        let url = self.broker.url_through(self.customer_wire.address());
        let proxy = self.options.proxy.iter().flat_map(|proxy| ["--proxy", proxy]);
        let further: Vec<_> = self.options.customer.iter().copied().chain(proxy).collect();
        let around = CustomerSurroundings {
            bus: self.options.customer_bus.as_deref(),
            disk: self.options.customer_disk.map(|(folder, size)| (self.place.folder(folder), size)),
        };
        programs::customer_with(&self.place, name, self.customer_screen.display(), &url, number, &further, around)
    }

    /// Until the viewer fills its screen: the window manager takes a moment, in
    /// which places on it are not yet what they will be.
    #[track_caller]
    fn await_full_screen(&self) {
        let all = self.advisor_screen.size();
        wait::until("the advisor's window fills its screen", || {
            (self.advisor_screen.window("Mitblick")?.rect.size() == all).then_some(())
        });
    }

    /// Starts both programs and waits until they are connected; nothing is
    /// shown yet.
    #[track_caller]
    pub fn connect(self) -> Session {
        let advisor = self.start_advisor("advisor");
        let number = programs::number(&advisor);
        let started = Instant::now();
        let mut customer = self.start_customer("customer", Some(&number));
        programs::answer_that_we_called(&mut customer);
        advisor.expect("connected", json!({}));
        if self.options.advisor.fullscreen {
            self.await_full_screen();
        }
        Session { advisor, customer, number, connected_after: started.elapsed(), stage: self }
    }
}

/// Two connected programs.
pub struct Session {
    /// The advisor's program. Dropped before the screens.
    pub advisor: Talker,
    /// The customer's program.
    pub customer: Talker,
    /// The number that brought them together.
    pub number: String,
    /// From starting the customer's program to both being connected.
    pub connected_after: Duration,
    /// What is around them.
    pub stage: Stage,
}

impl Session {
    /// The customer's screen.
    pub fn here(&self) -> &Screen {
        &self.stage.customer_screen
    }

    /// The advisor's screen.
    pub fn there(&self) -> &Screen {
        &self.stage.advisor_screen
    }

    /// The customer shares the applications with these titles; waits until the
    /// advisor's program shows something.
    #[track_caller]
    pub fn share(&mut self, titles: &[&str]) {
        self.customer.say("share", json!({ "titles": titles }));
        self.customer.expect("sharing", json!({ "state": "showing" }));
        self.advisor.expect_where("view with surfaces", |event| {
            event["event"] == "view" && event["surfaces"].as_array().is_some_and(|surfaces| !surfaces.is_empty())
        });
    }

    /// Waits until the customer's window has become the bar, which it does
    /// beside everything else: a window manager may give the keyboard to a
    /// window that comes up or changes.
    #[track_caller]
    fn await_bar(&self) {
        let is_bar = || {
            let window = self.here().window("Mitblick")?;
            (window.rect.height < BAR_HEIGHT_PX).then_some(())
        };
        wait::until("the customer's window is the bar", is_bar);
        self.customer.process().await_quiet();
    }

    /// The advisor asks for control.
    #[track_caller]
    pub fn ask_for_control(&mut self) {
        self.await_bar();
        self.advisor.turn_page();
        self.customer.turn_page();
        self.advisor.say("request_control", json!({}));
        self.customer.expect("control", json!({ "state": "asked" }));
    }

    /// The advisor asks for control and the customer allows it.
    #[track_caller]
    pub fn grant_control(&mut self) {
        self.ask_for_control();
        self.customer.say("allow_control", json!({ "minutes": 15 }));
        self.customer.expect("control", json!({ "state": "granted" }));
        self.advisor.expect("control", json!({ "state": "granted" }));
        // The customer's question becomes a bar, and the window manager gives
        // the keyboard back: what is typed meanwhile would go to either.
        self.customer.process().await_quiet();
    }

    /// Waits until the advisor's screen shows exactly this picture, and tells
    /// where.
    #[track_caller]
    pub fn await_picture(&self, what: &str, picture: &Frame) -> Point {
        self.await_shown(what, || picture.clone())
    }

    /// Waits until the advisor's screen shows exactly what this part of the
    /// customer's screen shows at the same time, and tells where.
    #[track_caller]
    pub fn await_part(&self, what: &str, part: Rect) -> Point {
        self.await_shown(what, || self.here().frame_part(part))
    }

    #[track_caller]
    fn await_shown(&self, what: &str, picture: impl Fn() -> Frame) -> Point {
        if let Some(at) = wait::within(wait::PATIENCE, || self.there().frame().find(&picture())) {
            return at;
        }
        let picture = picture();
        let folder = std::env::temp_dir();
        let (screen, wanted) = (folder.join("mitblick-advisor-screen.png"), folder.join("mitblick-wanted.png"));
        self.there().frame().save(&screen);
        picture.save(&wanted);
        panic!("{what} never showed at the advisor; see {} and {}", screen.display(), wanted.display());
    }

    /// Waits until the picture is no longer anywhere on the advisor's screen.
    ///
    /// # Panics
    /// If it stays.
    #[track_caller]
    pub fn await_gone(&self, what: &str, picture: &Frame) {
        wait::until(&format!("{what} shows no longer at the advisor"), || {
            self.there().frame().find(picture).is_none().then_some(())
        });
    }

    /// The advisor clicks into a window, at a place counted from where its left
    /// top corner shows on the advisor's screen; that also gives it the
    /// keyboard.
    pub fn advisor_clicks(&self, corner: Point, x: i32, y: i32) {
        self.there().hand.click(Point { x: corner.x + x, y: corner.y + y }, LEFT);
    }

    /// A line of chat there and back: whatever either side was to hear of before
    /// has come by then.
    #[track_caller]
    pub fn exchange_lines(&mut self) {
        // No line is the same as another one.
        let text = format!("line {}", self.advisor.ever_told().len());
        self.advisor.say("say", json!({ "text": text }));
        self.customer.expect("chat", json!({ "text": text }));
        self.customer.say("say", json!({ "text": text }));
        self.advisor.expect("chat", json!({ "text": text }));
    }

    /// Ends the session and both programs in peace and checks that they end
    /// well: exit code zero, no error logged, nothing left running.
    #[track_caller]
    pub fn end_well(mut self) {
        self.customer.say("end", json!({}));
        self.customer.expect("ended", json!({}));
        self.advisor.expect("ended", json!({}));
        for program in [&mut self.customer, &mut self.advisor] {
            program.say("quit", json!({}));
            let status = program.wait_end();
            assert!(status.success(), "{} ended with {status}", program.process().name());
        }
        self.check_logs();
    }

    /// Checks that no program logged an error or panicked, or wrote other
    /// things than events to its standard output.
    #[track_caller]
    pub fn check_logs(&self) {
        for program in [&self.customer, &self.advisor] {
            check_log(program.process().name(), &program.process().log());
            assert_eq!(program.strange_lines(), Vec::<String>::new(), "only events on standard output");
        }
        check_log("broker", &self.stage.broker.written());
    }
}

/// No bar is higher, and no other window of the customer's program lower.
const BAR_HEIGHT_PX: u32 = 200;

/// Checks that a log has no errors in it.
#[track_caller]
pub fn check_log(name: &str, log: &str) {
    let bad = log.lines().find(|line| line.contains("ERROR") || line.contains("panicked at"));
    assert_eq!(bad, None, "{name} logged an error");
}

/// Looks at a screen without pause, on a thread of its own, for a colour that
/// must never show.
pub struct Lookout {
    stop: Arc<AtomicBool>,
    looks: Arc<Mutex<(u64, Option<Point>)>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Pause between two looks: shorter than a screen's refresh.
const LOOK_AGAIN: Duration = Duration::from_millis(8);

impl Lookout {
    /// Begins to look for pixels that the question is answered with yes for.
    ///
    /// # Panics
    /// If the screen's frame buffer can't be read.
    pub fn on(screen: &Screen, forbidden: impl Fn(u32) -> bool + Send + 'static) -> Self {
        let buffer = screen.another_buffer();
        let stop: Arc<AtomicBool> = Arc::default();
        let looks: Arc<Mutex<(u64, Option<Point>)>> = Arc::default();
        let (stopping, counting) = (Arc::clone(&stop), Arc::clone(&looks));
        let thread = thread::spawn(move || {
            while !stopping.load(Ordering::SeqCst) {
                let frame = buffer.frame();
                let seen = frame.pixels.iter().position(|&colour| forbidden(colour));
                let mut looks = counting.lock().expect("the looks");
                looks.0 += 1;
                if let (Some(at), None) = (seen, looks.1) {
                    looks.1 = Some(Point { x: (at % frame.width) as i32, y: (at / frame.width) as i32 });
                }
                drop(looks);
                thread::sleep(LOOK_AGAIN);
            }
        });
        Self { stop, looks, thread: Some(thread) }
    }

    /// Waits for some more looks, then says where it was first seen.
    ///
    /// # Panics
    /// If the screen can't be looked at any more.
    #[track_caller]
    pub fn seen(&self) -> Option<Point> {
        let before = self.looks.lock().expect("the looks").0;
        wait::until("the screen was looked at again", || {
            (self.looks.lock().expect("the looks").0 >= before + 3).then_some(())
        });
        self.looks.lock().expect("the looks").1
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
