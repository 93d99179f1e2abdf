//! The advisor's card: who asks, signed by the broker for one number.

use crate::{number::Routing, text::DisplayText};
use bincode::{Decode, Encode};

/// Who the advisor is, as the broker vouches for it. The broker hands it to
/// the advisor's program with the number; it reaches the customer's program
/// inside the handshake, which checks the signature with the key that it got
/// from the pinned broker.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Card {
    /// The company's name.
    pub organisation: DisplayText,
    /// The advisor's name as shown to customers.
    pub advisor: DisplayText,
    /// The number that it was made for.
    pub routing: Routing,
    /// End of validity, seconds since 1970.
    pub expires_unix_s: u64,
    /// Ed25519 over [`Card::signed_bytes`].
    pub signature: [u8; 64],
}
