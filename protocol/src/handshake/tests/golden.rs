//! The handshake and the first record of both suites, byte for byte: two
//! versions of this crate that differ here do not understand each other.

use super::*;
use crate::keys::tests::hex;
use alloc::{format, string::String};

/// m1 to m5, the check words, and the first records of advisor and customer, of
/// either suite.
const GOLDEN: &str = include_str!("golden/transcript.txt");

#[test]
fn the_transcript_is_fixed() {
    let mut written = String::new();
    for need_modern in [false, true] {
        let offer = Offer { need_modern, ..Offer::default() };
        let pair = Setup { advisor_offer: offer, ..Setup::default() }.run(|_, _| {}).ok().unwrap();
        for (place, message) in pair.messages.iter().enumerate() {
            written += &format!("m{} {}\n", place + 1, hex(message));
        }
        written += &format!("words {:?}\n", pair.advisor.check_words.places());
        for side in [pair.advisor, pair.customer] {
            let (mut sealer, _) = side.keys.into_channel(side.suite);
            let mut record = Vec::new();
            let mut take = |bytes: &[u8]| record.extend_from_slice(bytes);
            sealer.seal_message(Stream::Control, b"golden", Moment::default(), &mut take).unwrap();
            written += &format!("{} {}\n", side.suite, hex(&record));
        }
    }
    assert!(written == GOLDEN, "all of it:\n{written}");
}
