//! Who asks, and the applications to choose from. Nothing is chosen before the
//! person chooses it, and the list may change without losing the choice.

use super::{
    guide,
    pictures::Pictures,
    recording::{self, RecordingLocal},
};
use egui::{Frame, Margin, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2};
use mitblick_client_core::{
    customer::{AppItem, CustomerIntent, GuideView, RecordingState, RecordingView, Who},
    images::Faces,
    language::{Language, Texts},
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon,
        button::focus_ring,
        faces::{self, FaceTextures},
        format, icons, page_with_foot, palette, panels, theme,
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::{policy::CompanyTexts, session::ApplicationId};
use std::collections::BTreeSet;

/// Largest preview on the screen, in points.
const PREVIEW: egui::Vec2 = vec2(124.0, 84.0);
/// Largest logo and width of a portrait, in points.
const LOGO: egui::Vec2 = vec2(200.0, 44.0);
const PORTRAIT: f32 = 48.0;
/// From this width on the two buttons stand beside each other, in points.
const SIDE_BY_SIDE: f32 = 380.0;

/// What the view offers.
pub struct Offer<'a> {
    /// Who asks.
    pub who: &'a Who,
    /// `None` while they are being listed.
    pub applications: Option<&'a [AppItem]>,
    /// Something was shown before.
    pub again: bool,
    /// Suite in use.
    pub suite: &'a str,
    /// Check words.
    pub words: &'a [[String; 4]; 2],
    /// Portrait and logo.
    pub faces: &'a Faces,
    /// What the company says.
    pub company: &'a CompanyTexts,
    /// Seconds until the session ends by the rules, once that is soon.
    pub ends_in_s: Option<u32>,
    /// Seconds that there is still hope, while the line is cut.
    pub cut_s: Option<u32>,
    /// What the advisor asks to be shown.
    pub guide: &'a GuideView,
    /// Whether it is recorded.
    pub recording: &'a RecordingView,
}

/// What is chosen and unfolded.
#[derive(Default)]
pub struct ChooseLocal {
    /// Chosen by hand.
    pub chosen: BTreeSet<ApplicationId>,
    details: bool,
    recording: RecordingLocal,
    pictures: Pictures,
    faces: FaceTextures,
}

impl ChooseLocal {
    /// Forgets pictures that are not shown any more.
    pub(super) fn sweep(&mut self) {
        self.pictures.sweep();
    }

    /// The chosen ones among those that exist, in the order of the list.
    fn existing(&self, offer: &Offer<'_>) -> Vec<ApplicationId> {
        let listed = offer.applications.unwrap_or_default();
        listed.iter().map(|item| item.id).filter(|id| self.chosen.contains(id)).collect()
    }
}

/// The screen.
pub fn choose_ui(
    ui: &mut Ui,
    texts: Texts,
    offer: &Offer<'_>,
    problem: Option<&Problem>,
    local: &mut ChooseLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    page_with_foot(
        ui,
        "choose",
        560.0,
        &mut (&mut *local, intents),
        |ui, (local, intents)| offer_ui(ui, texts, offer, problem, local, intents),
        |ui, (local, intents)| actions_ui(ui, texts, offer, local, intents),
    );
    local.pictures.sweep();
}

fn offer_ui(
    ui: &mut Ui,
    texts: Texts,
    offer: &Offer<'_>,
    problem: Option<&Problem>,
    local: &mut ChooseLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    guide::above_choice_ui(ui, texts, offer.who, offer.guide, intents);
    // What waits for an answer, and what lasts, is seen without scrolling.
    recording::recording_ui(ui, texts, offer.who, offer.recording, &mut local.recording, intents);
    who_ui(ui, texts, offer, local);
    if let Some(left) = offer.cut_s {
        widgets::notice(ui, Mood::Warning, &super::bar::cut_text(texts, left));
        ui.add_space(6.0);
    }
    if let Some(left) = offer.ends_in_s {
        ui.add_space(theme::GAP);
        let left = format::time_left(texts, left.into());
        widgets::notice(ui, Mood::Warning, &texts.t_with("ends-soon", &[("left", left.into())]));
    }
    if let Some(problem) = problem {
        ui.add_space(theme::GAP);
        widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
    }
    ui.add_space(theme::GROUP_GAP);
    list_ui(ui, texts, offer, local, intents);
}

/// Who asks, in as few lines as it takes: the applications are to be in sight.
fn who_ui(ui: &mut Ui, texts: Texts, offer: &Offer<'_>, local: &mut ChooseLocal) {
    widgets::card(ui, |ui| {
        let Who { organisation, advisor } = offer.who;
        if faces::logo_ui(ui, texts, offer.faces, organisation, LOGO, &mut local.faces).is_some() {
            ui.add_space(4.0);
        }
        ui.horizontal_top(|ui| {
            faces::portrait_ui(ui, texts, offer.faces, advisor, PORTRAIT, &mut local.faces);
            ui.add_space(4.0);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 2.0;
                let name = RichText::new(organisation).strong();
                ui.add(egui::Label::new(name.color(palette(ui).primary)).wrap());
                let heading = widgets::title(ui, &texts.t_with("choose-asks", &[("advisor", advisor.into())]));
                widgets::announce(ui, &heading, false);
            });
        });
        let greeting = match texts.language() {
            Language::German => &offer.company.greeting_de,
            Language::English => &offer.company.greeting_en,
        };
        if !greeting.as_str().is_empty() {
            widgets::body(ui, greeting.as_str());
        }
        let unrecorded = offer.recording.state == RecordingState::None;
        let promise = if unrecorded { texts.t("choose-promise") } else { texts.t("choose-promise-recorded") };
        ui.horizontal_top(|ui| {
            let ink = palette(ui).good;
            icons::show(ui, Icon::Check, 14.0, ink);
            widgets::small(ui, &promise);
        });
        let telephone = offer.company.telephone.as_str();
        if !telephone.is_empty() {
            widgets::small(ui, &texts.t_with("company-telephone", &[("telephone", telephone.into())]));
        }
        panels::security_details(ui, texts, &mut local.details, offer.suite, offer.words);
    });
}

fn list_ui(ui: &mut Ui, texts: Texts, offer: &Offer<'_>, local: &mut ChooseLocal, intents: &mut Vec<CustomerIntent>) {
    ui.horizontal_wrapped(|ui| {
        widgets::title(ui, &texts.t("choose-list"));
        let label = texts.t("choose-refresh");
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Refresh)).clicked() {
            intents.push(CustomerIntent::RefreshApplications);
        }
    });
    let Some(applications) = offer.applications else {
        let waiting = widgets::muted(ui, &texts.t("choose-loading"));
        widgets::announce(ui, &waiting, false);
        return;
    };
    widgets::body(ui, &if offer.again { texts.t("choose-again") } else { texts.t("choose-lead") });
    if applications.is_empty() {
        widgets::notice(ui, Mood::Info, &texts.t("choose-empty"));
    }
    for item in applications {
        application_card(ui, texts, item, local);
    }
}

pub(super) fn application_card(ui: &mut Ui, texts: Texts, item: &AppItem, local: &mut ChooseLocal) {
    let chosen = local.chosen.contains(&item.id);
    let colours = palette(ui);
    let builder = UiBuilder::new().id_salt(("application", item.id.0)).sense(Sense::click());
    let card = ui.scope_builder(builder, |ui| {
        let hot = ui.response().hovered();
        let (fill, edge) = match (chosen, hot) {
            (true, _) => (colours.chosen_fill, Stroke::new(2.0, colours.primary)),
            (false, true) => (colours.hover, Stroke::new(1.0, colours.outline)),
            (false, false) => (colours.surface, Stroke::new(1.0, colours.outline)),
        };
        Frame::new().fill(fill).corner_radius(theme::CARD_RADIUS).stroke(edge).inner_margin(Margin::same(12)).show(
            ui,
            |ui| {
                ui.set_width(ui.available_width());
                let wide = ui.available_width() >= 330.0;
                ui.horizontal_top(|ui| {
                    tick_box(ui, chosen);
                    let reserve = if wide { PREVIEW.x + theme::GAP } else { 0.0 };
                    let width = (ui.available_width() - reserve).max(60.0);
                    ui.allocate_ui_with_layout(vec2(width, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                        ui.set_width(width);
                        name_and_titles(ui, texts, item, local);
                        if !wide {
                            ui.add_space(4.0);
                            preview(ui, texts, item, local);
                        }
                    });
                    if wide {
                        preview(ui, texts, item, local);
                    }
                });
            },
        );
    });
    let response = card.response;
    let label = spoken(texts, item);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, chosen, &label));
    if response.has_focus() {
        focus_ring(ui, &response);
    }
    if response.clicked() {
        if chosen {
            local.chosen.remove(&item.id);
        } else {
            local.chosen.insert(item.id);
        }
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
}

fn spoken(texts: Texts, item: &AppItem) -> String {
    let title = item.titles.first().filter(|title| !title.is_empty());
    match title {
        Some(title) => format!("{}, {title}", item.name),
        None => format!("{}, {}", item.name, texts.t("choose-untitled")),
    }
}

fn tick_box(ui: &mut Ui, chosen: bool) {
    let colours = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::empty());
    if chosen {
        ui.painter().rect_filled(rect, 6.0, colours.primary);
        icons::draw(ui.painter(), Icon::Check, rect.center(), 16.0, colours.on_primary);
    } else {
        ui.painter().rect(rect, 6.0, colours.surface, Stroke::new(2.0, colours.outline), StrokeKind::Inside);
    }
}

fn name_and_titles(ui: &mut Ui, texts: Texts, item: &AppItem, local: &mut ChooseLocal) {
    ui.horizontal_top(|ui| {
        let texture = item.icon.as_ref().and_then(|icon| local.pictures.texture(ui.ctx(), icon));
        let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::empty());
        match texture {
            Some(texture) => {
                egui::Image::new(&texture).fit_to_exact_size(rect.size()).paint_at(ui, rect);
            }
            None => icons::draw(ui.painter(), Icon::Window, rect.center(), 20.0, palette(ui).muted),
        }
        ui.add(egui::Label::new(RichText::new(&item.name).strong()).wrap());
    });
    let title = item.titles.first().map(String::as_str).filter(|title| !title.is_empty());
    match title {
        Some(title) => widgets::small(ui, title),
        None => widgets::small(ui, &texts.t("choose-untitled")),
    };
    if item.titles.len() > 1 {
        widgets::small(ui, &texts.t_with("choose-windows", &[("count", (item.titles.len() - 1).into())]));
    }
}

fn preview(ui: &mut Ui, texts: Texts, item: &AppItem, local: &mut ChooseLocal) {
    let colours = palette(ui);
    let size = vec2(PREVIEW.x.min(ui.available_width()), PREVIEW.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::empty());
    ui.painter().rect_filled(rect, 4.0, colours.pattern);
    match item.preview.as_ref().and_then(|picture| local.pictures.texture(ui.ctx(), picture)) {
        Some(texture) => {
            let scale = (rect.size() / texture.size_vec2()).min_elem().min(1.0);
            let place = Rect::from_center_size(rect.center(), texture.size_vec2() * scale);
            egui::Image::new(&texture).paint_at(ui, place);
            let name = texts.t_with("choose-preview", &[("name", (&item.name).into())]);
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
        }
        None => {
            let font = egui::TextStyle::Small.resolve(ui.style());
            let galley = ui.painter().layout(texts.t("choose-no-preview"), font, colours.muted, rect.width() - 8.0);
            ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colours.muted);
        }
    }
    ui.painter().rect_stroke(rect, 4.0, Stroke::new(1.0, colours.line), StrokeKind::Inside);
}

fn actions_ui(
    ui: &mut Ui,
    texts: Texts,
    offer: &Offer<'_>,
    local: &mut ChooseLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let chosen = local.existing(offer);
    let label = texts.t_with("choose-button", &[("count", chosen.len().into())]);
    let reason = texts.t("choose-none");
    if chosen.is_empty() {
        widgets::small(ui, &reason);
    }
    let share = ActionButton::new(ButtonKind::Primary, &label).full_width().icon(Icon::Eye);
    let leave = texts.t("end-session");
    let leave = ActionButton::new(ButtonKind::Secondary, &leave).full_width().icon(Icon::Close);
    let (mut shares, mut leaves) = (false, false);
    let share_ui = |ui: &mut Ui| {
        shares = ui.add_enabled(!chosen.is_empty(), share).on_disabled_hover_text(&reason).clicked();
    };
    let leave_ui = |ui: &mut Ui| leaves = ui.add(leave).clicked();
    if ui.available_width() >= SIDE_BY_SIDE {
        ui.columns_const(|[left, right]| {
            leave_ui(left);
            share_ui(right);
        });
    } else {
        share_ui(ui);
        leave_ui(ui);
    }
    if shares {
        intents.push(CustomerIntent::Share(chosen));
    }
    if leaves {
        intents.push(CustomerIntent::End);
    }
}
