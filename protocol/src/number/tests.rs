use super::*;
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use std::collections::BTreeSet;

/// A generator that gives these values, one a draw.
fn drawing(values: &[u32]) -> impl FnMut(&mut [u8]) + use<'_> {
    let mut values = values.iter().copied();
    move |bytes| bytes.copy_from_slice(&values.next().unwrap().to_be_bytes())
}

fn number(routing: u16, secret: u32) -> SessionNumber {
    let routing = Routing::new(routing).unwrap();
    SessionNumber::new(routing, SecretPart::draw(&mut drawing(&[secret])))
}

fn digits_of(number: &SessionNumber) -> Vec<u8> {
    number.spoken_digits().collect()
}

fn parse_digits(digits: &[u8]) -> Result<SessionNumber, NumberError> {
    digits.iter().map(|digit| char::from(b'0' + digit)).collect::<String>().parse()
}

/// A spread over all numbers that has every digit in every place.
fn sample() -> impl Iterator<Item = SessionNumber> {
    (0..2_000_u32).map(|i| number((i * 7919 % 10_000) as u16, i * 15_487 % 100_000))
}

#[test]
fn a_number_is_shown_in_groups_and_parsed_back() {
    for number in sample() {
        let shown = number.to_string();
        let groups: Vec<usize> = shown.split(' ').map(str::len).collect();
        assert_eq!(groups, [3, 3, 4]);
        let parsed: SessionNumber = shown.parse().unwrap();
        assert!(parsed == number && parsed.routing() == number.routing() && parsed.secret() == number.secret());
    }
}

#[test]
fn the_check_digit_is_damms() {
    // The worked example of the literature: 572 has check digit 4.
    assert_eq!(damm([5, 7, 2].into_iter()), 4);
    assert_eq!(damm([5, 7, 2, 4].into_iter()), 0);
    assert_eq!(number(0, 0).to_string(), "000 000 0000");
    assert_eq!(digits_of(&number(4829, 15_730))[..9], [4, 8, 2, 9, 1, 5, 7, 3, 0]);
}

#[test]
fn every_wrong_digit_and_every_swap_of_neighbours_is_caught() {
    for number in sample() {
        let digits = digits_of(&number);
        for place in 0..NUMBER_DIGITS {
            for wrong in (0..10).filter(|wrong| *wrong != digits[place]) {
                let mut typed = digits.clone();
                typed[place] = wrong;
                assert_eq!(parse_digits(&typed), Err(NumberError::CheckDigit));
            }
            if place > 0 && digits[place] != digits[place - 1] {
                let mut typed = digits.clone();
                typed.swap(place, place - 1);
                assert_eq!(parse_digits(&typed), Err(NumberError::CheckDigit));
            }
        }
    }
}

#[test]
fn blanks_and_hyphens_may_stand_anywhere() {
    let number = number(4829, 15_730);
    let check = digits_of(&number)[9];
    for text in [
        format!("482915730{check}"),
        format!("  482-915-730{check}\n"),
        format!("482\u{a0}915\u{202f}730{check}"),
        format!("4 8 2 9 1 5 7 3 0 {check}"),
        format!("482–915—730{check}"),
    ] {
        assert_eq!(text.parse(), Ok(number.clone()), "{text:?}");
    }
}

#[test]
fn a_refusal_says_what_is_wrong() {
    let parse = |text: &str| text.parse::<SessionNumber>().unwrap_err();
    assert_eq!(parse(""), NumberError::TooShort { digits: 0 });
    assert_eq!(parse(" - "), NumberError::TooShort { digits: 0 });
    // A routing part alone must never stand in for its missing secret.
    assert_eq!(parse("4829"), NumberError::TooShort { digits: 4 });
    assert_eq!(parse("482 915 730"), NumberError::TooShort { digits: 9 });
    assert_eq!(parse("482 915 7303 1"), NumberError::TooLong);
    assert_eq!(parse(&"0".repeat(1_000_000)), NumberError::TooLong);
    assert_eq!(parse("482 9l5 7303"), NumberError::NotADigit('l'));
    assert_eq!(parse("４８２"), NumberError::NotADigit('４'));
    assert_eq!(parse("482.915"), NumberError::NotADigit('.'));
}

#[test]
fn secret_digits_are_drawn_again_rather_than_folded() {
    let mut entropy = drawing(&[100_000, 131_071, 0xffff_ffff, 99_999]);
    assert_eq!(SecretPart::draw(&mut entropy).ascii(), b"99999");
    assert_eq!(SecretPart::draw(&mut drawing(&[0x8002_0000 + 42])).ascii(), b"00042");
}

#[test]
fn drawn_secrets_cover_their_range() {
    let mut state = 1_u64;
    let mut entropy = |bytes: &mut [u8]| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    };
    let first_digits: BTreeSet<u8> = (0..500).map(|_| SecretPart::draw(&mut entropy).ascii()[0]).collect();
    assert_eq!(first_digits.len(), 10);
}

#[test]
fn nothing_of_a_number_shows_in_debug_output() {
    let number = number(4829, 15_730);
    let shown = format!("{number:?} {:?} {:?}", number.routing(), number.secret());
    assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
}
