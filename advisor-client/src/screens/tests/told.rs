//! What a screen reader tells by itself, with the bar and in full screen.

use super::{clipboard::asked_text, files::offered, recording::granted, *};
use mitblick_protocol::{
    peer_msg::{RecordingEnd, TurnEnd},
    session::WatcherTurn,
};

/// A viewer in which something changes, with the bar and in full screen.
fn changed(language: Language, to: impl Fn(&mut ViewerView)) -> [Harness<'static, Window>; 2] {
    [false, true].map(|full_screen| {
        let mut harness = window_in(language, vec2(1_100.0, 760.0), viewer(SharingState::Showing, ControlView::None));
        harness.state_mut().local.viewer.full_screen = full_screen;
        harness.run_steps(3);
        change(&mut harness, &to);
        harness
    })
}

#[track_caller]
fn tells(to: impl Fn(&mut ViewerView), german: &str, english: &str, how: Live) {
    for (language, words) in [(Language::German, german), (Language::English, english)] {
        for harness in changed(language, &to) {
            is_told(&harness, words, how);
        }
    }
}

#[test]
fn what_becomes_of_control_is_told_at_once() {
    let ended = ControlView::Ended;
    for (control, german, english) in [
        (ControlView::Asked, "Steuerung angefragt", "Control requested"),
        (GRANTED, "Steuerung bis", "Control until"),
        (ControlView::Granted { remaining_s: None }, "Steuerung erlaubt", "Control allowed"),
        (ControlView::Refused, "Steuerung abgelehnt", "Control refused"),
        (ended(ControlEnd::StopKey), "mit der Stopptaste beendet", "ended with the stop key"),
        (ended(ControlEnd::TakenBack), "wurde zurückgenommen", "was taken back"),
        (ended(ControlEnd::TimeOver), "Die erlaubte Zeit ist um", "The time allowed is over"),
    ] {
        tells(|view| view.control = control, german, english, Live::Assertive);
    }
}

#[test]
fn that_the_line_is_cut_is_told_at_once() {
    let cut = |view: &mut ViewerView| view.cut_s = Some(95);
    tells(cut, "Die Verbindung ist unterbrochen", "The connection is interrupted", Live::Assertive);
}

#[test]
fn what_the_customer_does_with_the_picture_is_told_at_once() {
    for (sharing, german, english) in [
        (SharingState::Paused, "Der Kunde hat die Übertragung pausiert.", "The customer has paused the picture."),
        (SharingState::Choosing, "Der Kunde wählt gerade aus", "The customer is choosing what to show."),
    ] {
        tells(|view| view.sharing = sharing, german, english, Live::Assertive);
    }
}

#[test]
fn what_becomes_of_a_recording_is_told_at_once() {
    for (state, german, english) in [
        (RecordingState::Asked, "Um Aufzeichnung gebeten", "Asked to record"),
        (granted(), "Aufzeichnung läuft", "Recording"),
        (RecordingState::Refused, "Der Kunde erlaubt keine Aufzeichnung.", "does not allow a recording"),
        (
            RecordingState::Ended(RecordingEnd::TakenBack),
            "Die Aufzeichnung ist beendet: Die Erlaubnis wurde zurückgenommen.",
            "Recording ended: consent was taken back.",
        ),
    ] {
        tells(|view| view.recording.state = state, german, english, Live::Assertive);
    }
}

#[test]
fn what_becomes_of_showing_the_customer_something_is_told() {
    for (state, german, english, how) in [
        (WatcherTurn::Asked, "er hat noch nicht entschieden", "they have not decided yet", Live::Polite),
        (WatcherTurn::Refused, "möchte nichts auf Ihrem Bildschirm", "does not want to see anything", Live::Assertive),
        (
            WatcherTurn::Granted { sharing: SharingState::Showing },
            "Der Kunde sieht: Ledger",
            "The customer sees: Ledger",
            Live::Assertive,
        ),
        (
            WatcherTurn::Ended(TurnEnd::TakenBack),
            "Der Kunde sieht nichts mehr von Ihrem Bildschirm",
            "sees nothing of your screen any more",
            Live::Assertive,
        ),
    ] {
        let to = |view: &mut ViewerView| {
            (view.turn.state, view.turn.shown) = (state, vec!["Ledger".into()]);
            if matches!(state, WatcherTurn::Granted { .. }) {
                view.sharing = SharingState::Choosing;
            }
        };
        tells(to, german, english, how);
    }
}

#[test]
fn that_files_are_offered_is_told_at_once_also_in_full_screen() {
    let asks = |view: &mut ViewerView| view.together = offered(&[("notes.pdf", 2_000)]);
    let words = ["Dateien: 1 Angebot wartet auf Ihre Antwort", "Files: 1 offer waits for your answer"];
    tells(asks, words[0], words[1], Live::Assertive);
}

#[test]
fn that_the_customer_has_written_is_told_also_in_full_screen() {
    let written = |view: &mut ViewerView| view.together.chat.unseen = 2;
    tells(written, "Chat: 2 neue Nachrichten", "Chat: 2 new messages", Live::Polite);
}

#[test]
fn that_a_text_is_offered_for_the_clipboard_is_told_at_once() {
    let asks = |view: &mut ViewerView| view.together = asked_text();
    let words = ["möchte diesen Text in Ihre Zwischenablage legen", "would like to put this text into your clipboard"];
    tells(asks, words[0], words[1], Live::Assertive);
}

#[test]
fn what_counts_down_is_told_once_and_not_at_every_step() {
    let ticks: [fn(&mut ViewerView, u32); 4] = [
        |view, left_s| view.cut_s = Some(left_s),
        |view, left_s| view.ends_in_s = Some(left_s),
        |view, left_s| (view.ends_in_s, view.control_forbidden) = (Some(left_s), true),
        |view, left_s| view.control = ControlView::Granted { remaining_s: Some(left_s) },
    ];
    for tick in ticks {
        for mut harness in changed(Language::English, |view| tick(view, 95)) {
            let before = all_told(&harness);
            assert!(!before.is_empty());
            change(&mut harness, |view| tick(view, 94));
            assert_eq!(all_told(&harness), before);
        }
    }
}

/// Everything that is told when it changes.
fn all_told(harness: &Harness<'_, Window>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    let told = nodes.filter_map(|node| {
        let node = node.accesskit_node();
        let is_live = node.data().live().is_some_and(|live| live != Live::Off);
        is_live.then(|| node.label().or_else(|| node.value()).unwrap_or_default())
    });
    told.collect()
}
