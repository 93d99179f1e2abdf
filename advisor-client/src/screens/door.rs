//! Between the right password and the lobby: a code, an approval, or the word
//! on a sign-in elsewhere; and the lock, which asks for the password again.

use super::{Local, sign_in::field};
use egui::{Frame, Key, Margin, RichText, Ui};
use mitblick_client_core::{
    advisor::AdvisorIntent,
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon, page, palette, panels, theme,
        widgets::{self, Mood},
        wording,
    },
};

/// What is being typed. It goes with the screen.
#[derive(Default)]
pub struct DoorLocal {
    opened: bool,
    typed: String,
}

/// A screen with a heading, a lead and a card.
fn sheet(ui: &mut Ui, heading: &str, lead: &str, local: &mut Local, card: impl FnOnce(&mut Ui, &mut DoorLocal)) {
    Frame::new().inner_margin(Margin::symmetric(16, 10)).show(ui, |ui| {
        if let Some(language) = panels::language_switch(ui, local.language) {
            local.language = language;
        }
    });
    let typed = &mut local.door;
    page(ui, 440.0, |ui| {
        page::air(ui, 24.0);
        let line = widgets::heading(ui, heading);
        widgets::announce(ui, &line, false);
        widgets::muted(ui, lead);
        ui.add_space(theme::GAP);
        widgets::card(ui, |ui| card(ui, typed));
    });
}

/// One secret in one field; gives it when it is to be sent.
fn secret(
    ui: &mut Ui,
    label: &str,
    button: &str,
    hidden: bool,
    busy: bool,
    problem: Option<String>,
    local: &mut DoorLocal,
) -> Option<String> {
    let first = field(ui, label, &mut local.typed, hidden, !busy);
    if !std::mem::replace(&mut local.opened, true) {
        first.request_focus();
    }
    if let Some(problem) = problem.filter(|_| !busy) {
        ui.add_space(4.0);
        widgets::notice(ui, Mood::Error, &problem);
    }
    ui.add_space(theme::GAP);
    let complete = !local.typed.trim().is_empty() && !busy;
    let pressed = ui.add_enabled(complete, ActionButton::new(ButtonKind::Primary, button).full_width()).clicked();
    let entered = first.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if (pressed || entered) && complete {
        local.opened = false;
        return Some(std::mem::take(&mut local.typed));
    }
    None
}

fn back(ui: &mut Ui, label: &str, enabled: bool, intents: &mut Vec<AdvisorIntent>) {
    ui.add_space(4.0);
    if ui.add_enabled(enabled, ActionButton::new(ButtonKind::Quiet, label)).clicked() {
        intents.push(AdvisorIntent::SignOut);
    }
}

/// The code of the second factor.
pub fn code_ui(
    ui: &mut Ui,
    texts: Texts,
    busy: bool,
    problem: Option<&Problem>,
    local: &mut Local,
    intents: &mut Vec<AdvisorIntent>,
) {
    sheet(ui, &texts.t("code-heading"), &texts.t("code-lead"), local, |ui, local| {
        let problem = problem.map(|problem| wording::problem(texts, problem));
        let button = if busy { texts.t("sign-in-busy") } else { texts.t("sign-in-button") };
        if let Some(code) = secret(ui, &texts.t("code-field"), &button, false, busy, problem, local) {
            intents.push(AdvisorIntent::EnterCode { code });
        }
        back(ui, &texts.t("new-password-back"), true, intents);
    });
}

/// This workplace waits to be approved.
pub fn waits_ui(
    ui: &mut Ui,
    texts: Texts,
    name: &str,
    code: &str,
    local: &mut Local,
    intents: &mut Vec<AdvisorIntent>,
) {
    sheet(ui, &texts.t("waits-heading"), &texts.t("waits-lead"), local, |ui, _| {
        widgets::muted(ui, &texts.t("waits-name"));
        widgets::title(ui, name);
        ui.add_space(theme::GAP);
        widgets::muted(ui, &texts.t("waits-code"));
        let colour = palette(ui).text;
        let spoken = code.chars().map(String::from).collect::<Vec<_>>().join(" ");
        let digits = ui.label(RichText::new(code).text_style(theme::display_style()).color(colour));
        digits.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
        ui.add_space(theme::GAP);
        ui.horizontal_wrapped(|ui| {
            ui.spinner();
            widgets::body(ui, &texts.t("waits-by-itself"));
        });
        back(ui, &texts.t("new-password-back"), true, intents);
    });
}

/// The account is signed in at another workplace.
pub fn elsewhere_ui(
    ui: &mut Ui,
    texts: Texts,
    (workplace, in_session, busy): (&str, bool, bool),
    local: &mut Local,
    intents: &mut Vec<AdvisorIntent>,
) {
    let unnamed = texts.t("elsewhere-unnamed");
    let workplace = if workplace.is_empty() { unnamed.as_str() } else { workplace };
    let lead = texts.t_with("elsewhere-lead", &[("workplace", workplace.into())]);
    sheet(ui, &texts.t("elsewhere-heading"), &lead, local, |ui, _| {
        let (mood, text) = if in_session {
            (Mood::Warning, texts.t("elsewhere-session"))
        } else {
            (Mood::Info, texts.t("elsewhere-no-session"))
        };
        widgets::notice(ui, mood, &text);
        ui.add_space(theme::GAP);
        let label = if busy { texts.t("sign-in-busy") } else { texts.t("elsewhere-take-over") };
        let kind = if in_session { ButtonKind::Danger } else { ButtonKind::Primary };
        if ui.add_enabled(!busy, ActionButton::new(kind, &label).full_width()).clicked() {
            intents.push(AdvisorIntent::TakeOver);
        }
        back(ui, &texts.t("elsewhere-leave"), !busy, intents);
    });
}

/// The program is locked.
pub fn locked_ui(
    ui: &mut Ui,
    texts: Texts,
    (user, in_session, problem): (&str, bool, Option<&Problem>),
    local: &mut Local,
    intents: &mut Vec<AdvisorIntent>,
) {
    let lead = if in_session { texts.t("locked-lead-session") } else { texts.t("locked-lead") };
    sheet(ui, &texts.t("locked-heading"), &lead, local, |ui, local| {
        let problem = problem.map(|problem| wording::problem(texts, problem));
        let label = texts.t_with("locked-password", &[("user", user.into())]);
        if let Some(password) = secret(ui, &label, &texts.t("locked-unlock"), true, false, problem, local) {
            intents.push(AdvisorIntent::Unlock { password });
        }
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            if in_session {
                let label = texts.t("locked-end");
                let button = ActionButton::new(ButtonKind::Quiet, &label).icon(Icon::Close);
                if ui.add(button).clicked() {
                    intents.push(AdvisorIntent::End);
                }
            }
            let label = texts.t("lobby-sign-out");
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).icon(Icon::Leave)).clicked() {
                intents.push(AdvisorIntent::SignOut);
            }
        });
    });
}
