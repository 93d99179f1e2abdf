//! The turned direction in the advisor's controller.

use super::{AdvisorController, AdvisorWork, Stage};
use crate::{
    advisor::turn::{AdvisorTurn, TurnGuide, TurnView},
    controller::Effect,
    problem::Problem,
    showing::{
        AppItem,
        names::KnownNames,
        run::{ShowCommand, ShowEvent, ShowNumber},
        share::{ShareCommand, ShareEvent},
    },
};
use mitblick_protocol::{
    marks::ShownMarks,
    peer_msg::{Frame, SharingState},
    policy::TurnRule,
    session::{ApplicationId, Permitted, ViewSelection, WatcherSession, WatcherTurn},
    time::Moment,
};
use std::time::Duration;

/// How often the list of applications is refreshed while it is looked at.
const REFRESH_EVERY: Duration = Duration::from_millis(1_500);

/// What a session keeps of a turn.
#[derive(Debug, Default)]
pub(super) struct Turned {
    run: Option<ShowNumber>,
    applications: Option<Vec<AppItem>>,
    names: KnownNames,
    /// Titles to show as soon as a fresh list is there.
    wanted_titles: Option<Vec<String>>,
    /// Names of what is shown.
    shown: Vec<String>,
    refresh_at: Option<Moment>,
}

impl Turned {
    /// What was to be shown by its title is not any more.
    pub(super) fn forget_wanted(&mut self) {
        self.wanted_titles = None;
    }

    pub(super) fn view(&self, rules: &WatcherSession, rule: TurnRule) -> TurnView {
        let state = rules.state().turn;
        let shows = match state {
            WatcherTurn::Granted { sharing } => sharing != SharingState::Choosing,
            WatcherTurn::None | WatcherTurn::Asked | WatcherTurn::Refused | WatcherTurn::Ended(_) => false,
        };
        TurnView {
            state,
            forbidden: rule == TurnRule::Forbidden,
            applications: self.applications.clone().filter(|_| self.run.is_some()),
            shown: if shows { self.shown.clone() } else { Vec::new() },
            guide: rules.turned_state().as_ref().map(TurnGuide::of).unwrap_or_default(),
        }
    }

    pub(super) fn due(&self) -> Option<Moment> {
        self.refresh_at
    }
}

impl AdvisorController {
    /// For the worker that shows this desktop.
    pub(super) fn share(&mut self, command: ShareCommand) {
        self.show_work(ShowCommand::Share(command));
    }

    fn show_work(&mut self, command: ShowCommand) {
        self.push_effect(Effect::Work(AdvisorWork::Show(command)));
    }

    pub(super) fn turn(&mut self, wanted: AdvisorTurn, now: Moment) {
        match wanted {
            // What the rules forbid is not even asked; the customer's program
            // would refuse it.
            AdvisorTurn::Request => match &self.stage {
                Stage::Session(session) if session.limits.turn == TurnRule::Forbidden => {
                    self.push_effect(Effect::Complain(Problem::ShowingForbidden));
                }
                _ => self.command(now, |rules| rules.request_turn(now)),
            },
            AdvisorTurn::End => self.command(now, |rules| rules.end_turn(false, now)),
            AdvisorTurn::Show(applications) => self.show(applications.into_iter().collect(), now),
            AdvisorTurn::ShowTitles(titles) => match &mut self.stage {
                Stage::Session(session) if session.turned.run.is_some() => {
                    session.turned.wanted_titles = Some(titles);
                    self.show_work(ShowCommand::List);
                }
                _ => self.push_effect(Effect::Complain(Problem::NotNow)),
            },
            AdvisorTurn::ChooseAgain => self.command(now, |rules| rules.turned_choose_again(now)),
            AdvisorTurn::Pause => self.command(now, |rules| rules.turned_pause(now)),
            AdvisorTurn::Resume => self.command(now, |rules| rules.turned_resume(now)),
            AdvisorTurn::HidePointing(hide) => self.command(now, |rules| rules.turned_hide_pointing(hide, now)),
            // They may fade at this very moment.
            AdvisorTurn::ClearMarks => self.command(now, |rules| {
                rules.turned_clear_marks(now);
                true
            }),
            AdvisorTurn::PointOut(on) => self.command(now, |rules| rules.turned_point_out(on, now)),
        }
    }

    /// What the customer points at has changed.
    pub(super) fn show_customers_marks(&mut self, seen: Permitted<ShownMarks>) {
        self.show_work(ShowCommand::Marks(seen));
    }

    fn show(&mut self, selection: std::collections::BTreeSet<ApplicationId>, now: Moment) {
        let Stage::Session(session) = &mut self.stage else {
            return self.push_effect(Effect::Complain(Problem::NotNow));
        };
        let (selection, shown) = session.turned.names.named(&selection);
        if session.rules.turned_share(selection, now).is_err() {
            return self.push_effect(Effect::Complain(Problem::NothingToShare));
        }
        session.turned.shown = shown;
        self.drain_session(now);
    }

    /// Begins or ends showing as the session's rules have it now.
    pub(super) fn follow_turn(&mut self, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        let state = session.rules.state().turn;
        let command = match (state, session.turned.run) {
            (WatcherTurn::Granted { .. }, None) => {
                self.shows.0 += 1;
                session.turned = Turned { run: Some(self.shows), ..Turned::default() };
                ShowCommand::Begin(self.shows)
            }
            (WatcherTurn::Granted { sharing }, Some(_)) => {
                // The list is looked at while nothing is shown.
                let choosing = sharing == SharingState::Choosing;
                session.turned.refresh_at = choosing.then(|| session.turned.refresh_at.unwrap_or(now));
                return;
            }
            (_, Some(_)) => {
                session.turned = Turned::default();
                ShowCommand::End
            }
            (_, None) => return,
        };
        let begins = matches!(command, ShowCommand::Begin(_));
        self.show_work(command);
        if begins {
            self.show_work(ShowCommand::List);
        }
    }

    pub(super) fn turn_timeout(&mut self, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        if session.turned.refresh_at.is_some_and(|at| at <= now) {
            // Until the list has come; then it is set anew.
            session.turned.refresh_at = Some(now.after(REFRESH_EVERY * 4));
            self.show_work(ShowCommand::List);
        }
    }

    pub(super) fn handle_show(&mut self, number: ShowNumber, event: ShowEvent, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        if session.turned.run != Some(number) {
            return;
        }
        match event {
            ShowEvent::Applications(Ok(items)) => {
                let turned = &mut session.turned;
                let changed = turned.applications.as_ref() != Some(&items);
                turned.names.learn(&items);
                turned.applications = Some(items);
                let choosing = session.rules.state().turn == WatcherTurn::Granted { sharing: SharingState::Choosing };
                turned.refresh_at = choosing.then(|| now.after(REFRESH_EVERY));
                if let Some(titles) = turned.wanted_titles.take() {
                    let items = turned.applications.as_deref().unwrap_or_default();
                    let chosen = items.iter().filter(|item| item.has_title(&titles)).map(|item| item.id).collect();
                    self.show(chosen, now);
                }
                if changed {
                    self.publish();
                }
            }
            ShowEvent::Share(ShareEvent::Frame(frame, permit)) => self.send_frame(frame, false, &permit, now),
            ShowEvent::Share(ShareEvent::FreshFrame(frame, permit)) => self.send_frame(frame, true, &permit, now),
            ShowEvent::Share(ShareEvent::Windows(_)) => {}
            ShowEvent::Applications(Err(why)) | ShowEvent::Share(ShareEvent::Failed(why)) | ShowEvent::Failed(why) => {
                self.push_effect(Effect::Complain(Problem::ShowingFailed(why)));
                self.command(now, |rules| rules.end_turn(true, now));
            }
        }
    }

    fn send_frame(&mut self, frame: Frame, fresh: bool, permit: &Permitted<ViewSelection>, now: Moment) {
        let Stage::Session(session) = &mut self.stage else { return };
        // The last look before sealing: a pause since means that this frame
        // does not leave.
        if permit.claim().is_some()
            && let Some(message) = session.rules.turned_frame(frame, fresh, now)
        {
            session.push(&message);
        }
        self.drain_session(now);
    }
}
