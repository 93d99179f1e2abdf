//! The broker's images: portraits, and the company's logo.

use super::World;
use mitblick_client_core::link::LinkEvent;
use mitblick_protocol::{
    broker_msg::FromBroker,
    image::{ImageHash, part_of},
    policy::{CompanyTexts, Policy, SignedPolicy},
    wire,
};

impl World {
    pub(super) fn image(&self, hash: ImageHash, part: u16) -> Vec<LinkEvent> {
        let Some(bytes) = self.images.iter().find(|bytes| ImageHash::of(bytes) == hash) else {
            return vec![LinkEvent::Broker(FromBroker::NoImage { hash })];
        };
        let parts = (part..part + wire::IMAGE_PARTS_AT_ONCE).map_while(|part| {
            let mut bytes = part_of(bytes, part)?.to_vec();
            (self.spoil)(&mut bytes);
            Some(LinkEvent::Broker(FromBroker::ImagePart { hash, part, bytes }))
        });
        parts.collect()
    }

    /// Rules that say nothing but which logo the company has.
    pub(crate) fn signed_logo(&self, logo: ImageHash) -> SignedPolicy {
        let texts = CompanyTexts { logo: Some(logo), ..CompanyTexts::default() };
        SignedPolicy::sign(&self.card_key, &Policy { serial: 1, texts, ..Policy::default() })
    }
}
