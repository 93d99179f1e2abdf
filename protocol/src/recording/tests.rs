use super::*;
use proptest::prelude::*;

const BEGUN: u64 = 1_795_856_400_000;

fn code() -> RecordingCode {
    RecordingCode::from_random(core::array::from_fn(|at| at as u8 * 7))
}

fn sealer(owners: RecordingOwners, share: Option<&Share>) -> Sealer {
    Sealer::new(owners, code().key(), share, BEGUN, &[9; 32]).unwrap()
}

/// Head and sealed content of a chunk.
fn split(chunk: &[u8]) -> (ChunkHead, &[u8]) {
    let (head, sealed) = chunk.split_first_chunk().unwrap();
    let head = ChunkHead::parse(head).unwrap();
    assert_eq!(head.length_bytes, sealed.len());
    (head, sealed)
}

#[test]
fn a_code_is_read_as_people_write_it() {
    let text = code().to_string();
    assert_eq!(text.len(), 32 + 7, "{text}");
    for form in [text.clone(), text.to_lowercase(), text.replace('-', " "), text.replace('0', "o").replace('1', "l")] {
        assert_eq!(RecordingCode::parse(&form), Ok(code()), "{form}");
    }
    assert_eq!(RecordingCode::parse(""), Err(CodeError::Length));
    assert_eq!(RecordingCode::parse(&text[1..]), Err(CodeError::Length));
    assert_eq!(RecordingCode::parse(&format!("{text}0")), Err(CodeError::Length));
    assert_eq!(RecordingCode::parse(&text.replace('-', "ä")), Err(CodeError::Character));
}

#[test]
fn a_mistyped_character_is_noticed() {
    let text = code().to_string();
    for (at, character) in text.char_indices().filter(|(_, character)| *character != '-') {
        let other = if character == 'Z' { "Y" } else { "Z" };
        let mut mistyped = text.clone();
        mistyped.replace_range(at..at + 1, other);
        assert_eq!(RecordingCode::parse(&mistyped), Err(CodeError::Check), "{mistyped}");
    }
}

#[test]
fn the_code_never_shows_in_debug_output() {
    assert_eq!(format!("{:?}", code()), "RecordingCode");
}

#[test]
fn what_was_sealed_opens_with_the_code_and_nothing_else() {
    let mut sealer = sealer(RecordingOwners::Shower, None);
    let header = FileHeader::parse(&sealer.header().bytes()).unwrap();
    assert_eq!(header, *sealer.header());
    let first = sealer.seal(ChunkKind::About, 0, b"about").unwrap();
    let second = sealer.seal(ChunkKind::Whole, 40, b"picture").unwrap();
    let opener = Opener::new(&header, &code(), None).unwrap();
    let (head, sealed) = split(&second);
    assert_eq!((head.kind, head.at_ms), (ChunkKind::Whole, 40));
    assert_eq!(opener.open(1, head, sealed).unwrap(), b"picture");
    let (head, sealed) = split(&first);
    assert_eq!(opener.open(0, head, sealed).unwrap(), b"about");
    assert!(!first.windows(5).any(|part| part == b"about"));
    let other = RecordingCode::from_random([1; 16]);
    assert_eq!(Opener::new(&header, &other, None).map(drop), Err(OpenError::WrongCode));
}

#[test]
fn one_that_both_own_opens_only_with_the_share_it_was_made_with() {
    let share = Share([5; 32]);
    let made_without = Sealer::new(RecordingOwners::Both, code().key(), None, BEGUN, &[9; 32]);
    assert_eq!(made_without.map(drop), Err(OpenError::WrongShare));
    let mut sealer = sealer(RecordingOwners::Both, Some(&share));
    let header = *sealer.header();
    let chunk = sealer.seal(ChunkKind::About, 0, b"about").unwrap();
    let (head, sealed) = split(&chunk);
    assert_eq!(Opener::new(&header, &code(), None).map(drop), Err(OpenError::WrongShare));
    let other = Opener::new(&header, &code(), Some(&Share([6; 32]))).unwrap();
    assert_eq!(other.open(0, head, sealed), Err(OpenError::Damaged));
    assert!(Opener::new(&header, &code(), Some(&share)).unwrap().open(0, head, sealed).is_ok());
}

#[test]
fn a_key_without_contribution_is_refused() {
    let made = Sealer::new(RecordingOwners::Shower, RecordingKey([0; 32]), None, BEGUN, &[9; 32]);
    assert_eq!(made.map(drop), Err(OpenError::NoRecording));
}

#[test]
fn every_changed_bit_place_and_kind_is_noticed() {
    let mut sealer = sealer(RecordingOwners::Shower, None);
    let opener = Opener::new(&sealer.header().clone(), &code(), None).unwrap();
    let chunk = sealer.seal(ChunkKind::Changes, 1_000, b"content").unwrap();
    let (head, sealed) = split(&chunk);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(opener.open(0, head, &changed), Err(OpenError::Damaged));
    }
    assert_eq!(opener.open(1, head, sealed), Err(OpenError::Damaged));
    for other in [ChunkHead { kind: ChunkKind::Last, ..head }, ChunkHead { at_ms: 1_001, ..head }] {
        assert_eq!(opener.open(0, other, sealed), Err(OpenError::Damaged));
    }
}

#[test]
fn a_changed_header_opens_nothing() {
    let mut sealer = sealer(RecordingOwners::Shower, None);
    let chunk = sealer.seal(ChunkKind::About, 0, b"about").unwrap();
    let (head, sealed) = split(&chunk);
    let bytes = sealer.header().bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes;
        changed[at] ^= 1;
        let opened = FileHeader::parse(&changed)
            .and_then(|header| Opener::new(&header, &code(), None))
            .and_then(|opener| opener.open(0, head, sealed));
        assert!(opened.is_err(), "byte {at}");
    }
}

proptest! {
    #[test]
    fn any_code_survives_being_written_down(bytes: [u8; 16]) {
        let code = RecordingCode::from_random(bytes);
        prop_assert_eq!(RecordingCode::parse(&code.to_string()), Ok(code));
    }

    #[test]
    fn any_text_is_a_code_or_a_clear_error(text in "\\PC{0,60}") {
        let _ = RecordingCode::parse(&text);
    }

    #[test]
    fn any_bytes_are_a_head_or_damage(head: [u8; CHUNK_HEAD_BYTES]) {
        if let Ok(parsed) = ChunkHead::parse(&head) {
            prop_assert!(parsed.length_bytes <= MAX_CHUNK_BYTES + 16);
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = prop_oneof![
        (1..100_u32, 1..100_u32).prop_map(|(width, height)| Change::Canvas(crate::geometry::Size { width, height })),
        prop::collection::vec(any::<u8>(), 0..50).prop_map(Change::Pixels),
        Just(Change::Nothing),
    ];
    prop::collection::vec((0..1_000_u64, change), 0..20).prop_map(|mut steps| {
        steps.sort_by_key(|(at_ms, _)| *at_ms);
        steps.into_iter().map(|(at_ms, change)| Step { at_ms, change }).collect()
    })
}

proptest! {
    #[test]
    fn steps_come_back_and_no_bytes_break_their_reader(steps in steps(), bytes: Vec<u8>) {
        prop_assert_eq!(decode_steps(&encode_steps(&steps).unwrap()), Ok(steps));
        let _ = decode_steps(&bytes);
        let _ = About::parse(&bytes);
    }
}

#[test]
fn steps_that_go_back_in_time_are_refused() {
    let step = |at_ms| Step { at_ms, change: Change::Nothing };
    assert!(decode_steps(&encode_steps(&alloc::vec![step(2), step(1)]).unwrap()).is_err());
}
