//! What a connection may ask of the broker, and the answers.

mod at_the_door;
mod bookings;
mod coming_back;
mod images;
mod rating;
mod sign_in;

use super::Timing;
use crate::{
    audit::{Action, Actor, Record},
    desk::NoOneWaits,
    hall::{Asks, Joined, Portrait, Presence, SignedIn, unix_now},
    images::KeptImage,
    limits::Source,
    metrics::Count,
    server::Services,
    store::{Account, StoreError},
};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, Refusal, ToBroker},
    number::Routing,
    text::DisplayText,
    workplace::{ChannelBinding, WorkplaceProof},
};
use sign_in::AfterCode;
use std::{sync::Arc, time::Duration};

/// What follows a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Read on.
    Go,
    /// Read on; the time for an introduction begins anew.
    AskAgain,
    /// Read on; it got a step further, and the time for the next one begins.
    Further,
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
    /// The password was right; the code is awaited.
    CodeWanted(Box<Account>, AfterCode),
    /// All was right; it waits for somebody's decision.
    AtTheDoor(Box<Account>),
    Advisor(SignedIn),
    Customer,
}

/// The conversation with one connection.
pub(super) struct Lobby {
    services: Arc<Services>,
    source: Source,
    binding: ChannelBinding,
    /// Where an advisor's program runs.
    proof: Option<WorkplaceProof>,
    /// The generation of rights before the account was looked at.
    generation: i64,
    who: Who,
    /// The name on the advisor's cards.
    advisor_name: DisplayText,
    asks: Asks,
    /// The portrait that was read last.
    portrait: Option<Arc<KeptImage>>,
}

impl Lobby {
    pub(super) fn new(services: Arc<Services>, source: Source, binding: ChannelBinding) -> Self {
        Self {
            services,
            source,
            binding,
            proof: None,
            generation: 0,
            who: Who::Stranger,
            advisor_name: DisplayText::default(),
            asks: Asks::new(),
            portrait: None,
        }
    }

    /// Whether it is signed in or joined.
    pub(super) fn is_introduced(&self) -> bool {
        matches!(self.who, Who::Advisor(_) | Who::Customer)
    }

    /// Whether it waits for a person, on either side.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.who, Who::CodeWanted(..) | Who::AtTheDoor(_))
    }

    /// How long the next step of an introduction may take.
    pub(super) fn patience(&self, timing: &Timing) -> Duration {
        match self.who {
            Who::CodeWanted(..) => timing.code,
            Who::AtTheDoor(_) => timing.door,
            Who::Stranger | Who::Advisor(_) | Who::Customer => timing.introduction,
        }
    }

    pub(super) async fn handle(&mut self, presence: &Presence, message: ToBroker) -> Next {
        match (&self.who, message) {
            (_, ToBroker::Pong) => Next::Go,
            (Who::Stranger, ToBroker::Workplace(proof)) => self.workplace(proof),
            (Who::Stranger, ToBroker::SignIn { name, password }) => self.sign_in(presence, &name, password).await,
            (Who::Stranger, ToBroker::ChangePassword { name, present, new }) => {
                self.change_password(presence, &name, present, new).await
            }
            (Who::Stranger, ToBroker::Join { routing }) => self.join(presence, routing).await,
            (Who::Stranger | Who::Advisor(_), ToBroker::Resume(ticket)) => self.come_back(presence, &ticket).await,
            (Who::Stranger, ToBroker::Rate { ticket, rating }) => self.rate(presence, ticket, rating).await,
            (Who::CodeWanted(..), ToBroker::Code(code)) => self.code(presence, code).await,
            (Who::AtTheDoor(_), ToBroker::Enter { take_over }) => self.enter(presence, take_over).await,
            (Who::Advisor(_), ToBroker::OpenNumber) => self.open_number(presence).await,
            (Who::Advisor(_), ToBroker::CloseNumber) => {
                self.services.hall.step(|desk, now, out| desk.close_number(presence.conn, now, out));
                Next::Go
            }
            (Who::Advisor(who), ToBroker::Attempt(AttemptOutcome::Confirmed)) => {
                self.begin_session(presence, &who.name).await
            }
            (Who::Advisor(who), ToBroker::Attempt(outcome)) => {
                if outcome == AttemptOutcome::Burned {
                    let actor = Actor::Account(who.name.clone());
                    self.services.hall.recorder.push(Record::new(&actor, Action::NumberBurned));
                    self.services.hall.metrics.count(Count::Burned);
                    tracing::warn!(conn = ?presence.conn, "a number was burned by a wrong proof");
                }
                self.services.hall.step(|desk, now, out| desk.judge(presence.conn, outcome, now, out));
                Next::Go
            }
            (Who::Advisor(_), ToBroker::Book { window }) => self.book(presence, window).await,
            (Who::Advisor(_), ToBroker::OpenBooked(routing)) => self.open_booked(presence, routing).await,
            (Who::Advisor(_), ToBroker::CancelBooking(routing)) => self.cancel_booking(presence, routing),
            (Who::Advisor(_), ToBroker::ListBookings) => self.list_bookings(presence),
            (Who::Advisor(_) | Who::Customer, ToBroker::EndPair) => {
                self.services.hall.step(|desk, now, out| desk.end_pair(presence.conn, now, out));
                Next::Go
            }
            (Who::Advisor(_) | Who::Customer, ToBroker::WantImage { hash, part }) => {
                self.want_image(presence, hash, part).await
            }
            (
                Who::Stranger | Who::CodeWanted(..) | Who::AtTheDoor(_),
                ToBroker::OpenNumber
                | ToBroker::CloseNumber
                | ToBroker::Attempt(_)
                | ToBroker::EndPair
                | ToBroker::WantImage { .. }
                | ToBroker::Book { .. }
                | ToBroker::OpenBooked(_)
                | ToBroker::CancelBooking(_)
                | ToBroker::ListBookings,
            ) => Next::Misplaced(Refusal::NotSignedIn),
            (
                _,
                ToBroker::SignIn { .. }
                | ToBroker::ChangePassword { .. }
                | ToBroker::Join { .. }
                | ToBroker::Workplace(_)
                | ToBroker::Code(_)
                | ToBroker::Enter { .. }
                | ToBroker::Resume(_)
                | ToBroker::Rate { .. },
            )
            | (
                Who::Customer,
                ToBroker::OpenNumber
                | ToBroker::CloseNumber
                | ToBroker::Attempt(_)
                | ToBroker::Book { .. }
                | ToBroker::OpenBooked(_)
                | ToBroker::CancelBooking(_)
                | ToBroker::ListBookings,
            ) => Next::Misplaced(Refusal::WrongState),
        }
    }

    /// A session goes on only when its beginning is in the audit trail.
    async fn begin_session(&self, presence: &Presence, account: &str) -> Next {
        let hall = &self.services.hall;
        let Some((pair, ticket)) = hall.confirm(presence.conn, account) else { return Next::Go };
        match hall.recorder.written(ticket).await {
            Ok(()) => {
                hall.hand_out_tickets(pair);
                Next::Go
            }
            Err(error) => {
                hall.step(|desk, now, out| desk.refuse_pair(pair, now, out));
                self.out_of_order(presence, &error)
            }
        }
    }

    async fn open_number(&self, presence: &Presence) -> Next {
        let Who::Advisor(who) = &self.who else { return Next::Go };
        let services = &self.services;
        if let Err(next) = self.may_open(presence, who).await {
            return next;
        }
        let Ok(entropy) = getrandom::u64() else {
            tracing::error!("the system gives no randomness");
            presence.tell(&FromBroker::Refused(Refusal::OutOfOrder));
            return Next::Go;
        };
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

    /// Whether an advisor may open a number now, fresh or booked; it counts as
    /// one that was. Else all is said.
    async fn may_open(&self, presence: &Presence, who: &SignedIn) -> Result<(), Next> {
        let hall = &self.services.hall;
        hall.recorder.ready().await.map_err(|error| self.out_of_order(presence, &error))?;
        let account = self.account_as_signed_in(who).await.map_err(|error| self.out_of_order(presence, &error))?;
        let account = account.ok_or(Next::Misplaced(Refusal::NotSignedIn))?;
        let portrait = account.portrait.map(|hash| Portrait { account: account.id, hash });
        presence.guest.set_portrait(portrait);
        if !hall.limits().open_number(who.account, hall.now()) {
            presence.tell(&FromBroker::Refused(Refusal::TooMany));
            return Err(Next::Go);
        }
        Ok(())
    }

    /// The advisor's account; `None` if it was removed, or given another
    /// password or role, since.
    async fn account_as_signed_in(&self, who: &SignedIn) -> Result<Option<Account>, StoreError> {
        let account = self.services.store.account(&who.name).await?;
        Ok(account.filter(|account| {
            account.id == who.account
                && account.password_changed_unix_s == who.password_changed_unix_s
                && sign_in::admissible(account).is_ok()
        }))
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
        match hall.join(presence.conn, routing) {
            Ok(joined) => {
                // Whoever goes through numbers finds booked ones no faster
                // than open ones, and pays for each as for a wrong one.
                if joined == Joined::WaitingRoom {
                    hall.limits().join_waits(self.source, routing, now);
                }
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

    /// Notes as of when what is read now holds.
    async fn note_generation(&mut self, presence: &Presence) -> Result<(), Next> {
        match self.services.store.rights_generation().await {
            Ok(generation) => {
                self.generation = generation;
                Ok(())
            }
            Err(error) => Err(self.out_of_order(presence, &error)),
        }
    }

    fn out_of_order(&self, presence: &Presence, error: &StoreError) -> Next {
        self.services.hall.metrics.count(Count::StoreFailed);
        tracing::error!(%error, "the store failed");
        presence.tell(&FromBroker::Refused(Refusal::OutOfOrder));
        if self.is_introduced() { Next::Go } else { Next::AskAgain }
    }
}

/// Rounded up, so that a try after them is looked at.
fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}
