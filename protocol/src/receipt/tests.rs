use super::*;
use crate::{
    clipboard::ClipWays,
    number::Routing,
    peer_msg::{ControlState, GrantId, MoreTime, SharingState, ToWatcher},
    session::Misbehaviour,
};
use alloc::vec;
use proptest::prelude::*;

const BEGUN: u64 = 1_800_000_000_000;

fn text(text: &str) -> DisplayText {
    DisplayText::cleaned(text)
}

fn setting(binding: u8) -> Setting {
    let key = SigningKey::from_bytes(&[7; 32]);
    let [organisation, advisor] = ["Muster GmbH", "Anna Beispiel"].map(text);
    let card = Card::sign(&key, organisation, advisor, None, Routing::new(4829).unwrap(), BEGUN / 1_000 + 900);
    Setting {
        binding: SessionBinding([binding; 32]),
        broker: [2; 32],
        card_key: key.verifying_key().to_bytes(),
        card,
        suite: Suite::Blowfish128CtrHmacSha256,
        check_words: [1, 2, 3, 4],
    }
}

fn names(name: &str) -> Names {
    Names { names: vec![text(name)], salt: [9; 32] }
}

/// Both sides of a session, with a line that carries everything at once.
struct Pair {
    keeper: Keeper,
    witness: Witness,
    now_ms: u64,
}

impl Pair {
    fn new() -> Self {
        Self::of(setting(1), setting(1))
    }

    fn of(here: Setting, there: Setting) -> Self {
        let begun = Begun { unix_ms: BEGUN, utc_offset_s: 3_600 };
        let keeper = Keeper::new(ReceiptSecret::from_bytes(&[3; 32]), here, begun);
        let witness = Witness::new(ReceiptSecret::from_bytes(&[4; 32]), there);
        Self { keeper, witness, now_ms: BEGUN }
    }

    /// Carries what waits.
    fn carry(&mut self) -> Result<(), Misbehaviour> {
        loop {
            let (to_witness, to_keeper) = (self.keeper.poll_message(), self.witness.poll_message());
            if to_witness.is_none() && to_keeper.is_none() {
                return Ok(());
            }
            if let Some(message) = to_witness {
                self.witness.handle(message, self.now_ms + 7)?;
            }
            if let Some(message) = to_keeper {
                self.keeper.handle(message)?;
            }
        }
    }

    /// The shower says this and writes it down.
    fn say(&mut self, message: &ToWatcher) -> Result<(), Misbehaviour> {
        self.now_ms += 1_000;
        self.witness.told(message)?;
        match Told::of(message).unwrap().fact() {
            Some(fact) => self.keeper.note(fact, self.now_ms),
            None => self.keeper.note_showing(names("Editor"), self.now_ms),
        }
        self.carry()
    }

    fn end(&mut self, by: Side) {
        self.now_ms += 1_000;
        if by == Side::Witness {
            self.witness.farewell(self.now_ms);
            self.carry().unwrap();
        }
        self.keeper.note(Fact::Ended { by, reason: EndReason::ByPerson }, self.now_ms);
        if by == Side::Keeper {
            self.carry().unwrap();
            self.witness.told(&ToWatcher::End(EndReason::ByPerson)).unwrap();
        }
    }
}

fn showing() -> ToWatcher {
    ToWatcher::Sharing(SharingState::Showing)
}

fn granted() -> ToWatcher {
    ToWatcher::Control(ControlState::Granted { grant: GrantId(1), remaining_s: Some(300) })
}

fn session() -> Pair {
    let mut pair = Pair::new();
    pair.carry().unwrap();
    let stopped = ToWatcher::Control(ControlState::Ended(ControlEnd::StopKey));
    for message in [showing(), ToWatcher::Control(ControlState::Asked), granted(), stopped] {
        pair.say(&message).unwrap();
    }
    pair
}

#[test]
fn a_session_is_signed_by_both_to_its_end_whoever_ends_it() {
    for by in [Side::Keeper, Side::Witness] {
        let mut pair = session();
        assert!(!pair.keeper.is_complete());
        pair.end(by);
        assert!(pair.keeper.is_complete());
        let receipt = pair.keeper.sign([5; 32]);
        assert_eq!(receipt.check(&[5; 32]), Ok(Reach::Whole));
        assert_eq!(receipt.entries.len(), 5);
        assert_eq!(receipt.check(&[6; 32]), Err(Fault::Page));
    }
}

#[test]
fn a_session_that_breaks_is_signed_up_to_the_last_word_of_the_other_side() {
    let mut pair = session();
    pair.keeper.note(Fact::Hidden, pair.now_ms + 1);
    pair.keeper.note(Fact::Ended { by: Side::Keeper, reason: EndReason::Broken }, pair.now_ms + 2);
    let reach = pair.keeper.sign([5; 32]).check(&[5; 32]);
    assert_eq!(reach, Ok(Reach::Entries { entries: 4, unix_ms: pair.now_ms + 7 }));
}

#[test]
fn without_any_word_of_the_other_side_the_receipt_says_so() {
    let mut pair = Pair::new();
    pair.keeper.note_showing(names("Editor"), BEGUN + 5);
    assert_eq!(pair.keeper.poll_message(), None, "there is nobody to tell");
    assert_eq!(pair.keeper.sign([5; 32]).check(&[5; 32]), Ok(Reach::Nothing));
}

#[test]
fn what_happened_before_the_other_side_told_its_key_is_signed_too() {
    let mut pair = Pair::new();
    pair.witness.told(&showing()).unwrap();
    pair.keeper.note_showing(names("Editor"), BEGUN + 5);
    pair.carry().unwrap();
    pair.end(Side::Keeper);
    assert_eq!(pair.keeper.sign([5; 32]).check(&[5; 32]), Ok(Reach::Whole));
}

#[test]
fn the_clock_may_be_set_back_and_the_order_stays() {
    let mut pair = session();
    pair.now_ms -= 3_600_000;
    pair.end(Side::Keeper);
    assert_eq!(pair.keeper.sign([5; 32]).check(&[5; 32]), Ok(Reach::Whole));
}

#[test]
fn after_a_cut_the_keeper_records_alone_and_the_receipt_says_so() {
    let mut pair = session();
    // Told, and lost on its way.
    pair.keeper.note(Fact::Paused, pair.now_ms);
    pair.keeper.interrupted(pair.now_ms);
    pair.witness.interrupted();
    pair.keeper.note(Fact::Resumed, pair.now_ms);
    pair.say(&showing()).unwrap();
    assert!(!pair.keeper.awaits_signature());
    pair.end(Side::Witness);
    let receipt = pair.keeper.sign([5; 32]);
    assert!(matches!(receipt.check(&[5; 32]), Ok(Reach::Entries { entries: 4, .. })));
    assert_eq!(receipt.entries.len(), 9);
}

#[test]
fn a_witness_signs_nothing_that_it_was_not_told() {
    let stopped = Fact::ControlEnded(ControlEnd::StopKey);
    for fact in [Fact::Hidden, Fact::ControlGranted { limit_s: None }, stopped] {
        let mut pair = Pair::new();
        pair.carry().unwrap();
        pair.witness.told(&showing()).unwrap();
        pair.keeper.note(fact, BEGUN + 5);
        assert_eq!(pair.carry(), Err(Misbehaviour::Receipt));
    }
    // Nor an end that is another one than the keeper's, or its own.
    let mut pair = session();
    pair.keeper.note(Fact::Ended { by: Side::Keeper, reason: EndReason::ByPerson }, pair.now_ms);
    pair.carry().unwrap();
    assert_eq!(pair.witness.told(&ToWatcher::End(EndReason::Broken)), Err(Misbehaviour::Receipt));
    let mut pair = session();
    pair.keeper.note(Fact::Ended { by: Side::Witness, reason: EndReason::ByPerson }, pair.now_ms);
    assert_eq!(pair.carry(), Err(Misbehaviour::Receipt));
}

#[test]
fn an_entry_about_a_file_waits_for_the_file() {
    let file = FileFact { from: Side::Witness, name: text("plan.pdf"), bytes: 7, sha256: [8; 32] };
    let mut pair = session();
    pair.keeper.note(Fact::File(file.clone()), pair.now_ms);
    pair.say(&ToWatcher::Sharing(SharingState::Paused)).unwrap();
    assert_eq!(pair.keeper.sign([5; 32]).countersignature.unwrap().entries, 4);
    pair.witness.told_file(file.clone(), pair.now_ms).unwrap();
    pair.carry().unwrap();
    assert_eq!(pair.keeper.sign([5; 32]).countersignature.unwrap().entries, 6);
    // Another file than the one that came is never signed.
    pair.keeper.note(Fact::File(FileFact { bytes: 8, ..file.clone() }), pair.now_ms);
    pair.witness.told_file(file, pair.now_ms).unwrap();
    pair.carry().unwrap();
    assert_eq!(pair.keeper.sign([5; 32]).countersignature.unwrap().entries, 6);
}

#[test]
fn an_entry_about_the_clipboard_waits_for_the_word_and_must_repeat_it() {
    let on = ClipWays { to_watcher: true, to_shower: false };
    let mut pair = session();
    pair.keeper.note(Fact::Clipboard(on), pair.now_ms);
    pair.carry().unwrap();
    assert_eq!(pair.keeper.sign([5; 32]).countersignature.unwrap().entries, 4, "the word is on its way");
    pair.witness.told_clipboard(on, pair.now_ms).unwrap();
    pair.witness.told_clipboard(ClipWays::OFF, pair.now_ms).unwrap();
    pair.carry().unwrap();
    assert_eq!(pair.keeper.sign([5; 32]).countersignature.unwrap().entries, 5);
    // The keeper writes something else than it said.
    pair.keeper.note(Fact::Clipboard(on), pair.now_ms);
    assert_eq!(pair.carry(), Err(Misbehaviour::Receipt));
}

#[test]
fn a_signature_of_another_session_is_none() {
    let mut pair = Pair::of(setting(1), setting(2));
    assert_eq!(pair.carry(), Err(Misbehaviour::Receipt));
    // Put into the file afterwards it is found, too.
    let mut other = Pair::of(setting(2), setting(2));
    other.carry().unwrap();
    let mut receipt = session().keeper.sign([5; 32]);
    receipt.countersignature = other.keeper.sign([5; 32]).countersignature;
    assert_eq!(receipt.check(&[5; 32]), Err(Fault::Countersignature));
}

#[test]
fn wrong_or_repeated_signatures_and_keys_end_the_session() {
    let good = session().keeper.sign([5; 32]).countersignature.unwrap();
    let bad = [
        Countersignature { entries: 5, ..good },
        Countersignature { entries: 3, ..good },
        Countersignature { ended: true, ..good },
        Countersignature { signature: [0; 64], ..good },
        good,
    ];
    for bad in bad {
        assert_eq!(session().keeper.handle(ToKeeper::Signed(bad)), Err(Misbehaviour::Receipt));
    }
    let key = Party { key: ReceiptKey([1; 32]), version: text("1") };
    assert_eq!(session().keeper.handle(ToKeeper::Key(key.clone())), Err(Misbehaviour::Receipt));
    let begin = ToWitness::Begin { keeper: key, begun: Begun { unix_ms: 0, utc_offset_s: 0 } };
    assert_eq!(session().witness.handle(begin, 0), Err(Misbehaviour::Receipt));
    let early = Entry { unix_ms: BEGUN, fact: Fact::Hidden };
    assert_eq!(Pair::new().witness.handle(ToWitness::Entry(early), 0), Err(Misbehaviour::Receipt));
}

#[test]
fn what_can_not_be_written_as_it_is_is_not_taken_from_the_witness() {
    let key = |version: &str| {
        // As it comes from the wire, where any text may stand.
        let bytes = crate::wire::encode(&version.to_owned()).unwrap();
        let version = crate::wire::decode::<DisplayText, 1_024>(&bytes).unwrap();
        ToKeeper::Key(Party { key: ReceiptKey([1; 32]), version })
    };
    for (version, taken) in [("1.0", Ok(())), (" 1.0", Err(Misbehaviour::Receipt))] {
        assert_eq!(Pair::new().keeper.handle(key(version)), taken, "{version:?}");
    }
    let mut pair = Pair::new();
    pair.now_ms = u64::MAX / 2;
    assert_eq!(pair.carry(), Err(Misbehaviour::Receipt), "a date that no calendar has");
}

#[test]
fn a_flood_of_facts_ends_in_one_that_says_so_and_still_the_end() {
    let mut pair = Pair::new();
    pair.carry().unwrap();
    let paused = ToWatcher::Sharing(SharingState::Paused);
    for _ in 0..MAX_RECEIPT_ENTRIES + 10 {
        pair.say(&paused).unwrap();
    }
    pair.end(Side::Keeper);
    let receipt = pair.keeper.sign([5; 32]);
    assert_eq!(receipt.entries.len(), MAX_RECEIPT_ENTRIES);
    assert_eq!(receipt.entries[MAX_RECEIPT_ENTRIES - 2].entry.fact, Fact::TooMuch);
    assert_eq!(receipt.check(&[5; 32]), Ok(Reach::Whole));
}

#[test]
fn however_many_files_there_are_what_is_granted_after_them_is_written_down() {
    let mut pair = Pair::new();
    pair.carry().unwrap();
    for number in 0..MAX_FILE_ENTRIES as u64 + 20 {
        let file = FileFact { from: Side::Keeper, name: text("a.txt"), bytes: number, sha256: [7; 32] };
        pair.keeper.note(Fact::File(file.clone()), pair.now_ms);
        pair.witness.told_file(file, pair.now_ms).unwrap();
        pair.carry().unwrap();
    }
    pair.say(&ToWatcher::Control(ControlState::Asked)).unwrap();
    pair.end(Side::Keeper);
    let receipt = pair.keeper.sign([5; 32]);
    let last: Vec<_> = receipt.entries[MAX_FILE_ENTRIES..].iter().map(|kept| kept.entry.fact.clone()).collect();
    let ended = Fact::Ended { by: Side::Keeper, reason: EndReason::ByPerson };
    assert_eq!(last, [Fact::MoreFiles, Fact::ControlAsked, ended]);
    assert_eq!(receipt.check(&[5; 32]), Ok(Reach::Whole));
}

#[test]
fn the_entries_of_files_may_come_as_late_as_they_like() {
    let mut pair = Pair::new();
    pair.carry().unwrap();
    let file = |number: u64| FileFact { from: Side::Witness, name: text("a.txt"), bytes: number, sha256: [7; 32] };
    let files = 0..MAX_FILE_ENTRIES as u64 + 20;
    for number in files.clone() {
        pair.witness.told_file(file(number), pair.now_ms).unwrap();
    }
    for number in files {
        pair.keeper.note(Fact::File(file(number)), pair.now_ms);
    }
    pair.carry().unwrap();
    pair.end(Side::Keeper);
    let receipt = pair.keeper.sign([5; 32]);
    assert_eq!(receipt.entries.len(), MAX_FILE_ENTRIES + 2, "one for those left out, and the end");
    assert_eq!(receipt.check(&[5; 32]), Ok(Reach::Whole));
}

#[test]
fn the_first_wrong_place_is_named() {
    let mut pair = session();
    pair.end(Side::Keeper);
    let receipt = pair.keeper.sign([5; 32]);
    type Change = fn(&mut SignedReceipt);
    let changes: [(Change, Fault); 14] = [
        (|r| r.opening.setting.card.advisor = text("Bert Beispiel"), Fault::Card),
        (|r| r.opening.begun.unix_ms = r.opening.setting.card.expires_unix_s * 1_000, Fault::Card),
        (|r| r.opening.setting.broker[0] ^= 1, Fault::Opening),
        (|r| r.opening.begun.utc_offset_s += 1, Fault::Opening),
        (|r| r.opening.keeper.version = text("9"), Fault::Opening),
        (|r| r.opening.witness = None, Fault::Opening),
        (|r| r.entries[2].entry.fact = Fact::ControlGranted { limit_s: None }, Fault::Entry(3)),
        (|r| r.entries[1].entry.unix_ms += 1, Fault::Entry(2)),
        (|r| drop(r.entries.remove(3)), Fault::Entry(4)),
        (|r| r.entries.swap(1, 2), Fault::Entry(2)),
        (|r| drop(r.entries.pop()), Fault::Count),
        (|r| r.entries[0].names.as_mut().unwrap().names[0] = text("Mail"), Fault::Names(1)),
        (|r| r.countersignature.as_mut().unwrap().unix_ms += 1, Fault::Countersignature),
        (|r| r.signature[5] ^= 1, Fault::Signature),
    ];
    for (number, (change, fault)) in changes.into_iter().enumerate() {
        let mut changed = receipt.clone();
        change(&mut changed);
        assert_eq!(changed.check(&[5; 32]), Err(fault), "change {number}");
    }
    // Leaving the other side's signature out is a change as well.
    let mut changed = receipt.clone();
    changed.countersignature = None;
    assert_eq!(changed.check(&[5; 32]), Ok(Reach::Nothing), "which is told, not hidden");
    // A cut tail with its hash breaks the own signature.
    let mut changed = receipt;
    changed.entries.pop();
    changed.heads.pop();
    assert!(matches!(changed.check(&[5; 32]), Err(Fault::Signature | Fault::Countersignature)));
}

fn message() -> impl Strategy<Value = ToWatcher> {
    let ends = prop_oneof![Just(ControlEnd::StopKey), Just(ControlEnd::TimeOver), Just(ControlEnd::GivenBack)];
    prop_oneof![
        Just(showing()),
        Just(ToWatcher::Sharing(SharingState::Paused)),
        Just(ToWatcher::Sharing(SharingState::Choosing)),
        Just(ToWatcher::Control(ControlState::Asked)),
        Just(ToWatcher::Control(ControlState::None)),
        Just(ToWatcher::Control(ControlState::Refused)),
        Just(granted()),
        Just(ToWatcher::MoreTime(MoreTime::Asked)),
        Just(ToWatcher::MoreTime(MoreTime::Granted { remaining_s: Some(300) })),
        Just(ToWatcher::MoreTime(MoreTime::Refused)),
        ends.prop_map(|end| ToWatcher::Control(ControlState::Ended(end))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens is signed by both, and whatever a signature is moved
    /// to or a hash is changed to is found.
    #[test]
    fn any_session_is_signed_and_any_changed_hash_is_found(
        messages in prop::collection::vec(message(), 0..20), by_keeper: bool, place: usize, bit in 0_u8..8,
    ) {
        let mut pair = Pair::new();
        pair.carry().unwrap();
        for message in &messages {
            pair.say(message).unwrap();
        }
        pair.end(if by_keeper { Side::Keeper } else { Side::Witness });
        let receipt = pair.keeper.sign([5; 32]);
        prop_assert_eq!(receipt.check(&[5; 32]), Ok(Reach::Whole));
        let mut changed = receipt.clone();
        let link = place % changed.heads.len();
        changed.heads[link][place / 7 % 32] ^= 1 << bit;
        let fault = if link == 0 { Fault::Opening } else { Fault::Entry(link as u32) };
        prop_assert_eq!(changed.check(&[5; 32]), Err(fault));
    }
}
