//! The customer's sign in the tray: it says what is shown to whom, ends what it
//! says it ends, and gives nobody anything.

use mitblick_protocol::geometry::{Point, Rect};
use mitblick_tests::{
    hand::key,
    launch::Place,
    paint::{Canvas, CanvasOptions, Painter},
    programs::ADVISOR,
    session::{Session, Stage, StageOptions},
    tray::{Bus, Sign, TrayHost},
    wait,
};
use serde_json::json;
use std::{collections::BTreeSet, os::unix::net::UnixListener, time::Duration};

/// What the lines of the menu are known by.
const STOP: i32 = 1;
const PAUSE: i32 = 2;
const END: i32 = 3;
const OPEN: i32 = 4;

const SHARED: Rect = Rect::new(40, 40, 360, 260);

/// A session on a bus, in which one window is shown.
struct Shown {
    session: Session,
    shared: Painter,
    canvas: Canvas,
    corner: Point,
    bus: Bus,
}

impl Shown {
    #[track_caller]
    fn new(bus: Bus, language: &'static str) -> Self {
        let customer = vec!["--language", language];
        let stage = Stage::new(StageOptions { customer, customer_bus: Some(bus.address()), ..StageOptions::default() });
        let options = CanvasOptions::new("shared plan", SHARED, 0x0030_6030);
        let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
        shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
        let mut session = stage.connect();
        session.share(&["shared plan"]);
        session.advisor.process().await_quiet();
        let corner = session.await_picture("the shared window", shared.picture(canvas));
        Self { session, shared, canvas, corner, bus }
    }

    /// Shows that input works, and that everything before it has been dealt
    /// with.
    #[track_caller]
    fn type_marker(&mut self, marker: &str) {
        let window = self.shared.seen(self.canvas, self.session.here()).id;
        let reached = (0..8).any(|_| {
            let before = self.shared.clicks();
            self.session.advisor_clicks(self.corner, 200, 150);
            let arrived = || self.shared.clicks() > before && self.session.here().has_keyboard(window);
            wait::within(Duration::from_secs(4), || arrived().then_some(())).is_some()
        });
        assert!(reached, "the shared window gets the keyboard");
        self.session.there().hand.write(marker);
        self.shared.await_typed(marker);
    }

    /// The advisor types where it must have no effect.
    #[track_caller]
    fn type_in_vain(&self, text: &str) {
        self.session.advisor_clicks(self.corner, 200, 150);
        self.session.there().hand.write(text);
        self.session.advisor.process().await_quiet();
    }

    /// Both sides say that control was taken back.
    #[track_caller]
    fn revoked(&self) {
        self.session.customer.expect("control", json!({ "state": "revoked" }));
        self.session.advisor.expect("control", json!({ "state": "revoked" }));
    }

    #[track_caller]
    fn end_well(self) {
        self.session.end_well();
        self.bus.await_no_signs();
    }
}

fn sees(what: &str) -> String {
    format!("Mitblick: {ADVISOR} {what}")
}

#[test]
fn to_stop_in_the_tray_ends_control_on_both_sides_and_later_input_has_no_effect() {
    let bus = Bus::new();
    let host = TrayHost::start(&bus);
    let mut shown = Shown::new(bus, "en");
    let sign = host.await_sign();
    sign.await_numbers(&[PAUSE, END, OPEN]);
    shown.session.grant_control();
    sign.await_title(&sees("sees and may control 1 application"));
    assert_eq!(sign.menu().first(), Some(&(STOP, "Stop control (F12)".to_owned())));
    shown.type_marker("one");
    assert!(sign.click(STOP));
    shown.revoked();
    shown.type_in_vain("late");
    sign.await_numbers(&[PAUSE, END, OPEN]);
    shown.session.grant_control();
    shown.type_marker("two");
    assert_eq!(shown.shared.typed(), "onetwo", "nothing between");
    assert!(shown.session.advisor.newest("ended").is_none(), "the session goes on");
    shown.end_well();
}

#[test]
fn to_pause_and_to_end_are_clicks_and_every_state_has_a_picture_of_its_own() {
    let bus = Bus::new();
    let host = TrayHost::start(&bus);
    let mut shown = Shown::new(bus, "en");
    let sign = host.await_sign();
    let mut pictures = BTreeSet::new();
    sign.await_title(&sees("sees 1 application"));
    assert!(sign.details().ends_with("Shown: Painter"), "{}", sign.details());
    assert_eq!((sign.text("Status"), sign.text("Id")), ("Active".to_owned(), "mitblick-customer".to_owned()));
    pictures.insert(sign.pictures());
    shown.session.grant_control();
    sign.await_numbers(&[STOP, PAUSE, END, OPEN]);
    pictures.insert(sign.pictures());
    assert!(sign.click(PAUSE));
    shown.session.customer.expect("sharing", json!({ "state": "paused" }));
    shown.revoked();
    sign.await_numbers(&[END, OPEN]);
    assert_eq!(sign.text("Title"), format!("Mitblick: paused, {ADVISOR} sees nothing right now"));
    pictures.insert(sign.pictures());
    shown.session.customer.turn_page();
    // Only the window shows again what was taken away.
    shown.session.customer.say("resume", json!({}));
    shown.session.customer.expect("sharing", json!({ "state": "showing" }));
    sign.await_numbers(&[PAUSE, END, OPEN]);
    shown.session.customer.turn_page();
    shown.session.customer.say("stop_sharing", json!({}));
    sign.await_numbers(&[END, OPEN]);
    pictures.insert(sign.pictures());
    assert_eq!(pictures.len(), 4);
    assert!(sign.click(END));
    shown.session.customer.expect("ended", json!({}));
    shown.session.advisor.expect("ended", json!({}));
    shown.bus.await_no_signs();
    shown.session.check_logs();
}

#[test]
fn a_tray_that_comes_late_or_anew_is_given_the_sign() {
    let bus = Bus::new();
    let mut shown = Shown::new(bus, "de");
    wait::until("it is there without a tray too", || (shown.bus.signs().len() == 1).then_some(()));
    let host = TrayHost::start(&shown.bus);
    let sign = host.await_sign();
    sign.await_title(&format!("Mitblick: {ADVISOR} sieht 1 Anwendung"));
    host.leave();
    shown.session.grant_control();
    shown.type_marker("one");
    let another = TrayHost::start(&shown.bus);
    let sign = another.await_sign();
    assert_eq!(sign.menu().first(), Some(&(STOP, "Steuerung stoppen (F12)".to_owned())));
    assert!(sign.click(STOP));
    shown.revoked();
    shown.end_well();
}

#[test]
fn a_tray_that_never_answers_holds_nothing_up() {
    let bus = Bus::new();
    let host = TrayHost::mute(&bus);
    let mut shown = Shown::new(bus, "en");
    let sign = host.await_sign();
    shown.session.grant_control();
    sign.await_numbers(&[STOP, PAUSE, END, OPEN]);
    assert!(sign.click(STOP));
    shown.revoked();
    shown.end_well();
}

#[test]
fn whoever_is_on_the_bus_can_grant_nothing_and_floods_in_vain() {
    let bus = Bus::new();
    let host = TrayHost::start(&bus);
    let mut shown = Shown::new(bus, "en");
    let sign = host.await_sign();
    shown.session.advisor.say("request_control", json!({}));
    shown.session.customer.expect("control", json!({ "state": "asked" }));
    shown.session.customer.turn_page();
    shown.session.advisor.turn_page();
    let stranger = sign.seen_by(shown.bus.join());
    // Every number but that which stops, pauses or ends; the menu of another
    // moment; and more of it than any hand makes.
    let harmless = (-40..400).filter(|number| ![STOP, PAUSE, END].contains(number));
    let harmless: Vec<i32> = harmless.chain([i32::MIN, i32::MAX]).collect();
    for &number in &harmless {
        let known = [0, OPEN, 100].contains(&number);
        assert_eq!(stranger.click(number), known, "{number}");
    }
    let flood: Vec<i32> = harmless.iter().copied().cycle().take(10_000).collect();
    flood_from_several(&shown.bus, &stranger, &flood);
    for method in ["Share", "AllowControl", "Allow", "Join", "Quit"] {
        assert!(!stranger.has_method("/StatusNotifierItem", "org.kde.StatusNotifierItem", method), "{method}");
    }
    // What is told next comes after all of that.
    shown.session.customer.say("allow_control", json!({ "minutes": 15 }));
    let told = shown.session.customer.expect("control", json!({ "state": "granted" }));
    let before: Vec<_> = shown.session.customer.told().into_iter().take_while(|event| *event != told).collect();
    let decided = |event: &&serde_json::Value| event["event"] == "control" || event["event"] == "sharing";
    assert_eq!(before.iter().find(decided), None, "nothing was decided by a stranger");
    sign.await_numbers(&[STOP, PAUSE, END, OPEN]);
    assert!(sign.click(STOP));
    shown.revoked();
    shown.end_well();
}

/// Programs that click at the same time.
#[track_caller]
fn flood_from_several(bus: &Bus, sign: &Sign, numbers: &[i32]) {
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let stranger = sign.seen_by(bus.join());
            scope.spawn(move || {
                for _ in 0..5 {
                    stranger.click_all(numbers);
                    stranger.activate();
                }
            });
        }
    });
}

#[test]
fn the_click_on_the_sign_brings_the_window_to_the_front() {
    let bus = Bus::new();
    let host = TrayHost::start(&bus);
    let stage = Stage::new(StageOptions { customer_bus: Some(bus.address()), ..StageOptions::default() });
    let session = stage.connect();
    let sign = host.await_sign();
    let window = session.here().await_window("Mitblick").id;
    session.here().iconify(window);
    wait::until("the window is away", || (!session.here().has_keyboard(window)).then_some(()));
    sign.activate();
    wait::until("the window is in front", || session.here().has_keyboard(window).then_some(()));
    session.end_well();
    bus.await_no_signs();
}

#[test]
fn a_bus_that_goes_away_takes_the_sign_along_and_nothing_else() {
    let mut shown = Shown::new(Bus::new(), "en");
    wait::until("the sign is there", || (!shown.bus.signs().is_empty()).then_some(()));
    drop(shown.bus);
    let lost = || shown.session.customer.process().log().contains("the tray is lost").then_some(());
    wait::until("the customer's program notices", lost);
    shown.session.grant_control();
    shown.session.here().hand.strike(key::F12);
    shown.session.customer.expect("control", json!({ "state": "revoked" }));
    shown.session.advisor.expect("control", json!({ "state": "revoked" }));
    shown.session.end_well();
}

#[test]
fn a_bus_that_says_nothing_holds_nothing_up() {
    let place = Place::new();
    let socket = place.path().join("bus");
    let _silence = UnixListener::bind(&socket).expect("a socket");
    let customer_bus = Some(format!("unix:path={}", socket.display()));
    let session = Stage::new(StageOptions { customer_bus, ..StageOptions::default() }).connect();
    session.end_well();
}

#[test]
fn without_a_bus_one_line_in_the_log_says_so_and_all_else_is_the_same() {
    let mut session = Stage::usual().connect();
    let said = || session.customer.process().log().contains("no tray shows the session").then_some(());
    wait::until("the log says so", said);
    session.customer.say("end", json!({}));
    session.customer.expect("ended", json!({}));
    session.check_logs();
    let log = session.customer.process().log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("tray")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
}
