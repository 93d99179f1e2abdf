//! Files as the advisor finds them: the question, what moves, what is there,
//! and choosing.

use super::*;
use mitblick_client_core::together::{
    TogetherIntent,
    files::{Entry, FileIntent, FileView, Listing, OfferView},
};
use mitblick_protocol::transfer::{FileKind, FileKinds, FileState, OfferNumber, Sha256, Way};
use std::path::PathBuf;

const WIDTH: f32 = 1_100.0;
const NUMBER: OfferNumber = OfferNumber(3);

fn file(name: &str, bytes: u64, state: FileState) -> FileView {
    FileView { name: name.into(), bytes, kind: FileKind::of_name(name), state }
}

/// Files of which none has moved.
fn offer(way: Way, files: impl IntoIterator<Item = FileView>) -> OfferView {
    let files: Arc<[FileView]> = files.into_iter().collect();
    OfferView {
        way,
        number: NUMBER,
        asks: false,
        over: false,
        held_here: false,
        held_there: false,
        wanted_bytes: files.iter().map(|file| file.bytes).sum(),
        moved_bytes: 0,
        done: 0,
        failed: 0,
        bytes_per_s: None,
        left_s: None,
        files,
    }
}

fn with(offers: Vec<OfferView>) -> TogetherView {
    let folder = Some(Arc::new(PathBuf::from("/home/anna/Downloads")));
    let (may_offer, may_take) = (FileKinds::ALL, FileKinds::ALL);
    let files = FilesView { may_offer, may_take, offers: Arc::new(offers), folder, ..FilesView::default() };
    TogetherView { files, ..together() }
}

/// The customer offers these files.
pub(super) fn offered(files: &[(&str, u64)]) -> TogetherView {
    let files = files.iter().map(|(name, bytes)| file(name, *bytes, FileState::Offered));
    with(vec![OfferView { asks: true, ..offer(Way::In, files) }])
}

/// With the panel open at the files.
fn at_files(language: Language, view: TogetherView) -> Harness<'static, Window> {
    let screen = viewer_with(|viewer| viewer.together = view);
    let mut harness = in_steps(language, vec2(WIDTH, 760.0), SHORT_STEP_S, screen);
    harness.run_steps(2);
    let button = harness.query_by_label_contains(if language == Language::German { "Dateien: " } else { "Files: " });
    match button {
        Some(button) => button.click(),
        None => harness.get_by_label(super::chat::BUTTON[language.index()]).click(),
    }
    harness.run_steps(3);
    if harness.query_by_label(FILES[language.index()]).is_some() {
        click(&mut harness, FILES[language.index()]);
    }
    wanted(&mut harness);
    harness
}

const FILES: [&str; 2] = ["Dateien", "Files"];

fn reach(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).scroll_to_me();
    harness.run_steps(PAST_GUARD);
    click(harness, label);
}

fn wish(intent: FileIntent) -> AdvisorIntent {
    AdvisorIntent::Together(TogetherIntent::File(intent))
}

#[test]
fn a_file_is_refused_or_saved_by_its_own_button_and_only_after_a_moment() {
    let save = FileIntent::Accept { offer: NUMBER, files: Some(vec![0]), folder: None };
    for (language, labels) in [(Language::German, ["Ablehnen", "Speichern"]), (Language::English, ["Refuse", "Save"])] {
        for (label, intent) in labels.into_iter().zip([FileIntent::Refuse(NUMBER), save.clone()]) {
            let mut harness = at_files(language, offered(&[("notes.pdf", 2_000)]));
            click(&mut harness, label);
            for key in [Key::Enter, Key::Space] {
                harness.key_press(key);
                harness.run_steps(2);
            }
            only(&mut harness, &[]);
            harness.run_steps(PAST_GUARD);
            for key in [Key::Enter, Key::Space] {
                harness.key_press(key);
                harness.run_steps(2);
            }
            only(&mut harness, &[]);
            click(&mut harness, label);
            only(&mut harness, &[wish(intent)]);
        }
    }
}

#[test]
fn a_program_is_warned_of_as_long_as_it_is_among_what_would_be_saved() {
    for (language, warning, untick, save) in [
        (
            Language::German,
            "Ein Programm kann auf Ihrem Rechner alles, was Sie können.",
            "setup.exe speichern",
            "Speichern (1)",
        ),
        (Language::English, "A program can do everything on your computer that you can.", "Save setup.exe", "Save (1)"),
    ] {
        let harness = at_files(language, offered(&[("setup.exe", 2_000)]));
        is_told(&harness, warning, Live::Polite);
        let harness = at_files(language, offered(&[("notes.pdf", 2_000)]));
        assert!(harness.query_by_label_contains(warning).is_none());
        let mut harness = at_files(language, offered(&[("notes.pdf", 2_000), ("setup.exe", 9_000)]));
        harness.get_by_label_contains(warning);
        reach(&mut harness, untick);
        assert!(harness.query_by_label_contains(warning).is_none());
        reach(&mut harness, save);
        only(&mut harness, &[wish(FileIntent::Accept { offer: NUMBER, files: Some(vec![0]), folder: None })]);
    }
}

#[test]
fn what_moves_is_paused_goes_on_and_is_cancelled_by_its_own_buttons() {
    for (language, [pause, go_on, cancel]) in
        [(Language::German, ["Anhalten", "Weiter", "Abbrechen"]), (Language::English, ["Pause", "Go on", "Cancel"])]
    {
        for way in [Way::In, Way::Out] {
            let moving = |held_here| {
                let files = [file("film.mp4", 4_800_000, FileState::Moving(1_200_000))];
                with(vec![OfferView { held_here, moved_bytes: 1_200_000, ..offer(way, files) }])
            };
            let hold = |paused| wish(FileIntent::Hold { way, offer: NUMBER, paused });
            let stop = || wish(FileIntent::Cancel { way, offer: NUMBER, file: None });
            let mut harness = at_files(language, moving(false));
            click(&mut harness, pause);
            click(&mut harness, cancel);
            only(&mut harness, &[hold(true), stop()]);
            change(&mut harness, |view| view.together = moving(true));
            assert!(harness.query_by_label(pause).is_none());
            click(&mut harness, go_on);
            click(&mut harness, cancel);
            only(&mut harness, &[hold(false), stop()]);
        }
    }
}

#[test]
fn how_far_a_file_is_how_fast_and_how_long_it_takes_is_read_in_one_line() {
    for (language, line) in [
        (Language::German, "1,2 MB von 4,8 MB · 400 kB in der Sekunde · noch 0:09"),
        (Language::English, "1.2 MB of 4.8 MB · 400 kB a second · 0:09 left"),
    ] {
        let files = [file("film.mp4", 4_800_000, FileState::Moving(1_200_000))];
        let moving = OfferView { moved_bytes: 1_200_000, ..offer(Way::Out, files) };
        let view = with(vec![OfferView { bytes_per_s: Some(400_000), left_s: Some(9), ..moving }]);
        at_files(language, view).get_by_label(line);
    }
}

#[test]
fn a_file_that_is_there_shows_its_sum_and_has_all_of_it_copied() {
    for (language, copy, there) in [
        (Language::German, "SHA-256-Summe kopieren", ["Gespeichert und geprüft", "Angekommen und geprüft"]),
        (Language::English, "Copy the SHA-256 sum", ["Saved and checked", "Arrived and checked"]),
    ] {
        for (way, there) in [Way::In, Way::Out].into_iter().zip(there) {
            let done = FileState::Done(Sha256([0xa7; 32]));
            let over = offer(way, [file("notes.pdf", 2_000, done)]);
            let view = with(vec![OfferView { over: true, moved_bytes: 2_000, done: 1, ..over }]);
            let mut harness = at_files(language, view);
            harness.get_by_label("SHA-256 a7a7a7a7a7a7a7a7…");
            is_told(&harness, there, Live::Polite);
            assert_eq!(copied(&mut harness, copy), Some("a7".repeat(32)));
            only(&mut harness, &[]);
        }
    }
}

#[test]
fn what_an_offered_file_is_stays_in_sight_however_long_its_name_is() {
    let long = format!("{}.exe", "a very long name ".repeat(20));
    for (language, facts) in [(Language::German, "41 MB · Programm"), (Language::English, "41 MB · program")] {
        let harness = at_files(language, offered(&[(&long, 41_000_000)]));
        let rect = harness.get_by_label(facts).rect();
        assert!(rect.is_positive() && rect.right() < WIDTH, "{rect}");
        let name = harness.get_by_label(&long).rect();
        assert!(!name.intersects(rect) && name.right() < WIDTH, "{name} {rect}");
    }
}

#[test]
fn the_last_of_many_offered_files_is_reached_and_left_out_like_the_first() {
    let names: Vec<String> = (1..=60).map(|number| format!("file {number}.txt")).collect();
    let files: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let mut harness = at_files(Language::English, offered(&files));
    let list = harness.get_by_label("Save file 2.txt").rect().center();
    for _ in 0..60 {
        harness.hover_at(list);
        harness.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -100.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(1);
    }
    harness.run_steps(PAST_GUARD);
    let last = harness.get_by_label("Save file 60.txt").rect();
    let save = harness.get_by_label("Save (60)").rect();
    assert!(last.bottom() <= save.top(), "{last} is hidden by the list's edge, {save}");
    click(&mut harness, "Save file 60.txt");
    click(&mut harness, "Save (59)");
    let wanted = FileIntent::Accept { offer: NUMBER, files: Some((0..59).collect()), folder: None };
    only(&mut harness, &[wish(wanted)]);
}

#[test]
fn each_of_several_files_has_its_own_sum_in_the_list() {
    let files = [("a.pdf", 0xa7), ("b.pdf", 0xb8)].map(|(name, sum)| file(name, 1, FileState::Done(Sha256([sum; 32]))));
    let view = with(vec![OfferView { over: true, moved_bytes: 2, done: 2, ..offer(Way::In, files) }]);
    let mut harness = at_files(Language::English, view);
    assert!(harness.query_by_label_contains("SHA-256 ").is_none());
    click(&mut harness, "Single files");
    harness.get_by_label("SHA-256 a7a7a7a7a7a7a7a7…");
    harness.get_by_label("SHA-256 b8b8b8b8b8b8b8b8…");
    assert_eq!(harness.query_all_by_label("Copy the SHA-256 sum").count(), 2);
    fits_within(&harness, WIDTH.into());
}

fn listing() -> Arc<Listing> {
    let entry = |name: &str, is_folder, bytes| Entry {
        name: name.into(),
        path: PathBuf::from("/home/anna").join(name),
        is_folder,
        bytes,
    };
    Arc::new(Listing {
        folder: "/home/anna".into(),
        parent: Some("/home".into()),
        entries: vec![entry("Photos", true, 0), entry("notes.pdf", false, 2_000)],
        more: false,
        problem: None,
        places: Vec::new(),
    })
}

#[test]
fn files_and_whole_folders_are_ticked_and_only_those_are_offered() {
    for (language, offer, ask, tick, send) in [
        (
            Language::German,
            "Dateien anbieten …",
            "Welche Dateien möchten Sie anbieten?",
            ["Photos auswählen", "notes.pdf auswählen"],
            ["Anbieten (0)", "Anbieten (1)"],
        ),
        (
            Language::English,
            "Offer files …",
            "Which files do you want to offer?",
            ["Choose Photos", "Choose notes.pdf"],
            ["Offer (0)", "Offer (1)"],
        ),
    ] {
        for (tick, path) in tick.into_iter().zip(["/home/anna/Photos", "/home/anna/notes.pdf"]) {
            let mut harness = at_files(language, with(Vec::new()));
            click(&mut harness, offer);
            only(&mut harness, &[wish(FileIntent::Browse(None))]);
            change(&mut harness, |view| view.together.files.listing = Some(listing()));
            harness.get_by_label(ask);
            click(&mut harness, send[0]);
            only(&mut harness, &[]);
            click(&mut harness, tick);
            click(&mut harness, send[1]);
            only(&mut harness, &[wish(FileIntent::Offer(vec![path.into()]))]);
        }
    }
}

#[test]
fn where_files_are_saved_is_read_and_changed_to_a_folder() {
    for (language, at, again, ask, here) in [
        (
            Language::German,
            "Dateien werden gespeichert in /home/anna/Downloads",
            "Ändern",
            "Wo sollen Dateien gespeichert werden?",
            "Hier speichern",
        ),
        (
            Language::English,
            "Files are saved in /home/anna/Downloads",
            "Change",
            "Where should files be saved?",
            "Save here",
        ),
    ] {
        let mut harness = at_files(language, with(Vec::new()));
        harness.get_by_label(at);
        click(&mut harness, again);
        only(&mut harness, &[wish(FileIntent::Browse(Some("/home/anna/Downloads".into())))]);
        change(&mut harness, |view| view.together.files.listing = Some(listing()));
        harness.get_by_label(ask);
        assert!(harness.query_by_label("notes.pdf").is_none(), "nothing is saved into a file");
        click(&mut harness, here);
        only(&mut harness, &[wish(FileIntent::SaveInto("/home/anna".into()))]);
    }
}
