//! What can happen at a shower, at random.

use super::*;

/// Something that happens at the shower.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Message(ToShower),
    Share(u32),
    ChooseAgain,
    Pause,
    Resume,
    Allow(ControlLimit),
    Refuse,
    AllowMore(ControlLimit),
    RefuseMore,
    Revoke,
    EmergencyStop,
    StopKeyThread,
    LocalInput,
    /// The thread that watches mouse and keyboard, before its word arrives.
    HandsThread,
    NotAvailable,
    RaiseView,
    Scene(u32),
    HidePointing(bool),
    ClearMarks,
    PointOut(bool),
    RefuseToShow,
    Wait(u64),
    Cut,
    Restore,
    AllowTurn,
    TurnBack,
    End,
}

pub(super) fn place(surface: u32) -> PointerPlace {
    PointerPlace { surface: SurfaceId(surface), at: Point { x: 1, y: 1 } }
}

pub(super) fn mark(id: u32, surface: u32) -> Mark {
    Mark {
        id: MarkId(id),
        surface: SurfaceId(surface),
        shape: MarkShape::Line(vec![Point { x: 1, y: 1 }]),
        colour: MarkColour::Red,
        life: if id.is_multiple_of(2) { MarkLife::Fades } else { MarkLife::Stays },
    }
}

/// One window, shown or minimised.
pub(super) fn scene(id: u32) -> Scene {
    let state = if id == 3 { SurfaceState::Minimised } else { SurfaceState::Shown };
    let (rect, title) = (Rect::new(0, 0, 9, 9), DisplayText::default());
    let surface = Surface { id: SurfaceId(id), rect, state, parent: None, title };
    Scene { desktop: Size { width: 9, height: 9 }, surfaces: vec![surface] }
}

pub(super) fn any_message() -> impl Strategy<Value = ToShower> {
    prop_oneof![
        1 => Just(ToShower::Hello { version: hello() }),
        3 => (0..6_u64).prop_map(|number| ToShower::FrameShown { number: FrameNumber(number), held_ms: 0 }),
        8 => Just(ToShower::RequestControl),
        3 => (0..4_u32).prop_map(|grant| ToShower::RequestMoreTime { grant: GrantId(grant) }),
        1 => Just(ToShower::RequestRecording),
        1 => any::<bool>().prop_map(|broken| ToShower::StopRecording { broken }),
        3 => Just(ToShower::RequestTurn),
        1 => any::<bool>().prop_map(|broken| ToShower::EndTurn { broken }),
        2 => (1..3_u32, any_turned_word())
            .prop_map(|(turn, message)| ToShower::Turned { turn: TurnId(turn), message }),
        1 => any::<bool>().prop_map(ToShower::DecodesVideo),
        2 => Just(ToShower::GiveBackControl),
        12 => (0..4_u32).prop_map(|grant| ToShower::Input { grant: GrantId(grant), event: key('x') }),
        1 => Just(ToShower::End(EndReason::ByPerson)),
        4 => (0..4_u32, prop::option::of(1..4_u32)).prop_map(|(showing, surface)| ToShower::Point {
            showing: ShowingNumber(showing),
            at: surface.map(place),
        }),
        8 => (1..3_u32, 1..4_u32, 1..4_u32).prop_map(|(showing, id, surface)| ToShower::Mark {
            showing: ShowingNumber(showing),
            mark: mark(id, surface),
        }),
        1 => Just(ToShower::ClearMarks),
        2 => (1..4_u32, any::<bool>()).prop_map(|(number, takes_back)| ToShower::AskToShow {
            number: AskNumber(number),
            text: (!takes_back).then(|| AskText::new("mail").unwrap()),
        }),
    ]
}

fn any_turned_word() -> impl Strategy<Value = TurnedToWatcher> {
    let frame = |number| match empty_frame(number) {
        ToWatcher::Frame(frame) => frame,
        other => panic!("{other:?}"),
    };
    prop_oneof![
        2 => Just(TurnedToWatcher::Sharing(SharingState::Showing)),
        1 => Just(TurnedToWatcher::Sharing(SharingState::Paused)),
        1 => (1..60_u64).prop_map(move |number| TurnedToWatcher::Frame(frame(number))),
        1 => any::<bool>().prop_map(|allowed| TurnedToWatcher::Pointing { allowed }),
        1 => any::<bool>().prop_map(TurnedToWatcher::PointsOut),
        1 => (0..2_u32).prop_map(|up_to| TurnedToWatcher::MarksCleared { up_to: MarkId(up_to) }),
    ]
}

pub(super) fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => any_message().prop_map(Op::Message),
        4 => (1..3_u32).prop_map(Op::Share),
        1 => Just(Op::ChooseAgain),
        2 => Just(Op::Pause),
        3 => Just(Op::Resume),
        8 => prop_oneof![Just(ControlLimit::Session), Just(ControlLimit::Minutes(1))].prop_map(Op::Allow),
        1 => Just(Op::Refuse),
        6 => prop_oneof![Just(ControlLimit::Session), Just(ControlLimit::Minutes(1))].prop_map(Op::AllowMore),
        1 => Just(Op::RefuseMore),
        1 => Just(Op::Revoke),
        1 => Just(Op::EmergencyStop),
        1 => Just(Op::StopKeyThread),
        1 => Just(Op::LocalInput),
        2 => Just(Op::HandsThread),
        1 => Just(Op::NotAvailable),
        1 => Just(Op::RaiseView),
        6 => (1..4_u32).prop_map(Op::Scene),
        1 => any::<bool>().prop_map(Op::HidePointing),
        1 => Just(Op::ClearMarks),
        1 => any::<bool>().prop_map(Op::PointOut),
        1 => Just(Op::RefuseToShow),
        3 => prop_oneof![Just(100), Just(1_000), Just(59_000)].prop_map(Op::Wait),
        1 => Just(Op::Cut),
        2 => Just(Op::Restore),
        4 => Just(Op::AllowTurn),
        1 => Just(Op::TurnBack),
        1 => Just(Op::End),
    ]
}
