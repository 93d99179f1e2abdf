//! What an honest side can't send ends the session, and nothing is written
//! without a person's word.

use super::*;
use proptest::prelude::*;

const OFFER: OfferNumber = OfferNumber(1);

fn id(file: u32) -> FileId {
    FileId { offer: OFFER, file: FileNumber(file) }
}

fn offer(number: u32, files: u32, list: Vec<OfferedFile>) -> TransferMsg {
    TransferMsg::Offer { offer: OfferNumber(number), files, list }
}

fn piece(number: u32, offset: u64, bytes: usize) -> TransferMsg {
    TransferMsg::Piece { file: id(number), offset, bytes: vec![1; bytes] }
}

fn whole(number: u32) -> TransferMsg {
    TransferMsg::Whole { file: id(number), sha256: Sha256([0; 32]) }
}

/// One side that was offered two files of 20 000 bytes and wants the first.
fn receiver() -> Transfers {
    let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
    side.handle(offer(1, 2, vec![file("a.bin", 20_000), file("b.bin", 20_000)]), at(0)).unwrap();
    side.accept(OFFER, &|place| place == 0);
    side
}

/// One side that offered two files; the list has gone out.
fn sender() -> Transfers {
    let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
    side.offer(vec![file("a.bin", 20_000), file("b.bin", 0)], at(0)).unwrap();
    assert!(side.poll_message(at(0)).is_some());
    side
}

/// The last message ends the session, those before do not.
#[track_caller]
fn ends(mut side: Transfers, messages: Vec<TransferMsg>, with: Misbehaviour) {
    let (last, before) = messages.split_last().unwrap();
    for message in before {
        side.handle(message.clone(), at(0)).unwrap();
    }
    assert_eq!(side.handle(last.clone(), at(0)), Err(with), "{messages:?}");
}

#[test]
fn nothing_is_written_that_nobody_wanted() {
    let fresh = || Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
    ends(fresh(), vec![piece(0, 0, 10)], Misbehaviour::TransferOrder);
    let asked = || offer(1, 1, vec![file("a.bin", 10)]);
    ends(fresh(), vec![asked(), piece(0, 0, 10)], Misbehaviour::TransferUnasked);
    ends(fresh(), vec![asked(), whole(0)], Misbehaviour::TransferUnasked);
    ends(receiver(), vec![piece(1, 0, 10)], Misbehaviour::TransferUnasked);
    ends(receiver(), vec![whole(1)], Misbehaviour::TransferUnasked);
    ends(receiver(), vec![piece(2, 0, 10)], Misbehaviour::TransferOrder);
    let withdraw = TransferMsg::Withdraw { offer: OFFER, file: None, why: Withdrawal::ByPerson };
    ends(fresh(), vec![asked(), withdraw, piece(0, 0, 10)], Misbehaviour::TransferUnasked);
}

#[test]
fn pieces_that_do_not_fit_end_the_session() {
    ends(receiver(), vec![piece(0, 1, 10)], Misbehaviour::TransferOrder);
    ends(receiver(), vec![piece(0, 0, 10), piece(0, 0, 10)], Misbehaviour::TransferOrder);
    ends(receiver(), vec![piece(0, 0, 10), piece(0, 11, 10)], Misbehaviour::TransferOrder);
    ends(receiver(), vec![piece(0, 0, 0)], Misbehaviour::TransferLimits);
    ends(receiver(), vec![piece(0, 0, MAX_PIECE_BYTES + 1)], Misbehaviour::TransferLimits);
    ends(receiver(), vec![piece(0, 0, 16_000), piece(0, 16_000, 4_001)], Misbehaviour::TransferLimits);
    ends(receiver(), vec![whole(0)], Misbehaviour::TransferOrder);
    ends(receiver(), vec![piece(0, 0, 16_000), whole(0)], Misbehaviour::TransferOrder);
    let all = || vec![piece(0, 0, 16_000), piece(0, 16_000, 4_000), whole(0)];
    ends(receiver(), [all(), vec![whole(0)]].concat(), Misbehaviour::TransferOrder);
    ends(receiver(), [all(), vec![piece(0, 20_000, 1)]].concat(), Misbehaviour::TransferOrder);
}

#[test]
fn offers_that_can_not_be_end_the_session() {
    let fresh = || Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
    let one = |number| offer(number, 1, vec![file("a", 1)]);
    let more = |number| TransferMsg::More { offer: OfferNumber(number), list: vec![file("b", 1)] };
    ends(fresh(), vec![one(0)], Misbehaviour::TransferOrder);
    ends(fresh(), vec![one(2), one(2)], Misbehaviour::TransferOrder);
    ends(fresh(), vec![one(2), one(1)], Misbehaviour::TransferOrder);
    ends(fresh(), vec![offer(1, 0, vec![])], Misbehaviour::TransferLimits);
    ends(fresh(), vec![offer(1, u32::MAX, vec![file("a", 1)])], Misbehaviour::TransferLimits);
    ends(fresh(), vec![offer(1, 2, vec![])], Misbehaviour::TransferOrder);
    ends(fresh(), vec![one(1), more(1)], Misbehaviour::TransferOrder);
    ends(fresh(), vec![more(1)], Misbehaviour::TransferOrder);
    ends(fresh(), vec![offer(1, 2, vec![file("a", 1)]), one(2)], Misbehaviour::TransferOrder);
    let bad = OfferedFile { path: vec![], bytes: 1 };
    ends(fresh(), vec![offer(1, 1, vec![bad])], Misbehaviour::TransferLimits);
    ends(fresh(), vec![offer(1, 1, vec![file("a", MAX_FILE_BYTES + 1)])], Misbehaviour::TransferLimits);
    ends(fresh(), (1..=17).map(one).collect(), Misbehaviour::TransferLimits);
    // Larger together than can be, also where the list comes in parts.
    let half = || vec![file("a", MAX_FILE_BYTES / 2); 2];
    ends(fresh(), vec![offer(1, 3, [half(), vec![file("b", 1)]].concat())], Misbehaviour::TransferLimits);
    ends(fresh(), vec![offer(1, 3, half()), more(1)], Misbehaviour::TransferLimits);
}

#[test]
fn offers_without_end_are_a_flood() {
    let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
    let end = (1..).find_map(|number| {
        let withdraw = TransferMsg::Withdraw { offer: OfferNumber(number), file: None, why: Withdrawal::ByPerson };
        side.handle(offer(number, 1, vec![file("a", 1)]), at(0)).and_then(|()| side.handle(withdraw, at(0))).err()
    });
    assert_eq!(end, Some(Misbehaviour::TransferFlood));
    assert!(side.offers().count() <= MAX_OFFERS);
}

#[test]
fn a_list_in_crumbs_is_a_flood() {
    let more = |files: usize| TransferMsg::More { offer: OFFER, list: vec![file("a", 1); files] };
    let begun = || {
        let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
        side.handle(offer(1, 1_000, vec![file("a", 1)]), at(0)).unwrap();
        side
    };
    ends(begun(), vec![more(1)], Misbehaviour::TransferFlood);
    ends(begun(), vec![more(400), more(1)], Misbehaviour::TransferFlood);
    // The last one may be small.
    let mut side = begun();
    for files in [400, 300, 298, 1] {
        side.handle(more(files), at(0)).unwrap();
    }
    assert!(side.accept(OFFER, &|_| true));
}

#[test]
fn more_on_the_way_than_the_window_is_a_flood() {
    let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
    side.handle(offer(1, 1, vec![file("a", 1 << 40)]), at(0)).unwrap();
    side.accept(OFFER, &|_| true);
    // Nobody writes, so nothing is taken; each single byte costs too.
    let mut pieces = 0;
    let end = (0..).find_map(|offset| {
        pieces += 1;
        side.handle(piece(0, offset, 1), at(0)).err()
    });
    assert_eq!(end, Some(Misbehaviour::TransferFlood));
    assert!(pieces < 40_000, "{pieces}");
}

#[test]
fn answers_that_can_not_be_end_the_session() {
    let answer = |ranges: &[(u16, u16)]| TransferMsg::Answer {
        offer: OFFER,
        accepted: ranges.iter().map(|(first, count)| FileRange { first: *first, count: *count }).collect(),
    };
    for ranges in [&[(0, 3)][..], &[(0, 0)], &[(1, 1), (0, 1)], &[(0, 1), (1, 1)], &[(0, 2), (1, 1)], &[(u16::MAX, 2)]]
    {
        ends(sender(), vec![answer(ranges)], Misbehaviour::TransferOrder);
    }
    ends(sender(), vec![answer(&[(0, 1)]), answer(&[(0, 1)])], Misbehaviour::TransferOrder);
    let unsent = || {
        let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
        side.offer(vec![file("a.bin", 1)], at(0)).unwrap();
        side
    };
    ends(unsent(), vec![answer(&[(0, 1)])], Misbehaviour::TransferOrder);
    let done = TransferMsg::Done { file: id(0), sha256: Sha256([0; 32]) };
    ends(sender(), vec![done.clone()], Misbehaviour::TransferOrder);
    ends(sender(), vec![answer(&[(0, 2)]), done], Misbehaviour::TransferOrder);
    let give_up = |file| TransferMsg::GiveUp { offer: OFFER, file, why: GivingUp::DiskFull };
    ends(sender(), vec![give_up(None)], Misbehaviour::TransferOrder);
    ends(sender(), vec![answer(&[(0, 2)]), give_up(Some(FileNumber(2)))], Misbehaviour::TransferOrder);
    let hold = |paused| TransferMsg::HoldYours { offer: OFFER, paused };
    ends(sender(), vec![hold(true)], Misbehaviour::TransferOrder);
    ends(sender(), vec![answer(&[(0, 2)]), hold(true), hold(true)], Misbehaviour::TransferOrder);
    ends(sender(), vec![TransferMsg::Hold { offer: OfferNumber(7), paused: true }], Misbehaviour::TransferOrder);
}

#[test]
fn counts_that_can_not_be_end_the_session() {
    ends(sender(), vec![TransferMsg::Taken(2)], Misbehaviour::TransferOrder);
    ends(sender(), vec![TransferMsg::Taken(1), TransferMsg::Taken(0)], Misbehaviour::TransferOrder);
    ends(sender(), vec![TransferMsg::Resume(1)], Misbehaviour::TransferOrder);
    let resuming = || {
        let mut side = sender();
        side.link_lost();
        side.link_back(at(1));
        side
    };
    ends(resuming(), vec![TransferMsg::Resume(2)], Misbehaviour::TransferOrder);
    ends(resuming(), vec![TransferMsg::Taken(1)], Misbehaviour::TransferOrder);
    ends(resuming(), vec![TransferMsg::Resume(1), TransferMsg::Resume(1)], Misbehaviour::TransferOrder);
}

#[test]
fn what_comes_late_is_dropped() {
    let mut side = receiver();
    side.handle(piece(0, 0, 100), at(0)).unwrap();
    side.cancel(Way::In, OFFER, None);
    side.handle(piece(0, 100, 100), at(0)).unwrap();
    side.handle(whole(0), at(0)).unwrap();
    let effects: Vec<_> = core::iter::from_fn(|| side.poll_effect()).collect();
    let writes = effects.iter().filter(|effect| matches!(effect, TransferEffect::Write { .. })).count();
    assert_eq!(writes, 1);
    assert!(effects.contains(&TransferEffect::Discard(id(0))));
    assert!(!effects.iter().any(|effect| matches!(effect, TransferEffect::Finish { .. })));
}

fn hostile_message() -> impl Strategy<Value = TransferMsg> {
    let number = || (0_u32..4).prop_map(OfferNumber);
    let id =
        || (0_u32..4, 0_u32..3).prop_map(|(offer, file)| FileId { offer: OfferNumber(offer), file: FileNumber(file) });
    let list = || proptest::collection::vec((0_u64..40_000).prop_map(|bytes| file("a.bin", bytes)), 0..4);
    prop_oneof![
        (number(), 0_u32..5, list()).prop_map(|(offer, files, list)| TransferMsg::Offer { offer, files, list }),
        (number(), list()).prop_map(|(offer, list)| TransferMsg::More { offer, list }),
        (id(), 0_u64..3, 0_usize..3).prop_map(|(file, offset, bytes)| TransferMsg::Piece {
            file,
            offset,
            bytes: vec![0; bytes]
        }),
        id().prop_map(|file| TransferMsg::Whole { file, sha256: Sha256([0; 32]) }),
        id().prop_map(|file| TransferMsg::Done { file, sha256: Sha256([0; 32]) }),
        (number(), 0_u16..3, 0_u16..3).prop_map(|(offer, first, count)| TransferMsg::Answer {
            offer,
            accepted: vec![FileRange { first, count }]
        }),
        (number(), any::<bool>()).prop_map(|(offer, paused)| TransferMsg::Hold { offer, paused }),
        (number(), any::<bool>()).prop_map(|(offer, paused)| TransferMsg::HoldYours { offer, paused }),
        (number(), proptest::option::of(0_u32..3)).prop_map(|(offer, file)| TransferMsg::Withdraw {
            offer,
            file: file.map(FileNumber),
            why: Withdrawal::ByPerson
        }),
        (number(), proptest::option::of(0_u32..3)).prop_map(|(offer, file)| TransferMsg::GiveUp {
            offer,
            file: file.map(FileNumber),
            why: GivingUp::ByPerson
        }),
        (0_u64..6).prop_map(TransferMsg::Taken),
        (0_u64..6).prop_map(TransferMsg::Resume),
    ]
}

proptest! {
    #[test]
    fn a_hostile_side_never_gets_a_write_without_a_word(
        steps in proptest::collection::vec((hostile_message(), 0_u8..8), 0..60)
    ) {
        let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
        let _ = side.offer(vec![file("mine.bin", 100), file("too.bin", 0)], at(0));
        let mut accepted = alloc::collections::BTreeSet::new();
        let mut now = 0;
        for (message, what) in steps {
            now += 1_000;
            match what {
                0 => {
                    let asking: Vec<_> =
                        side.offers().filter(|offer| offer.asks && offer.way == Way::In).map(|offer| offer.number).collect();
                    for offer in asking {
                        side.accept(offer, &|place| place == 0);
                        accepted.insert(FileId { offer, file: FileNumber(0) });
                    }
                }
                1 => side.link_lost(),
                2 => side.link_back(at(now)),
                _ => {}
            }
            if side.handle(message, at(now)).is_err() {
                break;
            }
            while let Some(effect) = side.poll_effect() {
                match effect {
                    TransferEffect::Write { file, .. } => {
                        prop_assert!(accepted.contains(&file));
                        side.wrote(Ok(()));
                    }
                    TransferEffect::Finish { file, sha256 } => {
                        prop_assert!(accepted.contains(&file));
                        side.finished(file, Ok(sha256));
                    }
                    TransferEffect::Read { file, offset, bytes, last } => {
                        side.read(file, offset, vec![0; bytes as usize], last.then_some(Sha256([1; 32])));
                    }
                    _ => {}
                }
            }
            while let Some(message) = side.poll_message(at(now)) {
                // Of what was not wanted not a byte leaves.
                if let TransferMsg::Piece { file, .. } = message {
                    let offer = side.offers().find(|offer| offer.way == Way::Out && offer.number == file.offer).unwrap();
                    prop_assert!(!offer.asks);
                }
            }
        }
    }
}
