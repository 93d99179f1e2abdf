//! Four words that both people can compare on the phone: the same on both
//! sides exactly if no one sits in between.
//!
//! The lists are made to be told apart over a bad line: common, concrete
//! nouns, no two with the same first four letters. Their order is part of the
//! protocol: changing it makes two versions show different words.

mod english;
mod german;

/// A language that has a list of check words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// German.
    German,
    /// English.
    English,
}

/// Four places in a list of 256 words. Both sides have the same places, so two
/// people with programs in the same language read the same words. They are no
/// secret: they are made to be read out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckWords([u8; 4]);

impl CheckWords {
    /// From their places.
    pub const fn from_places(places: [u8; 4]) -> Self {
        Self(places)
    }

    /// The places in the list, 0 to 255.
    pub const fn places(self) -> [u8; 4] {
        self.0
    }

    /// The words.
    pub fn words(self, language: Language) -> [&'static str; 4] {
        let list = match language {
            Language::German => &german::WORDS,
            Language::English => &english::WORDS,
        };
        // A place is a byte and a list has 256 words, so each place has one.
        self.0.map(|place| list.get(usize::from(place)).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::String, vec::Vec};
    use std::collections::BTreeSet;

    #[test]
    fn no_two_words_of_a_list_begin_alike_or_differ_in_one_letter() {
        for list in [&german::WORDS, &english::WORDS] {
            let words: Vec<Vec<char>> = list.iter().map(|word| word.to_lowercase().chars().collect()).collect();
            let beginnings: BTreeSet<String> = words.iter().map(|word| word.iter().take(4).collect()).collect();
            assert_eq!(beginnings.len(), 256);
            for (place, word) in words.iter().enumerate() {
                for other in &words[..place] {
                    assert!(distance(word, other) > 1, "{word:?} {other:?}");
                }
            }
        }
    }

    /// Levenshtein's distance.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut next = alloc::vec![i + 1];
            for (j, y) in b.iter().enumerate() {
                next.push((row[j] + usize::from(x != y)).min(row[j + 1] + 1).min(next[j] + 1));
            }
            row = next;
        }
        row[b.len()]
    }

    #[test]
    fn equal_places_read_equal_in_both_languages() {
        let words = CheckWords::from_places([0, 255, 7, 7]);
        assert_eq!(words.words(Language::English), ["acorn", "zebra", "apple", "apple"]);
        assert_eq!(words.words(Language::German)[0], "Abend");
        assert_ne!(words, CheckWords::from_places([0, 255, 7, 8]));
    }
}
