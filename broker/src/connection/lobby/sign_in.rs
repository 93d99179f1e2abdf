//! Signing in, and setting another password before that.
//!
//! Until the password was right, an account that is there and one that is not
//! get the same answers, for the same work.

use super::{Lobby, Next, Who, whole_seconds};
use crate::{
    accounts::{BadPassword, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, PasswordState, canonical_name},
    audit::{Action, Actor, Outcome, Record},
    credentials::{self, Denied, Failure, Kept, unix_now_s},
    hall::Presence,
    metrics::Count,
    server::Services,
    store::Account,
};
use mitblick_protocol::{
    broker_msg::{FromBroker, Password, PasswordRule, Refusal, SignInRefusal},
    text::DisplayText,
};
use std::sync::Arc;
use zeroize::Zeroizing;

impl Lobby {
    pub(super) async fn sign_in(&mut self, presence: &Presence, name: &str, password: Password) -> Next {
        match self.judge(presence, name, password).await {
            Ok(account) => self.admit(presence, account).await,
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
        let new = revealed(new);
        let account = match self.judge(presence, name, present).await {
            Ok(account) => account,
            Err(next) => return next,
        };
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

    /// The account, if the password is right; else all is said.
    async fn judge(&self, presence: &Presence, name: &str, password: Password) -> Result<Account, Next> {
        let Services { hall, store, hasher, .. } = &*self.services;
        let name = canonical_name(name).unwrap_or_default();
        let judged = credentials::judge_from(self.source, hall, &**store, hasher, &name, revealed(password)).await;
        let (retry_after_s, tries_left) = match judged {
            Ok(account) => return Ok(account),
            Err(Denied::Wrong { account, wait, left }) => {
                let wait_s = whole_seconds(wait);
                // What a stranger typed as a name may be a password.
                let record = Record::new(&Actor::Stranger, Action::SignIn).outcome(Outcome::WrongPassword);
                let record = record.count("wait_s", wait_s.into());
                hall.recorder.push(match account {
                    Some(account) => record.on(&account.name),
                    None => record,
                });
                (wait_s, left)
            }
            Err(Denied::Wait(wait)) => (whole_seconds(wait), 0),
            Err(Denied::Failed(failure)) => return Err(self.failed(presence, failure)),
        };
        presence.tell(&FromBroker::SignInFailed { retry_after_s, tries_left });
        Err(Next::AskAgain)
    }

    /// Somebody whose password was right.
    async fn admit(&mut self, presence: &Presence, account: Account) -> Next {
        if let Err(why) = admissible(&account) {
            return self.refuse(presence, &account, why);
        }
        let hall = &self.services.hall;
        let record = Record::new(&Actor::Account(account.name.clone()), Action::SignIn);
        if let Err(error) = hall.recorder.written(hall.recorder.push(record)).await {
            return self.out_of_order(presence, &error);
        }
        hall.metrics.count(Count::SignedIn);
        tracing::info!(conn = ?presence.conn, "an advisor signed in");
        let advisor = DisplayText::cleaned(&account.display_name);
        presence.belongs_to(&account.name);
        presence.sit(advisor.clone());
        presence.tell(&FromBroker::SignedIn { advisor });
        self.who = Who::Advisor {
            id: account.id,
            name: account.name,
            password_changed_unix_s: account.password_changed_unix_s,
        };
        Next::Go
    }

    fn refuse(&self, presence: &Presence, account: &Account, why: SignInRefusal) -> Next {
        let hall = &self.services.hall;
        hall.metrics.count(Count::SignInRefused);
        let outcome = match why {
            SignInRefusal::MustChangePassword | SignInRefusal::InitialPasswordExpired => Outcome::InitialPassword,
            SignInRefusal::NotAnAdvisor => Outcome::WrongRole,
            SignInRefusal::PasswordChanged => Outcome::WrongPassword,
            SignInRefusal::Blocked => Outcome::Blocked,
        };
        let actor = Actor::Account(account.name.clone());
        hall.recorder.push(Record::new(&actor, Action::SignIn).outcome(outcome));
        presence.tell(&FromBroker::SignInRefused(why));
        Next::AskAgain
    }

    fn failed(&self, presence: &Presence, failure: Failure) -> Next {
        match failure {
            Failure::Store(error) => self.out_of_order(presence, &error),
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
        BadPassword::TooShort => PasswordRule::TooShort { at_least: chars(MIN_PASSWORD_CHARS) },
        BadPassword::TooLong => PasswordRule::TooLong { at_most: chars(MAX_PASSWORD_CHARS) },
        BadPassword::ContainsName => PasswordRule::ContainsName,
        BadPassword::UsedBefore => PasswordRule::UsedBefore,
        BadPassword::Common => PasswordRule::Common,
    }
}

fn revealed(mut password: Password) -> Zeroizing<String> {
    Zeroizing::new(std::mem::take(&mut password.0))
}
