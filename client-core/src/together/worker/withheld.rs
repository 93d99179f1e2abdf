//! Which copied texts stay here: what was in the clipboard before it was
//! watched, and what its owner called secret. A clipboard manager takes both
//! over when their owner ends, and then only the text itself tells what it is.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
};

/// Most of each that are remembered: the newest.
const MOST: usize = 64;

/// Texts that do not go out, by hashes that are different in each run.
#[derive(Default)]
pub(super) struct Withheld {
    key: RandomState,
    /// Held back until another text has been copied.
    old: VecDeque<u64>,
    /// Held back as long as the program runs.
    secrets: VecDeque<u64>,
}

impl Withheld {
    /// Watching begins with this in the clipboard, as far as that is known.
    pub(super) fn begin(&mut self, text: Option<&str>) {
        self.old.clear();
        if let Some(text) = text {
            self.keep_for_now(text);
        }
    }

    /// This is no news, or may be a secret.
    pub(super) fn keep_for_now(&mut self, text: &str) {
        remember(&mut self.old, self.key.hash_one(text));
    }

    /// This is a secret.
    pub(super) fn keep_secret(&mut self, text: &str) {
        remember(&mut self.secrets, self.key.hash_one(text));
    }

    /// Whether a text that has been copied may go out.
    pub(super) fn lets_out(&mut self, text: &str) -> bool {
        let hash = self.key.hash_one(text);
        if self.secrets.contains(&hash) || self.old.contains(&hash) {
            return false;
        }
        self.old.clear();
        true
    }
}

fn remember(hashes: &mut VecDeque<u64>, hash: u64) {
    hashes.retain(|other| *other != hash);
    if hashes.len() >= MOST {
        hashes.pop_front();
    }
    hashes.push_back(hash);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered_and_no_more() {
        let mut withheld = Withheld::default();
        let text = |number: usize| format!("secret {number}");
        for number in 0..=MOST {
            withheld.keep_secret(&text(number));
        }
        assert!(withheld.lets_out(&text(0)));
        assert!((1..=MOST).all(|number| !withheld.lets_out(&text(number))));
    }
}
