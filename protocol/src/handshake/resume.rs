//! Finding together again after a cut, without the digits: both programs still
//! hold a secret of the session that was cut, which the broker never had.
//!
//! ```text
//! r1 A→C  11 | n_A[32] | X_A[32]
//! r2 C→A  12 | n_C[32] | X_C[32] | T_C[32]
//! r3 A→C  13 | T_A[32]                              kinds in hexadecimal
//!
//! RS  = Expand(MS, "MB1 resume") of the session before
//! Z   = x25519(x, X_peer)
//! th1 = H(lv("MITBLICK-E2E-1 resume", suite u16, r1, n_C | X_C))
//! PRK = HKDF-Extract(salt = th1, IKM = lv(RS, Z))
//! ```
//! Proofs, master secret and keys follow from `PRK` and `th1` as in the first
//! handshake; the new RS takes the place of the old one. The fresh X25519
//! exchange means that whoever steals RS later opens nothing.
//!
//! The advisor's side can't know whether r3 arrived. It keeps the old RS until
//! a record of the new session has come, and takes a proof by either; the
//! customer's side has the old one as long as it has no r3. A proof by the old
//! one says that the last r3 was lost: then the old one stays what the customer
//! has should this r3 be lost too, however often that happens.

use super::{
    Ephemeral, HandshakeError, ProofError, ResumeSecret, Role, Step, Suite,
    schedule::{Proofs, Resumable},
};
use crate::sealed::TrafficKeys;
use alloc::vec::Vec;

const R1: u8 = 0x11;
const R2: u8 = 0x12;
const R3: u8 = 0x13;

/// A session goes on with new keys.
pub struct Resumed {
    /// Keys of the two directions.
    pub keys: TrafficKeys,
    /// For the next cut.
    pub secret: ResumeSecret,
}

impl Resumed {
    fn new(proofs: Proofs, role: Role) -> Self {
        let Resumable { keys, secret, .. } = proofs.resumable(role);
        Self { keys, secret }
    }
}

/// The secrets by which the advisor's side knows the customer's.
pub struct Secrets {
    newest: ResumeSecret,
    /// The one before, as long as no record by the newest has come.
    earlier: Option<ResumeSecret>,
}

impl Secrets {
    /// Of a session that begins.
    pub const fn new(first: ResumeSecret) -> Self {
        Self { newest: first, earlier: None }
    }

    /// A record has come: the customer's side has the newest secret.
    pub fn heard(&mut self) {
        self.earlier = None;
    }
}

/// r1 is out; waits for the customer's proof.
pub struct AwaitResumeProof {
    suite: Suite,
    ephemeral: Ephemeral,
    r1: Vec<u8>,
}

/// Begins at the advisor's side: gives r1.
pub fn resume(suite: Suite, entropy: &mut dyn FnMut(&mut [u8])) -> (AwaitResumeProof, Vec<u8>) {
    let ephemeral = Ephemeral::draw(entropy);
    let r1 = [&[R1][..], &ephemeral.nonce, &ephemeral.x_public()].concat();
    (AwaitResumeProof { suite, ephemeral, r1: r1.clone() }, r1)
}

impl AwaitResumeProof {
    /// Takes r2, gives the keys and r3. The new secret is among `secrets` then.
    ///
    /// # Errors
    /// It is no r2 (`Malformed`), or whoever sent it does not know a secret of
    /// this session (`WrongProof`).
    pub fn handle(self, r2: &[u8], secrets: &mut Secrets) -> Result<(TrafficKeys, Vec<u8>), ProofError> {
        let malformed = ProofError::Malformed(Step::M2);
        let rest = r2.strip_prefix(&[R2]).ok_or(malformed)?;
        let (fresh, proof) = rest.split_first_chunk::<64>().ok_or(malformed)?;
        let proof: &[u8; 32] = proof.try_into().map_err(|_| malformed)?;
        let (nonce, x) = halves(fresh);
        if nonce == self.ephemeral.nonce || x == self.ephemeral.x_public() {
            return Err(malformed);
        }
        let z = self.ephemeral.exchange(&x).map_err(|_| malformed)?;
        let by = |secret: &ResumeSecret| {
            let proofs = Proofs::resumed(self.suite, &self.r1, fresh, &secret.0, z.as_bytes());
            Proofs::is(proofs.of_customer(), proof).then_some(proofs)
        };
        let (is_newest, proofs) = match (by(&secrets.newest), &secrets.earlier) {
            (Some(proofs), _) => (true, proofs),
            (None, Some(earlier)) => (false, by(earlier).ok_or(ProofError::WrongProof)?),
            (None, None) => return Err(ProofError::WrongProof),
        };
        let r3 = [&[R3][..], proofs.of_advisor()].concat();
        let Resumed { keys, secret } = Resumed::new(proofs, Role::Advisor);
        let before = core::mem::replace(&mut secrets.newest, secret);
        if is_newest {
            secrets.earlier = Some(before);
        }
        Ok((keys, r3))
    }
}

/// r2 is out; waits for the advisor's proof.
pub struct AwaitResumeConfirm {
    proofs: Proofs,
}

/// Answers r1 at the customer's side: gives r2.
///
/// # Errors
/// It is no r1, or our own values came back.
pub fn answer_resume(
    suite: Suite,
    secret: &ResumeSecret,
    r1: &[u8],
    entropy: &mut dyn FnMut(&mut [u8]),
) -> Result<(AwaitResumeConfirm, Vec<u8>), HandshakeError> {
    let malformed = HandshakeError::Malformed(Step::M1);
    let theirs: &[u8; 64] = r1.strip_prefix(&[R1]).and_then(|rest| rest.try_into().ok()).ok_or(malformed)?;
    let (nonce, x) = halves(theirs);
    let ephemeral = Ephemeral::draw(entropy);
    if nonce == ephemeral.nonce || x == ephemeral.x_public() {
        return Err(HandshakeError::Reflected);
    }
    let z = ephemeral.exchange(&x)?;
    let mut fresh = [0; 64];
    let (front, back) = fresh.split_at_mut(32);
    front.copy_from_slice(&ephemeral.nonce);
    back.copy_from_slice(&ephemeral.x_public());
    let proofs = Proofs::resumed(suite, r1, &fresh, &secret.0, z.as_bytes());
    let r2 = [&[R2][..], &fresh, proofs.of_customer()].concat();
    Ok((AwaitResumeConfirm { proofs }, r2))
}

impl AwaitResumeConfirm {
    /// Takes r3, gives the keys.
    ///
    /// # Errors
    /// It is no r3, or whoever sent it does not know the session's secret.
    pub fn handle(self, r3: &[u8]) -> Result<Resumed, ProofError> {
        let proof = r3.strip_prefix(&[R3]).and_then(|rest| rest.try_into().ok());
        let proof: &[u8; 32] = proof.ok_or(ProofError::Malformed(Step::M3))?;
        if !Proofs::is(self.proofs.of_advisor(), proof) {
            return Err(ProofError::WrongProof);
        }
        Ok(Resumed::new(self.proofs, Role::Customer))
    }
}

/// Nonce and public value.
fn halves(both: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (mut nonce, mut x) = ([0; 32], [0; 32]);
    let (front, back) = both.split_at(32);
    nonce.copy_from_slice(front);
    x.copy_from_slice(back);
    (nonce, x)
}
