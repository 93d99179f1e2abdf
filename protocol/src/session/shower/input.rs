//! Remote input at the shower: what of it is injected, and when it rests.

use super::{Control, Misbehaviour, Permitted, ShowerEffect, ShowerSession};
use crate::{
    input::{InputEvent, InputRefusal, Key, NamedKey},
    peer_msg::GrantId,
    time::Moment,
};
use alloc::vec::Vec;
use core::time::Duration;

/// How long remote input rests after the human at the shower used mouse or
/// keyboard.
const LOCAL_INPUT_REST: Duration = Duration::from_secs(1);

/// The modifiers that the watcher holds, whatever is down here: a rest lets go
/// of them, and the watcher's hand does not. What comes after it would be typed
/// instead of done.
#[derive(Debug, Default)]
pub(super) struct Modifiers {
    held: Vec<NamedKey>,
    /// Some of them are not down here.
    missing: bool,
}

impl Modifiers {
    /// The watcher does this; with `rests` nothing of it is done here.
    fn follow(&mut self, event: &InputEvent, rests: bool) {
        match *event {
            InputEvent::Key { key: Key::Named(name), pressed } if name.is_modifier() => {
                self.held.retain(|held| *held != name);
                if pressed {
                    self.held.push(name);
                    self.missing |= rests;
                }
            }
            InputEvent::ReleaseAll => *self = Self::default(),
            InputEvent::Key { .. }
            | InputEvent::PointerMove { .. }
            | InputEvent::PointerButton { .. }
            | InputEvent::Scroll { .. } => {}
        }
        self.missing &= !self.held.is_empty();
    }

    /// All has been let go of here.
    fn let_go_here(&mut self) {
        self.missing = !self.held.is_empty();
    }

    /// What must go down before this event, so that it does what is meant.
    fn missing_for(&mut self, event: &InputEvent) -> Vec<NamedKey> {
        let needs = match *event {
            InputEvent::Key { key: Key::Named(name), .. } if name.is_modifier() => false,
            InputEvent::Key { pressed, .. } | InputEvent::PointerButton { pressed, .. } => pressed,
            InputEvent::Scroll { .. } => true,
            InputEvent::PointerMove { .. } | InputEvent::ReleaseAll => false,
        };
        if needs && core::mem::take(&mut self.missing) { self.held.clone() } else { Vec::new() }
    }
}

impl ShowerSession {
    pub(super) fn input(&mut self, grant: GrantId, event: InputEvent, now: Moment) -> Result<(), Misbehaviour> {
        if grant.0 == 0 || grant.0 > self.last_grant {
            return Err(Misbehaviour::UnknownGrant);
        }
        if self.gates.hands.epoch() != self.hands_epoch {
            self.local_input(now);
        }
        match self.control {
            Control::Granted { grant: live, .. } if live == grant => {
                let rests = now < self.rests_until;
                if rests {
                    self.refusals.add(InputRefusal::LocalInputWins);
                }
                self.modifiers.follow(&event, rests);
                if !rests {
                    for name in self.modifiers.missing_for(&event) {
                        self.inject(InputEvent::Key { key: Key::Named(name), pressed: true });
                    }
                    self.inject(event);
                }
            }
            Control::Granted { .. } | Control::Idle(_) | Control::Asked { .. } => {
                self.refusals.add(InputRefusal::NoGrant);
            }
        }
        Ok(())
    }

    /// Has an event injected, unless control ends or rests before it is.
    fn inject(&mut self, event: InputEvent) {
        let Control::Granted { epoch, .. } = self.control else { return };
        let permit = Permitted::new(event, self.gates.control.clone(), epoch);
        let permit = permit.resting_with(self.gates.hands.clone(), self.hands_epoch);
        self.effects.push_back(ShowerEffect::Inject(permit));
    }

    /// The human at the shower uses mouse or keyboard: remote input rests.
    /// Whoever sees it on another thread raises [`Gates::hands`](crate::session::Gates::hands) first.
    pub fn local_input(&mut self, now: Moment) {
        self.handle_timeout(now);
        if self.gates.hands.epoch() == self.hands_epoch {
            self.gates.hands.raise();
        }
        self.hands_epoch = self.gates.hands.epoch();
        self.rest_input(LOCAL_INPUT_REST, now);
    }

    /// Remote input rests for at least so long.
    pub fn rest_input(&mut self, rest: Duration, now: Moment) {
        if let Control::Granted { epoch, .. } = self.control {
            if now >= self.rests_until {
                // What the watcher held down would mix with what the human does.
                let permit = Permitted::new(InputEvent::ReleaseAll, self.gates.control.clone(), epoch);
                self.effects.push_back(ShowerEffect::Inject(permit));
                self.modifiers.let_go_here();
            }
            self.rests_until = self.rests_until.max(now.after(rest));
        }
    }

    /// An event passed the rules and had no effect all the same.
    pub fn input_was_refused(&mut self, reason: InputRefusal, now: Moment) {
        if !self.ended {
            self.refusals.add(reason);
        }
        self.handle_timeout(now);
    }
}
