//! Replays the fuzzer's committed corpus at the reader of kept receipts. The
//! receipts in it were made and signed by another program, from the description
//! of the form alone; later versions must still read them.

#[path = "shared/kept_receipt.rs"]
mod shared;

use mitblick_client_core::receipt::kept;
use std::{fs, path::PathBuf};

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/kept_receipt");
    let files = fs::read_dir(&folder).expect("a corpus").map(|file| file.expect("a file").path());
    files.map(|file| (file.display().to_string(), fs::read(&file).expect("readable"))).collect()
}

#[test]
fn receipts_that_were_kept_are_still_good() {
    let good: Vec<_> = corpus().into_iter().filter(|(name, _)| name.ends_with(".html")).collect();
    assert_eq!(good.len(), 2);
    for (name, page) in good {
        assert!(kept::read(&page).is_ok(), "{name}");
    }
}

#[test]
fn no_file_makes_the_reader_panic_and_no_changed_one_is_good() {
    let mut dice = 0x6d69_7462_6c69_636b_u64;
    let mut roll = |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice % sides.max(1) as u64) as usize
    };
    for (name, file) in corpus() {
        shared::kept_receipt(&file);
        for _ in 0..400 {
            let mut changed = file.clone();
            let place = roll(changed.len());
            match roll(4) {
                0 => changed.truncate(place),
                1 => changed.insert(place, roll(256) as u8),
                2 => drop(changed.drain(place..(place + roll(40)).min(file.len()))),
                _ => changed.iter_mut().skip(place).take(1 + roll(3)).for_each(|byte| *byte = roll(256) as u8),
            }
            shared::kept_receipt(&changed);
            assert!(changed == file || kept::read(&changed).is_err(), "{name}, changed at {place}");
        }
    }
}
