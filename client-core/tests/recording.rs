//! Recording between the two controllers: what the recorder is told to do, and
//! what the customer's person has of it.

#[path = "support/world.rs"]
#[allow(dead_code)]
mod support;

use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorScreen,
        controller::{AdvisorEvent, AdvisorWork},
    },
    controller::Controller,
    customer::{CustomerIntent, CustomerScreen, RecordingState as Seen},
    problem::Problem,
    recording::{Failure, RecorderEvent, Wanted},
};
use mitblick_protocol::{
    peer_msg::{RecordingEnd, RecordingState},
    policy::Limits,
    recording::{RecordingCode, RecordingOwners},
};
use support::World;

/// Something is shown, and the company allows recordings.
fn showing() -> World {
    let mut world = World::new();
    let rules = world.signed(1, Limits::NONE);
    (world.advisor_rules, world.customer_rules) = (Some(rules.clone()), Some(rules));
    let mut world = world.connect().show();
    world.advisor_work.clear();
    world
}

/// The customer has allowed what was asked.
fn recording(owners: RecordingOwners) -> World {
    let mut world = showing();
    world.advisor(AdvisorIntent::RequestRecording);
    assert_eq!(world.customer_view().recording.state, Seen::Asked);
    assert!(recorder(&world).0.is_none());
    world.customer(CustomerIntent::AllowRecording { owners });
    world
}

/// What the recorder was told: what to record, and whether to end.
fn recorder(world: &World) -> (Option<Wanted>, bool) {
    let wanted = world.advisor_work.iter().find_map(|work| match work {
        AdvisorWork::Record(wanted) => Some(wanted.clone()),
        _ => None,
    });
    (wanted, world.advisor_work.iter().any(|work| matches!(work, AdvisorWork::EndRecording)))
}

fn advisor_state(world: &World) -> RecordingState {
    match world.advisor_screen() {
        AdvisorScreen::Viewer(viewer) => viewer.recording.state,
        _ => panic!("no session"),
    }
}

#[test]
fn the_recorder_gets_the_key_of_the_code_that_only_the_customer_sees() {
    let mut world = recording(RecordingOwners::Both);
    let view = world.customer_view().recording;
    assert_eq!(view.state, Seen::Recorded { owners: RecordingOwners::Both });
    let code = RecordingCode::parse(&view.code.expect("a code")).unwrap();
    let wanted = recorder(&world).0.expect("it records");
    assert_eq!((wanted.owners, wanted.key), (RecordingOwners::Both, code.key()));
    // What the advisor's side was given is the key, from which there is no way
    // to the code.
    assert_eq!(advisor_state(&world), RecordingState::Granted { owners: RecordingOwners::Both, key: code.key() });
    world.customer(CustomerIntent::End);
    assert!(recorder(&world).1);
    let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("it is not over") };
    assert_eq!(end.recordings, [code.to_string()], "it can still be written down");
}

#[test]
fn the_customer_stops_it_at_any_time_and_each_recording_has_its_own_code() {
    let mut world = recording(RecordingOwners::Shower);
    let first = world.customer_view().recording.code;
    world.customer(CustomerIntent::StopRecording);
    assert!(recorder(&world).1);
    assert_eq!(world.customer_view().recording.state, Seen::Ended(RecordingEnd::TakenBack));
    assert_eq!(advisor_state(&world), RecordingState::Ended(RecordingEnd::TakenBack));
    world.advisor(AdvisorIntent::RequestRecording);
    world.customer(CustomerIntent::AllowRecording { owners: RecordingOwners::Shower });
    let second = world.customer_view().recording.code;
    assert!(second.is_some() && second != first);
    world.customer(CustomerIntent::AllowRecording { owners: RecordingOwners::Shower });
    assert_eq!(world.complaints, [Problem::NotNow], "nobody asks");
    assert_eq!(world.customer_view().recording.code, second);
}

#[test]
fn a_recorder_that_can_not_go_on_ends_it_on_both_sides() {
    let mut world = recording(RecordingOwners::Shower);
    let number = recorder(&world).0.expect("it records").number;
    // What an earlier one says is nothing to this one.
    let failed = |number| RecorderEvent::Failed { number, why: Failure::NoRoom };
    world.advisor_event(AdvisorEvent::Recorder(failed(number + 1)));
    assert!(matches!(advisor_state(&world), RecordingState::Granted { .. }));
    world.advisor_event(AdvisorEvent::Recorder(failed(number)));
    assert_eq!(world.complaints, [Problem::RecordingNoRoom]);
    assert_eq!(world.customer_view().recording.state, Seen::Ended(RecordingEnd::Broken));
}

#[test]
fn a_recording_that_fails_at_its_very_end_is_told_of() {
    for leaves in [false, true] {
        let mut world = recording(RecordingOwners::Shower);
        let number = recorder(&world).0.expect("it records").number;
        world.advisor(if leaves { AdvisorIntent::End } else { AdvisorIntent::StopRecording });
        let failed = RecorderEvent::Failed { number, why: Failure::System("input/output error".into()) };
        world.advisor_event(AdvisorEvent::Recorder(failed));
        let problem = Problem::RecordingFailed("input/output error".into());
        assert_eq!(world.complaints, std::slice::from_ref(&problem));
        assert_eq!(world.advisor.view(world.now).recording_problem, Some(problem));
    }
}

#[test]
fn that_there_is_little_room_left_is_shown() {
    let mut world = recording(RecordingOwners::Shower);
    let number = recorder(&world).0.expect("it records").number;
    world.advisor_event(AdvisorEvent::Recorder(RecorderEvent::FewLeft { number, left_bytes: 5 }));
    let AdvisorScreen::Viewer(viewer) = world.advisor_screen() else { panic!("no session") };
    assert_eq!(viewer.recording.left_bytes, Some(5));
}

#[test]
fn a_locked_program_records_nothing() {
    let mut world = recording(RecordingOwners::Shower);
    world.advisor(AdvisorIntent::Lock);
    assert!(recorder(&world).1);
    assert_eq!(world.customer_view().recording.state, Seen::Ended(RecordingEnd::Stopped));
}

#[test]
fn without_the_companys_leave_nobody_is_asked() {
    let mut world = World::showing();
    world.advisor(AdvisorIntent::RequestRecording);
    assert_eq!(world.complaints, [Problem::RecordingForbidden]);
    assert_eq!(world.customer_view().recording.state, Seen::None);
}
