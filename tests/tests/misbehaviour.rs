//! One side of a session is nobody's program and says what no honest one would
//! at that moment, to the real program of the other side. Either the session
//! ends at once, or nothing happens: not on the screen, not on the disk, not in
//! the clipboard.

/// A message as it goes over the wire.
macro_rules! bytes {
    ($message:expr) => {
        mitblick_protocol::wire::encode($message).expect("a message")
    };
}

#[path = "misbehaviour/showers.rs"]
mod showers;
#[path = "misbehaviour/words.rs"]
mod words;

use mitblick_protocol::{
    chat::{ChatMsg, ChatNumber, ChatText},
    geometry::Rect,
    marks::MarkColour,
    peer_msg::ToShower,
    sealed::Stream,
    talk::TalkMsg,
    text::DisplayText,
};
use mitblick_tests::{
    clip::clipboard,
    false_broker::FalseBroker,
    ink::box_of,
    launch::Place,
    paint::{Canvas, CanvasOptions, Painter},
    programs,
    screen::{Screen, ScreenOptions},
    session::check_log,
    talker::Talker,
    wait,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Sender, channel},
};
use words::{Then, Word, of_watchers};

const RED: u32 = MarkColour::Red.rgb();

/// A text that must never be in a clipboard.
const PLANTED: &str = "planted by the other side";

/// What the customer is doing when the word comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Choosing,
    Showing,
    Paused,
}

/// A line of chat, the first one: the other side has dealt with whatever came
/// before it on its way.
fn first_line() -> Vec<u8> {
    let text = ChatText::new("still here").expect("a line");
    bytes!(&TalkMsg::Chat(ChatMsg::Said { number: ChatNumber(1), text }))
}

/// All files and folders in here.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(files(&path));
        }
        found.insert(path);
    }
    found
}

/// A customer with a window that can be shown.
struct Victim {
    customer: Talker,
    painter: Painter,
    canvas: Canvas,
    broker: FalseBroker,
    screen: Screen,
    place: Place,
}

impl Victim {
    #[track_caller]
    fn new() -> Self {
        let place = Place::new();
        let screen = Screen::start(&place, "customer", &ScreenOptions::default());
        let broker = FalseBroker::start();
        let options = CanvasOptions::new("shared plan", Rect::new(80, 120, 420, 300), 0x00d0_d8e0);
        let (mut painter, canvas) = Painter::with_window(&place, "shared", &screen, &options);
        painter.noise(canvas, Rect::new(20, 220, 120, 60), 1);
        let customer = programs::customer(&place, "customer", screen.display(), broker.url(), None);
        let mut victim = Self { customer, painter, canvas, broker, screen, place };
        // The company is known from here on.
        let talk = victim.meet(false);
        victim.customer.say("i_did_call", json!({}));
        let home = victim.place.path().join("home-customer/.local/share/mitblick-customer/known-brokers");
        wait::until("the company is remembered", || fs::metadata(&home).ok().filter(|file| file.len() > 0));
        victim.part();
        drop(talk);
        victim
    }

    /// A session with a watcher that greets, if it is to, and then says what it
    /// is given.
    #[track_caller]
    fn meet(&mut self, greets: bool) -> Sender<Vec<(Stream, Vec<u8>)>> {
        let (talk, words) = channel::<Vec<(Stream, Vec<u8>)>>();
        let number = self.broker.watch(move |watcher| {
            if greets {
                watcher.say(&ToShower::Hello { version: DisplayText::cleaned("1") })?;
            }
            for (stream, message) in words.into_iter().flatten() {
                watcher.say_bytes(stream, &message)?;
            }
            Ok(())
        });
        self.customer.turn_page();
        self.customer.say("join", json!({ "number": number }));
        self.customer.expect("connected", json!({}));
        talk
    }

    #[track_caller]
    fn part(&mut self) {
        self.customer.say("end", json!({}));
        self.customer.expect("ended", json!({ "reason": "this_side" }));
    }

    #[track_caller]
    fn reach(&mut self, when: When) {
        if when == When::Choosing {
            return;
        }
        self.customer.say("share", json!({ "titles": ["shared plan"] }));
        self.customer.expect("sharing", json!({ "state": "showing" }));
        if when == When::Paused {
            self.customer.say("pause", json!({}));
            self.customer.expect("sharing", json!({ "state": "paused" }));
        }
    }

    /// What the other side could have left behind.
    fn on_disk(&self) -> BTreeSet<PathBuf> {
        let mut found = files(&self.place.path().join("home-customer"));
        found.extend(files(&self.place.path().join("run-customer")));
        found
    }

    /// Says a word at this moment, and looks at what comes of it.
    #[track_caller]
    fn hear(&mut self, when: When, greets: bool, word: &Word, then: Then) {
        let what = format!("{} while {when:?}", word.what);
        let talk = self.meet(greets);
        self.reach(when);
        self.customer.turn_page();
        let before = self.on_disk();
        let mut says = word.says.clone();
        says.push((Stream::Chat, first_line()));
        talk.send(says).expect("the other side is there");
        let told = |event: &Value| event["event"] == "chat" || event["event"] == "ended";
        let first = self.customer.expect_where(&format!("an end or a line after {what}"), told);
        match then {
            Then::Ends => assert_eq!(first["reason"], "other_side_misbehaved", "{what}: {first}"),
            Then::Nothing => {
                assert_eq!(first["event"], "chat", "{what}: {first}");
                let more = self.customer.told().into_iter().find(|event| *event != first);
                assert_eq!(more, None, "{what}");
                self.part();
            }
            Then::IsHonest => unreachable!("what is honest is not said here"),
        }
        assert_eq!(box_of(&self.screen.frame(), RED), None, "{what}: no mark");
        assert_eq!((self.painter.typed().as_str(), self.painter.clicks()), ("", 0), "{what}: no input");
        assert_eq!(self.on_disk(), before, "{what}: no file");
    }

    /// All words that are not honest at this moment.
    #[track_caller]
    fn hear_all(mut self, when: When) {
        let words = of_watchers();
        for word in &words {
            let then = word.then[when as usize];
            if then != Then::IsHonest {
                self.hear(when, true, word, then);
            }
        }
        assert!(words.len() > 30, "the table is there");
        let seen = self.screen.window("shared plan").expect("the window is still there");
        assert_eq!(seen, self.painter.seen(self.canvas, &self.screen));
        let text = clipboard(&self.place, "look", self.screen.display());
        assert_ne!(text.as_deref(), Some(PLANTED));
        check_log("customer", &self.customer.process().log());
    }
}

#[test]
fn what_no_advisor_says_while_the_customer_chooses_ends_the_session_or_does_nothing() {
    Victim::new().hear_all(When::Choosing);
}

#[test]
fn what_no_advisor_says_while_something_is_shown_ends_the_session_or_does_nothing() {
    Victim::new().hear_all(When::Showing);
}

#[test]
fn what_no_advisor_says_during_a_pause_ends_the_session_or_does_nothing() {
    Victim::new().hear_all(When::Paused);
}

#[test]
fn an_advisor_who_asks_before_greeting_is_sent_away() {
    let mut victim = Victim::new();
    for (what, message) in [
        ("a request for control", ToShower::RequestControl),
        ("a request to record", ToShower::RequestRecording),
        ("a request to show something", ToShower::RequestTurn),
        ("what gives nothing back", ToShower::GiveBackControl),
    ] {
        let word = Word { what, says: vec![(Stream::Control, bytes!(&message))], then: [Then::Ends; 3] };
        victim.hear(When::Showing, false, &word, Then::Ends);
    }
}
