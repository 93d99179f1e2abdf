//! The way into the advisor's program beyond the password, and its lock.

#[path = "support/world.rs"]
#[allow(dead_code)]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorGuide, AdvisorIntent, AdvisorScreen, KeyView, controller::AdvisorWork},
    customer::{ControlView, CustomerIntent, CustomerScreen, controller::CustomerEvent},
    pointing::Pointing,
    problem::Problem,
    together::{TogetherEvent, TogetherIntent, TogetherWork, view::ClipboardIntent},
    workplace_key::{KeyNews, KeyPlace},
};
use mitblick_protocol::{
    broker_msg::{FromBroker, ToBroker},
    clipboard::ClipWays,
    input::{InputEvent, Key},
    text::DisplayText,
};
use std::time::Duration;
use support::{World, key};

fn sign_in(world: &mut World) {
    world.advisor(AdvisorIntent::SignIn { user: "anna".into(), password: "secret".into() });
}

/// On the first screen: whether it is busy, its problem, and the key.
fn first_screen(world: &World) -> (bool, Option<Problem>, KeyView) {
    match world.advisor_screen() {
        AdvisorScreen::SignIn { busy, problem, key, .. } => (busy, problem, key),
        _ => panic!("not the first screen"),
    }
}

#[test]
fn a_sign_in_waits_for_the_key_as_long_as_the_key_store_asks() {
    let mut world = World::new();
    world.key_news.clear();
    world.run();
    assert_eq!(first_screen(&world), (false, None, KeyView::Fetching));
    sign_in(&mut world);
    assert_eq!(first_screen(&world), (true, None, KeyView::Fetching));
    world.advisor_key(KeyNews::Asking);
    world.pass(120 * 1_000);
    assert_eq!(first_screen(&world), (true, None, KeyView::Asking));
    assert!(!world.advisor_connected, "without the key there is nothing to say to the broker");
    world.advisor_key(key());
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { .. }));
    assert_eq!(world.key_fetches, 1);
}

#[test]
fn a_key_that_could_not_be_had_is_fetched_again_with_the_next_sign_in() {
    let mut world = World::new();
    world.key_news = [KeyNews::Failed(Problem::WorkplaceKeyLocked), key()].into();
    world.run();
    assert_eq!(first_screen(&world), (false, Some(Problem::WorkplaceKeyLocked), KeyView::Missing));
    sign_in(&mut world);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { .. }));
    assert_eq!(world.key_fetches, 2);
    world.advisor(AdvisorIntent::SignOut);
    assert_eq!(first_screen(&world), (false, None, KeyView::Here(KeyPlace::Store)));
}

#[test]
fn a_key_that_never_comes_ends_the_wait_and_may_still_come_later() {
    let mut world = World::new();
    world.key_news.clear();
    sign_in(&mut world);
    world.pass(200 * 1_000);
    let (busy, problem, key_view) = first_screen(&world);
    assert!(!busy && matches!(problem, Some(Problem::WorkplaceKeyStoreGone(_))), "{problem:?}");
    assert_eq!(key_view, KeyView::Missing);
    world.advisor_key(key());
    assert_eq!(first_screen(&world).2, KeyView::Here(KeyPlace::Store));
    assert!(!world.advisor_connected, "nobody asks for it any more");
    sign_in(&mut world);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { .. }));
}

#[test]
fn a_code_is_asked_for_until_one_is_right() {
    let mut world = World::new();
    world.door = Some(FromBroker::CodeWanted);
    sign_in(&mut world);
    let shown = |world: &World| match world.advisor_screen() {
        AdvisorScreen::Code { user, busy: false, problem } if user == "anna" => problem,
        _ => panic!("no code is asked for"),
    };
    assert_eq!(shown(&world), None);
    assert!(world.advisor_connected, "the password is not asked for twice");
    world.advisor(AdvisorIntent::EnterCode { code: "000000".into() });
    assert_eq!(shown(&world), Some(Problem::CodeWrong { retry_after_s: 0, tries_left: 4 }));
    world.pass(10 * 60 * 1_000);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Code { .. }), "a person may take their time");
    world.advisor(AdvisorIntent::EnterCode { code: "123456".into() });
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { number: Some(_), .. }));
}

#[test]
fn a_new_workplace_shows_name_and_code_and_goes_on_by_itself() {
    let mut world = World::new();
    let name = DisplayText::cleaned("empfang");
    world.door = Some(FromBroker::WorkplaceWaits { code: 42_917, name });
    sign_in(&mut world);
    let AdvisorScreen::WorkplaceWaits { name, code } = world.advisor_screen() else { panic!("it does not wait") };
    assert_eq!((name.as_str(), code.as_str()), ("empfang", "042 917"));
    world.tell_advisor(FromBroker::WorkplaceDecided);
    assert_eq!(world.entered, [ToBroker::Enter { take_over: false }]);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { .. }));
}

#[test]
fn taking_over_is_the_persons_word_and_the_first_is_told() {
    let mut world = World::new();
    let there = DisplayText::cleaned("lager");
    world.door = Some(FromBroker::SignedInElsewhere { workplace: there.clone(), in_session: true });
    sign_in(&mut world);
    let AdvisorScreen::Elsewhere { workplace, in_session: true, .. } = world.advisor_screen() else { panic!() };
    assert_eq!(workplace, "lager");
    world.tell_advisor(FromBroker::WorkplaceDecided);
    assert!(world.entered.is_empty(), "only the person takes over");
    world.advisor(AdvisorIntent::TakeOver);
    assert_eq!(world.entered, [ToBroker::Enter { take_over: true }]);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Lobby { .. }));
    world.tell_advisor(FromBroker::TakenOver { workplace: there });
    let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("still signed in") };
    assert_eq!(problem, Some(Problem::TakenOver("lager".into())));
    assert!(!world.advisor_connected);
}

#[test]
fn whoever_is_signed_out_in_a_session_sees_nothing_more_of_it() {
    let mut world = World::showing();
    world.tell_advisor(FromBroker::SignedOut);
    let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("still viewing") };
    assert_eq!(problem, Some(Problem::SignedOut));
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)));
}

#[test]
fn a_locked_program_shows_nothing_sends_nothing_and_gives_control_back() {
    let mut world = World::showing();
    world.advisor(AdvisorIntent::RequestControl);
    world.customer(CustomerIntent::AllowControl { minutes: None });
    let control = |world: &World| match world.customer_screen() {
        CustomerScreen::Sharing(sharing) => sharing.control,
        _ => panic!("nothing is shared"),
    };
    assert!(matches!(control(&world), ControlView::Granted { .. }));
    world.advisor(AdvisorIntent::Lock);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Locked { in_session: true, problem: None, .. }));
    assert!(!matches!(control(&world), ControlView::Granted { .. }), "{:?}", control(&world));
    let before = world.relayed.iter().filter(|(from_customer, _)| !from_customer).count();
    for intent in [
        AdvisorIntent::RequestControl,
        AdvisorIntent::Input(InputEvent::Key { key: Key::Character('a'), pressed: true }),
        AdvisorIntent::NewNumber,
        AdvisorIntent::SignIn { user: "berta".into(), password: "x".into() },
    ] {
        world.advisor(intent);
    }
    assert_eq!(world.relayed.iter().filter(|(from_customer, _)| !from_customer).count(), before);
    world.advisor(AdvisorIntent::Unlock { password: "Secret".into() });
    let AdvisorScreen::Locked { problem, .. } = world.advisor_screen() else { panic!("a wrong password unlocks") };
    assert_eq!(problem, Some(Problem::UnlockFailed { tries_left: 4 }));
    world.advisor(AdvisorIntent::Unlock { password: "secret".into() });
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Viewer(_)));
}

#[test]
fn a_session_that_begins_while_the_program_is_locked_is_locked_too() {
    let mut world = World::new();
    let number = world.number();
    world.advisor(AdvisorIntent::Lock);
    world.customer(CustomerIntent::Join(number));
    let mut world = world.show();
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Locked { in_session: true, .. }));
    let ways = ClipWays { to_watcher: true, to_shower: false };
    world.customer(CustomerIntent::Together(TogetherIntent::Clipboard(ClipboardIntent::Allow(ways))));
    let put = |world: &World| {
        let put = world.advisor_work.iter().filter_map(|work| match work {
            AdvisorWork::Together(TogetherWork::PutClipboard(text)) => Some(text.clone()),
            _ => None,
        });
        put.collect::<Vec<_>>()
    };
    world.customer_event(CustomerEvent::Together(TogetherEvent::Copied("nobody is there".into())));
    assert_eq!(put(&world), Vec::<String>::new());
    world.advisor(AdvisorIntent::Unlock { password: "secret".into() });
    world.customer_event(CustomerEvent::Together(TogetherEvent::Copied("somebody is".into())));
    assert_eq!(put(&world), ["somebody is"]);
}

#[test]
fn whoever_guesses_at_the_lock_is_signed_out_and_the_customer_is_told() {
    let mut world = World::showing();
    world.advisor(AdvisorIntent::Lock);
    for _ in 0..5 {
        world.advisor(AdvisorIntent::Unlock { password: "guess".into() });
    }
    let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("still there") };
    assert_eq!(problem, Some(Problem::UnlockFailed { tries_left: 0 }));
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)));
    world.advisor(AdvisorIntent::Unlock { password: "secret".into() });
    assert_eq!(world.complaints.last(), Some(&Problem::NotNow));
}

#[test]
fn the_program_locks_itself_when_nobody_is_there_and_not_before() {
    let mut world = World::locking_after(Some(Duration::from_secs(900)));
    world.pass(2_000_000);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::SignIn { .. }), "nothing is to be locked yet");
    sign_in(&mut world);
    world.pass(899_000);
    assert!(!matches!(world.advisor_screen(), AdvisorScreen::Locked { .. }));
    world.advisor(AdvisorIntent::Active);
    world.pass(899_000);
    assert!(!matches!(world.advisor_screen(), AdvisorScreen::Locked { .. }));
    world.advisor(AdvisorIntent::Painted);
    // A window that moves under a pointer which rests.
    world.advisor(AdvisorIntent::Guide(AdvisorGuide::Point(Pointing::At(None))));
    world.pass(1_000);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Locked { in_session: false, .. }));
    world.advisor(AdvisorIntent::SignOut);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::SignIn { problem: None, .. }));
}

#[test]
fn the_broker_is_not_waited_for_for_ever_at_any_step() {
    for door in
        [FromBroker::CodeWanted, FromBroker::SignedInElsewhere { workplace: DisplayText::default(), in_session: false }]
    {
        let mut world = World::new();
        world.door = Some(door);
        sign_in(&mut world);
        world.network = false;
        world.silent = true;
        world.advisor(AdvisorIntent::EnterCode { code: "123456".into() });
        world.advisor(AdvisorIntent::TakeOver);
        world.pass(21_000);
        let AdvisorScreen::SignIn { problem, .. } = world.advisor_screen() else { panic!("it hangs") };
        assert!(matches!(problem, Some(Problem::BrokerUnreachable { .. })));
    }
}
