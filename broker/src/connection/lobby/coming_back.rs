//! Coming back to a session that was cut.

use super::{Lobby, Next, Who, sign_in::admissible};
use crate::{
    audit::{Action, Actor, Record},
    credentials::unix_now_s,
    desk::NoOneWaits,
    hall::{Presence, Rejoined, SignedIn},
    metrics::Count,
    store::{Account, StoreError, workplace::Workplace},
    tickets::{Side, Ticket},
    workplaces::{self, NewWorkplaces},
};
use mitblick_protocol::{
    broker_msg::{FromBroker, Refusal, ResumeTicket},
    text::DisplayText,
};

impl Lobby {
    /// With a ticket instead of number or password.
    pub(super) async fn come_back(&mut self, presence: &Presence, ticket: &ResumeTicket) -> Next {
        let services = std::sync::Arc::clone(&self.services);
        let hall = &services.hall;
        if let Err(error) = hall.recorder.ready().await {
            self.out_of_order(presence, &error);
            return self.all_is_said();
        }
        // A good ticket is no guess: many who were cut at once may sit behind one
        // address, and come back more than once.
        let Some(ticket) = hall.read_ticket(ticket) else {
            let now = hall.now();
            if hall.limits().join(self.source, now).is_err() {
                hall.metrics.count(Count::JoinLimited);
            } else {
                hall.limits().join_failed(self.source, now);
            }
            return self.not_back(presence);
        };
        let newcomer = match (&self.who, ticket.side) {
            (Who::Stranger, Side::Customer) => None,
            (Who::Stranger, Side::Advisor { .. }) => match self.seated_again(presence, &ticket).await {
                Ok(who) => Some(who),
                Err(next) => return next,
            },
            (Who::Advisor(who), Side::Advisor { account, .. }) if who.account == account => None,
            _ => return Next::Misplaced(Refusal::WrongState),
        };
        let rejoined = hall.rejoin(presence.conn, &ticket, newcomer.is_some().then_some(&self.advisor_name));
        if rejoined.is_err() && newcomer.is_some() {
            // Its session has ended in the meantime: the ticket is worth
            // nothing any more, and nobody is signed in by it.
            hall.give_up_seat(presence.conn);
        } else if let Some(who) = newcomer {
            self.who = Who::Advisor(who);
        }
        match rejoined {
            Ok(Rejoined::Waits) => {}
            Ok(Rejoined::Pair(pair, written)) => {
                if let Err(error) = hall.recorder.written(written).await {
                    hall.step(|desk, now, out| desk.refuse_pair(pair, now, out));
                    return self.out_of_order(presence, &error);
                }
            }
            Err(NoOneWaits) => return self.not_back(presence),
        }
        if ticket.side == Side::Customer {
            self.who = Who::Customer;
        }
        Next::Go
    }

    /// The advisor of the ticket has the account's one place again, and that is
    /// in the trail. Else all is said.
    async fn seated_again(&mut self, presence: &Presence, ticket: &Ticket) -> Result<SignedIn, Next> {
        let services = std::sync::Arc::clone(&self.services);
        let hall = &services.hall;
        let who = self.known_again(presence, ticket).await?;
        if hall.sign_in_again(presence.conn, who.clone(), ticket.session).is_err() {
            return Err(self.not_back(presence));
        }
        let record = Record::new(&Actor::Account(who.name.clone()), Action::SignIn);
        let record = match &who.workplace {
            Some((id, _)) => record.on_workplace(&who.name, id.0),
            None => record,
        };
        if let Err(error) = hall.recorder.written(hall.recorder.push(record)).await {
            hall.give_up_seat(presence.conn);
            return Err(self.out_of_order(presence, &error));
        }
        if let Some((id, _)) = &who.workplace
            && let Err(error) = services.store.workplace_used(*id, unix_now_s()).await
        {
            tracing::warn!(%error, "the last use of a workplace could not be kept");
        }
        hall.metrics.count(Count::SignedIn);
        tracing::info!(conn = ?presence.conn, "an advisor came back");
        Ok(who)
    }

    /// The advisor of the ticket, if account, password and workplace are what
    /// they were. Else all is said.
    async fn known_again(&mut self, presence: &Presence, ticket: &Ticket) -> Result<SignedIn, Next> {
        let Side::Advisor { account, password_changed_unix_s, workplace } = ticket.side else {
            return Err(self.not_back(presence));
        };
        self.note_generation(presence).await?;
        let found: Option<Account> = match self.services.store.accounts().await {
            Ok(all) => all.into_iter().find(|found| found.id == account),
            Err(error) => return Err(self.out_of_order(presence, &error)),
        };
        let found =
            found.filter(|found| found.password_changed_unix_s == password_changed_unix_s && admissible(found).is_ok());
        let Some(found) = found else { return Err(self.not_back(presence)) };
        let at = match self.workplace_again(&found, workplace).await {
            Ok(Some(at)) => at,
            Ok(None) => return Err(self.not_back(presence)),
            Err(error) => return Err(self.out_of_order(presence, &error)),
        };
        self.advisor_name = DisplayText::cleaned(&found.display_name);
        Ok(SignedIn {
            account: found.id,
            name: found.name,
            password_changed_unix_s,
            workplace: at.map(|at| (at.id, DisplayText::cleaned(&at.name))),
            generation: self.generation,
        })
    }

    /// The workplace of a ticket, if it is where this program runs and still
    /// approved; within, `None` where none is asked for. It is only looked at:
    /// a ticket is no password, so it must not make a workplace known, get it
    /// approved, or lead to the door.
    async fn workplace_again(&self, account: &Account, ticket: i64) -> Result<Option<Option<Workplace>>, StoreError> {
        let Some(proof) = &self.proof else {
            let none_is_asked_for = self.services.new_workplaces == NewWorkplaces::Approve;
            return Ok((none_is_asked_for && ticket == 0).then_some(None));
        };
        let found = self.services.store.workplace(account.id, &proof.key).await?;
        let same = found.filter(|at| at.id.0 == ticket && workplaces::is_approved(&self.services.vault, at));
        Ok(same.map(Some))
    }

    /// The session does not come back.
    fn not_back(&self, presence: &Presence) -> Next {
        self.services.hall.metrics.count(Count::ResumeFailed);
        presence.tell(&FromBroker::ResumeFailed);
        self.all_is_said()
    }

    /// An advisor who is signed in stays; everybody else has been served.
    fn all_is_said(&self) -> Next {
        if self.is_introduced() { Next::Go } else { Next::End }
    }
}
