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
    /// The number that is to be in it.
    with_number: Option<String>,
    /// What was copied last.
    pub(super) copied: Option<Copied>,
}

/// An invitation that was copied.
pub(super) struct Copied {
    /// The number in it.
    number: Option<String>,
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
    let present = whole.number.map(|number| number.number.as_str());
    // A number that is gone takes the wish with it: the next one is another.
    local.with_number.take_if(|wanted| Some(wanted.as_str()) != present);
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
                    (local.form, local.copied) = (form, None);
                }
            }
        });
        let with_number = local.with_number.is_some();
        let label = texts.t("invitation-with-number");
        let icon = if with_number { Icon::Check } else { Icon::Pen };
        let button = ActionButton::new(ButtonKind::Secondary, &label).small().icon(icon).chosen(with_number);
        if ui.add_enabled(present.is_some(), button).clicked() {
            local.with_number = present.filter(|_| !with_number).map(str::to_owned);
            local.copied = None;
        }
        let with_number = local.with_number.is_some();
        if with_number {
            widgets::notice(ui, Mood::Warning, &texts.t("invitation-warning"));
        }
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            let copied = local.copied.as_ref().is_some_and(|copied| copied.number == local.with_number);
            let (label, icon) = if copied {
                (texts.t("invitation-copied"), Icon::Check)
            } else {
                (texts.t("invitation-copy"), Icon::Copy)
            };
            if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(icon)).clicked() {
                let number = whole.number.filter(|_| with_number);
                let invitation = Invitation { number, ..*whole };
                ui.ctx().copy_text(invitation.text(texts, local.form));
                local.copied = Some(Copied { number: local.with_number.clone() });
                wish = Some(InvitationWish::Copied);
            }
            let (label, name) = (texts.t("invitation-write"), texts.t("invitation-write-name"));
            let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Chat);
            if ui.add(button).on_hover_text(&name).clicked() {
                wish = Some(InvitationWish::Write { with_number });
            }
        });
        if let Some(problem) = problem {
            ui.add_space(theme::GAP);
            widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
        }
    });
    wish
}
