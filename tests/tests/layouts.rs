//! Text and shortcuts between keyboards of different countries: typed key by
//! key on the advisor's, through real control, into a real editor at the
//! customer's, and compared byte for byte with what the editor saves.
//!
//! What a keyboard can type is read from its display and not listed here. A
//! session is made once for each keyboard of the customer's; the advisor's is
//! another one from line to line.

use mitblick_protocol::geometry::{Point, Rect};
use mitblick_tests::{
    apps::{self, App},
    hand::key,
    keyboard::Keyboard,
    launch::Launch,
    programs,
    screen::Screen,
    session::{Session, Stage},
    wait,
};
use rustix::process::{Signal, kill_process};
use serde_json::json;
use std::{fs, path::PathBuf, time::Duration};

/// German, American, French and Swiss, as `setxkbmap` calls them.
const LAYOUTS: [&str; 4] = ["de", "us", "fr", "ch"];

/// What each must be able to type at least, or the tests would be of little.
const TYPEABLE: [(&str, &str); 4] = [
    ("de", "äöüÄÖÜß€@{}[]\\|~^`´éèàê§°²µ<>"),
    ("us", "@{}[]\\|~^`#<>'\""),
    ("fr", "éèàçùêâîôûëï§°²£@{}[]\\|~^`#<>"),
    ("ch", "äöüéèàçêâîôûñõ§°@{}[]\\|~^`´¨#<>"),
];

/// What is typed on each keyboard as far as it can.
const TEXTS: [(&str, &str); 6] = [
    ("umlauts", "Ärger über Öl, süße Äpfel: äöü ÄÖÜ ß"),
    ("accents", "é è ê ë à â î ï ô ù û ç ñ ã õ á ó í ú É È Ê À Ç Ñ"),
    ("signs", "@ € { } [ ] \\ | ~ # ^ ` ´ ¨ ° § £ µ ² < >"),
    ("digits and punctuation", "0123456789 .,;:!?-_+*/=()%&\"'$"),
    ("letters", "The QUICK brown Fox JUMPS over the lazy DOG, zyx ZYX"),
    ("tabs and lines", "one\ttwo\nthree\n\t\tfour\n\n\tfive"),
];
/// Letters that every keyboard has, typed with Caps Lock at the advisor.
const LETTERS: &str = "qwertz AZERTY m";
/// Typed with Caps Lock and Num Lock at the customer.
const UNDER_LOCKS: &str = "aA zZ qQ mM ä Ü é 1! @ € {";

/// The modifiers of the core protocol's state mask that are locks.
const CAPS: u16 = 2;
const NUM: u16 = 16;

/// An editor at the customer's that the advisor types into.
struct Desk {
    session: Session,
    editor: App,
    /// Where the editor's corner shows at the advisor.
    corner: Point,
    file: PathBuf,
    layout: &'static str,
    /// The advisor's keyboard and its layout.
    keyboard: Keyboard,
    from: &'static str,
    /// The locks that are on at the customer's because the person there has
    /// switched them on.
    locks: u16,
    faults: Vec<String>,
    runs: u32,
}

impl Desk {
    #[track_caller]
    fn new(layout: &'static str) -> Self {
        let stage = Stage::usual();
        set_layout(&stage.customer_screen, &stage, "customer", layout);
        let editor = apps::mousepad(&stage.place, &stage.customer_screen, "typed.txt", "before");
        let file = stage.place.path().join("typed.txt");
        let mut session = stage.connect();
        session.share(&["typed.txt"]);
        let window = editor.window(session.here());
        let corner = {
            let text = window.rect;
            session.await_part("the editor", Rect::new(text.x, text.y, text.width, text.height))
        };
        let keyboard = Keyboard::of(session.there().display());
        let locks = session.here().modifiers_on() & (CAPS | NUM);
        let (from, faults, runs) = ("us", Vec::new(), 0);
        let mut desk = Self { session, editor, corner, file, layout, keyboard, from, locks, faults, runs };
        desk.take_control();
        desk
    }

    /// The advisor is given control and clicks into the editor.
    #[track_caller]
    fn take_control(&mut self) {
        self.session.grant_control();
        let here = self.session.here();
        let window = self.editor.window(here);
        let middle = Point { x: window.rect.width as i32 / 2, y: window.rect.height as i32 / 2 };
        let reached = (0..8).any(|_| {
            self.session.advisor_clicks(self.corner, middle.x, middle.y);
            wait::within(Duration::from_secs(4), || here.has_keyboard(window.id).then_some(())).is_some()
        });
        assert!(reached, "the editor gets the keyboard");
    }

    /// Puts characters on unused keys of the advisor's keyboard.
    fn add_to_advisor(&mut self, characters: &str) {
        let unused = [93, 97, 103, 120, 132, 149];
        let mut launch = Launch::new(&self.session.stage.place, "xmodmap", "xmodmap");
        for (character, keycode) in characters.chars().zip(unused) {
            launch = launch.arg("-e").arg(format!("keycode {keycode} = U{:04X}", u32::from(character)));
        }
        let status = launch.display(self.session.there().display()).start().wait_end();
        assert!(status.success(), "xmodmap: {status}");
        self.keyboard = Keyboard::of(self.session.there().display());
        assert_eq!(self.keyboard.typeable(characters), characters);
    }

    fn sit_at(&mut self, layout: &'static str) {
        let name = format!("advisor-{layout}");
        set_layout(self.session.there(), &self.session.stage, &name, layout);
        self.keyboard = Keyboard::of(self.session.there().display());
        self.from = layout;
        let (_, least) = TYPEABLE.iter().find(|(of, _)| *of == layout).expect("a layout of these tests");
        assert_eq!(self.keyboard.typeable(least), *least, "{layout}");
    }

    /// The advisor strikes a key while others are held.
    fn strike(&self, held: &[u32], keysym: u32) {
        self.session.there().hand.strike_on(&self.keyboard, held, keysym);
    }

    /// A shortcut, by the letter that stands on the advisor's key.
    fn control(&self, letter: char) {
        self.strike(&[key::CONTROL], u32::from(letter));
    }

    fn type_text(&self, text: &str) {
        self.session.there().hand.type_on(&self.keyboard, text);
    }

    /// Replaces all by a text, saves it and compares.
    fn text(&mut self, what: &str, text: &str, expected: &str) {
        self.control('a');
        self.type_text(text);
        self.saved(what, expected);
    }

    /// Saves and compares, and looks that nothing is left held at the customer,
    /// and that locks and layout are the person's.
    fn saved(&mut self, what: &str, expected: &str) {
        let locks = self.locks;
        self.control('s');
        self.runs += 1;
        let is_there = || (fs::read(&self.file).ok()? == expected.as_bytes()).then_some(());
        if wait::within(wait::PATIENCE, is_there).is_none() {
            let found = fs::read_to_string(&self.file).unwrap_or_default();
            self.faults.push(format!("{} → {}, {what}: {expected:?} became {found:?}", self.from, self.layout));
        }
        let here = self.session.here();
        let free = || (!here.any_key_down() && here.modifiers_on() == locks && here.layout() == 0).then_some(());
        if wait::within(wait::PATIENCE, free).is_none() {
            let (on, layout) = (here.modifiers_on(), here.layout());
            let (from, to) = (self.from, self.layout);
            let found = format!("modifiers {on:#x} instead of {locks:#x}, layout {layout}");
            self.faults.push(format!("{from} → {to}, {what}: {found}"));
        }
    }

    /// Strikes a key that locks something at one side and waits until it is so.
    fn lock(screen: &Screen, keysym: u32, bit: u16, on: bool) {
        if (screen.modifiers_on() & bit != 0) != on {
            screen.hand.strike_on(&Keyboard::of(screen.display()), &[], keysym);
            wait::until("the lock", || ((screen.modifiers_on() & bit != 0) == on).then_some(()));
        }
    }

    fn locks(screen: &Screen, on: bool) {
        Self::lock(screen, key::CAPS_LOCK, CAPS, on);
        Self::lock(screen, key::NUM_LOCK, NUM, on);
    }

    /// All that is typed at one keyboard of the advisor's.
    fn type_all(&mut self) {
        for (what, text) in TEXTS {
            let text = self.keyboard.typeable(text);
            self.text(what, &text, &text);
        }
        self.shortcuts();
        let text = self.keyboard.typeable(UNDER_LOCKS);
        Self::locks(self.session.here(), true);
        self.locks = CAPS | NUM;
        self.text("locks at the customer", &text, &text);
        Self::locks(self.session.here(), false);
        self.locks = 0;
        Self::locks(self.session.there(), true);
        self.text("locks at the advisor", LETTERS, &swapped(LETTERS));
        Self::locks(self.session.there(), false);
    }

    /// Select all, copy, paste twice, undo; the arrows, Home, End and Delete.
    fn shortcuts(&mut self) {
        self.text("before shortcuts", "one", "one");
        self.control('a');
        self.control('c');
        self.strike(&[], key::END);
        self.control('v');
        self.control('v');
        self.saved("copied and pasted", "oneoneone");
        self.control('z');
        self.saved("undone", "oneone");
        self.strike(&[], key::HOME);
        self.strike(&[], key::DELETE);
        self.strike(&[], key::RIGHT);
        self.strike(&[], key::RIGHT);
        self.strike(&[], key::LEFT);
        self.type_text("x");
        self.strike(&[], key::END);
        self.type_text("y");
        self.saved("moved about", "nxeoney");
    }

    /// What is in the customer's clipboard.
    fn clipboard(&self) -> Option<String> {
        let read = Launch::new(&self.session.stage.place, "xclip", "xclip").args(["-o", "-selection", "clipboard"]);
        let (status, text) = programs::run_to_end(read.display(self.session.here().display()));
        status.success().then_some(text)
    }

    #[track_caller]
    fn done(self) {
        assert!(self.faults.is_empty(), "{} of {}:\n{}", self.faults.len(), self.runs, self.faults.join("\n"));
        self.session.end_well();
    }
}

fn set_layout(screen: &Screen, stage: &Stage, name: &str, layout: &str) {
    let launch = Launch::new(&stage.place, &format!("setxkbmap-{name}"), "setxkbmap");
    let status = launch.display(screen.display()).arg(layout).start().wait_end();
    assert!(status.success(), "setxkbmap {layout}: {status}");
}

/// What Caps Lock makes of letters.
fn swapped(text: &str) -> String {
    let swap = |c: char| if c.is_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
    text.chars().map(swap).collect()
}

#[track_caller]
fn every_keyboard_types_on(layout: &'static str) {
    let mut desk = Desk::new(layout);
    for from in LAYOUTS {
        desk.sit_at(from);
        desk.type_all();
    }
    desk.done();
}

#[test]
fn every_keyboard_types_on_a_german_one() {
    every_keyboard_types_on("de");
}

#[test]
fn every_keyboard_types_on_an_american_one() {
    every_keyboard_types_on("us");
}

#[test]
fn every_keyboard_types_on_a_french_one() {
    every_keyboard_types_on("fr");
}

#[test]
fn every_keyboard_types_on_a_swiss_one() {
    every_keyboard_types_on("ch");
}

#[test]
fn what_no_layout_has_arrives_too() {
    let mut desk = Desk::new("us");
    let foreign = "😀日Жẞ♥";
    desk.add_to_advisor(foreign);
    desk.text("foreign characters", "😀 ok 日日 Ж😀 ẞ♥", "😀 ok 日日 Ж😀 ẞ♥");
    desk.done();
}

/// What is made of several code points can't be struck at all: it goes through
/// the clipboard, with the customer's yes.
#[test]
fn emoji_are_pasted_once_the_customer_has_taken_the_text() {
    let mut desk = Desk::new("us");
    let text = "👩\u{200d}💻 👍🏽 🇩🇪 ❤\u{fe0f} 😀";
    desk.text("before", "one", "one");
    desk.session.advisor.say("offer_text", json!({ "text": text }));
    let asked = desk.session.customer.expect("text_offered", json!({ "text": text }));
    desk.control('v');
    // What is saved tells that the editor has dealt with the keys before it,
    // and its rest that it does not wait for a text any more.
    desk.type_text("!");
    desk.saved("nothing is there to be pasted before the yes", "one!");
    desk.editor.process.await_quiet();
    desk.session.customer.say("answer_text", json!({ "number": asked["number"], "take": true }));
    desk.session.advisor.expect("text_state", json!({ "state": "taken" }));
    wait::until("the text is in the customer's clipboard", || {
        (desk.clipboard().as_deref() == Some(text)).then_some(())
    });
    desk.strike(&[], key::END);
    desk.control('v');
    let expected = format!("one!{text}");
    // The editor fetches the text when it can; what is saved before has none.
    let saved = wait::within(wait::PATIENCE, || {
        desk.control('s');
        let is_there = || (fs::read(&desk.file).ok()? == expected.as_bytes()).then_some(());
        wait::within(Duration::from_secs(1), is_there)
    });
    assert!(saved.is_some(), "pasted: {:?}", fs::read_to_string(&desk.file));
    desk.saved("pasted", &expected);
    desk.done();
}

#[test]
fn the_customers_keyboard_is_as_it_was_when_control_ends_and_when_the_program_is_killed() {
    let mut desk = Desk::new("us");
    let keyboard = |desk: &Desk| Keyboard::of(desk.session.here().display());
    let before = keyboard(&desk);
    desk.sit_at("de");
    desk.text("umlauts", "äöü", "äöü");
    assert_ne!(keyboard(&desk), before, "an American keyboard has none");
    // It would clear what the program itself forgets.
    let guard = desk.session.customer.process().child_with("--release-held-input").expect("a guard");
    kill_process(guard, Signal::KILL).expect("to kill it");
    desk.session.here().hand.strike(key::F12);
    desk.session.customer.expect("control", json!({ "state": "revoked" }));
    wait::until("the keyboard is as it was", || (keyboard(&desk) == before).then_some(()));

    desk.take_control();
    desk.text("umlauts again", "ÄÖÜß", "ÄÖÜß");
    assert_ne!(keyboard(&desk), before);
    desk.session.customer.process_mut().kill();
    wait::until("the keyboard is as it was", || (keyboard(&desk) == before).then_some(()));
    assert!(desk.faults.is_empty(), "{}", desk.faults.join("\n"));
}
