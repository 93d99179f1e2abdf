//! The turned direction at the customer: the consent, and looking at what the
//! advisor shows.

use super::{
    controller::{CustomerController, CustomerWork},
    guide::CustomerGuide,
};
use crate::{
    controller::Effect,
    pointing::{Pointing, SeenMarks},
    problem::Problem,
    watching::{
        Answers,
        run::{RunCommand, RunEvent, RunNumber, SharedPicture},
        watch::WatchEvent,
    },
};
use mitblick_protocol::{
    peer_msg::{Frame, SharingState, Surface, TurnEnd},
    session::{ShowerTurn, WatcherState},
    time::Moment,
};
use std::sync::Arc;

/// Whether the advisor shows something, in words of the customer's side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TurnView {
    /// It does not.
    #[default]
    None,
    /// The advisor asks.
    Asked,
    /// The advisor shows, and the customer looks.
    Turned {
        /// What the advisor's program is doing.
        shown: SharingState,
    },
    /// The customer said no.
    Refused,
    /// It was, and has ended.
    Ended(TurnEnd),
}

impl From<ShowerTurn> for TurnView {
    fn from(turn: ShowerTurn) -> Self {
        match turn {
            ShowerTurn::None | ShowerTurn::Ended(TurnEnd::Forbidden) => Self::None,
            ShowerTurn::Asked { .. } => Self::Asked,
            ShowerTurn::Granted { shown } => Self::Turned { shown },
            ShowerTurn::Refused => Self::Refused,
            ShowerTurn::Ended(end) => Self::Ended(end),
        }
    }
}

/// While the advisor shows.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchingView {
    /// Who shows.
    pub who: super::Who,
    /// What the advisor's program is doing.
    pub shown: SharingState,
    /// What is pointed at.
    pub guide: WatchingGuide,
    /// The picture.
    pub picture: SharedPicture,
    /// The surfaces of its scene, bottom-most first.
    pub surfaces: Arc<Vec<Surface>>,
    /// Cipher suite in use.
    pub suite: String,
    /// Check words: `[german, english]`.
    pub words: [[String; 4]; 2],
}

/// How the two show each other what they mean while the advisor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchingGuide {
    /// Whether the advisor sees what the customer points at.
    pub pointing_allowed: bool,
    /// How many of the customer's marks are seen.
    pub marks: usize,
    /// Whether the advisor's pointer stands out.
    pub points_out: bool,
}

impl Default for WatchingGuide {
    fn default() -> Self {
        Self { pointing_allowed: true, marks: 0, points_out: false }
    }
}

impl WatchingGuide {
    /// As the rules have it.
    pub(super) const fn of(state: &WatcherState) -> Self {
        Self { pointing_allowed: state.pointing_allowed, marks: state.marks, points_out: state.points_out }
    }
}

/// What a session keeps of a turn.
#[derive(Default)]
pub(in crate::customer) struct Turned {
    run: Option<RunNumber>,
    /// As of the last change, to see changes.
    shown: Option<SharingState>,
    pub(in crate::customer) picture: SharedPicture,
    pub(in crate::customer) surfaces: Arc<Vec<Surface>>,
    pub(in crate::customer) answers: Answers,
}

impl CustomerController {
    /// The person wants to see what the advisor shows.
    pub(in crate::customer) fn allow_turn(&mut self, now: Moment) {
        match self.session_mut() {
            Some(session) if !session.asks_who_called => {
                self.command(now, |rules| rules.allow_turn(now).is_ok());
            }
            _ => self.push_effect(Effect::Complain(Problem::NotNow)),
        }
    }

    /// Begins or ends looking as the session's rules have it now.
    pub(in crate::customer) fn follow_turn(&mut self, now: Moment) {
        let Some(session) = self.session_mut() else { return };
        let shown = match session.rules.state().turn {
            ShowerTurn::Granted { shown } => Some(shown),
            ShowerTurn::None | ShowerTurn::Asked { .. } | ShowerTurn::Refused | ShowerTurn::Ended(_) => None,
        };
        let before = std::mem::replace(&mut session.turned.shown, shown);
        if before == shown {
            return;
        }
        // Each showing begins with an empty picture, and none stays on the
        // screen when it pauses or ends.
        (session.turned.surfaces, session.turned.answers) = (Arc::default(), Answers::default());
        let command = match (before, shown) {
            (_, None) => {
                (session.turned.run, session.turned.picture) = (None, SharedPicture::default());
                RunCommand::End
            }
            (Some(_), Some(_)) => RunCommand::Reset,
            (None, Some(_)) => {
                // Nothing of this screen is to be looked at meanwhile.
                self.guide(CustomerGuide::ListMore(false), now);
                self.guide(CustomerGuide::Preview(false), now);
                let (number, picture) = (self.next_run(), SharedPicture::default());
                if let Some(session) = self.session_mut() {
                    session.take_pictures();
                    (session.turned.run, session.turned.picture) = (Some(number), picture.clone());
                }
                RunCommand::Begin { number, picture }
            }
        };
        self.push_effect(Effect::Work(CustomerWork::Watch(command)));
    }

    /// The customer points at something of what the advisor shows.
    pub(in crate::customer) fn point(&mut self, wanted: Pointing, now: Moment) {
        self.command(now, |rules| match wanted {
            // Of a pointer that moves, what can't be is no mistake.
            Pointing::At(place) => {
                rules.turned_point(place, now);
                true
            }
            Pointing::Draw { drawing, again } => rules.turned_draw(drawing, again, now) || again,
            // They may be gone at this very moment.
            Pointing::Clear => {
                rules.turned_clear_marks(now);
                true
            }
        });
    }

    /// The own marks, or whether the advisor's pointer stands out, have changed.
    pub(in crate::customer) fn show_own_marks(&mut self) {
        let Some(session) = self.session_mut() else { return };
        let points_out = session.rules.turned_state().is_some_and(|state| state.points_out);
        let seen = SeenMarks { marks: session.rules.turned_marks(), points_out };
        self.push_effect(Effect::Work(CustomerWork::Watch(RunCommand::Marks(seen))));
    }

    pub(in crate::customer) fn turned_frame(&mut self, frame: Frame, fresh: bool) {
        let command = RunCommand::Frame { frame: Box::new(frame), fresh };
        self.push_effect(Effect::Work(CustomerWork::Watch(command)));
    }

    /// What takes in what the advisor shows reports.
    pub(in crate::customer) fn watched(&mut self, number: RunNumber, event: RunEvent, now: Moment) {
        let Some(session) = self.session_mut() else { return };
        if session.turned.run != Some(number) {
            return;
        }
        match event {
            RunEvent::Watch(WatchEvent::Shown { number, bytes, surfaces }) => {
                session.turned.answers.shown(number, bytes, now);
                session.answer(now);
                if let Some(surfaces) = surfaces {
                    session.turned.surfaces = surfaces;
                    self.push_effect(Effect::Publish);
                }
                self.drain_session(now);
            }
            RunEvent::Watch(WatchEvent::DecodesVideo(can)) => {
                session.rules.turned_decodes_video(can);
                self.drain_session(now);
            }
            RunEvent::Watch(WatchEvent::Malformed) | RunEvent::TooManyFrames => self.misbehaved(now),
            RunEvent::Failed(why) => {
                tracing::warn!(why, "what the advisor shows can't be seen");
                self.command(now, |rules| rules.turn_back(now));
            }
        }
    }
}
