//! See the body of the same name.
#![no_main]

#[path = "../../protocol/tests/shared/parsers.rs"]
mod parsers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| parsers::recording(data));
