//! The filter in front of the decoder of moving pictures.
#![no_main]

#[path = "../../platform/tests/shared/nal_filter.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::nal_filter(data));
