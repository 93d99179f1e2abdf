//! What a name, a role and a new password must be.

use std::{fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Fewest characters of a password where it is the only factor, as NIST SP
/// 800-63B-4 asks for.
pub const MIN_PASSWORD_CHARS: usize = 15;
/// The same where a code is asked for as well; NIST would be content with 8.
pub const MIN_PASSWORD_CHARS_WITH_CODE: usize = 12;
/// Most characters of a password; longer ones are refused, never cut.
pub const MAX_PASSWORD_CHARS: usize = 128;
/// What 128 characters may take in UTF-8.
pub const MAX_PASSWORD_BYTES: usize = 4 * MAX_PASSWORD_CHARS;
/// How long an initial password can be exchanged for one's own.
pub const INITIAL_PASSWORD_LIFE_S: i64 = 72 * 60 * 60;
/// How long a paper code can be used.
pub const PAPER_CODE_LIFE_S: i64 = 24 * 60 * 60;
/// Longest account name in characters.
const MAX_NAME_CHARS: usize = 64;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Role {
    /// Answers for all; there is at most one.
    #[value(skip)]
    MainUser,
    /// Manages accounts.
    LocalAdmin,
    /// Gives support.
    Advisor,
    /// Reads the audit trail and opens no sessions.
    Auditor,
}

/// No role has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no role has this name")]
pub struct NoRole;

impl Role {
    const ALL: [Self; 4] = [Self::MainUser, Self::LocalAdmin, Self::Advisor, Self::Auditor];

    /// The name in the store and in the audit trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MainUser => "main_user",
            Self::LocalAdmin => "local_admin",
            Self::Advisor => "advisor",
            Self::Auditor => "auditor",
        }
    }

    /// Whether it may open numbers and see what customers share.
    pub fn may_advise(self) -> bool {
        match self {
            Self::MainUser | Self::LocalAdmin | Self::Advisor => true,
            Self::Auditor => false,
        }
    }
}

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(name: &str) -> Result<Self, NoRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == name).ok_or(NoRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose choice a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordState {
    /// The holder's own.
    Own,
    /// Given by somebody else: it only lets its holder choose another one,
    /// once, and until this time in seconds since 1970.
    Initial {
        /// When it ends.
        until_unix_s: i64,
    },
}

/// Why a name is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 characters, none of them a blank or a control character")]
pub struct BadName;

/// Which rule a new password fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Fewer characters than it must have.
    #[error("too short")]
    TooShort {
        /// So many.
        at_least: usize,
    },
    /// More than [`MAX_PASSWORD_CHARS`] characters.
    #[error("too long")]
    TooLong,
    /// It contains the name, forwards or backwards, however it is dressed.
    #[error("contains the name")]
    ContainsName,
    /// It is the present one or an earlier one.
    #[error("used before")]
    UsedBefore,
    /// It is on lists of common passwords, or put together from such.
    #[error("common")]
    Common,
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

/// The form in which a password is hashed: the same letters are the same
/// password on every keyboard and system.
pub(super) fn canonical_password(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

/// Checks a password that is to be set. That it was not used before is
/// checked by [`super::Hasher::used_before`], which needs the hashes.
///
/// # Errors
/// See [`BadPassword`].
pub fn check_new_password(name: &str, password: &str, least_chars: usize) -> Result<(), BadPassword> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(BadPassword::TooLong);
    }
    let password = canonical_password(password);
    let count_chars = password.chars().count();
    if count_chars < least_chars {
        return Err(BadPassword::TooShort { at_least: least_chars });
    }
    if count_chars > MAX_PASSWORD_CHARS {
        return Err(BadPassword::TooLong);
    }
    if contains_name(name, &password) {
        return Err(BadPassword::ContainsName);
    }
    // Below three a password falls to fewer than 10^8 guesses.
    if zxcvbn::zxcvbn(&password, &[name]).score() < zxcvbn::Score::Three {
        return Err(BadPassword::Common);
    }
    Ok(())
}

fn contains_name(name: &str, password: &str) -> bool {
    let name: String = folded(&name.nfc().collect::<String>());
    let backwards: String = name.chars().rev().collect();
    let folded = Zeroizing::new(folded(password));
    let plain = Zeroizing::new(undressed(&folded));
    [name, backwards].iter().any(|name| folded.contains(name) || plain.contains(&undressed(name)))
}

/// Case folded as far as the standard library goes: upper case first brings
/// ß and SS, and the forms of sigma, together.
fn folded(text: &str) -> String {
    text.to_uppercase().to_lowercase().replace('ς', "σ")
}

/// Letters for the digits and signs that commonly stand for them. What may
/// stand for i and for l is one letter.
fn undressed(text: &str) -> String {
    let plain = |c| match c {
        '0' => 'o',
        '1' | '!' | '|' | 'i' => 'l',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::generated_password;

    #[test]
    fn a_password_beside_a_code_may_be_shorter() {
        let check = |password| check_new_password("anna", password, MIN_PASSWORD_CHARS_WITH_CODE);
        assert_eq!(check("zwölf Zeich."), Ok(()));
        assert_eq!(check("elf Zeichen"), Err(BadPassword::TooShort { at_least: 12 }));
    }

    #[test]
    fn every_rule_of_passwords_is_named_by_its_failure() {
        for (name, password, verdict) in [
            ("anna", "vierzehn Zeich", Err(BadPassword::TooShort { at_least: MIN_PASSWORD_CHARS })),
            ("anna", "fünfzehn Zeiche", Ok(())),
            ("anna", "regen ueber Anna wald", Err(BadPassword::ContainsName)),
            ("berta", "kuchen 4tr3B mond glas", Err(BadPassword::ContainsName)),
            ("berta", "kuchen B3rT@ mond glas", Err(BadPassword::ContainsName)),
            ("b3rta", "kuchen berta mond glas", Err(BadPassword::ContainsName)),
            ("emil", "kuchen 3m1l mond glas", Err(BadPassword::ContainsName)),
            ("emil", "kuchen l!m3 mond glas", Err(BadPassword::ContainsName)),
            ("strauß", "kuchen STRAUSS mond", Err(BadPassword::ContainsName)),
            ("jürgen", "kuchen JU\u{308}RGEN mond", Err(BadPassword::ContainsName)),
            ("jürgen", "kuchen negrÜj mond glas", Err(BadPassword::ContainsName)),
            ("anna", "passwordpassword", Err(BadPassword::Common)),
            ("anna", "P4ssw0rd12345678", Err(BadPassword::Common)),
            ("anna", "1234567890123456", Err(BadPassword::Common)),
            ("anna", "aaaaaaaaaaaaaaaaaaaa", Err(BadPassword::Common)),
            ("anna", "qwertyuiopasdfghjkl", Err(BadPassword::Common)),
            ("anna", "korrektes pferd batterie", Ok(())),
        ] {
            assert_eq!(check_new_password(name, password, MIN_PASSWORD_CHARS), verdict, "{name} {password}");
        }
        assert_eq!(check_new_password("anna", &generated_password().unwrap(), MIN_PASSWORD_CHARS), Ok(()));
    }

    #[test]
    fn length_counts_characters_not_bytes_and_has_an_end() {
        let long = |count: usize| "äöüxqß€7zk".chars().cycle().take(count).collect::<String>();
        assert_ne!(
            check_new_password("anna", &long(MAX_PASSWORD_CHARS), MIN_PASSWORD_CHARS),
            Err(BadPassword::TooLong)
        );
        for count in [MAX_PASSWORD_CHARS + 1, 100_000] {
            assert_eq!(check_new_password("anna", &long(count), MIN_PASSWORD_CHARS), Err(BadPassword::TooLong));
        }
        // Fifteen signs that are seven letters with their dots.
        assert_eq!(
            check_new_password("anna", &"u\u{308}".repeat(7), MIN_PASSWORD_CHARS),
            Err(BadPassword::TooShort { at_least: MIN_PASSWORD_CHARS })
        );
    }

    #[test]
    fn names_are_one_word_in_lower_case() {
        assert_eq!(canonical_name(" Anna.Ä ").as_deref(), Ok("anna.ä"));
        for name in ["", " ", "a b", "a\nb", &"x".repeat(65)] {
            assert_eq!(canonical_name(name), Err(BadName), "{name:?}");
        }
    }

    #[test]
    fn roles_have_names_that_can_be_read_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("root".parse::<Role>(), Err(NoRole));
    }
}
