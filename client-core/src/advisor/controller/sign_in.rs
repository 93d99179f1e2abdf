//! The way in: name and password, a code, a new password, and what has to be
//! decided at the door.

use super::{AdvisorController, Entry, Lobby, Stage, Waits, key::Key, number::NumberWanted};
use crate::{controller::Effect, problem::Problem};
use mitblick_protocol::{
    broker_msg::{Password, SignInRefusal, ToBroker},
    policy::SignedPolicy,
    text::DisplayText,
    time::Moment,
    wire,
    workplace::{ChannelBinding, WorkplaceProof},
};
use std::time::Duration;

/// How long the broker may take to sign us in.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(20);
/// The same when it compares a new password with all earlier ones first.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(90);

impl Entry {
    /// How long the broker may take from now on.
    fn timeout(&self) -> Duration {
        if self.new.is_some() { CHANGE_TIMEOUT } else { SIGN_IN_TIMEOUT }
    }
}

impl AdvisorController {
    pub(super) fn sign_in(&mut self, user: String, password: String, now: Moment) {
        if !matches!(self.stage, Stage::SignIn { .. }) {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        }
        self.user = user;
        let password = Password(password);
        if self.faulty {
            self.stage = Stage::SignIn { problem: Some(Problem::ProgramFault) };
        } else if self.config.pin.is_none() {
            self.stage = Stage::SignIn { problem: Some(Problem::NoBroker) };
        } else if matches!(self.key, Key::Here(..)) {
            self.begin_entry(password, None, now);
        } else {
            self.await_key(password, now);
        }
        self.publish();
    }

    pub(super) fn change_password(&mut self, new: String, now: Moment) {
        let Stage::NewPassword { password, .. } = &self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        let password = password.clone();
        self.begin_entry(password, Some(Password(new)), now);
        self.publish();
    }

    pub(super) fn begin_entry(&mut self, password: Password, new: Option<Password>, now: Moment) {
        let mut entry = Entry { password, new, deadline: now, binding: None };
        entry.deadline = now.after(entry.timeout());
        self.stage = Stage::SigningIn(entry);
        self.images.new_link();
        self.effects.push_back(Effect::Connect);
    }

    /// The link is there.
    pub(super) fn connected(&mut self, binding: ChannelBinding) {
        if let Stage::SigningIn(entry) = &mut self.stage {
            entry.binding = Some(binding);
        }
    }

    pub(super) fn welcomed(
        &mut self,
        version: u16,
        organisation: &DisplayText,
        card_key: [u8; 32],
        rules: &SignedPolicy,
    ) {
        let Stage::SigningIn(entry) = &self.stage else { return };
        let (Some(binding), Key::Here(key, _)) = (entry.binding, &self.key) else { return };
        if version != wire::PROTOCOL_VERSION {
            return self.fail(Some(Problem::BrokerVersion));
        }
        if let Err(error) = self.rules.take(rules, &card_key) {
            return self.fail(Some(error.into()));
        }
        let proof = WorkplaceProof::sign(key, self.config.workplace_name.clone(), binding);
        let (name, password) = (self.user.clone(), entry.password.clone());
        let message = match entry.new.clone() {
            Some(new) => ToBroker::ChangePassword { name, present: password, new },
            None => ToBroker::SignIn { name, password },
        };
        self.card_key = Some(card_key);
        self.organisation = organisation.to_string();
        self.tell_broker(ToBroker::Workplace(proof));
        self.tell_broker(message);
    }

    /// Where the way in has got to, if it is not at its end.
    fn take_entry(&mut self) -> Option<Entry> {
        match &self.stage {
            Stage::SigningIn(entry) | Stage::Code { entry, .. } | Stage::AtTheDoor { entry, .. } => Some(entry.clone()),
            Stage::SignIn { .. }
            | Stage::AwaitsKey { .. }
            | Stage::NewPassword { .. }
            | Stage::Lobby(_)
            | Stage::Session(_) => None,
        }
    }

    pub(super) fn signed_in(&mut self, advisor: &DisplayText, now: Moment) {
        let Some(entry) = self.take_entry() else { return };
        let password = entry.new.unwrap_or(entry.password);
        self.lock.signed_in(&password, self.config.entropy, now);
        self.advisor = advisor.to_string();
        self.stage = Stage::Lobby(Lobby::default());
        self.open_notes();
        self.open_appointments();
        self.ask_for_number(NumberWanted::Fresh);
        self.ask_for_images();
        self.publish();
    }

    pub(super) fn sign_in_failed(&mut self, retry_after_s: u32, tries_left: u32) {
        match &mut self.stage {
            Stage::SigningIn(_) => self.fail(Some(Problem::SignInFailed { retry_after_s, tries_left })),
            Stage::Code { busy, problem, .. } => {
                *busy = false;
                *problem = Some(Problem::CodeWrong { retry_after_s, tries_left });
                self.publish();
            }
            Stage::SignIn { .. }
            | Stage::AwaitsKey { .. }
            | Stage::AtTheDoor { .. }
            | Stage::NewPassword { .. }
            | Stage::Lobby(_)
            | Stage::Session(_) => {}
        }
    }

    pub(super) fn sign_in_refused(&mut self, why: SignInRefusal) {
        if self.take_entry().is_none() {
            return;
        }
        match why {
            SignInRefusal::MustChangePassword => self.ask_new_password(None),
            SignInRefusal::InitialPasswordExpired => self.fail(Some(Problem::InitialPasswordExpired)),
            SignInRefusal::NotAnAdvisor => self.fail(Some(Problem::NotAnAdvisor)),
            SignInRefusal::PasswordChanged => self.fail(Some(Problem::PasswordChanged)),
            SignInRefusal::Blocked => self.fail(Some(Problem::AccountBlocked)),
            SignInRefusal::WorkplaceUnproven | SignInRefusal::WorkplaceRefused => {
                self.fail(Some(Problem::WorkplaceRefused));
            }
            SignInRefusal::TooManyWorkplaces => self.fail(Some(Problem::TooManyWorkplaces)),
        }
    }

    /// A new password is wanted; the present one was right.
    pub(super) fn ask_new_password(&mut self, problem: Option<Problem>) {
        let Some(entry) = self.take_entry() else { return };
        self.stage = Stage::NewPassword { password: entry.password, problem };
        self.effects.push_back(Effect::Disconnect);
        self.publish();
    }

    pub(super) fn code_wanted(&mut self) {
        let Stage::SigningIn(entry) = &self.stage else { return };
        self.stage = Stage::Code { entry: entry.clone(), busy: false, problem: None };
        self.publish();
    }

    pub(super) fn enter_code(&mut self, code: String, now: Moment) {
        let Stage::Code { entry, busy: busy @ false, problem } = &mut self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        (*busy, *problem) = (true, None);
        entry.deadline = now.after(entry.timeout());
        self.tell_broker(ToBroker::Code(Password(code)));
        self.publish();
    }

    pub(super) fn wait_at_the_door(&mut self, waits: Waits) {
        let Some(entry) = self.take_entry() else { return };
        self.stage = Stage::AtTheDoor { entry, waits };
        self.publish();
    }

    /// Somebody has decided on this workplace.
    pub(super) fn decided(&mut self) {
        if let Stage::AtTheDoor { waits: Waits::Approval { .. }, .. } = &self.stage {
            self.tell_broker(ToBroker::Enter { take_over: false });
        }
    }

    pub(super) fn take_over(&mut self, now: Moment) {
        let Stage::AtTheDoor { entry, waits: Waits::TakeOver { busy: busy @ false, .. } } = &mut self.stage else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        *busy = true;
        entry.deadline = now.after(entry.timeout());
        self.tell_broker(ToBroker::Enter { take_over: true });
        self.publish();
    }

    /// Until when the broker must have answered.
    pub(super) fn entry_deadline(&self) -> Option<Moment> {
        match &self.stage {
            Stage::SigningIn(entry)
            | Stage::Code { entry, busy: true, .. }
            | Stage::AtTheDoor { entry, waits: Waits::TakeOver { busy: true, .. } } => Some(entry.deadline),
            Stage::Code { busy: false, .. }
            | Stage::AtTheDoor { .. }
            | Stage::SignIn { .. }
            | Stage::AwaitsKey { .. }
            | Stage::NewPassword { .. }
            | Stage::Lobby(_)
            | Stage::Session(_) => None,
        }
    }

    /// Back to name and password, without a link.
    pub(super) fn fail(&mut self, problem: Option<Problem>) {
        self.lock.signed_out();
        self.close_notes();
        self.close_appointments();
        self.stage = Stage::SignIn { problem };
        self.effects.push_back(Effect::Disconnect);
        self.publish();
    }
}
