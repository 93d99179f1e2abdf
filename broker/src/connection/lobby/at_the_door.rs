//! Between the right password and being signed in: is this workplace approved,
//! and is the account signed in elsewhere?

use super::{Lobby, Next, Who, sign_in::admissible};
use crate::{
    accounts::Role,
    audit::{Action, Actor, Outcome, Record},
    credentials::unix_now_s,
    hall::{Presence, WaitsFor},
    store::{
        Account, StoreError,
        workplace::{Asked, NewWorkplace, Workplace, WorkplaceState},
    },
    workplaces::{self, NewWorkplaces},
};
use mitblick_protocol::{
    broker_msg::{FromBroker, Refusal, SignInRefusal},
    text::DisplayText,
    workplace::WorkplaceProof,
};
use std::sync::Arc;

impl Lobby {
    /// The program says where it runs.
    pub(super) fn workplace(&mut self, proof: WorkplaceProof) -> Next {
        if self.proof.is_some() || !proof.holds(self.binding) {
            return Next::Misplaced(Refusal::WrongState);
        }
        self.proof = Some(proof);
        Next::Go
    }

    /// Signs in after a wait, with everything looked at anew.
    pub(super) async fn enter(&mut self, presence: &Presence, take_over: bool) -> Next {
        if let Err(next) = self.note_generation(presence).await {
            return next;
        }
        let Who::AtTheDoor(known) = &self.who else { return Next::Misplaced(Refusal::WrongState) };
        let (name, id, changed) = (known.name.clone(), known.id, known.password_changed_unix_s);
        let account = match self.services.store.account(&name).await {
            Ok(account) => account.filter(|now| now.id == id && now.password_changed_unix_s == changed),
            Err(error) => return self.out_of_order(presence, &error),
        };
        let Some(account) = account else { return Next::Misplaced(Refusal::NotSignedIn) };
        self.who = Who::Stranger;
        if let Err(why) = admissible(&account) {
            return self.refuse(presence, &account, why);
        }
        match self.workplace_of(presence, &account).await {
            Ok(workplace) => self.take_seat(presence, account, workplace, take_over).await,
            Err(next) => next,
        }
    }

    /// The approved workplace; `None` where none is asked for. Else all is
    /// said.
    pub(super) async fn workplace_of(
        &mut self,
        presence: &Presence,
        account: &Account,
    ) -> Result<Option<Workplace>, Next> {
        let services = Arc::clone(&self.services);
        let Some(proof) = self.proof.clone() else {
            return match services.new_workplaces {
                NewWorkplaces::Approve => Ok(None),
                NewWorkplaces::Wait => Err(self.refuse(presence, account, SignInRefusal::WorkplaceUnproven)),
            };
        };
        let store = &*services.store;
        let failed = |lobby: &Self, error: &StoreError| lobby.out_of_order(presence, error);
        let found = store.workplace(account.id, &proof.key).await.map_err(|error| failed(self, &error))?;
        let workplace = match found {
            Some(workplace) => workplace,
            None => self.first_time(presence, account, &proof).await?,
        };
        let waiting = workplace.state == WorkplaceState::Waiting;
        let at_once = waiting && self.approves_itself(account).await.map_err(|error| failed(self, &error))?;
        let workplace = if at_once {
            let approved = workplaces::approve(store, &services.vault, &workplace, &Actor::Broker).await;
            approved.map_err(|error| failed(self, &error))?;
            let approved = store.workplace(account.id, &proof.key).await.map_err(|error| failed(self, &error))?;
            approved.ok_or(Next::Misplaced(Refusal::NotSignedIn))?
        } else {
            workplace
        };
        match workplace.state {
            WorkplaceState::Approved if workplaces::is_approved(&services.vault, &workplace) => Ok(Some(workplace)),
            WorkplaceState::Approved => {
                tracing::error!(workplace = workplace.id.0, "an approval was not made by this broker");
                let actor = Actor::Account(account.name.clone());
                let record = Record::new(&actor, Action::SignIn).on_workplace(&account.name, workplace.id.0);
                services.hall.recorder.push(record.outcome(Outcome::ForgedApproval));
                presence.tell(&FromBroker::SignInRefused(SignInRefusal::WorkplaceRefused));
                Err(Next::AskAgain)
            }
            WorkplaceState::Refused => Err(self.refuse(presence, account, SignInRefusal::WorkplaceRefused)),
            WorkplaceState::Waiting => {
                let generation = self.generation;
                services.hall.waits_for(presence.conn, WaitsFor { workplace: workplace.id, generation });
                let name = DisplayText::cleaned(&workplace.name);
                presence.tell(&FromBroker::WorkplaceWaits { code: workplace.code, name });
                self.who = Who::AtTheDoor(Box::new(account.clone()));
                Err(Next::Further)
            }
        }
    }

    /// A workplace that nobody has seen yet.
    async fn first_time(
        &self,
        presence: &Presence,
        account: &Account,
        proof: &WorkplaceProof,
    ) -> Result<Workplace, Next> {
        let store = &*self.services.store;
        let code = workplaces::generated_code().ok_or_else(|| {
            presence.tell(&FromBroker::Refused(Refusal::OutOfOrder));
            Next::AskAgain
        })?;
        let name = proof.name.as_str();
        let new = NewWorkplace {
            account: account.id,
            key: proof.key,
            name: if name.is_empty() { "?".to_owned() } else { name.to_owned() },
            code,
            asked_unix_s: unix_now_s(),
            address: self.source.to_string(),
        };
        let actor = Actor::Account(account.name.clone());
        let record = Record::new(&actor, Action::WorkplaceAsked).on(&account.name);
        match store.ask_for_workplace(new, record).await.map_err(|error| self.out_of_order(presence, &error))? {
            Asked::TooMany => Err(self.refuse(presence, account, SignInRefusal::TooManyWorkplaces)),
            Asked::Waits(_) | Asked::Meanwhile => {
                let found = store.workplace(account.id, &proof.key).await;
                let found = found.map_err(|error| self.out_of_order(presence, &error))?;
                found.ok_or(Next::Misplaced(Refusal::NotSignedIn))
            }
        }
    }

    /// Somebody must be the first: the main user's first workplace of all needs
    /// nobody, since who made that account held the paper code.
    async fn approves_itself(&self, account: &Account) -> Result<bool, StoreError> {
        if self.services.new_workplaces == NewWorkplaces::Approve {
            return Ok(true);
        }
        if account.role != Role::MainUser {
            return Ok(false);
        }
        let all = self.services.store.workplaces().await?;
        Ok(all.iter().all(|workplace| workplace.decided_unix_s.is_none()))
    }
}
