//! Being guided without giving control: what the advisor points at and asks to
//! be shown, in the bar and above the choice of applications.

use super::{choose::ChooseLocal, question};
use egui::{
    Color32, ColorImage, Frame, Margin, RichText, Role, ScrollArea, Sense, TextureHandle, TextureOptions, Ui,
    WidgetInfo,
};
use mitblick_client_core::{
    customer::{CustomerGuide, CustomerIntent, GuideView, MoreView, Who},
    language::Texts,
    ui::{ActionButton, ButtonKind, Icon, applications::application_card, guard::GUARD_S, palette, theme, widgets},
};
use mitblick_platform::capture::LocalPicture;
use std::sync::Arc;

/// Highest that the list of what else could be shown gets, in points.
const LIST_HEIGHT: f32 = 320.0;

/// In the bar's row: what has to be at hand while its own row is closed.
pub(super) fn active_ui(ui: &mut Ui, texts: Texts, view: &GuideView, open: bool, intents: &mut Vec<CustomerIntent>) {
    for toggle in toggles(texts, view).into_iter().filter(|toggle| toggle.pressing && !open) {
        toggle_ui(ui, toggle, false, intents);
    }
}

/// In the row of what is seldom needed: look, hide, clear, point with the own
/// mouse.
pub(super) fn row_ui(ui: &mut Ui, texts: Texts, view: &GuideView, intents: &mut Vec<CustomerIntent>) {
    for toggle in toggles(texts, view) {
        toggle_ui(ui, toggle, true, intents);
    }
    if view.marks > 0 {
        let label = texts.t("guide-clear");
        if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Erase)).clicked() {
            intents.push(CustomerIntent::Guide(CustomerGuide::ClearMarks));
        }
    }
}

/// What is on or off.
struct Toggle {
    label: String,
    name: String,
    icon: Icon,
    on: bool,
    /// Whether it has to be at hand while its row is closed.
    pressing: bool,
    /// Switches it over.
    wish: CustomerGuide,
}

fn toggles(texts: Texts, view: &GuideView) -> [Toggle; 3] {
    let (seen, hidden, out) = (view.preview.is_some(), view.pointing_hidden, view.points_out);
    [
        Toggle {
            label: texts.t("guide-preview"),
            name: texts.t("guide-preview-name"),
            icon: Icon::Eye,
            on: seen,
            pressing: false,
            wish: CustomerGuide::Preview(!seen),
        },
        Toggle {
            label: texts.t("guide-no-pointing"),
            name: texts.t("guide-no-pointing-name"),
            icon: Icon::Pen,
            on: hidden,
            // One click takes away what the advisor draws.
            pressing: hidden || view.advisor_points || view.marks > 0,
            wish: CustomerGuide::HidePointing(!hidden),
        },
        Toggle {
            label: texts.t("guide-point-out"),
            name: texts.t("guide-point-out-name"),
            icon: Icon::Pointer,
            on: out,
            pressing: out,
            wish: CustomerGuide::PointOut(!out),
        },
    ]
}

fn toggle_ui(ui: &mut Ui, toggle: Toggle, worded: bool, intents: &mut Vec<CustomerIntent>) {
    let label = if worded { toggle.label.as_str() } else { "" };
    let button = ActionButton::new(ButtonKind::Secondary, label).name(&toggle.name).small().icon(toggle.icon);
    if ui.add(button.chosen(toggle.on)).on_hover_text(toggle.name).clicked() {
        intents.push(CustomerIntent::Guide(toggle.wish));
    }
}

/// Closes the preview if it is open.
pub(super) fn close_preview(view: &GuideView, intents: &mut Vec<CustomerIntent>) {
    if view.preview.is_some() {
        intents.push(CustomerIntent::Guide(CustomerGuide::Preview(false)));
    }
}

/// What the advisor asks to be shown, and since when it is on the screen, on
/// egui's clock.
#[derive(Default)]
pub(super) struct AskedLocal(Option<(String, f64)>);

impl AskedLocal {
    /// Brings new words, which are laid out next, into sight.
    fn bring_into_sight(&mut self, ui: &Ui, asked: &str) {
        let now_s = ui.input(|input| input.time);
        match &self.0 {
            Some((known, since_s)) if known == asked => {
                // What is around it may still find its place.
                if now_s - since_s < GUARD_S {
                    question::scroll_here(ui);
                }
            }
            _ => {
                self.0 = Some((asked.to_owned(), now_s));
                question::scroll_here(ui);
            }
        }
    }
}

/// Below the bar's row: what the advisor asks to be shown, and what else could
/// be.
pub(super) fn below_ui(
    ui: &mut Ui,
    texts: Texts,
    who: &Who,
    view: &GuideView,
    (words, local): (&mut AskedLocal, &mut ChooseLocal),
    intents: &mut Vec<CustomerIntent>,
) {
    if let Some(asked) = &view.asked {
        ui.add_space(4.0);
        words.bring_into_sight(ui, asked);
        widgets::card(ui, |ui| {
            words_ui(ui, texts, who, asked);
            if view.more.is_none() {
                ui.horizontal_wrapped(|ui| {
                    refuse_ui(ui, texts, intents);
                    let label = texts.t("guide-choose");
                    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Window)).clicked() {
                        intents.push(CustomerIntent::Guide(CustomerGuide::ListMore(true)));
                    }
                });
            }
        });
    }
    if view.asked.is_none() {
        *words = AskedLocal::default();
    }
    match &view.more {
        Some(more) => more_ui(ui, texts, view.asked.is_some(), more, local, intents),
        None => *local = ChooseLocal::default(),
    }
}

/// The texture of the preview.
#[derive(Default)]
pub(super) struct PreviewLocal(Option<(Arc<LocalPicture>, TextureHandle)>);

impl PreviewLocal {
    /// The texture of this picture; `None` if its pixels do not fit its size.
    fn texture(&mut self, ui: &Ui, picture: &Arc<LocalPicture>) -> Option<&TextureHandle> {
        if self.0.as_ref().is_none_or(|(known, _)| !Arc::ptr_eq(known, picture)) {
            let size = [picture.size.width as usize, picture.size.height as usize];
            if picture.pixels.len() as u64 != picture.size.pixels() {
                return None;
            }
            let pixels = picture.pixels.iter().map(|&pixel| {
                let [_, red, green, blue] = pixel.to_be_bytes();
                Color32::from_rgb(red, green, blue)
            });
            let image = ColorImage::new(size, pixels.collect());
            let texture = ui.ctx().load_texture("preview", image, TextureOptions::NEAREST);
            self.0 = Some((Arc::clone(picture), texture));
        }
        self.0.as_ref().map(|(_, texture)| texture)
    }
}

/// Below the bar's row: what the advisor sees, with how much that is.
pub(super) fn preview_ui(ui: &mut Ui, texts: Texts, who: &Who, view: &GuideView, local: &mut PreviewLocal) {
    let Some(preview) = &view.preview else {
        *local = PreviewLocal::default();
        return;
    };
    ui.add_space(4.0);
    widgets::title(ui, &texts.t_with("guide-preview-title", &[("advisor", (&who.advisor).into())]));
    let shown = ("shown", preview.shown.into());
    let count = match preview.hidden {
        Some(hidden) => texts.t_with("guide-preview-count", &[shown, ("hidden", hidden.into())]),
        None => texts.t_with("guide-preview-shown", &[shown]),
    };
    let line = widgets::small(ui, &count);
    widgets::announce(ui, &line, false);
    if preview.lacks_video {
        let line = widgets::small(ui, &texts.t("guide-preview-no-video"));
        widgets::announce(ui, &line, false);
    }
    let Some(picture) = &preview.picture else {
        widgets::muted(ui, &texts.t("guide-preview-nothing"));
        return;
    };
    // Its pixels on whole pixels of the screen.
    let ppp = ui.pixels_per_point();
    let size = egui::vec2(picture.size.width as f32, picture.size.height as f32) / ppp;
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let corner = egui::pos2((rect.left() * ppp).round() / ppp, (rect.top() * ppp).round() / ppp);
    let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    if let Some(texture) = local.texture(ui, picture) {
        ui.painter().image(texture.id(), egui::Rect::from_min_size(corner, size), whole, Color32::WHITE);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &count));
}

/// Above the choice of applications.
pub(super) fn above_choice_ui(
    ui: &mut Ui,
    texts: Texts,
    who: &Who,
    view: &GuideView,
    local: &mut AskedLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let Some(asked) = &view.asked else {
        *local = AskedLocal::default();
        return;
    };
    local.bring_into_sight(ui, asked);
    widgets::card(ui, |ui| {
        words_ui(ui, texts, who, asked);
        refuse_ui(ui, texts, intents);
    });
    ui.add_space(theme::GAP);
}

/// The advisor's own words, told apart from those of this program.
fn words_ui(ui: &mut Ui, texts: Texts, who: &Who, asked: &str) {
    let heading = widgets::title(ui, &texts.t_with("guide-asked", &[("advisor", (&who.advisor).into())]));
    widgets::announce(ui, &heading, true);
    let colours = palette(ui);
    let frame = Frame::new().fill(colours.info_fill).corner_radius(theme::RADIUS);
    frame.inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let words = texts.t_with("guide-words", &[("words", asked.into())]);
        let line = ui.add(egui::Label::new(RichText::new(words).italics()).wrap());
        widgets::announce(ui, &line, true);
    });
    widgets::small(ui, &texts.t("guide-asked-explain"));
}

fn refuse_ui(ui: &mut Ui, texts: Texts, intents: &mut Vec<CustomerIntent>) {
    let label = texts.t("guide-refuse");
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Close)).clicked() {
        intents.push(CustomerIntent::Guide(CustomerGuide::RefuseToShow));
    }
}

/// The applications that are not shown, to choose from.
fn more_ui(
    ui: &mut Ui,
    texts: Texts,
    asked: bool,
    more: &MoreView,
    local: &mut ChooseLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    ui.add_space(4.0);
    let width = ui.available_width().clamp(300.0, 620.0);
    ui.allocate_ui(egui::vec2(width, LIST_HEIGHT), |ui| {
        ScrollArea::vertical().id_salt("more").max_height(LIST_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
            match more.applications.as_deref() {
                None => drop(widgets::muted(ui, &texts.t("choose-loading"))),
                Some([]) => drop(widgets::muted(ui, &texts.t("guide-nothing-more"))),
                Some(applications) => {
                    for item in applications {
                        application_card(ui, texts, item, &mut local.chooser);
                    }
                }
            }
        });
    });
    let listed = more.applications.as_deref().unwrap_or_default();
    let chosen: Vec<_> = listed.iter().map(|item| item.id).filter(|id| local.chooser.chosen.contains(id)).collect();
    ui.horizontal_wrapped(|ui| {
        if asked {
            refuse_ui(ui, texts, intents);
        }
        let label = texts.t_with("guide-show-also", &[("count", chosen.len().into())]);
        let button = ActionButton::new(ButtonKind::Primary, &label).small().icon(Icon::Eye);
        if ui.add_enabled(!chosen.is_empty(), button).clicked() {
            intents.push(CustomerIntent::Guide(CustomerGuide::ShowAlso(chosen)));
        }
        let label = texts.t("guide-close");
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small()).clicked() {
            intents.push(CustomerIntent::Guide(CustomerGuide::ListMore(false)));
        }
    });
    local.chooser.sweep();
}
