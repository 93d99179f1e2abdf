//! What an honest program would not say at a moment: the words, and what
//! becomes of each.

use super::PLANTED;
use mitblick_protocol::{
    ask::{AskAnswer, AskNumber, AskText},
    chat::{ChatMsg, ChatNumber, ChatText},
    clipboard::{ClipText, ClipWays, ClipboardMsg, OfferNumber},
    geometry::{Point, Rect, Size},
    input::{InputEvent, Key},
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShowingNumber},
    peer_msg::{
        ControlEnd, ControlState, Frame, FrameNumber, GrantId, MoreTime, PointerPlace, RecordingEnd, RecordingState,
        Scene, SharingState, Surface, SurfaceId, SurfaceState, ToShower, ToWatcher, TurnEnd, TurnId, TurnState,
        TurnedToShower, TurnedToWatcher,
    },
    receipt::{Countersignature, ToKeeper},
    recording::{RecordingKey, RecordingOwners},
    sealed::Stream,
    talk::TalkMsg,
    text::DisplayText,
    transfer::{
        FileId, FileNumber, FileRange, GivingUp, OfferNumber as FileOffer, OfferedFile, PathPart, Sha256, TransferMsg,
        Withdrawal,
    },
};

/// What becomes of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The session.
    Ends,
    /// It can be late, and is dropped.
    Nothing,
    /// An honest program may say it at this moment.
    IsHonest,
}

use Then::{Ends, IsHonest, Nothing};

/// Something that is said, and what becomes of it while nothing is shown, while
/// something is, and during a pause.
pub(crate) struct Word {
    pub(crate) what: &'static str,
    pub(crate) says: Vec<(Stream, Vec<u8>)>,
    pub(crate) then: [Then; 3],
}

/// It ends the session whenever it is said.
const NEVER: [Then; 3] = [Ends; 3];
/// It may be late whenever it is said.
const LATE: [Then; 3] = [Nothing; 3];

fn word(what: &'static str, then: [Then; 3], says: Vec<(Stream, Vec<u8>)>) -> Word {
    Word { what, says, then }
}

/// A surface that was never shown to anybody.
const NOWHERE: SurfaceId = SurfaceId(0x00f0_0000);

fn mark(showing: u32, id: u32) -> ToShower {
    let shape = MarkShape::Ellipse(Rect::new(10, 10, 200, 200));
    let mark = Mark { id: MarkId(id), surface: NOWHERE, shape, colour: MarkColour::Red, life: MarkLife::Stays };
    ToShower::Mark { showing: ShowingNumber(showing), mark }
}

fn point(showing: u32) -> ToShower {
    let at = Some(PointerPlace { surface: NOWHERE, at: Point { x: 5, y: 5 } });
    ToShower::Point { showing: ShowingNumber(showing), at }
}

fn frame(number: u64, width: u32) -> Frame {
    let surface = Surface {
        id: SurfaceId(1),
        rect: Rect::new(0, 0, width, 10),
        state: SurfaceState::Shown,
        parent: None,
        title: DisplayText::cleaned("planted"),
    };
    let scene = Scene { desktop: Size { width: 100, height: 100 }, surfaces: vec![surface] };
    Frame {
        number: FrameNumber(number),
        scene: Some(scene),
        pointer: None,
        cursor: None,
        round_trip_ms: None,
        pixels: Vec::new(),
    }
}

fn ask(number: u32, text: Option<&str>) -> ToShower {
    ToShower::AskToShow { number: AskNumber(number), text: text.map(|text| AskText::new(text).expect("a request")) }
}

fn key(grant: u32) -> ToShower {
    ToShower::Input { grant: GrantId(grant), event: InputEvent::Key { key: Key::Character('x'), pressed: true } }
}

/// What an advisor's program would not say.
pub(crate) fn of_watchers() -> Vec<Word> {
    let say = |what, then, message: ToShower| word(what, then, vec![(Stream::Control, bytes!(&message))]);
    let hello = ToShower::Hello { version: DisplayText::cleaned("1") };
    let signed = Countersignature { entries: 1_000_000, unix_ms: 0, ended: false, signature: [7; 64] };
    let picture = ToShower::Turned { turn: TurnId(1), message: TurnedToWatcher::Frame(frame(1, 10)) };
    let turned =
        |turn| ToShower::Turned { turn: TurnId(turn), message: TurnedToWatcher::Sharing(SharingState::Showing) };
    let mut words = vec![
        say("a second greeting", NEVER, hello),
        say("an answer to no picture", NEVER, ToShower::FrameShown { number: FrameNumber(0), held_ms: 0 }),
        say("a key under a grant that never was", NEVER, key(1)),
        say("more time for such a grant", NEVER, ToShower::RequestMoreTime { grant: GrantId(1) }),
        say("a key under no grant", NEVER, key(0)),
        say("a request for control where nothing is shown", [Nothing, IsHonest, Nothing], ToShower::RequestControl),
        say("control given back that never was", LATE, ToShower::GiveBackControl),
        say("a mark on what was never shown", [Ends, Ends, Nothing], mark(1, 1)),
        say("a mark on a showing that never was", NEVER, mark(9, 1)),
        say("a mark on no showing", NEVER, mark(0, 1)),
        say("a pointer on what was never shown", [Ends, Ends, Nothing], point(1)),
        say("a pointer on a showing that never was", NEVER, point(9)),
        say("marks taken away that never were", LATE, ToShower::ClearMarks),
        say("a request to be shown something that skips one", NEVER, ask(2, Some("your bank"))),
        say("a request to be shown something without a number", NEVER, ask(0, Some("your bank"))),
        say("a request taken back that never was", NEVER, ask(1, None)),
        say("a recording stopped that never was", LATE, ToShower::StopRecording { broken: false }),
        say("a broken recording that never was", LATE, ToShower::StopRecording { broken: true }),
        say("a turn ended that never was", LATE, ToShower::EndTurn { broken: false }),
        say("a word of a turn that never was", NEVER, turned(1)),
        say("a word of no turn", NEVER, turned(0)),
        say("a signature under what never happened", NEVER, ToShower::Receipt(ToKeeper::Signed(signed))),
        say("a picture that does not come as one", NEVER, picture.clone()),
        word("a picture without a turn", NEVER, vec![(Stream::Picture, bytes!(&picture))]),
        word("a word that comes as a picture", NEVER, vec![(Stream::Picture, bytes!(&ToShower::GiveBackControl))]),
    ];
    words.push(word("copied text that the switch never let in", NEVER, clip(ClipboardMsg::Copied(planted()))));
    words.push(word(
        "the customer's own switch",
        NEVER,
        clip(ClipboardMsg::Allow(ClipWays { to_watcher: true, to_shower: true })),
    ));
    words.extend(of_both());
    words
}

/// What a customer's program would not say.
pub(crate) fn of_showers() -> Vec<Word> {
    let say = |what, then, message: ToWatcher| word(what, then, vec![(Stream::Control, bytes!(&message))]);
    let shown = |what, then, message: ToWatcher| word(what, then, vec![(Stream::Picture, bytes!(&message))]);
    let granted = ControlState::Granted { grant: GrantId(1), remaining_s: None };
    let (soon, sharing) = (ToWatcher::EndsSoon { remaining_s: 1 }, ToWatcher::Sharing);
    let turned = |turn| ToWatcher::Turned { turn: TurnId(turn), message: TurnedToShower::DecodesVideo(true) };
    let control = ToWatcher::Control;
    let recorded = RecordingState::Granted { owners: RecordingOwners::Both, key: RecordingKey([7; 32]) };
    let mut words = vec![
        say("a second greeting", NEVER, ToWatcher::Hello { version: DisplayText::cleaned("1") }),
        say("that something is chosen while that is so", [Ends, IsHonest, IsHonest], sharing(SharingState::Choosing)),
        say("that something is shown while it is", [IsHonest, Ends, IsHonest], sharing(SharingState::Showing)),
        say("a pause where nothing is shown", [Ends, IsHonest, Ends], sharing(SharingState::Paused)),
        shown("a picture where nothing is shown", [Nothing, IsHonest, Nothing], ToWatcher::Frame(frame(1, 10))),
        shown("a picture without a number", NEVER, ToWatcher::Frame(frame(0, 10))),
        shown("a window that is larger than any", NEVER, ToWatcher::FreshFrame(frame(1, u32::MAX))),
        say("a picture that does not come as one", NEVER, ToWatcher::Frame(frame(1, 10))),
        shown("a word that comes as a picture", NEVER, sharing(SharingState::Showing)),
        say("control that was not asked for", NEVER, control(granted)),
        say("that more time is asked for where nobody did", NEVER, ToWatcher::MoreTime(MoreTime::Asked)),
        say("more time that was not asked for", NEVER, ToWatcher::MoreTime(MoreTime::Granted { remaining_s: None })),
        say("that control is asked for where nothing is shown", [Ends, Nothing, Ends], control(ControlState::Asked)),
        say("that nobody asks any more where nobody did", NEVER, control(ControlState::None)),
        say("the end of control that never was", NEVER, control(ControlState::Ended(ControlEnd::StopKey))),
        say(
            "the answer to a request that never was",
            NEVER,
            ToWatcher::AskAnswered { number: AskNumber(1), answer: AskAnswer::Shown },
        ),
        say("marks taken away that never were", NEVER, ToWatcher::MarksCleared { up_to: MarkId(7) }),
        say(
            "the end of a recording that never was",
            NEVER,
            ToWatcher::Recording(RecordingState::Ended(RecordingEnd::TakenBack)),
        ),
        say("a recording that was not asked for", NEVER, ToWatcher::Recording(recorded)),
        say("a turn that was not asked for", NEVER, ToWatcher::Turn(TurnState::Granted { turn: TurnId(1) })),
        say("the end of a turn that never was", NEVER, ToWatcher::Turn(TurnState::Ended(TurnEnd::TakenBack))),
        say("a word of a turn that never was", NEVER, turned(1)),
        say("a word of no turn", NEVER, turned(0)),
        word(
            "the same end told twice",
            NEVER,
            vec![(Stream::Control, bytes!(&soon)), (Stream::Control, bytes!(&soon))],
        ),
    ];
    words.push(word("copied text that the switch never let in", NEVER, clip(ClipboardMsg::Copied(planted()))));
    words.extend(of_both());
    words
}

fn planted() -> ClipText {
    ClipText::new(PLANTED).expect("a text")
}

fn clip(message: ClipboardMsg) -> Vec<(Stream, Vec<u8>)> {
    vec![(Stream::Chat, bytes!(&TalkMsg::Clipboard(message)))]
}

/// What neither would say.
fn of_both() -> Vec<Word> {
    let chat = |message| vec![(Stream::Chat, bytes!(&TalkMsg::Chat(message)))];
    let file = |message: TransferMsg| (Stream::File, bytes!(&message));
    let files = |message| vec![file(message)];
    let (offer, first) = (FileOffer(1), FileId { offer: FileOffer(1), file: FileNumber(0) });
    let piece = || TransferMsg::Piece { file: first, offset: 0, bytes: b"planted".to_vec() };
    let sha256 = Sha256([7; 32]);
    let offered = |offer| {
        let list = vec![OfferedFile { path: vec![PathPart::new("../planted.txt")], bytes: 7 }];
        TransferMsg::Offer { offer: FileOffer(offer), files: 1, list }
    };
    let all = vec![FileRange { first: 0, count: 1 }];
    let text = ChatText::new("out of order").expect("a line");
    vec![
        word(
            "the answer to a text that was not offered",
            NEVER,
            clip(ClipboardMsg::Answer { number: OfferNumber(1), taken: true }),
        ),
        word("a text taken back that was not offered", NEVER, clip(ClipboardMsg::Withdraw(OfferNumber(1)))),
        word("a text that skips one", NEVER, clip(ClipboardMsg::Offer { number: OfferNumber(2), text: planted() })),
        word("a line that skips one", NEVER, chat(ChatMsg::Said { number: ChatNumber(5), text })),
        word("that a line came that was never said", NEVER, chat(ChatMsg::Delivered(ChatNumber(3)))),
        word("that a line was seen that was never said", NEVER, chat(ChatMsg::Seen(ChatNumber(3)))),
        word(
            "what had come before a cut that never was",
            NEVER,
            chat(ChatMsg::Have { delivered: ChatNumber(0), seen: ChatNumber(0) }),
        ),
        word("a piece of a file that was not offered", NEVER, files(piece())),
        word("a piece of a file that nobody wanted", NEVER, vec![file(offered(1)), file(piece())]),
        word(
            "the end of a file that nobody wanted",
            NEVER,
            vec![file(offered(1)), file(TransferMsg::Whole { file: first, sha256 })],
        ),
        word("an offer without a number", NEVER, files(offered(0))),
        word("more of an offer that never was", NEVER, files(TransferMsg::More { offer, list: Vec::new() })),
        word("the end of a file that was not offered", NEVER, files(TransferMsg::Whole { file: first, sha256 })),
        word("that a file came that was never sent", NEVER, files(TransferMsg::Done { file: first, sha256 })),
        word("the answer to an offer that never was", NEVER, files(TransferMsg::Answer { offer, accepted: all })),
        word(
            "no more of a file that was never sent",
            NEVER,
            files(TransferMsg::GiveUp { offer, file: None, why: GivingUp::ByPerson }),
        ),
        word(
            "a file taken back that was not offered",
            NEVER,
            files(TransferMsg::Withdraw { offer, file: None, why: Withdrawal::ByPerson }),
        ),
        word("a pause of an offer that never was", NEVER, files(TransferMsg::Hold { offer, paused: true })),
        word("a wish to pause what was never sent", NEVER, files(TransferMsg::HoldYours { offer, paused: true })),
        word("that pieces came that were never sent", NEVER, files(TransferMsg::Taken(5))),
        word("that a file goes on after a cut that never was", NEVER, files(TransferMsg::Resume(0))),
        word("nothing at all", NEVER, vec![(Stream::Control, Vec::new())]),
        word("a word that nobody knows", NEVER, vec![(Stream::Control, vec![0xfa; 8])]),
        word("a word of the chat that nobody knows", NEVER, vec![(Stream::Chat, vec![0xfa; 8])]),
        word("a word about files that nobody knows", NEVER, vec![(Stream::File, vec![0xfa; 8])]),
    ]
}
