//! Portraits and the logo for the programs.

use super::{Lobby, Next, Who};
use crate::{hall::Presence, images::KeptImage, metrics::Count};
use mitblick_protocol::{
    broker_msg::{FromBroker, Refusal},
    image::{ImageHash, part_of},
    wire::IMAGE_PARTS_AT_ONCE,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Longest wait for the store: what comes after the question waits too.
const PATIENCE: Duration = Duration::from_secs(1);

impl Lobby {
    /// The next parts of an image, or the word that there is none.
    pub(super) async fn want_image(&mut self, presence: &Presence, hash: ImageHash, part: u16) -> Next {
        if !self.asks.count() {
            return Next::Misplaced(Refusal::TooMany);
        }
        let image = self.image(presence, hash).await;
        let parts = (0..IMAGE_PARTS_AT_ONCE).filter_map(|further| {
            let part = part.checked_add(further)?;
            Some((part, part_of(&image.as_ref()?.bytes, part)?.to_vec()))
        });
        let parts: Vec<_> = parts.collect();
        if parts.is_empty() {
            presence.tell(&FromBroker::NoImage { hash });
        }
        for (part, bytes) in parts {
            presence.tell(&FromBroker::ImagePart { hash, part, bytes });
        }
        Next::Go
    }

    /// The image of this hash, if this program may have it.
    async fn image(&mut self, presence: &Presence, hash: ImageHash) -> Option<Arc<KeptImage>> {
        let services = Arc::clone(&self.services);
        if let Some(logo) = services.hall.logo().filter(|logo| logo.image.hash == hash) {
            return Some(Arc::clone(&logo.image));
        }
        // Whoever has only typed a number is not shown who waits at it.
        let in_session = || presence.guest.route().is_some_and(|route| services.hall.is_session(route.pair));
        if !matches!(self.who, Who::Advisor(_)) && !in_session() {
            return None;
        }
        let account = presence.guest.portrait().filter(|portrait| portrait.hash == hash)?.account;
        if self.portrait.as_ref().is_none_or(|kept| kept.hash != hash) {
            self.portrait = match timeout(PATIENCE, services.store.portrait(account)).await {
                Ok(Ok(portrait)) => portrait.map(Arc::new),
                Ok(Err(error)) => {
                    services.hall.metrics.count(Count::StoreFailed);
                    tracing::error!(%error, "a portrait can't be read");
                    None
                }
                Err(_) => None,
            };
        }
        // The account may have another one by now than when the card was made.
        self.portrait.clone().filter(|kept| kept.hash == hash)
    }
}
