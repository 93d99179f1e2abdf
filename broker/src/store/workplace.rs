//! Workplaces as the store keeps them.

use mitblick_protocol::workplace::WorkplaceKey;
use std::{fmt, str::FromStr};

/// Id of a workplace; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkplaceId(pub i64);

/// Whether somebody may sign in from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkplaceState {
    /// Nobody has decided yet.
    Waiting,
    /// Yes.
    Approved,
    /// No: refused, or its approval was taken back.
    Refused,
}

/// No state has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no state of a workplace has this name")]
pub struct NoState;

impl WorkplaceState {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }
}

impl FromStr for WorkplaceState {
    type Err = NoState;

    fn from_str(name: &str) -> Result<Self, NoState> {
        [Self::Waiting, Self::Approved, Self::Refused].into_iter().find(|state| state.as_str() == name).ok_or(NoState)
    }
}

/// A workplace of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Workplace {
    /// Its id.
    pub id: WorkplaceId,
    /// Id of the account.
    pub account: i64,
    /// Name of the account.
    pub account_name: String,
    /// Its public key.
    pub key: WorkplaceKey,
    /// The name that it gave itself.
    pub name: String,
    /// See [`WorkplaceState`].
    pub state: WorkplaceState,
    /// Six digits that it shows while it waits.
    pub code: u32,
    /// When it first came, seconds since 1970.
    pub asked_unix_s: i64,
    /// Where from; only while it waits.
    pub address: Option<String>,
    /// When it was decided on.
    pub decided_unix_s: Option<i64>,
    /// By whom.
    pub decided_by: Option<String>,
    /// See [`crate::vault`].
    pub approval_tag: Option<Vec<u8>>,
    /// When somebody last signed in from it.
    pub used_unix_s: Option<i64>,
}

impl fmt::Debug for Workplace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Workplace({}, {:?})", self.id.0, self.state)
    }
}

/// A workplace that comes for the first time.
#[derive(Clone, Debug)]
pub struct NewWorkplace {
    /// Id of the account.
    pub account: i64,
    /// Its public key.
    pub key: WorkplaceKey,
    /// The name that it gives itself.
    pub name: String,
    /// Six digits to compare.
    pub code: u32,
    /// Seconds since 1970.
    pub asked_unix_s: i64,
    /// Where it comes from.
    pub address: String,
}

/// What became of a workplace that came for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits.
    Waits(WorkplaceId),
    /// So many wait already that this one may not.
    TooMany,
    /// The account is gone, or has this workplace already.
    Meanwhile,
}

/// Somebody's decision on a workplace.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Approved or refused.
    pub state: WorkplaceState,
    /// Seconds since 1970.
    pub at_unix_s: i64,
    /// Who, as people read it.
    pub by: String,
    /// With an approval.
    pub approval_tag: Option<Vec<u8>>,
}
