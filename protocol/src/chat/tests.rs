use super::*;
use alloc::{string::ToString, vec};
use proptest::prelude::*;

fn at(ms: u64) -> Moment {
    Moment::from_ms(ms)
}

/// Two sides and the lines between them.
struct Pair {
    sides: [Chat; 2],
}

impl Pair {
    fn new() -> Self {
        Self { sides: [Chat::new(at(0)), Chat::new(at(0))] }
    }

    /// Carries messages until there are none.
    fn settle(&mut self, now: Moment) {
        loop {
            let [one, other] = &mut self.sides;
            let messages: Vec<_> = core::iter::from_fn(|| one.poll_message()).collect();
            let back: Vec<_> = core::iter::from_fn(|| other.poll_message()).collect();
            if messages.is_empty() && back.is_empty() {
                return;
            }
            messages.into_iter().for_each(|message| other.handle(message, now).unwrap());
            back.into_iter().for_each(|message| one.handle(message, now).unwrap());
        }
    }

    /// What is on its way is lost, and both find together again.
    fn cut(&mut self) {
        self.sides.iter_mut().for_each(Chat::link_lost);
        self.sides.iter_mut().for_each(Chat::link_restored);
    }

    fn states(&self, side: usize) -> Vec<Speaker> {
        self.sides[side].lines().map(|line| line.speaker).collect()
    }
}

#[test]
fn a_line_is_sent_then_delivered_then_seen() {
    let mut pair = Pair::new();
    pair.sides[0].say("  Bitte öffnen Sie Ihr Postfach. ", at(1)).unwrap();
    assert_eq!(pair.states(0), [Speaker::Here(Delivery::Sent)]);
    pair.settle(at(2));
    assert_eq!(pair.states(0), [Speaker::Here(Delivery::Delivered)]);
    assert_eq!(pair.sides[1].unseen(), 1);
    pair.sides[1].look();
    pair.settle(at(3));
    assert_eq!(pair.states(0), [Speaker::Here(Delivery::Seen)]);
    assert_eq!((pair.sides[1].unseen(), pair.states(1)), (0, vec![Speaker::There]));
    let line = pair.sides[1].lines().next().unwrap();
    assert_eq!((line.text.as_str(), line.at), ("Bitte öffnen Sie Ihr Postfach.", at(2)));
}

#[test]
fn what_is_blank_too_long_or_too_fast_is_not_said() {
    let mut chat = Chat::new(at(0));
    assert_eq!(chat.say(" \n\t ", at(0)), Err(ChatError::Blank));
    assert_eq!(chat.say(&"ä".repeat(4_097), at(0)), Err(ChatError::TooLong { length: 8_194 }));
    chat.say(&"ä".repeat(4_096), at(0)).unwrap();
    for _ in 1..20 {
        chat.say("x", at(0)).unwrap();
    }
    assert_eq!(chat.say("x", at(499)), Err(ChatError::TooFast));
    chat.say("x", at(500)).unwrap();
    assert_eq!(chat.lines().count(), 21);
}

#[test]
fn lines_and_receipts_out_of_order_end_the_session() {
    let said = |number| ChatMsg::Said { number: ChatNumber(number), text: ChatText::new("x").unwrap() };
    for hostile in [
        vec![said(2)],
        vec![said(0)],
        vec![said(1), said(1)],
        vec![said(1), said(3)],
        vec![ChatMsg::Delivered(ChatNumber(2))],
        vec![ChatMsg::Delivered(ChatNumber(0))],
        vec![ChatMsg::Delivered(ChatNumber(1)), ChatMsg::Delivered(ChatNumber(1))],
        vec![ChatMsg::Seen(ChatNumber(1))],
        vec![ChatMsg::Delivered(ChatNumber(1)), ChatMsg::Seen(ChatNumber(1)), ChatMsg::Seen(ChatNumber(1))],
    ] {
        let mut chat = Chat::new(at(0));
        chat.say("one", at(0)).unwrap();
        let (last, before) = hostile.split_last().unwrap();
        before.iter().for_each(|message| chat.handle(message.clone(), at(0)).unwrap());
        assert_eq!(chat.handle(last.clone(), at(0)), Err(Misbehaviour::ChatOrder), "{hostile:?}");
    }
}

#[test]
fn what_a_cut_has_swallowed_is_said_again_and_nothing_twice() {
    let mut pair = Pair::new();
    pair.sides[0].say("arrives", at(0)).unwrap();
    pair.settle(at(0));
    pair.sides[0].say("is lost", at(1)).unwrap();
    assert!(pair.sides[0].poll_message().is_some());
    pair.sides[1].look();
    pair.sides.iter_mut().for_each(Chat::link_lost);
    pair.sides[0].say("said in the dark", at(2)).unwrap();
    assert_eq!(pair.sides[0].poll_message(), None);
    pair.sides.iter_mut().for_each(Chat::link_restored);
    pair.sides[0].say("said before the other side's word", at(3)).unwrap();
    pair.settle(at(4));
    let heard: Vec<_> = pair.sides[1].lines().map(|line| line.text.as_str().to_string()).collect();
    assert_eq!(heard, ["arrives", "is lost", "said in the dark", "said before the other side's word"]);
    let states = pair.states(0);
    assert_eq!(states[0], Speaker::Here(Delivery::Seen), "the look was lost too");
    assert!(states[1..].iter().all(|state| *state == Speaker::Here(Delivery::Delivered)));
}

#[test]
fn the_first_word_after_a_cut_can_not_be_forged_or_left_out() {
    let have = |delivered, seen| ChatMsg::Have { delivered: ChatNumber(delivered), seen: ChatNumber(seen) };
    let mut chat = Chat::new(at(0));
    assert_eq!(chat.handle(have(0, 0), at(0)), Err(Misbehaviour::ChatOrder), "without a cut");
    for word in [have(2, 0), have(0, 0), have(1, 2), ChatMsg::Delivered(ChatNumber(1))] {
        let mut chat = Chat::new(at(0));
        chat.say("one", at(0)).unwrap();
        chat.handle(ChatMsg::Delivered(ChatNumber(1)), at(0)).unwrap();
        chat.link_lost();
        chat.link_restored();
        assert_eq!(chat.handle(word.clone(), at(0)), Err(Misbehaviour::ChatOrder), "{word:?}");
    }
}

#[test]
fn a_flood_of_lines_ends_the_session_and_old_lines_are_forgotten() {
    let mut chat = Chat::new(at(0));
    let mut taken = 0;
    let end = (1..).find_map(|number| {
        let text = ChatText::new(&number.to_string()).unwrap();
        taken = number;
        chat.handle(ChatMsg::Said { number: ChatNumber(number), text }, at(0)).err()
    });
    assert_eq!((end, taken), (Some(Misbehaviour::ChatFlood), 321));
    let mut slow = Chat::new(at(0));
    for number in 1..=700 {
        let text = ChatText::new(&number.to_string()).unwrap();
        slow.handle(ChatMsg::Said { number: ChatNumber(number), text }, at(u64::from(number) * 1_000)).unwrap();
    }
    assert_eq!(slow.lines().count(), MAX_CHAT_LINES);
    assert_eq!(slow.lines().next().unwrap().text.as_str(), "201");
    assert_eq!(slow.unseen(), 700);
}

#[test]
fn all_that_may_be_said_in_a_cut_is_taken_at_once() {
    let mut pair = Pair::new();
    pair.settle(at(0));
    pair.sides.iter_mut().for_each(Chat::link_lost);
    let mut said = 0;
    for ms in (0..=120_000).step_by(100) {
        while pair.sides[0].say("still there?", at(ms)).is_ok() {
            said += 1;
        }
    }
    assert_eq!(said, 260);
    pair.sides.iter_mut().for_each(Chat::link_restored);
    pair.settle(at(120_000));
    assert_eq!(pair.sides[1].unseen(), said);
}

#[test]
fn nothing_in_a_shown_text_is_hidden() {
    assert_eq!(visible("rm -rf\r\u{1b}[2K ok"), "rm -rf␍␛[2K ok");
    assert_eq!(visible("invoice\u{202e}gpj.exe"), "invoice<U+202E>gpj.exe");
    assert_eq!(visible("pay\u{200b}pal\u{ad}\u{7f}\0"), "pay<U+200B>pal<U+00AD>␡␀");
    assert_eq!(visible("zwei\nZeilen\tund 👩\u{200d}💻"), "zwei\nZeilen\tund 👩\u{200d}💻");
}

#[test]
fn a_transcript_names_the_speakers() {
    let mut pair = Pair::new();
    pair.sides[0].say("Hallo", at(0)).unwrap();
    pair.settle(at(0));
    pair.sides[1].say("Guten\u{202e}Tag", at(1)).unwrap();
    pair.settle(at(1));
    assert_eq!(pair.sides[1].transcript("Ich", "Anna"), "Anna: Hallo\nIch: Guten<U+202E>Tag");
}

proptest! {
    #[test]
    fn two_honest_sides_never_call_each_other_hostile(steps in proptest::collection::vec((0_usize..2, 0_u8..4, 0_u64..400), 0..300)) {
        let mut pair = Pair::new();
        let mut now = 0;
        let mut said = [0_usize; 2];
        for (side, what, later) in steps {
            now += later;
            match what {
                0 => said[side] += usize::from(pair.sides[side].say("x", at(now)).is_ok()),
                1 => pair.sides[side].look(),
                2 => pair.cut(),
                // A side reads late: everything at once.
                _ => pair.settle(at(now)),
            }
        }
        pair.settle(at(now));
        for side in 0..2 {
            let lines: Vec<_> = pair.states(side);
            let own = lines.iter().filter(|speaker| matches!(speaker, Speaker::Here(_))).count();
            prop_assert_eq!((own, lines.len() - own), (said[side], said[1 - side]));
            let on_the_way = lines.contains(&Speaker::Here(Delivery::Sent));
            prop_assert!(!on_the_way, "all has been delivered");
        }
    }

    #[test]
    fn a_shown_text_has_no_hidden_character(text in any::<String>()) {
        let shown = visible(&text);
        let hidden = |c: char| is_hidden(c) && c != '\n' && c != '\t';
        prop_assert!(!shown.contains(hidden));
    }
}
