//! Check words: both lists, and beside them how they are used.

use super::*;
use mitblick_protocol::peer_msg::SharingState;

const HOW: [(Language, &str, &str, &str); 2] = [
    (
        Language::German,
        "Details zur Sicherheit",
        "Zeigen, was selten gebraucht wird",
        "Lesen Sie sich diese vier Wörter am Telefon vor: Stehen auf beiden Seiten dieselben, sitzt niemand dazwischen; \
         sind es andere, beenden Sie die Sitzung.",
    ),
    (
        Language::English,
        "Security details",
        "Show what is seldom needed",
        "Read these four words to each other on the phone: if both sides have the same, nobody sits in between; \
         if not, end the session.",
    ),
];

#[test]
fn how_the_check_words_are_used_stands_beside_them_wherever_they_are() {
    for (language, details, more, how) in HOW {
        for screen in [
            who_called(),
            choose(Some(Vec::new())),
            sharing(ControlView::None),
            super::turn::watching(SharingState::Showing),
        ] {
            let in_bar = matches!(screen, CustomerScreen::Sharing(_));
            let mut harness = window_in(language, vec2(1_000.0, 900.0), screen);
            harness.run_steps(3);
            if in_bar {
                click(&mut harness, more);
            }
            assert!(harness.query_by_label(how).is_none());
            click(&mut harness, details);
            harness.run_steps(3);
            let sentence = harness.get_by_label(how).rect();
            for words in ["Ahorn  Beil  Chor  Dorf", "acorn  bell  chalk  drum"] {
                let rect = harness.get_by_label(words).rect();
                let beside = rect.top() > sentence.top() && rect.bottom() < sentence.bottom() + 200.0;
                assert!(beside && rect.bottom() <= 900.0, "{words} at {rect}, the sentence at {sentence}");
            }
        }
    }
}
