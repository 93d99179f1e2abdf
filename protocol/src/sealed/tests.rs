//! Both ends in one thread; what happens on the way is up to the test.

use super::*;
use crate::time::Moment;
use alloc::vec::Vec;

mod attacks;
mod limits;

pub(super) const SUITES: [Suite; 2] = [Suite::Blowfish128CtrHmacSha256, Suite::ChaCha20Poly1305];
pub(super) const NOW: Moment = Moment::from_ms(0);

pub(super) fn secret(byte: u8) -> TrafficSecret {
    TrafficSecret::from_key([byte; 32].into())
}

pub(super) fn channel(suite: Suite) -> (Sealer, Opener) {
    let direction = Direction::AdvisorToCustomer;
    (Sealer::new(suite, secret(1), direction), Opener::new(suite, secret(1), direction))
}

pub(super) fn seal(sealer: &mut Sealer, stream: Stream, message: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    sealer.seal_message(stream, message, NOW, &mut |record| records.push(record.to_vec())).unwrap();
    records
}

#[test]
fn messages_of_every_size_come_back_whole() {
    for suite in SUITES {
        let (mut sealer, mut opener) = channel(suite);
        for stream in [Stream::Control, Stream::Input, Stream::Chat, Stream::Picture, Stream::File] {
            for size in [0, 1, 61, 62, 253, 254, 1_021, 1_022, 2_042, 16_381, 16_382, 40_000, 65_536] {
                let message: Vec<u8> = (0..size).map(|i| i as u8).collect();
                let records = seal(&mut sealer, stream, &message);
                let (last, before) = records.split_last().unwrap();
                for record in before {
                    assert_eq!(opener.open(record, NOW), Ok(None));
                }
                assert_eq!(opener.open(last, NOW), Ok(Some((stream, message))), "{stream:?} {size}");
            }
        }
    }
}

#[test]
fn fragments_of_different_streams_may_alternate() {
    for suite in SUITES {
        let (mut sealer, mut opener) = channel(suite);
        let picture: Vec<u8> = (0..100_000_u32).map(|i| i as u8).collect();
        let mut fragments = Fragments::new(Stream::Picture, picture.clone());
        let mut got = Vec::new();
        let mut inputs = 0_u32;
        while let Some(record) = sealer.seal_fragment(&mut fragments, NOW).unwrap() {
            got.extend(opener.open(&record, NOW).unwrap());
            for record in seal(&mut sealer, Stream::Input, &inputs.to_be_bytes()) {
                let (stream, message) = opener.open(&record, NOW).unwrap().unwrap();
                assert_eq!((stream, message), (Stream::Input, inputs.to_be_bytes().to_vec()));
            }
            inputs += 1;
        }
        assert_eq!(inputs, 7);
        assert_eq!(got, [(Stream::Picture, picture)]);
    }
}

#[test]
fn a_second_message_waits_for_the_first_of_its_stream() {
    let (mut sealer, _) = channel(Suite::ChaCha20Poly1305);
    let mut first = Fragments::new(Stream::File, alloc::vec![1; 20_000]);
    let mut second = Fragments::new(Stream::File, alloc::vec![2; 10]);
    sealer.seal_fragment(&mut first, NOW).unwrap().unwrap();
    assert_eq!(sealer.seal_fragment(&mut second, NOW), Err(SealError::StreamBusy));
    sealer.seal_fragment(&mut first, NOW).unwrap().unwrap();
    assert_eq!(sealer.seal_fragment(&mut first, NOW), Ok(None));
    assert!(first.is_done() && sealer.seal_fragment(&mut second, NOW).unwrap().is_some());
}

#[test]
fn control_input_and_chat_show_only_their_size_class() {
    for suite in SUITES {
        let overhead = HEADER_BYTES + cipher::tag_bytes(suite);
        let (mut sealer, _) = channel(suite);
        for stream in [Stream::Control, Stream::Input, Stream::Chat] {
            for (size, class) in [(0, 64), (61, 64), (62, 256), (253, 256), (254, 1024), (1_021, 1024)] {
                let records = seal(&mut sealer, stream, &alloc::vec![9; size]);
                assert_eq!(records.iter().map(Vec::len).collect::<Vec<_>>(), [class + overhead]);
            }
        }
        let records = seal(&mut sealer, Stream::Picture, &[9; 100]);
        assert_eq!(records[0].len(), 103 + overhead, "pictures are not padded");
    }
}

#[test]
fn a_whole_record_fits_a_relay_frame() {
    for suite in SUITES {
        let (mut sealer, _) = channel(suite);
        for record in seal(&mut sealer, Stream::Picture, &alloc::vec![0; 100_000]) {
            assert!(record.len() <= wire::MAX_FRAME_BODY_BYTES);
        }
    }
}

#[test]
fn a_message_over_its_limit_is_not_begun() {
    let (mut sealer, mut opener) = channel(Suite::ChaCha20Poly1305);
    let limit = wire::MAX_CONTROL_MESSAGE_BYTES;
    let mut long = Fragments::new(Stream::Chat, alloc::vec![0; limit + 1]);
    let error = Err(SealError::TooLong { length: limit + 1, limit });
    assert_eq!(sealer.seal_fragment(&mut long, NOW), error);
    let records = seal(&mut sealer, Stream::Chat, b"short");
    assert_eq!(opener.open(&records[0], NOW), Ok(Some((Stream::Chat, b"short".to_vec()))));
}

#[test]
fn not_a_piece_is_kept_of_a_stream_that_is_refused() {
    for suite in SUITES {
        let (mut sealer, mut opener) = channel(suite);
        opener.refuse(Some(Stream::Picture));
        let records = seal(&mut sealer, Stream::Control, b"word");
        assert_eq!(opener.open(&records[0], NOW), Ok(Some((Stream::Control, b"word".to_vec()))));
        opener.refuse(None);
        let picture = alloc::vec![1; 50_000];
        let records = seal(&mut sealer, Stream::Picture, &picture);
        assert_eq!(opener.open(&records[0], NOW), Ok(None));
        opener.refuse(Some(Stream::Picture));
        assert_eq!(opener.open(&records[1], NOW), Err(RecordError::Inner));
        opener.refuse(None);
        assert_eq!(opener.open(&records[2], NOW), Err(RecordError::Dead), "the session is over");
    }
}

#[test]
fn a_message_that_is_broken_off_never_arrives_and_blocks_nothing() {
    for suite in SUITES {
        let (mut sealer, mut opener) = channel(suite);
        let mut picture = Fragments::new(Stream::Picture, alloc::vec![1; 50_000]);
        let record = sealer.seal_fragment(&mut picture, NOW).unwrap().unwrap();
        assert_eq!(opener.open(&record, NOW), Ok(None));
        picture.cancel();
        let record = sealer.seal_fragment(&mut picture, NOW).unwrap().unwrap();
        assert!(record.len() < 100, "none of the rest is sealed");
        assert_eq!(opener.open(&record, NOW), Ok(None));
        assert!(picture.is_done() && sealer.seal_fragment(&mut picture, NOW) == Ok(None));

        let mut unbegun = Fragments::new(Stream::Picture, alloc::vec![2; 10]);
        unbegun.cancel();
        assert_eq!(sealer.seal_fragment(&mut unbegun, NOW), Ok(None));
        let records = seal(&mut sealer, Stream::Picture, &[3; 10]);
        assert_eq!(opener.open(&records[0], NOW), Ok(Some((Stream::Picture, alloc::vec![3; 10]))));
    }
}
