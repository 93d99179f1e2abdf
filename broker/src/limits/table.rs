//! A map that forgets what it has not seen for longest, in constant time.
//!
//! Two generations: what is used moves to the young one; when that holds half
//! of the capacity, the old one is dropped and the young one becomes old. So
//! at most `capacity` entries are held, and the half that was used last is
//! always among them.

use std::{collections::HashMap, hash::Hash, mem};

#[derive(Debug)]
pub(super) struct Table<K, V> {
    half: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V: Default> Table<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { half: (capacity / 2).max(1), young: HashMap::new(), old: HashMap::new() }
    }

    /// The entry of this key, made if it isn't there.
    pub(super) fn entry(&mut self, key: K) -> &mut V {
        if !self.young.contains_key(&key) && self.young.len() >= self.half {
            self.old = mem::take(&mut self.young);
        }
        let before = self.old.remove(&key);
        self.young.entry(key).or_insert_with(|| before.unwrap_or_default())
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_keys_is_bounded_and_what_is_in_use_stays() {
        let mut table: Table<u32, u32> = Table::new(100);
        *table.entry(0) = 7;
        for key in 1..10_000 {
            *table.entry(key) = 1;
            assert!(table.len() <= 100);
            if key % 40 == 0 {
                assert_eq!(*table.entry(0), 7, "after {key}");
            }
        }
        assert_eq!(*table.entry(1), 0, "the flood's beginning is forgotten");
    }
}
