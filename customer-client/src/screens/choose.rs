//! Who asks, and the applications to choose from. Nothing is chosen before the
//! person chooses it, and the list may change without losing the choice.

use super::{
    guide::{self, AskedLocal},
    recording::{self, RecordingLocal},
    turn::{self, TurnLocal},
};
use egui::{Frame, Margin, Panel, RichText, Ui, vec2};
use mitblick_client_core::{
    customer::{AppItem, CustomerIntent, GuideView, NotByHand, RecordingState, RecordingView, TurnView, Who},
    images::Faces,
    language::{Language, Texts},
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon,
        applications::{Chooser, application_card},
        faces::{self, FaceTextures},
        icons, page_with_foot, palette, panels, theme,
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::policy::CompanyTexts;

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
    /// A yes did not count, because it was not by the person's hand.
    pub not_by_hand: Option<NotByHand>,
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
#[derive(Default)]
pub struct ChooseLocal {
    /// Chosen by hand.
    pub chooser: Chooser,
    details: bool,
    asked: AskedLocal,
    recording: RecordingLocal,
    turn: TurnLocal,
    faces: FaceTextures,
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
    // Beside the page, which scrolls: the sign never leaves sight.
    if matches!(offer.recording.state, RecordingState::Recorded { .. }) {
        let colours = palette(ui);
        let sign = Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(16, 8));
        Panel::top("choosing while recorded").frame(sign).show(ui, |ui| {
            recording::line_ui(ui, texts, offer.who, intents);
        });
    }
    page_with_foot(
        ui,
        "choose",
        560.0,
        &mut (&mut *local, intents),
        |ui, (local, intents)| offer_ui(ui, texts, offer, problem, local, intents),
        |ui, (local, intents)| actions_ui(ui, texts, offer, local, intents),
    );
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
    guide::above_choice_ui(ui, texts, offer.who, offer.guide, &mut local.asked, intents);
    // What waits for an answer, and what lasts, is seen without scrolling.
    if matches!(offer.recording.state, RecordingState::Recorded { .. }) {
        if let Some(code) = &offer.recording.code {
            widgets::card(ui, |ui| recording::code_ui(ui, texts, code));
        }
    } else {
        recording::recording_ui(ui, texts, offer.who, offer.recording, &mut local.recording, intents);
    }
    turn::turn_ui(ui, texts, offer.who, offer.turn, &mut local.turn, intents);
    who_ui(ui, texts, offer, local);
    if let Some(left) = offer.cut_s {
        super::cut_ui(ui, texts, left, false);
        ui.add_space(6.0);
    }
    if let Some(left) = offer.ends_in_s {
        ui.add_space(theme::GAP);
        super::ends_soon_ui(ui, texts, left);
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
    if let Some(why) = offer.not_by_hand {
        super::not_by_hand_ui(ui, texts, why);
    }
    let chosen = local.chooser.existing(offer.applications.unwrap_or_default());
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
