//! Every message and every value inside messages, byte for byte.
//!
//! Two programs of different versions talk to each other, so a change of these
//! bytes is a change of the protocol: it needs a new
//! `wire::PROTOCOL_VERSION`, not a new golden file.

#[path = "wire_form/turn.rs"]
mod turn;

use bincode::{Decode, Encode};
use ed25519_dalek::SigningKey;
use mitblick_protocol::{
    appointment::{Booking, NotBooked, Window},
    ask::{AskAnswer, AskNumber, AskText},
    broker_msg::{
        AttemptOutcome, FromBroker, NumberEnd, PairEnd, Password, PasswordRule, Refusal, ResumeTicket, SignInRefusal,
        ToBroker,
    },
    card::Card,
    chat::{ChatMsg, ChatNumber, ChatText},
    clipboard::{ClipText, ClipWays, ClipboardMsg, OfferNumber},
    geometry::{Point, Rect, Size},
    handshake::Suite,
    image::ImageHash,
    input::{Button, InputEvent, InputRefusal, Key, NamedKey},
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShowingNumber},
    number::Routing,
    peer_msg::{
        ControlEnd, ControlState, CursorImage, EndReason, Frame, FrameNumber, GrantId, PointerPlace, RecordingEnd,
        RecordingState, Scene, SharingState, Surface, SurfaceId, SurfaceState, ToShower, ToWatcher, TurnEnd,
    },
    policy::{
        AppointmentRule, ClipboardRule, CompanyTexts, ControlRule, FileLimits, Limits, Minutes, Policy, RatingRule,
        RecordingRule, SignedPolicy, TurnRule,
    },
    rating::{Grade, Rating, RatingTicket, Solved},
    receipt::{
        Begun, Commitment, Countersignature, Entry, Fact, FileFact, Opening, Party, ReceiptKey, SessionBinding,
        Setting, Side, ToKeeper, ToWitness,
    },
    recording::{RecordingKey, RecordingOwners},
    talk::TalkMsg,
    text::DisplayText,
    transfer::{
        FileId, FileKind, FileKinds, FileNumber, FileRange, GivingUp, OfferNumber as FileOffer, OfferedFile, PathPart,
        Sha256, TransferMsg, Withdrawal,
    },
    wire::{self, WireError},
    workplace::{WorkplaceKey, WorkplaceProof},
};
use std::{fmt::Debug, fmt::Write};

const GOLDEN: &str = include_str!("golden/messages.txt");
const LIMIT: usize = wire::MAX_CONTROL_MESSAGE_BYTES;

/// Writes each value as a line and checks that it comes back; then that the
/// list is whole: the variant after the last one must not exist.
fn all<T: Encode + Decode<()> + PartialEq + Debug>(name: &str, values: &[T], out: &mut String) {
    let mut variants = std::collections::BTreeSet::new();
    for value in values {
        let bytes = wire::encode(value).unwrap();
        assert_eq!(wire::decode::<T, LIMIT>(&bytes).as_ref(), Ok(value));
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(wire::decode::<T, LIMIT>(&longer), Err(WireError::Trailing(1)), "{value:?}");
        for length in 0..bytes.len() {
            assert_eq!(wire::decode::<T, LIMIT>(&bytes[..length]), Err(WireError::Malformed), "{value:?}");
        }
        variants.insert(bytes[0]);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(out, "{name} {hex}").unwrap();
    }
    let count = variants.len();
    assert!(variants.iter().copied().eq(0..count as u8), "{name}: a variant is missing");
    let mut unknown = vec![0; 200];
    unknown[0] = count as u8;
    assert_eq!(wire::decode::<T, LIMIT>(&unknown), Err(WireError::Malformed), "{name}: a variant is missing");
}

fn text(text: &str) -> DisplayText {
    DisplayText::cleaned(text)
}

fn routing() -> Routing {
    Routing::new(4829).unwrap()
}

fn card() -> Card {
    let [organisation, advisor] = ["Muster", "Anna"].map(text);
    Card {
        organisation,
        advisor,
        portrait: Some(ImageHash([0x96; 32])),
        routing: routing(),
        expires_unix_s: 1_800_000_000,
        signature: [0xa5; 64],
    }
}

fn policy() -> Policy {
    let [greeting_de, greeting_en, telephone] = ["Guten Tag", "Hello", "030 1234"].map(text);
    let limits = Limits {
        modern_suite: true,
        control: ControlRule::Allowed { longest: Minutes::new(15) },
        longest_session: Minutes::new(300),
        clipboard: ClipboardRule::OneByOne,
        files: FileLimits {
            to_customer: FileKinds::ALL.without(FileKind::Program),
            to_advisor: FileKinds::NONE.with(FileKind::Document),
        },
        recording: RecordingRule::Allowed,
        turn: TurnRule::Forbidden,
        rating: RatingRule::NotAsked,
        appointments: AppointmentRule::Forbidden,
    };
    Policy {
        serial: 3,
        limits,
        texts: CompanyTexts { greeting_de, greeting_en, telephone, logo: Some(ImageHash([0x69; 32])) },
    }
}

fn booking() -> Booking {
    Booking { routing: routing(), window: Window::new(1_800_000_000, 1_800_003_600).unwrap() }
}

fn broker_messages(out: &mut String) {
    use ToBroker::{
        Attempt, Book, CancelBooking, ChangePassword, CloseNumber, Code, EndPair, Enter, Join, ListBookings,
        OpenBooked, OpenNumber, Pong, Rate, SignIn, WantImage, Workplace,
    };
    let outcomes = [AttemptOutcome::Confirmed, AttemptOutcome::Burned, AttemptOutcome::Unproven];
    let numbers = [NumberEnd::Expired, NumberEnd::TooManyAttempts, NumberEnd::Closed, NumberEnd::Burned];
    let pairs = [
        PairEnd::PeerLeft,
        PairEnd::PeerLost,
        PairEnd::Rejected,
        PairEnd::PeerStalled,
        PairEnd::BrokerStops,
        PairEnd::Withdrawn,
    ];
    let refusals = [
        Refusal::NotSignedIn,
        Refusal::WrongState,
        Refusal::NoNumberFree,
        Refusal::TooMany,
        Refusal::OutOfOrder,
        Refusal::Stopping,
    ];
    all("AttemptOutcome", &outcomes, out);
    all("NumberEnd", &numbers, out);
    all("PairEnd", &pairs, out);
    all("Refusal", &refusals, out);
    let sign_in_refusals = [
        SignInRefusal::MustChangePassword,
        SignInRefusal::InitialPasswordExpired,
        SignInRefusal::NotAnAdvisor,
        SignInRefusal::PasswordChanged,
        SignInRefusal::Blocked,
        SignInRefusal::WorkplaceUnproven,
        SignInRefusal::WorkplaceRefused,
        SignInRefusal::TooManyWorkplaces,
    ];
    let password_rules = [
        PasswordRule::TooShort { at_least: 15 },
        PasswordRule::TooLong { at_most: 128 },
        PasswordRule::ContainsName,
        PasswordRule::UsedBefore,
        PasswordRule::Common,
    ];
    all("SignInRefusal", &sign_in_refusals, out);
    all("PasswordRule", &password_rules, out);
    let sign_in = SignIn { name: "anna".into(), password: Password("geheim".into()) };
    let join = Join { routing: routing() };
    let [present, new] = ["alt", "neu"].map(|text| Password(text.into()));
    let change = ChangePassword { name: "anna".into(), present, new };
    let proof = WorkplaceProof { key: WorkplaceKey([0x3c; 32]), name: text("empfang"), signature: [0xc3; 64] };
    let to_broker = [
        sign_in,
        OpenNumber,
        CloseNumber,
        join,
        Attempt(outcomes[1]),
        EndPair,
        Pong,
        change,
        Workplace(proof),
        Code(Password("123456".into())),
        Enter { take_over: true },
        ToBroker::Resume(ResumeTicket(vec![7, 8])),
        WantImage { hash: ImageHash([0x96; 32]), part: 4 },
        Rate { ticket: RatingTicket([0x51; 16]), rating: Rating::Solved(Solved::Partly) },
        Rate { ticket: RatingTicket([0x51; 16]), rating: Rating::Grade(Grade::ALL[3]) },
        Book { window: booking().window },
        CancelBooking(routing()),
        ListBookings,
        OpenBooked(routing()),
    ];
    let not_booked = [
        NotBooked::Forbidden,
        NotBooked::OutOfTime,
        NotBooked::TooMany,
        NotBooked::NoNumberFree,
        NotBooked::OutOfOrder,
    ];
    all("NotBooked", &not_booked, out);
    all("Solved", &Solved::ALL, out);
    all("ToBroker", &to_broker, out);
    let rules = SignedPolicy::sign(&SigningKey::from_bytes(&[7; 32]), &policy());
    all("ControlRule", &[policy().limits.control, ControlRule::Forbidden], out);
    let from_broker = [
        FromBroker::Welcome {
            version: wire::PROTOCOL_VERSION,
            organisation: text("Muster"),
            card_key: [0x5a; 32],
            rules: rules.clone(),
        },
        FromBroker::SignedIn { advisor: text("Anna") },
        FromBroker::SignInFailed { retry_after_s: 300, tries_left: 4 },
        FromBroker::NumberOpened { routing: routing(), life_s: 900, card: card() },
        FromBroker::NumberClosed(numbers[3]),
        FromBroker::Joined,
        FromBroker::Paired,
        FromBroker::JoinFailed,
        FromBroker::JoinLimited { retry_after_s: 60 },
        FromBroker::PairEnded(pairs[2]),
        FromBroker::Refused(refusals[5]),
        FromBroker::Ping,
        FromBroker::Restarting { reconnect_in_ms: 2_000, try_for_ms: 120_000 },
        FromBroker::SignInRefused(sign_in_refusals[2]),
        FromBroker::PasswordRefused(password_rules[0]),
        FromBroker::CodeWanted,
        FromBroker::WorkplaceWaits { code: 42_917, name: text("empfang") },
        FromBroker::WorkplaceDecided,
        FromBroker::SignedInElsewhere { workplace: text("lager"), in_session: true },
        FromBroker::TakenOver { workplace: text("lager") },
        FromBroker::SignedOut,
        FromBroker::Rules(rules),
        FromBroker::SessionTicket { ticket: ResumeTicket(vec![7, 8]), window_s: 120 },
        FromBroker::Resumed,
        FromBroker::ResumeFailed,
        FromBroker::ImagePart { hash: ImageHash([0x96; 32]), part: 4, bytes: vec![1, 2, 3] },
        FromBroker::NoImage { hash: ImageHash([0x96; 32]) },
        FromBroker::RatingTicket { ticket: RatingTicket([0x51; 16]), window_s: 600 },
        FromBroker::RatingTaken,
        FromBroker::RatingRefused,
        FromBroker::Booked(booking()),
        FromBroker::NotBooked(not_booked[2]),
        FromBroker::Bookings(vec![booking(); 2]),
        FromBroker::NoBooking(routing()),
        FromBroker::NotYet { routing: routing(), wait_s: 300 },
        FromBroker::JoinWaits,
        FromBroker::CustomerWaits { routing: routing(), waits: true },
    ];
    all("FromBroker", &from_broker, out);
}

fn input_values(out: &mut String) -> Vec<InputEvent> {
    let buttons = [Button::Left, Button::Middle, Button::Right, Button::Back, Button::Forward];
    use NamedKey::{
        AltGraph, AltLeft, ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Backspace, ControlLeft, Delete, End, Enter,
        Escape, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, Home, Insert, Menu, PageDown, PageUp, ShiftLeft, Tab,
    };
    let named = [
        Enter,
        Tab,
        Backspace,
        Delete,
        Insert,
        Escape,
        Home,
        End,
        PageUp,
        PageDown,
        ArrowUp,
        ArrowDown,
        ArrowLeft,
        ArrowRight,
        ShiftLeft,
        ControlLeft,
        AltLeft,
        AltGraph,
        Menu,
        F1,
        F2,
        F3,
        F4,
        F5,
        F6,
        F7,
        F8,
        F9,
        F10,
        F11,
    ];
    let refusals = [
        InputRefusal::NoGrant,
        InputRefusal::OutsideSharedWindows,
        InputRefusal::FocusNotShared,
        InputRefusal::NoKeyForCharacter,
        InputRefusal::SystemShortcut,
        InputRefusal::LocalInputWins,
    ];
    all("Button", &buttons, out);
    all("NamedKey", &named, out);
    all("InputRefusal", &refusals, out);
    all("Key", &[Key::Character('€'), Key::Named(F11)], out);
    let (surface, x, y) = (SurfaceId(300), -7, 1_000);
    let events = vec![
        InputEvent::PointerMove { surface, x, y },
        InputEvent::PointerButton { surface, x, y, button: Button::Right, pressed: true },
        InputEvent::Scroll { surface, x, y, right: 0, down: -1 },
        InputEvent::Key { key: Key::Character('ß'), pressed: false },
        InputEvent::ReleaseAll,
    ];
    all("InputEvent", &events, out);
    events
}

fn frame() -> Frame {
    let surface = Surface {
        id: SurfaceId(2),
        rect: Rect::new(-8, 30, 640, 480),
        state: SurfaceState::Shown,
        parent: Some(SurfaceId(1)),
        title: text("Übersicht"),
    };
    Frame {
        number: FrameNumber(70_000),
        scene: Some(Scene { desktop: Size { width: 1_920, height: 1_080 }, surfaces: vec![surface] }),
        pointer: Some(Some(PointerPlace { surface: SurfaceId(2), at: Point { x: 3, y: -4 } })),
        cursor: Some(CursorImage {
            size: Size { width: 2, height: 1 },
            hot_spot: Point { x: 1, y: 0 },
            pixels: vec![0xff00_0000, 0x8012_3456],
        }),
        round_trip_ms: Some(412),
        pixels: vec![1, 2, 3],
    }
}

fn marks() -> Vec<Mark> {
    let at = |x, y| Point { x, y };
    let shapes = [
        MarkShape::Arrow { from: at(1, 2), to: at(300, -4) },
        MarkShape::Ellipse(Rect::new(-8, 30, 640, 480)),
        MarkShape::Line(vec![at(1, 1), at(2, 2)]),
        MarkShape::Text { at: at(5, 6), text: text("hier, bitte") },
        MarkShape::Step { at: at(7, 8), number: 3 },
    ];
    let mark =
        |shape| Mark { id: MarkId(9), surface: SurfaceId(2), shape, colour: MarkColour::Amber, life: MarkLife::Stays };
    shapes.map(mark).into()
}

fn peer_messages(out: &mut String) {
    let events = input_values(out);
    let ends = [
        ControlEnd::StopKey,
        ControlEnd::TakenBack,
        ControlEnd::TimeOver,
        ControlEnd::SharingChanged,
        ControlEnd::GivenBack,
        ControlEnd::NotAvailable,
        ControlEnd::Forbidden,
        ControlEnd::LinkLost,
    ];
    let reasons = [
        EndReason::ByPerson,
        EndReason::ProgramClosed,
        EndReason::Misbehaved,
        EndReason::Broken,
        EndReason::TimeOver,
        EndReason::Declined,
    ];
    let sharing = [SharingState::Choosing, SharingState::Showing, SharingState::Paused];
    let surfaces = [SurfaceState::Shown, SurfaceState::Minimised, SurfaceState::Unavailable];
    let controls = [
        ControlState::None,
        ControlState::Asked,
        ControlState::Granted { grant: GrantId(1), remaining_s: Some(900) },
        ControlState::Granted { grant: GrantId(2), remaining_s: None },
        ControlState::Refused,
        ControlState::Ended(ControlEnd::TimeOver),
    ];
    all("ControlEnd", &ends, out);
    all("EndReason", &reasons, out);
    all("SharingState", &sharing, out);
    all("SurfaceState", &surfaces, out);
    all("ControlState", &controls, out);
    let number = FrameNumber(1);
    let to_watcher = [
        ToWatcher::Hello { version: text("0.1.0") },
        ToWatcher::Sharing(sharing[1]),
        ToWatcher::Frame(frame()),
        ToWatcher::Frame(Frame {
            number,
            scene: None,
            pointer: Some(None),
            cursor: None,
            round_trip_ms: None,
            pixels: vec![],
        }),
        ToWatcher::Control(controls[2]),
        ToWatcher::InputRefused { reason: InputRefusal::FocusNotShared, events: 251 },
        ToWatcher::End(reasons[3]),
        ToWatcher::EndsSoon { remaining_s: 300 },
        ToWatcher::Receipt(ToWitness::Entry(Entry { unix_ms: 1_800_000_000_250, fact: Fact::Paused })),
        ToWatcher::FreshFrame(frame()),
        ToWatcher::Pointing { allowed: false },
        ToWatcher::MarksCleared { up_to: MarkId(300) },
        ToWatcher::PointsOut(true),
        ToWatcher::AskAnswered { number: AskNumber(2), answer: AskAnswer::Refused },
        ToWatcher::Recording(RecordingState::None),
        ToWatcher::Recording(RecordingState::Asked),
        ToWatcher::Recording(RecordingState::Granted { owners: RecordingOwners::Both, key: RecordingKey([0x5a; 32]) }),
        ToWatcher::Recording(RecordingState::Refused),
        ToWatcher::Recording(RecordingState::Ended(RecordingEnd::Broken)),
    ];
    all("ToWatcher", &[&to_watcher[..], &turn::to_watcher()].concat(), out);
    let to_shower = [
        ToShower::Hello { version: text("0.1.0") },
        ToShower::FrameShown { number: FrameNumber(70_000), held_ms: 250 },
        ToShower::RequestControl,
        ToShower::DecodesVideo(true),
        ToShower::GiveBackControl,
        ToShower::Input { grant: GrantId(7), event: events[0] },
        ToShower::End(reasons[0]),
        ToShower::Receipt(ToKeeper::Key(party())),
        ToShower::Point {
            showing: ShowingNumber(1),
            at: Some(PointerPlace { surface: SurfaceId(2), at: Point { x: 3, y: -4 } }),
        },
        ToShower::Point { showing: ShowingNumber(1), at: None },
        ToShower::Mark { showing: ShowingNumber(2), mark: marks().remove(0) },
        ToShower::ClearMarks,
        ToShower::AskToShow { number: AskNumber(2), text: Some(AskText::new("Ihr Postfach, bitte").unwrap()) },
        ToShower::AskToShow { number: AskNumber(2), text: None },
        ToShower::RequestRecording,
        ToShower::StopRecording { broken: true },
    ];
    all("ToShower", &[&to_shower[..], &turn::to_shower()].concat(), out);
    let ends = [TurnEnd::TakenBack, TurnEnd::GivenBack, TurnEnd::Broken, TurnEnd::Forbidden, TurnEnd::LinkLost];
    all("TurnEnd", &ends, out);
    all("AskAnswer", &[AskAnswer::Shown, AskAnswer::Refused], out);
    all("MarkColour", &MarkColour::ALL, out);
    all("MarkLife", &[MarkLife::Fades, MarkLife::Stays], out);
    let shapes: Vec<MarkShape> = marks().into_iter().map(|mark| mark.shape).collect();
    all("MarkShape", &shapes, out);
    let chat = [
        ChatMsg::Said { number: ChatNumber(1), text: ChatText::new("Grüß Gott\n4711").unwrap() },
        ChatMsg::Delivered(ChatNumber(300)),
        ChatMsg::Seen(ChatNumber(300)),
        ChatMsg::Have { delivered: ChatNumber(3), seen: ChatNumber(2) },
    ];
    all("ChatMsg", &chat, out);
    let clip = ClipText::new("kopiert").unwrap();
    let clipboard = [
        ClipboardMsg::Offer { number: OfferNumber(1), text: clip.clone() },
        ClipboardMsg::Answer { number: OfferNumber(1), taken: true },
        ClipboardMsg::Withdraw(OfferNumber(2)),
        ClipboardMsg::Allow(ClipWays { to_watcher: true, to_shower: false }),
        ClipboardMsg::Copied(clip),
    ];
    all("ClipboardMsg", &clipboard, out);
    let talk = [TalkMsg::Chat(chat[1].clone()), TalkMsg::Clipboard(clipboard[2].clone())];
    all("TalkMsg", &talk, out);
    transfers(out);
    receipt(out);
}

fn party() -> Party {
    Party { key: ReceiptKey([0x1e; 32]), version: text("0.1.0") }
}

fn receipt(out: &mut String) {
    let file = FileFact { from: Side::Witness, name: text("Plan.pdf"), bytes: 70_000, sha256: [0x4d; 32] };
    let facts = [
        Fact::Showing(Commitment([0x2f; 32])),
        Fact::Paused,
        Fact::Hidden,
        Fact::ControlAsked,
        Fact::ControlGranted { limit_s: Some(900) },
        Fact::ControlRefused,
        Fact::ControlWithdrawn,
        Fact::ControlEnded(ControlEnd::StopKey),
        Fact::File(file),
        Fact::TooMuch,
        Fact::Interrupted,
        Fact::Resumed,
        Fact::Ended { by: Side::Keeper, reason: EndReason::ByPerson },
        Fact::RecordingAsked,
        Fact::RecordingGranted { owners: RecordingOwners::Shower },
        Fact::RecordingRefused,
        Fact::RecordingWithdrawn,
        Fact::RecordingEnded(RecordingEnd::TakenBack),
        Fact::TurnAsked,
        Fact::TurnGranted,
        Fact::TurnRefused,
        Fact::TurnWithdrawn,
        Fact::TurnEnded(TurnEnd::LinkLost),
        Fact::MoreFiles,
        Fact::MoreTimeAsked,
        Fact::MoreTimeGranted { limit_s: Some(300) },
        Fact::MoreTimeRefused,
        Fact::Clipboard(ClipWays { to_watcher: true, to_shower: false }),
    ];
    all("Fact", &facts, out);
    all("Side", &[Side::Keeper, Side::Witness], out);
    let begun = Begun { unix_ms: 1_800_000_000_250, utc_offset_s: -3_600 };
    let entry = Entry { unix_ms: 1_800_000_000_250, fact: facts[4].clone() };
    all("ToWitness", &[ToWitness::Begin { keeper: party(), begun }, ToWitness::Entry(entry)], out);
    let signed = Countersignature { entries: 300, unix_ms: 1_800_000_000_250, ended: true, signature: [0x6b; 64] };
    all("ToKeeper", &[ToKeeper::Key(party()), ToKeeper::Signed(signed)], out);
    let setting = Setting {
        binding: SessionBinding([0x77; 32]),
        broker: [0x78; 32],
        card_key: [0x5a; 32],
        card: card(),
        suite: Suite::ChaCha20Poly1305,
        check_words: [0, 1, 254, 255],
    };
    let opening = Opening { setting, begun, keeper: party(), witness: Some(party()) };
    let bytes = wire::encode(&opening).unwrap();
    assert_eq!(wire::decode::<Opening, LIMIT>(&bytes), Ok(opening));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(out, "Opening {hex}").unwrap();
}

#[test]
fn every_message_has_its_golden_bytes() {
    let mut written = String::new();
    broker_messages(&mut written);
    peer_messages(&mut written);
    let differs = written.lines().zip(GOLDEN.lines()).position(|(found, golden)| found != golden);
    assert!(written == GOLDEN, "line {:?} differs; all of it:\n{written}", differs.map(|line| line + 1));
}

fn transfers(out: &mut String) {
    all("Withdrawal", &[Withdrawal::ByPerson, Withdrawal::Changed, Withdrawal::Unreadable], out);
    let giving_up =
        [GivingUp::ByPerson, GivingUp::DiskFull, GivingUp::NotPermitted, GivingUp::CantWrite, GivingUp::WrongHash];
    all("GivingUp", &giving_up, out);
    let (offer, file) = (FileOffer(3), FileNumber(300));
    let id = FileId { offer, file };
    let listed =
        |path: &[&str], bytes| OfferedFile { path: path.iter().map(|part| PathPart::new(part)).collect(), bytes };
    let sha256 = Sha256([0xa5; 32]);
    let messages = [
        TransferMsg::Offer {
            offer,
            files: 3,
            list: vec![listed(&["Brief.pdf"], 812_345), listed(&["Fotos", "ä.jpg"], 0)],
        },
        TransferMsg::More { offer, list: vec![listed(&["x"], 1)] },
        TransferMsg::Answer { offer, accepted: vec![FileRange { first: 0, count: 2 }] },
        TransferMsg::Piece { file: id, offset: 1 << 33, bytes: vec![1, 2, 3] },
        TransferMsg::Whole { file: id, sha256 },
        TransferMsg::Done { file: id, sha256 },
        TransferMsg::Withdraw { offer, file: Some(file), why: Withdrawal::Changed },
        TransferMsg::GiveUp { offer, file: None, why: GivingUp::DiskFull },
        TransferMsg::Hold { offer, paused: true },
        TransferMsg::HoldYours { offer, paused: false },
        TransferMsg::Taken(300),
        TransferMsg::Resume(70_000),
    ];
    all("TransferMsg", &messages, out);
}

#[test]
fn a_claimed_length_costs_nothing_before_its_bytes_are_there() {
    // A frame that claims 2^60 pixels of payload, or surfaces, in a few bytes.
    let claim = [&[253][..], &(1_u64 << 60).to_be_bytes()].concat();
    let payload = [&[2, 1, 0, 0, 0, 0][..], &claim].concat();
    let surfaces = [&[2, 1, 1, 0, 0][..], &claim].concat();
    for message in [payload, surfaces] {
        let decoded = wire::decode::<ToWatcher, { wire::MAX_PICTURE_MESSAGE_BYTES }>(&message);
        assert_eq!(decoded, Err(WireError::Malformed));
    }
}

#[test]
fn a_message_over_its_limit_is_refused_unread() {
    let bytes = vec![0; wire::MAX_BROKER_MESSAGE_BYTES + 1];
    let decoded = wire::decode::<ToBroker, { wire::MAX_BROKER_MESSAGE_BYTES }>(&bytes);
    let (length, limit) = (wire::MAX_BROKER_MESSAGE_BYTES + 1, wire::MAX_BROKER_MESSAGE_BYTES);
    assert_eq!(decoded, Err(WireError::TooLong { length, limit }));
}
