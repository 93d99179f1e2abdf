//! Two honest sides never lose a byte nor call each other hostile; a hostile
//! one gets nothing written.

mod hostile;
mod model;
mod pair;

use super::*;
use crate::wire;
use alloc::vec;
use pair::{Pair, content, file, hash_of, names};

fn at(ms: u64) -> Moment {
    Moment::from_ms(ms)
}

#[test]
fn some_files_of_an_offer_are_wanted_and_come_whole() {
    let mut pair = Pair::new();
    let offer = pair.offer(0, &[("a.txt", 0), ("b.txt", 1), ("c.bin", 300_000), ("d.bin", 16_000)]);
    pair.settle();
    assert_eq!(pair.asked[1], [offer]);
    assert_eq!(pair.written(1, "a.txt"), None, "nothing before a word");
    assert!(pair.sides[1].accept(offer, &|place| place != 3));
    pair.settle();
    for (name, bytes) in [("a.txt", 0), ("b.txt", 1), ("c.bin", 300_000)] {
        assert_eq!(pair.written(1, name), Some(content(name, bytes)), "{name}");
    }
    assert_eq!(pair.written(1, "d.bin"), None);
    for side in 0..2 {
        let states = pair.states(side, offer);
        assert_eq!(states[2], FileState::Done(hash_of(&content("c.bin", 300_000))));
        assert_eq!(states[3], FileState::Refused);
    }
    assert!(pair.sides.iter().all(|side| side.offers().all(|offer| offer.over)));
}

#[test]
fn a_refused_offer_sends_nothing() {
    let mut pair = Pair::new();
    let offer = pair.offer(0, &[("a.txt", 50)]);
    pair.settle();
    assert!(pair.sides[1].accept(offer, &|_| false));
    pair.settle();
    assert_eq!(pair.states(0, offer), [FileState::Refused]);
    assert!(!pair.sides[1].accept(offer, &|_| true), "answered once");
    assert_eq!(pair.pieces, 0);
}

#[test]
fn ten_thousand_files_are_one_offer() {
    let mut pair = Pair::new();
    let list: Vec<_> = (0..10_000).map(|number| (alloc::format!("file {number}.txt"), number % 200)).collect();
    let list: Vec<_> = list.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let offer = pair.offer(0, &list);
    pair.settle();
    assert!(pair.sides[1].accept(offer, &|_| true));
    pair.settle();
    assert_eq!(pair.disks[1].done.len(), 10_000);
    assert_eq!(pair.written(1, "file 199.txt"), Some(content("file 199.txt", 199)));
}

#[test]
fn every_other_file_of_the_longest_list_can_be_wanted() {
    let mut pair = Pair::new();
    let list: Vec<_> = (0..MAX_OFFER_FILES).map(|number| alloc::format!("{number}.txt")).collect();
    let list: Vec<_> = list.iter().map(|name| (name.as_str(), 1)).collect();
    let offer = pair.offer(0, &list);
    pair.settle();
    assert!(pair.sides[1].accept(offer, &|place| place % 2 == 1));
    let mut sent = core::iter::from_fn(|| pair.sides[1].poll_message(at(1)));
    let answer = sent.find(|message| matches!(message, TransferMsg::Answer { .. })).unwrap();
    let bytes = wire::encode(&answer).unwrap();
    let answer = wire::decode::<TransferMsg, { wire::MAX_CONTROL_MESSAGE_BYTES }>(&bytes).unwrap();
    pair.sides[0].handle(answer, at(1)).unwrap();
    let states = pair.states(0, offer);
    let wanted = (0..).zip(&states).filter(|(place, state)| (**state == FileState::Waiting) == (place % 2 == 1));
    assert_eq!(wanted.count(), MAX_OFFER_FILES);
}

#[test]
fn a_paused_offer_rests_and_others_go_on() {
    let mut pair = Pair::new();
    let first = pair.offer(0, &[("first.bin", 2_000_000)]);
    let second = pair.offer(0, &[("second.bin", 100_000)]);
    pair.settle();
    pair.sides[1].accept(first, &|_| true);
    pair.sides[1].accept(second, &|_| true);
    pair.step(0, 20);
    assert!(pair.sides[1].hold(Way::In, first, true));
    assert!(!pair.sides[1].hold(Way::In, first, true), "twice is once");
    pair.settle();
    assert!(pair.written(1, "first.bin").is_none());
    assert_eq!(pair.written(1, "second.bin"), Some(content("second.bin", 100_000)));
    assert!(pair.sides[0].hold(Way::Out, first, true));
    assert!(pair.sides[1].hold(Way::In, first, false));
    pair.settle();
    assert!(pair.written(1, "first.bin").is_none(), "the other one rests too");
    assert!(pair.sides[0].hold(Way::Out, first, false));
    pair.settle();
    assert!(pair.written(1, "first.bin") == Some(content("first.bin", 2_000_000)));
}

#[test]
fn either_side_cancels_in_the_middle() {
    for (side, way, here, there) in
        [(0, Way::Out, FileEnd::ByMe, FileEnd::ByOther), (1, Way::In, FileEnd::ByMe, FileEnd::ByOther)]
    {
        let mut pair = Pair::new();
        let offer = pair.offer(0, &[("a.bin", 1_000_000), ("b.bin", 1_000)]);
        pair.settle();
        pair.sides[1].accept(offer, &|_| true);
        pair.step(0, 30);
        assert!(pair.sides[side].cancel(way, offer, Some(FileNumber(0))));
        pair.settle();
        assert_eq!(pair.states(side, offer)[0], FileState::Ended(here));
        assert_eq!(pair.states(1 - side, offer)[0], FileState::Ended(there));
        assert_eq!(pair.written(1, "a.bin"), None);
        assert!(pair.disks[1].partial.is_empty(), "what was written is removed");
        assert_eq!(pair.written(1, "b.bin"), Some(content("b.bin", 1_000)), "the rest goes on");
    }
}

#[test]
fn an_offer_is_taken_back_before_it_is_answered() {
    let mut pair = Pair::new();
    let offer = pair.offer(0, &[("a.bin", 10)]);
    pair.settle();
    assert!(pair.sides[0].cancel(Way::Out, offer, None));
    // The answer is on its way at the same time.
    assert!(pair.sides[1].accept(offer, &|_| true));
    pair.settle();
    assert_eq!(pair.written(1, "a.bin"), None);
    assert_eq!(pair.states(1, offer), [FileState::Ended(FileEnd::ByOther)]);
    let unsent = pair.offer(0, &[("b.bin", 10)]);
    assert!(pair.sides[0].cancel(Way::Out, unsent, None), "not even the list has gone out");
    let next = pair.offer(0, &[("c.bin", 10)]);
    pair.settle();
    assert_eq!(pair.asked[1], [offer, next]);
}

#[test]
fn a_full_disk_ends_the_offer_and_says_so_on_both_sides() {
    let mut pair = Pair::new();
    pair.disks[1].room = 200_000;
    let offer = pair.offer(0, &[("a.bin", 150_000), ("b.bin", 150_000), ("c.bin", 10)]);
    pair.settle();
    pair.sides[1].accept(offer, &|_| true);
    pair.settle();
    for side in 0..2 {
        let states = pair.states(side, offer);
        assert!(matches!(states[0], FileState::Done(_)));
        assert_eq!(states[1..], [FileState::Ended(FileEnd::DiskFull); 2]);
    }
    assert!(pair.disks[1].partial.is_empty());
}

#[test]
fn a_full_disk_ends_nothing_that_has_come_and_is_being_looked_at() {
    let mut pair = Pair::new();
    pair.disks[1].room = 0;
    let offer = pair.offer(0, &[("a.bin", 10), ("empty.txt", 0), ("c.bin", 10)]);
    pair.settle();
    pair.sides[1].accept(offer, &|_| true);
    // All of it comes before any of it is written.
    for _ in 0..50 {
        pair.now += 1;
        pair.effects(0);
        pair.work(0);
        for side in 0..2 {
            pair.send(side);
            pair.carry(1 - side);
        }
        pair.effects(1);
    }
    assert_eq!(pair.states(1, offer), [FileState::Checking; 3]);
    pair.settle();
    let ended = FileState::Ended(FileEnd::DiskFull);
    let empty = FileState::Done(hash_of(&[]));
    for side in 0..2 {
        assert_eq!(pair.states(side, offer), [ended, empty, ended]);
        assert!(pair.sides[side].offers().all(|offer| offer.over));
    }
    assert_eq!(pair.written(1, "empty.txt"), Some(Vec::new()));
    assert_eq!(pair.disks[1].done.len(), 1);
    assert!(pair.disks[1].partial.is_empty());
}

#[test]
fn a_source_that_changes_ends_its_file_alone() {
    let mut pair = Pair::new();
    let offer = pair.offer(0, &[("a.bin", 500_000), ("b.bin", 10)]);
    pair.disks[0].gone.insert("a.bin".into());
    pair.settle();
    pair.sides[1].accept(offer, &|_| true);
    pair.settle();
    for side in 0..2 {
        assert_eq!(pair.states(side, offer)[0], FileState::Ended(FileEnd::Changed));
        assert!(matches!(pair.states(side, offer)[1], FileState::Done(_)));
    }
}

#[test]
fn what_came_wrong_gets_no_name() {
    let mut pair = Pair::new();
    let offer = pair.offer(0, &[("a.bin", 50_000)]);
    pair.settle();
    pair.sides[1].accept(offer, &|_| true);
    pair.disks[1].garbles = true;
    pair.settle();
    assert_eq!(pair.states(0, offer), [FileState::Ended(FileEnd::WrongHash)]);
    assert_eq!(pair.states(1, offer), [FileState::Ended(FileEnd::WrongHash)]);
    assert_eq!(pair.written(1, "a.bin"), None);
}

#[test]
fn rules_hold_at_both_sides() {
    let no_programs = FileKinds::ALL.without(FileKind::Program);
    let mut pair = Pair::under([no_programs, FileKinds::ALL], [FileKinds::ALL, no_programs]);
    let list = vec![file("setup.exe", 10), file("letter.pdf", 10)];
    assert_eq!(pair.sides[0].offer(list.clone(), at(0)), Err(OfferError::Forbidden(FileNumber(0))));
    let mut lax = Pair::under([FileKinds::ALL; 2], [FileKinds::ALL, no_programs]);
    let offer = lax.offer(0, &[("setup.exe", 10), ("letter.pdf", 10)]);
    lax.settle();
    lax.sides[1].accept(offer, &|_| true);
    lax.settle();
    assert_eq!(lax.states(1, offer)[0], FileState::Forbidden);
    assert_eq!((lax.written(1, "setup.exe"), lax.written(1, "letter.pdf").is_some()), (None, true));
    let none = lax.offer(0, &[("again.exe", 10)]);
    lax.settle();
    assert_eq!(lax.states(0, none), [FileState::Refused], "nobody is asked");
    assert_eq!(lax.asked[1], [offer]);
}

#[test]
fn what_can_not_be_offered_is_not() {
    let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, at(0));
    assert_eq!(side.offer(vec![], at(0)), Err(OfferError::Empty));
    let many = vec![file("a", 0); MAX_OFFER_FILES + 1];
    assert_eq!(side.offer(many, at(0)), Err(OfferError::TooManyFiles));
    let deep = OfferedFile { path: vec![PathPart::new("a"); MAX_PATH_PARTS + 1], bytes: 0 };
    assert_eq!(side.offer(vec![deep], at(0)), Err(OfferError::CantBeSent(FileNumber(0))));
    let large = |bytes| vec![file("a", MAX_FILE_BYTES - 1), file("b", bytes)];
    assert_eq!(side.offer(large(2), at(0)), Err(OfferError::TooManyFiles), "larger together than can be");
    let wrapping = vec![file("a", MAX_FILE_BYTES); 1 << 11];
    assert_eq!(side.offer(wrapping, at(0)), Err(OfferError::TooManyFiles));
    side.offer(large(1), at(0)).unwrap();
    for _ in 1..MAX_OPEN_OFFERS {
        side.offer(vec![file("a", 0)], at(0)).unwrap();
    }
    assert_eq!(side.offer(vec![file("a", 0)], at(60_000)), Err(OfferError::TooManyOffers));
}

#[test]
fn what_is_over_is_forgotten_one_day() {
    let mut pair = Pair::new();
    for number in 0..200 {
        pair.now += 2_000;
        let name = alloc::format!("{number}.txt");
        let offer = pair.offer(number % 2, &[(name.as_str(), 10)]);
        pair.settle();
        assert!(pair.sides[1 - number % 2].accept(offer, &|_| true));
        pair.settle();
        assert_eq!(pair.written(1 - number % 2, &name), Some(content(&name, 10)));
    }
    assert!(pair.sides.iter().all(|side| side.offers().count() <= 2 * MAX_OFFERS));
    assert_eq!(names(&pair.sides[0]).len(), 2 * MAX_OFFERS);
}

#[test]
fn a_cut_at_every_message_loses_nothing() {
    let run = |cut_after: Option<usize>| {
        let mut pair = Pair::new();
        let offer = pair.offer(0, &[("a.bin", 40_000), ("b.bin", 0), ("c.bin", 70_000)]);
        pair.on_asked(|side, offer| assert!(side.accept(offer, &|_| true)));
        pair.cut_after = cut_after;
        pair.settle();
        for (name, bytes) in [("a.bin", 40_000), ("b.bin", 0), ("c.bin", 70_000)] {
            assert_eq!(pair.written(1, name), Some(content(name, bytes)), "{name}, cut after {cut_after:?}");
        }
        assert!(matches!(pair.states(0, offer)[2], FileState::Done(_)), "cut after {cut_after:?}");
        pair.carried
    };
    let messages = run(None);
    assert!(messages > 20);
    for message in 0..messages {
        run(Some(message));
    }
}
