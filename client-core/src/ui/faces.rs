//! The advisor's portrait, or initials in its place, and the company's logo.

use super::{palette, theme};
use crate::{images::Faces, language::Texts};
use egui::{
    Align2, Color32, ColorImage, Context, Frame, Image, Margin, Response, Role, Sense, TextureFilter, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo, vec2,
};
use mitblick_platform::capture::LocalPicture;
use std::sync::Arc;

/// Space round a logo on its plate, in points.
const PLATE: Margin = Margin::symmetric(8, 6);

/// The texture of a picture; `None` if its pixels do not fit its size, or it is
/// larger than can be shown.
pub fn texture_of(ctx: &Context, picture: &LocalPicture) -> Option<TextureHandle> {
    let size = [picture.size.width as usize, picture.size.height as usize];
    let limit = ctx.input(|input| input.max_texture_side);
    if picture.pixels.len() as u64 != picture.size.pixels() || size.contains(&0) || size.iter().any(|&s| s > limit) {
        return None;
    }
    let pixels = picture.pixels.iter().map(|&argb| {
        let [a, r, g, b] = argb.to_be_bytes();
        Color32::from_rgba_unmultiplied(r, g, b, a)
    });
    let image = ColorImage::new(size, pixels.collect());
    let options = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };
    Some(ctx.load_texture("local picture", image, options))
}

/// The textures of what is shown.
#[derive(Default)]
pub struct FaceTextures {
    portrait: Option<Kept>,
    logo: Option<Kept>,
}

type Kept = (Arc<LocalPicture>, TextureHandle);

fn kept(place: &mut Option<Kept>, ctx: &Context, picture: Option<&Arc<LocalPicture>>) -> Option<TextureHandle> {
    let picture = picture?;
    if place.as_ref().is_none_or(|(shown, _)| !Arc::ptr_eq(shown, picture)) {
        *place = texture_of(ctx, picture).map(|texture| (Arc::clone(picture), texture));
    }
    place.as_ref().map(|(_, texture)| texture.clone())
}

/// A person in a circle of this many points: the portrait, or initials. The
/// name stands beside it, so that only a portrait has something to tell.
pub fn portrait_ui(
    ui: &mut Ui,
    texts: Texts,
    faces: &Faces,
    advisor: &str,
    side: f32,
    textures: &mut FaceTextures,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    match kept(&mut textures.portrait, ui.ctx(), faces.portrait.as_ref()) {
        Some(texture) => {
            Image::new(&texture).corner_radius(side / 2.0).paint_at(ui, rect);
            let name = texts.t_with("face-portrait", &[("advisor", advisor.into())]);
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        }
        None => {
            let colours = palette(ui);
            ui.painter().circle_filled(rect.center(), side / 2.0, colours.primary);
            let font = egui::FontId::proportional(side * 0.4);
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, initials(advisor), font, colours.on_primary);
        }
    }
    response
}

/// The company's logo, no larger than this; nothing without one. In dark
/// windows it stands on a white plate: most logos are made for paper.
pub fn logo_ui(
    ui: &mut Ui,
    texts: Texts,
    faces: &Faces,
    organisation: &str,
    most: Vec2,
    textures: &mut FaceTextures,
) -> Option<Response> {
    let texture = kept(&mut textures.logo, ui.ctx(), faces.logo.as_ref())?;
    let natural = texture.size_vec2();
    let size = natural * (most / natural).min_elem().min(1.0);
    let plate = if ui.visuals().dark_mode {
        Frame::new().fill(Color32::WHITE).corner_radius(theme::RADIUS).inner_margin(PLATE)
    } else {
        Frame::new()
    };
    let shown = plate.show(ui, |ui| {
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        Image::new(&texture).paint_at(ui, rect);
        response
    });
    let name = texts.t_with("face-logo", &[("organisation", organisation.into())]);
    shown.inner.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    Some(shown.inner)
}

/// First letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, letters) in
            [("Anna Muster", "AM"), ("anna", "A"), ("Anna Maria von Muster", "AM"), ("", ""), ("— (Vertrieb)", "V")]
        {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
