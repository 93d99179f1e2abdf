//! Being guided: hide, clear, refuse, look.

use super::*;
use mitblick_client_core::customer::{CustomerGuide, GuideView, MoreView, PreviewView};
use mitblick_platform::capture::LocalPicture;
use mitblick_protocol::geometry::Size;
use std::sync::Arc;

fn guided(guide: GuideView, screen: CustomerScreen) -> Harness<'static, Window> {
    let mut harness = window_in(Language::English, vec2(1_200.0, 900.0), screen);
    harness.state_mut().view.guide = Some(guide);
    harness.run_steps(3);
    harness
}

fn wanted(harness: &mut Harness<'_, Window>) -> Vec<CustomerGuide> {
    let intents = std::mem::take(&mut harness.state_mut().intents);
    let guide = |intent| match intent {
        CustomerIntent::Guide(guide) => Some(guide),
        _ => None,
    };
    intents.into_iter().filter_map(guide).collect()
}

#[test]
fn pointing_is_hidden_and_marks_cleared_with_one_click_each() {
    let guide = GuideView { marks: 2, advisor_points: true, ..GuideView::default() };
    let mut harness = guided(guide, sharing(ControlView::None));
    click(&mut harness, "Do not show what the advisor points at and draws");
    click(&mut harness, "Show what is seldom needed");
    click(&mut harness, "Clear marks");
    click(&mut harness, "Make my mouse pointer stand out for the advisor");
    let all = [CustomerGuide::HidePointing(true), CustomerGuide::ClearMarks, CustomerGuide::PointOut(true)];
    assert_eq!(wanted(&mut harness), all);
    harness.state_mut().view.guide = Some(GuideView { pointing_hidden: true, ..GuideView::default() });
    harness.run_steps(3);
    click(&mut harness, "Do not show what the advisor points at and draws");
    assert_eq!(wanted(&mut harness), [CustomerGuide::HidePointing(false)]);
    assert!(harness.query_by_label("Clear marks").is_none(), "there are none");
}

#[test]
fn a_request_is_quoted_and_refused_or_answered_by_choosing() {
    let asked = Some("show me your mail".to_owned());
    let guide = GuideView { asked: asked.clone(), ..GuideView::default() };
    let mut harness = guided(guide.clone(), sharing(ControlView::None));
    harness.get_by_label_contains("\u{201c}show me your mail\u{201d}");
    harness.get_by_label_contains("the advisor's own words");
    click(&mut harness, "Do not show");
    click(&mut harness, "Choose what to show \u{2026}");
    assert_eq!(wanted(&mut harness), [CustomerGuide::RefuseToShow, CustomerGuide::ListMore(true)]);
    let more = Some(MoreView { applications: Some(vec![item(7, "Mail")]) });
    harness.state_mut().view.guide = Some(GuideView { asked, more, ..GuideView::default() });
    harness.run_steps(3);
    click(&mut harness, "Mail, Title of Mail");
    click(&mut harness, "Show this application too");
    assert_eq!(wanted(&mut harness), [CustomerGuide::ShowAlso(vec![ApplicationId(7)])]);

    let mut harness = window(choose(Some(vec![item(1, "Browser")])));
    harness.state_mut().view.guide = Some(guide);
    harness.run_steps(3);
    harness.get_by_label_contains("\u{201c}show me your mail\u{201d}");
    click(&mut harness, "Do not show");
    assert_eq!(wanted(&mut harness), [CustomerGuide::RefuseToShow]);
}

#[test]
fn what_the_advisor_sees_is_shown_with_its_counts() {
    let mut harness = guided(GuideView::default(), sharing(ControlView::None));
    click(&mut harness, "Show what is seldom needed");
    click(&mut harness, "Look at what the advisor sees");
    assert_eq!(wanted(&mut harness), [CustomerGuide::Preview(true)]);
    let size = Size { width: 30, height: 20 };
    let picture = Some(Arc::new(LocalPicture { size, pixels: vec![0xff12_3456; 600] }));
    let preview = Some(PreviewView { picture, shown: 3, hidden: Some(5), lacks_video: true });
    harness.state_mut().view.guide = Some(GuideView { preview, ..GuideView::default() });
    harness.run_steps(3);
    harness.get_by_label_contains("This is what Anna Muster sees");
    assert_eq!(harness.query_all_by_label("3 windows shown, 5 not").count(), 2, "text and picture");
    harness.get_by_label_contains("Moving pictures may be missing");
    click(&mut harness, "Look at what the advisor sees");
    assert_eq!(wanted(&mut harness), [CustomerGuide::Preview(false)]);
}
