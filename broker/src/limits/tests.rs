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
fn wrong_passwords_lock_for_longer_and_longer_but_never_for_ever() {
    let policy = Policy { lock_sources: false, ..Policy::default() };
    for account in [Some(1), None] {
        let mut limits = Limits::new(policy);
        let mut now = at(1_000);
        for _ in 0..5 {
            assert_eq!(limits.sign_in(HERE, "anna", account, now), Ok(()));
        }
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = Duration::from_secs(minutes * 60);
            assert_eq!(limits.sign_in(HERE, "anna", account, now), Err(wait));
            now = now.after(wait);
            assert_eq!(limits.sign_in(HERE, "anna", account, now), Ok(()), "after {minutes} minutes");
        }
    }
}

#[test]
fn a_right_password_unlocks_the_account_but_not_guessing_from_its_source() {
    let mut limits = Limits::new(Policy::default());
    let now = at(1_000);
    for other in 0..4 {
        assert_eq!(limits.sign_in(HERE, "x", Some(other), now), Ok(()));
        assert_eq!(limits.sign_in(HERE, "mine", Some(9), now), Ok(()));
        limits.signed_in(HERE, 9);
    }
    assert_eq!(limits.sign_in(HERE, "x", Some(5), now), Ok(()));
    assert_eq!(limits.sign_in(HERE, "mine", Some(9), now), Err(MINUTE), "five wrong ones from here");
    assert_eq!(limits.sign_in(source(7), "mine", Some(9), now), Ok(()));
}

#[test]
fn a_flood_of_names_does_not_unlock_an_account() {
    let mut limits = Limits::new(Policy { lock_sources: false, ..Policy::default() });
    for _ in 0..5 {
        assert_eq!(limits.sign_in(HERE, "anna", Some(1), at(1_000)), Ok(()));
    }
    for number in 0..100_000 {
        assert_eq!(limits.sign_in(HERE, &number.to_string(), None, at(1_000)), Ok(()));
    }
    assert!(limits.sign_in(HERE, "anna", Some(1), at(1_001)).is_err());
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
        assert_eq!(limits.sign_in(HERE, "x", Some(i64::try_from(slip).unwrap()), now), Ok(()), "slip {slip}");
    }
    let mut guesses = 0;
    while limits.sign_in(HERE, "x", Some(1_000 + guesses), at(100_000)).is_ok() {
        guesses += 1;
    }
    assert_eq!(guesses, 5);
}
