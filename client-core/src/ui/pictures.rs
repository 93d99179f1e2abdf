//! Icons and previews as textures, kept for as long as they are shown.

use super::faces::texture_of;
use egui::{Context, TextureHandle};
use mitblick_platform::capture::LocalPicture;
use std::{collections::HashMap, sync::Arc};

/// Textures of local pictures.
#[derive(Default)]
pub struct Pictures {
    kept: HashMap<usize, Kept>,
}

struct Kept {
    /// Holds the address, which is the key.
    _picture: Arc<LocalPicture>,
    texture: TextureHandle,
    shown: bool,
}

impl Pictures {
    /// The texture of this picture; `None` if its pixels do not fit its size.
    pub fn texture(&mut self, ctx: &Context, picture: &Arc<LocalPicture>) -> Option<TextureHandle> {
        let key = Arc::as_ptr(picture) as usize;
        if let Some(kept) = self.kept.get_mut(&key) {
            kept.shown = true;
            return Some(kept.texture.clone());
        }
        let texture = texture_of(ctx, picture)?;
        self.kept.insert(key, Kept { _picture: Arc::clone(picture), texture: texture.clone(), shown: true });
        Some(texture)
    }

    /// Lets go of what was not asked for since the last call.
    pub fn sweep(&mut self) {
        self.kept.retain(|_, kept| std::mem::take(&mut kept.shown));
    }
}
