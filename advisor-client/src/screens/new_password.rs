//! An initial password is exchanged for one's own.

use super::{Local, sign_in::field};
use egui::{Frame, Key, Margin, Ui};
use mitblick_client_core::{
    advisor::AdvisorIntent,
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, page, panels, theme,
        widgets::{self, Mood},
        wording,
    },
};

/// What the view says.
pub struct Form<'a> {
    /// Whose password it is.
    pub user: &'a str,
    /// On the way.
    pub busy: bool,
    /// Why the last one was not accepted.
    pub problem: Option<&'a Problem>,
}

/// What is being typed. It goes with the screen.
#[derive(Default)]
pub struct NewPasswordLocal {
    opened: bool,
    first: String,
    again: String,
    /// Both were wanted, and are not the same.
    different: bool,
}

/// The screen.
pub fn new_password_ui(
    ui: &mut Ui,
    texts: Texts,
    form: &Form<'_>,
    local: &mut Local,
    intents: &mut Vec<AdvisorIntent>,
) {
    Frame::new().inner_margin(Margin::symmetric(16, 10)).show(ui, |ui| {
        if let Some(language) = panels::language_switch(ui, local.language) {
            local.language = language;
        }
    });
    let typed = &mut local.new_password;
    let opening = !std::mem::replace(&mut typed.opened, true);
    page(ui, 400.0, |ui| {
        page::air(ui, 24.0);
        widgets::heading(ui, &texts.t("new-password-heading"));
        widgets::muted(ui, &texts.t_with("new-password-lead", &[("user", form.user.into())]));
        ui.add_space(theme::GAP);
        widgets::card(ui, |ui| {
            let first = field(ui, &texts.t("new-password-first"), &mut typed.first, true, !form.busy);
            ui.add_space(4.0);
            let second = field(ui, &texts.t("new-password-again"), &mut typed.again, true, !form.busy);
            if opening {
                first.request_focus();
            }
            if first.changed() || second.changed() {
                typed.different = false;
            }
            if typed.different {
                ui.add_space(4.0);
                widgets::notice(ui, Mood::Error, &texts.t("new-password-different"));
            } else if let Some(problem) = form.problem.filter(|_| !form.busy) {
                ui.add_space(4.0);
                widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
            }
            ui.add_space(theme::GAP);
            let label = if form.busy { texts.t("new-password-busy") } else { texts.t("new-password-button") };
            let complete = !typed.first.is_empty() && !typed.again.is_empty();
            let button = ActionButton::new(ButtonKind::Primary, &label).full_width();
            let pressed = ui.add_enabled(complete && !form.busy, button).clicked();
            let entered = second.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if (pressed || entered) && complete && !form.busy {
                if typed.first == typed.again {
                    typed.again.clear();
                    intents.push(AdvisorIntent::ChangePassword { new: std::mem::take(&mut typed.first) });
                } else {
                    typed.different = true;
                }
            }
            ui.add_space(4.0);
            let back = texts.t("new-password-back");
            if ui.add_enabled(!form.busy, ActionButton::new(ButtonKind::Quiet, &back)).clicked() {
                intents.push(AdvisorIntent::SignOut);
            }
        });
    });
}
