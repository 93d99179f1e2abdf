//! Names, passwords and their hashes.
//!
//! argon2id with the second recommended choice of RFC 9106 (64 MiB, 3 passes,
//! 4 lanes). A hash costs a third of a second and 64 MiB, so few run at once,
//! away from the tasks that relay, and the queue for them is short. A name
//! that nobody has costs the same as a wrong password.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// Longest password in bytes; longer ones are refused, never cut.
pub const MAX_PASSWORD_BYTES: usize = 512;
/// Longest account name in characters.
const MAX_NAME_CHARS: usize = 64;
/// Hashes made at the same time.
const AT_ONCE: usize = 4;
/// Hashes made or waited for, all together.
const QUEUE: usize = 64;

const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const TAG_BYTES: usize = 32;

/// Why a name is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 characters, none of them a blank or a control character")]
pub struct BadName;

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Fewer than [`MIN_PASSWORD_CHARS`] characters.
    #[error("too short")]
    TooShort,
    /// More than [`MAX_PASSWORD_BYTES`] bytes.
    #[error("too long")]
    TooLong,
    /// It contains the name, forwards or backwards, however it is dressed.
    #[error("contains the name")]
    ContainsName,
}

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

/// The form in which a name is stored and looked up.
///
/// # Errors
/// It is empty, too long, or has characters that can't be seen.
pub fn canonical_name(name: &str) -> Result<String, BadName> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS;
    if !fits || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(BadName);
    }
    Ok(name.to_lowercase())
}

/// Checks a password that is to be set.
///
/// # Errors
/// See [`BadPassword`].
pub fn check_new_password(name: &str, password: &str) -> Result<(), BadPassword> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(BadPassword::TooShort);
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(BadPassword::TooLong);
    }
    let name = name.to_lowercase();
    let backwards: String = name.chars().rev().collect();
    let lower = Zeroizing::new(password.to_lowercase());
    let plain = Zeroizing::new(lower.chars().map(undressed).collect::<String>());
    for name in [name, backwards] {
        let plain_name: String = name.chars().map(undressed).collect();
        if lower.contains(&name) || plain.contains(&plain_name) {
            return Err(BadPassword::ContainsName);
        }
    }
    Ok(())
}

/// Digits and signs that commonly stand for letters.
fn undressed(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'l',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    }
}

/// A password of 100 random bits in five groups, easy to read out.
///
/// # Errors
/// The system gave no randomness.
pub fn generated_password() -> Result<Zeroizing<String>, HashError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = Zeroizing::new([0_u8; 20]);
    getrandom::fill(&mut *bytes).map_err(|_| HashError::Failed)?;
    let mut password = Zeroizing::new(String::with_capacity(24));
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
        let right = self.run(move || verify(password.as_bytes(), &hash)).await?;
        Ok(known && right)
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// The queue is full, or hashing failed.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<Zeroizing<String>, HashError> {
        self.run(move || hash(password.as_bytes())).await?
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
    fn passwords_are_long_and_do_not_hide_the_name() {
        for (name, password, verdict) in [
            ("anna", "elf Zeichen", Err(BadPassword::TooShort)),
            ("anna", "zwölf Zeiche", Ok(())),
            ("anna", "ich bin Anna B", Err(BadPassword::ContainsName)),
            ("berta", "xx4tr3Bxxxxxxxx", Err(BadPassword::ContainsName)),
            ("berta", "xxB3rT@xxxxxxxx", Err(BadPassword::ContainsName)),
            ("b3rta", "xxbertaxxxxxxxx", Err(BadPassword::ContainsName)),
        ] {
            assert_eq!(check_new_password(name, password), verdict, "{name} {password}");
        }
        assert_eq!(check_new_password("anna", &"x".repeat(MAX_PASSWORD_BYTES + 1)), Err(BadPassword::TooLong));
        assert_eq!(check_new_password("anna", &generated_password().unwrap()), Ok(()));
    }

    #[test]
    fn names_are_one_word_in_lower_case() {
        assert_eq!(canonical_name(" Anna.Ä ").as_deref(), Ok("anna.ä"));
        for name in ["", " ", "a b", "a\nb", &"x".repeat(65)] {
            assert_eq!(canonical_name(name), Err(BadName), "{name:?}");
        }
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
}
