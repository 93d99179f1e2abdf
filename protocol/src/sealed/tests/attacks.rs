//! What the broker, the line or a hostile peer does to records.

use super::*;
use crate::sealed::epoch::Epoch;

const MINUTE_MS: u64 = 60_000;

/// Dead for good: not even the right record is taken.
fn assert_dead(opener: &mut Opener, good: &[u8]) {
    assert_eq!(opener.open(good, NOW), Err(RecordError::Dead));
}

fn three_records(suite: Suite) -> (Vec<Vec<u8>>, Opener) {
    let (mut sealer, opener) = channel(suite);
    let records = [b"one", b"two", b"end"].map(|text| seal(&mut sealer, Stream::Chat, text));
    (records.concat(), opener)
}

#[test]
fn every_changed_bit_ends_the_session() {
    for suite in SUITES {
        let (records, _) = three_records(suite);
        let record = &records[0];
        for bit in 0..record.len() * 8 {
            let (_, mut opener) = channel(suite);
            let mut changed = record.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open(&changed, NOW).is_err(), "{suite} bit {bit}");
            assert_dead(&mut opener, record);
        }
    }
}

#[test]
fn every_other_length_ends_the_session() {
    for suite in SUITES {
        let (records, _) = three_records(suite);
        for length in 0..records[0].len() {
            let (_, mut opener) = channel(suite);
            assert_eq!(opener.open(&records[0][..length], NOW), Err(RecordError::Malformed));
        }
        let (_, mut opener) = channel(suite);
        assert_eq!(opener.open(&[&records[0][..], &[0]].concat(), NOW), Err(RecordError::Malformed));
        assert_dead(&mut opener, &records[0]);
    }
}

#[test]
fn repeated_lost_and_moved_records_end_the_session() {
    for suite in SUITES {
        for order in [&[0, 0][..], &[0, 1, 0], &[1], &[0, 2], &[1, 0]] {
            let (records, mut opener) = three_records(suite);
            let results: Vec<_> = order.iter().map(|place| opener.open(&records[*place], NOW)).collect();
            let wrong = results.iter().position(Result::is_err).unwrap();
            assert_eq!(results[wrong], Err(RecordError::Tag), "{order:?}");
            assert_dead(&mut opener, &records[2]);
        }
    }
}

#[test]
fn records_of_the_other_direction_session_or_suite_end_the_session() {
    for suite in SUITES {
        let (records, _) = three_records(suite);
        let mut reflected = Opener::new(suite, secret(1), Direction::CustomerToAdvisor);
        assert_eq!(reflected.open(&records[0], NOW), Err(RecordError::Tag));
        let mut other_session = Opener::new(suite, secret(2), Direction::AdvisorToCustomer);
        assert_eq!(other_session.open(&records[0], NOW), Err(RecordError::Tag));
    }
    let (records, _) = three_records(SUITES[0]);
    let (_, mut other_suite) = channel(SUITES[1]);
    assert_eq!(other_suite.open(&records[0], NOW), Err(RecordError::Malformed));
}

#[test]
fn epochs_go_one_step_forward_or_nowhere() {
    for suite in SUITES {
        let (mut sealer, mut opener) = channel(suite);
        // An hour apart, so that either suite takes a new key each time.
        let records: Vec<Vec<u8>> = [0, 60, 120]
            .map(|minutes| {
                let mut record = Vec::new();
                let now = Moment::from_ms(minutes * MINUTE_MS);
                sealer.seal_message(Stream::Chat, b"hi", now, &mut |bytes| record = bytes.to_vec()).unwrap();
                record
            })
            .into();
        assert_eq!([0, 1, 2].map(|place| records[place][3]), [0, 1, 2], "epochs");
        assert!(opener.open(&records[0], NOW).is_ok());
        assert_eq!(opener.open(&records[2], NOW), Err(RecordError::Epoch), "two steps");

        let (_, mut opener) = channel(suite);
        assert!(opener.open(&records[0], NOW).is_ok() && opener.open(&records[1], NOW).is_ok());
        assert_eq!(opener.open(&records[0], NOW), Err(RecordError::Epoch), "a step back");
    }
}

#[test]
fn a_step_with_a_wrong_tag_changes_nothing() {
    for suite in SUITES {
        let (mut sealer, mut opener) = channel(suite);
        let first = seal(&mut sealer, Stream::Chat, b"hi");
        assert!(opener.open(&first[0], NOW).is_ok());
        let before = (opener.epoch.number(), opener.epoch.next_seq());
        let mut forged = first[0].clone();
        forged[3] = 1;
        assert_eq!(opener.open(&forged, NOW), Err(RecordError::Tag));
        assert_eq!((opener.epoch.number(), opener.epoch.next_seq()), before);
    }
}

#[test]
fn announced_lengths_allocate_nothing() {
    for suite in SUITES {
        for (length, body) in [(16_385_u16, 16_385 + 32), (65_535, 10), (16_384, 100), (0, 32), (2, 34)] {
            let (_, mut opener) = channel(suite);
            let mut record = alloc::vec![0; 4];
            record.extend_from_slice(&length.to_be_bytes());
            record.resize(HEADER_BYTES + body, 0);
            assert_eq!(opener.open(&record, NOW), Err(RecordError::Malformed), "{length} {body}");
            assert_eq!(opener.plaintext.capacity(), 0);
        }
    }
}

/// A peer that has the keys and keeps to no rule.
struct Hostile(Epoch);

impl Hostile {
    fn new(suite: Suite) -> Self {
        Self(Epoch::first(suite, Direction::AdvisorToCustomer, secret(1)))
    }

    fn seal(&mut self, plaintext: &[u8]) -> Vec<u8> {
        let length = plaintext.len() as u16;
        let mut bytes = plaintext.to_vec();
        let tag = self.0.cipher().seal(self.0.next_seq(), &self.0.aad(length), &mut bytes);
        let record = [&self.0.number().to_be_bytes()[..], &length.to_be_bytes(), &bytes, tag.as_slice()].concat();
        self.0.count(plaintext.len());
        record
    }

    /// kind, content, filled up with zeros to `size`.
    fn fragment(&mut self, kind: u8, content: &[u8], size: usize) -> Vec<u8> {
        let length = (content.len() as u16).to_be_bytes();
        let mut plaintext = [&[kind][..], &length, content].concat();
        plaintext.resize(size.max(plaintext.len()), 0);
        self.seal(&plaintext)
    }
}

#[test]
fn a_hostile_peer_has_no_freedom_of_form() {
    type Forge = fn(&mut Hostile) -> Vec<u8>;
    let forged: [(&str, Forge); 10] = [
        ("a stream that does not exist", |peer| peer.fragment(5 << 1 | 1, b"", 64)),
        ("a flag that does not exist", |peer| peer.fragment(0x40 | 1, b"", 64)),
        ("content longer than the record", |peer| peer.seal(&[&[1, 0, 62][..], &[0; 61]].concat())),
        ("padding that is not zero", |peer| peer.seal(&[&[1, 0, 0][..], &[0; 60], &[1]].concat())),
        ("control without padding", |peer| peer.fragment(1, b"hello", 8)),
        ("control in too large a class", |peer| peer.fragment(1, b"hello", 256)),
        ("a picture with padding", |peer| peer.fragment(3 << 1 | 1, b"hello", 64)),
        ("an empty piece with more to follow", |peer| peer.fragment(3 << 1, b"", 3)),
        ("breaking off what was not begun", |peer| peer.fragment(0x80 | 3 << 1 | 1, b"", 3)),
        ("breaking off with more to follow", |peer| peer.fragment(0x80 | 3 << 1, b"", 3)),
    ];
    for suite in SUITES {
        for (what, forge) in forged {
            let (_, mut opener) = channel(suite);
            let record = forge(&mut Hostile::new(suite));
            assert_eq!(opener.open(&record, NOW), Err(RecordError::Inner), "{what}");
        }
    }
}

#[test]
fn a_message_without_end_is_cut_off_at_its_limit() {
    for suite in SUITES {
        let mut peer = Hostile::new(suite);
        let (_, mut opener) = channel(suite);
        let piece = alloc::vec![7; 1_021];
        let mut taken = 0;
        let error = loop {
            match opener.open(&peer.fragment(0, &piece, 1_024), NOW) {
                Ok(None) => taken += piece.len(),
                other => break other,
            }
        };
        assert_eq!(error, Err(RecordError::MessageTooLong));
        assert!(taken <= wire::MAX_CONTROL_MESSAGE_BYTES && taken + 1_021 > wire::MAX_CONTROL_MESSAGE_BYTES);
    }
}

#[test]
fn the_receiver_enforces_the_limits_of_a_key() {
    let suite = Suite::Blowfish128CtrHmacSha256;
    // 2^17 blocks in 64 full records, and one block more.
    let mut peer = Hostile::new(suite);
    let (_, mut opener) = channel(suite);
    for _ in 0..64 {
        let record = peer.fragment(3 << 1 | 1, &[0; 16_381], 0);
        assert!(opener.open(&record, NOW).is_ok());
    }
    let record = peer.fragment(3 << 1 | 1, b"", 0);
    assert_eq!(opener.open(&record, NOW), Err(RecordError::KeyLimit));

    // 2^16 records of one block each, and one record more.
    let mut peer = Hostile::new(suite);
    let (_, mut opener) = channel(suite);
    for _ in 0..1 << 16 {
        let record = peer.fragment(3 << 1 | 1, b"", 0);
        assert!(opener.open(&record, NOW).is_ok());
    }
    let record = peer.fragment(3 << 1 | 1, b"", 0);
    assert_eq!(opener.open(&record, NOW), Err(RecordError::KeyLimit));
}
