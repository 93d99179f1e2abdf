//! Approving and refusing workplaces: the same steps for the pages and the
//! command line; and the watch that ends what may not go on.

use crate::{
    audit::{Action, Actor, Record},
    credentials::unix_now_s,
    hall::Hall,
    metrics::Count,
    store::{
        Store, StoreError,
        workplace::{Decision, Workplace, WorkplaceState},
    },
    vault::{Approval, Vault},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::sleep;

/// What becomes of a workplace that comes for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NewWorkplaces {
    /// It waits until somebody has approved it.
    #[default]
    Wait,
    /// It is approved at once: the password is enough.
    Approve,
}

/// How often it is looked whether somebody is signed in who may not be any
/// more: changes come from the command line's process too.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Six digits that workplace and approver compare; `None` without randomness.
pub(crate) fn generated_code() -> Option<u32> {
    let drawn = getrandom::u64().ok()?;
    // The bias of 64 bits to a million is of no account.
    u32::try_from(drawn.checked_rem(1_000_000)?).ok()
}

/// Lets people sign in from it; false if it is gone.
///
/// # Errors
/// The store failed.
pub(crate) async fn approve(
    store: &dyn Store,
    vault: &Vault,
    workplace: &Workplace,
    by: &Actor,
) -> Result<bool, StoreError> {
    let at_unix_s = unix_now_s();
    let approval = Approval { account: workplace.account, key: &workplace.key, name: &workplace.name, at_unix_s };
    let decision = Decision {
        state: WorkplaceState::Approved,
        at_unix_s,
        by: by.to_string(),
        approval_tag: Some(vault.approve(approval).to_vec()),
    };
    let record = Record::new(by, Action::WorkplaceApproved).on_workplace(&workplace.account_name, workplace.id.0);
    store.decide_on_workplace(workplace.id, decision, record).await
}

/// Lets nobody sign in from it any more; false if it is gone.
///
/// # Errors
/// The store failed.
pub(crate) async fn refuse(store: &dyn Store, workplace: &Workplace, by: &Actor) -> Result<bool, StoreError> {
    let decision =
        Decision { state: WorkplaceState::Refused, at_unix_s: unix_now_s(), by: by.to_string(), approval_tag: None };
    let record = Record::new(by, Action::WorkplaceRefused).on_workplace(&workplace.account_name, workplace.id.0);
    store.decide_on_workplace(workplace.id, decision, record).await
}

/// Whether this broker has approved it; what the row says is not enough.
pub(crate) fn is_approved(vault: &Vault, workplace: &Workplace) -> bool {
    let (Some(at_unix_s), Some(tag)) = (workplace.decided_unix_s, &workplace.approval_tag) else { return false };
    let approval = Approval { account: workplace.account, key: &workplace.key, name: &workplace.name, at_unix_s };
    workplace.state == WorkplaceState::Approved && vault.has_approved(approval, tag)
}

/// Signs out who may not be signed in any more, ends the bookings of accounts
/// that are gone, and tells those who wait of decisions, for ever.
pub(crate) async fn watch(hall: Arc<Hall>, store: Arc<dyn Store>) {
    loop {
        if let Err(error) = look(&hall, &*store).await {
            tracing::warn!(%error, "it could not be looked who may be signed in");
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(hall: &Hall, store: &dyn Store) -> Result<(), StoreError> {
    let generation = store.rights_generation().await?;
    let signed_in = hall.signed_in_before(generation);
    let booked = hall.unsure_booking_accounts(generation);
    if signed_in.is_empty() && booked.is_empty() && !hall.has_waited_since_before(generation) {
        return Ok(());
    }
    // Read after the generation: what is read is as new as that, or newer.
    let accounts: HashMap<i64, _> = store.accounts().await?.into_iter().map(|account| (account.id, account)).collect();
    let states: HashMap<_, _> =
        store.workplaces().await?.into_iter().map(|workplace| (workplace.id, workplace.state)).collect();
    for (conn, who) in signed_in {
        let account_may = accounts.get(&who.account).is_some_and(|account| {
            !account.blocked
                && account.role.may_advise()
                && account.password_changed_unix_s == who.password_changed_unix_s
        });
        let workplace = who.workplace.as_ref();
        let workplace_may = workplace.is_none_or(|(id, _)| states.get(id) == Some(&WorkplaceState::Approved));
        if account_may && workplace_may {
            hall.still_signed_in(conn, generation);
        } else {
            hall.metrics.count(Count::SignedOut);
            tracing::info!(?conn, "somebody who may not be signed in any more was signed out");
            hall.sign_out(conn);
        }
    }
    let gone: Vec<i64> = booked.into_iter().filter(|account| !accounts.contains_key(account)).collect();
    hall.end_bookings_of(&gone, generation);
    hall.tell_decisions(generation, |id| states.get(&id) != Some(&WorkplaceState::Waiting));
    Ok(())
}
