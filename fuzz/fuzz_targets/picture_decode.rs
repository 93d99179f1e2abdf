//! See the body of the same name.
#![no_main]

#[path = "../../picture/tests/shared/picture_decode.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::picture_decode(data));
