//! One body for each parser of bytes from outside: takes anything, must never
//! panic, and asserts what always holds. Run by the fuzzer (`fuzz/`) without
//! end, and by the test `parsers` over the committed corpus.

use mitblick_protocol::{
    broker_msg::{FromBroker, ToBroker},
    card::Card,
    chat::{Chat, MAX_CHAT_LINES, visible},
    clipboard::{Clipboard, ClipboardEffect, Role},
    framing::{FrameReader, write_frame},
    geometry::{Rect, Size},
    handshake::{
        AdvisorStart, AwaitConfirm, AwaitOffer, AwaitProof, AwaitShare, AwaitSuite, BrokerIdentity, Context,
        CustomerStart, Offer, Suite,
    },
    image::{Gathering, Image, ImageHash, ImageKind, part_of},
    marks::MAX_MARKS,
    number::{Routing, SecretPart, SessionNumber},
    peer_msg::{Frame, FrameNumber, Scene, SharingState, Surface, SurfaceId, SurfaceState, ToShower, ToWatcher},
    policy::{ClipboardRule, Limits, SignedPolicy},
    receipt::{Begun, Fact, Keeper, ReceiptSecret, SessionBinding, Setting, ToKeeper, ToWitness, Witness},
    recording::{
        About, ChunkHead, FILE_HEADER_BYTES, FileHeader, MAX_CHUNK_BYTES, RecordingCode, decode_steps, encode_steps,
    },
    sealed::{Direction, Opener, Sealer, Stream, TrafficKeys, TrafficSecret},
    session::{ApplicationId, ShowerEffect, ShowerSession, ShowerTurn, ViewSelection, WatcherEffect, WatcherSession},
    talk::TalkMsg,
    text::DisplayText,
    time::Moment,
    transfer::{
        FileKinds, FileNumber, FileState, OfferedFile, PathPart, Sha256, TransferEffect, TransferMsg, Transfers, Way,
    },
    wire,
};
use std::sync::OnceLock;

/// A parser under test.
pub(crate) type Body = fn(&[u8]);

/// All of them, by the name of their fuzz target and corpus folder.
#[allow(dead_code, reason = "a fuzz target runs one of them")]
pub(crate) const ALL: [(&str, Body); 14] = [
    ("number", number),
    ("frame_reader", frame_reader),
    ("broker_messages", broker_messages),
    ("peer_messages", peer_messages),
    ("handshake", handshake),
    ("record", record),
    ("card", card),
    ("session", session),
    ("chat", chat),
    ("recording", recording),
    ("image", image),
    ("receipt", receipt),
    ("transfer", transfer),
    ("pointing", pointing),
];

/// A session number as typed.
pub(crate) fn number(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(number) = text.parse::<SessionNumber>() {
        let again: SessionNumber = number.to_string().parse().expect("what is shown can be typed");
        assert!(again == number);
        assert_eq!(number.spoken_digits().count(), 10);
    }
}

/// Frames between a program and the broker. The first byte says in what pieces
/// the rest arrives.
pub(crate) fn frame_reader(data: &[u8]) {
    let Some((piece, stream)) = data.split_first() else { return };
    let mut reader = FrameReader::new();
    let mut rewritten = Vec::new();
    for bytes in stream.chunks(usize::from(*piece) + 1) {
        reader.push(bytes);
        loop {
            match reader.next_frame() {
                Ok(Some((kind, body))) => write_frame(kind, body, &mut rewritten).expect("read, so it can be written"),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
    assert!(stream.starts_with(&rewritten));
}

/// What decodes can be encoded, and decodes to the same again.
fn round_trip<T: bincode::Encode + bincode::Decode<()> + PartialEq, const LIMIT: usize>(data: &[u8]) -> Option<T> {
    let message = wire::decode::<T, LIMIT>(data).ok()?;
    let bytes = wire::encode(&message).expect("decoded, so it can be encoded");
    assert!(bytes.len() <= data.len(), "the shortest form is ours");
    assert!(wire::decode::<T, LIMIT>(&bytes).is_ok_and(|again| again == message));
    Some(message)
}

/// Messages to and from the broker.
pub(crate) fn broker_messages(data: &[u8]) {
    round_trip::<ToBroker, { wire::MAX_BROKER_MESSAGE_BYTES }>(data);
    let message = round_trip::<FromBroker, { wire::MAX_BROKER_MESSAGE_BYTES }>(data);
    if let Some(FromBroker::Welcome { rules, .. } | FromBroker::Rules(rules)) = message {
        policy(&rules);
    }
}

/// Rules from whoever answers in the broker's place.
fn policy(rules: &SignedPolicy) {
    if let Ok(policy) = rules.verify(&card_key().verifying_key().to_bytes()) {
        let limits = policy.limits;
        assert_eq!(limits.tightened_by(Limits::default()), limits);
    }
}

/// Messages between shower and watcher.
pub(crate) fn peer_messages(data: &[u8]) {
    round_trip::<ToShower, { wire::MAX_CONTROL_MESSAGE_BYTES }>(data);
    // The pictures of a turn.
    round_trip::<ToShower, { wire::MAX_PICTURE_MESSAGE_BYTES }>(data);
    round_trip::<ToWatcher, { wire::MAX_PICTURE_MESSAGE_BYTES }>(data);
}

/// An advisor's card from a peer that does not have the broker's key.
pub(crate) fn card(data: &[u8]) {
    if let Some(card) = round_trip::<Card, { wire::MAX_CARD_BYTES }>(data) {
        // The committed corpus has cards with good signatures by this key.
        let result = card.verify(&card_key().verifying_key().to_bytes(), card.routing, 0);
        assert!(result.is_err() || card.signature != [0; 64]);
    }
}

/// A portrait's or a logo's bytes, whole and in parts; the first byte says which
/// of the two, and in what parts a broker that is none of ours sends it.
pub(crate) fn image(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    let kind = if how & 1 == 0 { ImageKind::Logo } else { ImageKind::Portrait };
    let whole = Image::decode(kind, bytes).ok();
    if let Some(image) = &whole {
        let (width_px, height_px) = image.size_px();
        assert_eq!(image.rgba().count(), usize::from(width_px) * usize::from(height_px));
        assert_eq!(image.encode(), bytes);
    }
    let hash = ImageHash::of(bytes);
    let mut honest = Gathering::new(kind, hash);
    let parts = (0..).map_while(|part| part_of(bytes, part).map(|bytes| (part, bytes)));
    let gathered = parts.map(|(part, bytes)| honest.take(part, bytes)).find_map(Result::transpose);
    assert_eq!(gathered.and_then(Result::ok), whole, "in parts it is the same");
    let mut other = Gathering::new(kind, hash);
    for (part, bytes) in bytes.chunks(usize::from(*how) * 64 + 1).enumerate() {
        match other.take(part as u16, bytes) {
            Ok(None) => {}
            Ok(image) => return assert_eq!(image, whole),
            Err(_) => return,
        }
    }
}

/// A session machine each, fed with messages: length (one byte), message. Both
/// persons want whatever turn is asked for or allowed, and in it a window is
/// shown.
pub(crate) fn session(data: &[u8]) {
    let now = Moment::default();
    let (mut shower, mut watcher) = (ShowerSession::new(Limits::default(), now), WatcherSession::new(now));
    let (mut rest, mut frames) = (data, 0);
    while let Some((length, bytes)) = rest.split_first() {
        let (message, after) = bytes.split_at(usize::from(*length).min(bytes.len()));
        rest = after;
        if let Ok(message) = wire::decode::<ToShower, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message) {
            let _ = shower.handle_message(message, now);
        }
        if let Ok(message) = wire::decode::<ToWatcher, { wire::MAX_PICTURE_MESSAGE_BYTES }>(message) {
            let _ = watcher.handle_message(message, now);
        }
        let _ = shower.allow_turn(now);
        let selection = ViewSelection { applications: [ApplicationId(1)].into() };
        if !watcher.request_turn(now) {
            let _ = watcher.turned_share(selection, now);
        }
        frames += 1;
        let _ = watcher.turned_frame(one_window(frames), false, now);
        let looks = matches!(shower.state().turn, ShowerTurn::Granted { .. });
        assert!(!looks || shower.state().sharing == SharingState::Choosing);
        while let Some(effect) = shower.poll_effect() {
            assert!(looks || !matches!(effect, ShowerEffect::TurnedFrame(_) | ShowerEffect::TurnedFreshFrame(_)));
        }
        let shows = watcher.turned_state().is_some_and(|state| state.sharing == SharingState::Showing);
        let mut marks = None;
        while let Some(effect) = watcher.poll_effect() {
            if let WatcherEffect::TurnedMarks(seen) = effect {
                marks = Some(seen);
            }
        }
        // What the other side draws is seen on that window alone.
        let seen = marks.as_ref().and_then(|seen| seen.claim()).map_or(&[][..], |seen| &seen.marks);
        assert!(seen.iter().all(|mark| shows && mark.surface == SurfaceId(1)));
    }
}

fn one_window(number: u64) -> Frame {
    let (rect, title) = (Rect::new(0, 0, 9, 9), DisplayText::default());
    let surface = Surface { id: SurfaceId(1), rect, state: SurfaceState::Shown, parent: None, title };
    let scene = Some(Scene { desktop: rect.size(), surfaces: vec![surface] });
    let number = FrameNumber(number);
    Frame { number, scene, pointer: None, cursor: None, round_trip_ms: None, pixels: Vec::new() }
}

/// A chat in which something was said, and a clipboard, fed with messages: length (one byte),
/// message.
pub(crate) fn chat(data: &[u8]) {
    let now = Moment::default();
    let (mut chat, mut clipboard) = (Chat::new(now), Clipboard::new(Role::Shower, ClipboardRule::Allowed, now));
    chat.say("hello", now).expect("short enough");
    let mut rest = data;
    while let Some((length, bytes)) = rest.split_first() {
        let (message, after) = bytes.split_at(usize::from(*length).min(bytes.len()));
        rest = after;
        let Some(message) = round_trip::<TalkMsg, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message) else { continue };
        let taken = match message {
            TalkMsg::Chat(message) => chat.handle(message, now),
            TalkMsg::Clipboard(message) => clipboard.handle(message, now),
        };
        if taken.is_err() {
            return;
        }
        while chat.poll_message().is_some() {}
        while let Some(effect) = clipboard.poll_effect() {
            assert!(!matches!(effect, ClipboardEffect::Put(_)), "nothing is put anywhere that nobody let through");
        }
        assert!(chat.lines().count() <= MAX_CHAT_LINES && !visible(&chat.transcript("a", "b")).contains('\0'));
    }
}

/// A recording's file: its beginning, heads, codes and what an opened chunk
/// holds.
pub(crate) fn recording(data: &[u8]) {
    if let Some(Ok(header)) = data.first_chunk().map(FileHeader::parse) {
        assert_eq!(header.bytes(), data[..FILE_HEADER_BYTES]);
    }
    if let Some(Ok(head)) = data.first_chunk().map(ChunkHead::parse) {
        assert!(head.length_bytes <= MAX_CHUNK_BYTES + 16);
    }
    if let Ok(code) = RecordingCode::parse(&String::from_utf8_lossy(data)) {
        assert_eq!(RecordingCode::parse(&code.to_string()), Ok(code));
    }
    if let Ok(about) = About::parse(data) {
        assert_eq!(About::parse(&about.bytes()), Ok(about));
    }
    if let Ok(steps) = decode_steps(data) {
        assert!(steps.is_sorted_by_key(|step| step.at_ms));
        assert_eq!(decode_steps(&encode_steps(&steps).unwrap()), Ok(steps));
    }
}

/// A shower that shows two windows and one that is minimised, fed with messages:
/// length (one byte), message. What is pointed at keeps the limits and lies on
/// what is shown.
pub(crate) fn pointing(data: &[u8]) {
    let now = Moment::default();
    let mut shower = ShowerSession::new(Limits::default(), now);
    let selection = ViewSelection { applications: [ApplicationId(1)].into() };
    let hello = ToShower::Hello { version: DisplayText::cleaned("1") };
    shower.handle_message(hello, now).expect("the first message");
    shower.share(selection, now).expect("something is chosen");
    let surface = |id, state| Surface {
        id: SurfaceId(id),
        rect: Rect::new(0, 0, 100, 100),
        state,
        parent: None,
        title: DisplayText::default(),
    };
    let states = [SurfaceState::Shown, SurfaceState::Shown, SurfaceState::Minimised];
    let surfaces = (1..).zip(states).map(|(id, state)| surface(id, state)).collect();
    shower.scene_sent(&Scene { desktop: Size { width: 100, height: 100 }, surfaces }, now);
    let mut rest = data;
    while let Some((length, bytes)) = rest.split_first() {
        let (message, after) = bytes.split_at(usize::from(*length).min(bytes.len()));
        rest = after;
        let Some(message) = round_trip::<ToShower, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message) else { continue };
        let _ = shower.handle_message(message, now);
        while let Some(effect) = shower.poll_effect() {
            let ShowerEffect::Marks(seen) = effect else { continue };
            let Some(seen) = seen.claim() else { continue };
            assert!(seen.marks.len() <= MAX_MARKS);
            let surfaces = seen.marks.iter().map(|mark| mark.surface).chain(seen.pointer.map(|place| place.surface));
            assert!(surfaces.into_iter().all(|surface| (1..=2).contains(&surface.0)));
            assert!(seen.marks.iter().all(|mark| mark.keeps_limits()));
        }
    }
}

/// Both sides of a receipt, fed with messages: length (one byte), message. What
/// the keeper has written can be kept and checked, whatever came.
pub(crate) fn receipt(data: &[u8]) {
    let [organisation, advisor] = ["Muster GmbH", "Anna Beispiel"].map(DisplayText::cleaned);
    let setting = Setting {
        binding: SessionBinding([1; 32]),
        broker: [2; 32],
        card_key: card_key().verifying_key().to_bytes(),
        card: Card::sign(&card_key(), organisation, advisor, None, context().routing, 2_000),
        suite: Suite::ChaCha20Poly1305,
        check_words: [1, 2, 3, 4],
    };
    let [here, there] = [3, 4].map(|byte| ReceiptSecret::from_bytes(&[byte; 32]));
    let begun = Begun { unix_ms: 1_000, utc_offset_s: 0 };
    let (mut keeper, mut witness) = (Keeper::new(here, setting.clone(), begun), Witness::new(there, setting));
    let mut rest = data;
    while let Some((length, bytes)) = rest.split_first() {
        let (message, after) = bytes.split_at(usize::from(*length).min(bytes.len()));
        rest = after;
        keeper.note(Fact::Paused, 2_000);
        if let Some(message) = round_trip::<ToKeeper, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message) {
            let _ = keeper.handle(message);
        }
        if let Some(message) = round_trip::<ToWitness, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message) {
            let _ = witness.handle(message, 3_000);
        }
        if let Some(message) = round_trip::<ToWatcher, { wire::MAX_PICTURE_MESSAGE_BYTES }>(message) {
            let _ = witness.told(&message);
        }
        while keeper.poll_message().is_some() {}
        while witness.poll_message().is_some() {}
    }
    let kept = keeper.sign([5; 32]);
    assert!(kept.check(&[5; 32]).is_ok() && kept.check(&[6; 32]).is_err());
}

/// Files: a side that has offered two, and whose person wants the first file of
/// every offer, fed with messages: length (two bytes), message.
pub(crate) fn transfer(data: &[u8]) {
    let now = Moment::default();
    let mut side = Transfers::new(FileKinds::ALL, FileKinds::ALL, now);
    let mine = |name: &str, bytes| OfferedFile { path: vec![PathPart::new(name)], bytes };
    side.offer(vec![mine("a.txt", 10), mine("b.txt", 0)], now).expect("two small files");
    assert!(side.poll_message(now).is_some(), "the list");
    let mut rest = data;
    while let Some((length, bytes)) = rest.split_first_chunk::<2>() {
        let (message, after) = bytes.split_at(usize::from(u16::from_be_bytes(*length)).min(bytes.len()));
        rest = after;
        let Some(message) = round_trip::<TransferMsg, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message) else { continue };
        if side.handle(message, now).is_err() {
            return;
        }
        while let Some(effect) = side.poll_effect() {
            match effect {
                TransferEffect::Asked(offer) => assert!(side.accept(offer, &|place| place == 0)),
                TransferEffect::Write { file, .. } => {
                    assert_eq!(file.file, FileNumber(0), "only what somebody wants");
                    side.wrote(Ok(()));
                }
                TransferEffect::Finish { file, sha256 } => side.finished(file, Ok(sha256)),
                TransferEffect::Read { file, offset, bytes, last } => {
                    side.read(file, offset, vec![0; bytes as usize], last.then_some(Sha256([1; 32])));
                }
                TransferEffect::CloseSource(_)
                | TransferEffect::Discard(_)
                | TransferEffect::Over(..)
                | TransferEffect::Changed => {}
            }
        }
        while side.has_message() {
            assert!(side.poll_message(now).is_some());
        }
        for offer in side.offers().filter(|offer| offer.way == Way::In) {
            for file in &offer.files {
                let path = file.offered.safe_path();
                assert!(path.iter().all(|part| !part.contains(['/', '\\', '\0']) && part != ".."));
                if let FileState::Moving(bytes) = file.state {
                    assert!(bytes <= file.offered.bytes);
                }
            }
        }
    }
}

fn card_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[7; 32])
}

fn entropy(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut state = u64::from(seed) + 1;
    move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}

fn context() -> Context {
    let routing = Routing::new(4829).expect("below 10 000");
    Context { broker: BrokerIdentity([0xb0; 32]), routing }
}

fn secret() -> SecretPart {
    SecretPart::draw(&mut |bytes| bytes.copy_from_slice(&15_730_u32.to_be_bytes()))
}

fn advisor() -> (AwaitShare, Vec<u8>) {
    let [organisation, advisor] = ["Muster GmbH", "Anna Beispiel"].map(DisplayText::cleaned);
    let card = Card::sign(&card_key(), organisation, advisor, None, context().routing, 2_000);
    let begun = AdvisorStart::begin(context(), secret(), Offer::default(), card, &mut entropy(1));
    begun.expect("the card is for this number")
}

fn customer() -> AwaitOffer {
    let key = card_key().verifying_key().to_bytes();
    CustomerStart::begin(context(), secret(), Offer::default(), key, 1_000, &mut entropy(2))
}

fn customer_after_m1() -> (AwaitSuite, Vec<u8>) {
    customer().handle(&advisor().1).expect("an honest m1")
}

fn advisor_after_m2() -> (AwaitProof, Vec<u8>) {
    advisor().0.handle(&customer_after_m1().1).expect("an honest m2")
}

fn customer_after_m3() -> (AwaitConfirm, Vec<u8>) {
    customer_after_m1().0.handle(&advisor_after_m2().1).expect("an honest m3")
}

/// m1 to m5 at the state that waits for each: the message's own first byte
/// says which. Only the honest message goes all the way.
pub(crate) fn handshake(data: &[u8]) {
    match data.first() {
        Some(1) => {
            let result = customer().handle(data);
            assert!(result.is_err() || data.len() > 72);
        }
        Some(2) => assert!(advisor().0.handle(data).is_err() || data.len() >= 99),
        Some(3) => assert!(customer_after_m1().0.handle(data).is_err() || data.len() == 35),
        Some(4) => {
            // With this fixed entropy there is one proof, in the corpus.
            let honest = customer_after_m3().1;
            assert_eq!(advisor_after_m2().0.handle(data).is_ok(), data == honest);
        }
        Some(_) => {
            let accepted = customer_after_m3().0.handle(data).is_ok();
            let (_, honest) = advisor_after_m2().0.handle(&customer_after_m3().1).expect("an honest m4");
            assert_eq!(accepted, data == honest);
        }
        None => {}
    }
}

/// The secret of one direction, from one honest handshake.
fn traffic() -> TrafficSecret {
    static SECRET: OnceLock<TrafficSecret> = OnceLock::new();
    let secret = SECRET.get_or_init(|| {
        let established = advisor_after_m2().0.handle(&customer_after_m3().1).expect("an honest m4").0;
        let TrafficKeys { send, .. } = established.keys;
        send
    });
    secret.clone()
}

/// Records. The first byte says: even = the rest is a record; odd = the rest is
/// a list of changes (place, bits) to an honest one. The second bit is the
/// suite.
pub(crate) fn record(data: &[u8]) {
    let Some((how, rest)) = data.split_first() else { return };
    let suite = if how & 2 == 0 { Suite::Blowfish128CtrHmacSha256 } else { Suite::ChaCha20Poly1305 };
    let direction = Direction::AdvisorToCustomer;
    let now = Moment::default();
    let mut honest = Vec::new();
    let mut sealer = Sealer::new(suite, traffic(), direction);
    let mut take = |record: &[u8]| honest.extend_from_slice(record);
    sealer.seal_message(Stream::Chat, b"hello", now, &mut take).expect("short enough");
    let mut bytes = honest.clone();
    if how & 1 == 0 {
        bytes = rest.to_vec();
    } else {
        let length = bytes.len();
        for change in rest.as_chunks::<2>().0 {
            if let Some(byte) = bytes.get_mut(usize::from(change[0]) % length) {
                *byte ^= change[1];
            }
        }
    }
    let mut opener = Opener::new(suite, traffic(), direction);
    let opened = opener.open(&bytes, now);
    if how & 1 == 1 {
        assert_eq!(opened.is_ok(), bytes == honest);
    }
    if opened.is_err() {
        assert!(opener.open(&honest, now).is_err(), "dead for good");
    }
}
