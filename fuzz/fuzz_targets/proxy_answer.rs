//! See the body of the same name.
#![no_main]

#[path = "../../client-core/src/tunnel/answer.rs"]
#[allow(dead_code)]
mod answer;

#[path = "../../client-core/tests/shared/proxy_answers.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::proxy_answer(data));
