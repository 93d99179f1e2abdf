//! The advisor's card: who asks, signed by the broker for one number.
//!
//! The customer's program shows company and advisor only from a card whose
//! signature fits the key that it got from the pinned broker, whose number is
//! the one typed, and whose time is not over. The card is bytes from a peer
//! until [`Card::verify`] has said yes.

use crate::{image::ImageHash, number::Routing, text::DisplayText};
use alloc::vec::Vec;
use bincode::{Decode, Encode};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// Separates these signatures from any other use of the broker's card key.
const SIGNATURE_LABEL: &[u8] = b"MITBLICK-CARD-2";

/// Who the advisor is, as the broker vouches for it. The broker hands it to
/// the advisor's program with the number; it reaches the customer's program
/// inside the handshake, which checks the signature with the key that it got
/// from the pinned broker.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Card {
    /// The company's name.
    pub organisation: DisplayText,
    /// The advisor's name as shown to customers.
    pub advisor: DisplayText,
    /// The advisor's portrait, if there is one.
    pub portrait: Option<ImageHash>,
    /// The number that it was made for.
    pub routing: Routing,
    /// End of validity, seconds since 1970.
    pub expires_unix_s: u64,
    /// Ed25519 over [`Card::signed_bytes`].
    pub signature: [u8; 64],
}

/// Why a card is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// It was made for another number.
    #[error("the card is for another number")]
    OtherNumber,
    /// Its time is over (or this machine's clock is wrong).
    #[error("the card has expired")]
    Expired,
    /// The broker did not sign this.
    #[error("the signature of the card is wrong")]
    Signature,
}

impl Card {
    /// A card with its signature.
    pub fn sign(
        key: &SigningKey,
        organisation: DisplayText,
        advisor: DisplayText,
        portrait: Option<ImageHash>,
        routing: Routing,
        expires_unix_s: u64,
    ) -> Self {
        let mut card = Self { organisation, advisor, portrait, routing, expires_unix_s, signature: [0; 64] };
        card.signature = key.sign(&card.signed_bytes()).to_bytes();
        card
    }

    /// What the signature is over: label, expiry and routing number big endian,
    /// then each name with its length in two bytes before it, then 0 or 1 and the
    /// portrait's hash.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from(SIGNATURE_LABEL);
        bytes.extend_from_slice(&self.expires_unix_s.to_be_bytes());
        bytes.extend_from_slice(&self.routing.value().to_be_bytes());
        for name in [&self.organisation, &self.advisor] {
            let name = name.as_str().as_bytes();
            // A display text has at most 256 bytes, so nothing is cut here.
            bytes.extend_from_slice(&(name.len() as u16).to_be_bytes());
            bytes.extend_from_slice(name);
        }
        bytes.push(self.portrait.is_some().into());
        bytes.extend(self.portrait.iter().flat_map(|hash| hash.0));
        bytes
    }

    /// Whether the broker with `card_key` vouches for this card, for this
    /// number and at this time.
    ///
    /// # Errors
    /// See [`CardError`].
    pub fn verify(&self, card_key: &[u8; 32], routing: Routing, now_unix_s: u64) -> Result<(), CardError> {
        let key = VerifyingKey::from_bytes(card_key).map_err(|_| CardError::Signature)?;
        key.verify_strict(&self.signed_bytes(), &Signature::from_bytes(&self.signature))
            .map_err(|_| CardError::Signature)?;
        if self.routing != routing {
            return Err(CardError::OtherNumber);
        }
        if now_unix_s >= self.expires_unix_s {
            return Err(CardError::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPIRES: u64 = 2_000;
    const PORTRAIT: ImageHash = ImageHash([0x61; 32]);

    fn card() -> (Card, [u8; 32]) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let [organisation, advisor] = ["Muster GmbH", "Anna Beispiel"].map(DisplayText::cleaned);
        let card = Card::sign(&key, organisation, advisor, Some(PORTRAIT), Routing::new(4829).unwrap(), EXPIRES);
        (card, key.verifying_key().to_bytes())
    }

    #[test]
    fn a_card_holds_for_its_number_until_it_expires() {
        let (card, key) = card();
        let routing = Routing::new(4829).unwrap();
        assert_eq!(card.verify(&key, routing, EXPIRES - 1), Ok(()));
        assert_eq!(card.verify(&key, routing, EXPIRES), Err(CardError::Expired));
        assert_eq!(card.verify(&key, Routing::new(4828).unwrap(), 0), Err(CardError::OtherNumber));
    }

    #[test]
    fn whoever_changes_a_card_breaks_its_signature() {
        let (card, key) = card();
        let other = |name: &str| DisplayText::cleaned(name);
        let changed = [
            Card { organisation: other("Muster Gmb"), ..card.clone() },
            Card { advisor: other("Anna Beispie"), ..card.clone() },
            // The same letters, divided in another way.
            Card { organisation: other("Muster GmbHA"), advisor: other("nna Beispiel"), ..card.clone() },
            Card { portrait: None, ..card.clone() },
            Card { portrait: Some(ImageHash([0x62; 32])), ..card.clone() },
            Card { routing: Routing::new(4828).unwrap(), ..card.clone() },
            Card { expires_unix_s: EXPIRES + 1, ..card.clone() },
        ];
        for card in changed {
            assert_eq!(card.verify(&key, card.routing, 0), Err(CardError::Signature));
        }
        for bit in 0..512 {
            let mut card = card.clone();
            card.signature[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(card.verify(&key, card.routing, 0), Err(CardError::Signature));
        }
        assert_eq!(card.verify(&[0; 32], card.routing, 0), Err(CardError::Signature));
    }

    #[test]
    fn the_signed_bytes_are_fixed() {
        let (card, _) = card();
        let expected = b"MITBLICK-CARD-2\0\0\0\0\0\0\x07\xd0\x12\xdd\0\x0bMuster GmbH\0\x0dAnna Beispiel\
            \x01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        assert_eq!(card.signed_bytes(), expected);
        let bare = Card { portrait: None, ..card };
        assert!(expected.starts_with(bare.signed_bytes().strip_suffix(&[0]).unwrap()));
    }
}
