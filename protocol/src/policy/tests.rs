//! Rules only take away; nobody but the broker makes them.

use super::*;
use crate::{handshake::Suite, transfer::FileKind, wire::MAX_TEXT_BYTES};
use proptest::prelude::*;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public() -> [u8; 32] {
    key().verifying_key().to_bytes()
}

fn minutes() -> impl Strategy<Value = Option<Minutes>> {
    prop_oneof![Just(None), (1..=Minutes::MOST).prop_map(Minutes::new)]
}

fn kinds() -> impl Strategy<Value = FileKinds> {
    proptest::collection::vec(any::<bool>(), FileKind::ALL.len()).prop_map(|has| {
        let kinds = FileKind::ALL.into_iter().zip(has).filter(|(_, has)| *has);
        kinds.fold(FileKinds::NONE, |kinds, (kind, _)| kinds.with(kind))
    })
}

fn limits() -> impl Strategy<Value = Limits> {
    let control =
        prop_oneof![Just(ControlRule::Forbidden), minutes().prop_map(|longest| ControlRule::Allowed { longest }),];
    let clipboard =
        prop_oneof![Just(ClipboardRule::Allowed), Just(ClipboardRule::OneByOne), Just(ClipboardRule::Forbidden)];
    let files = (kinds(), kinds()).prop_map(|(to_customer, to_advisor)| FileLimits { to_customer, to_advisor });
    let recording = prop_oneof![Just(RecordingRule::Allowed), Just(RecordingRule::Forbidden)];
    let turn = prop_oneof![Just(TurnRule::Allowed), Just(TurnRule::Forbidden)];
    let rating = prop_oneof![Just(RatingRule::Asked), Just(RatingRule::NotAsked)];
    let appointments = prop_oneof![Just(AppointmentRule::Allowed), Just(AppointmentRule::Forbidden)];
    let all = (any::<bool>(), control, minutes(), clipboard, files, recording, turn, (rating, appointments));
    all.prop_map(|(modern_suite, control, longest_session, clipboard, files, recording, turn, rest)| Limits {
        modern_suite,
        control,
        longest_session,
        clipboard,
        files,
        recording,
        turn,
        rating: rest.0,
        appointments: rest.1,
    })
}

/// What may happen under these limits, asked one thing at a time.
fn allows_old_suite(limits: Limits) -> bool {
    !limits.modern_suite
}

fn allows_control_for(limits: Limits, minutes: u16) -> bool {
    limits.control.limit(ControlLimit::Minutes(minutes)) == Some(ControlLimit::Minutes(minutes))
}

fn allows_endless_control(limits: Limits) -> bool {
    limits.control.limit(ControlLimit::Session) == Some(ControlLimit::Session)
}

fn allows_session_of(limits: Limits, minutes: u16) -> bool {
    limits.longest_session.is_none_or(|longest| minutes <= longest.value())
}

fn allows_appointments(limits: Limits) -> bool {
    limits.appointments == AppointmentRule::Allowed
}

fn asks_for_ratings(limits: Limits) -> bool {
    limits.rating == RatingRule::Asked
}

fn allows_single_texts(limits: Limits) -> bool {
    limits.clipboard != ClipboardRule::Forbidden
}

fn allows_copying(limits: Limits) -> bool {
    limits.clipboard == ClipboardRule::Allowed
}

proptest! {
    #[test]
    fn together_allow_exactly_what_each_of_both_allows(a in limits(), b in limits(), length in 1..=Minutes::MOST) {
        let both = a.tightened_by(b);
        prop_assert_eq!(both, b.tightened_by(a));
        prop_assert_eq!(both.tightened_by(b), both);
        let pairs = [
            (asks_for_ratings(both), asks_for_ratings(a) && asks_for_ratings(b)),
            (allows_appointments(both), allows_appointments(a) && allows_appointments(b)),
            (allows_old_suite(both), allows_old_suite(a) && allows_old_suite(b)),
            (allows_control_for(both, length), allows_control_for(a, length) && allows_control_for(b, length)),
            (allows_endless_control(both), allows_endless_control(a) && allows_endless_control(b)),
            (allows_session_of(both, length), allows_session_of(a, length) && allows_session_of(b, length)),
            (allows_single_texts(both), allows_single_texts(a) && allows_single_texts(b)),
            (allows_copying(both), allows_copying(a) && allows_copying(b)),
        ];
        for (together, each) in pairs {
            prop_assert_eq!(together, each);
        }
        for kind in FileKind::ALL {
            prop_assert_eq!(both.files.to_customer.has(kind), a.files.to_customer.has(kind) && b.files.to_customer.has(kind));
            prop_assert_eq!(both.files.to_advisor.has(kind), a.files.to_advisor.has(kind) && b.files.to_advisor.has(kind));
        }
        prop_assert_eq!(both.offer().need_modern, a.modern_suite || b.modern_suite);
        let allowed = |limits: Limits| limits.recording == RecordingRule::Allowed;
        prop_assert_eq!(allowed(both), allowed(a) && allowed(b));
        let turns = |limits: Limits| limits.turn == TurnRule::Allowed;
        prop_assert_eq!(turns(both), turns(a) && turns(b));
    }

    #[test]
    fn the_default_takes_nothing_away_but_recordings(limits in limits()) {
        prop_assert_eq!(Limits { recording: RecordingRule::Allowed, ..Limits::default() }, Limits::NONE);
        prop_assert_eq!(limits.tightened_by(Limits::NONE), limits);
        prop_assert_eq!(Limits::default().offer(), Offer::default());
    }

    #[test]
    fn whoever_changes_a_policy_breaks_its_signature(limits in limits(), serial: u64, at: prop::sample::Index, bit in 0..8) {
        let policy = Policy { serial, limits, ..Policy::default() };
        let signed = SignedPolicy::sign(&key(), &policy);
        prop_assert_eq!(signed.verify(&public()), Ok(policy));
        prop_assert_eq!(signed.verify(&[9; 32]), Err(PolicyError::Signature));
        let mut bytes = wire::encode(&signed).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(changed) = wire::decode::<SignedPolicy, 4096>(&bytes) {
            prop_assert_eq!(changed.verify(&public()), Err(PolicyError::Signature));
        }
    }

    #[test]
    fn no_bytes_make_a_program_panic(body: Vec<u8>, signature: [u8; 32]) {
        let mut whole = [0; 64];
        whole[..32].copy_from_slice(&signature);
        let forged = SignedPolicy { body: body.clone(), signature: whole };
        prop_assert_eq!(forged.verify(&public()), Err(PolicyError::Signature));
        // Even the broker's own signature makes no rules of what are none.
        let signature = key().sign(&signed_bytes(&body)).to_bytes();
        if let Ok(policy) = (SignedPolicy { body: body.clone(), signature }).verify(&public()) {
            prop_assert_eq!(wire::encode(&policy).unwrap(), &body[1..]);
        }
    }
}

#[test]
fn the_longest_policy_fits_into_its_limit() {
    let text = DisplayText::cleaned(&"x".repeat(MAX_TEXT_BYTES * 2));
    let texts = CompanyTexts {
        greeting_de: text.clone(),
        greeting_en: text.clone(),
        telephone: text,
        logo: Some(ImageHash([0xff; 32])),
    };
    let longest = Minutes::new(Minutes::MOST);
    let control = ControlRule::Allowed { longest };
    let (clipboard, files) = (ClipboardRule::Forbidden, FileLimits::NONE);
    let (recording, turn, rating) = (RecordingRule::Forbidden, TurnRule::Forbidden, RatingRule::NotAsked);
    let appointments = AppointmentRule::Forbidden;
    let limits = Limits {
        modern_suite: true,
        control,
        longest_session: longest,
        clipboard,
        files,
        recording,
        turn,
        rating,
        appointments,
    };
    let policy = Policy { serial: u64::MAX, limits, texts };
    let signed = SignedPolicy::sign(&key(), &policy);
    assert!(signed.body.len() <= MAX_POLICY_BYTES);
    assert_eq!(signed.verify(&public()), Ok(policy));
}

#[test]
fn rules_of_a_later_form_are_refused_whole() {
    let later = SignedPolicy::sign(&key(), &Policy::default());
    let body = [&[FORM + 1], &later.body[1..]].concat();
    let signature = key().sign(&signed_bytes(&body)).to_bytes();
    assert_eq!(SignedPolicy { body, signature }.verify(&public()), Err(PolicyError::Unknown));
    let mut body = later.body.clone();
    body.push(0);
    let signature = key().sign(&signed_bytes(&body)).to_bytes();
    assert_eq!(SignedPolicy { body, signature }.verify(&public()), Err(PolicyError::Unknown));
}

#[test]
fn a_cards_signature_is_none_of_a_policy() {
    let signed = SignedPolicy::sign(&key(), &Policy::default());
    let bare = key().sign(&signed.body).to_bytes();
    assert_eq!(SignedPolicy { signature: bare, ..signed }.verify(&public()), Err(PolicyError::Signature));
}

#[test]
fn a_program_does_not_go_back_to_earlier_rules() {
    let policy = |serial, modern_suite| Policy {
        serial,
        limits: Limits { modern_suite, ..Limits::default() },
        ..Policy::default()
    };
    let sign = |policy: &Policy| SignedPolicy::sign(&key(), policy);
    let mut newest = NewestPolicy::default();
    assert_eq!(newest.take(&sign(&Policy::default()), &public()), Ok(&Policy::default()));
    assert_eq!(newest.take(&sign(&policy(4, true)), &public()), Ok(&policy(4, true)));
    assert_eq!(newest.take(&sign(&policy(4, true)), &public()), Ok(&policy(4, true)), "the same again");
    for earlier in [policy(3, true), policy(4, false), Policy::default()] {
        assert_eq!(newest.take(&sign(&earlier), &public()), Err(PolicyError::Older));
    }
    assert_eq!(newest.take(&sign(&policy(9, false)), &[0; 32]), Err(PolicyError::Signature));
    assert_eq!(newest.policy(), &policy(4, true));
    assert_eq!(newest.take(&sign(&policy(5, false)), &public()), Ok(&policy(5, false)));
}

#[test]
fn an_offer_under_the_rule_leads_to_the_modern_suite() {
    let offer = Limits { modern_suite: true, ..Limits::default() }.offer();
    assert!(offer.need_modern && offer.suites.contains(&Suite::ChaCha20Poly1305));
}
