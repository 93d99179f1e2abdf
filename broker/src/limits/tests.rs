//! The limits' figures, from outside.

use super::*;

const HERE: Source = Source::V4(Ipv4Addr::LOCALHOST);

fn at(seconds: u64) -> Moment {
    Moment::from_ms(seconds * 1_000)
}

fn source(number: u32) -> Source {
    Source::V4(Ipv4Addr::from_bits(number))
}

#[test]
fn a_source_joins_five_times_a_minute_and_twenty_times_an_hour() {
    let mut limits = Limits::new(Policy::default());
    for _ in 0..5 {
        assert_eq!(limits.join(HERE, at(100)), Ok(()));
    }
    let wait = Duration::from_secs(60);
    assert_eq!(limits.join(HERE, at(100)), Err(JoinLimited { retry_after: wait, everybody: false }));
    assert_eq!(limits.join(source(5), at(100)), Ok(()), "others are not touched");
    let mut joined = 5;
    for second in (160..3_700).step_by(13) {
        joined += u32::from(limits.join(HERE, at(second)).is_ok());
    }
    assert_eq!(joined, 20);
    assert_eq!(limits.join(HERE, at(3_700)), Ok(()));
}

#[test]
fn ten_wrong_numbers_block_a_source_for_an_hour() {
    let mut limits = Limits::new(Policy::default());
    for round in 0..10 {
        let now = at(100 + round * 60);
        assert_eq!(limits.join(HERE, now), Ok(()));
        limits.join_failed(HERE, now);
    }
    let last = 100 + 9 * 60;
    assert!(limits.join(HERE, at(last + 3_599)).is_err());
    assert_eq!(limits.join(HERE, at(last + 3_600)), Ok(()));
}

#[test]
fn waiting_counts_as_a_wrong_number_once_for_each_number() {
    let mut limits = Limits::new(Policy { joins_per_minute: None, joins_per_hour: None, ..Policy::default() });
    let number = |value| Routing::new(value).unwrap();
    let mut wait = |value, at_s| {
        let admitted = limits.join(HERE, at(at_s)).is_ok();
        limits.join_waits(HERE, number(value), at(at_s));
        admitted
    };
    // On a bad line one comes again and again.
    assert!((0..50).all(|again| wait(7, 100 + again)));
    assert!((0..9).all(|other| wait(1_000 + other, 200)), "nine others and this are ten");
    assert!(!wait(2_000, 201), "who goes through numbers is blocked");
}

#[test]
fn sixty_failed_joins_a_minute_stop_the_joins_of_all() {
    let mut limits = Limits::new(Policy::default());
    for number in 0..60 {
        assert_eq!(limits.join(source(number), at(100)), Ok(()));
        limits.join_failed(source(number), at(100));
    }
    let refused = limits.join(source(1_000), at(130));
    assert_eq!(refused, Err(JoinLimited { retry_after: Duration::from_secs(30), everybody: true }));
    assert_eq!(limits.join(source(1_000), at(160)), Ok(()));
}

#[test]
fn a_source_has_a_hundred_connections_and_twenty_new_ones_a_second() {
    let mut limits = Limits::new(Policy::default());
    let many = |limits: &mut Limits, now| (0..200).filter(|_| limits.connect(HERE, now).is_ok()).count();
    for second in 0..5 {
        assert_eq!(many(&mut limits, at(100 + second)), 20);
    }
    assert_eq!(limits.connect(HERE, at(200)), Err(TurnedAway::TooManyOpen));
    limits.disconnect(HERE);
    assert_eq!(limits.connect(HERE, at(200)), Ok(()));
    for _ in 0..100 {
        limits.disconnect(HERE);
    }
    assert!(limits.open.is_empty());
}

#[test]
fn addresses_of_one_ipv6_network_count_together_and_mapped_ones_as_ipv4() {
    let of = |text: &str| Source::from(text.parse::<IpAddr>().unwrap());
    assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
    assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
    assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
}

#[test]
fn right_passwords_do_not_unlock_guessing_from_their_source() {
    let mut limits = Limits::new(Policy::default());
    let now = at(1_000);
    for _ in 0..4 {
        assert_eq!(limits.sign_in(HERE, now), Ok(()));
        assert_eq!(limits.sign_in(HERE, now), Ok(()));
        limits.sign_in_undone(HERE);
    }
    assert_eq!(limits.sign_in_wait(HERE, now), Some((Duration::ZERO, 1)));
    assert_eq!(limits.sign_in(HERE, now), Ok(()));
    assert_eq!(limits.sign_in_wait(HERE, now), Some((MINUTE, 0)));
    assert_eq!(limits.sign_in(HERE, now), Err(MINUTE), "five wrong ones from here");
    assert_eq!(limits.sign_in(source(7), now), Ok(()));
}

#[test]
fn sources_are_not_locked_where_the_policy_says_so() {
    let mut limits = Limits::new(Policy { lock_sources: false, ..Policy::default() });
    for _ in 0..100 {
        assert_eq!(limits.sign_in(HERE, at(1_000)), Ok(()));
    }
    assert_eq!(limits.sign_in_wait(HERE, at(1_000)), None);
}

#[test]
fn an_account_opens_a_bounded_count_of_numbers() {
    let mut limits = Limits::new(Policy::default());
    assert_eq!((0..1_000).filter(|_| limits.open_number(1, at(100))).count(), 240);
    assert!(limits.open_number(2, at(100)));
    assert!(limits.open_number(1, at(3_700)));
}

#[test]
fn the_slips_of_a_company_behind_one_address_do_not_add_up_to_a_lock() {
    let mut limits = Limits::new(Policy::default());
    for slip in 0..100 {
        let now = at(1_000 + slip * 600);
        assert_eq!(limits.sign_in(HERE, now), Ok(()), "slip {slip}");
    }
    let mut guesses = 0;
    while limits.sign_in(HERE, at(100_000)).is_ok() {
        guesses += 1;
    }
    assert_eq!(guesses, 5);
}
