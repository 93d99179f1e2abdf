//! Who asks, and the applications to choose from. Nothing is chosen before the
//! person chooses it, and the list may change without losing the choice.

use super::{
    guide,
    recording::{self, RecordingLocal},
    turn::{self, TurnLocal},
};
use egui::{Frame, Margin, RichText, Stroke, Ui, UiBuilder, vec2};
use mitblick_client_core::{
    customer::{AppItem, CustomerIntent, GuideView, RecordingState, RecordingView, TurnView, Who},
    images::Faces,
    language::{Language, Texts},
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon,
        applications::{Chooser, application_card},
        faces::{self, FaceTextures},
        format, icons, palette, panels, theme,
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::policy::CompanyTexts;

/// Largest logo and width of a portrait, in points.
const LOGO: egui::Vec2 = vec2(200.0, 44.0);
const PORTRAIT: f32 = 60.0;
/// Below this height the buttons scroll with the list instead of staying put.
const ROOMY_HEIGHT: f32 = 430.0;

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
    /// Whether the advisor wants to show something.
    pub turn: TurnView,
}

/// What is chosen and unfolded.
pub struct ChooseLocal {
    /// Chosen by hand.
    pub chooser: Chooser,
    details: bool,
    recording: RecordingLocal,
    turn: TurnLocal,
    faces: FaceTextures,
    /// Of the buttons below the list, as last measured.
    actions_height: f32,
}

impl Default for ChooseLocal {
    fn default() -> Self {
        Self {
            chooser: Chooser::default(),
            details: false,
            recording: RecordingLocal::default(),
            turn: TurnLocal::default(),
            faces: FaceTextures::default(),
            actions_height: 140.0,
        }
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
    let whole = ui.available_rect_before_wrap();
    if whole.height() < ROOMY_HEIGHT {
        widgets::page(ui, 560.0, |ui| {
            offer_ui(ui, texts, offer, problem, local, intents);
            ui.add_space(theme::GROUP_GAP);
            actions_ui(ui, texts, offer, local, intents);
        });
        local.chooser.sweep();
        return;
    }
    // The buttons stand below the list, and come after it for the keyboard too:
    // so the list is laid out first, in what they left free the last time.
    let (above, below) = whole.split_top_bottom_at_y(whole.bottom() - local.actions_height);
    ui.scope_builder(UiBuilder::new().max_rect(above), |ui| {
        ui.shrink_clip_rect(above);
        widgets::page(ui, 560.0, |ui| offer_ui(ui, texts, offer, problem, local, intents));
    });
    let colours = palette(ui);
    ui.painter().rect_filled(below, 0.0, colours.surface);
    ui.painter().hline(below.x_range(), below.top(), Stroke::new(1.0, colours.line));
    let actions = ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
        let frame = Frame::new().inner_margin(Margin::symmetric(20, 14));
        frame.show(ui, |ui| actions_ui(ui, texts, offer, local, intents)).response.rect.height()
    });
    if (actions.inner - local.actions_height).abs() > 0.5 {
        local.actions_height = actions.inner;
        ui.ctx().request_discard("the buttons have another height");
    }
    local.chooser.sweep();
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
    turn::turn_ui(ui, texts, offer.who, offer.turn, &mut local.turn, intents);
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

fn who_ui(ui: &mut Ui, texts: Texts, offer: &Offer<'_>, local: &mut ChooseLocal) {
    widgets::card(ui, |ui| {
        let Who { organisation, advisor } = offer.who;
        if faces::logo_ui(ui, texts, offer.faces, organisation, LOGO, &mut local.faces).is_some() {
            ui.add_space(theme::GAP);
        }
        ui.horizontal_top(|ui| {
            faces::portrait_ui(ui, texts, offer.faces, advisor, PORTRAIT, &mut local.faces);
            ui.add_space(4.0);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                let organisation = RichText::new(organisation).text_style(theme::title_style()).strong();
                ui.add(egui::Label::new(organisation.color(palette(ui).primary)).wrap());
                let heading = texts.t_with("choose-asks", &[("advisor", advisor.into())]);
                let heading = widgets::heading(ui, &heading);
                widgets::announce(ui, &heading, false);
            });
        });
        ui.add_space(4.0);
        let greeting = match texts.language() {
            Language::German => &offer.company.greeting_de,
            Language::English => &offer.company.greeting_en,
        };
        if !greeting.as_str().is_empty() {
            widgets::body(ui, greeting.as_str());
        }
        let lead = if offer.again { texts.t("choose-again") } else { texts.t("choose-lead") };
        widgets::body(ui, &lead);
        ui.add_space(6.0);
        let unrecorded = offer.recording.state == RecordingState::None;
        let facts = [
            Some(texts.t("choose-view-only")),
            unrecorded.then(|| texts.t("choose-no-recording")),
            Some(texts.t("choose-any-time")),
        ];
        for fact in facts.into_iter().flatten() {
            ui.horizontal_top(|ui| {
                let ink = palette(ui).good;
                icons::show(ui, Icon::Check, 14.0, ink);
                widgets::small(ui, &fact);
            });
        }
        let telephone = offer.company.telephone.as_str();
        if !telephone.is_empty() {
            ui.add_space(4.0);
            widgets::small(ui, &texts.t_with("company-telephone", &[("telephone", telephone.into())]));
        }
        ui.add_space(4.0);
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
    if applications.is_empty() {
        widgets::notice(ui, Mood::Info, &texts.t("choose-empty"));
    }
    for item in applications {
        application_card(ui, texts, item, &mut local.chooser);
    }
}

fn actions_ui(
    ui: &mut Ui,
    texts: Texts,
    offer: &Offer<'_>,
    local: &mut ChooseLocal,
    intents: &mut Vec<CustomerIntent>,
) {
    let chosen = local.chooser.existing(offer.applications.unwrap_or_default());
    let label = texts.t_with("choose-button", &[("count", chosen.len().into())]);
    let button = ActionButton::new(ButtonKind::Primary, &label).full_width().icon(Icon::Eye);
    let reason = texts.t("choose-none");
    if ui.add_enabled(!chosen.is_empty(), button).on_disabled_hover_text(&reason).clicked() {
        intents.push(CustomerIntent::Share(chosen.clone()));
    }
    if chosen.is_empty() {
        widgets::small(ui, &reason);
    }
    let label = texts.t("end-session");
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).full_width().icon(Icon::Close)).clicked() {
        intents.push(CustomerIntent::End);
    }
}
