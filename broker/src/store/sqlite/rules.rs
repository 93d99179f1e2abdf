//! The table of rules. Within a connection or transaction of the caller.

use super::{images, out_of_order};
use crate::{rules::Rule, store::StoreError};
use mitblick_protocol::policy::Policy;
use sqlx::{Row, SqliteConnection};

/// A rule that can't be read is no rule that may be dropped.
fn unknown(key: &str) -> StoreError {
    StoreError::OutOfOrder(format!("the rule {key} has a value that this version does not know"))
}

pub(super) async fn read(db: &mut SqliteConnection) -> Result<Policy, StoreError> {
    let rows = sqlx::query("SELECT key, value FROM rule").fetch_all(&mut *db).await.map_err(out_of_order)?;
    let mut policy = Policy::default();
    for row in rows {
        let key: String = row.try_get("key").map_err(out_of_order)?;
        let value: String = row.try_get("value").map_err(out_of_order)?;
        if key == "serial" {
            policy.serial = value.parse().map_err(|_| unknown(&key))?;
        } else {
            let rule = Rule::of_key(&key).ok_or_else(|| unknown(&key))?;
            rule.set(&mut policy, &value).map_err(|_| unknown(&key))?;
        }
    }
    policy.texts.logo = images::logo_hash(db).await?;
    Ok(policy)
}

/// The same rules with the next serial number, since something else that they
/// carry has changed.
pub(super) async fn next_serial(db: &mut SqliteConnection) -> Result<Policy, StoreError> {
    let mut policy = read(&mut *db).await?;
    policy.serial = policy.serial.saturating_add(1);
    let update = sqlx::query("UPDATE rule SET value = ? WHERE key = 'serial'").bind(policy.serial.to_string());
    update.execute(db).await.map_err(out_of_order)?;
    Ok(policy)
}

/// Gives the policy as it is kept, if it was made from the one that is there.
pub(super) async fn replace(db: &mut SqliteConnection, mut policy: Policy) -> Result<Option<Policy>, StoreError> {
    let present = read(&mut *db).await?;
    if present.serial != policy.serial {
        return Ok(None);
    }
    policy.serial = policy.serial.saturating_add(1);
    policy.texts.logo = present.texts.logo;
    sqlx::query("DELETE FROM rule").execute(&mut *db).await.map_err(out_of_order)?;
    let beginning = Policy::default();
    let rules = Rule::ALL.into_iter().map(|rule| (rule.key(), rule.value(&policy), rule.value(&beginning)));
    let kept = rules.filter(|(_, value, default)| value != default).map(|(key, value, _)| (key, value));
    for (key, value) in kept.chain([("serial", policy.serial.to_string())]) {
        let insert = sqlx::query("INSERT INTO rule (key, value) VALUES (?, ?)").bind(key).bind(value);
        insert.execute(&mut *db).await.map_err(out_of_order)?;
    }
    Ok(Some(policy))
}
