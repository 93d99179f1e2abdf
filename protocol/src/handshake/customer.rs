//! The customer's side: checks who asks, sends m2 and m4.

use super::{
    Context, Ephemeral, Established, HandshakeError, Offer, ProofError, Role, Step, Suite, cpace,
    messages::{read_m1, read_m3, read_proof, write_m2, write_proof},
    schedule::{self, Proofs, SessionId, Shares},
};
use crate::{card::Card, number::SecretPart};
use alloc::vec::Vec;

/// Begins an attempt at the customer's side.
pub struct CustomerStart;

impl CustomerStart {
    /// Draws what the attempt needs and waits for m1. `card_key` is the key
    /// that the pinned broker named; `now_unix_s` is the time in seconds since
    /// 1970, against which the card is checked.
    pub fn begin(
        context: Context,
        secret: SecretPart,
        offer: Offer,
        card_key: [u8; 32],
        now_unix_s: u64,
        entropy: &mut dyn FnMut(&mut [u8]),
    ) -> AwaitOffer {
        AwaitOffer { context, secret, offer, card_key, now_unix_s, ephemeral: Ephemeral::draw(entropy) }
    }
}

/// Waits for the advisor's offer and card.
pub struct AwaitOffer {
    context: Context,
    secret: SecretPart,
    offer: Offer,
    card_key: [u8; 32],
    now_unix_s: u64,
    ephemeral: Ephemeral,
}

impl AwaitOffer {
    /// Takes m1, gives m2.
    ///
    /// # Errors
    /// See [`HandshakeError`]. Nothing has been sent that depends on the
    /// secret digits.
    pub fn handle(self, m1: &[u8]) -> Result<(AwaitSuite, Vec<u8>), HandshakeError> {
        let Self { context, secret, offer, card_key, now_unix_s, ephemeral } = self;
        let theirs = read_m1(m1)?;
        theirs.card.verify(&card_key, context.routing, now_unix_s)?;
        let x = ephemeral.x_public();
        if theirs.nonce == ephemeral.nonce || theirs.x == x {
            return Err(HandshakeError::Reflected);
        }
        let suite = offer.choose(&theirs.offer)?;
        let session = schedule::session_id(&theirs.nonce, &ephemeral.nonce);
        let generator = schedule::generator(&context, &secret, m1, &session);
        let share = cpace::share(&ephemeral.y, &generator);
        let m2 = write_m2(&offer, &ephemeral.nonce, &x, &share);
        let next = AwaitSuite {
            suite,
            card: theirs.card,
            advisor_x: theirs.x,
            session,
            share,
            ephemeral,
            m1: Vec::from(m1),
            m2: m2.clone(),
        };
        Ok((next, m2))
    }
}

/// m2 is out; waits for the suite and the advisor's share.
pub struct AwaitSuite {
    suite: Suite,
    card: Card,
    advisor_x: [u8; 32],
    session: SessionId,
    share: [u8; 32],
    ephemeral: Ephemeral,
    m1: Vec<u8>,
    m2: Vec<u8>,
}

impl AwaitSuite {
    /// Takes m3, gives m4: this side's proof. From here on the number must not
    /// be tried again by the program itself.
    ///
    /// # Errors
    /// See [`HandshakeError`].
    pub fn handle(self, m3: &[u8]) -> Result<(AwaitConfirm, Vec<u8>), HandshakeError> {
        let theirs = read_m3(m3)?;
        if theirs.suite != self.suite {
            return Err(HandshakeError::SuiteForced);
        }
        let shares = Shares { customer: self.share, advisor: theirs.y };
        if shares.customer == shares.advisor {
            return Err(HandshakeError::Reflected);
        }
        let key = schedule::session_key(&self.session, &self.ephemeral.y, &shares.advisor, &shares)?;
        let z = self.ephemeral.exchange(&self.advisor_x)?;
        let proofs = Proofs::new([&self.m1, &self.m2, m3], &key, z.as_bytes());
        let m4 = write_proof(Step::M4, proofs.of_customer());
        Ok((AwaitConfirm { suite: self.suite, card: self.card, proofs }, m4))
    }
}

/// m4 is out; waits for the advisor's proof.
pub struct AwaitConfirm {
    suite: Suite,
    card: Card,
    proofs: Proofs,
}

impl AwaitConfirm {
    /// Takes m5, gives the keys.
    ///
    /// # Errors
    /// See [`ProofError`].
    pub fn handle(self, m5: &[u8]) -> Result<Established, ProofError> {
        let proof = read_proof(Step::M5, m5)?;
        if !Proofs::is(self.proofs.of_advisor(), proof) {
            return Err(ProofError::WrongProof);
        }
        Ok(self.proofs.establish(Role::Customer, self.suite, self.card))
    }
}
