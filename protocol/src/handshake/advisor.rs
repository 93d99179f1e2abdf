//! The advisor's side: sends m1, m3 and m5. It alone judges whether an attempt
//! burns the number.

use super::{
    Context, Ephemeral, Established, HandshakeError, Offer, ProofError, Role, Step, Suite, cpace,
    messages::{read_m2, read_proof, write_m1, write_m3, write_proof},
    schedule::{self, Proofs, Shares},
};
use crate::{
    card::{Card, CardError},
    number::SecretPart,
};
use alloc::vec::Vec;

/// Begins an attempt at the advisor's side.
pub struct AdvisorStart;

impl AdvisorStart {
    /// Draws what the attempt needs and gives m1. Each attempt, also at the
    /// same number, begins anew here.
    ///
    /// # Errors
    /// The card is for another number or can't be encoded.
    pub fn begin(
        context: Context,
        secret: SecretPart,
        offer: Offer,
        card: Card,
        entropy: &mut dyn FnMut(&mut [u8]),
    ) -> Result<(AwaitShare, Vec<u8>), HandshakeError> {
        if card.routing != context.routing {
            return Err(CardError::OtherNumber.into());
        }
        let ephemeral = Ephemeral::draw(entropy);
        let m1 = write_m1(&offer, &ephemeral.nonce, &ephemeral.x_public(), &card)?;
        Ok((AwaitShare { context, secret, offer, card, ephemeral, m1: m1.clone() }, m1))
    }
}

/// m1 is out; waits for the customer's share.
pub struct AwaitShare {
    context: Context,
    secret: SecretPart,
    offer: Offer,
    card: Card,
    ephemeral: Ephemeral,
    m1: Vec<u8>,
}

impl AwaitShare {
    /// Takes m2, gives m3.
    ///
    /// # Errors
    /// See [`HandshakeError`]; the number stays good.
    pub fn handle(self, m2: &[u8]) -> Result<(AwaitProof, Vec<u8>), HandshakeError> {
        let Self { context, secret, offer, card, ephemeral, m1 } = self;
        let theirs = read_m2(m2)?;
        if theirs.nonce == ephemeral.nonce || theirs.x == ephemeral.x_public() {
            return Err(HandshakeError::Reflected);
        }
        let suite = offer.choose(&theirs.offer)?;
        let session = schedule::session_id(&ephemeral.nonce, &theirs.nonce);
        let generator = schedule::generator(&context, &secret, &m1, &session);
        let shares = Shares { customer: theirs.y, advisor: cpace::share(&ephemeral.y, &generator) };
        if shares.customer == shares.advisor {
            return Err(HandshakeError::Reflected);
        }
        let key = schedule::session_key(&session, &ephemeral.y, &shares.customer, &shares)?;
        let z = ephemeral.exchange(&theirs.x)?;
        let m3 = write_m3(suite, &shares.advisor);
        let proofs = Proofs::new([&m1, m2, &m3], &key, z.as_bytes());
        Ok((AwaitProof { suite, card, proofs }, m3))
    }
}

/// m3 is out; waits for the customer's proof.
pub struct AwaitProof {
    suite: Suite,
    card: Card,
    proofs: Proofs,
}

impl AwaitProof {
    /// Takes m4, gives the keys and m5.
    ///
    /// # Errors
    /// `WrongProof` burns the number; `Malformed` has tested no guess.
    pub fn handle(self, m4: &[u8]) -> Result<(Established, Vec<u8>), ProofError> {
        let proof = read_proof(Step::M4, m4)?;
        if !Proofs::is(self.proofs.of_customer(), proof) {
            return Err(ProofError::WrongProof);
        }
        let m5 = write_proof(Step::M5, self.proofs.of_advisor());
        Ok((self.proofs.establish(Role::Advisor, self.suite, self.card), m5))
    }
}
