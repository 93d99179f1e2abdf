//! How the customer lets themselves be guided without giving control: what the
//! advisor points at and asks to be shown. What is wanted and shown of it, and
//! how the controller does it.

use super::{
    controller::{CustomerController, CustomerWork},
    preview::{PreviewCommand, PreviewEvent},
    share::ShareCommand,
};
use crate::{automation::Printer, controller::Effect, problem::Problem, showing::AppItem};
use mitblick_platform::capture::LocalPicture;
use mitblick_protocol::{
    peer_msg::{Frame, SharingState},
    session::{ApplicationId, ShowerState, ViewSelection},
    time::Moment,
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

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
    /// Look at what the advisor sees, or no longer.
    Preview(bool),
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
    /// What the advisor sees, while the person looks at it.
    pub preview: Option<PreviewView>,
}

/// What the advisor sees.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PreviewView {
    /// The picture, made of what was sent; `None` = nothing.
    pub picture: Option<Arc<LocalPicture>>,
    /// How many windows are in it.
    pub shown: usize,
    /// How many others are open; `None` while they are being counted.
    pub hidden: Option<usize>,
    /// Moving pictures can't be decoded here, and so may be missing.
    pub lacks_video: bool,
}

/// Applications that are not shown.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MoreView {
    /// `None` while they are being listed.
    pub applications: Option<Vec<AppItem>>,
}

impl GuideView {
    /// As the rules have it.
    pub(super) fn of(
        state: &ShowerState,
        asked: Option<String>,
        more: Option<MoreView>,
        preview: Option<PreviewView>,
    ) -> Self {
        Self {
            pointing_hidden: state.pointing_hidden,
            marks: state.marks,
            advisor_points: state.watcher_points,
            points_out: state.points_out,
            asked,
            more,
            preview,
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
            CustomerGuide::Preview(open) => self.open_preview(open, now),
        }
    }

    fn open_preview(&mut self, open: bool, now: Moment) {
        let Some(session) = self.session_mut() else {
            return self.push_effect(Effect::Complain(Problem::NotNow));
        };
        if session.preview.is_some() == open {
            return;
        }
        let showing = session.rules.state().sharing == SharingState::Showing;
        session.preview = open.then(Looking::default);
        session.follow_listing(now);
        let command = if open { PreviewCommand::Open } else { PreviewCommand::Close };
        self.push_effect(Effect::Work(CustomerWork::Preview(command)));
        if open && showing {
            // It can be made only of what is sent from the beginning on.
            self.push_effect(Effect::Work(CustomerWork::Share(ShareCommand::BeginAfresh)));
        }
        self.push_effect(Effect::Publish);
    }

    /// The preview reports.
    pub(super) fn preview_told(&mut self, event: PreviewEvent) {
        let Some(looking) = self.session_mut().and_then(|session| session.preview.as_mut()) else { return };
        match event {
            PreviewEvent::Picture { picture, windows } => {
                (looking.picture, looking.windows) = (picture, windows);
                self.push_effect(Effect::Publish);
            }
            PreviewEvent::DecodesVideo(can) => {
                let lacks = !can;
                if std::mem::replace(&mut looking.lacks_video, lacks) != lacks {
                    self.push_effect(Effect::Publish);
                }
            }
            PreviewEvent::Lost => {
                looking.in_step = false;
                self.push_effect(Effect::Work(CustomerWork::Share(ShareCommand::BeginAfresh)));
            }
        }
    }

    /// Shows these beside what is shown.
    pub(super) fn show_also(&mut self, more: impl IntoIterator<Item = ApplicationId>, now: Moment) {
        let Some(session) = self.session_mut() else {
            return self.push_effect(Effect::Complain(Problem::NotNow));
        };
        let mut applications: BTreeSet<_> = more.into_iter().collect();
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
        session.follow_listing(now);
        if on {
            self.push_effect(Effect::Work(CustomerWork::ListApplications));
        }
        self.push_effect(Effect::Publish);
    }
}

/// Somebody looks at what the advisor sees.
#[derive(Debug, Default)]
pub(super) struct Looking {
    /// It has had all of the picture that is sent now.
    in_step: bool,
    picture: Option<Arc<LocalPicture>>,
    windows: usize,
    lacks_video: bool,
}

impl Looking {
    /// What is to be done with a frame that is about to be sent.
    pub(super) fn follow(&mut self, frame: &Frame, fresh: bool) -> Option<PreviewCommand> {
        self.in_step |= fresh;
        self.in_step.then(|| PreviewCommand::Frame { frame: Box::new(frame.clone()), fresh })
    }

    /// Nothing is shown any more; what is shown next is whole.
    pub(super) fn reset(&mut self) -> PreviewCommand {
        self.in_step = true;
        PreviewCommand::Reset
    }

    /// With how many windows are open that are not shown.
    pub(super) fn view(&self, hidden: Option<usize>) -> PreviewView {
        let (picture, lacks_video) = (self.picture.clone(), self.lacks_video);
        PreviewView { picture, shown: self.windows, hidden, lacks_video }
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
        let counts =
            |view: &GuideView| view.preview.as_ref().map(|seen| (seen.picture.is_some(), seen.shown, seen.hidden));
        if counts(&before) != counts(view) {
            printer.print(match &view.preview {
                Some(seen) => json!({"event": "preview", "picture": seen.picture.is_some(), "shown": seen.shown,
                    "hidden": seen.hidden}),
                None => json!({"event": "preview", "picture": false}),
            });
        }
        if before.asked != view.asked {
            printer.print(json!({"event": "asked_to_show", "text": view.asked}));
        }
    }
}
