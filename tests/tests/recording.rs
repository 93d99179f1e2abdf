//! Recording: with consent alone, exactly what was shown, opened by the
//! customer's code and by nothing else, exported as a video that others play.

use mitblick_client_core::recording::{Folder, Player, RecordingError};
use mitblick_protocol::{
    geometry::{Point, Rect},
    recording::{OpenError, RecordingCode},
};
use mitblick_tests::{
    frame::Frame,
    launch::Launch,
    paint::{Canvas, CanvasOptions, Painter},
    programs,
    session::{ORGANISATION, Session, Stage, StageOptions},
    wait,
};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

const SHARED: Rect = Rect::new(80, 120, 420, 300);
/// Between two looks of the recorder, and more.
const LOOKED_S: f64 = 0.3;

/// A session that shows a window, under a rule that allows recordings.
#[track_caller]
fn showing() -> (Session, Painter, Canvas) {
    let stage = Stage::new(StageOptions { rules: vec![("recording", "allowed")], ..StageOptions::default() });
    let options = CanvasOptions::new("shared plan", SHARED, 0x00d0_d8e0);
    let (mut painter, canvas) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    painter.noise(canvas, Rect::new(20, 220, 120, 60), 1);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the window", painter.picture(canvas));
    (session, painter, canvas)
}

/// The advisor asks and the customer allows it. Gives the customer's code and
/// the file.
#[track_caller]
fn record(session: &mut Session, both: bool) -> (RecordingCode, PathBuf) {
    session.advisor.say("request_recording", json!({}));
    session.customer.expect("recording", json!({ "state": "asked" }));
    session.customer.say("allow_recording", json!({ "both": both }));
    let granted = session.customer.expect("recording", json!({ "state": "granted", "both": both }));
    let code = granted["code"].as_str().and_then(|code| RecordingCode::parse(code).ok()).expect("a code");
    let written = session.advisor.expect_where("the file", |event| {
        event["event"] == "recording" && event["state"] == "granted" && event["file"].is_string()
    });
    (code, written["file"].as_str().expect("a path").into())
}

/// Until the recording, though it goes on, ends with this picture; `None` =
/// with nothing shown.
#[track_caller]
fn await_recorded(session: &Session, file: &Path, code: &RecordingCode, wanted: Option<&Frame>) {
    let share = folder(session).share().expect("readable");
    wait::until("the recording has the newest picture", || {
        let mut player = Player::open(file, code, share.as_ref()).ok()?;
        let end_ms = player.length_ms();
        let last = picture(&mut player, end_ms);
        let is_it = match wanted {
            Some(wanted) => last.is_some_and(|last| last.find(wanted).is_some()),
            None => last.is_none(),
        };
        is_it.then_some(())
    });
}

#[track_caller]
fn ended(session: &Session, why: &str) {
    for side in [&session.customer, &session.advisor] {
        side.expect("recording", json!({ "state": "ended", "why": why }));
    }
}

fn folder(session: &Session) -> Folder {
    Folder::below(&session.stage.place.folder("advisor.workplace"))
}

#[track_caller]
fn open(session: &Session, file: &Path, code: &RecordingCode) -> Player {
    let share = folder(session).share().expect("readable");
    wait::until("the recording is whole", || Player::open(file, code, share.as_ref()).ok().filter(Player::is_complete))
}

/// The picture at a moment.
#[track_caller]
fn picture(player: &mut Player, at_ms: u64) -> Option<Frame> {
    player.seek(at_ms).expect("it can be read there");
    let (size, pixels) = player.picture()?;
    let mut frame = Frame::plain(size, 0);
    frame.pixels.copy_from_slice(pixels);
    Some(frame)
}

/// All pictures of a recording, in order.
#[track_caller]
fn pictures(player: &mut Player) -> Vec<Option<Frame>> {
    let mut all = vec![picture(player, 0)];
    while let Some(next_ms) = player.next_ms().expect("readable") {
        all.push(picture(player, next_ms));
    }
    all
}

#[test]
fn it_holds_exactly_what_was_shown_in_order_and_nothing_else() {
    let (mut session, mut painter, canvas) = showing();
    let secret = CanvasOptions::new("secret", Rect::new(560, 120, 200, 160), 0x00c0_ffee);
    let (_other, _secret) = Painter::with_window(&session.stage.place, "other", session.here(), &secret);
    let first = painter.picture(canvas).clone();
    let (code, file) = record(&mut session, false);
    await_recorded(&session, &file, &code, Some(&first));
    painter.noise(canvas, Rect::new(200, 40, 160, 120), 7);
    let second = painter.picture(canvas).clone();
    session.await_picture("what changed", &second);
    await_recorded(&session, &file, &code, Some(&second));

    session.customer.say("pause", json!({}));
    session.customer.expect("sharing", json!({ "state": "paused" }));
    painter.noise(canvas, Rect::new(200, 40, 160, 120), 8);
    let hidden = painter.picture(canvas).clone();
    await_recorded(&session, &file, &code, None);
    painter.noise(canvas, Rect::new(200, 40, 160, 120), 10);
    session.customer.say("resume", json!({}));
    let third = painter.picture(canvas).clone();
    session.await_picture("the window again", &third);
    await_recorded(&session, &file, &code, Some(&third));
    session.advisor.say("stop_recording", json!({}));
    ended(&session, "Stopped");
    // After the end nothing is written any more.
    painter.noise(canvas, Rect::new(200, 40, 160, 120), 9);
    let fourth = painter.picture(canvas).clone();
    session.await_picture("what is not recorded", &fourth);

    let mut player = open(&session, &file, &code);
    let all = pictures(&mut player);
    let has = |wanted: &Frame| {
        all.iter().position(|picture| picture.as_ref().is_some_and(|picture| picture.find(wanted).is_some()))
    };
    let order: Vec<_> = [&first, &second, &third].into_iter().map(has).collect();
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{order:?} of {}", all.len());
    let seen = painter.seen(canvas, session.here()).rect;
    let begin = all.iter().flatten().next().and_then(|picture| picture.find(&first));
    assert_eq!(begin, Some(Point { x: seen.x, y: seen.y }), "where it was on the customer's screen");
    assert_eq!([&hidden, &fourth].map(has), [None, None]);
    assert!(all.iter().any(Option::is_none), "the pause shows nothing");
    for picture in all.iter().flatten() {
        assert_eq!(picture.count(|pixel| pixel == 0x00c0_ffee), 0, "a pixel that was not shared");
    }

    // Any moment is found from any other.
    let (last, begin) = (player.length_ms(), picture(&mut player, 0));
    assert!(picture(&mut player, last).and_then(|picture| picture.find(&third)).is_some());
    assert_eq!(picture(&mut player, 0).map(|picture| picture.pixels), begin.map(|picture| picture.pixels));
    session.end_well();
}

#[test]
fn without_a_yes_nothing_is_recorded_and_a_yes_can_be_taken_back() {
    let (mut session, mut painter, canvas) = showing();
    session.advisor.say("request_recording", json!({}));
    session.customer.expect("recording", json!({ "state": "asked" }));
    session.customer.say("stop_recording", json!({}));
    session.advisor.expect("recording", json!({ "state": "refused" }));
    assert_eq!(folder(&session).list().expect("readable"), []);
    session.customer.say("allow_recording", json!({}));
    session.customer.expect("error", json!({ "problem": "not_now" }));

    session.advisor.turn_page();
    session.customer.turn_page();
    let (code, file) = record(&mut session, false);
    await_recorded(&session, &file, &code, Some(painter.picture(canvas)));
    session.customer.say("stop_recording", json!({}));
    ended(&session, "TakenBack");
    painter.noise(canvas, Rect::new(200, 40, 160, 120), 9);
    let later = painter.picture(canvas).clone();
    session.await_picture("what is not recorded", &later);
    let mut player = open(&session, &file, &code);
    let all = pictures(&mut player);
    assert!(all.iter().flatten().count() > 0);
    assert!(all.iter().flatten().all(|picture| picture.find(&later).is_none()));

    // Both programs sign what was asked, refused, allowed and taken back.
    session.customer.say("end", json!({}));
    session.customer.expect("ended", json!({}));
    let receipt = session.stage.place.path().join("receipt.html");
    session.customer.say("keep_receipt", json!({ "path": receipt }));
    session.customer.expect("receipt_kept", json!({}));
    let show = Launch::new(&session.stage.place, "receipt", programs::path("mitblick-customer"))
        .args(["receipt", "show", "--language", "en"])
        .arg(&receipt);
    let (status, text) = programs::run_to_end(show);
    assert!(status.success(), "{text}");
    let told =
        ["asked to record", "did not allow the recording", "Only your code opens the recording", "recording ended"];
    let places: Vec<_> = told.iter().map(|line| text.find(line)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {text}");
    assert!(!text.contains(&code.to_string()), "the code is nobody else's");
}

#[test]
fn a_yes_is_about_what_was_shown_and_another_window_has_to_be_asked_for() {
    let (mut session, painter, canvas) = showing();
    let bank = CanvasOptions::new("bank", Rect::new(560, 120, 200, 160), 0x00c0_ffee);
    let (_other, _bank) = Painter::with_window(&session.stage.place, "other", session.here(), &bank);
    let (code, file) = record(&mut session, false);
    await_recorded(&session, &file, &code, Some(painter.picture(canvas)));
    session.share(&["shared plan", "bank"]);
    ended(&session, "SharingChanged");
    let seen = wait::within(wait::PATIENCE, || {
        (session.there().frame().count(|pixel| pixel == 0x00c0_ffee) > 1_000).then_some(())
    });
    assert!(seen.is_some(), "it is shown");
    let mut player = open(&session, &file, &code);
    for picture in pictures(&mut player).iter().flatten() {
        assert_eq!(picture.count(|pixel| pixel == 0x00c0_ffee), 0, "a window that was not asked about");
    }
    session.end_well();
}

#[test]
fn a_company_that_does_not_allow_it_has_no_recordings() {
    let stage = Stage::usual();
    let options = CanvasOptions::new("shared plan", SHARED, 0x00d0_d8e0);
    let (_painter, _) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.advisor.say("request_recording", json!({}));
    session.advisor.expect("error", json!({ "problem": "recording_forbidden" }));
    session.exchange_lines();
    assert!(!session.customer.has_told("recording"));
    session.end_well();
}

/// What the program says of a recording: whether it is content, and its text.
#[track_caller]
fn command(session: &Session, arguments: &[&str], workplace: &str, code: &str) -> (bool, String) {
    let launch = Launch::new(&session.stage.place, "recording", programs::path("mitblick-advisor"))
        .args(["recording"])
        .args(arguments)
        .args(["--language", "en", "--workplace-folder"])
        .arg(session.stage.place.folder(workplace))
        .listening()
        .speaking();
    let mut process = launch.start();
    process.take_input().write_all(code.as_bytes()).expect("it reads the code");
    let mut text = String::new();
    process.take_output().read_to_string(&mut text).expect("text");
    (process.wait_end().success(), text + &process.log())
}

fn probe(file: &Path) -> Value {
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json"])
        .arg(file)
        .output()
        .expect("ffprobe is installed");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn one_that_both_own_opens_with_code_and_workplace_and_becomes_a_video() {
    let (mut session, mut painter, canvas) = showing();
    let (code, file) = record(&mut session, true);
    for seed in 20..24 {
        painter.noise(canvas, Rect::new(200, 40, 160, 120), seed);
        session.await_picture("what changed", painter.picture(canvas));
        await_recorded(&session, &file, &code, Some(painter.picture(canvas)));
    }
    session.advisor.say("stop_recording", json!({}));
    ended(&session, "Stopped");
    wait::until("it is whole", || {
        let share = folder(&session).share().ok()?;
        Player::open(&file, &code, share.as_ref()).ok().filter(Player::is_complete)
    });
    let path = file.to_str().expect("a path");
    let (code, wrong) = (code.to_string(), RecordingCode::from_random([1; 16]).to_string());
    let text = |(good, text): (bool, String), wanted_good: bool, wanted: &str| {
        assert!(good == wanted_good && text.contains(wanted), "{good}: {text}");
    };
    text(command(&session, &["info", path], "advisor.workplace", &code.to_lowercase()), true, ORGANISATION);
    text(command(&session, &["info", path], "advisor.workplace", &wrong), false, "another recording");
    text(command(&session, &["info", path], "advisor.workplace", &code[2..]), false, "not a whole code");
    text(command(&session, &["info", path], "elsewhere", &code), false, "only on the computer that made it");

    let video = session.stage.place.path().join("video.mp4");
    let to = video.to_str().expect("a path");
    text(command(&session, &["export", path, to], "advisor.workplace", &code), true, "video.mp4");
    let probed = probe(&video);
    let stream = &probed["streams"][0];
    assert_eq!((stream["codec_name"].as_str(), stream["codec_type"].as_str()), (Some("h264"), Some("video")));
    let size = session.here().size();
    for (side, length) in [("width", size.width), ("height", size.height)] {
        let coded = stream[side].as_u64().expect("a size");
        assert_eq!(coded, u64::from(length.div_ceil(16) * 16), "{side}");
    }
    let frames: u64 = stream["nb_read_frames"].as_str().and_then(|frames| frames.parse().ok()).expect("a count");
    assert!(frames >= 5, "{frames} frames");
    let seconds = |of: &Value| of["duration"].as_str().and_then(|s| s.parse::<f64>().ok()).expect("a duration");
    let share = folder(&session).share().expect("readable");
    let player =
        Player::open(&file, &RecordingCode::parse(&code).expect("the code"), share.as_ref()).expect("it opens");
    let length_s = player.length_ms() as f64 / 1_000.0;
    assert!((seconds(&probed["format"]) - length_s).abs() < LOOKED_S, "{probed} {length_s}");
    // A file that is there is never written over.
    text(command(&session, &["export", path, to], "advisor.workplace", &code), false, "a file of this name");
    session.end_well();
}

#[test]
fn a_changed_byte_and_a_missing_end_are_noticed() {
    let (mut session, mut painter, canvas) = showing();
    let (code, file) = record(&mut session, false);
    painter.noise(canvas, Rect::new(200, 40, 160, 120), 5);
    await_recorded(&session, &file, &code, Some(painter.picture(canvas)));
    // The program dies: what is written so far stays and opens.
    session.advisor.process().signal(rustix::process::Signal::KILL);
    session.advisor.wait_end();
    let mut cut_short = Player::open(&file, &code, None).expect("it opens");
    assert!(!cut_short.is_complete());
    assert!(pictures(&mut cut_short).iter().flatten().count() > 0);

    let whole = std::fs::read(&file).expect("readable");
    let mut found = 0;
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        let other = session.stage.place.path().join("changed.mitblick");
        std::fs::write(&other, changed).expect("written");
        let mut same = |player: &mut Player| -> Result<bool, RecordingError> {
            let mut same =
                player.is_complete() == cut_short.is_complete() && player.length_ms() == cut_short.length_ms();
            cut_short.seek(0)?;
            player.seek(0)?;
            while let Some(next_ms) = player.next_ms()? {
                player.seek(next_ms)?;
                cut_short.seek(next_ms)?;
                same &= player.picture() == cut_short.picture();
            }
            Ok(same)
        };
        match Player::open(&other, &code, None).and_then(|mut player| same(&mut player)) {
            Err(RecordingError::Open(OpenError::Damaged | OpenError::NoRecording | OpenError::WrongCode)) => found += 1,
            // A longer length makes the last chunk one that is not whole.
            Ok(false) => found += 1,
            other => panic!("byte {at} of {}: {other:?}", whole.len()),
        }
    }
    assert!(found >= 40, "{found}");
}

#[test]
fn a_cut_ends_it_and_it_is_asked_for_anew() {
    let (mut session, painter, canvas) = showing();
    let (code, file) = record(&mut session, false);
    session.stage.customer_wire.cut();
    session.advisor.expect("recording", json!({ "state": "ended", "why": "LinkLost" }));
    session.customer.expect("recording", json!({ "state": "ended", "why": "LinkLost" }));
    session.customer.expect("line", json!({ "state": "restored" }));
    session.await_picture("the window again", painter.picture(canvas));
    assert!(open(&session, &file, &code).length_ms() > 0);
    session.advisor.turn_page();
    session.customer.turn_page();
    let (other, second) = record(&mut session, false);
    assert!(other != code && second != file);
    session.end_well();
}
