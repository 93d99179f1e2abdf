//! When the sender takes a new key, to the block.

use super::*;
use std::collections::HashSet;

const BLOWFISH: Suite = Suite::Blowfish128CtrHmacSha256;

fn epoch_of(record: &[u8]) -> u32 {
    u32::from_be_bytes(record[..4].try_into().unwrap())
}

/// The epoch of a record that is sealed at this time.
fn epoch_at(sealer: &mut Sealer, ms: u64) -> u32 {
    let mut epoch = 0;
    let now = Moment::from_ms(ms);
    sealer.seal_message(Stream::Input, b"x", now, &mut |record| epoch = epoch_of(record)).unwrap();
    epoch
}

#[test]
fn blowfish_takes_a_new_key_after_one_mebibyte() {
    let (mut sealer, _) = channel(BLOWFISH);
    // A full record has 2048 blocks; 64 of them use the key up exactly.
    let records = seal(&mut sealer, Stream::Picture, &alloc::vec![0; 16_381 * 130]);
    let epochs: Vec<u32> = records.iter().map(|record| epoch_of(record)).collect();
    let expected: Vec<u32> = (0..130).map(|record| record / 64).collect();
    assert_eq!(epochs, expected);
}

#[test]
fn blowfish_takes_a_new_key_when_the_next_record_would_not_fit() {
    let (mut sealer, _) = channel(BLOWFISH);
    seal(&mut sealer, Stream::Picture, &alloc::vec![0; 16_381 * 63]);
    // One block, then a full record that is one block too many.
    assert_eq!(epoch_of(&seal(&mut sealer, Stream::Picture, b"")[0]), 0);
    assert_eq!(epoch_of(&seal(&mut sealer, Stream::Picture, &[0; 16_381])[0]), 1);
}

#[test]
fn blowfish_takes_a_new_key_after_two_to_the_sixteen_records() {
    let (mut sealer, mut opener) = channel(BLOWFISH);
    for count in 0..(1_u32 << 16) + 1 {
        let records = seal(&mut sealer, Stream::Picture, b"");
        assert_eq!(epoch_of(&records[0]), count >> 16);
        assert!(opener.open(&records[0], NOW).is_ok());
    }
}

#[test]
fn keys_grow_old() {
    for (suite, age_ms) in [(BLOWFISH, 600_000), (Suite::ChaCha20Poly1305, 3_600_000)] {
        let (mut sealer, _) = channel(suite);
        let began = 5_000;
        let epochs = [0, age_ms - 1, age_ms, 2 * age_ms - 1, 2 * age_ms].map(|ms| epoch_at(&mut sealer, began + ms));
        assert_eq!(epochs, [0, 0, 1, 1, 2], "{suite}");
    }
}

/// Under one key no two blocks of keystream are alike, over the largest
/// message there is.
#[test]
fn no_counter_block_repeats_over_64_mebibytes() {
    let (mut sealer, _) = channel(BLOWFISH);
    let mut fragments = Fragments::new(Stream::Picture, alloc::vec![0; wire::MAX_PICTURE_MESSAGE_BYTES]);
    let mut seen = HashSet::new();
    let (mut epoch, mut blocks) = (0, 0_usize);
    while let Some(record) = sealer.seal_fragment(&mut fragments, NOW).unwrap() {
        if epoch_of(&record) != epoch {
            epoch = epoch_of(&record);
            seen.clear();
        }
        let ciphertext = &record[HEADER_BYTES..record.len() - 32];
        // All content is zero, so that after the inner header's block the
        // ciphertext is the keystream.
        for block in ciphertext.as_chunks::<8>().0.iter().skip(1) {
            assert!(seen.insert(u64::from_be_bytes(*block)), "a keystream block came twice in epoch {epoch}");
            blocks += 1;
        }
    }
    assert!(epoch >= 64 && blocks > 8_000_000, "{epoch} {blocks}");
}
