//! Together again after a cut: only the two programs of the session, each time
//! with new keys.

use super::*;
use crate::{
    handshake::resume::{AwaitResumeConfirm, AwaitResumeProof, Resumed, Secrets, answer_resume, resume},
    sealed::TrafficKeys,
};

const SUITE: Suite = Suite::Blowfish128CtrHmacSha256;

/// The secrets of both sides after a first handshake.
fn met(seeds: (u8, u8)) -> (Secrets, ResumeSecret) {
    let pair = Setup { seeds, ..Setup::default() }.run(|_, _| {}).ok().unwrap();
    (Secrets::new(pair.advisor.resume), pair.customer.resume)
}

fn begin(seed: u8) -> (AwaitResumeProof, Vec<u8>) {
    resume(SUITE, &mut entropy(seed))
}

fn answer(secret: &ResumeSecret, r1: &[u8], seed: u8) -> (AwaitResumeConfirm, Vec<u8>) {
    answer_resume(SUITE, secret, r1, &mut entropy(seed)).unwrap()
}

fn resumed(advisor: &mut Secrets, customer: &ResumeSecret, seed: u8) -> (TrafficKeys, Resumed) {
    let (waiting, r1) = begin(seed);
    let (confirming, r2) = answer(customer, &r1, seed + 1);
    let (there, r3) = waiting.handle(&r2, advisor).unwrap();
    (there, confirming.handle(&r3).unwrap())
}

/// What one side seals the other opens.
fn talk(from: TrafficKeys, to: TrafficKeys) {
    let ((mut sealer, _), (_, mut opener)) = (from.into_channel(SUITE), to.into_channel(SUITE));
    let mut opened = None;
    let now = Moment::default();
    sealer
        .seal_message(Stream::Chat, b"still there?", now, &mut |record| opened = opener.open(record, now).unwrap())
        .unwrap();
    assert_eq!(opened, Some((Stream::Chat, b"still there?".to_vec())));
}

#[test]
fn both_sides_find_together_again_as_often_as_they_are_cut() {
    let (mut advisor, mut customer) = met((1, 2));
    let mut seen = Vec::from([customer.0]);
    for cut in 0..4 {
        let (there, here) = resumed(&mut advisor, &customer, 10 + 2 * cut);
        talk(there, here.keys);
        advisor.heard();
        customer = here.secret;
        assert!(!seen.contains(&customer.0), "a new secret each time");
        seen.push(customer.0);
    }
}

#[test]
fn cuts_before_the_last_message_lose_nobody_however_many() {
    for lost in 1..4 {
        let (mut advisor, customer) = met((1, 2));
        for cut in 0..lost {
            let (waiting, r1) = begin(10 + 2 * cut);
            let (_, r2) = answer(&customer, &r1, 11 + 2 * cut);
            // The customer's side hears nothing and still has the old secret.
            waiting.handle(&r2, &mut advisor).unwrap();
        }
        let (there, here) = resumed(&mut advisor, &customer, 30);
        talk(there, here.keys);
        advisor.heard();
        // The old one is good no more.
        let (waiting, r1) = begin(40);
        let (_, r2) = answer(&customer, &r1, 41);
        assert_eq!(waiting.handle(&r2, &mut advisor).err(), Some(ProofError::WrongProof));
        resumed(&mut advisor, &here.secret, 50);
    }
}

#[test]
fn a_secret_that_arrived_without_a_record_is_good_too() {
    let (mut advisor, customer) = met((1, 2));
    let (_, here) = resumed(&mut advisor, &customer, 10);
    let (there, here) = resumed(&mut advisor, &here.secret, 20);
    talk(there, here.keys);
}

#[test]
fn whoever_was_not_in_the_session_gets_nowhere() {
    let ((mut advisor, customer), (_, stranger)) = (met((1, 2)), met((3, 4)));
    let (waiting, r1) = begin(10);
    let (_, r2) = answer(&stranger, &r1, 11);
    assert_eq!(waiting.handle(&r2, &mut advisor).err(), Some(ProofError::WrongProof));
    let (waiting, r1) = begin(10);
    let (confirming, r2) = answer(&customer, &r1, 11);
    let (_, r3) = waiting.handle(&r2, &mut advisor).unwrap();
    let mut forged = r3;
    forged[1] ^= 1;
    assert_eq!(confirming.handle(&forged).err(), Some(ProofError::WrongProof));
}

#[test]
fn every_changed_bit_is_noticed() {
    let (mut advisor, customer) = met((1, 2));
    let (_, r1) = begin(10);
    for bit in 0..r1.len() * 8 {
        let mut changed = r1.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok((_, r2)) = answer_resume(SUITE, &customer, &changed, &mut entropy(11)) else { continue };
        // The highest bit of an X25519 value is ignored by the exchange, not
        // by the transcript.
        assert!(begin(10).0.handle(&r2, &mut advisor).is_err(), "bit {bit} of r1");
    }
    let (_, r2) = answer(&customer, &r1, 11);
    for bit in 0..r2.len() * 8 {
        let mut changed = r2.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(begin(10).0.handle(&changed, &mut advisor).is_err(), "bit {bit} of r2");
    }
    for length in 0..r2.len() {
        let cut = begin(10).0.handle(&r2[..length], &mut advisor).err();
        assert_eq!(cut, Some(ProofError::Malformed(Step::M2)));
    }
    let (_, r3) = begin(10).0.handle(&r2, &mut advisor).unwrap();
    for bit in 0..r3.len() * 8 {
        let mut changed = r3.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(answer(&customer, &r1, 11).0.handle(&changed).is_err(), "bit {bit} of r3");
    }
}

#[test]
fn our_own_values_and_another_suite_are_refused() {
    let (mut advisor, customer) = met((1, 2));
    let (waiting, r1) = begin(10);
    let reflected = [&[0x12][..], &r1[1..], &[0; 32]].concat();
    assert_eq!(waiting.handle(&reflected, &mut advisor).err(), Some(ProofError::Malformed(Step::M2)));
    let mirrored = answer_resume(SUITE, &customer, &r1, &mut entropy(10)).err();
    assert_eq!(mirrored, Some(HandshakeError::Reflected));
    let (_, r2) = answer_resume(Suite::ChaCha20Poly1305, &customer, &r1, &mut entropy(11)).unwrap();
    assert_eq!(begin(10).0.handle(&r2, &mut advisor).err(), Some(ProofError::WrongProof));
}

#[test]
fn the_bytes_are_fixed() {
    let (mut advisor, customer) = met((1, 2));
    let (waiting, r1) = begin(10);
    let (_, r2) = answer(&customer, &r1, 11);
    let (_, r3) = waiting.handle(&r2, &mut advisor).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect::<alloc::string::String>();
    let golden = include_str!("golden/resume.txt");
    let found = [hex(&r1), hex(&r2), hex(&r3)].join("\n");
    assert_eq!(found, golden.trim_end());
}
