//! Where remote input may go, and where never.

use crate::{
    painter::{Kind, Painter},
    screen::{Granted, Recorder, Screen, until},
};
use mitblick_platform::{Platform, inject::Injected, inject::Injector, x11::X11};
use mitblick_protocol::{
    input::{Button, InputEvent, InputRefusal, Key, NamedKey},
    peer_msg::SurfaceId,
};

fn click(window: u32, pressed: bool) -> InputEvent {
    InputEvent::PointerButton { surface: SurfaceId(window), x: 20, y: 30, button: Button::Left, pressed }
}

fn letter(c: char) -> InputEvent {
    InputEvent::Key { key: Key::Character(c), pressed: true }
}

fn named(name: NamedKey, pressed: bool) -> InputEvent {
    InputEvent::Key { key: Key::Named(name), pressed }
}

fn injector(screen: &Screen, granted: &Granted) -> Box<dyn Injector> {
    X11::new(Some(&screen.name)).unwrap().start_injector(granted.view.clone()).unwrap()
}

const OUTSIDE: Injected = Injected::Refused(InputRefusal::OutsideSharedWindows);
const NO_FOCUS: Injected = Injected::Refused(InputRefusal::FocusNotShared);
const NO_GRANT: Injected = Injected::Refused(InputRefusal::NoGrant);
const SYSTEM: Injected = Injected::Refused(InputRefusal::SystemShortcut);

#[test]
fn clicks_and_the_wheel_reach_a_shared_window_at_their_place() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, true)), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, false)), Injected::Done);
    let wheel = InputEvent::Scroll { surface: SurfaceId(shared.window), x: 5, y: 6, right: -1, down: 2 };
    assert_eq!(granted.inject(&mut *injector, wheel), Injected::Done);
    until("all of them", || (shared.count("ButtonRelease") == 4).then_some(()));
    let said = shared.said();
    assert!(said.contains("(20,30)"), "{said}");
    assert_eq!(said.matches("button 5").count(), 4, "two notches down: {said}");
    assert_eq!(said.matches("button 6").count(), 2, "one to the left: {said}");
}

#[test]
fn buttons_and_the_wheel_are_the_window_managers_while_alt_is_held_and_so_not_pressed() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    let wheel = InputEvent::Scroll { surface: SurfaceId(shared.window), x: 5, y: 6, right: 0, down: 1 };
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::AltLeft, true)), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, true)), SYSTEM);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, false)), Injected::Done, "nothing is down");
    assert_eq!(granted.inject(&mut *injector, wheel), SYSTEM);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::AltLeft, false)), Injected::Done);
    // With Control they are the application's.
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::ControlLeft, true)), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, wheel), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, true)), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, false)), Injected::Done);
    until("wheel and click", || (shared.count("ButtonRelease") == 2).then_some(()));
}

#[test]
fn a_foreign_window_on_top_is_never_hit() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    let foreign = Recorder::open(&screen, "60x60+110+100");
    screen.raise(foreign.window);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, true)), OUTSIDE);
    assert_eq!(granted.inject(&mut *injector, click(foreign.window, true)), OUTSIDE);
    let beside = InputEvent::PointerMove { surface: SurfaceId(shared.window), x: 200, y: 10 };
    assert_eq!(granted.inject(&mut *injector, beside), OUTSIDE);
    let inside = InputEvent::PointerMove { surface: SurfaceId(shared.window), x: 199, y: 10 };
    assert_eq!(granted.inject(&mut *injector, inside), Injected::Done);
    until("the motion", || (shared.count("EnterNotify") > 0).then_some(()));
    assert_eq!(foreign.count("ButtonPress") + foreign.count("MotionNotify"), 0);
}

#[test]
fn own_windows_are_never_hit_even_if_this_program_were_shared() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    let own = screen.own_window((100, 80), (100, 100));
    let mut granted = Granted::to(&[shared.application(), X11::application_of_process(std::process::id())]);
    let mut injector = injector(&screen, &granted);
    assert_eq!(granted.inject(&mut *injector, click(shared.window, true)), OUTSIDE);
    assert_eq!(granted.inject(&mut *injector, click(own, true)), OUTSIDE);
    screen.focus(own);
    assert_eq!(granted.inject(&mut *injector, letter('a')), NO_FOCUS);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::Enter, true)), NO_FOCUS);
}

#[test]
fn keys_go_only_where_the_focus_is_shared() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    let foreign = Recorder::open(&screen, "60x60+500+100");
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    screen.focus(foreign.window);
    assert_eq!(granted.inject(&mut *injector, letter('a')), NO_FOCUS);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::ControlLeft, true)), NO_FOCUS);
    screen.focus(shared.window);
    assert_eq!(granted.inject(&mut *injector, letter('a')), Injected::Done);
    until("the letter", || (shared.typed() == "a").then_some(()));
    assert_eq!(foreign.count("KeyPress"), 0);
}

#[test]
fn keys_do_not_go_to_a_foreign_program_that_has_grabbed_the_keyboard() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    use x11rb::protocol::xproto::{ConnectionExt as _, GrabMode};
    let mode = GrabMode::ASYNC;
    screen.conn.grab_keyboard(false, screen.root, x11rb::CURRENT_TIME, mode, mode).unwrap().reply().unwrap();
    assert_eq!(granted.inject(&mut *injector, letter('a')), NO_FOCUS);
    screen.conn.ungrab_keyboard(x11rb::CURRENT_TIME).unwrap().check().unwrap();
    assert_eq!(granted.inject(&mut *injector, letter('b')), Injected::Done);
    until("the letter", || (shared.typed() == "b").then_some(()));
    assert_eq!(shared.count("FocusOut"), 1, "only the grab of the test shows: {}", shared.said());
}

/// The watcher can call up a tooltip of what is shared at any time.
#[test]
fn a_tooltip_does_not_make_a_foreign_grab_a_shared_one() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    let (mut also_shared, mut foreign) = (Painter::start(&screen.name), Painter::start(&screen.name));
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application(), X11::application_of_process(also_shared.pid())]);
    let mut injector = injector(&screen, &granted);
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, GrabMode, PropMode};
    use x11rb::wrapper::ConnectionExt as _;
    let atom = |name: &str| screen.conn.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
    let is = |window, kind: &str| {
        let (property, kinds) = (atom("_NET_WM_WINDOW_TYPE"), [atom(kind), atom("_NET_WM_WINDOW_TYPE_NORMAL")]);
        let set = screen.conn.change_property32(PropMode::REPLACE, window, property, AtomEnum::ATOM, &kinds);
        set.unwrap().check().unwrap();
    };
    let mode = GrabMode::ASYNC;
    screen.conn.grab_keyboard(false, screen.root, x11rb::CURRENT_TIME, mode, mode).unwrap().reply().unwrap();
    let popup = also_shared.window(Kind::Popup, (400, 100, 40, 20), 0);
    for kind in ["TOOLTIP", "NOTIFICATION", "DND"] {
        is(popup, &format!("_NET_WM_WINDOW_TYPE_{kind}"));
        assert_eq!(granted.inject(&mut *injector, letter('a')), NO_FOCUS, "{kind}");
    }
    // A menu takes the keyboard, and has it under a tooltip too.
    is(popup, "_NET_WM_WINDOW_TYPE_POPUP_MENU");
    assert_eq!(granted.inject(&mut *injector, letter('b')), Injected::Done);
    is(also_shared.window(Kind::Popup, (400, 150, 40, 20), 0), "_NET_WM_WINDOW_TYPE_TOOLTIP");
    assert_eq!(granted.inject(&mut *injector, letter('c')), Injected::Done);
    is(foreign.window(Kind::Popup, (400, 200, 40, 20), 0), "_NET_WM_WINDOW_TYPE_TOOLTIP");
    assert_eq!(granted.inject(&mut *injector, letter('d')), NO_FOCUS, "who paints over a menu may have grabbed");
}

#[test]
fn nothing_is_injected_once_the_gate_is_raised() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    let (press, key) = (granted.permit(click(shared.window, true)), granted.permit(letter('a')));
    granted.gates().control.raise();
    assert_eq!(injector.inject(&press).unwrap(), NO_GRANT);
    assert_eq!(injector.inject(&key).unwrap(), NO_GRANT);
    assert!(X11::new(Some(&screen.name)).unwrap().start_injector(granted.view.clone()).is_err());
    drop(injector);
    assert!(screen.keys_down().is_empty());
    // What arrives now was sent last: nothing came before it.
    screen.run("xdotool", &["mousemove", "120", "120", "click", "1", "key", "z"]);
    until("the end mark", || (shared.typed() == "z").then_some(()));
    assert_eq!((shared.count("ButtonPress"), shared.count("KeyPress")), (1, 1));
}

#[test]
fn what_is_held_is_released_by_every_way_out() {
    type Way = fn(&mut Granted, Box<dyn Injector>) -> Option<Box<dyn Injector>>;
    let ways: [Way; 4] = [
        |_, injector| {
            drop(injector);
            None
        },
        |_, mut injector| {
            injector.release_all();
            Some(injector)
        },
        |granted, mut injector| {
            granted.revoke();
            injector.release_all();
            Some(injector)
        },
        |granted, mut injector| {
            granted.inject(&mut *injector, InputEvent::ReleaseAll);
            Some(injector)
        },
    ];
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    for way in ways {
        let mut granted = Granted::to(&[shared.application()]);
        let mut injector = injector(&screen, &granted);
        granted.inject(&mut *injector, named(NamedKey::ShiftLeft, true));
        granted.inject(&mut *injector, named(NamedKey::ControlLeft, true));
        granted.inject(&mut *injector, click(shared.window, true));
        assert_eq!((screen.keys_down().len(), screen.mask() & 0x105), (2, 0x105));
        let _injector = way(&mut granted, injector);
        until("all to be released", || (screen.keys_down().is_empty() && screen.mask() & 0x105 == 0).then_some(()));
    }
}

#[test]
fn shortcuts_of_the_window_manager_are_refused_and_those_of_the_application_pass() {
    let screen = Screen::start().manage();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::AltLeft, true)), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::Tab, true)), SYSTEM);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::F4, true)), SYSTEM);
    assert_eq!(granted.inject(&mut *injector, letter('f')), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::ControlLeft, true)), Injected::Done);
    assert_eq!(granted.inject(&mut *injector, letter('t')), SYSTEM);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::ArrowLeft, true)), SYSTEM);
    assert_eq!(granted.inject(&mut *injector, InputEvent::ReleaseAll), Injected::Done);
    // A key that somebody has bound on this desktop.
    use x11rb::protocol::xproto::{ConnectionExt as _, GrabMode, ModMask};
    let (mode, any) = (GrabMode::ASYNC, ModMask::ANY);
    screen.conn.grab_key(true, screen.root, any, 76, mode, mode).unwrap().check().unwrap();
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::F10, true)), SYSTEM);
    assert_eq!(granted.inject(&mut *injector, named(NamedKey::F9, true)), Injected::Done);
    until("the shortcut", || (shared.said().contains("keysym 0xffc6, F9")).then_some(()));
    assert!(!shared.said().contains("F10") && !shared.said().contains("Tab"));
}

#[test]
fn a_key_that_somebody_has_bound_is_refused_by_whichever_way_it_is_bound() {
    use x11rb::protocol::{
        xinput::{ConnectionExt as _, Device, GrabMode22, GrabOwner, GrabType},
        xproto::{ConnectionExt as _, GrabMode, ModMask},
    };
    // The key of b on these servers.
    const B: u8 = 56;
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    let mode = GrabMode::ASYNC;
    let control = ModMask::CONTROL;
    screen.conn.xinput_xi_query_version(2, 2).unwrap().reply().unwrap();
    for of_xi in [false, true] {
        let (devices, kind, on) = (Device::ALL_MASTER, GrabType::KEYCODE, [u32::from(u16::from(control))]);
        if of_xi {
            let (async_mode, owner) = (GrabMode22::ASYNC, GrabOwner::NO_OWNER);
            let asked = screen.conn.xinput_xi_passive_grab_device(
                x11rb::CURRENT_TIME,
                screen.root,
                x11rb::NONE,
                B.into(),
                devices,
                kind,
                async_mode,
                mode,
                owner,
                &[1 << 2],
                &on,
            );
            assert!(asked.unwrap().reply().unwrap().modifiers.is_empty(), "nobody else has it");
        } else {
            screen.conn.grab_key(true, screen.root, control, B, mode, mode).unwrap().check().unwrap();
        }
        assert_eq!(granted.inject(&mut *injector, named(NamedKey::ControlLeft, true)), Injected::Done);
        assert_eq!(granted.inject(&mut *injector, letter('b')), SYSTEM, "XI2: {of_xi}");
        assert_eq!(granted.inject(&mut *injector, letter('c')), Injected::Done);
        assert_eq!(granted.inject(&mut *injector, named(NamedKey::ControlLeft, false)), Injected::Done);
        if of_xi {
            screen.conn.xinput_xi_passive_ungrab_device(screen.root, B.into(), devices, kind, &on).unwrap();
        } else {
            screen.conn.ungrab_key(B, screen.root, control).unwrap().check().unwrap();
        }
    }
    assert_eq!(granted.inject(&mut *injector, letter('b')), Injected::Done, "it is nobody's without Control");
}

#[test]
fn a_modifier_that_the_person_holds_stops_typing() {
    let screen = Screen::start();
    let shared = Recorder::open(&screen, "200x150+100+80");
    screen.focus(shared.window);
    let mut granted = Granted::to(&[shared.application()]);
    let mut injector = injector(&screen, &granted);
    screen.run("xdotool", &["keydown", "Control_L"]);
    assert_eq!(granted.inject(&mut *injector, letter('w')), Injected::Refused(InputRefusal::LocalInputWins));
    screen.run("xdotool", &["keyup", "Control_L"]);
    assert_eq!(granted.inject(&mut *injector, letter('w')), Injected::Done);
}
