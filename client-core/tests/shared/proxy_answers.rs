//! The body for the parser of a proxy's answer: takes anything, must never
//! panic, and asserts what always holds.

use super::answer::{Answer, read_answer};

/// An answer to CONNECT.
pub(crate) fn proxy_answer(data: &[u8]) {
    match read_answer(data) {
        Answer::Open => assert!(data.ends_with(b"\n"), "nothing comes behind the head"),
        Answer::WhoAsks(kinds) => {
            assert!(kinds.len() <= 4);
            assert!(kinds.iter().all(|kind| kind.len() <= 16 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        }
        Answer::Refused(status) => assert!((300..=999).contains(&status) && status != 407),
        Answer::Incomplete | Answer::Nonsense => {}
    }
    // What is decided stays so, whatever comes behind it.
    let more = [data, b"x"].concat();
    match (read_answer(data), read_answer(&more)) {
        (Answer::Incomplete, _) | (Answer::Open, Answer::Nonsense) => {}
        (before, after) => assert_eq!(before, after),
    }
}
