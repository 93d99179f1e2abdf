//! What each thing that the advisor does becomes.

use super::*;
use egui::pos2;

const SURFACE: SurfaceId = SurfaceId(7);

/// One surface from (100, 100) on, to the right and down.
fn hit(place: Pos2) -> Option<(SurfaceId, Point)> {
    (place.x >= 100.0 && place.y >= 100.0)
        .then(|| (SURFACE, Point { x: place.x as i32 - 100, y: place.y as i32 - 100 }))
}

fn map(mapper: &mut InputMapper, events: &[Event]) -> Vec<InputEvent> {
    mapper.map(events, true, None, &hit)
}

fn fresh(events: &[Event]) -> Vec<InputEvent> {
    map(&mut InputMapper::default(), events)
}

fn key(key: egui::Key, pressed: bool, modifiers: Modifiers) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
}

fn down(key: Key) -> InputEvent {
    InputEvent::Key { key, pressed: true }
}

fn up(key: Key) -> InputEvent {
    InputEvent::Key { key, pressed: false }
}

fn name(key: NamedKey) -> Key {
    Key::Named(key)
}

fn press(x: f32, y: f32, pressed: bool) -> Event {
    Event::PointerButton { pos: pos2(x, y), button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

fn wheel(unit: MouseWheelUnit, x: f32, y: f32) -> Event {
    Event::MouseWheel {
        unit,
        delta: egui::vec2(x, y),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    }
}

#[test]
fn text_goes_over_as_characters_whatever_keys_made_it() {
    let events = fresh(&[Event::Text("ä€".into())]);
    let (a, euro) = (Key::Character('ä'), Key::Character('€'));
    assert_eq!(events, [down(a), up(a), down(euro), up(euro)]);
}

#[test]
fn shift_is_not_sent_with_text() {
    let events = fresh(&[
        Event::ModifiersChanged(Modifiers::SHIFT),
        key(egui::Key::A, true, Modifiers::SHIFT),
        Event::Text("A".into()),
        key(egui::Key::A, false, Modifiers::SHIFT),
        Event::ModifiersChanged(Modifiers::NONE),
    ]);
    assert_eq!(events, [down(Key::Character('A')), up(Key::Character('A'))]);
}

#[test]
fn shift_is_held_for_arrows_and_let_go_of_afterwards() {
    let events = fresh(&[
        Event::ModifiersChanged(Modifiers::SHIFT),
        key(egui::Key::ArrowLeft, true, Modifiers::SHIFT),
        key(egui::Key::ArrowLeft, false, Modifiers::SHIFT),
        Event::ModifiersChanged(Modifiers::NONE),
    ]);
    let (shift, left) = (name(NamedKey::ShiftLeft), name(NamedKey::ArrowLeft));
    assert_eq!(events, [down(shift), down(left), up(left), up(shift)]);
}

#[test]
fn a_shortcut_goes_over_as_modifiers_and_a_lower_case_character() {
    let both = Modifiers::CTRL | Modifiers::SHIFT;
    let events = fresh(&[
        Event::ModifiersChanged(Modifiers::CTRL),
        key(egui::Key::T, true, both),
        Event::ModifiersChanged(Modifiers::NONE),
    ]);
    let (control, shift) = (name(NamedKey::ControlLeft), name(NamedKey::ShiftLeft));
    let t = Key::Character('t');
    assert_eq!(events, [down(control), down(shift), down(t), up(t), up(control), up(shift)]);
}

/// What a key in a shortcut becomes: the toolkit's name, its place, and what
/// stands on it.
fn combined(name: egui::Key, place: egui::Key, label: char, modifiers: Modifiers) -> Vec<InputEvent> {
    let event = Event::Key { key: name, physical_key: Some(place), pressed: true, repeat: false, modifiers };
    InputMapper::default().map(&[event], true, Some(label), &hit)
}

#[test]
fn a_sign_in_a_shortcut_has_its_shift_in_it() {
    use egui::Key as E;
    let both = Modifiers::CTRL | Modifiers::SHIFT;
    let control = name(NamedKey::ControlLeft);
    let cases = [
        // Larger: American, German. Comment: German. Full size: French.
        (E::Plus, E::Equals, '+', both),
        (E::Plus, E::CloseBracket, '+', Modifiers::CTRL),
        (E::Slash, E::Num7, '/', both),
        (E::Num0, E::Num0, '0', both),
    ];
    for (key, place, label, modifiers) in cases {
        let sign = Key::Character(label);
        assert_eq!(combined(key, place, label, modifiers), [down(control), down(sign), up(sign)], "{label}");
    }
}

#[test]
fn a_shortcut_is_made_with_what_stands_on_the_key_not_with_its_place() {
    use egui::Key as E;
    let (control, shift) = (name(NamedKey::ControlLeft), name(NamedKey::ShiftLeft));
    for (place, label, meant) in [(E::Backslash, '#', '#'), (E::Semicolon, 'ö', 'ö'), (E::Backtick, '^', '^')] {
        let sign = Key::Character(meant);
        assert_eq!(combined(place, place, label, Modifiers::CTRL), [down(control), down(sign), up(sign)], "{label}");
    }
    let o = Key::Character('ö');
    let both = combined(E::Semicolon, E::Semicolon, 'Ö', Modifiers::CTRL | Modifiers::SHIFT);
    assert_eq!(both, [down(control), down(shift), down(o), up(o)]);
}

#[test]
fn keys_of_digits_and_of_foreign_letters_count_by_their_place_in_shortcuts() {
    use egui::Key as E;
    let (control, shift) = (name(NamedKey::ControlLeft), name(NamedKey::ShiftLeft));
    for (place, label, meant) in [(E::Num2, 'é', '2'), (E::Num1, '&', '1'), (E::C, 'с', 'c')] {
        let key = Key::Character(meant);
        assert_eq!(combined(place, place, label, Modifiers::CTRL), [down(control), down(key), up(key)], "{label}");
    }
    let two = Key::Character('2');
    let both = combined(E::Num2, E::Num2, '@', Modifiers::CTRL | Modifiers::SHIFT);
    assert_eq!(both, [down(control), down(shift), down(two), up(two)]);
}

#[test]
fn text_that_comes_with_alt_is_not_typed_twice() {
    let events = fresh(&[
        Event::ModifiersChanged(Modifiers::ALT),
        key(egui::Key::F, true, Modifiers::ALT),
        Event::Text("f".into()),
        Event::ModifiersChanged(Modifiers::NONE),
    ]);
    let (alt, f) = (name(NamedKey::AltLeft), Key::Character('f'));
    assert_eq!(events, [down(alt), down(f), up(f), up(alt)]);
}

#[test]
fn copy_cut_and_paste_go_over_as_their_shortcuts_and_never_as_content() {
    let control = name(NamedKey::ControlLeft);
    for (event, letter) in [(Event::Copy, 'c'), (Event::Cut, 'x'), (Event::Paste("secret".into()), 'v')] {
        let c = Key::Character(letter);
        assert_eq!(fresh(&[event]), [down(control), down(c), up(c), up(control)]);
    }
}

#[test]
fn f12_and_the_system_key_have_no_way_over() {
    for silent in [egui::Key::F12, egui::Key::F13, egui::Key::SuperLeft, egui::Key::PrintScreen, egui::Key::Power] {
        for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
            let events = fresh(&[key(silent, true, modifiers), key(silent, false, modifiers)]);
            assert_eq!(events, [], "{silent:?}");
        }
        let events = fresh(&[key(silent, true, Modifiers::CTRL)]);
        assert_eq!(events, [], "{silent:?}");
    }
}

#[test]
fn keys_are_not_sent_while_the_picture_has_no_focus_but_the_pointer_is() {
    let mut mapper = InputMapper::default();
    let events = [Event::Text("a".into()), key(egui::Key::Enter, true, Modifiers::NONE), press(150.0, 130.0, true)];
    let sent = mapper.map(&events, false, None, &hit);
    let button = Button::Left;
    assert_eq!(sent, [InputEvent::PointerButton { surface: SURFACE, x: 50, y: 30, button, pressed: true }]);
}

#[test]
fn a_press_beside_the_surfaces_is_nothing_and_its_release_too() {
    assert_eq!(fresh(&[press(5.0, 5.0, true), press(5.0, 5.0, false)]), []);
}

#[test]
fn a_button_is_released_even_beside_the_surfaces() {
    let events = fresh(&[press(150.0, 130.0, true), Event::PointerMoved(pos2(5.0, 5.0)), press(5.0, 5.0, false)]);
    let button = Button::Left;
    assert_eq!(
        events,
        [
            InputEvent::PointerButton { surface: SURFACE, x: 50, y: 30, button, pressed: true },
            InputEvent::PointerButton { surface: SURFACE, x: 50, y: 30, button, pressed: false },
        ]
    );
}

#[test]
fn of_a_row_of_moves_only_the_newest_is_sent() {
    let moves: Vec<_> = (0..50).map(|step| Event::PointerMoved(pos2(100.0 + step as f32, 100.0))).collect();
    assert_eq!(fresh(&moves), [InputEvent::PointerMove { surface: SURFACE, x: 49, y: 0 }]);
}

#[test]
fn the_wheel_is_counted_in_whole_notches_downwards() {
    let at = Event::PointerMoved(pos2(100.0, 100.0));
    let scroll = |right, down| InputEvent::Scroll { surface: SURFACE, x: 0, y: 0, right, down };
    let mut mapper = InputMapper::default();
    map(&mut mapper, &[at]);
    assert_eq!(map(&mut mapper, &[wheel(MouseWheelUnit::Line, 0.0, -1.0)]), [scroll(0, 1)]);
    assert_eq!(map(&mut mapper, &[wheel(MouseWheelUnit::Line, -2.0, 3.0)]), [scroll(2, -3)]);
    let small = wheel(MouseWheelUnit::Point, 0.0, -POINTS_PER_NOTCH / 2.0);
    assert_eq!(map(&mut mapper, std::slice::from_ref(&small)), []);
    assert_eq!(map(&mut mapper, &[small]), [scroll(0, 1)]);
}

#[test]
fn losing_the_window_lets_go_of_everything_once() {
    let mut mapper = InputMapper::default();
    map(&mut mapper, &[Event::ModifiersChanged(Modifiers::CTRL), press(150.0, 130.0, true)]);
    assert!(mapper.holds_something());
    assert_eq!(map(&mut mapper, &[Event::WindowFocused(false)]), [InputEvent::ReleaseAll]);
    assert!(!mapper.holds_something());
    assert_eq!(map(&mut mapper, &[Event::WindowFocused(false), press(150.0, 130.0, false)]), []);
}
