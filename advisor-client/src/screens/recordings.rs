//! The recordings of this computer: listed, opened with the customer's code,
//! looked at with a seek bar, exported.

use egui::{
    Color32, ColorImage, Context, Rect, RichText, Role, Sense, Slider, TextEdit, TextureHandle, TextureOptions, Ui,
    WidgetInfo, pos2, vec2,
};
use mitblick_client_core::{
    language::{Language, Texts},
    recording::{Folder, Kept, OpenView, Projection, Projector, Still, command},
    ui::{
        ActionButton, ButtonKind, Icon, format, page, palette, theme,
        widgets::{self, Mood},
    },
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How often the picture moves on while it plays, in milliseconds.
const STEP_MS: u64 = 50;
/// Longest side of a texture, in pixels: larger pictures are shown in parts.
const TILE_PX: usize = 2_048;
/// Longest code that can be typed, with all that may stand between.
const MAX_CODE_CHARS: usize = 80;

/// What belongs to this screen alone.
#[derive(Default)]
pub struct RecordingsLocal {
    folder: Option<Folder>,
    projector: Option<Projector>,
    /// The one whose code is being typed.
    chosen: Option<PathBuf>,
    /// The field for the code has just appeared.
    fresh: bool,
    code: String,
    /// Since when it plays, on egui's clock, and from where.
    playing: Option<(f64, u64)>,
    tiles: Option<(Arc<Still>, Vec<Tile>)>,
    /// Where the video goes, while the person thinks about one.
    export: Option<String>,
}

impl RecordingsLocal {
    /// With the recordings in this folder.
    pub fn in_folder(folder: Option<Folder>) -> Self {
        Self { folder, ..Self::default() }
    }

    /// Whether the screen is shown.
    pub fn is_open(&self) -> bool {
        self.projector.is_some()
    }

    /// Shows the screen.
    pub fn open(&mut self, ctx: &Context, language: Language) {
        let repaint = ctx.clone();
        match Projector::start(self.folder.clone(), language, move || repaint.request_repaint()) {
            Ok(projector) => {
                projector.list();
                *self = Self { projector: Some(projector), ..Self::in_folder(self.folder.take()) };
            }
            Err(error) => tracing::error!(%error, "recordings can't be shown"),
        }
    }

    /// Shows it no longer: what was open is closed.
    pub fn close(&mut self) {
        if self.is_open() {
            *self = Self::in_folder(self.folder.take());
        }
    }

    /// The picture in parts that fit into textures.
    fn tiles(&mut self, ui: &Ui, still: &Arc<Still>) -> &[Tile] {
        if self.tiles.as_ref().is_none_or(|(known, _)| !Arc::ptr_eq(known, still)) {
            let before = self.tiles.take().map(|(_, tiles)| tiles).unwrap_or_default();
            self.tiles = Some((Arc::clone(still), tiles_of(ui, still, before)));
        }
        self.tiles.as_ref().map_or(&[], |(_, tiles)| tiles)
    }
}

/// A part of a picture.
struct Tile {
    /// Where it is, in parts of the picture's sides.
    place: Rect,
    texture: TextureHandle,
}

fn tiles_of(ui: &Ui, still: &Still, before: Vec<Tile>) -> Vec<Tile> {
    let (width, height) = (still.size.width as usize, still.size.height as usize);
    if still.pixels.len() != width * height || width == 0 {
        return Vec::new();
    }
    let mut textures = before.into_iter().map(|tile| tile.texture);
    let mut tiles = Vec::new();
    for top in (0..height).step_by(TILE_PX) {
        for left in (0..width).step_by(TILE_PX) {
            let (right, bottom) = ((left + TILE_PX).min(width), (top + TILE_PX).min(height));
            let rows = still.pixels.chunks_exact(width).skip(top).take(bottom - top);
            let pixels = rows.flat_map(|row| row.get(left..right).unwrap_or_default()).map(|pixel| {
                let [_, red, green, blue] = pixel.to_be_bytes();
                Color32::from_rgb(red, green, blue)
            });
            let image = ColorImage::new([right - left, bottom - top], pixels.collect());
            let options = TextureOptions::LINEAR;
            let texture = match textures.next() {
                Some(mut texture) => {
                    texture.set(image, options);
                    texture
                }
                None => ui.ctx().load_texture("recording", image, options),
            };
            let at = |x: usize, y: usize| pos2(x as f32 / width as f32, y as f32 / height as f32);
            tiles.push(Tile { place: Rect::from_min_max(at(left, top), at(right, bottom)), texture });
        }
    }
    tiles
}

/// The screen.
pub fn recordings_ui(ui: &mut Ui, texts: Texts, local: &mut RecordingsLocal) {
    let Some(view) = local.projector.as_ref().map(Projector::view) else { return };
    let mut leaves = ui.input(|input| input.key_pressed(egui::Key::Escape));
    egui::Frame::new().fill(palette(ui).surface).inner_margin(egui::Margin::symmetric(20, 10)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            let label = texts.t("recordings-back");
            leaves |= ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Leave)).clicked();
            widgets::heading(ui, &texts.t("recordings"));
        });
    });
    if leaves {
        // From a recording to the list, from there to the lobby.
        match (&view.open, &local.projector) {
            (Some(_), Some(projector)) => {
                projector.close();
                projector.list();
                (local.playing, local.export, local.tiles) = (None, None, None);
            }
            _ => local.close(),
        }
        return;
    }
    match &view.open {
        Some(open) => open_ui(ui, texts, &view, open, local),
        None => list_ui(ui, texts, &view, local),
    }
}

fn problem_ui(ui: &mut Ui, view: &Projection) {
    if let Some(problem) = &view.problem {
        widgets::notice(ui, Mood::Error, problem);
        ui.add_space(theme::GAP);
    }
}

fn list_ui(ui: &mut Ui, texts: Texts, view: &Projection, local: &mut RecordingsLocal) {
    page(ui, 640.0, |ui| {
        problem_ui(ui, view);
        let folder = local.folder.as_ref().map(|folder| folder.path().display().to_string()).unwrap_or_default();
        widgets::muted(ui, &texts.t_with("recordings-lead", &[("folder", folder.into())]));
        ui.add_space(theme::GAP);
        let Some(list) = &view.list else { return };
        if list.is_empty() {
            widgets::body(ui, &texts.t("recordings-none"));
        }
        for kept in list.iter() {
            widgets::card(ui, |ui| kept_ui(ui, texts, kept, local));
            ui.add_space(theme::GAP);
        }
    });
}

fn kept_ui(ui: &mut Ui, texts: Texts, kept: &Kept, local: &mut RecordingsLocal) {
    // The file itself does not say where its maker's clock stood.
    let begun = command::when(kept.header.begun_unix_ms, local_offset_s());
    let size = format::bytes(kept.bytes, texts.language());
    let values = [("begun", begun.clone().into()), ("size", size.into())];
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(texts.t_with("recordings-when", &values)).strong());
        let label = texts.t("recordings-open");
        let name = texts.t_with("recordings-open-name", &[("begun", begun.into())]);
        let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Lock);
        if ui.add(button).clicked() {
            local.chosen = Some(kept.path.clone());
            local.code.clear();
            local.fresh = true;
        }
    });
    if local.chosen.as_ref() != Some(&kept.path) {
        return;
    }
    let label = texts.t("recordings-code");
    widgets::small(ui, &label);
    let field = TextEdit::singleline(&mut local.code)
        .hint_text(texts.t("recordings-code-hint"))
        .char_limit(MAX_CODE_CHARS)
        .font(egui::TextStyle::Monospace)
        .desired_width(f32::INFINITY);
    let field = ui.add(field);
    if std::mem::take(&mut local.fresh) {
        field.request_focus();
    }
    field.widget_info(|| {
        let mut info = WidgetInfo::text_edit(true, &local.code, &local.code, "");
        info.label = Some(label.clone());
        info
    });
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let label = texts.t("recordings-unlock");
    let pressed = ui.add(ActionButton::new(ButtonKind::Primary, &label).icon(Icon::Check)).clicked();
    if (entered || pressed)
        && let Some(projector) = &local.projector
    {
        projector.open(kept.path.clone(), std::mem::take(&mut local.code));
    }
}

fn local_offset_s() -> i32 {
    mitblick_client_core::receipt::save::utc_offset_s()
}

fn open_ui(ui: &mut Ui, texts: Texts, view: &Projection, open: &OpenView, local: &mut RecordingsLocal) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(20, 10)).show(ui, |ui| {
        problem_ui(ui, view);
        let values = [
            ("advisor", open.advisor.as_str().into()),
            ("organisation", open.organisation.as_str().into()),
            ("begun", open.begun.as_str().into()),
        ];
        widgets::body(ui, &texts.t_with("recordings-with", &values));
        if !open.complete {
            widgets::small(ui, &texts.t("recording-cut-short"));
        }
        play_ui(ui, texts, open, local);
        export_ui(ui, texts, view, open, local);
        picture_ui(ui, texts, open, local);
    });
}

fn play_ui(ui: &mut Ui, texts: Texts, open: &OpenView, local: &mut RecordingsLocal) {
    let Some(projector) = &local.projector else { return };
    let now_s = ui.input(|input| input.time);
    let mut at_ms = match local.playing {
        Some((since_s, from_ms)) => from_ms + ((now_s - since_s).max(0.0) * 1_000.0) as u64,
        None => open.at_ms,
    };
    if local.playing.is_some() {
        if at_ms >= open.length_ms {
            (at_ms, local.playing) = (open.length_ms, None);
        } else {
            ui.ctx().request_repaint_after(Duration::from_millis(STEP_MS));
        }
        // What is shown calls for painting, and that must not call for more.
        if at_ms >= open.at_ms + STEP_MS || at_ms == open.length_ms && open.at_ms != at_ms {
            projector.seek(at_ms);
        }
    }
    ui.horizontal(|ui| {
        let (label, icon) = match local.playing {
            Some(_) => (texts.t("recordings-pause"), Icon::Pause),
            None => (texts.t("recordings-play"), Icon::Play),
        };
        if ui.add(ActionButton::new(ButtonKind::Primary, &label).small().icon(icon)).clicked() {
            local.playing = match local.playing {
                Some(_) => None,
                // At its end it begins anew.
                None if at_ms >= open.length_ms => Some((now_s, 0)),
                None => Some((now_s, at_ms)),
            };
        }
        let [at, length] = [at_ms, open.length_ms].map(|ms| format::countdown(ms / 1_000));
        let text = texts.t_with("recordings-at", &[("at", at.into()), ("length", length.into())]);
        let room = (ui.available_width() - 150.0).max(80.0);
        ui.spacing_mut().slider_width = room;
        let mut sought_ms = at_ms;
        let slider = Slider::new(&mut sought_ms, 0..=open.length_ms.max(1)).show_value(false);
        let response = ui.add(slider);
        let name = texts.t("recordings-seek");
        response.widget_info(|| WidgetInfo::slider(true, sought_ms as f64 / 1_000.0, format!("{name}: {text}")));
        if response.changed() {
            projector.seek(sought_ms);
            local.playing = local.playing.map(|_| (now_s, sought_ms));
        }
        widgets::small(ui, &text);
    });
}

fn export_ui(ui: &mut Ui, texts: Texts, view: &Projection, open: &OpenView, local: &mut RecordingsLocal) {
    let Some(projector) = &local.projector else { return };
    if let Some(thousandths) = view.exporting {
        ui.horizontal_wrapped(|ui| {
            let percent = u32::from(thousandths / 10);
            let line = widgets::small(ui, &texts.t_with("recordings-exporting", &[("percent", percent.into())]));
            widgets::announce(ui, &line, false);
            let label = texts.t("recordings-export-stop");
            if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Close)).clicked() {
                projector.give_up();
            }
        });
        return;
    }
    if let Some(file) = &view.exported {
        let line = widgets::small(ui, &texts.t_with("recording-exported", &[("file", file.as_str().into())]));
        widgets::announce(ui, &line, true);
    }
    let Some(mut file) = local.export.take() else {
        let label = texts.t("recordings-export");
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::File)).clicked() {
            local.export = Some(open.path.with_extension("mp4").display().to_string());
        }
        return;
    };
    widgets::notice(ui, Mood::Warning, &texts.t("recordings-export-lead"));
    let mut wanted = false;
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("recordings-export-file");
        widgets::small(ui, &label);
        let field = ui.add(TextEdit::singleline(&mut file).desired_width((ui.available_width() - 140.0).max(120.0)));
        field.widget_info(|| {
            let mut info = WidgetInfo::text_edit(true, file.as_str(), file.as_str(), "");
            info.label = Some(label.clone());
            info
        });
        let label = texts.t("recordings-export-now");
        wanted = ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Check)).clicked();
    });
    if wanted {
        projector.export(PathBuf::from(file.trim()));
    } else {
        local.export = Some(file);
    }
}

/// The picture, as large as there is room, and never larger than it is.
fn picture_ui(ui: &mut Ui, texts: Texts, open: &OpenView, local: &mut RecordingsLocal) {
    ui.add_space(theme::GAP);
    let Some(still) = &open.picture else {
        local.tiles = None;
        let line = widgets::muted(ui, &texts.t("recordings-nothing"));
        widgets::announce(ui, &line, false);
        return;
    };
    let ppp = ui.pixels_per_point();
    let natural = vec2(still.size.width as f32, still.size.height as f32) / ppp;
    let room = ui.available_size().max(vec2(1.0, 1.0));
    let scale = (room.x / natural.x).min(room.y / natural.y).min(1.0);
    let (rect, response) = ui.allocate_exact_size(natural * scale, Sense::hover());
    let name = texts.t_with(
        "recordings-with",
        &[
            ("advisor", open.advisor.as_str().into()),
            ("organisation", open.organisation.as_str().into()),
            ("begun", open.begun.as_str().into()),
        ],
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    for tile in local.tiles(ui, still) {
        let place =
            Rect::from_min_max(rect.lerp_inside(tile.place.min.to_vec2()), rect.lerp_inside(tile.place.max.to_vec2()));
        ui.painter().image(tile.texture.id(), place, whole, Color32::WHITE);
    }
}
