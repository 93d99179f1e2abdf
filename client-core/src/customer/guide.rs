//! How the customer lets themselves be guided without giving control: what the
//! advisor points at and asks to be shown. What is wanted and shown of it, and
//! how the controller does it.

use super::{
    controller::{CustomerController, CustomerWork},
    view::AppItem,
};
use crate::{automation::Printer, controller::Effect, problem::Problem};
use mitblick_protocol::session::{ApplicationId, ShowerState, ViewSelection};
use mitblick_protocol::time::Moment;
use serde_json::json;

/// What the customer can want of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerGuide {
    /// See nothing of what the advisor points at, or again.
    HidePointing(bool),
    /// Take the advisor's marks away.
    ClearMarks,
    /// Have the own pointer stand out at the advisor, or no longer.
    PointOut(bool),
    /// Not show what the advisor asks for.
    RefuseToShow,
    /// Look at what else could be shown, or no longer.
    ListMore(bool),
    /// Show these beside what is shown.
    ShowAlso(Vec<ApplicationId>),
    /// Show what owns a window whose title contains one of these texts beside
    /// what is shown (automation).
    ShowAlsoTitles(Vec<String>),
}

/// What of it is shown.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct GuideView {
    /// Nothing is seen of what the advisor points at.
    pub pointing_hidden: bool,
    /// How many of the advisor's marks are seen.
    pub marks: usize,
    /// Whether the advisor's pointer is seen.
    pub advisor_points: bool,
    /// Whether the own pointer stands out at the advisor.
    pub points_out: bool,
    /// What the advisor asks to be shown, with nothing hidden in it.
    pub asked: Option<String>,
    /// What else could be shown, while the person looks at it.
    pub more: Option<MoreView>,
}

/// Applications that are not shown.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MoreView {
    /// `None` while they are being listed.
    pub applications: Option<Vec<AppItem>>,
}

impl GuideView {
    /// As the rules have it.
    pub(super) fn of(state: &ShowerState, asked: Option<String>, more: Option<MoreView>) -> Self {
        Self {
            pointing_hidden: state.pointing_hidden,
            marks: state.marks,
            advisor_points: state.watcher_points,
            points_out: state.points_out,
            asked,
            more,
        }
    }
}

impl CustomerController {
    /// The customer wants something of it.
    pub(super) fn guide(&mut self, guide: CustomerGuide, now: Moment) {
        match guide {
            CustomerGuide::HidePointing(hide) => self.command(now, |rules| rules.hide_pointing(hide, now)),
            // They may fade at this very moment.
            CustomerGuide::ClearMarks => self.command(now, |rules| {
                rules.clear_marks(now);
                true
            }),
            CustomerGuide::PointOut(on) => self.command(now, |rules| rules.point_out(on, now)),
            CustomerGuide::RefuseToShow => {
                self.list_more(false, now);
                self.command(now, |rules| rules.refuse_to_show(now));
            }
            CustomerGuide::ListMore(on) => self.list_more(on, now),
            CustomerGuide::ShowAlso(applications) => self.show_also(applications, now),
            CustomerGuide::ShowAlsoTitles(titles) => self.share_titles(&titles, true),
        }
    }

    /// Shows these beside what is shown.
    pub(super) fn show_also(&mut self, more: impl IntoIterator<Item = ApplicationId>, now: Moment) {
        let Some(session) = self.session_mut() else {
            return self.push_effect(Effect::Complain(Problem::NotNow));
        };
        let mut applications: std::collections::BTreeSet<_> = more.into_iter().collect();
        if applications.is_empty() {
            return self.push_effect(Effect::Complain(Problem::NothingToShare));
        }
        session.lists_more = false;
        applications.extend(session.rules.selection().into_iter().flat_map(|shown| &shown.applications));
        self.share(ViewSelection { applications }, now);
    }

    fn list_more(&mut self, on: bool, now: Moment) {
        let Some(session) = self.session_mut() else { return };
        session.lists_more = on;
        session.refresh_at = on.then_some(now).or(session.refresh_at);
        if on {
            self.push_effect(Effect::Work(CustomerWork::ListApplications));
        }
        self.push_effect(Effect::Publish);
    }
}

/// Tells automation what is new in a view.
#[derive(Debug, Default)]
pub struct GuideTold(GuideView);

impl GuideTold {
    /// Tells what is new.
    pub fn tell(&mut self, view: &GuideView, printer: &Printer) {
        let before = std::mem::replace(&mut self.0, view.clone());
        if (before.marks, before.advisor_points) != (view.marks, view.advisor_points) {
            printer.print(json!({"event": "marks", "marks": view.marks, "pointer": view.advisor_points}));
        }
        if before.pointing_hidden != view.pointing_hidden {
            printer.print(json!({"event": "pointing", "hidden": view.pointing_hidden}));
        }
        if before.points_out != view.points_out {
            printer.print(json!({"event": "points_out", "on": view.points_out}));
        }
        if before.asked != view.asked {
            printer.print(json!({"event": "asked_to_show", "text": view.asked}));
        }
    }
}
