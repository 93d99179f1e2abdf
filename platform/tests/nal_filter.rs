//! The corpus of the fuzz target of the filter of H.264, and what grows from
//! it, on stable.

#[path = "shared/nal_filter.rs"]
mod target;

use std::fs;

#[test]
fn the_corpus_of_the_fuzzer_never_does_harm() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/nal_filter");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        target::nal_filter(&bytes);
        for at in (0..bytes.len().min(200)).flat_map(|at| [(at, 1), (at, 0x80)]) {
            let mut changed = bytes.clone();
            changed[at.0] ^= at.1;
            target::nal_filter(&changed);
            target::nal_filter(&bytes[..at.0]);
        }
        files += 1;
    }
    assert!(files >= 2, "the corpus is there");
}
