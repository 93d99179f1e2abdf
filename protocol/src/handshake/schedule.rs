//! From the shared secrets and the transcript to proofs and keys.

use super::{
    Context, Established, HandshakeError, ResumeSecret, Role, Suite,
    cpace::{self, Party, lv, lv_bytes},
};
use crate::{
    card::Card,
    check_words::CheckWords,
    keys::{Key, expand, extract, tag},
    number::SecretPart,
    receipt::SessionBinding,
    sealed::{Direction, TrafficKeys, TrafficSecret},
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const LABEL: &[u8] = b"MITBLICK-E2E-1";
const RESUME_LABEL: &[u8] = b"MITBLICK-E2E-1 resume";

/// `n_A | n_C`.
pub(super) type SessionId = [u8; 64];

pub(super) fn session_id(advisor: &[u8; 32], customer: &[u8; 32]) -> SessionId {
    let mut session = [0; 64];
    let (front, back) = session.split_at_mut(32);
    front.copy_from_slice(advisor);
    back.copy_from_slice(customer);
    session
}

/// CPace's generator for this number, broker, m1 and session.
pub(super) fn generator(
    context: &Context,
    secret: &SecretPart,
    m1: &[u8],
    session: &SessionId,
) -> Zeroizing<RistrettoPoint> {
    let digest = Sha256::digest(m1);
    let channel =
        lv_bytes(&[LABEL, b"customer", b"advisor", &context.broker.0, &context.routing.ascii(), digest.as_slice()]);
    cpace::generator(secret.ascii(), &channel, session)
}

/// Both public shares of CPace.
pub(super) struct Shares {
    pub(super) customer: [u8; 32],
    pub(super) advisor: [u8; 32],
}

/// ISK: the customer's share is the first on the wire, so C is the initiator.
pub(super) fn session_key(
    session: &SessionId,
    secret: &Scalar,
    peer: &[u8; 32],
    shares: &Shares,
) -> Result<Zeroizing<[u8; 64]>, HandshakeError> {
    let shared = cpace::shared_point(secret, peer)?;
    let customer = Party { share: &shares.customer, name: b"C" };
    let advisor = Party { share: &shares.advisor, name: b"A" };
    Ok(cpace::session_key(session, &shared, &customer, &advisor))
}

/// Both proofs, and what the keys come from.
pub(super) struct Proofs {
    transcript: [u8; 32],
    prk: Key,
    customer: Key,
    advisor: Key,
}

impl Proofs {
    pub(super) fn new(messages: [&[u8]; 3], session_key: &[u8; 64], z: &[u8; 32]) -> Self {
        let [m1, m2, m3] = messages;
        let input = Zeroizing::new(lv_bytes(&[session_key, z]));
        Self::of(hash_lv(&[LABEL, m1, m2, m3]), &input)
    }

    /// For a session that goes on: r1, the fresh part of r2, the session's
    /// secret and the new shared one.
    pub(super) fn resumed(suite: Suite, r1: &[u8], fresh: &[u8; 64], secret: &[u8; 32], z: &[u8; 32]) -> Self {
        let input = Zeroizing::new(lv_bytes(&[secret, z]));
        Self::of(hash_lv(&[RESUME_LABEL, &suite.wire_id().to_be_bytes(), r1, fresh]), &input)
    }

    fn of(transcript: [u8; 32], input: &[u8]) -> Self {
        let prk = extract(&transcript, input);
        let key = expand::<32>(&prk, b"MB1 confirm customer");
        let customer = Zeroizing::new(tag(&key, &[&transcript]));
        let key = expand::<32>(&prk, b"MB1 confirm advisor");
        let advisor = Zeroizing::new(tag(&key, &[&transcript, customer.as_slice()]));
        Self { transcript, prk, customer, advisor }
    }

    /// T_C, for the customer's m4.
    pub(super) fn of_customer(&self) -> &[u8; 32] {
        &self.customer
    }

    /// T_A, for the advisor's m5.
    pub(super) fn of_advisor(&self) -> &[u8; 32] {
        &self.advisor
    }

    /// Compares in constant time.
    pub(super) fn is(expected: &[u8; 32], got: &[u8; 32]) -> bool {
        expected.ct_eq(got).into()
    }

    /// The keys, once both proofs have been judged as far as `role` can.
    pub(super) fn establish(self, role: Role, suite: Suite, card: Card) -> Established {
        let Resumable { keys, check_words, secret, binding } = self.resumable(role);
        Established { suite, card, keys, check_words, resume: secret, binding }
    }

    /// The same without suite and card, which a session that goes on keeps.
    pub(super) fn resumable(self, role: Role) -> Resumable {
        let th2 = hash_lv(&[&self.transcript, self.customer.as_slice(), self.advisor.as_slice()]);
        let master = expand::<32>(&self.prk, &lv_bytes(&[b"MB1 master", &th2]));
        let secret = |label: &[u8]| TrafficSecret::from_key(expand(&master, label));
        let to_advisor = secret(b"MB1 traffic c2a");
        let to_customer = secret(b"MB1 traffic a2c");
        let keys = match role {
            Role::Advisor => {
                TrafficKeys { send: to_customer, receive: to_advisor, sends: Direction::AdvisorToCustomer }
            }
            Role::Customer => {
                TrafficKeys { send: to_advisor, receive: to_customer, sends: Direction::CustomerToAdvisor }
            }
        };
        let [a, b, c, d, ..] = *expand::<32>(&master, b"MB1 sas");
        Resumable {
            keys,
            check_words: CheckWords::from_places([a, b, c, d]),
            secret: ResumeSecret(*expand::<32>(&master, b"MB1 resume")),
            binding: SessionBinding(*expand::<32>(&master, b"MB1 receipt")),
        }
    }
}

/// What a handshake leads to.
pub(super) struct Resumable {
    pub(super) keys: TrafficKeys,
    pub(super) check_words: CheckWords,
    pub(super) secret: ResumeSecret,
    /// Of the first handshake; a session that goes on keeps its own.
    pub(super) binding: SessionBinding,
}

fn hash_lv(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    lv(parts, |piece| hash.update(piece));
    hash.finalize().into()
}
