//! The turned direction: the advisor shows something of the own screen, with the
//! customer's consent, exactly that and never both directions at once.

#[path = "turn/pointing.rs"]
mod pointing;

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    frame::Frame,
    launch::Launch,
    paint::{Canvas, CanvasOptions, Painter},
    programs,
    session::{CANARY, Lookout, Session, Stage, StageOptions, is_canary},
    talker::is,
    wait,
};
use serde_json::json;

/// On the customer's screen.
const MINE: Rect = Rect::new(80, 120, 300, 200);
/// On the advisor's screen.
const THEIRS: Rect = Rect::new(120, 140, 360, 240);

/// Two people with a window each; the customer's is shown.
struct Both {
    session: Session,
    mine: Frame,
    advisors: Painter,
    theirs: Canvas,
    /// Shown to nobody.
    _customers: Painter,
    secret: (Painter, Canvas),
}

impl Both {
    #[track_caller]
    fn showing(options: StageOptions) -> Self {
        let stage = Stage::new(options);
        let plain = CanvasOptions::new("my plan", MINE, 0x00d0_d8e0);
        let (mut customers, canvas) = Painter::with_window(&stage.place, "customers", &stage.customer_screen, &plain);
        customers.noise(canvas, Rect::new(20, 20, 200, 120), 1);
        let mine = customers.picture(canvas).clone();
        let plain = CanvasOptions::new("their plan", THEIRS, 0x00e0_d8d0);
        let (mut advisors, theirs) = Painter::with_window(&stage.place, "advisors", &stage.advisor_screen, &plain);
        advisors.noise(theirs, Rect::new(20, 20, 200, 120), 2);
        // It lies over the one that is shown.
        let over = Rect::new(THEIRS.x + 60, THEIRS.y + 60, 200, 120);
        let secret = CanvasOptions::new("secret", over, CANARY);
        let secret = Painter::with_window(&stage.place, "secret", &stage.advisor_screen, &secret);
        let mut session = stage.connect();
        session.there().park_pointer();
        session.share(&["my plan"]);
        session.await_picture("the customer's window", &mine);
        Self { session, mine, advisors, theirs, _customers: customers, secret }
    }

    /// The advisor asks.
    #[track_caller]
    fn ask(&mut self) {
        self.session.advisor.turn_page();
        self.session.customer.turn_page();
        self.session.advisor.say("request_turn", json!({}));
        self.session.customer.expect("turn", json!({ "state": "asked" }));
        self.session.advisor.expect("turn", json!({ "state": "asked" }));
    }

    /// The advisor asks and the customer looks; nothing is shown yet.
    #[track_caller]
    fn turn(&mut self) {
        self.ask();
        self.session.customer.say("allow_turn", json!({}));
        for side in [&self.session.customer, &self.session.advisor] {
            side.expect("turn", json!({ "state": "granted", "shown": "choosing" }));
        }
    }

    /// The advisor shows the window.
    #[track_caller]
    fn show(&mut self) {
        self.session.advisor.say("show", json!({ "titles": ["their plan"] }));
        for side in [&self.session.customer, &self.session.advisor] {
            side.expect("turn", json!({ "state": "granted", "shown": "showing" }));
        }
        self.await_seen("the advisor's window");
    }

    /// Waits until the customer's screen shows exactly the advisor's window.
    #[track_caller]
    fn await_seen(&self, what: &str) {
        let picture = self.advisors.picture(self.theirs);
        if wait::within(wait::PATIENCE, || self.session.here().frame().find(picture)).is_none() {
            let folder = std::env::temp_dir();
            let (screen, wanted) = (folder.join("mitblick-customer-screen.png"), folder.join("mitblick-wanted.png"));
            self.session.here().frame().save(&screen);
            picture.save(&wanted);
            panic!("{what} never showed at the customer; see {} and {}", screen.display(), wanted.display());
        }
    }

    #[track_caller]
    fn await_unseen(&self, what: &str) {
        let picture = self.advisors.picture(self.theirs);
        wait::until(&format!("{what}: nothing of it at the customer"), || {
            self.session.here().frame().find(picture).is_none().then_some(())
        });
    }

    #[track_caller]
    fn ended(&self, why: &str) {
        for side in [&self.session.customer, &self.session.advisor] {
            side.expect("turn", json!({ "state": "ended", "why": why }));
        }
    }
}

#[test]
fn the_customer_sees_exactly_what_the_advisor_shows_and_the_advisor_nothing_meanwhile() {
    let mut both = Both::showing(StageOptions::default());
    let lookout = Lookout::on(both.session.here(), is_canary);
    both.turn();
    both.session.customer.expect("sharing", json!({ "state": "choosing" }));
    both.session.await_gone("the customer's window", &both.mine);
    both.await_unseen("before the advisor has chosen");
    both.show();
    for seed in 3..6 {
        both.advisors.noise(both.theirs, Rect::new(100, 60, 160, 120), seed);
        both.await_seen("what changed");
    }
    let view = both.session.customer.newest("advisors_view").expect("a view");
    assert_eq!(view["surfaces"].as_array().map(Vec::len), Some(1), "our own windows are never shown: {view}");
    assert_eq!(view["surfaces"][0]["title"], "their plan");
    assert_eq!(view["pane"]["zoom"], 1.0, "as sharp as it is there");

    both.session.advisor.turn_page();
    both.session.customer.turn_page();
    both.session.advisor.say("pause_showing", json!({}));
    both.session.customer.expect("turn", json!({ "state": "granted", "shown": "paused" }));
    both.await_unseen("paused");
    both.advisors.noise(both.theirs, Rect::new(100, 60, 160, 120), 7);
    both.session.advisor.say("resume_showing", json!({}));
    both.await_seen("after the pause");
    assert_eq!(lookout.seen(), None, "a pixel that was not shown");
    both.session.end_well();
}

#[test]
fn either_side_turns_back_and_then_everything_has_to_be_chosen_anew() {
    let mut both = Both::showing(StageOptions::default());
    both.turn();
    both.show();
    both.session.customer.say("turn_back", json!({}));
    both.ended("TakenBack");
    both.await_unseen("turned back");
    both.session.advisor.say("show", json!({ "titles": ["their plan"] }));
    both.session.advisor.expect("error", json!({ "problem": "not_now" }));
    both.session.exchange_lines();
    assert!(both.session.there().frame().find(&both.mine).is_none(), "nothing comes back by itself");

    both.turn();
    both.session.advisor.say("pause_showing", json!({}));
    both.session.advisor.expect("error", json!({ "problem": "not_now" }));
    both.session.exchange_lines();
    assert!(!both.session.customer.has_told("advisors_view"), "what was shown before is not shown again by itself");
    both.show();
    both.session.advisor.say("end_turn", json!({}));
    both.ended("GivenBack");
    both.await_unseen("turned back by the advisor");

    both.turn();
    both.show();
    both.session.customer.say("share", json!({ "titles": ["my plan"] }));
    both.ended("TakenBack");
    both.await_unseen("the customer shows");
    let mine = both.mine.clone();
    both.session.await_picture("the customer's window again", &mine);
    both.session.end_well();
}

#[test]
fn without_a_yes_nothing_changes_and_the_receipt_tells_of_all_of_it() {
    let mut both = Both::showing(StageOptions::default());
    both.session.customer.say("allow_turn", json!({}));
    both.session.customer.expect("error", json!({ "problem": "not_now" }));
    both.ask();
    both.session.customer.say("turn_back", json!({}));
    both.session.advisor.expect("turn", json!({ "state": "refused" }));
    both.session.customer.expect("turn", json!({ "state": "refused" }));
    let mine = both.mine.clone();
    both.session.await_picture("the customer's window all the while", &mine);
    both.ask();
    both.session.advisor.say("end_turn", json!({}));
    both.session.customer.expect("turn", json!({ "state": "none" }));
    both.session.customer.say("allow_turn", json!({}));
    both.session.customer.expect("error", json!({ "problem": "not_now" }));
    both.turn();
    both.session.customer.say("turn_back", json!({}));
    both.ended("TakenBack");

    let customer = &mut both.session.customer;
    customer.say("end", json!({}));
    customer.expect("ended", json!({}));
    let receipt = both.session.stage.place.path().join("receipt.html");
    customer.say("keep_receipt", json!({ "path": receipt }));
    customer.expect("receipt_kept", json!({}));
    let show = Launch::new(&both.session.stage.place, "receipt", programs::path("mitblick-customer"))
        .args(["receipt", "show", "--language", "en"])
        .arg(&receipt);
    let (status, text) = programs::run_to_end(show);
    assert!(status.success(), "{text}");
    assert!(text.contains("signed everything up to the end"), "{text}");
    let told = [
        "asked to show you something",
        "did not want to be shown",
        "request to show you something was taken back",
        "could show you applications",
        "showed nothing any more",
    ];
    let places: Vec<_> = told.iter().map(|line| text.find(line)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {text}");
}

#[test]
fn a_cut_line_ends_it_and_it_has_to_be_asked_for_anew() {
    let mut both = Both::showing(StageOptions::default());
    both.turn();
    both.show();
    both.session.customer.turn_page();
    both.session.advisor.turn_page();
    both.session.stage.customer_wire.cut();
    both.ended("LinkLost");
    both.await_unseen("without a line");
    for side in [&both.session.customer, &both.session.advisor] {
        side.expect("line", json!({ "state": "restored" }));
    }
    both.turn();
    both.show();
    let seen = both.session.customer.told();
    assert!(!seen.iter().any(|event| is(event, "sharing", &json!({ "state": "showing" }))));
    both.session.end_well();
}

#[test]
fn a_company_that_forbids_it_has_none_of_it() {
    let rules = vec![("advisor_shows", "forbidden")];
    let mut both = Both::showing(StageOptions { rules, ..StageOptions::default() });
    both.session.advisor.say("request_turn", json!({}));
    both.session.advisor.expect("error", json!({ "problem": "showing_forbidden" }));
    both.session.exchange_lines();
    assert!(!both.session.customer.has_told("turn"));
    both.session.end_well();
}
