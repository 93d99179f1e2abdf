//! What both people can do alike, controller against controller.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen, controller::AdvisorWork},
    customer::{CustomerIntent, CustomerScreen, controller::CustomerWork},
    problem::Problem,
    together::{Left, Together, TogetherEvent, TogetherIntent, TogetherView, TogetherWork, view::ClipboardIntent},
};
use mitblick_protocol::{
    broker_msg::FromBroker,
    chat::{Delivery, Speaker},
    clipboard::{ClipWays, MAX_CLIP_BYTES, Role},
    policy::ClipboardRule,
    time::Moment,
};
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
fn a_text_that_is_too_long_to_be_sent_is_not_even_shown() {
    let now = Moment::from_ms(5);
    let mut together = Together::new(Role::Watcher, ClipboardRule::Allowed, 1_000, now);
    let mut read = |bytes: usize| {
        together.handle_event(TogetherEvent::ClipboardRead(Some("x".repeat(bytes))), now);
        let view = together.view();
        (view.clipboard.draft.map(|draft| draft.text.len()), view.problem)
    };
    assert_eq!(read(MAX_CLIP_BYTES + 1), (None, Some(Problem::ClipboardTooLong)));
    assert_eq!(read(MAX_CLIP_BYTES).0, Some(MAX_CLIP_BYTES));
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

/// Whether the clipboard is watched at the customer and at the advisor.
fn watched(world: &World) -> [bool; 2] {
    let of = |work: &TogetherWork| match work {
        TogetherWork::WatchClipboard(on) => Some(*on),
        _ => None,
    };
    let customer = world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::Together(work) => of(work),
        _ => None,
    });
    let advisor = world.advisor_work.iter().rev().find_map(|work| match work {
        AdvisorWork::Together(work) => of(work),
        _ => None,
    });
    [customer, advisor].map(Option::unwrap_or_default)
}

#[test]
fn no_clipboard_is_watched_longer_than_the_session() {
    let ends: [fn(&mut World); 3] = [
        |world| world.customer(CustomerIntent::End),
        |world| world.advisor(AdvisorIntent::End),
        |world| world.tell_advisor(FromBroker::SignedOut),
    ];
    for end in ends {
        let mut world = World::showing();
        let both = ClipWays { to_watcher: true, to_shower: true };
        world.customer(CustomerIntent::Together(TogetherIntent::Clipboard(ClipboardIntent::Allow(both))));
        world.advisor(AdvisorIntent::Together(TogetherIntent::Clipboard(ClipboardIntent::LetOut(true))));
        assert_eq!(watched(&world), [true, true]);
        end(&mut world);
        assert_eq!(watched(&world), [false, false]);
    }
}

#[test]
fn the_end_tells_that_text_came_into_the_clipboard() {
    for taken in [false, true] {
        let mut world = World::connected();
        let offer = ClipboardIntent::Offer("IBAN DE02 1203 0000".into());
        world.advisor(AdvisorIntent::Together(TogetherIntent::Clipboard(offer)));
        let view = world.customer_view();
        let asked = view.together.and_then(|together| together.clipboard.waiting).expect("the customer is asked");
        let answer = ClipboardIntent::Answer { question: asked.question, take: taken };
        world.customer(CustomerIntent::Together(TogetherIntent::Clipboard(answer)));
        world.customer(CustomerIntent::End);
        let CustomerScreen::Ended(end) = world.customer_screen() else { panic!("it is not over") };
        assert_eq!(end.left, Left { files: 0, clipboard: taken });
    }
}
