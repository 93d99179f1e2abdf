//! Icons and previews as textures, kept for as long as they are shown.

use egui::{Color32, ColorImage, Context, TextureFilter, TextureHandle, TextureOptions};
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
        let size = [picture.size.width as usize, picture.size.height as usize];
        let limit = ctx.input(|input| input.max_texture_side);
        if picture.pixels.len() as u64 != picture.size.pixels() || size.contains(&0) || size.iter().any(|&s| s > limit)
        {
            return None;
        }
        let pixels = picture.pixels.iter().map(|&argb| {
            let [a, r, g, b] = argb.to_be_bytes();
            Color32::from_rgba_unmultiplied(r, g, b, a)
        });
        let image = ColorImage::new(size, pixels.collect());
        let options = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };
        let texture = ctx.load_texture("local picture", image, options);
        self.kept.insert(key, Kept { _picture: Arc::clone(picture), texture: texture.clone(), shown: true });
        Some(texture)
    }

    /// Lets go of what was not asked for since the last call.
    pub fn sweep(&mut self) {
        self.kept.retain(|_, kept| std::mem::take(&mut kept.shown));
    }
}
