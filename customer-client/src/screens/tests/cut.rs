//! The line is cut: what is said, and for how long there is hope.

use super::*;

#[test]
fn a_cut_says_that_nobody_sees_anything_and_counts_down() {
    for (language, nobody, times) in [
        (Language::German, "Die Verbindung ist unterbrochen. Niemand sieht etwas.", ["noch 1:35", "noch 0:09"]),
        (Language::English, "The connection is interrupted. Nobody sees anything.", ["for 1:35 more", "for 0:09 more"]),
    ] {
        for screen in [choose(Some(vec![item(1, "Browser")])), sharing(ControlView::None)] {
            let mut harness = window_in(language, vec2(1_200.0, 700.0), screen);
            harness.run_steps(2);
            assert!(harness.query_by_label_contains(nobody).is_none());
            for (left_s, time) in [95, 9].into_iter().zip(times) {
                harness.state_mut().view.cut_s = Some(left_s);
                harness.run_steps(2);
                harness.get_by_label_contains(nobody);
                assert!(reads(&harness, time), "{time}");
            }
            harness.state_mut().view.cut_s = None;
            harness.run_steps(2);
            assert!(harness.query_by_label_contains(nobody).is_none(), "it is back");
        }
    }
}

/// Whether these words stand somewhere, for eyes.
fn reads(harness: &Harness<'_, Window>, words: &str) -> bool {
    harness.root().children_recursive().any(|node| {
        let node = node.accesskit_node();
        let texts = [node.label(), node.value(), node.data().description().map(ToOwned::to_owned)];
        texts.into_iter().flatten().any(|text| text.contains(words))
    })
}

#[test]
fn what_comes_back_by_itself_is_said_only_where_something_does() {
    for (language, words) in [
        (Language::German, "ist von selbst wieder zu sehen, was Sie gezeigt haben"),
        (Language::English, "what you showed is seen again by itself"),
    ] {
        for comes_back in [false, true] {
            let mut screen = sharing(ControlView::None);
            if let CustomerScreen::Sharing(view) = &mut screen {
                (view.paused, view.comes_back) = (true, comes_back);
            }
            let mut harness = window_in(language, vec2(1_200.0, 400.0), screen);
            harness.state_mut().view.cut_s = Some(95);
            harness.run_steps(2);
            assert_eq!(harness.query_by_label_contains(words).is_some(), comes_back);
        }
    }
}

#[test]
fn the_session_can_be_ended_while_the_line_is_cut() {
    for screen in [choose(Some(vec![item(1, "Browser")])), sharing(ControlView::None)] {
        let mut harness = bar(screen);
        harness.state_mut().view.cut_s = Some(95);
        harness.run_steps(2);
        click(&mut harness, "End session");
        assert_eq!(harness.state().intents, [CustomerIntent::End]);
    }
}
