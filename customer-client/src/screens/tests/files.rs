//! Files as the customer finds them: the question, what moves, what is there,
//! and choosing.

use super::*;
use mitblick_client_core::together::{
    TogetherIntent,
    files::{Entry, FileIntent, FileView, Listing, OfferView},
};
use mitblick_protocol::{
    peer_msg::SharingState,
    transfer::{FileKind, FileKinds, FileState, OfferNumber, Sha256, Way},
};
use std::path::PathBuf;

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

/// The advisor offers these files.
pub(super) fn offered(files: &[(&str, u64)]) -> TogetherView {
    let files = files.iter().map(|(name, bytes)| file(name, *bytes, FileState::Offered));
    with(vec![OfferView { asks: true, ..offer(Way::In, files) }])
}

/// With the panel open at the files.
fn at_files(language: Language, screen: CustomerScreen, view: TogetherView) -> Harness<'static, Window> {
    let mut harness = window_in(language, vec2(1_000.0, 900.0), screen);
    harness.state_mut().view.together = Some(view);
    harness.state_mut().local.together.open_files();
    harness.run_steps(3);
    harness.state_mut().intents.clear();
    harness
}

fn screens() -> [CustomerScreen; 3] {
    let watching = super::turn::watching(SharingState::Showing);
    [choose(Some(vec![item(1, "Browser")])), sharing(ControlView::None), watching]
}

fn wish(intent: FileIntent) -> CustomerIntent {
    CustomerIntent::Together(TogetherIntent::File(intent))
}

#[test]
fn a_file_is_refused_or_saved_by_its_own_button_and_only_after_a_moment() {
    let save = FileIntent::Accept { offer: NUMBER, files: Some(vec![0]), folder: None };
    for (language, labels) in [(Language::German, ["Ablehnen", "Speichern"]), (Language::English, ["Refuse", "Save"])] {
        for (label, intent) in labels.into_iter().zip([FileIntent::Refuse(NUMBER), save.clone()]) {
            for screen in screens() {
                let mut harness = at_files(language, screen, offered(&[("notes.pdf", 2_000)]));
                click(&mut harness, label);
                for key in [Key::Enter, Key::Space] {
                    press(&mut harness, key);
                }
                assert_eq!(wanted(&mut harness), [], "what was on its way does not count");
                harness.run_steps(PAST_GUARD);
                for key in [Key::Enter, Key::Space] {
                    press(&mut harness, key);
                }
                assert_eq!(wanted(&mut harness), [], "nothing is preset");
                reach(&mut harness, label);
                assert_eq!(wanted(&mut harness), [wish(intent.clone())]);
            }
        }
    }
}

#[test]
fn a_press_that_began_before_answers_counted_saves_nothing() {
    let mut harness = at_files(Language::English, sharing(ControlView::None), offered(&[("notes.pdf", 2_000)]));
    let place = harness.get_by_label("Save").rect().center();
    harness.drag_at(place);
    harness.run_steps(PAST_GUARD);
    harness.drop_at(place);
    harness.run_steps(3);
    assert_eq!(wanted(&mut harness), []);
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
        let screen = || sharing(ControlView::None);
        let harness = at_files(language, screen(), offered(&[("setup.exe", 2_000)]));
        is_told(&harness, warning, Live::Polite);
        let harness = at_files(language, screen(), offered(&[("notes.pdf", 2_000)]));
        assert!(harness.query_by_label_contains(warning).is_none());
        let mut harness = at_files(language, screen(), offered(&[("notes.pdf", 2_000), ("setup.exe", 9_000)]));
        harness.get_by_label_contains(warning);
        reach(&mut harness, untick);
        assert!(harness.query_by_label_contains(warning).is_none());
        reach(&mut harness, save);
        let accepted = FileIntent::Accept { offer: NUMBER, files: Some(vec![0]), folder: None };
        assert_eq!(wanted(&mut harness), [wish(accepted)]);
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
            // "Pause" is a button of the bar as well.
            let mut harness = at_files(language, choose(Some(Vec::new())), moving(false));
            reach(&mut harness, pause);
            reach(&mut harness, cancel);
            let hold = |paused| wish(FileIntent::Hold { way, offer: NUMBER, paused });
            let stop = || wish(FileIntent::Cancel { way, offer: NUMBER, file: None });
            assert_eq!(wanted(&mut harness), [hold(true), stop()]);
            harness.state_mut().view.together = Some(moving(true));
            harness.run_steps(3);
            assert!(harness.query_by_label(pause).is_none());
            reach(&mut harness, go_on);
            reach(&mut harness, cancel);
            assert_eq!(wanted(&mut harness), [hold(false), stop()]);
        }
    }
}

#[test]
fn what_waits_for_the_other_sides_answer_can_be_taken_back_and_not_paused() {
    let waits = OfferView { asks: true, ..offer(Way::Out, [file("film.mp4", 4_800_000, FileState::Offered)]) };
    let mut harness = at_files(Language::English, choose(Some(Vec::new())), with(vec![waits]));
    harness.get_by_label("4.8 MB, waits for the answer of Anna Muster");
    assert!(harness.query_by_label("Pause").is_none() && harness.query_by_label("Save").is_none());
    reach(&mut harness, "Cancel");
    let stop = FileIntent::Cancel { way: Way::Out, offer: NUMBER, file: None };
    assert_eq!(wanted(&mut harness), [wish(stop)]);
}

#[test]
fn how_far_a_file_is_how_fast_and_how_long_it_takes_is_read_in_one_line() {
    for (language, line, held) in [
        (
            Language::German,
            "1,2 MB von 4,8 MB · 400 kB in der Sekunde · noch 0:09",
            "1,2 MB von 4,8 MB · von der anderen Seite angehalten (Anna Muster)",
        ),
        (
            Language::English,
            "1.2 MB of 4.8 MB · 400 kB a second · 0:09 left",
            "1.2 MB of 4.8 MB · paused by Anna Muster",
        ),
    ] {
        let files = [file("film.mp4", 4_800_000, FileState::Moving(1_200_000))];
        let moving = OfferView { moved_bytes: 1_200_000, ..offer(Way::Out, files) };
        let rate = OfferView { bytes_per_s: Some(400_000), left_s: Some(9), ..moving.clone() };
        at_files(language, choose(None), with(vec![rate])).get_by_label(line);
        let paused = OfferView { held_there: true, ..moving };
        at_files(language, choose(None), with(vec![paused])).get_by_label(held);
    }
}

#[test]
fn a_file_that_is_there_shows_its_sum_and_has_all_of_it_copied() {
    for (language, copy, there) in [
        (Language::German, "SHA-256-Summe kopieren", ["Gespeichert und geprüft", "Angekommen und geprüft"]),
        (Language::English, "Copy the SHA-256 sum", ["Saved and checked", "Arrived and checked"]),
    ] {
        for (way, there) in [Way::In, Way::Out].into_iter().zip(there) {
            let sum = Sha256([0xa7; 32]);
            let done = OfferView {
                over: true,
                moved_bytes: 2_000,
                done: 1,
                ..offer(way, [file("notes.pdf", 2_000, FileState::Done(sum))])
            };
            let mut harness = at_files(language, choose(None), with(vec![done]));
            harness.get_by_label("SHA-256 a7a7a7a7a7a7a7a7…");
            is_told(&harness, there, Live::Polite);
            assert_eq!(copied(&mut harness, copy), Some("a7".repeat(32)));
            assert_eq!(wanted(&mut harness), []);
        }
    }
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

fn show_listing(harness: &mut Harness<'_, Window>) {
    if let Some(view) = &mut harness.state_mut().view.together {
        view.files.listing = Some(listing());
    }
    harness.run_steps(3);
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
            let mut harness = at_files(language, choose(None), with(Vec::new()));
            reach(&mut harness, offer);
            assert_eq!(wanted(&mut harness), [wish(FileIntent::Browse(None))]);
            show_listing(&mut harness);
            harness.get_by_label(ask);
            reach(&mut harness, send[0]);
            assert_eq!(wanted(&mut harness), [], "nothing is chosen");
            reach(&mut harness, tick);
            reach(&mut harness, send[1]);
            assert_eq!(wanted(&mut harness), [wish(FileIntent::Offer(vec![path.into()]))]);
        }
    }
}

#[test]
fn folders_are_looked_through_and_left_without_offering_anything() {
    let mut harness = at_files(Language::English, choose(None), with(Vec::new()));
    reach(&mut harness, "Offer files …");
    show_listing(&mut harness);
    wanted(&mut harness);
    is_told(&harness, "/home/anna", Live::Polite);
    for label in ["Photos", "Up", "Back"] {
        reach(&mut harness, label);
    }
    let browse = |path: &str| wish(FileIntent::Browse(Some(path.into())));
    let all = [browse("/home/anna/Photos"), browse("/home"), wish(FileIntent::StopBrowsing)];
    assert_eq!(wanted(&mut harness), all);
}

#[test]
fn where_files_are_saved_is_read_and_changed_to_a_folder() {
    for (language, at, change, ask, here) in [
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
        let mut harness = at_files(language, choose(None), with(Vec::new()));
        harness.get_by_label(at);
        reach(&mut harness, change);
        assert_eq!(wanted(&mut harness), [wish(FileIntent::Browse(Some("/home/anna/Downloads".into())))]);
        show_listing(&mut harness);
        harness.get_by_label(ask);
        assert!(harness.query_by_label("notes.pdf").is_none(), "nothing is saved into a file");
        reach(&mut harness, here);
        assert_eq!(wanted(&mut harness), [wish(FileIntent::SaveInto("/home/anna".into()))]);
    }
}
