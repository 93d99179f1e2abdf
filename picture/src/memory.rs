//! Tiles that the watcher holds although no surface shows them.
//!
//! The shower keeps their hashes and decides; the watcher keeps their pixels
//! and obeys, so the two can't get out of step.

use crate::{format::MAX_SLOTS, hash::TileHash};
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use mitblick_protocol::geometry::Size;

/// The shower's side. What was used least recently goes first.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    slot_of: BTreeMap<TileHash, u32>,
    /// By slot: what it holds and when it was last used.
    slots: Vec<(TileHash, u64)>,
    /// When last used, to slot.
    ages: BTreeMap<u64, u32>,
    clock: u64,
}

impl Memory {
    /// The slot that holds such a tile; counts as use.
    pub(crate) fn find(&mut self, hash: &TileHash) -> Option<u32> {
        let slot = *self.slot_of.get(hash)?;
        self.clock += 1;
        let (_, used) = self.slots.get_mut(slot as usize)?;
        self.ages.remove(used);
        *used = self.clock;
        self.ages.insert(self.clock, slot);
        Some(slot)
    }

    /// The slot into which such a tile must go; `None` if there is one with
    /// that already.
    pub(crate) fn keep(&mut self, hash: TileHash) -> Option<u32> {
        if self.find(&hash).is_some() {
            return None;
        }
        self.clock += 1;
        let slot = if self.slots.len() < MAX_SLOTS {
            self.slots.push((hash, self.clock));
            self.slots.len() as u32 - 1
        } else {
            let (_, slot) = self.ages.pop_first()?;
            let entry = self.slots.get_mut(slot as usize)?;
            self.slot_of.remove(&entry.0);
            *entry = (hash, self.clock);
            slot
        };
        self.slot_of.insert(hash, slot);
        self.ages.insert(self.clock, slot);
        Some(slot)
    }
}

/// A tile in the watcher's memory.
#[derive(Clone, Debug)]
struct Kept {
    size: Size,
    pixels: Box<[u32]>,
}

/// The watcher's side.
#[derive(Debug, Default)]
pub(crate) struct Slots(Vec<Option<Kept>>);

impl Slots {
    /// Puts pixels into a slot. `None` = there is no such slot.
    pub(crate) fn keep<'a>(&mut self, slot: u32, size: Size, rows: impl Iterator<Item = &'a [u32]>) -> Option<()> {
        let slot = usize::try_from(slot).ok().filter(|&slot| slot < MAX_SLOTS)?;
        if self.0.len() <= slot {
            self.0.resize(slot + 1, None);
        }
        let mut pixels = Vec::with_capacity(size.pixels() as usize);
        rows.for_each(|row| pixels.extend_from_slice(row));
        *self.0.get_mut(slot)? = Some(Kept { size, pixels: pixels.into_boxed_slice() });
        Some(())
    }

    /// What a slot holds, if it is of this size.
    pub(crate) fn recall(&self, slot: u32, size: Size) -> Option<&[u32]> {
        let kept = self.0.get(usize::try_from(slot).ok()?)?.as_ref()?;
        (kept.size == size).then_some(&kept.pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::TileHasher;

    fn hash(number: u32) -> TileHash {
        TileHasher::new([1; 4]).hash(&[number], Size { width: 1, height: 1 })
    }

    #[test]
    fn what_was_used_least_recently_goes_first() {
        let mut memory = Memory::default();
        let hasher = TileHasher::new([1; 4]);
        let hash = |number| hasher.hash(&[number], Size { width: 1, height: 1 });
        for number in 0..MAX_SLOTS as u32 {
            assert_eq!(memory.keep(hash(number)), Some(number));
        }
        assert_eq!(memory.find(&hash(0)), Some(0));
        assert_eq!(memory.keep(hash(100_000)), Some(1), "0 was used since");
        assert_eq!(memory.find(&hash(1)), None);
        assert_eq!(memory.find(&hash(0)), Some(0));
        assert_eq!(memory.find(&hash(100_000)), Some(1));
    }

    #[test]
    fn the_same_tile_is_kept_once() {
        let mut memory = Memory::default();
        assert_eq!(memory.keep(hash(7)), Some(0));
        assert_eq!(memory.keep(hash(7)), None);
        assert_eq!(memory.keep(hash(8)), Some(1));
    }

    #[test]
    fn slots_are_bounded_and_know_their_size() {
        let mut slots = Slots::default();
        let size = Size { width: 2, height: 1 };
        assert_eq!(slots.keep(MAX_SLOTS as u32, size, [[1, 2].as_slice()].into_iter()), None);
        assert_eq!(slots.keep(5, size, [[1, 2].as_slice()].into_iter()), Some(()));
        assert_eq!(slots.recall(5, size), Some([1, 2].as_slice()));
        assert_eq!(slots.recall(5, Size { width: 1, height: 2 }), None);
        assert_eq!(slots.recall(4, size), None);
        assert_eq!(slots.recall(u32::MAX, size), None);
    }
}
