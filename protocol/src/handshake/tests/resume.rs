//! Together again after a cut: only the two programs of the session, each time
//! with new keys.

use super::*;
use crate::handshake::resume::{AwaitResumeConfirm, AwaitResumeProof, Resumed, answer_resume, resume};

const SUITE: Suite = Suite::Blowfish128CtrHmacSha256;

/// The secrets of both sides after a first handshake.
fn met(seeds: (u8, u8)) -> (ResumeSecret, ResumeSecret) {
    let pair = Setup { seeds, ..Setup::default() }.run(|_, _| {}).ok().unwrap();
    (pair.advisor.resume, pair.customer.resume)
}

fn begin(seed: u8) -> (AwaitResumeProof, Vec<u8>) {
    resume(SUITE, &mut entropy(seed))
}

fn answer(secret: &ResumeSecret, r1: &[u8], seed: u8) -> (AwaitResumeConfirm, Vec<u8>) {
    answer_resume(SUITE, secret, r1, &mut entropy(seed)).unwrap()
}

fn resumed(advisor: &ResumeSecret, customer: &ResumeSecret, seed: u8) -> (Resumed, Resumed) {
    let (waiting, r1) = begin(seed);
    let (confirming, r2) = answer(customer, &r1, seed + 1);
    let (there, r3) = waiting.handle(&r2, [advisor]).unwrap();
    (there, confirming.handle(&r3).unwrap())
}

/// What one side seals the other opens.
fn talk(from: Resumed, to: Resumed) -> (ResumeSecret, ResumeSecret) {
    let (Resumed { keys: one, secret }, Resumed { keys: other, secret: its_secret }) = (from, to);
    let ((mut sealer, _), (_, mut opener)) = (one.into_channel(SUITE), other.into_channel(SUITE));
    let mut opened = None;
    let now = Moment::default();
    sealer
        .seal_message(Stream::Chat, b"still there?", now, &mut |record| opened = opener.open(record, now).unwrap())
        .unwrap();
    assert_eq!(opened, Some((Stream::Chat, b"still there?".to_vec())));
    (secret, its_secret)
}

#[test]
fn both_sides_find_together_again_as_often_as_they_are_cut() {
    let (mut advisor, mut customer) = met((1, 2));
    let mut seen = Vec::from([advisor.0]);
    for cut in 0..4 {
        let (there, here) = resumed(&advisor, &customer, 10 + 2 * cut);
        (advisor, customer) = talk(there, here);
        assert!(advisor.0 == customer.0 && !seen.contains(&advisor.0), "a new secret each time");
        seen.push(advisor.0);
    }
}

#[test]
fn a_cut_before_the_last_message_loses_nobody() {
    let (advisor, customer) = met((1, 2));
    let (waiting, r1) = begin(10);
    let (_, r2) = answer(&customer, &r1, 11);
    let (first, _lost) = waiting.handle(&r2, [&advisor]).unwrap();
    // The customer's side has heard nothing and still has the old secret.
    let (waiting, r1) = begin(12);
    let (confirming, r2) = answer(&customer, &r1, 13);
    let (there, r3) = waiting.handle(&r2, [&first.secret, &advisor]).unwrap();
    talk(there, confirming.handle(&r3).unwrap());
}

#[test]
fn whoever_was_not_in_the_session_gets_nowhere() {
    let ((advisor, customer), (stranger, _)) = (met((1, 2)), met((3, 4)));
    let (waiting, r1) = begin(10);
    let (_, r2) = answer(&stranger, &r1, 11);
    assert_eq!(waiting.handle(&r2, [&advisor]).err(), Some(ProofError::WrongProof));
    let (waiting, r1) = begin(10);
    let (confirming, r2) = answer(&customer, &r1, 11);
    let (_, r3) = waiting.handle(&r2, [&customer]).unwrap();
    let mut forged = r3;
    forged[1] ^= 1;
    assert_eq!(confirming.handle(&forged).err(), Some(ProofError::WrongProof));
}

#[test]
fn every_changed_bit_is_noticed() {
    let (advisor, customer) = met((1, 2));
    let (_, r1) = begin(10);
    for bit in 0..r1.len() * 8 {
        let mut changed = r1.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok((_, r2)) = answer_resume(SUITE, &customer, &changed, &mut entropy(11)) else { continue };
        // The highest bit of an X25519 value is ignored by the exchange, not
        // by the transcript.
        assert!(begin(10).0.handle(&r2, [&advisor]).is_err(), "bit {bit} of r1");
    }
    let (_, r2) = answer(&customer, &r1, 11);
    for bit in 0..r2.len() * 8 {
        let mut changed = r2.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(begin(10).0.handle(&changed, [&advisor]).is_err(), "bit {bit} of r2");
    }
    for length in 0..r2.len() {
        let cut = begin(10).0.handle(&r2[..length], [&advisor]).err();
        assert_eq!(cut, Some(ProofError::Malformed(Step::M2)));
    }
    let (_, r3) = begin(10).0.handle(&r2, [&advisor]).unwrap();
    for bit in 0..r3.len() * 8 {
        let mut changed = r3.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(answer(&customer, &r1, 11).0.handle(&changed).is_err(), "bit {bit} of r3");
    }
}

#[test]
fn our_own_values_and_another_suite_are_refused() {
    let (advisor, customer) = met((1, 2));
    let (waiting, r1) = begin(10);
    let reflected = [&[0x12][..], &r1[1..], &[0; 32]].concat();
    assert_eq!(waiting.handle(&reflected, [&advisor]).err(), Some(ProofError::Malformed(Step::M2)));
    let mirrored = answer_resume(SUITE, &customer, &r1, &mut entropy(10)).err();
    assert_eq!(mirrored, Some(HandshakeError::Reflected));
    let (_, r2) = answer_resume(Suite::ChaCha20Poly1305, &customer, &r1, &mut entropy(11)).unwrap();
    assert_eq!(begin(10).0.handle(&r2, [&advisor]).err(), Some(ProofError::WrongProof));
}

#[test]
fn the_bytes_are_fixed() {
    let (advisor, customer) = met((1, 2));
    let (waiting, r1) = begin(10);
    let (_, r2) = answer(&customer, &r1, 11);
    let (_, r3) = waiting.handle(&r2, [&advisor]).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect::<alloc::string::String>();
    let golden = include_str!("golden/resume.txt");
    let found = [hex(&r1), hex(&r2), hex(&r3)].join("\n");
    assert_eq!(found, golden.trim_end());
}
