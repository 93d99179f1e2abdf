//! Signing in by password and code, and setting another password before that.
//!
//! Until the password was right, an account that is there and one that is not
//! get the same answers, for the same work.

use super::{Lobby, Next, Who, whole_seconds};
use crate::{
    accounts::{BadPassword, MAX_PASSWORD_CHARS, PasswordState, canonical_name},
    audit::{Action, Actor, Outcome, Record},
    credentials::{self, CodeKind, Denied, Failure, Kept, unix_now_s},
    hall::{Elsewhere, Presence, SignedIn},
    metrics::Count,
    server::Services,
    store::{Account, workplace::Workplace},
};
use mitblick_protocol::{
    broker_msg::{FromBroker, Password, PasswordRule, Refusal, SignInRefusal},
    text::DisplayText,
};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a right code is for.
pub(super) enum AfterCode {
    /// Signing in.
    SignIn,
    /// Setting this password, then signing in.
    ChangePassword(Zeroizing<String>),
}

impl Lobby {
    pub(super) async fn sign_in(&mut self, presence: &Presence, name: &str, password: Password) -> Next {
        match self.judge(presence, name, password, AfterCode::SignIn).await {
            Ok((account, then)) => self.proceed(presence, account, then).await,
            Err(next) => next,
        }
    }

    /// The holder sets another password and is signed in with it.
    pub(super) async fn change_password(
        &mut self,
        presence: &Presence,
        name: &str,
        present: Password,
        new: Password,
    ) -> Next {
        match self.judge(presence, name, present, AfterCode::ChangePassword(revealed(new))).await {
            Ok((account, then)) => self.proceed(presence, account, then).await,
            Err(next) => next,
        }
    }

    /// The code of the second factor.
    pub(super) async fn code(&mut self, presence: &Presence, code: Password) -> Next {
        if let Err(next) = self.note_generation(presence).await {
            return next;
        }
        let Who::CodeWanted(known, then) = std::mem::replace(&mut self.who, Who::Stranger) else {
            return Next::Misplaced(Refusal::WrongState);
        };
        let Services { hall, store, vault, .. } = &*self.services;
        let code = revealed(code);
        match credentials::judge_code_from(self.source, hall, &**store, vault, &known, &code).await {
            Ok((account, kind)) => {
                if kind == CodeKind::Recovery {
                    let actor = Actor::Account(account.name.clone());
                    hall.recorder.push(Record::new(&actor, Action::RecoveryCodeUsed).on(&account.name));
                }
                self.proceed(presence, account, then).await
            }
            Err(Denied::Changed) => self.refuse(presence, &known, SignInRefusal::PasswordChanged),
            Err(denied) => {
                let next = self.denied(presence, denied, Outcome::WrongCode);
                self.who = Who::CodeWanted(known, then);
                next
            }
        }
    }

    async fn proceed(&mut self, presence: &Presence, account: Account, then: AfterCode) -> Next {
        match then {
            AfterCode::SignIn => self.admit(presence, account).await,
            AfterCode::ChangePassword(new) => self.set_password(presence, account, new).await,
        }
    }

    async fn set_password(&mut self, presence: &Presence, account: Account, new: Zeroizing<String>) -> Next {
        let services = Arc::clone(&self.services);
        let changed =
            credentials::change_password(&*services.store, &services.hasher, &account, &new, unix_now_s()).await;
        match changed {
            Ok(Ok(())) => tracing::info!(conn = ?presence.conn, "a password was changed"),
            Ok(Err(Kept::Rule(why))) => {
                presence.tell(&FromBroker::PasswordRefused(rule(why)));
                return Next::AskAgain;
            }
            Ok(Err(Kept::InitialExpired)) => {
                return self.refuse(presence, &account, SignInRefusal::InitialPasswordExpired);
            }
            Ok(Err(Kept::Blocked)) => return self.refuse(presence, &account, SignInRefusal::Blocked),
            Ok(Err(Kept::Changed)) => return self.refuse(presence, &account, SignInRefusal::PasswordChanged),
            Err(failure) => return self.failed(presence, failure),
        }
        match services.store.account(&account.name).await {
            Ok(Some(account)) => self.admit(presence, account).await,
            Ok(None) => self.refuse(presence, &account, SignInRefusal::PasswordChanged),
            Err(error) => self.out_of_order(presence, &error),
        }
    }

    /// The account, if the password is right and enough; else all is said.
    async fn judge(
        &mut self,
        presence: &Presence,
        name: &str,
        password: Password,
        then: AfterCode,
    ) -> Result<(Account, AfterCode), Next> {
        self.note_generation(presence).await?;
        let services = Arc::clone(&self.services);
        let Services { hall, store, hasher, .. } = &*services;
        let name = canonical_name(name).unwrap_or_default();
        match credentials::judge_from(self.source, hall, &**store, hasher, &name, revealed(password)).await {
            Ok(account) => Ok((account, then)),
            Err(Denied::CodeWanted(account)) => {
                self.who = Who::CodeWanted(Box::new(account), then);
                presence.tell(&FromBroker::CodeWanted);
                Err(Next::Further)
            }
            Err(denied) => Err(self.denied(presence, denied, Outcome::WrongPassword)),
        }
    }

    /// Somebody is not let in: `outcome` if something was wrong.
    fn denied(&self, presence: &Presence, denied: Denied, outcome: Outcome) -> Next {
        let hall = &self.services.hall;
        let (retry_after_s, tries_left) = match denied {
            Denied::Wrong { account, wait, left } => {
                let wait_s = whole_seconds(wait);
                // What a stranger typed as a name may be a password.
                let record = Record::new(&Actor::Stranger, Action::SignIn).outcome(outcome);
                let record = record.count("wait_s", wait_s.into());
                hall.recorder.push(match account {
                    Some(account) => record.on(&account.name),
                    None => record,
                });
                (wait_s, left)
            }
            Denied::Wait(wait) => (whole_seconds(wait), 0),
            Denied::Failed(failure) => return self.failed(presence, failure),
            Denied::CodeWanted(_) | Denied::Changed => (0, 1),
        };
        presence.tell(&FromBroker::SignInFailed { retry_after_s, tries_left });
        Next::AskAgain
    }

    /// Somebody whose password, and code where there is one, was right.
    async fn admit(&mut self, presence: &Presence, account: Account) -> Next {
        if let Err(why) = admissible(&account) {
            return self.refuse(presence, &account, why);
        }
        match self.workplace_of(presence, &account).await {
            Ok(workplace) => self.take_seat(presence, account, workplace, false).await,
            Err(next) => next,
        }
    }

    /// The last step: the account's one place, the record, the welcome.
    pub(super) async fn take_seat(
        &mut self,
        presence: &Presence,
        account: Account,
        workplace: Option<Workplace>,
        take_over: bool,
    ) -> Next {
        let hall = &self.services.hall;
        if let Err(error) = hall.recorder.ready().await {
            return self.out_of_order(presence, &error);
        }
        let who = SignedIn {
            account: account.id,
            name: account.name.clone(),
            password_changed_unix_s: account.password_changed_unix_s,
            workplace: workplace.as_ref().map(|workplace| (workplace.id, DisplayText::cleaned(&workplace.name))),
            generation: self.generation,
        };
        let taken_over = match hall.sign_in(presence.conn, who.clone(), take_over) {
            Ok(taken_over) => taken_over,
            Err(Elsewhere { workplace: there, in_session }) => {
                presence.tell(&FromBroker::SignedInElsewhere { workplace: there, in_session });
                self.who = Who::AtTheDoor(Box::new(account));
                return Next::Further;
            }
        };
        let actor = Actor::Account(account.name.clone());
        let action = if taken_over { Action::SignInTakenOver } else { Action::SignIn };
        let record = Record::new(&actor, action);
        let record = match &workplace {
            Some(workplace) => record.on_workplace(&account.name, workplace.id.0),
            None => record,
        };
        if let Err(error) = hall.recorder.written(hall.recorder.push(record)).await {
            hall.give_up_seat(presence.conn);
            return self.out_of_order(presence, &error);
        }
        if let Some(workplace) = &workplace
            && let Err(error) = self.services.store.workplace_used(workplace.id, unix_now_s()).await
        {
            tracing::warn!(%error, "the last use of a workplace could not be kept");
        }
        hall.metrics.count(Count::SignedIn);
        tracing::info!(conn = ?presence.conn, "an advisor signed in");
        let advisor = DisplayText::cleaned(&account.display_name);
        presence.sit(advisor.clone());
        presence.tell(&FromBroker::SignedIn { advisor });
        self.who = Who::Advisor(who);
        Next::Go
    }

    pub(super) fn refuse(&self, presence: &Presence, account: &Account, why: SignInRefusal) -> Next {
        let hall = &self.services.hall;
        hall.metrics.count(Count::SignInRefused);
        let outcome = match why {
            SignInRefusal::MustChangePassword | SignInRefusal::InitialPasswordExpired => Outcome::InitialPassword,
            SignInRefusal::NotAnAdvisor => Outcome::WrongRole,
            SignInRefusal::PasswordChanged => Outcome::WrongPassword,
            SignInRefusal::Blocked => Outcome::Blocked,
            SignInRefusal::WorkplaceUnproven | SignInRefusal::WorkplaceRefused | SignInRefusal::TooManyWorkplaces => {
                Outcome::WorkplaceRefused
            }
        };
        let actor = Actor::Account(account.name.clone());
        hall.recorder.push(Record::new(&actor, Action::SignIn).outcome(outcome));
        presence.tell(&FromBroker::SignInRefused(why));
        Next::AskAgain
    }

    fn failed(&self, presence: &Presence, failure: Failure) -> Next {
        match failure {
            Failure::Store(error) => self.out_of_order(presence, &error),
            Failure::Seal(error) => {
                tracing::error!(%error, "a second factor can't be checked: accounts.key is not the one it was made with");
                presence.tell(&FromBroker::Refused(Refusal::OutOfOrder));
                Next::AskAgain
            }
            Failure::Hash(error) => {
                tracing::warn!(%error, "a password could not be looked at");
                presence.tell(&FromBroker::Refused(Refusal::TooMany));
                Next::AskAgain
            }
        }
    }
}

/// Whether somebody with the account's right password may open sessions.
pub(super) fn admissible(account: &Account) -> Result<(), SignInRefusal> {
    if account.blocked {
        return Err(SignInRefusal::Blocked);
    }
    match account.password_state {
        PasswordState::Initial { .. } if credentials::is_expired(account, unix_now_s()) => {
            Err(SignInRefusal::InitialPasswordExpired)
        }
        PasswordState::Initial { .. } => Err(SignInRefusal::MustChangePassword),
        PasswordState::Own if account.role.may_advise() => Ok(()),
        PasswordState::Own => Err(SignInRefusal::NotAnAdvisor),
    }
}

fn rule(why: BadPassword) -> PasswordRule {
    let chars = |count| u16::try_from(count).unwrap_or(u16::MAX);
    match why {
        BadPassword::TooShort { at_least } => PasswordRule::TooShort { at_least: chars(at_least) },
        BadPassword::TooLong => PasswordRule::TooLong { at_most: chars(MAX_PASSWORD_CHARS) },
        BadPassword::ContainsName => PasswordRule::ContainsName,
        BadPassword::UsedBefore => PasswordRule::UsedBefore,
        BadPassword::Common => PasswordRule::Common,
    }
}

fn revealed(mut password: Password) -> Zeroizing<String> {
    Zeroizing::new(std::mem::take(&mut password.0))
}
