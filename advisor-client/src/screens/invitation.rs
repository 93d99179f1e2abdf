//! The invitation: copied, or written in the mail program. The number is not
//! in it unless the advisor wants that.

use egui::Ui;
use mitblick_client_core::{
    invitation::{Form, Invitation},
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon, theme,
        widgets::{self, Mood},
        wording,
    },
};

/// What belongs to this part alone.
#[derive(Default)]
pub(super) struct InvitationLocal {
    form: Form,
    with_number: bool,
    /// It was copied last.
    pub(super) copied: bool,
}

/// What is done with it.
pub(super) enum InvitationWish {
    /// It was copied.
    Copied,
    /// The mail program is to write it.
    Write {
        /// With the number.
        with_number: bool,
    },
}

/// The part. `whole` has a number in it if there is one.
pub(super) fn invitation_ui(
    ui: &mut Ui,
    texts: Texts,
    whole: &Invitation<'_>,
    problem: Option<&Problem>,
    local: &mut InvitationLocal,
) -> Option<InvitationWish> {
    let mut wish = None;
    // A number that is gone takes the wish with it: the next one is another.
    local.with_number &= whole.number.is_some();
    widgets::card(ui, |ui| {
        widgets::title(ui, &texts.t("invitation-heading"));
        ui.horizontal_wrapped(|ui| {
            for form in Form::ALL {
                let label = match form {
                    Form::Mail => texts.t("invitation-form-mail"),
                    Form::Sms => texts.t("invitation-form-sms"),
                    Form::Paper => texts.t("invitation-form-paper"),
                };
                let name = format!("{}: {label}", texts.t("invitation-form"));
                let chosen = local.form == form;
                let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().chosen(chosen);
                if ui.add(button).clicked() {
                    (local.form, local.copied) = (form, false);
                }
            }
        });
        let has_number = whole.number.is_some();
        let label = texts.t("invitation-with-number");
        let icon = if local.with_number { Icon::Check } else { Icon::Pen };
        let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(icon).chosen(local.with_number);
        if ui.add_enabled(has_number, button).clicked() {
            local.with_number = !local.with_number;
            local.copied = false;
        }
        if local.with_number {
            widgets::notice(ui, Mood::Warning, &texts.t("invitation-warning"));
        }
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            let (label, icon) = if local.copied {
                (texts.t("invitation-copied"), Icon::Check)
            } else {
                (texts.t("invitation-copy"), Icon::Copy)
            };
            if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(icon)).clicked() {
                let number = whole.number.filter(|_| local.with_number);
                let invitation = Invitation { number, ..*whole };
                ui.ctx().copy_text(invitation.text(texts, local.form));
                local.copied = true;
                wish = Some(InvitationWish::Copied);
            }
            let (label, name) = (texts.t("invitation-write"), texts.t("invitation-write-name"));
            let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Chat);
            if ui.add(button).on_hover_text(&name).clicked() {
                wish = Some(InvitationWish::Write { with_number: local.with_number });
            }
        });
        if let Some(problem) = problem {
            ui.add_space(theme::GAP);
            widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
        }
    });
    wish
}
