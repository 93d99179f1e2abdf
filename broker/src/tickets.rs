//! What lets a side of a session come back after a cut: a ticket that the
//! broker has signed, so that it needs no memory of its own and a restart
//! changes nothing. A ticket alone opens nothing: the two programs prove to
//! each other that they were in the session.

use mitblick_protocol::broker_msg::ResumeTicket;

/// A session, across cuts and restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub [u8; 16]);

/// One side of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The advisor's, with what has to be as it was.
    Advisor {
        /// Id of the account.
        account: i64,
        /// When its password was set.
        password_changed_unix_s: i64,
        /// Id of the workplace; 0 where none was asked for.
        workplace: i64,
    },
    /// The customer's.
    Customer,
}

/// What a ticket says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) session: SessionId,
    pub(crate) side: Side,
    /// When it was made, in seconds since 1970.
    pub(crate) issued_unix_s: u64,
}

/// No ticket is believed for longer.
pub(crate) const LIFE_S: u64 = 24 * 60 * 60;

/// Separates these signatures from any other use of the broker's card key.
pub(crate) const LABEL: &[u8] = b"MITBLICK-TICKET-1";
const BODY_BYTES: usize = 16 + 1 + 3 * 8 + 8;

impl Ticket {
    fn body(&self) -> [u8; BODY_BYTES] {
        let (kind, facts) = match self.side {
            Side::Advisor { account, password_changed_unix_s, workplace } => {
                (1, [account, password_changed_unix_s, workplace])
            }
            Side::Customer => (2, [0; 3]),
        };
        let mut body = [0; BODY_BYTES];
        let parts = self.session.0.into_iter().chain([kind]).chain(facts.into_iter().flat_map(i64::to_be_bytes));
        for (place, byte) in body.iter_mut().zip(parts.chain(self.issued_unix_s.to_be_bytes())) {
            *place = byte;
        }
        body
    }

    /// The bytes with their signature.
    pub(crate) fn sign(&self, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> ResumeTicket {
        let body = self.body();
        let signature = sign(&[LABEL, &body].concat());
        ResumeTicket([&body[..], &signature].concat())
    }

    /// What a ticket says, if its signature is right and its time is not over.
    pub(crate) fn read(
        ticket: &ResumeTicket,
        now_unix_s: u64,
        verify: impl FnOnce(&[u8], &[u8; 64]) -> bool,
    ) -> Option<Self> {
        let (body, signature) = ticket.0.split_first_chunk::<BODY_BYTES>()?;
        if !verify(&[LABEL, body].concat(), signature.try_into().ok()?) {
            return None;
        }
        let (session, rest) = body.split_first_chunk::<16>()?;
        let (kind, rest) = rest.split_first()?;
        let (numbers, _) = rest.as_chunks::<8>();
        let [account, changed, workplace, issued] = numbers else { return None };
        let side = match kind {
            1 => Side::Advisor {
                account: i64::from_be_bytes(*account),
                password_changed_unix_s: i64::from_be_bytes(*changed),
                workplace: i64::from_be_bytes(*workplace),
            },
            2 => Side::Customer,
            _ => return None,
        };
        let issued_unix_s = u64::from_be_bytes(*issued);
        // A clock that was put back makes no ticket live longer.
        let age_s = now_unix_s.saturating_sub(issued_unix_s);
        (age_s < LIFE_S).then_some(Self { session: SessionId(*session), side, issued_unix_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signature, Signer, SigningKey};

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn read(ticket: &ResumeTicket, now_unix_s: u64) -> Option<Ticket> {
        Ticket::read(ticket, now_unix_s, |bytes, signature| {
            key().verifying_key().verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
        })
    }

    #[test]
    fn a_ticket_says_what_it_was_made_with_for_a_day() {
        let advisor = Side::Advisor { account: 7, password_changed_unix_s: 1_700_000_000, workplace: 3 };
        for side in [advisor, Side::Customer] {
            let ticket = Ticket { session: SessionId([9; 16]), side, issued_unix_s: 1_000 };
            let signed = ticket.sign(|bytes| key().sign(bytes).to_bytes());
            assert_eq!(read(&signed, 1_000 + LIFE_S - 1), Some(ticket));
            assert_eq!(read(&signed, 1_000 + LIFE_S), None);
        }
    }

    #[test]
    fn whoever_changes_a_ticket_breaks_it() {
        let ticket = Ticket { session: SessionId([9; 16]), side: Side::Customer, issued_unix_s: 1_000 };
        let signed = ticket.sign(|bytes| key().sign(bytes).to_bytes());
        for bit in 0..signed.0.len() * 8 {
            let mut changed = signed.clone();
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&changed, 1_000), None);
        }
        for length in 0..signed.0.len() {
            assert_eq!(read(&ResumeTicket(signed.0[..length].to_vec()), 1_000), None);
        }
    }
}
