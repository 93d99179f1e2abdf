//! The vectors of draft-irtf-cfrg-cpace, appendix B.3 (ristretto255, SHA-512).

use super::*;
use crate::keys::tests::{hex, unhex};

const CI: &[u8] = b"\nAinitiator\nBresponder";
const SID: &str = "7e4b4791d6a8ef019b936c79fb7f2c57";
const YA: &str = "383a85dd236978f17f8c8545b50dabc52a39fcdab2cf8bc531ce040ff77ca82d";
const YB: &str = "a6206309c0e8e5f579295e35997ac4300ab3fecec3c17f7b604f3e698fa1383c";

fn bytes(text: &str) -> [u8; 32] {
    unhex(text).try_into().unwrap()
}

fn scalar(text: &str) -> Scalar {
    Scalar::from_bytes_mod_order(bytes(text))
}

fn secret_a() -> Scalar {
    scalar("da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08")
}

fn secret_b() -> Scalar {
    scalar("d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d")
}

#[test]
fn lengths_are_written_as_the_draft_says() {
    assert_eq!(lv_bytes(&[b"1234", b"5", b"", b"6789"]), unhex("04313233340135000436373839"));
    let long = lv_bytes(&[&[7; 128]]);
    assert_eq!((long.len(), &long[..2]), (130, &[0x80, 0x01][..]));
    assert_eq!(lv_bytes(&[&[7; 127]])[0], 127);
}

#[test]
fn generator_and_shares_are_the_drafts() {
    let generator = generator(b"Password", CI, &unhex(SID));
    let expected = "5e25411ca1ad7c9debfd0b33ad987a95cefef2d3f15dcc8bd26415a5dfe2e15a";
    assert_eq!(hex(generator.compress().as_bytes()), expected);
    assert_eq!(hex(&share(&secret_a(), &generator)), YA);
    assert_eq!(hex(&share(&secret_b(), &generator)), YB);
}

#[test]
fn both_sides_get_the_drafts_key() {
    let expected = "fa1d0318864e2cacb26875f1b791c9ae83204fe8359addb53e95a2e98893853f";
    let shared = shared_point(&secret_a(), &bytes(YB)).unwrap();
    assert_eq!(hex(&*shared), expected);
    assert_eq!(shared, shared_point(&secret_b(), &bytes(YA)).unwrap());
    let (ya, yb) = (bytes(YA), bytes(YB));
    let first = Party { share: &ya, name: b"ADa" };
    let second = Party { share: &yb, name: b"ADb" };
    let key = session_key(&unhex(SID), &shared, &first, &second);
    let expected = "e91ccb2c0f5e0d0993a33956e3be59754f3f2b07db57631f5394452e\
                    a2e7b4354674eb1f5686c078462bf83bec72e8743df440108e638f35\
                    26d9b90e85be096f";
    assert_eq!(hex(&*key), expected);
}

#[test]
fn invalid_points_are_refused() {
    let secret = scalar("7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05");
    let valid = bytes("2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c");
    let product = "7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e";
    assert_eq!(hex(&*shared_point(&secret, &valid).unwrap()), product);
    let undecodable = bytes("2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c");
    assert_eq!(shared_point(&secret, &undecodable), Err(HandshakeError::BadShare));
    assert_eq!(shared_point(&secret, &[0; 32]), Err(HandshakeError::BadShare));
    assert_eq!(shared_point(&Scalar::ZERO, &valid), Err(HandshakeError::BadShare));
}

/// RFC 7748, 6.1: the other half of the handshake's secret.
#[test]
fn x25519_gives_the_vectors_of_its_rfc() {
    use x25519_dalek::{PublicKey, StaticSecret};
    let a = StaticSecret::from(bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
    let b = StaticSecret::from(bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
    let (a_public, b_public) = (PublicKey::from(&a), PublicKey::from(&b));
    assert_eq!(hex(a_public.as_bytes()), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assert_eq!(hex(b_public.as_bytes()), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    let expected = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    assert_eq!(hex(a.diffie_hellman(&b_public).as_bytes()), expected);
    assert_eq!(hex(b.diffie_hellman(&a_public).as_bytes()), expected);
}
