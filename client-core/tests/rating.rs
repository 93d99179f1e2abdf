//! How it was: asked after a showing, said over a connection of its own, and
//! never more than was clicked.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "the other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::AdvisorIntent,
    customer::{Answer, CustomerIntent, CustomerScreen, RatingView},
    problem::Problem,
};
use mitblick_protocol::{
    broker_msg::{FromBroker, Refusal},
    policy::{Limits, RatingRule},
    rating::{Grade, Rating, RatingTicket, Solved},
};
use support::World;

const SOLVED: Rating = Rating::Solved(Solved::Yes);
const GRADE: Rating = Rating::Grade(Grade::ALL[2]);
const TICKET: RatingTicket = RatingTicket([8; 16]);

fn asking() -> World {
    let mut world = World::new();
    world.asks = true;
    world
}

/// A session in which something was shown, ended by the advisor.
fn over() -> World {
    let mut world = asking().connect().show();
    world.advisor(AdvisorIntent::End);
    world
}

fn asked(world: &World) -> Option<RatingView> {
    match world.customer_screen() {
        CustomerScreen::Ended(end) => end.rating,
        _ => None,
    }
}

#[test]
fn a_click_goes_to_the_broker_and_to_nobody_else() {
    let mut world = over();
    assert!(asked(&world).is_some_and(|asked| asked.solved == Answer::Open && asked.grade == Answer::Open));
    let relayed = world.relayed.len();
    world.customer(CustomerIntent::Rate(GRADE));
    assert_eq!(asked(&world).map(|asked| asked.grade), Some(Answer::Sent(Grade::ALL[2])));
    assert_eq!(world.rated, [(TICKET, GRADE)]);
    assert!(!world.customer_connected, "the line is closed again");
    world.customer(CustomerIntent::Rate(GRADE));
    assert_eq!(world.complaints, [Problem::NotNow], "once");
    world.customer(CustomerIntent::Rate(SOLVED));
    assert_eq!(world.rated.len(), 2);
    assert_eq!(world.relayed.len(), relayed);
}

#[test]
fn an_answer_waits_for_the_last_signature_of_the_receipt() {
    let mut world = asking().connect().show();
    // The other side's last word does not come.
    world.network = false;
    world.customer(CustomerIntent::End);
    world.customer(CustomerIntent::Rate(SOLVED));
    assert_eq!(world.rated, []);
    world.network = true;
    world.pass(3_000);
    assert_eq!(world.rated, [(TICKET, SOLVED)]);
}

#[test]
fn nobody_is_asked_who_has_shown_nothing_or_whose_company_does_not_want_to_know() {
    let mut nothing_shown = asking().connect();
    nothing_shown.customer(CustomerIntent::End);
    assert_eq!(asked(&nothing_shown), None);

    let mut forbidden = asking();
    let limits = Limits { rating: RatingRule::NotAsked, ..Limits::NONE };
    forbidden.customer_rules = Some(forbidden.signed(1, limits));
    let mut forbidden = forbidden.connect().show();
    forbidden.customer(CustomerIntent::End);
    assert_eq!(asked(&forbidden), None, "whatever the broker gives");

    let mut no_ticket = World::showing();
    no_ticket.customer(CustomerIntent::End);
    assert_eq!(asked(&no_ticket), None);
    no_ticket.customer(CustomerIntent::Rate(SOLVED));
    assert_eq!(no_ticket.complaints, [Problem::NotNow]);
}

#[test]
fn what_does_not_arrive_is_said_and_can_be_clicked_again() {
    for answer in [None, Some(FromBroker::Refused(Refusal::OutOfOrder))] {
        let mut world = over();
        world.to_ratings = answer;
        world.customer(CustomerIntent::Rate(SOLVED));
        world.pass(20_000);
        let view = asked(&world).unwrap();
        assert_eq!((view.solved, view.problem), (Answer::Open, Some(Problem::RatingNotSent)));
        world.to_ratings = Some(FromBroker::RatingTaken);
        world.customer(CustomerIntent::Rate(SOLVED));
        assert_eq!(asked(&world).map(|view| (view.solved, view.problem)), Some((Answer::Sent(Solved::Yes), None)));
    }
}

#[test]
fn a_refusal_ends_the_questions_and_so_does_time() {
    let mut world = over();
    world.to_ratings = Some(FromBroker::RatingRefused);
    world.customer(CustomerIntent::Rate(SOLVED));
    world.customer(CustomerIntent::Rate(GRADE));
    assert_eq!((world.rated.len(), world.complaints.as_slice()), (1, &[Problem::NotNow][..]));

    let mut late = over();
    late.pass(600_000);
    assert_eq!(asked(&late), None);
    late.customer(CustomerIntent::Rate(SOLVED));
    assert_eq!(late.rated, []);
}

#[test]
fn a_program_that_is_closed_at_once_still_sends_what_was_clicked() {
    let mut world = over();
    world.network = false;
    world.customer(CustomerIntent::Rate(SOLVED));
    world.customer(CustomerIntent::Quit);
    assert_eq!(world.quit, [""; 0]);
    world.network = true;
    world.run();
    assert_eq!((world.rated.len(), world.quit.as_slice()), (1, &["customer"][..]));
    let mut unreachable = over();
    unreachable.network = false;
    unreachable.customer(CustomerIntent::Rate(SOLVED));
    unreachable.customer(CustomerIntent::Quit);
    unreachable.pass(20_000);
    assert_eq!(unreachable.quit, ["customer"], "but not for ever");
}

#[test]
fn a_new_number_forgets_the_questions() {
    let mut world = over();
    world.customer(CustomerIntent::NewSession);
    world.customer(CustomerIntent::Rate(SOLVED));
    assert_eq!((world.rated.len(), world.complaints.as_slice()), (0, &[Problem::NotNow][..]));
}
