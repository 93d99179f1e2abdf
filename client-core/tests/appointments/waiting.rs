//! A customer who comes while the number is not open.

use super::*;

#[test]
fn a_customer_who_comes_while_another_number_is_open_waits_and_is_let_in_by_a_click() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, HOUR_S);
    world.pass((HOUR_S - 5 * 60) * 1_000);
    // The advisor tells somebody else a number.
    world.advisor(AdvisorIntent::NewNumber);
    keeper.catch_up(&mut world);
    world.customer(CustomerIntent::Join(appointment.number().unwrap().to_string()));
    assert_eq!(customer_step(&world), waits(WaitingLine::Here));
    assert_eq!((view(&world).awaited, view(&world).due), (vec![appointment.id], Some(appointment.id)));
    // Also when that one is over, nobody is put through without being asked.
    world.expire_number();
    world.pass(60_000);
    assert_eq!((customer_step(&world), view(&world).open), (waits(WaitingLine::Here), None));
    say(&mut world, AppointmentIntent::Open(appointment.id));
    keeper.catch_up(&mut world);
    assert!(matches!(world.advisor_screen(), AdvisorScreen::Viewer(_)));
    assert!(matches!(world.customer_screen(), CustomerScreen::Choose { .. } | CustomerScreen::WhoCalled { .. }));
    assert_eq!(keeper.only().state, AppointmentState::Used);
}

#[test]
fn in_a_session_the_advisor_sees_that_the_next_customer_waits() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, HOUR_S);
    let number = world.open_number();
    world.customer(CustomerIntent::Join(number));
    let awaited = |world: &World| match world.advisor_screen() {
        AdvisorScreen::Viewer(viewer) => viewer.awaited,
        _ => panic!("no session"),
    };
    assert_eq!(awaited(&world), None);
    let routing = appointment.routing().unwrap();
    world.tell_advisor(FromBroker::CustomerWaits { routing, waits: true });
    assert_eq!(awaited(&world), Some(appointment.begins_unix_s));
    world.tell_advisor(FromBroker::CustomerWaits { routing, waits: false });
    assert_eq!(awaited(&world), None);
}

#[test]
fn who_waits_comes_again_by_itself_after_a_cut_and_hears_when_nobody_comes() {
    let (mut world, mut keeper) = signed_in();
    let appointment = book(&mut world, &mut keeper, HOUR_S);
    world.pass((HOUR_S - 5 * 60) * 1_000);
    world.advisor(AdvisorIntent::NewNumber);
    keeper.catch_up(&mut world);
    world.customer(CustomerIntent::Join(appointment.number().unwrap().to_string()));
    for cut in
        [FromBroker::Restarting { reconnect_in_ms: 100, try_for_ms: 1_000 }, FromBroker::Refused(Refusal::Stopping)]
    {
        world.tell_customer(cut);
        assert_eq!((customer_step(&world), world.customer_connected), (waits(WaitingLine::Cut), false));
        world.pass(9_000);
        assert!(!world.customer_connected, "not all the time");
        world.pass(1_500);
        assert_eq!((customer_step(&world), world.customer_connected), (waits(WaitingLine::Here), true));
    }
    // Who comes too often is told when to come again.
    world.tell_customer(FromBroker::JoinLimited { retry_after_s: 30 });
    let limited = WaitingLine::Limited { until_unix_s: Keeper::unix_s(&world) + 30 };
    assert_eq!((customer_step(&world), world.customer_connected), (waits(limited), false));
    world.pass(29_000);
    assert_eq!((customer_step(&world), world.customer_connected), (waits(limited), false));
    world.pass(1_500);
    assert_eq!(customer_step(&world), waits(WaitingLine::Here));
    say(&mut world, AppointmentIntent::Cancel(appointment.id));
    keeper.catch_up(&mut world);
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("{:?}", world.customer_screen()) };
    assert_eq!(problem, Some(Problem::AppointmentOver));
    // Whoever has not waited hears the same as everybody.
    world.customer(CustomerIntent::Join(appointment.number().unwrap().to_string()));
    let CustomerScreen::Join { problem, .. } = world.customer_screen() else { panic!("waits") };
    assert_eq!(problem, Some(Problem::NoOneWaits));
}
