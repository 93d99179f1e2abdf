//! Replays the fuzzer's committed corpus at the parser of a proxy's answer,
//! with a bounded number of changes to each input that are the same every run.

use mitblick_client_core::tunnel as answer;

#[path = "shared/proxy_answers.rs"]
mod target;

#[test]
fn the_corpus_and_what_lies_near_it_never_trips_the_parser() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/proxy_answer");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty(), "there is no corpus");
    let mut dice = 1_u64;
    let mut roll = |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice % sides.max(1) as u64) as usize
    };
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        target::proxy_answer(&bytes);
        for _ in 0..2_000 {
            let mut changed = bytes.clone();
            for _ in 0..=roll(3) {
                let at = roll(changed.len());
                match roll(3) {
                    0 => changed.truncate(at),
                    1 => changed.insert(at.min(changed.len()), roll(256) as u8),
                    _ => changed.iter_mut().skip(at).take(1).for_each(|byte| *byte = roll(256) as u8),
                }
            }
            target::proxy_answer(&changed);
        }
    }
}
