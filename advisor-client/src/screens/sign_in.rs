//! Name and password.

use super::Local;
use egui::{Frame, Key, Margin, TextEdit, Ui};
use mitblick_client_core::{
    advisor::{AdvisorIntent, KeyView},
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, page, panels, theme,
        widgets::{self, Mood},
        wording,
    },
    workplace_key::{FileBecause, KeyPlace},
};

/// What the view says.
pub struct Form<'a> {
    /// Name to begin with.
    pub user: &'a str,
    /// Host of the broker.
    pub broker: &'a str,
    /// On the way.
    pub busy: bool,
    /// Why the last try failed.
    pub problem: Option<&'a Problem>,
    /// Where this workplace's key is.
    pub key: &'a KeyView,
}

/// What is being typed. The password goes with the screen.
#[derive(Default)]
pub struct SignInLocal {
    opened: bool,
    user: String,
    password: String,
}

/// The screen.
pub fn sign_in_ui(ui: &mut Ui, texts: Texts, form: &Form<'_>, local: &mut Local, intents: &mut Vec<AdvisorIntent>) {
    Frame::new().inner_margin(Margin::symmetric(16, 10)).show(ui, |ui| {
        if let Some(language) = panels::language_switch(ui, local.language) {
            local.language = language;
        }
    });
    let typed = &mut local.sign_in;
    let opening = !std::mem::replace(&mut typed.opened, true);
    if opening {
        typed.user = form.user.to_owned();
    }
    page(ui, 400.0, |ui| {
        page::air(ui, 24.0);
        widgets::heading(ui, &texts.t("sign-in-heading"));
        widgets::muted(ui, &texts.t_with("sign-in-broker", &[("broker", form.broker.into())]));
        ui.add_space(theme::GAP);
        widgets::card(ui, |ui| {
            let first = field(ui, &texts.t("sign-in-user"), &mut typed.user, false, !form.busy);
            ui.add_space(4.0);
            let second = field(ui, &texts.t("sign-in-password"), &mut typed.password, true, !form.busy);
            if opening {
                if typed.user.is_empty() { first.request_focus() } else { second.request_focus() }
            }
            if let Some(problem) = form.problem.filter(|_| !form.busy) {
                ui.add_space(4.0);
                widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
            }
            ui.add_space(theme::GAP);
            let label = if form.busy { texts.t("sign-in-busy") } else { texts.t("sign-in-button") };
            let complete = !typed.user.trim().is_empty() && !typed.password.is_empty();
            let button = ActionButton::new(ButtonKind::Primary, &label).full_width();
            let pressed = ui.add_enabled(complete && !form.busy, button).clicked();
            let entered =
                (first.lost_focus() || second.lost_focus()) && ui.input(|input| input.key_pressed(Key::Enter));
            if pressed || (entered && complete && !form.busy) {
                intents.push(AdvisorIntent::SignIn {
                    user: typed.user.trim().to_owned(),
                    password: std::mem::take(&mut typed.password),
                });
            } else if entered && typed.password.is_empty() {
                second.request_focus();
            }
        });
        ui.add_space(theme::GAP);
        key_line(ui, texts, form.key);
    });
}

/// Where this workplace's key is.
fn key_line(ui: &mut Ui, texts: Texts, key: &KeyView) {
    match key {
        KeyView::Fetching => {
            widgets::small(ui, &texts.t("key-fetching"));
        }
        KeyView::Asking => {
            widgets::notice(ui, Mood::Info, &texts.t("key-asking"));
        }
        KeyView::Here(KeyPlace::Store) => {
            widgets::small(ui, &texts.t("key-in-store"));
        }
        KeyView::Here(KeyPlace::File(path, because)) => {
            let path = path.display().to_string();
            widgets::small(ui, &texts.t_with("key-in-file", &[("path", path.into())]));
            let because = match because {
                FileBecause::Wanted => return,
                FileBecause::NoStore => texts.t("key-no-store"),
                FileBecause::Refused => texts.t("key-refused"),
            };
            widgets::small(ui, &because);
        }
        // Said by the problem.
        KeyView::Missing => {}
    }
}

/// A field with its label.
pub(super) fn field(ui: &mut Ui, label: &str, text: &mut String, password: bool, enabled: bool) -> egui::Response {
    let label_response = widgets::body(ui, label);
    let edit = TextEdit::singleline(text)
        .id_salt(label)
        .password(password)
        .desired_width(f32::INFINITY)
        .margin(Margin::symmetric(10, 10));
    ui.add_enabled(enabled, edit).labelled_by(label_response.id)
}
