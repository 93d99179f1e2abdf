//! Portraits and the logo: who may have which.

use super::{Guest, Hall};
use crate::{
    desk::PairId,
    images::KeptImage,
    store::{Store, StoreError},
};
use mitblick_protocol::{
    image::{ImageHash, ImageKind},
    policy::Policy,
};
use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

/// Questions for parts of images that a connection may ask within [`ASKS_TIME`]:
/// a portrait and a logo take four each.
const MOST_ASKS: u32 = 32;
const ASKS_TIME: Duration = Duration::from_secs(60);

/// A portrait that is on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Portrait {
    /// Id of the account that it is of.
    pub(crate) account: i64,
    /// What it must be.
    pub(crate) hash: ImageHash,
}

/// The company's logo, for programs and for browsers.
#[derive(Debug)]
pub(crate) struct Logo {
    pub(crate) image: Arc<KeptImage>,
    pub(crate) png: Vec<u8>,
}

/// How often a connection asks for images.
#[derive(Debug)]
pub(crate) struct Asks {
    since: Instant,
    count: u32,
}

impl Asks {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), count: 0 }
    }

    /// Counts one more; false if it is one that no honest program asks.
    pub(crate) fn count(&mut self) -> bool {
        if self.since.elapsed() >= ASKS_TIME {
            *self = Self::new();
        }
        self.count += 1;
        self.count <= MOST_ASKS
    }
}

impl Guest {
    /// The portrait that may be asked for here.
    pub(crate) fn portrait(&self) -> Option<Portrait> {
        *self.portrait.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_portrait(&self, portrait: Option<Portrait>) {
        *self.portrait.lock().unwrap_or_else(PoisonError::into_inner) = portrait;
    }
}

impl Hall {
    /// Whether the proof of this pair was right, and it is not over.
    pub(crate) fn is_session(&self, pair: PairId) -> bool {
        self.lock().sessions.contains_key(&pair)
    }

    /// The company's logo.
    pub(crate) fn logo(&self) -> Option<Arc<Logo>> {
        self.logo.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn logo_hash(&self) -> Option<ImageHash> {
        self.logo().map(|logo| logo.image.hash)
    }

    /// Takes over the company's rules, and before them the logo that they carry
    /// the hash of: whoever hears of it must get it.
    ///
    /// # Errors
    /// The logo can't be read; everything stays as it was.
    pub(crate) async fn take_over_rules(&self, store: &dyn Store, rules: &Policy) -> Result<(), StoreError> {
        if rules.texts.logo != self.logo_hash() {
            let image = store.logo().await?;
            let logo = image.and_then(|image| {
                let png = image.png(ImageKind::Logo)?;
                Some(Arc::new(Logo { image: Arc::new(image), png }))
            });
            *self.logo.write().unwrap_or_else(PoisonError::into_inner) = logo;
        }
        self.set_company_rules(rules);
        Ok(())
    }
}
