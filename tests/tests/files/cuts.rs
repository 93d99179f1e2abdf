//! A line that is cut while a file moves: the file goes on where it was, by
//! itself, and is whole in the end.

use super::{LONG, accept, hash_of, make, names, offer};
use mitblick_tests::session::{Session, Stage};
use serde_json::json;

/// Long enough that the half of it is a moment in which one can cut.
const BYTES: usize = 100_000_000;

/// What may be lost in a cut and sent again: what the sockets and the broker
/// had in their hands, far less than all of it.
const MOST_BYTES: u64 = BYTES as u64 * 13 / 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Giver {
    Advisor,
    Customer,
}

/// A file moves, something breaks the line at about the half, and the file is
/// whole in the end without having begun anew.
#[track_caller]
fn goes_on_after(giver: Giver, break_line: impl FnOnce(&mut Stage), mend_line: impl FnOnce(&mut Stage)) {
    let mut session = Stage::usual().connect();
    let source = session.stage.place.path().join("Aufnahme.bin");
    let hash = make(&source, BYTES);
    let saved = session.stage.place.folder("saved");
    let Session { advisor, customer, stage, .. } = &mut session;
    let carried = |stage: &Stage| match giver {
        Giver::Advisor => [stage.advisor_wire.up_bytes(), stage.customer_wire.down_bytes()],
        Giver::Customer => [stage.customer_wire.up_bytes(), stage.advisor_wire.down_bytes()],
    };
    let (from, to) = match giver {
        Giver::Advisor => (&mut *advisor, &mut *customer),
        Giver::Customer => (&mut *customer, &mut *advisor),
    };
    let before = carried(stage);
    let asked = offer(from, to, std::slice::from_ref(&source));
    accept(to, &asked, &saved);
    let half = BYTES as u64 * 2 / 5;
    let came = to.within(LONG, |event| event["event"] == "file_progress" && event["bytes"].as_u64() > Some(half));
    assert!(came.is_some(), "the first half");
    break_line(stage);
    for side in [&*from, &*to] {
        side.expect("line", json!({ "state": "lost" }));
    }
    assert!(!to.has_told("file_done"), "the cut came while it moved");
    assert!(names(&saved).iter().all(|name| name.ends_with(".part")), "no name before it is whole");
    mend_line(stage);
    for side in [&*from, &*to] {
        side.expect("line", json!({ "state": "restored" }));
    }
    for (side, way) in [(&*to, "in"), (&*from, "out")] {
        let done = side.within(LONG, |event| event["event"] == "file_done" && event["way"] == way);
        assert_eq!(done.expect("it is done")["sha256"], json!(hash), "{way}");
    }
    assert_eq!(names(&saved), ["Aufnahme.bin"]);
    assert_eq!(hash_of(&saved.join("Aufnahme.bin")), hash);

    let told = to.told();
    let steps: Vec<_> = told.iter().filter(|event| event["event"] == "file_progress").collect();
    let bytes: Vec<_> = steps.iter().filter_map(|event| event["bytes"].as_u64()).collect();
    assert!(bytes.is_sorted(), "what has come is not given up: {bytes:?}");
    for (line, (now, before)) in
        ["to the broker", "from the broker"].into_iter().zip(carried(stage).into_iter().zip(before))
    {
        let carried = now - before;
        assert!(carried >= BYTES as u64, "{line}: all of it went this way, not {carried} bytes");
        assert!(carried < MOST_BYTES, "{line}: {carried} bytes for {BYTES}");
    }
    session.end_well();
}

#[test]
fn a_file_to_the_customer_goes_on_where_it_was_after_the_customers_line_was_cut() {
    goes_on_after(Giver::Advisor, |stage| stage.customer_wire.hold(), |stage| stage.customer_wire.release());
}

#[test]
fn a_file_to_the_advisor_goes_on_where_it_was_after_the_customers_line_was_cut() {
    goes_on_after(Giver::Customer, |stage| stage.customer_wire.hold(), |stage| stage.customer_wire.release());
}

#[test]
fn a_file_goes_on_where_it_was_after_the_broker_was_killed_and_started_again() {
    goes_on_after(Giver::Advisor, Stage::restart_broker, |_| {});
}
