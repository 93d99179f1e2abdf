//! The line is cut: what the advisor reads in place of the picture.

use super::*;

const PICTURE: [&str; 2] = ["Gezeigte Fenster des Kunden", "Customer's shared windows"];

#[test]
fn a_cut_stands_in_place_of_the_picture_and_counts_down_whatever_was_shown() {
    for (language, cut, times, again) in [
        (
            Language::German,
            "Die Verbindung ist unterbrochen",
            ["noch 1:35", "noch 0:09"],
            "die Steuerung müssen Sie neu anfragen",
        ),
        (
            Language::English,
            "The connection is interrupted",
            ["for 1:35 more", "for 0:09 more"],
            "control has to be asked for anew",
        ),
    ] {
        for sharing in [SharingState::Showing, SharingState::Paused, SharingState::Choosing] {
            let mut harness = window_in(language, vec2(1_100.0, 760.0), viewer(sharing, ControlView::None));
            harness.run_steps(3);
            let shows = |harness: &Harness<'_, Window>| harness.query_by_label(PICTURE[language.index()]).is_some();
            let before = shows(&harness);
            assert_eq!(before, sharing == SharingState::Showing);
            assert!(harness.query_by_label(cut).is_none());
            for (left_s, time) in [95, 9].into_iter().zip(times) {
                change(&mut harness, |view| view.cut_s = Some(left_s));
                harness.get_by_label(cut);
                harness.get_by_label_contains(time);
                harness.get_by_label_contains(again);
                assert!(!shows(&harness), "what was seen last is not to be taken for what is");
            }
            change(&mut harness, |view| view.cut_s = None);
            assert!(harness.query_by_label(cut).is_none(), "it is back");
            assert_eq!(shows(&harness), before);
        }
    }
}

#[test]
fn nothing_is_input_while_the_line_is_cut() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    let place = on_the_window(&harness);
    change(&mut harness, |view| view.cut_s = Some(95));
    inputs(&mut harness);
    harness.hover_at(place);
    harness.drag_at(place);
    harness.drop_at(place);
    harness.event(Event::Text("a".into()));
    harness.run_steps(6);
    assert_eq!(inputs(&mut harness), []);
}
