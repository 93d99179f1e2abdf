//! The five messages as bytes, each with one exact form.

use super::{HandshakeError, Offer, ProofError, Step, Suite};
use crate::{card::Card, wire};
use alloc::vec::Vec;

/// m1, read.
pub(super) struct M1 {
    pub(super) offer: Offer,
    pub(super) nonce: [u8; 32],
    pub(super) x: [u8; 32],
    pub(super) card: Card,
}

/// m2, read.
pub(super) struct M2 {
    pub(super) offer: Offer,
    pub(super) nonce: [u8; 32],
    pub(super) x: [u8; 32],
    pub(super) y: [u8; 32],
}

/// m3, read.
pub(super) struct M3 {
    pub(super) suite: Suite,
    pub(super) y: [u8; 32],
}

pub(super) fn write_m1(offer: &Offer, nonce: &[u8; 32], x: &[u8; 32], card: &Card) -> Result<Vec<u8>, HandshakeError> {
    let mut bytes = Vec::from([1]);
    offer.write(&mut bytes);
    bytes.extend_from_slice(nonce);
    bytes.extend_from_slice(x);
    bytes.extend(wire::encode(card).map_err(|_| HandshakeError::Malformed(Step::M1))?);
    Ok(bytes)
}

pub(super) fn read_m1(bytes: &[u8]) -> Result<M1, HandshakeError> {
    let malformed = HandshakeError::Malformed(Step::M1);
    let rest = bytes.strip_prefix(&[1]).ok_or(malformed)?;
    let (offer, rest) = Offer::read(rest, Step::M1)?;
    let (nonce, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let (x, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let card = wire::decode::<Card, { wire::MAX_CARD_BYTES }>(rest).map_err(|_| malformed)?;
    Ok(M1 { offer, nonce: *nonce, x: *x, card })
}

pub(super) fn write_m2(offer: &Offer, nonce: &[u8; 32], x: &[u8; 32], y: &[u8; 32]) -> Vec<u8> {
    let mut bytes = Vec::from([2]);
    offer.write(&mut bytes);
    for part in [nonce, x, y] {
        bytes.extend_from_slice(part);
    }
    bytes
}

pub(super) fn read_m2(bytes: &[u8]) -> Result<M2, HandshakeError> {
    let malformed = HandshakeError::Malformed(Step::M2);
    let rest = bytes.strip_prefix(&[2]).ok_or(malformed)?;
    let (offer, rest) = Offer::read(rest, Step::M2)?;
    let (nonce, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let (x, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let y = rest.try_into().map_err(|_| malformed)?;
    Ok(M2 { offer, nonce: *nonce, x: *x, y })
}

pub(super) fn write_m3(suite: Suite, y: &[u8; 32]) -> Vec<u8> {
    let mut bytes = Vec::from([3]);
    bytes.extend_from_slice(&suite.wire_id().to_be_bytes());
    bytes.extend_from_slice(y);
    bytes
}

pub(super) fn read_m3(bytes: &[u8]) -> Result<M3, HandshakeError> {
    let malformed = HandshakeError::Malformed(Step::M3);
    let rest = bytes.strip_prefix(&[3]).ok_or(malformed)?;
    let (suite, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let suite = Suite::from_wire_id(u16::from_be_bytes(*suite)).ok_or(malformed)?;
    Ok(M3 { suite, y: rest.try_into().map_err(|_| malformed)? })
}

/// m4 or m5: a proof.
pub(super) fn write_proof(step: Step, tag: &[u8; 32]) -> Vec<u8> {
    let mut bytes = Vec::from([proof_kind(step)]);
    bytes.extend_from_slice(tag);
    bytes
}

pub(super) fn read_proof(step: Step, bytes: &[u8]) -> Result<&[u8; 32], ProofError> {
    let tag = bytes.strip_prefix(&[proof_kind(step)]).ok_or(ProofError::Malformed(step))?;
    tag.try_into().map_err(|_| ProofError::Malformed(step))
}

const fn proof_kind(step: Step) -> u8 {
    match step {
        Step::M1 => 1,
        Step::M2 => 2,
        Step::M3 => 3,
        Step::M4 => 4,
        Step::M5 => 5,
    }
}
