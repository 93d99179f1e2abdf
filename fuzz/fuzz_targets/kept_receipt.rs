//! See the body of the same name.
#![no_main]

#[path = "../../client-core/tests/shared/kept_receipt.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| shared::kept_receipt(data));
