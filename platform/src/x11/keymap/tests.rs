use super::*;

const ALT_GR: u8 = 0x80;

/// Two layouts: a German one and one with only Cyrillic and plain Latin signs.
fn keymap() -> Keymap {
    let mut map = Keymap {
        types: vec![
            KeyType { width: 1, ..KeyType::default() },
            KeyType { mask: mods::SHIFT | mods::LOCK, width: 2, levels: vec![(mods::SHIFT, 1), (mods::LOCK, 1)] },
            KeyType {
                mask: mods::SHIFT | ALT_GR,
                width: 4,
                levels: vec![(mods::SHIFT, 1), (ALT_GR, 2), (mods::SHIFT | ALT_GR, 3)],
            },
        ],
        keycodes: 8..=255,
        keys: vec![KeySymbols::default(); 256],
        modifiers: vec![0; 256],
        second_stop: None,
    };
    let mut put = |keycode: usize, kind: usize, symbols: &[u32]| {
        map.keys[keycode] = KeySymbols { groups: 1, types: [kind; 4], width: symbols.len(), symbols: symbols.to_vec() };
    };
    put(50, 0, &[key::Shift_L]);
    put(108, 0, &[key::ISO_Level3_Shift]);
    put(64, 1, &[key::Alt_L, key::Meta_L]);
    put(133, 0, &[key::Super_L]);
    put(20, 2, &[key::ssharp, key::question, key::backslash, key::questiondown]);
    put(24, 2, &[key::q, key::Q, key::at, 0]);
    put(26, 2, &[key::e, key::E, key::EuroSign, 0]);
    put(49, 2, &[key::dead_circumflex, key::degree, 0, 0]);
    put(48, 2, &[key::adiaeresis, key::Adiaeresis, key::dead_acute, 0]);
    put(65, 0, &[key::space]);
    put(95, 1, &[key::F11, key::F11]);
    put(96, 1, &[key::F12, key::F12]);
    put(87, 0, &[key::KP_1]);
    put(200, 1, &[key::z, key::F12]);
    map.keys[38] = KeySymbols {
        groups: 2,
        types: [1; 4],
        width: 2,
        symbols: vec![key::a, key::A, key::Cyrillic_ef, key::Cyrillic_EF],
    };
    for (keycode, bits) in [(50, mods::SHIFT), (108, ALT_GR), (64, 8), (133, 0x40)] {
        map.modifiers[keycode] = bits;
    }
    map
}

#[test]
fn a_character_is_found_with_the_modifiers_that_it_needs() {
    let map = keymap();
    let stroke = |keycode, mods| Some(Stroke { keycode, group: 0, mods });
    assert_eq!(map.character('e', 0), stroke(26, 0));
    assert_eq!(map.character('E', 0), stroke(26, mods::SHIFT));
    assert_eq!(map.character('€', 0), stroke(26, ALT_GR), "the Euro's own symbol is not Unicode's");
    assert_eq!(map.character('¿', 0), stroke(20, ALT_GR | mods::SHIFT));
    assert_eq!(map.character('ß', 0), stroke(20, 0));
    assert_eq!(map.character('日', 0), None);
    assert_eq!(map.character('\u{1b}', 0), None);
}

#[test]
fn a_character_of_another_layout_says_which() {
    let map = keymap();
    assert_eq!(map.character('a', 1), Some(Stroke { keycode: 38, group: 0, mods: 0 }));
    assert_eq!(map.character('Ф', 0), Some(Stroke { keycode: 38, group: 1, mods: mods::SHIFT }));
    assert_eq!(map.character('q', 1), Some(Stroke { keycode: 24, group: 1, mods: 0 }), "one layout serves both");
}

#[test]
fn a_dead_key_makes_accents_and_its_own_sign() {
    let map = keymap();
    let keys = |c: char| map.composed(c, 0).map(|strokes| strokes.map(|stroke| (stroke.keycode, stroke.mods)));
    assert_eq!(map.character('^', 0), None);
    assert_eq!(keys('^'), Some([(49, 0), (65, 0)]));
    assert_eq!(keys('ê'), Some([(49, 0), (26, 0)]));
    assert_eq!(keys('Â'), Some([(49, 0), (38, mods::SHIFT)]));
    assert_eq!(keys('´'), Some([(48, ALT_GR), (48, ALT_GR)]), "a space would make an apostrophe of it");
    for without in ['`', 'è', 'ẑ', 'e', '日'] {
        assert_eq!(keys(without), None, "{without}");
    }
}

#[test]
fn unused_key_codes_make_nothing_and_are_no_modifiers() {
    let mut map = keymap();
    map.keycodes = 9..=26;
    map.keys[21] = KeySymbols { groups: 1, types: [1; 4], width: 2, symbols: vec![0, 0] };
    map.modifiers[22] = mods::CONTROL;
    assert_eq!(map.unused().collect::<Vec<_>>(), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 23, 25]);
    assert_eq!(map.symbols(26), [key::e, key::E, key::EuroSign, 0]);
    assert_eq!((map.symbols(21), map.symbols(11)), (&[0, 0][..], &[][..]));
}

#[test]
fn a_key_is_given_a_type_whose_levels_shift_and_alt_gr_lead_to() {
    let mut map = keymap();
    let kind = |map: &Keymap, symbols: &[u32]| map.key_with(symbols).map(|key| (key.kt_index[0], key.width));
    assert_eq!(kind(&map, &[key::EuroSign]), Some((0, 1)));
    assert_eq!(kind(&map, &[key::odiaeresis, key::Odiaeresis]), Some((1, 2)));
    assert_eq!(kind(&map, &[key::a, key::A, key::e, key::E]), Some((2, 4)));
    assert_eq!(kind(&map, &[key::a, key::A, key::e]), None);
    // Num Lock would lead elsewhere.
    map.types[2].mask |= 0x10;
    assert_eq!(kind(&map, &[key::a, key::A, key::e, key::E]), None);
    // AltGr leads to another layout.
    let mut map = keymap();
    map.keys[108].symbols = vec![key::Mode_switch];
    map.modifiers[108] = 0x20;
    assert_eq!(map.alt_graph(), Some((108, 0x20)));
    assert_eq!(kind(&map, &[key::a, key::A, key::e, key::E]), None);
}

#[test]
fn a_key_with_the_stop_key_on_any_level_is_never_pressed() {
    let map = keymap();
    assert!(!map.may_be_pressed(96) && !map.may_be_pressed(200) && map.may_be_pressed(95));
    assert_eq!(map.character('z', 0), None);
    assert_eq!(map.stop_keycodes().collect::<Vec<_>>(), [96, 200]);
}

#[test]
fn digits_of_the_keypad_are_not_used_for_text() {
    assert_eq!(keymap().character('1', 0), None);
}

#[test]
fn what_a_key_makes_depends_on_modifiers_and_layout() {
    let map = keymap();
    assert_eq!(map.symbol(38, 0, mods::LOCK), key::A);
    assert_eq!(map.symbol(38, 1, 0), key::Cyrillic_ef);
    assert_eq!(map.symbol(26, 3, ALT_GR), key::EuroSign);
    assert_eq!(map.symbol(7, 0, 0), 0);
}

#[test]
fn alt_is_not_taken_for_super() {
    let map = keymap();
    assert_eq!((map.alt_bits(), map.super_bits()), (8, 0x40));
    assert_eq!(map.named(NamedKey::AltLeft, 0).map(|stroke| stroke.keycode), Some(64));
}

#[test]
fn system_symbols_are_known() {
    for symbol in [key::F12, key::Super_L, key::Terminate_Server, 0x1008_FE01, 0x1008_FF2A, key::Caps_Lock] {
        assert!(belongs_to_system(symbol), "{symbol:x}");
    }
    for symbol in [key::F11, key::Return, key::ISO_Level3_Shift, key::EuroSign, key::dead_acute, key::ISO_Left_Tab] {
        assert!(!belongs_to_system(symbol), "{symbol:x}");
    }
}
