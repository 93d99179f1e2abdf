//! Published vectors of the ciphers, and that our use of them is theirs.

use super::*;
use crate::keys::tests::{hex, unhex};
use alloc::vec::Vec;
use cipher::BlockCipherEncrypt;

const SECRET: [u8; 32] = [0x42; 32];

/// Eric Young's "set_key" set: one block under keys of 4 to 24 bytes.
#[test]
fn blowfish_gives_eric_youngs_vectors() {
    let key = unhex("f0e1d2c3b4a5968778695a4b3c2d1e0f0011223344556677");
    let ciphertexts = [
        "be1e639408640f05",
        "b39e44481bdb1e6e",
        "9457aa83b1928c0d",
        "8bb77032f960629d",
        "e87a244e2cc85e82",
        "15750e7a4f4ec577",
        "122ba70b3ab64ae0",
        "3a833c9affc537f6",
        "9409da87a90f6bf2",
        "884f80625060b8b4",
        "1f85031c19e11968",
        "79d9373a714ca34f",
        "93142887ee3be15c",
        "03429e838ce2d14b",
        "a4299e27469ff67b",
        "afd5aed1c1bc96a8",
        "10851c0e3858da9f",
        "e6f51ed79b9db21f",
        "64a6e14afd36b46f",
        "80c7d7d45a5479ad",
        "05044b62fa52d080",
    ];
    for (length, expected) in (4..).zip(ciphertexts) {
        let cipher = <Blowfish as KeyInit>::new_from_slice(&key[..length]).unwrap();
        let mut block: [u8; 8] = unhex("fedcba9876543210").try_into().unwrap();
        cipher.encrypt_block((&mut block).into());
        assert_eq!(hex(&block), expected, "{length} bytes of key");
    }
}

/// CTR as NIST SP 800-38A defines it, with the counter block written down in
/// the module's documentation.
#[test]
fn the_keystream_is_the_encrypted_counter_block() {
    let both = expand::<48>(&SECRET, b"MB1 key blowfish128-ctr-hmac-sha256");
    let blowfish: Blowfish = Blowfish::new_from_slice(&both[..16]).unwrap();
    let Cipher::Blowfish { cipher, .. } = Cipher::new(Suite::Blowfish128CtrHmacSha256, &SECRET) else { panic!() };
    for seq in [0_u64, 1, 65_535] {
        let mut stream = [0; 8 * 5 + 3];
        apply_ctr(&cipher, seq, &mut stream);
        for (block, expected) in stream.chunks(8).enumerate() {
            let mut counter = (seq << 32 | block as u64).to_be_bytes();
            blowfish.encrypt_block((&mut counter).into());
            assert_eq!(expected, &counter[..expected.len()]);
        }
    }
}

#[test]
fn blowfish_records_are_authenticated_over_header_and_ciphertext() {
    let cipher = Cipher::new(Suite::Blowfish128CtrHmacSha256, &SECRET);
    let aad = [5; AAD_BYTES];
    let mut bytes = *b"some plaintext";
    let tag = cipher.seal(3, &aad, &mut bytes);
    let both = expand::<48>(&SECRET, b"MB1 key blowfish128-ctr-hmac-sha256");
    let mac_key: [u8; 32] = both[16..].try_into().unwrap();
    assert_eq!(tag.as_slice(), keys::tag(&mac_key, &[&aad, &bytes]));
}

/// RFC 8439, 2.8.2.
#[test]
fn chacha20_poly1305_gives_the_vector_of_its_rfc() {
    let key: [u8; 32] = (0x80..=0x9f).collect::<Vec<u8>>().try_into().unwrap();
    let nonce: [u8; 12] = unhex("070000004041424344454647").try_into().unwrap();
    let mut text = *b"Ladies and Gentlemen of the class of '99: \
        If I could offer you only one tip for the future, sunscreen would be it.";
    let aead = ChaCha20Poly1305::new((&key).into());
    let aad = unhex("50515253c0c1c2c3c4c5c6c7");
    let tag = aead.encrypt_inout_detached(&nonce.into(), &aad, text.as_mut_slice().into()).unwrap();
    let expected = "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6\
                    3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36\
                    92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc\
                    3ff4def08e4b7a9de576d26586cec64b6116";
    assert_eq!(hex(&text), expected);
    assert_eq!(hex(&tag), "1ae10b594f09e26a7e902ecbd0600691");
}

/// The construction of RFC 8446, 5.3.
#[test]
fn chacha20_nonces_are_the_iv_with_the_sequence_number() {
    let iv = [0xf0; 12];
    assert_eq!(nonce(&iv, 0), iv);
    assert_eq!(hex(&nonce(&iv, 0x0102_0304_0506_0708)), "f0f0f0f0f1f2f3f4f5f6f7f8");
    let Cipher::ChaCha20 { iv, .. } = Cipher::new(Suite::ChaCha20Poly1305, &SECRET) else { panic!() };
    assert_eq!(iv[..], expand::<44>(&SECRET, b"MB1 key chacha20-poly1305")[32..]);
}

#[test]
fn nothing_is_decrypted_before_the_tag_is_verified() {
    for suite in [Suite::Blowfish128CtrHmacSha256, Suite::ChaCha20Poly1305] {
        let cipher = Cipher::new(suite, &SECRET);
        let aad = [5; AAD_BYTES];
        let mut bytes = *b"some plaintext";
        let mut tag = cipher.seal(3, &aad, &mut bytes).as_slice().to_vec();
        let mut out = Vec::from(*b"what was there before");
        assert!(cipher.open(3, &aad, &bytes, &tag, &mut out).is_ok());
        assert_eq!(out, b"some plaintext");
        tag[0] ^= 1;
        assert!(cipher.open(3, &aad, &bytes, &tag, &mut out).is_err());
        assert!(out.is_empty(), "no plaintext of a record that was not verified");
        assert!(cipher.open(3, &aad, &bytes, &tag[..8], &mut out).is_err(), "no shortened tag");
        assert!(cipher.open(3, &aad, &bytes, &[], &mut out).is_err());
    }
}
