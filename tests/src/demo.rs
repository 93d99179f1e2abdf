//! The demo: a whole session on this machine, on a person's own display or
//! played by the rig on two virtual screens.

mod by_hand;
mod played;

pub(crate) use by_hand::as_at_home;
pub use by_hand::by_hand;
pub use played::played;
