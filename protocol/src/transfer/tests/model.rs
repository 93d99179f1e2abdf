//! Random lives of two honest sides.

use super::*;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn two_honest_sides_agree_whatever_happens(
        steps in proptest::collection::vec((0_usize..2, 0_u8..14, 0_u32..6, 0_usize..60_000), 1..400)
    ) {
        let mut pair = Pair::new();
        let mut offered = 0;
        for (side, what, number, amount) in steps {
            pair.now += 7;
            let offer = OfferNumber(number + 1);
            match what {
                0 => {
                    let list: Vec<_> = (0..number % 3 + 1)
                        .map(|file| (alloc::format!("{offered} {file}.bin"), amount * file as usize))
                        .collect();
                    offered += 1;
                    let list = list.iter().map(|(name, bytes)| file(name, *bytes as u64)).collect();
                    let _ = pair.sides[side].offer(list, at(pair.now));
                }
                1 => drop(pair.sides[side].accept(offer, &|place| place as usize % 3 != amount % 3)),
                2 => drop(pair.sides[side].cancel(Way::In, offer, (amount % 2 == 0).then_some(FileNumber(number % 3)))),
                3 => drop(pair.sides[side].cancel(Way::Out, offer, (amount % 2 == 0).then_some(FileNumber(number % 3)))),
                4 => drop(pair.sides[side].hold(if amount % 2 == 0 { Way::In } else { Way::Out }, offer, amount % 3 == 0)),
                5 if amount % 4 == 0 => pair.cut(),
                6 if amount % 10 == 0 => pair.disks[side].room = 0,
                7 => pair.disks[side].room = usize::MAX,
                8 | 9 => drop(pair.send(side)),
                10 | 11 => drop(pair.carry(side)),
                12 => drop(pair.effects(side)),
                _ => {
                    pair.effects(side);
                    pair.work(side);
                }
            }
        }
        // At last everybody answers, goes on, and all is carried.
        for disk in &mut pair.disks {
            disk.room = usize::MAX;
        }
        pair.settle();
        for side in 0..2 {
            let all: Vec<_> = pair.sides[side].offers().map(|offer| (offer.way, offer.number, offer.asks)).collect();
            for (way, number, asks) in all {
                pair.sides[side].hold(way, number, false);
                if way == Way::In && asks {
                    pair.sides[side].accept(number, &|_| true);
                }
            }
        }
        pair.settle();
        for side in 0..2 {
            for offer in pair.sides[side].offers().filter(|offer| offer.way == Way::Out) {
                let there = pair.sides[1 - side].offers().find(|other| other.way == Way::In && other.number == offer.number);
                prop_assert!(offer.over, "{offer:?}");
                // One that was taken back before a word of it was sent.
                let Some(there) = there else { continue };
                prop_assert!(there.over);
                for (here, there) in offer.files.iter().zip(&there.files) {
                    prop_assert_eq!(matches!(here.state, FileState::Done(_)), matches!(there.state, FileState::Done(_)));
                    if let FileState::Done(hash) = here.state {
                        let name = here.offered.path[0].as_str();
                        let bytes = pair.written(1 - side, name).unwrap();
                        prop_assert_eq!(&bytes, &content(name, here.offered.bytes as usize));
                        prop_assert_eq!(hash_of(&bytes), hash);
                    }
                }
            }
            prop_assert!(pair.disks[side].partial.is_empty(), "what is not whole is removed");
        }
    }
}
