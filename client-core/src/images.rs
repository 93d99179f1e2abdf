//! The advisor's portrait and the company's logo, fetched from the broker: a
//! pure machine that both controllers feed.
//!
//! What is wanted is said by a hash that the broker has signed, on the card or
//! in the rules. One image comes at a time, and a few of its parts; nothing
//! waits for it. One that is missing, late or not the signed one is not there,
//! and initials stand in its place.

use mitblick_platform::capture::LocalPicture;
use mitblick_protocol::{
    broker_msg::ToBroker,
    geometry::Size,
    image::{Gathering, Image, ImageHash, ImageKind},
    wire::IMAGE_PARTS_AT_ONCE,
};
use std::sync::Arc;

/// The images that are there to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faces {
    /// The advisor.
    pub portrait: Option<Arc<LocalPicture>>,
    /// The company's logo.
    pub logo: Option<Arc<LocalPicture>>,
}

#[derive(Debug, Default)]
enum State {
    /// None is wanted, or the one that is can't be had.
    #[default]
    None,
    /// Its turn has not come.
    Waits,
    /// It comes; parts before this one were asked for.
    Comes(Gathering, u16),
    There(Arc<LocalPicture>),
}

#[derive(Debug, Default)]
struct Slot {
    wanted: Option<ImageHash>,
    state: State,
}

impl Slot {
    fn want(&mut self, hash: Option<ImageHash>) {
        if self.wanted != hash {
            *self = Self { wanted: hash, state: if hash.is_some() { State::Waits } else { State::None } };
        }
    }

    fn ask(&mut self, kind: ImageKind) -> Option<ToBroker> {
        let hash = self.wanted?;
        match &mut self.state {
            State::Waits => {
                self.state = State::Comes(Gathering::new(kind, hash), IMAGE_PARTS_AT_ONCE);
                Some(ToBroker::WantImage { hash, part: 0 })
            }
            State::Comes(gathering, asked) if gathering.next_part() >= *asked => {
                *asked = asked.saturating_add(IMAGE_PARTS_AT_ONCE);
                Some(ToBroker::WantImage { hash, part: gathering.next_part() })
            }
            State::None | State::Comes(..) | State::There(_) => None,
        }
    }

    fn comes(&self) -> bool {
        matches!(self.state, State::Comes(..))
    }

    fn picture(&self) -> Option<Arc<LocalPicture>> {
        match &self.state {
            State::There(picture) => Some(Arc::clone(picture)),
            State::None | State::Waits | State::Comes(..) => None,
        }
    }
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Images {
    portrait: Slot,
    logo: Slot,
}

impl Images {
    /// The image of this hash is to be shown, or none. One that is there is
    /// kept.
    pub fn want(&mut self, kind: ImageKind, hash: Option<ImageHash>) {
        match kind {
            ImageKind::Portrait => self.portrait.want(hash),
            ImageKind::Logo => self.logo.want(hash),
        }
    }

    /// What to ask the broker next, if anything; to be called after every other
    /// call, as long as the broker would answer.
    #[must_use]
    pub fn ask(&mut self) -> Option<ToBroker> {
        if self.logo.comes() {
            return self.logo.ask(ImageKind::Logo);
        }
        let portrait = self.portrait.ask(ImageKind::Portrait);
        if portrait.is_some() || self.portrait.comes() {
            return portrait;
        }
        self.logo.ask(ImageKind::Logo)
    }

    /// A part has come; tells whether an image is whole now. Parts that were
    /// not asked for are dropped.
    pub fn take(&mut self, hash: ImageHash, part: u16, bytes: &[u8]) -> bool {
        let Some(slot) = self.coming(hash) else { return false };
        let State::Comes(gathering, asked) = &mut slot.state else { return false };
        if part >= *asked {
            slot.state = State::None;
            return false;
        }
        match gathering.take(part, bytes) {
            Ok(None) => false,
            Ok(Some(image)) => {
                slot.state = State::There(Arc::new(local(&image)));
                true
            }
            Err(error) => {
                tracing::warn!(%error, "an image from the broker is not shown");
                slot.state = State::None;
                false
            }
        }
    }

    /// The broker does not have this one.
    pub fn missing(&mut self, hash: ImageHash) {
        if let Some(slot) = self.coming(hash) {
            slot.state = State::None;
        }
    }

    /// The link is a new one: what was on its way comes no more, and is asked
    /// for again.
    pub fn new_link(&mut self) {
        for slot in [&mut self.portrait, &mut self.logo] {
            if slot.comes() {
                slot.state = State::Waits;
            }
        }
    }

    /// What is there.
    pub fn faces(&self) -> Faces {
        Faces { portrait: self.portrait.picture(), logo: self.logo.picture() }
    }

    fn coming(&mut self, hash: ImageHash) -> Option<&mut Slot> {
        let mut slots = [&mut self.portrait, &mut self.logo].into_iter();
        slots.find(|slot| matches!(&slot.state, State::Comes(gathering, _) if gathering.hash() == hash))
    }
}

fn local(image: &Image) -> LocalPicture {
    let (width, height) = image.size_px();
    let pixels = image.rgba().map(|[r, g, b, a]| u32::from_be_bytes([a, r, g, b])).collect();
    LocalPicture { size: Size { width: width.into(), height: height.into() }, pixels }
}

#[cfg(test)]
mod tests;
