//! Looking at what the advisor shows: the question, the viewer, the way back.

use super::*;
use mitblick_client_core::{
    customer::{TurnView, WatchingGuide, WatchingView},
    watching::{WatchedSurface, run::SharedPicture},
};
use mitblick_protocol::{
    geometry::Rect,
    peer_msg::{SharingState, Surface, SurfaceId, SurfaceState, TurnEnd},
};

pub(super) fn watching(shown: SharingState) -> CustomerScreen {
    let picture = SharedPicture::default();
    let rect = Rect::new(50, 60, 400, 300);
    let title = DisplayText::cleaned("Invoices");
    let surface = Surface { id: SurfaceId(1), rect, state: SurfaceState::Shown, parent: None, title };
    {
        let mut store = picture.0.lock();
        store.scene.surfaces.push(surface.clone());
        let pixels = vec![0x00ff_ffff; 400 * 300];
        store.surfaces.insert(SurfaceId(1), WatchedSurface { size: rect.size(), pixels, changed: Vec::new() });
        (store.frames, store.scenes) = (1, 1);
    }
    CustomerScreen::Watching(WatchingView {
        who: who(),
        shown,
        guide: WatchingGuide::default(),
        picture,
        surfaces: Arc::new(vec![surface]),
        suite: "a suite".into(),
        words: words(),
    })
}

#[test]
fn the_question_is_asked_wherever_the_customer_is_and_answered_after_a_moment() {
    for (screen, size) in [
        (choose(Some(vec![item(1, "Browser")])), vec2(460.0, 1_000.0)),
        (sharing(ControlView::None), vec2(1_200.0, 400.0)),
    ] {
        for (language, question, yes, no) in [
            (Language::English, "would like to show you something", "Look", "No"),
            (Language::German, "möchte Ihnen etwas auf dem eigenen Bildschirm zeigen", "Ansehen", "Nein"),
        ] {
            for (label, intent) in [(yes, CustomerIntent::AllowTurn), (no, CustomerIntent::TurnBack)] {
                let mut harness = window_in(language, size, screen.clone());
                assert!(harness.query_by_label_contains(question).is_none());
                harness.state_mut().view.turn = TurnView::Asked;
                harness.run_steps(2);
                harness.get_by_label_contains(question);
                click(&mut harness, label);
                for key in [Key::Enter, Key::Space] {
                    press(&mut harness, key);
                }
                assert_eq!(harness.state().intents, [], "what was on its way does not count");
                harness.run_steps(PAST_GUARD);
                click(&mut harness, label);
                assert_eq!(harness.state().intents, [intent]);
            }
        }
    }
}

#[test]
fn the_viewer_says_whose_picture_it_is_and_leads_back_with_one_click() {
    for (language, line, back, end) in [
        (
            Language::English,
            "applications of Anna Muster. Nothing of your screen is shown.",
            "Back: stop looking",
            "End session",
        ),
        (
            Language::German,
            "Anwendungen von Anna Muster. Von Ihrem Bildschirm wird nichts gezeigt.",
            "Zurück: nicht mehr zusehen",
            "Sitzung beenden",
        ),
    ] {
        for shown in [SharingState::Choosing, SharingState::Showing, SharingState::Paused] {
            let mut harness = window_in(language, vec2(900.0, 700.0), watching(shown));
            harness.run_steps(3);
            harness.get_by_label_contains(line);
            let painted = harness.state().intents.contains(&CustomerIntent::Painted);
            assert_eq!(painted, shown == SharingState::Showing);
            harness.state_mut().intents.clear();
            click(&mut harness, back);
            click(&mut harness, end);
            assert_eq!(harness.state().intents, [CustomerIntent::TurnBack, CustomerIntent::End]);
        }
    }
}

#[test]
fn a_small_window_keeps_the_line_and_the_way_back() {
    for language in Language::ALL {
        let mut harness = window_in(language, vec2(320.0, 360.0), watching(SharingState::Showing));
        harness.run_steps(3);
        let back = if language == Language::German { "Zurück: nicht mehr zusehen" } else { "Back: stop looking" };
        let place = harness.get_by_label(back).rect();
        assert!(place.right() <= 320.0 && place.bottom() <= 360.0, "{place}");
    }
}

#[test]
fn after_it_the_customer_reads_why_it_is_over() {
    let mut harness = window(choose(Some(vec![item(1, "Browser")])));
    harness.state_mut().view.turn = TurnView::Ended(TurnEnd::GivenBack);
    harness.run_steps(2);
    harness.get_by_label_contains("nothing of the advisor's screen any more: the advisor switched back.");
}
