//! What both people can do alike, controller against controller.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen},
    customer::{CustomerIntent, CustomerScreen},
    problem::Problem,
    together::{TogetherIntent, TogetherView},
};
use mitblick_protocol::chat::{Delivery, Speaker};
use support::World;

fn at_the_advisor(world: &World) -> TogetherView {
    match world.advisor_screen() {
        AdvisorScreen::Viewer(view) => view.together,
        _ => panic!("no session"),
    }
}

fn at_the_customer(world: &World) -> TogetherView {
    world.customer_view().together.expect("a session")
}

fn say(text: &str) -> TogetherIntent {
    TogetherIntent::Say(text.into())
}

#[test]
fn what_one_says_the_other_reads_and_the_first_sees_that() {
    let mut world = World::connected();
    world.customer(CustomerIntent::Together(say("Guten Tag")));
    world.run();
    let view = at_the_advisor(&world);
    assert_eq!((view.chat.unseen, view.chat.lines[0].text.as_str()), (1, "Guten Tag"));
    assert_eq!(at_the_customer(&world).chat.lines[0].speaker, Speaker::Here(Delivery::Delivered));
    world.advisor(AdvisorIntent::Together(TogetherIntent::LookAtChat));
    world.run();
    assert_eq!(at_the_customer(&world).chat.lines[0].speaker, Speaker::Here(Delivery::Seen));
}

#[test]
fn what_is_not_sent_is_said_until_something_is() {
    let mut world = World::connected();
    world.advisor(AdvisorIntent::Together(say(&"x".repeat(9_000))));
    assert_eq!(at_the_advisor(&world).problem, Some(Problem::ChatTooLong));
    world.advisor(AdvisorIntent::Together(say("short")));
    assert_eq!(at_the_advisor(&world).problem, None);
    world.run();
    assert_eq!(at_the_customer(&world).chat.lines.len(), 1);
}

#[test]
fn the_chat_ends_with_the_session() {
    let mut world = World::connected();
    world.customer(CustomerIntent::Together(say("Guten Tag")));
    world.run();
    world.customer(CustomerIntent::End);
    world.run();
    assert!(world.customer_view().together.is_none());
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)));
}
