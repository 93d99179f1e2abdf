//! Signatures of the programs that are offered, as `minisign` makes them: by
//! whoever builds a release, with a key that the broker does not have.

use minisign_verify::{Error, PublicKey, Signature};
use std::fmt;

/// What follows a program's name in the name of its signature.
pub(crate) const ENDING: &str = ".minisig";
/// Far more than a signature has.
pub(crate) const MAX_SIGNATURE_BYTES: u64 = 4 * 1024;
/// Where the signed comment names the file.
const FILE: &str = "file:";

/// The public key of whoever builds the programs.
#[derive(Clone, PartialEq, Eq)]
pub struct ReleaseKey {
    text: String,
    key: PublicKey,
}

/// Why a program's signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// There is none.
    Missing,
    /// It is none that `minisign` makes.
    NotUnderstood,
    /// It was made with another key.
    OtherKey,
    /// It is not of these bytes.
    Wrong,
    /// It was made for a file of another name: another version, perhaps. Or it
    /// does not say for which.
    OtherFile,
}

impl ReleaseKey {
    /// From the line that `minisign` prints and writes into its file.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let key = PublicKey::from_base64(text).ok()?;
        Some(Self { text: text.to_owned(), key })
    }

    /// The line.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether this is the signature of this program, made for its name.
    pub(crate) fn check(&self, name: &str, program: &[u8], signature: &str) -> Result<(), Unsigned> {
        let signature = Signature::decode(signature).map_err(|_| Unsigned::NotUnderstood)?;
        // Old and new form of signature are as good as each other.
        self.key.verify(program, &signature, true).map_err(|error| match error {
            Error::UnexpectedKeyId => Unsigned::OtherKey,
            _ => Unsigned::Wrong,
        })?;
        // An old program under a new name would be signed too, and so would any
        // that was signed without a name.
        let named = signature.trusted_comment().split('\t').find_map(|part| part.trim().strip_prefix(FILE));
        if named.is_some_and(|named| named == name) { Ok(()) } else { Err(Unsigned::OtherFile) }
    }
}

impl fmt::Debug for ReleaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReleaseKey").field(&self.text).finish()
    }
}

/// For the log.
impl fmt::Display for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no signature beside it",
            Self::NotUnderstood => "its signature is none of minisign's",
            Self::OtherKey => "its signature was made with another key",
            Self::Wrong => "its signature is wrong: the file is not the one that was signed",
            Self::OtherFile => "its signature was made for a file of another name, or names none",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by minisign 0.11 of the four bytes "test", for a file named "a".
    const KEY: &str = "RWQ5yDFYTPlWvoeyUNIpPYwMjPg7qL7QlWYJJZcUrs18nEDJ2kjW9d8X";
    const SIGNATURE: &str = concat!(
        "untrusted comment: signature from minisign secret key\n",
        "RUQ5yDFYTPlWvnPL8rG7eREk55GybAZlOBiqHIGYeq3H+XEAszIdtnqOa5C3+luQn9sEsltcmSCZGhY24MNhWo2m5ocg9Z+HZww=\n",
        "trusted comment: timestamp:1795860565\tfile:a\thashed\n",
        "Nj19aoLONlPvA12m3o2eLzZcIoP/leN3eK79uiFk+fCvMAxRDZfA2kjefXwNrUMqhnnaSX6ksE70KPMI1FrsDg==\n",
    );

    fn key() -> ReleaseKey {
        ReleaseKey::parse(KEY).unwrap()
    }

    #[test]
    fn a_signature_holds_for_its_bytes_its_name_and_its_key_alone() {
        assert_eq!(key().check("a", b"test", SIGNATURE), Ok(()));
        assert_eq!(key().check("a", b"tesT", SIGNATURE), Err(Unsigned::Wrong));
        assert_eq!(key().check("b", b"test", SIGNATURE), Err(Unsigned::OtherFile));
        let renamed = SIGNATURE.replace("file:a", "file:b");
        assert_eq!(key().check("b", b"test", &renamed), Err(Unsigned::Wrong), "the comment is signed");
        let other = ReleaseKey::parse("RWR2tMtkwpc1g7VgsUw2OU0lR0MbPZ7BWYorBnbweaSOgxBj3EciQAKM").unwrap();
        assert_eq!(other.check("a", b"test", SIGNATURE), Err(Unsigned::OtherKey));
    }

    #[test]
    fn a_signature_that_names_no_file_holds_for_none() {
        // Made with a comment of its own, by another key.
        let unnamed = concat!(
            "untrusted comment: signature from minisign secret key\n",
            "RURhJb/OZQjJNEOA860Ht2D1fTskMUxsgnwmZMFaVs5RNPpMHRkDigKkukA4WpYLjPp7GWyxVU3do85NEYUskv+6ptQiCFcB8w8=\n",
            "trusted comment: timestamp:1795860565\thashed\n",
            "x53Mr7uFXgJxup8xjSORIWTBIXG/JJB3QAuq84QCMjmBWCVu5tD58fLNV+HJVrCoqLGC4Rtr3+hTGCBdDQRCAw==\n",
        );
        let key = ReleaseKey::parse("RWRhJb/OZQjJNIFK3zSPstMhlauB5E3HPtY55DiUi9C+WzhIq2u4FZBs").unwrap();
        assert_eq!(key.check("a", b"test", unnamed), Err(Unsigned::OtherFile));
        assert_eq!(key.check("", b"test", unnamed), Err(Unsigned::OtherFile));
    }

    #[test]
    fn what_is_no_key_or_no_signature_is_refused() {
        for bad in ["", "RWQ", "mitblick", "untrusted comment: minisign public key", &KEY[..40]] {
            assert_eq!(ReleaseKey::parse(bad), None, "{bad}");
        }
        assert_eq!(ReleaseKey::parse(&format!(" {KEY}\n")), Some(key()));
        for end in 0..SIGNATURE.len() {
            let cut = SIGNATURE.get(..end).unwrap();
            let checked = key().check("a", b"test", cut);
            // The last line break is nothing.
            assert!(checked.is_err() || end + 1 >= SIGNATURE.len(), "{end}");
        }
        for at in (0..SIGNATURE.len()).filter(|at| SIGNATURE.as_bytes()[*at].is_ascii_alphanumeric()) {
            let mut changed = SIGNATURE.to_owned().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let untrusted = at < SIGNATURE.find('\n').unwrap();
            assert_eq!(key().check("a", b"test", &changed).is_ok(), untrusted, "{changed}");
        }
    }
}
