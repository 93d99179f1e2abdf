//! A customer that is nobody's program, and the advisor's real one.

use super::{
    PLANTED, files, first_line,
    words::{Then, Word, of_showers},
};
use mitblick_protocol::{
    chat::{ChatMsg, ChatNumber, ChatText},
    peer_msg::{SharingState, ToWatcher},
    sealed::Stream,
    talk::TalkMsg,
    text::DisplayText,
};
use mitblick_tests::{
    clip::clipboard,
    false_broker::FalseBroker,
    launch::Place,
    programs::{self, AdvisorOptions},
    screen::{Screen, ScreenOptions},
    session::check_log,
    talker::Talker,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::PathBuf, sync::mpsc::channel};

/// What the customer has said when the word comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Choosing,
    Showing,
    Paused,
}

impl When {
    fn words(self) -> &'static [SharingState] {
        match self {
            Self::Choosing => &[],
            Self::Showing => &[SharingState::Showing],
            Self::Paused => &[SharingState::Showing, SharingState::Paused],
        }
    }
}

struct Victim {
    advisor: Talker,
    broker: FalseBroker,
    screen: Screen,
    place: Place,
}

impl Victim {
    #[track_caller]
    fn new() -> Self {
        let place = Place::new();
        let screen = Screen::start(&place, "advisor", &ScreenOptions::default());
        let broker = FalseBroker::start();
        let options = AdvisorOptions { fullscreen: false, ..AdvisorOptions::default() };
        let advisor = programs::advisor(&place, "advisor", screen.display(), broker.url(), &options);
        Self { advisor, broker, screen, place }
    }

    fn on_disk(&self) -> BTreeSet<PathBuf> {
        let journal = |path: &PathBuf| !path.to_string_lossy().contains("mitblick-advisor");
        files(&self.place.path().join("home-advisor")).into_iter().filter(journal).collect()
    }

    /// Says a word at this moment, and looks at what comes of it.
    #[track_caller]
    fn hear(&mut self, when: When, word: &Word, then: Then) {
        let what = format!("{} while {when:?}", word.what);
        let number = programs::number(&self.advisor);
        let (talk, words) = channel::<Vec<(Stream, Vec<u8>)>>();
        self.broker.show(&number, move |shower| {
            shower.say_bytes(Stream::Control, &bytes!(&ToWatcher::Hello { version: DisplayText::cleaned("1") }))?;
            for state in when.words() {
                shower.say_bytes(Stream::Control, &bytes!(&ToWatcher::Sharing(*state)))?;
            }
            shower.say_bytes(Stream::Chat, &first_line())?;
            for (stream, message) in words.into_iter().flatten() {
                shower.say_bytes(stream, &message)?;
            }
            Ok(())
        });
        self.advisor.expect("chat", json!({ "number": 1 }));
        self.advisor.turn_page();
        let before = self.on_disk();
        let mut says = word.says.clone();
        let text = ChatText::new("and still here").expect("a line");
        let line = TalkMsg::Chat(ChatMsg::Said { number: ChatNumber(2), text });
        says.push((Stream::Chat, bytes!(&line)));
        talk.send(says).expect("the other side is there");
        let told = |event: &Value| event["event"] == "chat" || event["event"] == "ended";
        let first = self.advisor.expect_where(&format!("an end or a line after {what}"), told);
        match then {
            Then::Ends => assert_eq!(first["reason"], "other_side_misbehaved", "{what}: {first}"),
            Then::Nothing => {
                assert_eq!(first["event"], "chat", "{what}: {first}");
                let more = self.advisor.told().into_iter().find(|event| *event != first);
                assert_eq!(more, None, "{what}");
                self.advisor.say("end", json!({}));
                self.advisor.expect("ended", json!({ "reason": "this_side" }));
            }
            Then::IsHonest => unreachable!("what is honest is not said here"),
        }
        assert_eq!(self.on_disk(), before, "{what}: no file");
        self.advisor.turn_page();
        self.advisor.say("new_number", json!({}));
    }

    /// All words that are not honest at this moment.
    #[track_caller]
    fn hear_all(mut self, when: When) {
        let words = of_showers();
        for word in &words {
            let then = word.then[when as usize];
            if then != Then::IsHonest {
                self.hear(when, word, then);
            }
        }
        assert!(words.len() > 30, "the table is there");
        let text = clipboard(&self.place, "look", self.screen.display());
        assert_ne!(text.as_deref(), Some(PLANTED));
        check_log("advisor", &self.advisor.process().log());
    }
}

#[test]
fn what_no_customer_says_before_anything_is_shown_ends_the_session_or_does_nothing() {
    Victim::new().hear_all(When::Choosing);
}

#[test]
fn what_no_customer_says_while_something_is_shown_ends_the_session_or_does_nothing() {
    Victim::new().hear_all(When::Showing);
}

#[test]
fn what_no_customer_says_during_a_pause_ends_the_session_or_does_nothing() {
    Victim::new().hear_all(When::Paused);
}
