//! The end-to-end handshake "MITBLICK-E2E-1" between the advisor's and the
//! customer's program, through a broker that is not trusted.
//!
//! ```text
//! A = advisor's program, C = customer's; all integers big endian
//! m1 A→C  01 | offer_A | n_A[32] | X_A[32] | card_A
//! m2 C→A  02 | offer_C | n_C[32] | X_C[32] | Y_C[32]
//! m3 A→C  03 | suite u16 | Y_A[32]
//! m4 C→A  04 | T_C[32]
//! m5 A→C  05 | T_A[32]
//! offer = version u8 | flags u8 | count u8 | suite u16 ..
//!
//! sid = n_A|n_C   PRS = the five secret digits in ASCII
//! CI  = lv("MITBLICK-E2E-1", "customer", "advisor", broker, routing digits, H(m1))
//! g   = ristretto255(SHA-512(lv("CPaceRistretto255", PRS, zeropad, CI, sid)))
//! Y   = y*g       K = y*Y_peer       Z = x25519(x, X_peer)
//! ISK = SHA-512(lv("CPaceRistretto255_ISK", sid, K) | lv(Y_C, "C") | lv(Y_A, "A"))
//! th1 = H(lv("MITBLICK-E2E-1", m1, m2, m3))
//! PRK = HKDF-Extract(salt = th1, IKM = lv(ISK, Z))
//! T_C = HMAC(Expand(PRK, "MB1 confirm customer"), th1)
//! T_A = HMAC(Expand(PRK, "MB1 confirm advisor"), th1|T_C)
//! MS  = Expand(PRK, lv("MB1 master", H(lv(th1, T_C, T_A))))
//! ```
//! CPace (draft-irtf-cfrg-cpace, suite CPACE-RISTR255-SHA512) lets either side
//! test one guess of the secret digits an attempt and nothing offline. The
//! X25519 exchange adds no authentication; it hedges an error in the PAKE
//! against whoever records. The customer confirms first, so a stranger who
//! joins gets nothing that he could verify.
//!
//! The attacker is the broker, anyone on the line and either peer. Every
//! message has one exact form; anything else aborts, with no detail for the
//! peer. A state is consumed by the message that it waits for: after an error
//! nothing is left to go on with, and all secrets are erased.
//!
//! Entropy is drawn at the start: nonce (32 bytes), X25519 secret (32), CPace
//! secret (64).

mod advisor;
mod cpace;
mod customer;
mod messages;
mod offer;
pub mod resume;
mod schedule;

pub use advisor::{AdvisorStart, AwaitProof, AwaitShare};
pub use customer::{AwaitConfirm, AwaitOffer, AwaitSuite, CustomerStart};
pub use offer::{Offer, Suite};

use crate::{
    card::{Card, CardError},
    check_words::CheckWords,
    number::Routing,
    receipt::SessionBinding,
    sealed::TrafficKeys,
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The broker that both programs talk to: SHA-256 of the public key of its
/// certificate, the pin of the connect string. Both have it from there, not
/// from the broker, so two programs that were led to different brokers get
/// different keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BrokerIdentity(pub [u8; 32]);

/// What both sides must agree on before they start.
#[derive(Clone, Debug)]
pub struct Context {
    /// The broker that relays.
    pub broker: BrokerIdentity,
    /// The routing part of the number.
    pub routing: Routing,
}

/// Which message a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Step {
    M1,
    M2,
    M3,
    M4,
    M5,
}

/// Why an attempt failed before any proof was judged. Nothing has been learnt
/// about the secret digits; another attempt needs fresh states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Not the message that is awaited, or not in its exact form.
    #[error("{0:?} is malformed")]
    Malformed(Step),
    /// The other program speaks another version.
    #[error("handshake version {0} is not supported")]
    Version(u8),
    /// The other side sent our own values back.
    #[error("own values came back")]
    Reflected,
    /// A share is no group element, or one without effect.
    #[error("a key share is not valid")]
    BadShare,
    /// The offers have no suite in common that both accept.
    #[error("no common cipher suite")]
    NoCommonSuite,
    /// The suite chosen is not the one that follows from the offers.
    #[error("the cipher suite does not follow from the offers")]
    SuiteForced,
    /// The advisor's card is not to be believed.
    #[error(transparent)]
    Card(#[from] CardError),
}

/// Why a proof was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A proof in its exact form, and wrong: the number was mistyped or someone
    /// guesses or interferes. The advisor's side burns the number.
    #[error("the proof is wrong")]
    WrongProof,
    /// Not a proof at all; it tests no guess.
    #[error("{0:?} is malformed")]
    Malformed(Step),
}

/// Both sides have proved that they know the secret digits.
pub struct Established {
    /// The cipher suite for all that follows.
    pub suite: Suite,
    /// Who the advisor is. Verified at the customer's side; at the advisor's
    /// its own.
    pub card: Card,
    /// Keys of the two directions.
    pub keys: TrafficKeys,
    /// Four words that are the same on both sides and differ if someone sits
    /// in between.
    pub check_words: CheckWords,
    /// For a cut: see [`resume`].
    pub resume: ResumeSecret,
    /// What a receipt of this session is bound to.
    pub binding: SessionBinding,
}

/// Lets both sides find together again after a cut without the digits.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ResumeSecret([u8; 32]);

/// Which of the two programs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Advisor,
    Customer,
}

/// What one attempt draws; never used for a second one.
struct Ephemeral {
    nonce: [u8; 32],
    x: x25519_dalek::StaticSecret,
    y: Zeroizing<curve25519_dalek::Scalar>,
}

impl Ephemeral {
    fn draw(entropy: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut nonce = [0; 32];
        entropy(&mut nonce);
        let mut x = Zeroizing::new([0; 32]);
        entropy(x.as_mut());
        let mut y = Zeroizing::new([0; 64]);
        entropy(y.as_mut());
        Self {
            nonce,
            x: x25519_dalek::StaticSecret::from(*x),
            y: Zeroizing::new(curve25519_dalek::Scalar::from_bytes_mod_order_wide(&y)),
        }
    }

    fn x_public(&self) -> [u8; 32] {
        x25519_dalek::PublicKey::from(&self.x).to_bytes()
    }

    /// Z, unless the peer's value forces it to zero.
    fn exchange(&self, peer: &[u8; 32]) -> Result<x25519_dalek::SharedSecret, HandshakeError> {
        let shared = self.x.diffie_hellman(&x25519_dalek::PublicKey::from(*peer));
        if shared.was_contributory() { Ok(shared) } else { Err(HandshakeError::BadShare) }
    }
}

#[cfg(test)]
mod tests;
