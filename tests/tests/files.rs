//! Files between the two programs, compared by their hashes.

#[path = "files/cuts.rs"]
mod cuts;

use mitblick_tests::{
    drag::Drag,
    session::{Session, Stage, StageOptions},
    talker::Talker,
    wait,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a large file may take.
const LONG: Duration = Duration::from_secs(280);

fn connected() -> Session {
    Stage::usual().connect()
}

/// A file with content that is the same nowhere else in it.
fn make(path: &Path, bytes: usize) -> String {
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    let mut content = vec![0; bytes];
    let mut state = bytes as u64 | 1;
    for chunk in content.chunks_mut(8) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
    }
    fs::write(path, &content).expect("the file");
    hash_of(path)
}

fn hash_of(path: &Path) -> String {
    let mut file = File::open(path).expect("the file");
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    while let read @ 1.. = file.read(&mut buffer).expect("its content") {
        hasher.update(&buffer[..read]);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// One side offers; gives the offer's number as the other side is asked.
#[track_caller]
fn offer(from: &mut Talker, to: &mut Talker, paths: &[PathBuf]) -> Value {
    to.turn_page();
    from.turn_page();
    from.say("offer_files", json!({ "paths": paths }));
    to.expect("file_offer", json!({ "way": "in" }))
}

#[track_caller]
fn accept(to: &mut Talker, asked: &Value, folder: &Path) {
    to.say("accept_file", json!({ "offer": asked["offer"], "folder": folder }));
}

#[test]
fn files_of_all_sizes_come_whole_in_both_directions() {
    let mut session = connected();
    let place = session.stage.place.folder("sources");
    let saved = session.stage.place.folder("saved");
    let sizes = [("leer.txt", 0), ("eins.bin", 1), ("Bericht.pdf", 700_001), ("groß.zip", 20_000_000)];
    let hashes: Vec<String> = sizes.iter().map(|(name, bytes)| make(&place.join(name), *bytes)).collect();
    let paths: Vec<PathBuf> = sizes.iter().map(|(name, _)| place.join(name)).collect();
    let Session { advisor, customer, .. } = &mut session;
    for folder in ["a", "b"] {
        let (from, to) = if folder == "a" { (&mut *advisor, &mut *customer) } else { (&mut *customer, &mut *advisor) };
        let folder = saved.join(folder);
        fs::create_dir(&folder).expect("a folder");
        let asked = offer(from, to, &paths);
        let told: Vec<_> = asked["files"].as_array().expect("a list").iter().map(|file| file["name"].clone()).collect();
        assert_eq!(told, sizes.map(|(name, _)| json!(name)));
        assert_eq!(asked["files"][2]["kind"], "document");
        assert_eq!(names(&folder), Vec::<String>::new(), "nothing before a word");
        accept(to, &asked, &folder);
        for ((place, (name, _)), hash) in sizes.iter().enumerate().zip(&hashes) {
            to.expect("file_done", json!({ "way": "in", "file": place, "name": name, "sha256": hash }));
            from.expect("file_done", json!({ "way": "out", "file": place, "name": name, "sha256": hash }));
            assert_eq!(hash_of(&folder.join(name)), *hash);
        }
        from.expect("files_over", json!({ "done": 4, "failed": 0 }));
        // Once more, and nothing is replaced.
        let asked = offer(from, to, &paths[1..2]);
        accept(to, &asked, &folder);
        to.expect("file_done", json!({ "way": "in" }));
        assert_eq!(names(&folder), ["Bericht.pdf", "eins (2).bin", "eins.bin", "groß.zip", "leer.txt"]);
    }
    session.end_well();
}

#[test]
fn files_that_are_dropped_onto_a_window_are_offered_and_those_that_are_taken_away_again_are_not() {
    let mut session = connected();
    let sources = session.stage.place.folder("sources");
    let saved = session.stage.place.folder("saved");
    let paths = ["größer & 100 %.pdf", "b.txt"].map(|name| sources.join(name));
    let hashes = paths.each_ref().map(|path| make(path, 30_000));
    let windows =
        [session.here(), session.there()].map(|screen| (screen.display().to_owned(), screen.await_window("Mitblick")));
    let Session { advisor, customer, .. } = &mut session;
    for (turn, (display, window)) in windows.into_iter().enumerate() {
        let (from, to) = if turn == 0 { (&mut *customer, &mut *advisor) } else { (&mut *advisor, &mut *customer) };
        let drag = Drag::begin(&display, &paths[1..]);
        assert!(drag.over(window), "files are welcome");
        drag.leave(window);
        let drag = Drag::begin(&display, &paths);
        assert!(drag.over(window));
        drag.let_go(window);
        let asked = to.expect("file_offer", json!({ "way": "in" }));
        let told: Vec<_> = asked["files"].as_array().expect("a list").iter().map(|file| file["name"].clone()).collect();
        assert_eq!(told, ["größer & 100 %.pdf", "b.txt"], "one offer, of what was let go of");
        let folder = saved.join(display.trim_start_matches(':'));
        fs::create_dir(&folder).expect("a folder");
        accept(to, &asked, &folder);
        for (place, hash) in hashes.iter().enumerate() {
            from.expect("file_done", json!({ "way": "out", "file": place, "sha256": hash }));
        }
    }
    session.end_well();
}

#[test]
fn nothing_is_saved_that_was_refused_and_either_side_stops_in_the_middle() {
    let mut session = connected();
    let source = session.stage.place.path().join("a.bin");
    make(&source, 150_000_000);
    let saved = session.stage.place.folder("saved");
    let Session { advisor, customer, .. } = &mut session;
    let asked = offer(advisor, customer, std::slice::from_ref(&source));
    customer.say("refuse_file", json!({ "offer": asked["offer"] }));
    advisor.expect("file_answer", json!({ "accepted": false }));
    for (stopper, way) in [("customer", "in"), ("advisor", "out")] {
        let asked = offer(advisor, customer, std::slice::from_ref(&source));
        accept(customer, &asked, &saved);
        customer
            .expect_where("some of it", |event| event["event"] == "file_progress" && event["bytes"].as_u64() > Some(0));
        assert!(names(&saved).iter().all(|name| name.ends_with(".part")), "no name before it is whole");
        let stop = json!({ "way": way, "offer": asked["offer"] });
        let (mine, other) =
            if stopper == "customer" { (&mut *customer, &mut *advisor) } else { (&mut *advisor, &mut *customer) };
        mine.say("cancel_file", stop);
        mine.expect("file_ended", json!({ "why": "this_side" }));
        other.expect("file_ended", json!({ "why": "other_side" }));
        wait::until("what was written is removed", || names(&saved).is_empty().then_some(()));
    }
    session.end_well();
}

#[test]
fn a_paused_file_rests_until_it_goes_on() {
    let mut session = connected();
    let source = session.stage.place.path().join("a.bin");
    let hash = make(&source, 120_000_000);
    let saved = session.stage.place.folder("saved");
    let Session { advisor, customer, .. } = &mut session;
    let asked = offer(customer, advisor, &[source]);
    accept(advisor, &asked, &saved);
    advisor.expect("file_progress", json!({ "way": "in" }));
    advisor.say("pause_file", json!({ "way": "in", "offer": asked["offer"] }));
    customer.expect("file_paused", json!({ "way": "out", "here": false, "there": true }));
    assert!(!customer.has_told("file_done"));
    advisor.say("resume_file", json!({ "way": "in", "offer": asked["offer"] }));
    customer.expect("file_paused", json!({ "way": "out", "here": false, "there": false }));
    advisor.expect("file_done", json!({ "sha256": hash }));
    assert_eq!(hash_of(&saved.join("a.bin")), hash);
    session.end_well();
}

#[test]
fn ten_thousand_files_are_one_offer() {
    let mut session = connected();
    let source = session.stage.place.folder("many");
    for number in 0..10_000 {
        fs::write(source.join(format!("{number}.txt")), format!("{number}")).expect("a file");
    }
    let saved = session.stage.place.folder("saved");
    let Session { advisor, customer, .. } = &mut session;
    let asked = offer(advisor, customer, &[source]);
    assert_eq!(asked["count"], 10_000);
    accept(customer, &asked, &saved);
    let over = customer.within(LONG, |event| event["event"] == "files_over");
    assert_eq!(over.expect("it ends")["done"], 10_000);
    let came = names(&saved.join("many"));
    assert_eq!(came.len(), 10_000);
    for number in (0..10_000).step_by(101) {
        let name = format!("many/{number}.txt");
        assert_eq!(fs::read_to_string(saved.join(name)).expect("a file"), number.to_string());
    }
    session.end_well();
}

#[test]
fn a_full_disk_and_a_forbidden_folder_are_said_on_both_sides() {
    let customer_disk = Some(("small", "1m"));
    let mut session = Stage::new(StageOptions { customer_disk, ..StageOptions::default() }).connect();
    let source = session.stage.place.path().join("a.bin");
    make(&source, 3_000_000);
    let Session { advisor, customer, stage, .. } = &mut session;
    // Nobody may make files there, root included.
    let asked = offer(advisor, customer, std::slice::from_ref(&source));
    accept(customer, &asked, Path::new("/sys/kernel"));
    for side in [&*customer, &*advisor] {
        side.expect("file_ended", json!({ "why": "not_permitted" }));
    }
    let small = stage.place.folder("small");
    let asked = offer(advisor, customer, &[source]);
    accept(customer, &asked, &small);
    for side in [&*customer, &*advisor] {
        side.expect("file_ended", json!({ "why": "disk_full" }));
    }
    // Only the customer's program sees the disk there.
    let seen_by_it = PathBuf::from(format!("/proc/{}/root{}", customer.process().id(), small.display()));
    wait::until("what was written is removed", || names(&seen_by_it).is_empty().then_some(()));
    // And there is room for what fits.
    let letter = stage.place.path().join("b.txt");
    let hash = make(&letter, 100_000);
    let asked = offer(advisor, customer, &[letter]);
    accept(customer, &asked, &small);
    customer.expect("file_done", json!({ "way": "in", "sha256": hash }));
    assert_eq!(names(&seen_by_it), ["b.txt"]);
    assert_eq!(names(&small), Vec::<String>::new(), "it was that disk");
    session.end_well();
}

#[test]
fn a_source_that_changes_while_it_is_sent_is_not_saved() {
    let mut session = connected();
    let source = session.stage.place.path().join("a.bin");
    make(&source, 150_000_000);
    let saved = session.stage.place.folder("saved");
    let Session { advisor, customer, .. } = &mut session;
    let asked = offer(advisor, customer, std::slice::from_ref(&source));
    accept(customer, &asked, &saved);
    customer.expect("file_progress", json!({ "way": "in" }));
    File::options().append(true).open(&source).and_then(|mut file| file.write_all(b"more")).expect("it grows");
    for side in [&*customer, &*advisor] {
        let ended = side.within(LONG, |event| event["event"] == "file_ended");
        assert_eq!(ended.expect("it ends")["why"], "changed");
    }
    wait::until("what was written is removed", || names(&saved).is_empty().then_some(()));
    session.end_well();
}

#[test]
fn the_companys_rules_hold_for_each_direction_and_kind() {
    let rules = vec![("files_to_customer", "documents,media"), ("files_to_advisor", "forbidden")];
    let mut session = Stage::new(StageOptions { rules, ..StageOptions::default() }).connect();
    let (program, letter) = (session.stage.place.path().join("setup.exe"), session.stage.place.path().join("a.pdf"));
    make(&program, 10);
    let hash = make(&letter, 10);
    let saved = session.stage.place.folder("saved");
    let Session { advisor, customer, .. } = &mut session;
    advisor.say("offer_files", json!({ "paths": [&program] }));
    advisor.expect("error", json!({ "problem": "file_forbidden" }));
    customer.say("offer_files", json!({ "paths": [&letter] }));
    customer.expect("error", json!({ "problem": "files_forbidden" }));
    let asked = offer(advisor, customer, &[letter]);
    assert_eq!(asked["offer"], 1, "what was forbidden was not even asked");
    accept(customer, &asked, &saved);
    customer.expect("file_done", json!({ "sha256": hash }));
    session.end_well();
}

#[test]
fn the_end_of_the_session_leaves_nothing_half_saved() {
    let mut session = connected();
    let source = session.stage.place.path().join("a.bin");
    make(&source, 150_000_000);
    let saved = session.stage.place.folder("saved");
    {
        let Session { advisor, customer, .. } = &mut session;
        let asked = offer(advisor, customer, &[source]);
        accept(customer, &asked, &saved);
        customer.expect("file_progress", json!({ "way": "in" }));
    }
    session.advisor.say("end", json!({}));
    for side in [&session.advisor, &session.customer] {
        side.expect("ended", json!({}));
    }
    wait::until("nothing is half saved", || names(&saved).is_empty().then_some(()));
}
