//! A line that is cut, at every stage of a session and on either side: both
//! programs say so at once, no picture leaves meanwhile, and after it is back
//! only what was shown before is shown again. Rights and requests are over, and
//! have to be asked for anew. A file that moves has tests of its own.

use mitblick_protocol::{geometry::Rect, marks::MarkColour};
use mitblick_tests::{
    clip::{await_clipboard, clipboard, copy},
    ink::{await_box, await_ink},
    launch::Process,
    paint::{Canvas, CanvasOptions, Painter},
    programs,
    session::{Session, Stage, StageOptions},
    talker::is,
    wait,
    wire::Wire,
};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

const SHARED: Rect = Rect::new(80, 120, 420, 300);
/// What changes in it, of noise: more bytes than everything else together.
const CHANGES: Rect = Rect::new(20, 60, 320, 220);
/// No picture of what changes takes as little, and what both programs say to
/// find together again takes less.
const FEW_BYTES: u64 = 30_000;
const RED: u32 = MarkColour::Red.rgb();

/// What stands when the line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    WhoCalled,
    Choosing,
    Paused,
    ControlAsked,
    RecordingAsked,
    TurnAsked,
    ShowAsked,
    Mark,
    ClipboardSwitch,
    TextOffered,
}

/// Two people, a window that can be shown, and what is told of it.
struct Scene {
    session: Session,
    painter: Painter,
    canvas: Canvas,
    seed: u32,
    shows: bool,
    /// Owners of what was copied; their names.
    copies: Vec<Process>,
}

/// Names for copies are used once.
static COPY: AtomicU32 = AtomicU32::new(0);

impl Scene {
    /// Connected, and nothing else; the question who called stands.
    #[track_caller]
    fn asked_who_called() -> Self {
        let rules = vec![("recording", "allowed")];
        let stage = Stage::new(StageOptions { rules, ..StageOptions::default() });
        let options = CanvasOptions::new("shared plan", SHARED, 0x00d0_d8e0);
        let (painter, canvas) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
        let advisor = stage.start_advisor("advisor");
        let number = programs::number(&advisor);
        let customer = stage.start_customer("customer", Some(&number));
        customer.expect("connected", json!({ "asks_who_called": true }));
        advisor.expect("connected", json!({}));
        let session = Session { advisor, customer, number, connected_after: Duration::ZERO, stage };
        Self { session, painter, canvas, seed: 0, shows: false, copies: Vec::new() }
    }

    #[track_caller]
    fn choosing() -> Self {
        let mut scene = Self::asked_who_called();
        scene.session.customer.say("i_did_call", json!({}));
        scene
    }

    #[track_caller]
    fn turn_pages(&mut self) {
        self.session.advisor.turn_page();
        self.session.customer.turn_page();
    }

    /// Both tell this.
    #[track_caller]
    fn both(&self, name: &str, fields: &Value) {
        self.session.customer.expect(name, fields.clone());
        self.session.advisor.expect(name, fields.clone());
    }

    /// Neither has told this since the page was turned.
    #[track_caller]
    fn neither(&self, name: &str, fields: &Value) {
        for side in [&self.session.customer, &self.session.advisor] {
            let told = side.told().into_iter().find(|event| is(event, name, fields));
            assert_eq!(told, None, "{}", side.process().name());
        }
    }

    /// Something else shows in the window from here on.
    #[track_caller]
    fn change(&mut self) {
        self.seed += 1;
        self.painter.noise(self.canvas, CHANGES, self.seed);
    }

    #[track_caller]
    fn await_seen(&self) {
        self.session.there().park_pointer();
        self.session.await_picture("the shared window", self.painter.picture(self.canvas));
    }

    #[track_caller]
    fn assert_unseen(&self) {
        let seen = self.session.there().frame().find(self.painter.picture(self.canvas));
        assert_eq!(seen, None, "nothing of the window shows at the advisor");
    }

    /// Chosen anew, whatever was shown before, and seen.
    #[track_caller]
    fn show(&mut self) {
        if self.shows {
            self.turn_pages();
            self.session.customer.say("stop_sharing", json!({}));
            self.session.customer.expect("sharing", json!({ "state": "choosing" }));
        }
        self.turn_pages();
        self.change();
        let sent = self.session.stage.customer_wire.up_bytes();
        self.session.share(&["shared plan"]);
        self.shows = true;
        self.await_seen();
        let sent = self.session.stage.customer_wire.up_bytes() - sent;
        assert!(sent > 3 * FEW_BYTES, "a picture takes more than what is taken for none: {sent}");
    }

    #[track_caller]
    fn copy(&mut self, there: bool, text: &str) {
        let name = format!("copy-{}", COPY.fetch_add(1, Ordering::SeqCst));
        let screen = if there { self.session.there() } else { self.session.here() };
        self.copies.push(copy(&self.session.stage.place, &name, screen.display(), text));
    }

    /// The switch is on, both ways, and works.
    #[track_caller]
    fn open_clipboards(&mut self) {
        self.turn_pages();
        self.session.customer.say("allow_clipboard", json!({ "to_watcher": true, "to_shower": true }));
        self.session.advisor.expect("clipboard", json!({ "to_watcher": true, "to_shower": true }));
        self.session.advisor.say("let_out_clipboard", json!({ "out": true }));
        self.session.advisor.expect("clipboard", json!({ "lets_out": true }));
        for there in [false, true] {
            // It is watched from a moment later on that nobody is told.
            wait::until("a copied text is sent", || {
                self.copy(there, &format!("copied in the session, {}", self.copies.len()));
                let to = if there { &self.session.customer } else { &self.session.advisor };
                to.within(Duration::from_secs(2), |event| event["event"] == "clipboard_put")
            });
        }
    }

    /// A circle, which stays.
    #[track_caller]
    fn draw(&mut self) {
        self.turn_pages();
        let view = self.session.advisor.newest_ever("view").expect("a view");
        let mark = json!({ "surface": view["surfaces"][0]["id"], "shape": "ellipse",
            "points": [[50, 40], [150, 120]], "colour": "red", "stays": true });
        self.session.advisor.say("draw", mark);
        self.session.customer.expect("marks", json!({ "marks": 1 }));
        await_ink(self.session.here(), "the mark at the customer", RED);
        await_ink(self.session.there(), "the mark at the advisor", RED);
    }

    /// The advisor asks for something; both know of it.
    #[track_caller]
    fn ask(&mut self, command: &str, event: &str) {
        self.turn_pages();
        self.session.advisor.say(command, json!({}));
        self.both(event, &json!({ "state": "asked" }));
    }

    /// The customer's yes or no to what is over is for nothing.
    #[track_caller]
    fn is_not_asked(&mut self, answers: &[&str]) {
        for answer in answers {
            self.session.customer.turn_page();
            self.session.customer.say(answer, json!({}));
            self.session.customer.expect("error", json!({ "problem": "not_now" }));
        }
    }

    #[track_caller]
    fn begin(stands: Stands) -> Self {
        if stands == Stands::WhoCalled { Self::asked_who_called() } else { Self::choosing() }
    }

    /// What is to stand stands.
    #[track_caller]
    fn reach(&mut self, stands: Stands) {
        let shown = !matches!(stands, Stands::WhoCalled | Stands::Choosing);
        if shown {
            self.show();
        }
        match stands {
            Stands::WhoCalled | Stands::Choosing => {}
            Stands::Paused => {
                self.session.customer.say("pause", json!({}));
                self.session.customer.expect("sharing", json!({ "state": "paused" }));
                let picture = self.painter.picture(self.canvas).clone();
                self.session.await_gone("the paused window", &picture);
            }
            Stands::ControlAsked => self.ask("request_control", "control"),
            Stands::RecordingAsked => self.ask("request_recording", "recording"),
            Stands::TurnAsked => self.ask("request_turn", "turn"),
            Stands::ShowAsked => {
                self.session.advisor.say("ask_to_show", json!({ "text": "Ihr Postfach bitte" }));
                self.session.customer.expect("asked_to_show", json!({ "text": "Ihr Postfach bitte" }));
                self.session.advisor.expect("ask", json!({ "state": "open" }));
            }
            Stands::Mark => self.draw(),
            Stands::ClipboardSwitch => self.open_clipboards(),
            Stands::TextOffered => {
                self.session.advisor.say("offer_text", json!({ "text": "of before the cut" }));
                self.session.customer.expect("text_offered", json!({ "text": "of before the cut" }));
                self.session.advisor.expect("text_state", json!({ "state": "waiting" }));
            }
        }
    }

    /// The line is cut and comes back, and nothing is seen in between. Whoever's
    /// line stands must notice as well: the broker tells.
    #[track_caller]
    fn cut_and_mend(&mut self, stands: Stands, wire: fn(&Stage) -> &Wire) {
        // What was to be said has been said.
        self.session.exchange_lines();
        self.turn_pages();
        let sent = self.session.stage.customer_wire.up_bytes();
        wire(&self.session.stage).hold();
        self.both("line", &json!({ "state": "lost" }));
        let picture = self.painter.picture(self.canvas).clone();
        self.session.await_gone("the shared window", &picture);
        if stands == Stands::Mark {
            await_box(self.session.here(), "no mark without a line", RED, None);
            await_box(self.session.there(), "no mark at the advisor either", RED, None);
        }
        self.change();
        self.session.customer.process().await_quiet();
        self.assert_unseen();
        let sent = self.session.stage.customer_wire.up_bytes() - sent;
        assert!(sent < FEW_BYTES, "something of the picture left without a line: {sent} bytes");
        self.neither("line", &json!({ "state": "restored" }));
        wire(&self.session.stage).release();
        self.both("line", &json!({ "state": "restored" }));
    }

    /// After the cut: what is seen again, what is not, and that it can be asked
    /// for anew. A person is asked the same three times in a row and no more, so
    /// that not every cut can be followed by one more request.
    #[track_caller]
    fn check(&mut self, stands: Stands, asks_anew: bool) {
        match stands {
            Stands::WhoCalled | Stands::Choosing | Stands::Paused => {
                self.session.exchange_lines();
                self.neither("sharing", &json!({ "state": "showing" }));
                assert!(!self.session.advisor.has_told("view"), "nothing is shown");
                self.assert_unseen();
            }
            _ => {
                self.session.customer.expect("sharing", json!({ "state": "showing" }));
                self.await_seen();
                self.session.exchange_lines();
            }
        }
        match stands {
            Stands::WhoCalled => self.is_not_asked_yet(),
            Stands::Choosing => {}
            Stands::Paused => {
                self.session.customer.say("resume", json!({}));
                self.session.customer.expect("sharing", json!({ "state": "showing" }));
                self.await_seen();
            }
            Stands::ControlAsked => {
                self.both("control", &json!({ "state": "none" }));
                self.neither("control", &json!({ "state": "granted" }));
                self.is_not_asked(&["allow_control", "refuse_control"]);
                if asks_anew {
                    self.session.grant_control();
                }
            }
            Stands::RecordingAsked => {
                self.both("recording", &json!({ "state": "none" }));
                self.neither("recording", &json!({ "state": "granted" }));
                self.is_not_asked(&["allow_recording"]);
                if asks_anew {
                    self.ask("request_recording", "recording");
                    self.session.customer.say("stop_recording", json!({}));
                    self.session.advisor.expect("recording", json!({ "state": "refused" }));
                }
            }
            Stands::TurnAsked => {
                self.both("turn", &json!({ "state": "none" }));
                self.neither("turn", &json!({ "state": "granted" }));
                self.is_not_asked(&["allow_turn", "turn_back"]);
                if asks_anew {
                    self.ask("request_turn", "turn");
                    self.session.customer.say("turn_back", json!({}));
                    self.both("turn", &json!({ "state": "refused" }));
                }
            }
            Stands::ShowAsked => {
                self.session.customer.expect("asked_to_show", json!({ "text": null }));
                self.session.advisor.expect("ask", json!({ "state": "none" }));
                self.is_not_asked(&["refuse_to_show"]);
                self.session.advisor.turn_page();
                self.session.advisor.say("ask_to_show", json!({ "text": "Noch einmal bitte" }));
                self.session.customer.expect("asked_to_show", json!({ "text": "Noch einmal bitte" }));
                self.session.customer.say("refuse_to_show", json!({}));
                self.session.advisor.expect("ask", json!({ "state": "refused" }));
            }
            Stands::Mark => {
                self.both("marks", &json!({ "marks": 0 }));
                self.neither("marks", &json!({ "marks": 1 }));
                await_box(self.session.here(), "the mark does not come back", RED, None);
                await_box(self.session.there(), "nor at the advisor", RED, None);
                self.draw();
            }
            Stands::ClipboardSwitch => self.clipboards_are_closed(),
            Stands::TextOffered => self.the_offered_text_is_gone(),
        }
    }

    /// The question still stands, and only its answer opens the way to anything.
    #[track_caller]
    fn is_not_asked_yet(&mut self) {
        self.session.customer.say("share", json!({ "titles": ["shared plan"] }));
        self.session.customer.expect("error", json!({ "problem": "not_now" }));
        self.session.exchange_lines();
        self.neither("sharing", &json!({}));
    }

    #[track_caller]
    fn clipboards_are_closed(&mut self) {
        let closed = json!({ "to_watcher": false, "to_shower": false });
        self.both("clipboard", &closed);
        self.session.advisor.expect("clipboard", json!({ "lets_out": false }));
        self.turn_pages();
        for there in [false, true] {
            self.copy(there, "copied after the cut");
        }
        self.session.customer.process().await_quiet();
        self.session.advisor.process().await_quiet();
        self.session.exchange_lines();
        self.neither("clipboard", &json!({}));
        self.neither("clipboard_put", &json!({}));
        self.open_clipboards();
    }

    #[track_caller]
    fn the_offered_text_is_gone(&mut self) {
        self.session.advisor.expect("text_state", json!({ "state": "none" }));
        let number = self.session.customer.newest_ever("text_offered").expect("an offer")["number"].clone();
        self.session.customer.say("answer_text", json!({ "number": number, "take": true }));
        self.session.customer.process().await_quiet();
        self.session.exchange_lines();
        self.neither("text_state", &json!({ "state": "taken" }));
        self.neither("clipboard_put", &json!({}));
        let display = self.session.here().display().to_owned();
        let text = format!("of after the cut, {}", self.seed);
        let before = clipboard(&self.session.stage.place, "look", &display);
        assert_ne!(before.as_deref(), Some("of before the cut"));
        self.turn_pages();
        self.session.advisor.say("offer_text", json!({ "text": text }));
        let asked = self.session.customer.expect("text_offered", json!({ "text": text }));
        assert_ne!(asked["number"], number, "an answer to the first is none to this");
        self.session.customer.say("answer_text", json!({ "number": asked["number"], "take": true }));
        self.session.advisor.expect("text_state", json!({ "state": "taken" }));
        await_clipboard(&self.session.stage.place, "came", &display, &text);
    }
}

/// The line of each side is cut while this stands.
#[track_caller]
fn a_cut_while(stands: Stands) {
    let mut scene = Scene::begin(stands);
    let wires: [fn(&Stage) -> &Wire; 2] = [|stage| &stage.advisor_wire, |stage| &stage.customer_wire];
    let last = wires.len() - 1;
    for (round, wire) in wires.into_iter().enumerate() {
        scene.reach(stands);
        scene.cut_and_mend(stands, wire);
        scene.check(stands, round == last);
    }
    if stands == Stands::WhoCalled {
        scene.session.customer.say("i_did_call", json!({}));
    }
    // All of it works as before.
    scene.show();
    scene.copies.clear();
    scene.session.end_well();
}

#[test]
fn a_cut_while_the_company_is_asked_about_leaves_the_question_and_shows_nothing() {
    a_cut_while(Stands::WhoCalled);
}

#[test]
fn a_cut_while_nothing_is_chosen_shows_nothing() {
    a_cut_while(Stands::Choosing);
}

#[test]
fn a_pause_outlives_a_cut() {
    a_cut_while(Stands::Paused);
}

#[test]
fn a_request_for_control_does_not_outlive_a_cut_and_viewing_does() {
    a_cut_while(Stands::ControlAsked);
}

#[test]
fn a_request_to_record_does_not_outlive_a_cut_and_viewing_does() {
    a_cut_while(Stands::RecordingAsked);
}

#[test]
fn a_request_to_show_something_does_not_outlive_a_cut_and_viewing_does() {
    a_cut_while(Stands::TurnAsked);
}

#[test]
fn a_request_to_be_shown_something_does_not_outlive_a_cut_and_viewing_does() {
    a_cut_while(Stands::ShowAsked);
}

#[test]
fn a_mark_does_not_outlive_a_cut_and_viewing_does() {
    a_cut_while(Stands::Mark);
}

#[test]
fn the_clipboards_switch_is_off_after_a_cut_and_viewing_goes_on() {
    a_cut_while(Stands::ClipboardSwitch);
}

#[test]
fn a_text_that_was_offered_before_a_cut_can_not_be_taken_after_it() {
    a_cut_while(Stands::TextOffered);
}
