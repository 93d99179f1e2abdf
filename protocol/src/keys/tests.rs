use super::*;
use alloc::{format, string::String, vec::Vec};

/// The bytes that the hexadecimal digits in `text` stand for.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 5869, A.1 and A.2: extract, then expand.
#[test]
fn hkdf_gives_the_vectors_of_its_rfc() {
    let prk = extract(&unhex("000102030405060708090a0b0c"), &[0x0b; 22]);
    assert_eq!(prk[..], unhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
    let okm = expand::<42>(&prk, &unhex("f0f1f2f3f4f5f6f7f8f9"));
    let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(okm[..], unhex(expected));

    let bytes = |range: core::ops::RangeInclusive<u8>| range.collect::<Vec<u8>>();
    let prk = extract(&bytes(0x60..=0xaf), &bytes(0..=0x4f));
    assert_eq!(prk[..], unhex("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244"));
    let okm = expand::<82>(&prk, &bytes(0xb0..=0xff));
    let expected = "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
                    59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
                    cc30c58179ec3e87c14c01d5c1f3434f1d87";
    assert_eq!(okm[..], unhex(expected));

    // A.3: no salt, no info.
    let prk = extract(&[], &[0x0b; 22]);
    assert_eq!(prk[..], unhex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"));
    let okm = expand::<42>(&prk, &[]);
    let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    assert_eq!(okm[..], unhex(expected));
}

/// RFC 4231, cases 1 and 2 (keys of at most 32 bytes, filled with zeros as
/// RFC 2104 says) and 4.
#[test]
fn hmac_gives_the_vectors_of_its_rfc() {
    let key = |bytes: &[u8]| {
        let mut key = [0; 32];
        key[..bytes.len()].copy_from_slice(bytes);
        key
    };
    let expected = unhex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_eq!(tag(&key(&[0x0b; 20]), &[b"Hi ", b"There"])[..], expected);
    let expected = unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(tag(&key(b"Jefe"), &[b"what do ya want ", b"for nothing?"])[..], expected);
    let long: Vec<u8> = (1..=25).collect();
    let expected = unhex("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    assert_eq!(tag(&key(&long), &[&[0xcd; 50]])[..], expected);
}
