//! The stop key works whatever else goes on.

use crate::screen::{Granted, PATIENCE, Recorder, Screen, Teller, Told, until};
use mitblick_platform::{
    Platform,
    inject::Injected,
    stop_key::{AfterEvents, SeenInput, StopKeyWatch},
    x11::X11,
};
use mitblick_protocol::{
    input::{InputEvent, Key},
    peer_msg::SurfaceId,
};
use std::sync::mpsc::{Receiver, channel};
use x11rb::{
    connection::Connection as _,
    protocol::{
        xinput::{
            self, ConnectionExt as _, DeviceType, HierarchyChange, HierarchyChangeData, HierarchyChangeDataAddMaster,
            HierarchyChangeDataRemoveMaster,
        },
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, GrabMode, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
            MOTION_NOTIFY_EVENT, ModMask,
        },
        xtest::ConnectionExt as _,
    },
    wrapper::ConnectionExt as _,
};

fn watch(screen: &Screen) -> (Box<dyn StopKeyWatch>, Receiver<Told>) {
    let (sender, told) = channel();
    let platform = X11::new(Some(&screen.name)).unwrap();
    (platform.watch_stop_key(Box::new(Teller(sender))).unwrap(), told)
}

/// Waits for the stop key; what comes besides does not count.
fn stops(told: &Receiver<Told>) {
    while told.recv_timeout(PATIENCE).expect("the stop key") != Told::Stop {}
}

/// What was told but for presses and movements one by one.
fn rest(told: &Receiver<Told>) -> Vec<Told> {
    told.try_iter().filter(|told| !matches!(told, Told::Seen(_))).collect()
}

/// Tells when what was asked for has been done.
fn done_after_events(after_events: &AfterEvents) -> Receiver<()> {
    let (done, is_done) = channel();
    after_events.run(move || {
        let _ = done.send(());
    });
    is_done
}

/// The keycode of F12 on these servers.
const F12: u8 = 96;

/// Whether somebody has this key to themselves.
fn key_is_grabbed(screen: &Screen, keycode: u8) -> bool {
    // Nobody else may find the key taken by this look at it.
    screen.conn.grab_server().unwrap().check().unwrap();
    let (any, mode) = (ModMask::ANY, GrabMode::ASYNC);
    let free = screen.conn.grab_key(false, screen.root, any, keycode, mode, mode).unwrap().check();
    if free.is_ok() {
        screen.conn.ungrab_key(keycode, screen.root, any).unwrap().check().unwrap();
    }
    screen.conn.ungrab_server().unwrap().check().unwrap();
    free.is_err()
}

/// A key without a meaning.
fn unused_key(screen: &Screen) -> u8 {
    let (first, last) = (screen.conn.setup().min_keycode, screen.conn.setup().max_keycode);
    let mapping = screen.conn.get_keyboard_mapping(first, last - first + 1).unwrap().reply().unwrap();
    let mut rows = mapping.keysyms.chunks_exact(usize::from(mapping.keysyms_per_keycode));
    let unused = rows.rposition(|row| row.iter().all(|&keysym| keysym == 0)).expect("an unused key");
    first + u8::try_from(unused).unwrap()
}

#[test]
fn an_injected_stop_key_stops_once_a_press() {
    let screen = Screen::start();
    let (watch, told) = watch(&screen);
    for _ in 0..3 {
        screen.run("xdotool", &["key", "F12"]);
        stops(&told);
    }
    screen.run("xdotool", &["key", "a"]);
    drop(watch);
    assert_eq!(rest(&told), [], "counted once, and injected input is not the person's");
}

#[test]
fn the_stop_key_is_found_wherever_the_mapping_has_it() {
    let screen = Screen::start();
    let (_watch, told) = watch(&screen);
    screen.run("xmodmap", &["-e", "keycode 24 = q Q F12"]);
    // The mapping has changed for the watch too, some time after: press until
    // it is heard.
    until("the stop key", || {
        screen.run("xdotool", &["key", "q"]);
        told.try_iter().any(|told| told == Told::Stop).then_some(())
    });
}

#[test]
fn what_was_the_stop_key_at_the_beginning_stays_one_wherever_f12_is_moved() {
    let screen = Screen::start();
    let (_watch, told) = watch(&screen);
    screen.run("xmodmap", &["-e", "keycode 96 = b", "-e", "keycode 24 = F12"]);
    until("the new stop key", || {
        screen.run("xdotool", &["key", "24"]);
        told.try_iter().any(|told| told == Told::Stop).then_some(())
    });
    rest(&told);
    screen.run("xdotool", &["key", "96"]);
    stops(&told);
}

#[test]
fn the_stop_key_of_a_keyboard_with_a_mapping_of_its_own_stops_at_its_first_press() {
    let screen = Screen::start();
    let own = screen.own_keyboard();
    screen.put_on(own, 24, xkeysym::key::F12);
    // The other one was used last.
    screen.run("xdotool", &["key", "a"]);
    let (_watch, told) = watch(&screen);
    screen.strike_on(own, 24);
    stops(&told);
}

#[test]
fn that_there_is_no_keyboard_any_more_is_told_once_each_time() {
    let screen = Screen::start();
    let own = screen.own_keyboard();
    let (_watch, told) = watch(&screen);
    for _ in 0..2 {
        screen.switch(own, false);
        while told.recv_timeout(PATIENCE).expect("it is told") != Told::NoKeyboard {}
        screen.switch(own, true);
        // It stops again, at its first press.
        screen.strike_on(own, F12);
        stops(&told);
        assert!(!rest(&told).contains(&Told::NoKeyboard));
    }
}

#[test]
fn a_second_stop_key_stops_too_and_is_never_injected() {
    let screen = Screen::start();
    let recorder = Recorder::open(&screen, "200x150+20+20");
    screen.focus(recorder.window);
    let (sender, told) = channel();
    let platform = X11::new(Some(&screen.name)).unwrap().with_second_stop_key(u32::from(b'p'));
    let _watch = platform.watch_stop_key(Box::new(Teller(sender))).unwrap();
    for key in ["p", "F12"] {
        screen.run("xdotool", &["key", key]);
        stops(&told);
    }
    let mut granted = Granted::to(&[recorder.application()]);
    let mut injector = platform.start_injector(granted.view.clone()).unwrap();
    let mut press = |c| {
        let event = InputEvent::Key { key: Key::Character(c), pressed: true };
        granted.inject(&mut *injector, event)
    };
    assert!(matches!(press('p'), Injected::Refused(_)));
    assert_eq!(press('o'), Injected::Done);
    until("the other letter", || (recorder.typed() == "po").then_some(()));
    assert_eq!(rest(&told), [], "nothing stopped");
}

#[test]
fn the_real_stop_key_works_while_another_program_has_the_keyboard() {
    let screen = Screen::with_keyboard();
    let (_watch, told) = watch(&screen);
    let mode = GrabMode::ASYNC;
    screen.conn.grab_keyboard(false, screen.root, x11rb::CURRENT_TIME, mode, mode).unwrap().reply().unwrap();
    let outer = screen.outer();
    until("the stop key", || {
        // The nested server takes its time to follow the pointer and keyboard.
        outer.run("xdotool", &["mousemove", "100", "100", "key", "F12"]);
        told.try_iter().any(|told| told == Told::Stop).then_some(())
    });
    until("the person to be noticed", || {
        outer.run("xdotool", &["mousemove_relative", "1", "1"]);
        told.try_iter().any(|told| told == Told::Local).then_some(())
    });
}

#[test]
fn the_stop_key_works_under_a_flood_of_injected_input() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let (watch, told) = watch(&screen);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = X11::new(Some(&screen.name)).unwrap().start_injector(granted.view.clone()).unwrap();
    let gate = granted.gates().control;
    std::thread::scope(|scope| {
        let surface = SurfaceId(shared.window);
        let place = |x| InputEvent::PointerMove { surface, x, y: 20 };
        let events = [place(10), InputEvent::Key { key: Key::Character('x'), pressed: true }, place(30)];
        let permits = events.map(|event| granted.permit(event));
        let mut inject = move || permits.iter().all(|permit| injector.inject(permit).unwrap() == Injected::Done);
        let flood = scope.spawn(move || while inject() {});
        until("the flood", || (shared.count("KeyPress") > 100).then_some(()));
        screen.run("xdotool", &["key", "F12"]);
        stops(&told);
        done_after_events(&watch.after_events()).recv_timeout(PATIENCE).expect("what is asked for has its turn");
        // As the handler does it in the product.
        gate.raise();
        flood.join().unwrap();
    });
    assert!(screen.keys_down().is_empty());
}

#[test]
fn the_stop_key_is_kept_from_the_application_only_while_wanted() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let (watch, told) = watch(&screen);
    let presses = || shared.said().matches("keysym 0xffc9, F12").count();
    let grabbed = || key_is_grabbed(&screen, F12);
    screen.run("xdotool", &["key", "F12"]);
    stops(&told);
    until("the key at the application", || (presses() == 2).then_some(()));
    watch.swallow(true);
    until("the grab", || grabbed().then_some(()));
    screen.run("xdotool", &["key", "F12", "key", "a"]);
    stops(&told);
    until("the key after it", || (shared.typed().ends_with('a')).then_some(()));
    assert_eq!(presses(), 2, "kept");
    watch.swallow(false);
    until("the end of the grab", || (!grabbed()).then_some(()));
    screen.run("xdotool", &["key", "F12"]);
    stops(&told);
    until("the key at the application", || (presses() == 4).then_some(()));
    watch.swallow(true);
    until("the grab", || grabbed().then_some(()));
    drop(watch);
    assert!(!grabbed(), "given back with the watch");
}

/// Another keyboard, another layout: the mapping changes all the time, and with
/// it what has to be grabbed.
#[test]
fn the_stop_key_is_kept_without_a_gap_while_the_keyboard_mapping_changes() {
    const CHANGES: u32 = 60;
    const PRESSES: u32 = 40;
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let (watch, told) = watch(&screen);
    watch.swallow(true);
    until("the grab", || key_is_grabbed(&screen, F12).then_some(()));
    let spare = unused_key(&screen);
    let (hand, _) = x11rb::rust_connection::RustConnection::connect(Some(&screen.name)).unwrap();
    for change in 0..CHANGES {
        let keysym = u32::from(b'a') + change % 26;
        screen.conn.change_keyboard_mapping(1, spare, 1, &[keysym]).unwrap().check().unwrap();
        for _ in 0..PRESSES {
            for kind in [KEY_PRESS_EVENT, KEY_RELEASE_EVENT] {
                hand.xtest_fake_input(kind, F12, x11rb::CURRENT_TIME, screen.root, 0, 0, 0).unwrap();
            }
        }
        hand.sync().unwrap();
        stops(&told);
    }
    screen.run("xdotool", &["key", "a"]);
    until("the key after it", || shared.typed().ends_with('a').then_some(()));
    assert_eq!(shared.said().matches("keysym 0xffc9, F12").count(), 0, "kept");
}

#[test]
fn a_display_that_goes_away_is_told_once() {
    let screen = Screen::start();
    let (_watch, told) = watch(&screen);
    drop(screen);
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Told::Lost));
    assert!(told.recv_timeout(PATIENCE).is_err(), "and the handler is gone");
}

#[test]
fn presses_and_movements_are_told_by_who_makes_them_before_what_is_asked_after_them() {
    let screen = Screen::with_keyboard();
    let (watch, told) = watch(&screen);
    let after_events = watch.after_events();
    let told_now = || {
        done_after_events(&after_events).recv_timeout(PATIENCE).expect("what was asked for");
        told.try_iter().collect::<Vec<_>>()
    };
    let injected = |told: &[Told]| {
        let (press, motion) = (SeenInput::InjectedPress, SeenInput::InjectedMotion);
        [press, motion].map(|seen| told.iter().filter(|&&told| told == Told::Seen(seen)).count())
    };
    screen.conn.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, screen.root, 90, 60, 0).unwrap().check().unwrap();
    assert_eq!(injected(&told_now()), [0, 1]);
    screen.run("xdotool", &["click", "1"]);
    assert_eq!(injected(&told_now()), [2, 0], "down and up");
    screen.run("xdotool", &["key", "a"]);
    let told = told_now();
    assert_eq!(injected(&told), [2, 0]);
    assert!(!told.contains(&Told::Seen(SeenInput::Press)));
    let outer = screen.outer();
    until("a press by hand", || {
        outer.run("xdotool", &["mousemove", "100", "100", "key", "a"]);
        let told = told_now();
        assert_eq!(injected(&told), [0, 0]);
        let moved = ["mousemove_relative", "1", "1", "click", "1"];
        outer.run("xdotool", &moved);
        let clicked = told_now().contains(&Told::Seen(SeenInput::Click));
        (clicked && told.contains(&Told::Seen(SeenInput::Press))).then_some(())
    });
    // Once it has ended, nothing is done any more.
    drop(watch);
    assert!(done_after_events(&after_events).recv_timeout(PATIENCE).is_err());
}

/// The server may be held by another program, as window managers do while they
/// draw an outline.
#[test]
fn the_stop_key_does_not_wait_for_what_waits_for_its_turn_among_the_events() {
    let screen = Screen::with_keyboard();
    let (watch, told) = watch(&screen);
    let outer = screen.outer();
    until("the stop key", || {
        // The nested server takes its time to follow the pointer and keyboard.
        outer.run("xdotool", &["mousemove", "100", "100", "key", "F12"]);
        told.try_iter().any(|told| told == Told::Stop).then_some(())
    });
    screen.conn.grab_server().unwrap().check().unwrap();
    let done = done_after_events(&watch.after_events());
    while told.try_recv().is_ok() {}
    outer.run("xdotool", &["key", "F12"]);
    stops(&told);
    assert!(done.try_recv().is_err(), "its turn can't have come");
    screen.conn.ungrab_server().unwrap().check().unwrap();
    done.recv_timeout(PATIENCE).expect("its turn");
}

/// All of it happens before the watch can look at the devices.
#[test]
fn a_press_by_a_pointer_that_was_there_for_a_moment_is_injected() {
    let screen = Screen::start();
    let (watch, told) = watch(&screen);
    let conn = &screen.conn;
    conn.xinput_xi_query_version(2, 2).unwrap().reply().unwrap();
    let masters = || {
        let devices = conn.xinput_xi_query_device(xinput::Device::ALL_MASTER).unwrap().reply().unwrap().infos;
        let pointers = devices.into_iter().filter(|device| device.type_ == DeviceType::MASTER_POINTER);
        pointers.map(|device| device.deviceid).collect::<Vec<_>>()
    };
    let before = masters();
    conn.grab_server().unwrap().check().unwrap();
    let add = HierarchyChangeDataAddMaster { send_core: true, enable: true, name: b"moment".to_vec() };
    let change =
        |len, data| conn.xinput_xi_change_hierarchy(&[HierarchyChange { len, data }]).unwrap().check().unwrap();
    change(4, HierarchyChangeData::AddMaster(add));
    let added = *masters().iter().find(|id| !before.contains(id)).expect("the new pointer");
    conn.xinput_xi_set_client_pointer(x11rb::NONE, added).unwrap().check().unwrap();
    for kind in [BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT] {
        conn.xtest_fake_input(kind, 1, 0, x11rb::NONE, 0, 0, 0).unwrap().check().unwrap();
    }
    let mode = xinput::ChangeMode::FLOAT;
    let remove =
        HierarchyChangeDataRemoveMaster { deviceid: added, return_mode: mode, return_pointer: 0, return_keyboard: 0 };
    change(3, HierarchyChangeData::RemoveMaster(remove));
    conn.ungrab_server().unwrap().check().unwrap();
    done_after_events(&watch.after_events()).recv_timeout(PATIENCE).expect("what was asked for");
    let told: Vec<_> = told.try_iter().collect();
    let seen = |seen| told.iter().filter(|&&told| told == Told::Seen(seen)).count();
    assert_eq!((seen(SeenInput::InjectedPress), seen(SeenInput::Click)), (2, 0), "{told:?}");
}
