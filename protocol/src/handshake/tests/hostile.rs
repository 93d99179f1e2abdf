//! Whoever is in between changes, swaps and repeats.

use super::*;

/// Runs with one message changed.
fn with_change(setup: &Setup, step: Step, change: impl Fn(&mut Vec<u8>)) -> Result<Pair, Failure> {
    setup.run(|at, message| {
        if at == step {
            change(message);
        }
    })
}

const STEPS: [Step; 5] = [Step::M1, Step::M2, Step::M3, Step::M4, Step::M5];

#[test]
fn no_changed_bit_in_any_message_goes_through() {
    let setup = Setup::default();
    let messages = setup.run(|_, _| {}).ok().unwrap().messages;
    for (step, message) in STEPS.into_iter().zip(&messages) {
        for bit in 0..message.len() * 8 {
            let result = with_change(&setup, step, |message| message[bit / 8] ^= 1 << (bit % 8));
            assert!(result.is_err(), "{step:?} bit {bit}");
        }
    }
}

#[test]
fn no_shortened_or_lengthened_message_goes_through() {
    let setup = Setup::default();
    let messages = setup.run(|_, _| {}).ok().unwrap().messages;
    for (step, message) in STEPS.into_iter().zip(&messages) {
        for length in 0..message.len() {
            assert!(with_change(&setup, step, |message| message.truncate(length)).is_err(), "{step:?} {length}");
        }
        assert!(with_change(&setup, step, |message| message.push(0)).is_err(), "{step:?} lengthened");
    }
}

#[test]
fn a_malformed_proof_does_not_count_as_a_guess() {
    let setup = Setup::default();
    for change in [|m: &mut Vec<u8>| m.truncate(32), |m: &mut Vec<u8>| m.push(0), |m: &mut Vec<u8>| m[0] = 5] {
        let failure = with_change(&setup, Step::M4, change).err();
        assert_eq!(failure, Some(Failure::AdvisorProof(ProofError::Malformed(Step::M4))));
    }
    let failure = with_change(&setup, Step::M4, |message| message[32] ^= 1).err();
    assert_eq!(failure, Some(Failure::AdvisorProof(ProofError::WrongProof)));
    let failure = with_change(&setup, Step::M5, |message| message[1] ^= 1).err();
    assert_eq!(failure, Some(Failure::CustomerProof(ProofError::WrongProof)));
}

/// Puts `bytes` over the end of the message.
fn overwrite_end(message: &mut [u8], bytes: &[u8]) {
    let start = message.len() - bytes.len();
    message[start..].copy_from_slice(bytes);
}

#[test]
fn points_without_effect_are_refused() {
    let setup = Setup::default();
    let bad = Some(Failure::Handshake(HandshakeError::BadShare));
    // The identity, and bytes that are no point.
    for share in [[0; 32], [0xff; 32], [1; 32]] {
        assert_eq!(with_change(&setup, Step::M2, |message| overwrite_end(message, &share)).err(), bad);
        assert_eq!(with_change(&setup, Step::M3, |message| overwrite_end(message, &share)).err(), bad);
    }
    // All points of small order on Curve25519 in their reduced form.
    let low_order = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for point in low_order.map(crate::keys::tests::unhex) {
        let x_in_m2 = 40..72;
        let changed = with_change(&setup, Step::M2, |message| message[x_in_m2.clone()].copy_from_slice(&point));
        assert_eq!(changed.err(), bad);
    }
}

#[test]
fn a_low_order_x_of_the_advisor_is_refused_by_the_customer() {
    // Both proofs could not fit either, as m1 is in both transcripts; the
    // customer stops before it sends its own.
    let mut last = Step::M1;
    let result = Setup::default().run(|step, message| {
        last = step;
        if step == Step::M1 {
            message[40..72].fill(0);
        }
    });
    assert_eq!(result.err(), Some(Failure::Handshake(HandshakeError::BadShare)));
    assert_eq!(last, Step::M3);
}

#[test]
fn own_values_that_come_back_are_refused() {
    let setup = Setup::default();
    let reflected = Some(Failure::Handshake(HandshakeError::Reflected));
    let messages = setup.run(|_, _| {}).ok().unwrap().messages;
    let (nonce, x) = (8..40, 40..72);
    for part in [nonce.clone(), x.clone()] {
        let own = messages[0][part.clone()].to_vec();
        let failure = with_change(&setup, Step::M2, |message| message[part.clone()].copy_from_slice(&own));
        assert_eq!(failure.err(), reflected, "the advisor's own value in m2");
        let own = messages[1][part.clone()].to_vec();
        let failure = with_change(&setup, Step::M1, |message| message[part.clone()].copy_from_slice(&own));
        assert_eq!(failure.err(), reflected, "the customer's own value in m1");
    }
    let own = messages[1][72..].to_vec();
    let failure = with_change(&setup, Step::M3, |message| overwrite_end(message, &own));
    assert_eq!(failure.err(), reflected, "the customer's own share in m3");
    let own = messages[3][1..].to_vec();
    let failure = with_change(&setup, Step::M5, |message| overwrite_end(message, &own));
    assert_eq!(failure.err(), Some(Failure::CustomerProof(ProofError::WrongProof)), "the customer's own proof");
}

#[test]
fn a_message_in_another_ones_place_is_refused() {
    let messages = Setup::default().run(|_, _| {}).ok().unwrap().messages;
    for (place, step) in STEPS.into_iter().enumerate() {
        for (other, message) in messages.iter().enumerate().filter(|(other, _)| *other != place) {
            let result = with_change(&Setup::default(), step, |wire| wire.clone_from(message));
            assert!(result.is_err(), "m{} in place of m{}", other + 1, place + 1);
        }
    }
}

#[test]
fn a_suite_that_does_not_follow_from_the_offers_is_refused() {
    let suite = 1..3;
    let forced = with_change(&Setup::default(), Step::M3, |message| {
        message[suite.clone()].copy_from_slice(&2_u16.to_be_bytes());
    });
    assert_eq!(forced.err(), Some(Failure::Handshake(HandshakeError::SuiteForced)));
    // Stripping "need modern" from an offer on its way gives each side another
    // transcript.
    let strict = Offer { need_modern: true, ..Offer::default() };
    let setup = Setup { advisor_offer: strict.clone(), ..Setup::default() };
    assert!(with_change(&setup, Step::M1, |message| message[2] = 0).is_err());
    let setup = Setup { customer_offer: strict, ..Setup::default() };
    assert!(with_change(&setup, Step::M2, |message| message[2] = 0).is_err());
    let version = with_change(&Setup::default(), Step::M2, |message| message[1] = 2);
    assert_eq!(version.err(), Some(Failure::Handshake(HandshakeError::Version(2))));
}

#[test]
fn messages_of_two_parallel_sessions_do_not_mix() {
    let other = Setup { seeds: (5, 6), ..Setup::default() }.run(|_, _| {}).ok().unwrap().messages;
    for (step, message) in STEPS.into_iter().zip(&other) {
        let result = with_change(&Setup::default(), step, |wire| wire.clone_from(message));
        assert!(result.is_err(), "{step:?} of another session at the same number");
    }
}

#[test]
fn a_recorded_session_can_be_replayed_to_neither_side() {
    let recorded = Setup::default().run(|_, _| {}).ok().unwrap().messages;
    let fresh = Setup { seeds: (7, 8), ..Setup::default() };
    let (_, _, customer) = fresh.begin().unwrap();
    let (customer, _) = customer.handle(&recorded[0]).unwrap();
    let (customer, _) = customer.handle(&recorded[2]).unwrap();
    assert_eq!(customer.handle(&recorded[4]).err(), Some(ProofError::WrongProof));

    let (advisor, _, _) = fresh.begin().unwrap();
    let (advisor, _) = advisor.handle(&recorded[1]).unwrap();
    assert_eq!(advisor.handle(&recorded[3]).err(), Some(ProofError::WrongProof));
}

#[test]
fn a_card_that_the_broker_did_not_sign_for_this_number_stops_the_customer() {
    let other = SigningKey::from_bytes(&[8; 32]);
    let forged = Card::sign(&other, card().organisation, card().advisor, None, card().routing, 2_000);
    let expired = Card::sign(&broker_key(), card().organisation, card().advisor, None, card().routing, 1_000);
    for (card, error) in [(forged, CardError::Signature), (expired, CardError::Expired)] {
        let started = AdvisorStart::begin(context(), secret(1), Offer::default(), card, &mut entropy(1));
        let m1 = started.ok().unwrap().1;
        let (_, _, customer) = Setup::default().begin().unwrap();
        assert_eq!(customer.handle(&m1).err(), Some(HandshakeError::Card(error)));
    }
}
