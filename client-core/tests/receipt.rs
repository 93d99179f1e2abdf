//! The receipt of a session between the two controllers.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "shared by several tests")]
mod world;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen},
    customer::{
        CustomerIntent, CustomerScreen, EndView, ReceiptState,
        control::ControlEvent,
        controller::{CustomerEvent, CustomerWork},
        share::ShareCommand,
    },
    language::Language,
    problem::Problem,
    receipt::{kept, save::Place},
    together::{TogetherIntent, view::ClipboardIntent},
};
use mitblick_protocol::{
    clipboard::ClipWays,
    peer_msg::{ControlEnd, EndReason},
    receipt::{Fact, Reach, Side, SignedReceipt},
};
use world::World;

/// The page that the customer keeps, read again.
fn keep(world: &mut World) -> (SignedReceipt, Reach) {
    world.customer(CustomerIntent::KeepReceipt { place: None, language: Language::English });
    let saving = world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::KeepReceipt(saving) => Some(saving.clone()),
        _ => None,
    });
    let saving = saving.expect("something to write");
    assert_eq!(saving.place, Place::Folder("/home/anna/Downloads".into()));
    assert_eq!(saving.name, "Mitblick-receipt-2027-01-15-0900");
    kept::read(saving.page.as_bytes()).expect("a good receipt")
}

fn facts(receipt: &SignedReceipt) -> Vec<&Fact> {
    receipt.entries.iter().map(|kept| &kept.entry.fact).collect()
}

fn end_view(world: &World) -> EndView {
    match world.customer_screen() {
        CustomerScreen::Ended(end) => end,
        other => panic!("{other:?}"),
    }
}

/// The newest page that was to be written.
fn page(world: &World) -> String {
    let page = world.customer_work.iter().rev().find_map(|work| match work {
        CustomerWork::KeepReceipt(saving) => Some(saving.page.clone()),
        _ => None,
    });
    page.expect("a page")
}

/// Shows, grants control and takes it back with the stop key.
fn controlled() -> World {
    let mut world = World::showing();
    world.advisor(AdvisorIntent::RequestControl);
    world.pass(1_000);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    world.pass(1_000);
    world.customer_event(CustomerEvent::Control(ControlEvent::StopKey));
    world
}

#[test]
fn more_time_and_the_clipboards_switch_are_in_it_and_an_end_in_control_is_one_entry() {
    let ways = |to_watcher, to_shower| ClipWays { to_watcher, to_shower };
    let clipboard = |ways| CustomerIntent::Together(TogetherIntent::Clipboard(ClipboardIntent::Allow(ways)));
    for by in [Side::Keeper, Side::Witness] {
        let mut world = World::showing();
        world.customer(clipboard(ways(true, true)));
        world.customer(clipboard(ways(true, false)));
        // A pause ends it.
        world.customer(CustomerIntent::Pause);
        world.customer(CustomerIntent::Resume);
        world.advisor(AdvisorIntent::RequestControl);
        world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
        world.advisor(AdvisorIntent::RequestMoreTime);
        world.customer(CustomerIntent::RefuseMoreTime);
        world.advisor(AdvisorIntent::RequestMoreTime);
        world.customer(CustomerIntent::AllowMoreTime { minutes: None });
        world.customer(clipboard(ways(false, true)));
        match by {
            Side::Keeper => world.customer(CustomerIntent::End),
            Side::Witness => world.advisor(AdvisorIntent::End),
        }
        let (receipt, reach) = keep(&mut world);
        assert_eq!(reach, Reach::Whole, "{by:?}");
        let of_clipboard = |fact: &&&Fact| matches!(fact, Fact::Clipboard(_));
        let (clipboard, rest): (Vec<&Fact>, Vec<&Fact>) =
            facts(&receipt).into_iter().partition(|fact| of_clipboard(&fact));
        let turned = [ways(true, true), ways(true, false), ClipWays::OFF, ways(false, true)].map(Fact::Clipboard);
        assert_eq!(clipboard, turned.iter().collect::<Vec<_>>());
        let ended = Fact::Ended { by, reason: EndReason::ByPerson };
        let granted = Fact::ControlGranted { limit_s: Some(300) };
        let more = Fact::MoreTimeGranted { limit_s: None };
        let asked = &Fact::MoreTimeAsked;
        let rights = [&Fact::ControlAsked, &granted, asked, &Fact::MoreTimeRefused, asked, &more, &ended];
        assert_eq!(rest[3..], rights, "{by:?}");
        let page = page(&world);
        for told in ["You refused more time", "for the rest of this session", "you got the text that", "both ways"] {
            assert!(page.contains(told), "{told}");
        }
    }
}

#[test]
fn what_ended_with_the_line_is_told_as_ended_though_nobody_could_be_told() {
    let mut world = World::resuming().connect().show();
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: None });
    world.cut();
    world.pass(3_000);
    world.customer(CustomerIntent::End);
    let (receipt, reach) = keep(&mut world);
    assert!(matches!(reach, Reach::Entries { .. }), "signed up to the cut: {reach:?}");
    let facts = facts(&receipt);
    let place = |wanted: Fact| facts.iter().position(|fact| **fact == wanted).expect("an entry");
    let (interrupted, resumed) = (place(Fact::Interrupted), place(Fact::Resumed));
    let ended = place(Fact::ControlEnded(ControlEnd::LinkLost));
    assert!(interrupted < ended && ended < resumed, "{facts:?}");
}

#[test]
fn what_the_program_refused_by_itself_is_not_told_as_the_persons_no() {
    let count = |page: &str, told: &str| page.matches(told).count();
    let mut world = World::showing();
    for _ in 0..2 {
        world.advisor(AdvisorIntent::RequestControl);
        world.customer(CustomerIntent::RefuseControl);
    }
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: Some(5) });
    world.advisor(AdvisorIntent::RequestMoreTime);
    world.customer_event(CustomerEvent::Control(ControlEvent::StopKey));
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::End);
    keep(&mut world);
    let page = page(&world);
    assert_eq!(count(&page, "You refused control."), 2, "{page}");
    assert_eq!(count(&page, "asked for control again too soon"), 1);
    assert_eq!(count(&page, "asked for more time for control again too soon"), 1);
    assert_eq!(count(&page, "You refused more time"), 0);
}

#[test]
fn all_that_was_shown_and_granted_is_in_it_and_signed_by_both_whoever_ends() {
    for by in [Side::Keeper, Side::Witness] {
        let mut world = controlled();
        match by {
            Side::Keeper => world.customer(CustomerIntent::End),
            Side::Witness => world.advisor(AdvisorIntent::End),
        }
        assert!(!world.customer_connected, "the link is closed as soon as all is signed");
        let (receipt, reach) = keep(&mut world);
        assert_eq!(reach, Reach::Whole, "{by:?}");
        let names = receipt.entries[0].names.as_ref().expect("names");
        assert_eq!(names.names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["Editor"]);
        let stopped = Fact::ControlEnded(ControlEnd::StopKey);
        let ended = Fact::Ended { by, reason: EndReason::ByPerson };
        let granted = Fact::ControlGranted { limit_s: Some(300) };
        assert_eq!(facts(&receipt)[1..], [&Fact::ControlAsked, &granted, &stopped, &ended]);
        assert_eq!(receipt.opening.setting.card.advisor.as_str(), "Anna Muster");
    }
}

#[test]
fn the_names_of_the_applications_stay_with_the_customer() {
    let mut world = controlled();
    world.customer(CustomerIntent::End);
    let (receipt, _) = keep(&mut world);
    let Fact::Showing(commitment) = facts(&receipt)[0] else { panic!("shown first") };
    let names = receipt.entries[0].names.clone().expect("names");
    assert_eq!(names.commitment(), *commitment);
    let other = mitblick_protocol::receipt::Names { salt: [0; 32], ..names };
    assert_ne!(other.commitment(), *commitment, "nobody can guess them without the salt");
}

#[test]
fn a_link_that_breaks_leaves_a_receipt_that_says_how_far_the_other_side_has_signed() {
    let mut world = controlled();
    world.network = false;
    world.customer(CustomerIntent::Pause);
    world.network = true;
    world.cut();
    let (receipt, reach) = keep(&mut world);
    assert_eq!(receipt.entries.len(), 6, "paused and broken");
    assert!(matches!(reach, Reach::Entries { entries: 4, .. }), "{reach:?}");
}

#[test]
fn an_advisor_that_does_not_sign_the_end_holds_nobody_up() {
    let mut world = controlled();
    world.network = false;
    world.customer(CustomerIntent::End);
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)), "at once");
    assert!(world.customer_connected, "for one more signature");
    world.customer(CustomerIntent::KeepReceipt { place: None, language: Language::English });
    let written = |world: &World| world.customer_work.iter().any(|work| matches!(work, CustomerWork::KeepReceipt(_)));
    assert!(!written(&world), "with the last signature, if it comes");
    world.pass(2_000);
    assert!(!world.customer_connected, "and no longer");
    assert!(written(&world));
    world.customer_event(CustomerEvent::ReceiptKept(Err(Problem::ReceiptNotWritten("full".into()))));
    world.network = true;
    let (_, reach) = keep(&mut world);
    assert!(matches!(reach, Reach::Entries { entries: 4, .. }), "{reach:?}");
}

#[test]
fn what_comes_after_the_end_is_no_longer_a_session() {
    let mut world = controlled();
    world.network = false;
    world.customer(CustomerIntent::End);
    world.network = true;
    world.relay_to_customer(vec![7; 200]);
    assert!(!world.customer_connected);
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)));
}

#[test]
fn a_receipt_is_kept_only_if_the_person_wants_it_and_a_failure_can_be_tried_again() {
    let mut world = controlled();
    let keep_it = || CustomerIntent::KeepReceipt { place: None, language: Language::German };
    world.customer(keep_it());
    assert_eq!(world.complaints.pop(), Some(Problem::NotNow), "not before the end");
    world.customer(CustomerIntent::End);
    let saved = world.customer_work.iter().any(|work| matches!(work, CustomerWork::KeepReceipt(_)));
    assert!(!saved, "nothing is written by itself");
    assert_eq!(end_view(&world).receipt.map(|view| view.state), Some(ReceiptState::Offered));
    world.customer(keep_it());
    let full = Problem::ReceiptNotWritten("disk full".into());
    world.customer_event(CustomerEvent::ReceiptKept(Err(full.clone())));
    assert_eq!(end_view(&world).receipt.map(|view| view.state), Some(ReceiptState::Failed(full)));
    world.customer(keep_it());
    world.customer_event(CustomerEvent::ReceiptKept(Ok("/tmp/receipt.html".into())));
    let kept = ReceiptState::Kept("/tmp/receipt.html".into());
    assert_eq!(end_view(&world).receipt.map(|view| view.state), Some(kept));
    world.customer(CustomerIntent::NewSession);
    world.customer(keep_it());
    assert_eq!(world.complaints.pop(), Some(Problem::NotNow), "it is gone with the end screen");
}

fn stranger() -> World {
    let mut world = World::of_unknown_company();
    let number = world.number();
    world.customer(CustomerIntent::Join(number));
    world
}

#[test]
fn an_unknown_company_is_shown_nothing_before_the_person_says_who_called() {
    let mut world = stranger();
    let CustomerScreen::WhoCalled { who, .. } = world.customer_screen() else {
        panic!("{:?}", world.customer_screen())
    };
    assert_eq!((who.organisation.as_str(), who.advisor.as_str()), ("Muster Bank", "Anna Muster"));
    world.customer_event(CustomerEvent::Applications(Ok(vec![world::item(11, "Editor")])));
    for intent in [
        CustomerIntent::Share(vec![mitblick_protocol::session::ApplicationId(11)]),
        CustomerIntent::ShareTitles(vec!["Editor".into()]),
    ] {
        world.customer(intent);
        world.customer_event(CustomerEvent::Applications(Ok(vec![world::item(11, "Editor")])));
        assert!(world.complaints.pop().is_some());
        assert!(matches!(world.customer_screen(), CustomerScreen::WhoCalled { .. }));
        let shares = |work: &CustomerWork| matches!(work, CustomerWork::Share(ShareCommand::Start(_)));
        assert!(!world.customer_work.iter().any(shares));
    }
    world.customer(CustomerIntent::IDidCall);
    assert!(matches!(world.customer_screen(), CustomerScreen::Choose { .. }));
    assert!(world.customer_work.iter().any(|work| matches!(work, CustomerWork::RememberCompany(_))));
    // It is asked once.
    world.customer(CustomerIntent::End);
    world.advisor(AdvisorIntent::NewNumber);
    let number = world.open_number();
    world.customer(CustomerIntent::Join(number));
    assert!(matches!(world.customer_screen(), CustomerScreen::Choose { .. }));
}

#[test]
fn who_was_called_is_told_to_stop_and_the_advisor_that_the_customer_declined() {
    let mut world = stranger();
    world.customer(CustomerIntent::TheyCalledMe);
    assert!(end_view(&world).stop);
    assert!(!world.customer_work.iter().any(|work| matches!(work, CustomerWork::RememberCompany(_))));
    let AdvisorScreen::Lobby { last: Some(last), .. } = world.advisor_screen() else { panic!("the session is over") };
    assert_eq!(last.problem, Some(Problem::CustomerDeclined));
    let (receipt, reach) = keep(&mut world);
    assert_eq!(facts(&receipt), [&Fact::Ended { by: Side::Keeper, reason: EndReason::Declined }]);
    assert_eq!(reach, Reach::Whole);
}

#[test]
fn the_answer_counts_only_while_it_is_asked() {
    let mut world = World::connected();
    for intent in [CustomerIntent::IDidCall, CustomerIntent::TheyCalledMe] {
        world.customer(intent);
        assert_eq!(world.complaints.pop(), Some(Problem::NotNow));
    }
    assert!(matches!(world.customer_screen(), CustomerScreen::Choose { .. }));
}
