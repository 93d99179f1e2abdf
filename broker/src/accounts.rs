//! Accounts: their rules ([`rules`]), and the hashes of their passwords.
//!
//! argon2id with the second recommended choice of RFC 9106 (64 MiB, 3 passes,
//! 4 lanes). A hash costs a third of a second and 64 MiB, so few run at once,
//! away from the tasks that relay, and the queue for them is short. A name
//! that nobody has costs the same as a wrong password.

mod rules;

pub use rules::{
    BadName, BadPassword, INITIAL_PASSWORD_LIFE_S, MAX_PASSWORD_BYTES, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS,
    MIN_PASSWORD_CHARS_WITH_CODE, NoRole, PAPER_CODE_LIFE_S, PasswordState, Role, canonical_name, check_new_password,
};

use crate::audit::hex_text;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::PasswordVerifier};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Hashes made at the same time.
const AT_ONCE: usize = 4;
/// Hashes made or waited for, all together.
const QUEUE: usize = 64;

const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const TAG_BYTES: usize = 32;

/// Groups of four letters, 20 random bits each, in a generated password.
const PASSWORD_GROUPS: usize = 5;
/// The same for a paper code: more than 128 random bits.
const PAPER_CODE_GROUPS: usize = 7;

/// Why a password could not be hashed or checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// No memory, or no randomness.
    #[error("the password could not be hashed")]
    Failed,
}

/// A password of 100 random bits in five groups, easy to read out.
///
/// # Errors
/// The system gave no randomness.
pub fn generated_password() -> Result<Zeroizing<String>, HashError> {
    random_groups(PASSWORD_GROUPS)
}

/// A code to be written down on paper, of 140 random bits.
///
/// # Errors
/// The system gave no randomness.
pub fn generated_paper_code() -> Result<Zeroizing<String>, HashError> {
    random_groups(PAPER_CODE_GROUPS)
}

/// What is stored of a paper code. It has enough random bits for a plain
/// hash; blanks, hyphens and upper case are the person's own affair.
pub fn paper_code_hash(code: &str) -> String {
    let plain: Zeroizing<String> = Zeroizing::new(code.chars().filter(|c| c.is_alphanumeric()).collect());
    hex_text(&Sha256::digest(plain.to_lowercase().as_bytes()))
}

/// Groups of four letters of 20 random bits, with hyphens between.
pub(crate) fn random_groups(groups: usize) -> Result<Zeroizing<String>, HashError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = Zeroizing::new(vec![0_u8; groups * 4]);
    getrandom::fill(&mut bytes).map_err(|_| HashError::Failed)?;
    let mut password = Zeroizing::new(String::with_capacity(groups * 5));
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            password.push('-');
        }
        let letter = LETTERS.get(usize::from(byte & 31)).copied().unwrap_or(b'x');
        password.push(char::from(letter));
    }
    Ok(password)
}

/// Makes and checks hashes, a few at once.
#[derive(Clone, Debug)]
pub struct Hasher {
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Checked for names that nobody has.
    nobody: Arc<str>,
}

impl Hasher {
    /// A hasher with an empty queue.
    ///
    /// # Errors
    /// The system gave no memory or no randomness.
    pub fn new() -> Result<Self, HashError> {
        Ok(Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(QUEUE)),
            nobody: hash(generated_password()?.as_bytes())?.as_str().into(),
        })
    }

    /// Whether the password belongs to the hash; without a hash the same work
    /// is done and the answer is no.
    ///
    /// # Errors
    /// The queue is full, or hashing failed.
    pub async fn verify(
        &self,
        password: Zeroizing<String>,
        hash: Option<Zeroizing<String>>,
    ) -> Result<bool, HashError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| Zeroizing::new(self.nobody.to_string()));
        let password = rules::canonical_password(&password);
        let right = self.run(move || verify(password.as_bytes(), &hash)).await?;
        Ok(known && right)
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// The queue is full, or hashing failed.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<Zeroizing<String>, HashError> {
        let password = rules::canonical_password(&password);
        self.run(move || hash(password.as_bytes())).await?
    }

    /// Whether one of these hashes, an account's present and earlier ones, is
    /// of this password.
    ///
    /// # Errors
    /// The queue is full, or hashing failed.
    pub async fn used_before(
        &self,
        password: &Zeroizing<String>,
        hashes: Vec<Zeroizing<String>>,
    ) -> Result<bool, HashError> {
        for hash in hashes {
            if self.verify(password.clone(), Some(hash)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        let _queued = self.queue.try_acquire().map_err(|_| HashError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| HashError::Failed)?;
        // The permit goes with the work: a caller that gives up does not make
        // room before the memory is free again.
        let done = tokio::task::spawn_blocking(move || {
            let _running = running;
            work()
        });
        done.await.map_err(|_| HashError::Failed)
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(TAG_BYTES)).map_err(|_| HashError::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<Zeroizing<String>, HashError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| HashError::Failed)?;
    let hash = argon2()?.hash_password_with_salt(password, &salt).map_err(|_| HashError::Failed)?;
    Ok(Zeroizing::new(hash.to_string()))
}

/// A hash that can't be read is nobody's.
fn verify(password: &[u8], hash: &str) -> bool {
    argon2().is_ok_and(|argon2| argon2.verify_password(password, hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_code_is_the_same_however_it_is_typed() {
        let code = generated_paper_code().unwrap();
        assert_eq!(code.len(), 34);
        assert_eq!(paper_code_hash(&code), paper_code_hash(&format!(" {} ", code.to_uppercase().replace('-', " "))));
        assert_ne!(paper_code_hash(&code), paper_code_hash(&generated_paper_code().unwrap()));
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_name_is_right() {
        let hasher = Hasher::new().unwrap();
        let text = |text: &str| Zeroizing::new(text.to_owned());
        let hash = hasher.hash(text("correct horse battery")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"));
        assert_eq!(hasher.verify(text("correct horse battery"), Some(hash.clone())).await, Ok(true));
        assert_eq!(hasher.verify(text("correct horse batterx"), Some(hash)).await, Ok(false));
        assert_eq!(hasher.verify(text("correct horse battery"), None).await, Ok(false));
        assert_eq!(hasher.verify(text("correct horse battery"), Some(text("no hash"))).await, Ok(false));
    }

    #[tokio::test]
    async fn letters_put_together_differently_are_the_same_password() {
        let hasher = Hasher::new().unwrap();
        let text = |text: &str| Zeroizing::new(text.to_owned());
        let hash = hasher.hash(text("gr\u{fc}ne wiese im mai")).await.unwrap();
        assert_eq!(hasher.used_before(&text("gru\u{308}ne wiese im mai"), vec![hash.clone()]).await, Ok(true));
        assert_eq!(hasher.used_before(&text("graue wiese im mai"), vec![hash]).await, Ok(false));
        assert_eq!(hasher.used_before(&text("graue wiese im mai"), Vec::new()).await, Ok(false));
    }
}
