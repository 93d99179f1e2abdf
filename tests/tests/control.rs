//! Remote control: only while it is granted, only in what is shared, and ended
//! by one key whatever else happens.

#[path = "control/hands.rs"]
mod hands;
#[path = "control/yes.rs"]
mod yes;

use mitblick_protocol::geometry::{Point, Rect};
use mitblick_tests::{
    hand::{LEFT, key},
    launch::{Launch, Place},
    paint::{Canvas, CanvasOptions, Painter},
    programs::{self, AdvisorOptions},
    session::{Session, Stage, StageOptions},
    wait,
};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A session in which one window is shared and another is not.
struct Controlled {
    session: Session,
    shared: Painter,
    canvas: Canvas,
    secret: Painter,
    secret_canvas: Canvas,
    /// Where the shared window's corner shows at the advisor.
    corner: Point,
}

const SHARED: Rect = Rect::new(40, 40, 360, 260);
const SECRET: Rect = Rect::new(480, 120, 360, 300);

impl Controlled {
    /// Connected and sharing, without control.
    #[track_caller]
    fn new(options: StageOptions) -> Self {
        let stage = Stage::new(options);
        let screen = &stage.customer_screen;
        let secret = CanvasOptions::new("secret diary", SECRET, 0x0060_2020);
        let (secret, secret_canvas) = Painter::with_window(&stage.place, "secret", screen, &secret);
        let options = CanvasOptions::new("shared plan", SHARED, 0x0030_6030);
        let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
        shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
        let mut session = stage.connect();
        session.share(&["shared plan"]);
        // Its window may still be on its way to the middle of the screen.
        session.advisor.process().await_quiet();
        let corner = session.await_picture("the shared window", shared.picture(canvas));
        Self { session, shared, canvas, secret, secret_canvas, corner }
    }

    #[track_caller]
    fn granted() -> Self {
        let mut this = Self::new(StageOptions::default());
        this.session.grant_control();
        this
    }

    /// The advisor clicks into the shared window.
    fn click_shared(&self) {
        self.session.advisor_clicks(self.corner, 200, 150);
    }

    /// Where a point of the customer's desktop shows at the advisor.
    fn at_advisor(&self, x: i32, y: i32) -> Point {
        Point { x: self.corner.x + x - SHARED.x, y: self.corner.y + y - SHARED.y }
    }

    /// Shows that input works, and by that that everything before it has been
    /// dealt with: the line keeps the order.
    #[track_caller]
    fn type_marker(&mut self, marker: &str) {
        self.reach_shared();
        self.session.there().hand.write(marker);
        self.shared.await_typed(marker);
    }

    /// The advisor clicks into the shared window until that has arrived and the
    /// window manager has given it the keyboard. A click that comes before the
    /// viewer knows of a new grant is none for the customer; a person would
    /// click again.
    #[track_caller]
    fn reach_shared(&self) {
        let window = self.shared.seen(self.canvas, self.session.here()).id;
        let reached = (0..8).any(|_| {
            let before = self.shared.clicks();
            self.click_shared();
            // The keyboard alone says nothing: the window may have had it before.
            let arrived = || self.shared.clicks() > before && self.session.here().has_keyboard(window);
            wait::within(Duration::from_secs(4), || arrived().then_some(())).is_some()
        });
        assert!(reached, "the shared window gets the keyboard");
    }

    /// The advisor types where it must have no effect, and the advisor's
    /// program has dealt with it.
    #[track_caller]
    fn type_in_vain(&self, text: &str) {
        self.click_shared();
        self.session.there().hand.write(text);
        self.session.advisor.process().await_quiet();
    }

    #[track_caller]
    fn grant_again(&mut self) {
        self.session.grant_control();
    }

    #[track_caller]
    fn revoked(&self) {
        self.session.customer.expect("control", json!({ "state": "revoked" }));
    }
}

#[test]
fn typed_text_and_clicks_arrive_where_they_are_meant() {
    type_and_click("pane");
}

#[test]
fn typed_text_and_clicks_arrive_where_the_window_paints_the_picture() {
    type_and_click("window");
}

#[track_caller]
fn type_and_click(picture: &'static str) {
    let advisor = AdvisorOptions { picture, ..AdvisorOptions::default() };
    let mut c = Controlled::new(StageOptions { advisor, ..StageOptions::default() });
    c.session.grant_control();
    c.reach_shared();
    let text = "Hello World, (42) @home!";
    c.session.there().hand.write(text);
    let plain = |typed: String| typed.replace("<0xffe1>", "");
    wait::until("the text is there", || plain(c.shared.typed()).ends_with(text).then_some(()));
    assert_eq!(plain(c.shared.typed()), text);
    let press = c.shared.received().into_iter().find(|e| e["event"] == "button" && e["pressed"] == true).unwrap();
    assert_eq!((press["x"].as_i64(), press["y"].as_i64(), press["button"].as_u64()), (Some(200), Some(150), Some(1)));
    c.session.there().hand.strike(key::RETURN);
    c.shared.await_typed("<0xff0d>");
    assert_eq!(c.secret.typed(), "");
    c.session.end_well();
}

#[test]
fn input_before_the_grant_has_no_effect() {
    let mut c = Controlled::new(StageOptions::default());
    c.type_in_vain("before");
    c.session.advisor.say("request_control", json!({}));
    c.session.customer.expect("control", json!({ "state": "asked" }));
    c.type_in_vain("asked");
    c.session.customer.say("refuse_control", json!({}));
    c.session.advisor.expect("control", json!({ "state": "refused" }));
    c.type_in_vain("refused");
    c.grant_again();
    c.type_marker("yes");
    assert_eq!(c.shared.typed(), "yes");
    assert_eq!(c.shared.clicks(), 1);
}

#[test]
fn the_stop_key_revokes_and_later_input_has_no_effect() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    c.session.here().hand.strike(key::F12);
    c.revoked();
    c.session.advisor.expect("control", json!({ "state": "revoked" }));
    c.type_in_vain("late");
    c.grant_again();
    c.type_marker("two");
    assert_eq!(c.shared.typed(), "onetwo", "nothing between, and no F12 while it stops control");
    assert!(c.session.advisor.newest("ended").is_none(), "the session goes on");
}

#[test]
fn a_second_stop_key_that_the_customer_has_chosen_revokes_too_and_so_does_f12() {
    let customer = vec!["--second-stop-key", "Pause"];
    let mut c = Controlled::new(StageOptions { customer, ..StageOptions::default() });
    for (stop, marker) in [(key::PAUSE, "one"), (key::F12, "two")] {
        c.session.grant_control();
        c.type_marker(marker);
        c.session.here().hand.strike(stop);
        c.revoked();
        c.session.advisor.expect("control", json!({ "state": "revoked" }));
        c.type_in_vain("late");
    }
    assert_eq!(c.shared.typed(), "onetwo", "nothing between, and neither key while it stops control");
}

#[test]
fn a_key_that_can_not_stop_is_refused_in_the_persons_language() {
    let place = Place::new();
    for (language, words) in [("en", "can't be a second stop key"), ("de", "keine zweite Stopptaste")] {
        let launch = Launch::new(&place, "customer", programs::path("mitblick-customer"));
        let launch = launch.args(["--second-stop-key", "Shift_L", "--language", language]);
        let (status, said) = programs::run_to_end(launch);
        assert_eq!(status.code(), Some(2));
        assert!(said.contains(words) && said.contains("Shift_L") && said.contains("Scroll_Lock"), "{said}");
    }
}

#[test]
fn the_stop_key_belongs_to_the_application_while_nothing_is_granted() {
    let c = Controlled::new(StageOptions::default());
    c.session.here().click_into(c.shared.seen(c.canvas, c.session.here()), 200, 150);
    c.session.here().hand.strike(key::F12);
    c.shared.await_typed("<0xffc9>");
}

#[test]
fn the_stop_key_of_a_real_keyboard_revokes_under_a_grab_of_another_program() {
    let mut c = Controlled::new(StageOptions { customer_devices: true, ..StageOptions::default() });
    c.session.grant_control();
    c.type_marker("one");
    // As an open menu does: no other program gets a key.
    c.secret.grab_keyboard(c.secret_canvas);
    c.session.here().hand.strike(key::F12);
    c.revoked();
    c.session.advisor.expect("control", json!({ "state": "revoked" }));
}

#[test]
fn a_program_that_moves_f12_elsewhere_does_not_take_the_key_that_was_pressed_before() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    // What a terminal under control can do.
    let launch = Launch::new(&c.session.stage.place, "xmodmap", "xmodmap");
    let launch = launch.display(c.session.here().display());
    let (status, said) = programs::run_to_end(launch.args(["-e", "keycode 96 = b", "-e", "keycode 247 = F12"]));
    assert!(status.success(), "xmodmap: {said}");
    // The customer's program has heard of it: a key that is where it was.
    c.session.customer.process().await_quiet();
    c.session.here().hand.key_at(96, true);
    c.session.here().hand.key_at(96, false);
    c.revoked();
    c.type_in_vain("late");
}

#[test]
fn pause_and_the_button_stop_input_too() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    c.session.customer.say("pause", json!({}));
    c.session.customer.expect("sharing", json!({ "state": "paused" }));
    c.type_in_vain("paused");
    c.session.customer.turn_page();
    c.session.customer.say("resume", json!({}));
    c.session.customer.expect("sharing", json!({ "state": "showing" }));
    // No pointer in the picture: neither the advisor's nor the customer's.
    c.session.there().park_pointer();
    c.session.here().park_pointer();
    c.session.await_picture("the shared window again", c.shared.picture(c.canvas));
    c.type_in_vain("resumed");
    c.grant_again();
    c.type_marker("two");
    assert_eq!(c.shared.typed(), "onetwo", "a pause ends the grant");
    c.session.customer.say("revoke_control", json!({}));
    c.revoked();
    c.type_in_vain("revoked");
    c.grant_again();
    c.type_marker("three");
    assert_eq!(c.shared.typed(), "onetwothree");
}

#[test]
fn windows_that_are_not_shared_take_no_input() {
    let mut c = Controlled::granted();
    // Whose turn the keyboard is after a grant is up to the window manager.
    c.session.here().focus(c.secret.seen(c.secret_canvas, c.session.here()).id);
    // In the middle of a window that is not shared.
    let middle = (SECRET.x + 100, SECRET.y + 100);
    c.session.there().hand.click(c.at_advisor(middle.0, middle.1), LEFT);
    c.session.there().hand.write("to the diary");
    c.session.advisor.process().await_quiet();
    c.type_marker("one");
    // Where a window that is not shared covers what is.
    c.secret.move_to(c.secret_canvas, c.session.here(), Point { x: SHARED.x + 150, y: SHARED.y + 100 });
    c.secret.raise(c.secret_canvas);
    c.session.advisor_clicks(c.corner, 250, 200);
    c.session.there().hand.write("under the diary");
    // With the keyboard in a window that is not shared.
    c.session.here().focus(c.secret.seen(c.secret_canvas, c.session.here()).id);
    c.session.there().hand.write("into the diary");
    c.secret.move_to(c.secret_canvas, c.session.here(), Point { x: SECRET.x, y: SECRET.y });
    c.type_marker("two");
    assert_eq!(c.secret.typed(), "");
    assert_eq!(c.secret.clicks(), 0);
    assert!(c.shared.typed().starts_with("one") && c.shared.typed().ends_with("two"));
}

#[test]
fn the_customers_own_program_takes_no_remote_input() {
    let mut c = Controlled::granted();
    let own = c.session.here().await_window("Mitblick").rect;
    // All over its window: every button of it would end something.
    for x in (own.x + 5..own.x + own.width as i32).step_by(23) {
        for y in (own.y + 5..own.y + own.height as i32).step_by(11) {
            let at = c.at_advisor(x, y);
            let size = c.session.there().size();
            if at.x >= 0 && at.y >= 60 && at.x < size.width as i32 && at.y < size.height as i32 {
                c.session.there().hand.click(at, LEFT);
            }
        }
    }
    c.session.there().hand.strike(key::RETURN);
    c.type_marker("still here");
    let told = c.session.customer.told();
    assert!(
        !told.iter().any(|e| e["event"] == "ended" || e["state"] == "revoked" || e["state"] == "paused"),
        "{told:?}"
    );
}

#[test]
fn the_advisors_stop_key_and_system_keys_are_never_injected() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    let hand = &c.session.there().hand;
    hand.strike(key::F12);
    hand.strike_with(&[key::SHIFT], key::F12);
    hand.strike_with(&[key::CONTROL, key::ALT], key::F12);
    hand.strike(key::SUPER);
    c.type_marker("two");
    let typed = c.shared.typed();
    assert!(!typed.contains("<0xffc9>") && !typed.contains("<0xffeb>"), "{typed}");
    let told = c.session.customer.told();
    assert!(!told.iter().any(|event| event["state"] == "revoked"), "only the customer's own F12 revokes: {told:?}");
}

#[test]
fn everything_held_is_released_when_control_ends() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    let hand = &c.session.there().hand;
    hand.key(key::CONTROL, true);
    hand.key(u32::from('q'), true);
    hand.button(LEFT, true);
    wait::until("they are held at the customer", || {
        (c.session.here().any_key_down() && c.session.here().buttons_down() != 0).then_some(())
    });
    c.session.customer.say("revoke_control", json!({}));
    c.revoked();
    wait::until("they are released", || {
        (!c.session.here().any_key_down() && c.session.here().buttons_down() == 0).then_some(())
    });
    let hand = &c.session.there().hand;
    hand.button(LEFT, false);
    hand.key(u32::from('q'), false);
    hand.key(key::CONTROL, false);
}

#[test]
fn everything_held_is_released_when_a_flood_ends_control() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    let hand = &c.session.there().hand;
    hand.key(key::CONTROL, true);
    hand.button(LEFT, true);
    wait::until("they are held at the customer", || {
        (c.session.here().any_key_down() && c.session.here().buttons_down() != 0).then_some(())
    });
    // Nothing can be injected while the display serves nobody, and what comes
    // meanwhile is far more than what may wait.
    let still = c.session.here().stand_still();
    for _ in 0..FLOOD_STRIKES {
        hand.strike(u32::from('f'));
    }
    c.session.advisor.process().await_quiet();
    c.session.customer.process().await_quiet();
    drop(still);
    c.revoked();
    wait::until("they are released", || {
        (!c.session.here().any_key_down() && c.session.here().buttons_down() == 0).then_some(())
    });
    let hand = &c.session.there().hand;
    hand.button(LEFT, false);
    hand.key(key::CONTROL, false);
    c.grant_again();
    c.type_marker("two");
}

#[test]
fn everything_held_is_released_when_the_advisor_vanishes() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    c.session.there().hand.key(key::SHIFT, true);
    c.session.there().hand.button(LEFT, true);
    wait::until("they are held at the customer", || {
        (c.session.here().any_key_down() && c.session.here().buttons_down() != 0).then_some(())
    });
    c.session.advisor.process_mut().kill();
    c.session.customer.expect("line", json!({ "state": "lost" }));
    wait::until("they are released", || {
        (!c.session.here().any_key_down() && c.session.here().buttons_down() == 0).then_some(())
    });
}

#[test]
fn everything_held_is_released_when_the_customers_program_is_killed() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    c.session.there().hand.key(key::CONTROL, true);
    c.session.there().hand.button(LEFT, true);
    wait::until("they are held at the customer", || {
        (c.session.here().any_key_down() && c.session.here().buttons_down() != 0).then_some(())
    });
    c.session.customer.process_mut().kill();
    wait::until("they are released", || {
        (!c.session.here().any_key_down() && c.session.here().buttons_down() == 0).then_some(())
    });
    c.session.there().hand.button(LEFT, false);
    c.session.there().hand.key(key::CONTROL, false);
}

#[test]
fn the_stop_key_works_with_a_dead_network() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    c.session.stage.customer_wire.go_dead();
    c.session.here().hand.strike(key::F12);
    c.revoked();
    // And one click ends the session without the network's help.
    c.session.customer.say("end", json!({}));
    c.session.customer.expect("ended", json!({}));
}

#[test]
fn the_stop_key_works_under_a_flood_of_remote_input() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    let arrived = |c: &Controlled| c.shared.typed().matches('f').count();
    let (struck, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let corner = c.corner;
    let (before, after) = thread::scope(|scope| {
        let hand = &c.session.stage.advisor_screen.hand;
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let step = struck.fetch_add(1, Ordering::SeqCst) as i32;
                hand.move_to(Point { x: corner.x + 150 + step % 90, y: corner.y + 120 + step % 60 });
                hand.strike(u32::from('f'));
                // Some thousand events a second. Many more at once end control
                // by themselves, which is not what is to be seen here.
                thread::sleep(FLOOD_PAUSE);
            }
        });
        // Whatever goes wrong in here, the flood must end.
        let _stop = StopFlood(&stop);
        wait::until("the flood has reached the customer", || (arrived(&c) > 50).then_some(()));
        c.session.here().hand.strike(key::F12);
        c.session.customer.expect("control", json!({ "state": "revoked", "why": "StopKey" }));
        c.shared.talker().process().await_quiet();
        let before = arrived(&c);
        let then = struck.load(Ordering::SeqCst);
        wait::until("the flood goes on", || (struck.load(Ordering::SeqCst) > then + 300).then_some(()));
        stop.store(true, Ordering::SeqCst);
        (before, arrived(&c))
    });
    c.session.advisor.process().await_quiet();
    assert_eq!(before, after, "nothing arrives after the stop key");
    // Nor is anything kept for later.
    c.grant_again();
    c.type_marker("two");
    assert_eq!(arrived(&c), after);
}

/// Each of these is two events; a thousand may wait.
const FLOOD_STRIKES: usize = 2_000;

/// Between two strikes of the flood.
const FLOOD_PAUSE: Duration = Duration::from_micros(700);

/// Ends the flood when it goes out of scope.
struct StopFlood<'a>(&'a AtomicBool);

impl Drop for StopFlood<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn the_stop_key_works_while_the_interface_hangs() {
    let mut c = Controlled::granted();
    c.type_marker("one");
    // In the middle of a frame, with all locks that a frame takes.
    c.session.customer.say("hang", json!({ "on": true }));
    c.session.customer.expect("window", json!({ "hangs": true }));
    c.session.here().hand.strike(key::F12);
    c.session.advisor.expect("control", json!({ "state": "revoked" }));
    c.revoked();
    c.type_in_vain("late");
    let goes_on = c.session.customer.told().iter().any(|event| event["hangs"] == false);
    assert!(!goes_on, "the window hangs all the time");
    c.session.customer.say("hang", json!({ "on": false }));
    c.session.customer.expect("window", json!({ "hangs": false }));
    c.grant_again();
    c.type_marker("two");
    assert_eq!(c.shared.typed(), "onetwo", "nothing between, and no F12 while it stops control");
}

#[test]
fn control_that_was_given_more_time_outlasts_its_first_and_ends_at_its_second() {
    let rules = vec![("control", "1")];
    let mut c = Controlled::new(StageOptions { rules, ..StageOptions::default() });
    c.session.grant_control();
    let granted = Instant::now();
    c.type_marker("one");
    c.session.advisor.turn_page();
    c.session.advisor.say("request_more_time", json!({}));
    c.session.customer.expect("more_time", json!({ "state": "asked" }));
    c.session.customer.say("refuse_more_time", json!({}));
    c.session.advisor.expect("more_time", json!({ "state": "refused" }));
    // Some time later, so that the second ends well after the first.
    let later = || (granted.elapsed() > Duration::from_secs(15)).then_some(());
    assert!(wait::within(Duration::from_secs(60), later).is_some());
    c.session.advisor.turn_page();
    c.session.customer.turn_page();
    c.session.advisor.say("request_more_time", json!({}));
    c.session.customer.expect("more_time", json!({ "state": "asked" }));
    c.session.customer.say("allow_more_time", json!({ "minutes": 1 }));
    c.session.advisor.expect("more_time", json!({ "state": "granted" }));
    let longer = Instant::now();
    let first_over = || (granted.elapsed() > Duration::from_secs(62)).then_some(());
    assert!(wait::within(Duration::from_secs(90), first_over).is_some());
    c.type_marker("two");
    let over = |event: &Value| event["event"] == "control" && event["state"] == "revoked";
    let told = c.session.customer.within(Duration::from_secs(90), over).expect("control ends");
    assert_eq!(told["why"], "TimeOver");
    assert!(longer.elapsed() >= Duration::from_secs(59), "not before its second time is over");
    c.type_in_vain("vain");
    assert_eq!(c.shared.typed(), "onetwo");
}
