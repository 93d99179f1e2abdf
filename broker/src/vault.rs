//! What the database alone must not be enough for: secrets of second factors
//! are sealed, and approvals of workplaces tagged, with a key in a file of its
//! own. Whoever reads the database learns no secret, and whoever writes a row
//! into it lets nobody in.

use crate::{data_dir::DataDir, problem::Problem};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use mitblick_protocol::workplace::WorkplaceKey;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Name of the key in the data folder.
const KEY: &str = "accounts.key";
const SEAL_LABEL: &[u8] = b"mitblick second factor 1";
const TAG_LABEL: &[u8] = b"mitblick workplace approval 1";
const NONCE_BYTES: usize = 12;

/// Proof that the broker has approved a workplace.
pub type ApprovalTag = [u8; 32];

/// What an approval is over.
#[derive(Clone, Copy, Debug)]
pub struct Approval<'a> {
    /// Id of the account.
    pub account: i64,
    /// Key of the workplace.
    pub key: &'a WorkplaceKey,
    /// Its name, as the approver saw it.
    pub name: &'a str,
    /// When, in seconds since 1970.
    pub at_unix_s: i64,
}

/// See the module's documentation.
#[derive(Clone)]
pub struct Vault {
    seal: Zeroizing<[u8; 32]>,
    tag: Zeroizing<[u8; 32]>,
}

/// It was sealed for another account or with another key, or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is sealed can't be opened with this broker's key")]
pub struct BadSeal;

impl Vault {
    /// From the key in the data folder; made if it isn't there.
    ///
    /// # Errors
    /// It can't be read, written or made.
    pub fn open(dir: &DataDir) -> Result<Self, Problem> {
        let secret = Zeroizing::new(dir.read_or_make(KEY, || {
            let mut bytes = vec![0; 32];
            getrandom::fill(&mut bytes).map_err(Problem::keys)?;
            Ok(bytes)
        })?);
        let secret: &[u8; 32] = secret.as_slice().try_into().map_err(|_| Problem::damaged(dir.file(KEY)))?;
        Ok(Self::new(secret))
    }

    /// From a secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { seal: Zeroizing::new(mac(secret, &[SEAL_LABEL])), tag: Zeroizing::new(mac(secret, &[TAG_LABEL])) }
    }

    /// Seals a secret of an account.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn seal(&self, account: i64, secret: &[u8]) -> Result<Vec<u8>, BadSeal> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| BadSeal)?;
        let aad = account.to_be_bytes();
        let sealed = self.cipher().encrypt(&nonce.into(), Payload { msg: secret, aad: &aad }).map_err(|_| BadSeal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Vault::seal`] has made for this account.
    ///
    /// # Errors
    /// See [`BadSeal`].
    pub fn open_sealed(&self, account: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadSeal> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(BadSeal)?;
        let aad = account.to_be_bytes();
        let opened = self.cipher().decrypt(&(*nonce).into(), Payload { msg: sealed, aad: &aad });
        opened.map(Zeroizing::new).map_err(|_| BadSeal)
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&(*self.seal).into())
    }

    /// The tag of an approval.
    pub fn approve(&self, approval: Approval<'_>) -> ApprovalTag {
        mac(&self.tag, &approval_parts(&approval).each_ref().map(Vec::as_slice))
    }

    /// Whether the tag is of this approval.
    pub fn has_approved(&self, approval: Approval<'_>, tag: &[u8]) -> bool {
        let Ok(mut hmac) = <Hmac<Sha256> as KeyInit>::new_from_slice(self.tag.as_slice()) else { return false };
        for part in approval_parts(&approval) {
            hmac.update(&part);
        }
        hmac.verify_slice(tag).is_ok()
    }
}

/// All but the last have a fixed length.
fn approval_parts(approval: &Approval<'_>) -> [Vec<u8>; 4] {
    [
        approval.account.to_be_bytes().to_vec(),
        approval.at_unix_s.to_be_bytes().to_vec(),
        approval.key.0.to_vec(),
        approval.name.as_bytes().to_vec(),
    ]
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // Keys of any length are fine for HMAC.
    let Ok(mut hmac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        hmac.update(part);
    }
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_account_and_key_alone() {
        let vault = Vault::new(&[1; 32]);
        let sealed = vault.seal(7, b"secret").unwrap();
        assert_eq!(vault.open_sealed(7, &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(vault.open_sealed(8, &sealed), Err(BadSeal));
        assert_eq!(Vault::new(&[2; 32]).open_sealed(7, &sealed), Err(BadSeal));
        for length in 0..sealed.len() {
            assert_eq!(vault.open_sealed(7, &sealed[..length]), Err(BadSeal));
        }
        assert_ne!(sealed, vault.seal(7, b"secret").unwrap(), "the same secret does not look the same");
    }

    #[test]
    fn an_approval_is_of_one_account_key_name_and_time() {
        let vault = Vault::new(&[1; 32]);
        let (key, other) = (WorkplaceKey([5; 32]), WorkplaceKey([6; 32]));
        let approval = Approval { account: 7, key: &key, name: "empfang", at_unix_s: 100 };
        let tag = vault.approve(approval);
        assert!(vault.has_approved(approval, &tag));
        for changed in [
            Approval { account: 8, ..approval },
            Approval { key: &other, ..approval },
            Approval { name: "empfan", ..approval },
            Approval { at_unix_s: 101, ..approval },
        ] {
            assert!(!vault.has_approved(changed, &tag));
        }
        assert!(!vault.has_approved(approval, &tag[..31]));
        assert!(!vault.has_approved(approval, &[]));
        assert!(!Vault::new(&[2; 32]).has_approved(approval, &tag));
    }
}
