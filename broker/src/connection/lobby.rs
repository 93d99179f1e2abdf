//! What a connection may ask of the broker, and the answers.

use crate::{
    accounts::PasswordState,
    audit::{Action, Actor, Outcome, Record},
    desk::NoOneWaits,
    hall::{Presence, unix_now},
    limits::Source,
    metrics::Count,
    server::Services,
    store::{Account, StoreError},
};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, Password, Refusal, ToBroker},
    number::Routing,
    text::DisplayText,
};
use std::{sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// What follows a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Read on.
    Go,
    /// Read on; the time for an introduction begins anew.
    AskAgain,
    /// All is said.
    End,
    /// Answer that no one waits, at the fixed time, and end.
    NobodyThere,
    /// The message does not belong here: refuse and end.
    Misplaced(Refusal),
}

/// Who the other side is.
enum Who {
    Stranger,
    Advisor { id: i64, name: String, password_changed_unix_s: i64 },
    Customer,
}

/// The conversation with one connection.
pub(super) struct Lobby {
    services: Arc<Services>,
    source: Source,
    who: Who,
}

impl Lobby {
    pub(super) fn new(services: Arc<Services>, source: Source) -> Self {
        Self { services, source, who: Who::Stranger }
    }

    /// Whether it is signed in or joined.
    pub(super) fn is_introduced(&self) -> bool {
        !matches!(self.who, Who::Stranger)
    }

    pub(super) async fn handle(&mut self, presence: &Presence, message: ToBroker) -> Next {
        match (&self.who, message) {
            (_, ToBroker::Pong) => Next::Go,
            (Who::Stranger, ToBroker::SignIn { name, password }) => self.sign_in(presence, name, password).await,
            (Who::Stranger, ToBroker::Join { routing }) => self.join(presence, routing).await,
            (
                Who::Stranger,
                ToBroker::OpenNumber | ToBroker::CloseNumber | ToBroker::Attempt(_) | ToBroker::EndPair,
            ) => Next::Misplaced(Refusal::NotSignedIn),
            (Who::Advisor { .. }, ToBroker::OpenNumber) => self.open_number(presence).await,
            (Who::Advisor { .. }, ToBroker::CloseNumber) => {
                self.services.hall.step(|desk, now, out| desk.close_number(presence.conn, now, out));
                Next::Go
            }
            (Who::Advisor { name, .. }, ToBroker::Attempt(AttemptOutcome::Confirmed)) => {
                self.begin_session(presence, name).await
            }
            (Who::Advisor { name, .. }, ToBroker::Attempt(outcome)) => {
                if outcome == AttemptOutcome::Burned {
                    let actor = Actor::Account(name.clone());
                    self.services.hall.recorder.push(Record::new(&actor, Action::NumberBurned));
                    self.services.hall.metrics.count(Count::Burned);
                    tracing::warn!(conn = ?presence.conn, "a number was burned by a wrong proof");
                }
                self.services.hall.step(|desk, now, out| desk.judge(presence.conn, outcome, now, out));
                Next::Go
            }
            (Who::Advisor { .. } | Who::Customer, ToBroker::EndPair) => {
                self.services.hall.step(|desk, now, out| desk.end_pair(presence.conn, now, out));
                Next::Go
            }
            (Who::Advisor { .. }, ToBroker::SignIn { .. } | ToBroker::Join { .. })
            | (
                Who::Customer,
                ToBroker::SignIn { .. }
                | ToBroker::Join { .. }
                | ToBroker::OpenNumber
                | ToBroker::CloseNumber
                | ToBroker::Attempt(_),
            ) => Next::Misplaced(Refusal::WrongState),
        }
    }

    async fn sign_in(&mut self, presence: &Presence, name: String, mut password: Password) -> Next {
        let password = Zeroizing::new(std::mem::take(&mut password.0));
        let services = Arc::clone(&self.services);
        let hall = &services.hall;
        let name = crate::accounts::canonical_name(&name).unwrap_or_default();
        // What can't be recorded does not happen.
        if let Err(error) = hall.recorder.ready().await {
            return self.out_of_order(presence, &error);
        }
        let account = match services.store.account(&name).await {
            Ok(account) => account,
            Err(error) => return self.out_of_order(presence, &error),
        };
        let id = account.as_ref().map(|account| account.id);
        let admitted = hall.limits().sign_in(self.source, &name, id, hall.now());
        if let Err(wait) = admitted {
            hall.metrics.count(Count::SignInLimited);
            presence.tell(&FromBroker::SignInFailed { retry_after_s: whole_seconds(wait) });
            return Next::AskAgain;
        }
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        match (services.hasher.verify(password, hash).await, account) {
            (Ok(true), Some(account)) => {
                hall.limits().signed_in(self.source, account.id);
                if let Err(why) = admissible(&account) {
                    // The protocol has no word for it. To say that the
                    // password is wrong keeps the program at its sign-in
                    // page; others would make it connect again and again.
                    hall.metrics.count(Count::SignInFailed);
                    let actor = Actor::Account(account.name);
                    hall.recorder.push(Record::new(&actor, Action::SignIn).outcome(why));
                    tracing::warn!(?why, "a sign-in with the right password was refused");
                    presence.tell(&FromBroker::SignInFailed { retry_after_s: 0 });
                    return Next::AskAgain;
                }
                let record = Record::new(&Actor::Account(account.name.clone()), Action::SignIn);
                if let Err(error) = hall.recorder.written(hall.recorder.push(record)).await {
                    return self.out_of_order(presence, &error);
                }
                hall.metrics.count(Count::SignedIn);
                tracing::info!(conn = ?presence.conn, "an advisor signed in");
                self.welcome_advisor(presence, account);
                Next::Go
            }
            (Ok(_), account) => {
                let wait = hall.limits().sign_in_wait(self.source, &name, id, hall.now());
                hall.metrics.count(Count::SignInFailed);
                // What a stranger typed as a name may be a password.
                let record = Record::new(&Actor::Stranger, Action::SignIn).outcome(Outcome::WrongPassword);
                let record = record.count("wait_s", whole_seconds(wait).into());
                hall.recorder.push(match account {
                    Some(account) => record.on(&account.name),
                    None => record,
                });
                presence.tell(&FromBroker::SignInFailed { retry_after_s: whole_seconds(wait) });
                Next::AskAgain
            }
            (Err(error), _) => {
                hall.limits().sign_in_undone(self.source, &name, id);
                tracing::warn!(%error, "a sign-in could not be looked at");
                presence.tell(&FromBroker::Refused(Refusal::TooMany));
                Next::AskAgain
            }
        }
    }

    fn welcome_advisor(&mut self, presence: &Presence, account: Account) {
        let advisor = DisplayText::cleaned(&account.display_name);
        presence.belongs_to(&account.name);
        presence.sit(advisor.clone());
        presence.tell(&FromBroker::SignedIn { advisor });
        self.who = Who::Advisor {
            id: account.id,
            name: account.name,
            password_changed_unix_s: account.password_changed_unix_s,
        };
    }

    /// A session goes on only when its beginning is in the audit trail.
    async fn begin_session(&self, presence: &Presence, account: &str) -> Next {
        let hall = &self.services.hall;
        let Some((pair, ticket)) = hall.confirm(presence.conn, account) else { return Next::Go };
        match hall.recorder.written(ticket).await {
            Ok(()) => Next::Go,
            Err(error) => {
                hall.step(|desk, _, out| desk.refuse_pair(pair, out));
                self.out_of_order(presence, &error)
            }
        }
    }

    async fn open_number(&mut self, presence: &Presence) -> Next {
        let Who::Advisor { id, name, password_changed_unix_s } = &self.who else { return Next::Go };
        let services = &self.services;
        if let Err(error) = services.hall.recorder.ready().await {
            return self.out_of_order(presence, &error);
        }
        // The account may have been removed, or given another password or
        // role, since.
        match services.store.account(name).await {
            Ok(Some(account))
                if account.id == *id
                    && account.password_changed_unix_s == *password_changed_unix_s
                    && admissible(&account).is_ok() => {}
            Ok(_) => return Next::Misplaced(Refusal::NotSignedIn),
            Err(error) => return self.out_of_order(presence, &error),
        }
        let Ok(entropy) = getrandom::u64() else {
            tracing::error!("the system gives no randomness");
            presence.tell(&FromBroker::Refused(Refusal::OutOfOrder));
            return Next::Go;
        };
        let hall = &services.hall;
        if !hall.limits().open_number(*id, hall.now()) {
            presence.tell(&FromBroker::Refused(Refusal::TooMany));
            return Next::Go;
        }
        let drawn = services.hall.step(|desk, now, _| desk.reserve(presence.conn, now, entropy));
        let routing = match drawn {
            Ok(routing) => routing,
            Err(why) => {
                presence.tell(&FromBroker::Refused(why));
                return Next::Go;
            }
        };
        let at = i64::try_from(unix_now()).unwrap_or(i64::MAX);
        if let Err(error) = services.store.number_opened(routing, at).await {
            services.hall.step(|desk, _, _| desk.unreserve(presence.conn));
            return self.out_of_order(presence, &error);
        }
        services.hall.step(|desk, now, out| desk.open(presence.conn, now, out));
        Next::Go
    }

    async fn join(&mut self, presence: &Presence, routing: Routing) -> Next {
        let hall = &self.services.hall;
        if let Err(error) = hall.recorder.ready().await {
            self.out_of_order(presence, &error);
            return Next::End;
        }
        let now = hall.now();
        let admitted = hall.limits().join(self.source, now);
        if let Err(limited) = admitted {
            if limited.everybody {
                hall.metrics.count(Count::JoinLimitedForAll);
                tracing::warn!("so many joins fail that none is looked at for a moment");
            } else {
                hall.metrics.count(Count::JoinLimited);
            }
            presence.tell(&FromBroker::JoinLimited { retry_after_s: whole_seconds(limited.retry_after) });
            return Next::End;
        }
        match hall.step(|desk, now, out| desk.join(presence.conn, routing, now, out)) {
            Ok(_) => {
                self.who = Who::Customer;
                Next::Go
            }
            Err(NoOneWaits) => {
                hall.limits().join_failed(self.source, now);
                hall.metrics.count(Count::JoinFailed);
                Next::NobodyThere
            }
        }
    }

    fn out_of_order(&self, presence: &Presence, error: &StoreError) -> Next {
        self.services.hall.metrics.count(Count::StoreFailed);
        tracing::error!(%error, "the store failed");
        presence.tell(&FromBroker::Refused(Refusal::OutOfOrder));
        if self.is_introduced() { Next::Go } else { Next::AskAgain }
    }
}

/// Whether somebody with the account's right password may open sessions.
fn admissible(account: &Account) -> Result<(), Outcome> {
    if account.blocked {
        return Err(Outcome::Blocked);
    }
    if !account.role.may_advise() {
        return Err(Outcome::WrongRole);
    }
    match account.password_state {
        PasswordState::Own => Ok(()),
        PasswordState::Initial { .. } => Err(Outcome::InitialPassword),
    }
}

/// Rounded up, so that a try after them is looked at.
fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}
