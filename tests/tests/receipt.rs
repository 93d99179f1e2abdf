//! The receipt that the customer keeps, checked by the real command, and what
//! it says of a session that breaks.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    hand::key,
    launch::Launch,
    paint::{CanvasOptions, Painter},
    programs,
    session::{Session, Stage, StageOptions},
    talker::Talker,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A session in which a window is shown and control was granted and taken back
/// with the stop key.
#[track_caller]
fn stopped(stage: Stage) -> (Session, Painter) {
    let options = CanvasOptions::new("shared plan", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.grant_control();
    session.here().hand.strike(key::F12);
    session.customer.expect("control", json!({ "state": "revoked" }));
    session.advisor.expect("control", json!({ "state": "revoked" }));
    // The entry about it follows the word.
    session.exchange_lines();
    (session, shared)
}

/// The customer keeps the receipt after the end.
#[track_caller]
fn keep(session: &mut Session) -> PathBuf {
    session.customer.expect("ended", json!({}));
    let file = session.stage.place.path().join("receipt.html");
    session.customer.say("keep_receipt", json!({ "path": file }));
    session.customer.expect("receipt_kept", json!({ "path": file }));
    file
}

/// What the program says of a file: exit code and text.
#[track_caller]
fn receipt(session: &Session, what: &str, file: &Path, language: &str) -> (Option<i32>, String) {
    let launch = Launch::new(&session.stage.place, "receipt", programs::path("mitblick-customer"));
    let launch = launch.args(["receipt", what, "--language", language]).arg(file);
    let (status, text) = programs::run_to_end(launch);
    (status.code(), text)
}

#[test]
fn a_kept_receipt_is_checked_offline_and_a_changed_byte_is_found() {
    let (mut session, _shared) = stopped(Stage::usual());
    session.customer.say("end", json!({}));
    let file = keep(&mut session);
    let (code, text) = receipt(&session, "verify", &file, "en");
    assert!(code == Some(0) && text.contains("unchanged"), "{code:?} {text}");
    assert!(text.contains("Both programs have signed everything up to the end"), "{text}");
    let pin = session.stage.broker.url().split_once('#').expect("a pin").1.to_owned();
    assert!(text.contains(&pin) && text.contains("Example Help Desk"), "{text}");
    for (language, parts) in [
        ("en", ["Shown:", "asked for control", "15 minutes", "the stop key", "You ended the session"]),
        (
            "de",
            [
                "Gezeigt wurde:",
                "hat um die Steuerung gebeten",
                "15 Minuten",
                "der Stopptaste",
                "Sie haben die Sitzung beendet",
            ],
        ),
    ] {
        let (code, text) = receipt(&session, "show", &file, language);
        assert_eq!(code, Some(0), "{text}");
        let places: Vec<_> = parts.iter().map(|part| text.find(part)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {text}");
    }

    // It is never overwritten.
    let kept = fs::read(&file).expect("the receipt");
    session.customer.turn_page();
    session.customer.say("keep_receipt", json!({ "path": file }));
    session.customer.expect("error", json!({ "problem": "receipt_exists" }));
    assert_eq!(fs::read(&file).expect("the receipt"), kept);

    let text = String::from_utf8(kept).expect("text");
    let other = session.stage.place.path().join("changed.html");
    for (from, to, place) in [
        ("\"limit_s\": 900", "\"limit_s\": 901", "event 3"),
        ("stop key", "stop cay", "readable part"),
        ("\"broker_pin\": \"", "\"broker_pim\": \"", "line"),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        fs::write(&other, text.replacen(from, to, 1)).expect("a file");
        let (code, said) = receipt(&session, "verify", &other, "en");
        assert!(code == Some(1) && said.contains(place), "{code:?} {said}");
        let (code, said) = receipt(&session, "show", &other, "de");
        assert!(code == Some(1) && said.contains("verändert"), "nothing is shown of it: {code:?} {said}");
    }
    let (code, said) = receipt(&session, "verify", &other.with_extension("nothing"), "en");
    assert!(code == Some(2) && said.contains("can't be read"), "{code:?} {said}");
}

/// One side gives the other a file; gives its hash as both programs tell it.
#[track_caller]
fn give(from: &mut Talker, to: &mut Talker, path: &Path, folder: &Path) -> String {
    from.turn_page();
    to.turn_page();
    from.say("offer_files", json!({ "paths": [path] }));
    let asked = to.expect("file_offer", json!({ "way": "in" }));
    to.say("accept_file", json!({ "offer": asked["offer"], "folder": folder }));
    let hash = |done: Value| done["sha256"].as_str().expect("a hash").to_owned();
    let [here, there] =
        [(&*to, "in"), (&*from, "out")].map(|(side, way)| hash(side.expect("file_done", json!({ "way": way }))));
    assert_eq!(here, there);
    here
}

#[test]
fn a_receipt_names_the_files_of_both_ways_with_their_hashes_and_a_changed_digit_is_found() {
    let mut session = Stage::usual().connect();
    let saved = session.stage.place.folder("saved");
    let letter = session.stage.place.file("Vollmacht.txt", "from the advisor to the customer");
    let picture = session.stage.place.file("Foto.txt", "from the customer to the advisor");
    let Session { advisor, customer, .. } = &mut session;
    let to_customer = give(advisor, customer, &letter, &saved);
    let to_advisor = give(customer, advisor, &picture, &saved);
    assert_ne!(to_customer, to_advisor);
    // The entries follow the words about the files.
    session.exchange_lines();
    session.customer.say("end", json!({}));
    let file = keep(&mut session);
    let (code, text) = receipt(&session, "verify", &file, "en");
    assert!(code == Some(0) && text.contains("Both programs have signed everything up to the end"), "{code:?} {text}");
    for (language, from_advisor, from_customer) in [
        ("en", "vera gave you the file “Vollmacht.txt” (32 bytes", "You gave vera the file “Foto.txt” (32 bytes"),
        (
            "de",
            "vera hat Ihnen die Datei „Vollmacht.txt“ gegeben (32",
            "Sie haben vera die Datei „Foto.txt“ gegeben (32",
        ),
    ] {
        let (code, text) = receipt(&session, "show", &file, language);
        assert_eq!(code, Some(0), "{text}");
        let line = |hash: &str| text.lines().position(|line| line.contains(&format!("SHA-256 {hash}")));
        let (first, second) = (line(&to_customer), line(&to_advisor));
        assert!(first.is_some() && first < second, "{first:?} {second:?} in {text}");
        for (line, words) in [(first, from_advisor), (second, from_customer)] {
            let line = line.and_then(|line| text.lines().nth(line)).unwrap_or_default();
            assert!(line.contains(words), "“{words}” in “{line}”");
        }
    }

    // A digit of a hash, in what people read and in what was signed, which has
    // it in another form.
    let kept = fs::read_to_string(&file).expect("the receipt");
    let other = session.stage.place.path().join("changed.html");
    for (hash, event) in [(&to_customer, "event 1"), (&to_advisor, "event 2")] {
        for (form, place) in [(hash.clone(), "readable part"), (as_signed(hash), event)] {
            let [at] = kept.match_indices(&form).map(|(at, _)| at).collect::<Vec<_>>()[..] else {
                panic!("{form} is once in {kept}")
            };
            let middle = at + form.len() / 2;
            let digit = if kept.as_bytes()[middle] == b'0' { "1" } else { "0" };
            let mut changed = kept.clone();
            changed.replace_range(middle..=middle, digit);
            fs::write(&other, &changed).expect("a file");
            let (code, said) = receipt(&session, "verify", &other, "en");
            assert!(code == Some(1) && said.contains(place), "{place}: {code:?} {said}");
            let (code, said) = receipt(&session, "show", &other, "de");
            assert!(code == Some(1) && said.contains("verändert"), "nothing is shown of it: {code:?} {said}");
        }
    }
}

/// A hash as the data at the end of a receipt has it.
fn as_signed(hex: &str) -> String {
    let digits = hex.as_bytes().chunks(2).map(|digits| std::str::from_utf8(digits).expect("digits"));
    let bytes: Vec<u8> = digits.map(|digits| u8::from_str_radix(digits, 16).expect("a byte")).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn an_end_by_the_advisor_is_signed_by_both() {
    let (mut session, _shared) = stopped(Stage::usual());
    session.advisor.say("end", json!({}));
    let file = keep(&mut session);
    let (code, text) = receipt(&session, "verify", &file, "en");
    assert!(code == Some(0) && text.contains("Both programs have signed everything"), "{code:?} {text}");
}

#[test]
fn a_session_that_breaks_leaves_a_receipt_that_says_where_the_other_side_stopped_signing() {
    let mut options = StageOptions::default();
    options.broker.extend(["--resume-seconds", "1"]);
    let (mut session, _shared) = stopped(Stage::new(options));
    session.advisor.process_mut().kill();
    let file = keep(&mut session);
    let (code, text) = receipt(&session, "verify", &file, "en");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("The other side has signed "), "{text}");
    let (_, text) = receipt(&session, "show", &file, "en");
    assert!(text.contains("The session broke off"), "{text}");
}

#[test]
fn a_receipt_is_whole_even_if_the_program_is_closed_as_soon_as_it_is_wanted() {
    let (mut session, _shared) = stopped(Stage::usual());
    session.customer.say("end", json!({}));
    session.customer.expect("ended", json!({}));
    let file = session.stage.place.path().join("receipt.html");
    session.customer.say("keep_receipt", json!({ "path": file }));
    session.customer.say("quit", json!({}));
    assert!(session.customer.wait_end().success());
    let (code, text) = receipt(&session, "verify", &file, "en");
    assert!(code == Some(0) && text.contains("unchanged"), "{code:?} {text}");
}
