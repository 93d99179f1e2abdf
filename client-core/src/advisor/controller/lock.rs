//! The lock of the advisor's program: while it is locked nothing of a session is
//! shown, no input, text or file goes into it, and only the password that signed
//! in unlocks it. The password itself is not kept: what is, costs as much to try as the
//! broker's own hash would with its smallest settings.

use super::{AdvisorController, Stage};
use crate::{controller::Effect, problem::Problem};
use argon2::{Algorithm, Argon2, Params, Version};
use mitblick_protocol::{broker_msg::Password, peer_msg::EndReason, time::Moment};
use std::time::Duration;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The smallest settings that OWASP accepts for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Wrong passwords after which the program signs out.
const TRIES: u32 = 5;

/// See the module's documentation.
pub(super) struct Lock {
    after: Option<Duration>,
    check: Option<Check>,
    active_at: Moment,
    locked: Option<Locked>,
}

/// Since it was locked.
#[derive(Clone, Default)]
pub(super) struct Locked {
    wrong: u32,
    pub(super) problem: Option<Problem>,
}

struct Check {
    salt: [u8; 16],
    hash: Zeroizing<[u8; 32]>,
}

impl Check {
    fn of(password: &Password, salt: [u8; 16]) -> Option<Self> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).ok()?;
        let mut hash = Zeroizing::new([0; 32]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(password.0.as_bytes(), &salt, hash.as_mut_slice()).ok()?;
        Some(Self { salt, hash })
    }

    fn is_of(&self, password: &Password) -> bool {
        Self::of(password, self.salt).is_some_and(|other| other.hash.as_slice().ct_eq(self.hash.as_slice()).into())
    }
}

impl Lock {
    pub(super) fn new(after: Option<Duration>) -> Self {
        Self { after, check: None, active_at: Moment::from_ms(0), locked: None }
    }

    /// Somebody has signed in with this password.
    pub(super) fn signed_in(&mut self, password: &Password, entropy: fn(&mut [u8]), now: Moment) {
        let mut salt = [0; 16];
        entropy(&mut salt);
        self.check = Check::of(password, salt);
        (self.active_at, self.locked) = (now, None);
    }

    pub(super) fn signed_out(&mut self) {
        (self.check, self.locked) = (None, None);
    }

    pub(super) fn locked(&self) -> Option<&Locked> {
        self.locked.as_ref()
    }

    /// The person is there.
    pub(super) fn active(&mut self, now: Moment) {
        self.active_at = now;
    }

    /// When it locks itself.
    pub(super) fn due(&self) -> Option<Moment> {
        self.check.as_ref().filter(|_| self.locked.is_none())?;
        Some(self.active_at.after(self.after?))
    }
}

impl AdvisorController {
    pub(super) fn lock(&mut self, now: Moment) {
        if self.lock.check.is_none() || self.lock.locked.is_some() {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        self.lock.locked = Some(Locked::default());
        // Nobody is there who could use it.
        if let Stage::Session(session) = &mut self.stage {
            session.rules.give_back_control(now);
            session.rules.stop_recording(false, now);
            session.rules.turned_pause(now);
            session.turned.forget_wanted();
            session.together.set_locked(true);
            self.drain_session(now);
        }
        self.publish();
    }

    pub(super) fn unlock(&mut self, password: String, now: Moment) {
        let password = Password(password);
        let (Some(check), Some(locked)) = (&self.lock.check, &mut self.lock.locked) else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        if check.is_of(&password) {
            self.lock.locked = None;
            self.lock.active_at = now;
            if let Stage::Session(session) = &mut self.stage {
                session.together.set_locked(false);
            }
            return self.publish();
        }
        locked.wrong += 1;
        let tries_left = TRIES.saturating_sub(locked.wrong);
        locked.problem = Some(Problem::UnlockFailed { tries_left });
        if tries_left == 0 {
            self.end_all(EndReason::ProgramClosed, now);
            return self.fail(Some(Problem::UnlockFailed { tries_left }));
        }
        self.publish();
    }

    /// Locks if nobody has been there for long enough.
    pub(super) fn lock_if_due(&mut self, now: Moment) {
        if self.lock.due().is_some_and(|at| at <= now) {
            self.lock(now);
        }
    }
}
