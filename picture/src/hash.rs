//! What a tile looks like, as a number.
//!
//! Two evaluations of NH (the universal hash of UMAC, with words of 64 bits)
//! under independent secret keys. Whatever two different tiles of the same size
//! look like, the chance that a key gives them the same hash is at most 2^-64
//! for each evaluation, 2^-128 for both: whoever chooses the pixels without
//! knowing the key can do no better. Tiles of different sizes never have the
//! same hash. With a full memory of 3072 tiles, a lookup is wrong with a chance
//! of less than 2^-116, that of a billion lookups less than 2^-86.
//!
//! This holds for a key of random bits. Ours is stretched from 256 of them by
//! SplitMix64, which is no cipher; that is enough because nobody ever sees a
//! hash, only whether one was met again.

use alloc::vec::Vec;
use mitblick_protocol::geometry::Size;

/// Words of a key: four for every four pixels of a tile.
const KEY_BLOCKS: usize = 64 * 64 / 4;

/// The hash of one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TileHash {
    first: u128,
    second: u128,
    size: (u8, u8),
}

/// Holds the key.
pub(crate) struct TileHasher {
    key: Vec<[u64; 4]>,
}

impl core::fmt::Debug for TileHasher {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TileHasher")
    }
}

impl TileHasher {
    pub(crate) fn new(seed: [u64; 4]) -> Self {
        let mut streams = seed;
        let mut word = |stream: usize| {
            let mut word = 0;
            for (state, turn) in streams.iter_mut().zip([0, 17, 31, 47]) {
                word ^= split_mix(state).rotate_left(turn + stream as u32);
            }
            word
        };
        Self { key: (0..KEY_BLOCKS).map(|_| [word(0), word(1), word(2), word(3)]).collect() }
    }

    /// The hash of a tile, row by row; at most 64x64 pixels.
    pub(crate) fn hash(&self, pixels: &[u32], size: Size) -> TileHash {
        let (mut first, mut second) = (0u128, 0u128);
        let mut add = |pixels: &[u32; 4], key: &[u64; 4]| {
            let [a, b, c, d] = pixels.map(u64::from);
            let (low, high) = (a | b << 32, c | d << 32);
            let [key_a, key_b, key_c, key_d] = *key;
            let product = |a: u64, b: u64| u128::from(low.wrapping_add(a)) * u128::from(high.wrapping_add(b));
            first = first.wrapping_add(product(key_a, key_b));
            second = second.wrapping_add(product(key_c, key_d));
        };
        let (blocks, rest) = pixels.as_chunks::<4>();
        for (block, key) in blocks.iter().zip(&self.key) {
            add(block, key);
        }
        if let (Some(key), false) = (self.key.get(blocks.len()), rest.is_empty()) {
            let mut last = [0; 4];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            add(&last, key);
        }
        TileHash { first, second, size: (size.width as u8, size.height as u8) }
    }
}

/// One step of SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 64, height: 64 };

    #[test]
    fn every_pixel_counts_and_so_does_the_key() {
        let (one, other) = (TileHasher::new([1, 2, 3, 4]), TileHasher::new([1, 2, 3, 5]));
        let mut pixels: Vec<u32> = (0..4096).map(|n| n * 0x1234).collect();
        let before = one.hash(&pixels, SIZE);
        assert_ne!(before, other.hash(&pixels, SIZE));
        for at in 0..4096 {
            pixels[at] ^= 1;
            assert_ne!(one.hash(&pixels, SIZE), before, "pixel {at}");
            pixels[at] ^= 1;
        }
        assert_eq!(one.hash(&pixels, SIZE), before);
    }

    #[test]
    fn the_last_pixels_of_odd_sizes_and_the_shape_count() {
        let hasher = TileHasher::new([9, 9, 9, 9]);
        let hash = |last| hasher.hash(&[5, 6, 7, 8, last], Size { width: 5, height: 1 });
        assert_ne!(hash(1), hash(0));
        let blank = vec![0; 64];
        assert_ne!(
            hasher.hash(&blank, Size { width: 64, height: 1 }),
            hasher.hash(&blank, Size { width: 1, height: 64 })
        );
    }
}
