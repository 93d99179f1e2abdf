//! A new appointment.

use crate::screens::sessions::named_field;
use egui::{TextEdit, Ui};
use mitblick_client_core::{
    advisor::AppointmentIntent,
    appointments::{Day, EARLY, LateBy, WhenError, WhenTyped},
    journal::MAX_SUBJECT_CHARS,
    language::Texts,
    ui::{
        ActionButton, ButtonKind, Icon, format, theme,
        widgets::{self, Mood},
    },
};

/// What is being filled in.
pub(super) struct NewAppointment {
    when: WhenTyped,
    late_by: LateBy,
    subject: String,
}

impl NewAppointment {
    /// Begins with something that can be booked as it is.
    pub(super) fn suggested() -> Self {
        Self { when: WhenTyped::suggested_now(), late_by: LateBy::default(), subject: String::new() }
    }
}

/// What became of it.
pub(super) enum FormEnd {
    /// It is still being filled in.
    GoesOn,
    /// It is to be forgotten.
    Leave,
    /// A number is wanted for it.
    Book(AppointmentIntent),
}

/// The fields, what they mean, and the buttons.
pub(super) fn form_ui(ui: &mut Ui, texts: Texts, form: &mut NewAppointment, busy: bool) -> FormEnd {
    let mut end = FormEnd::GoesOn;
    widgets::title(ui, &texts.t("appointments-new"));
    ui.horizontal_wrapped(|ui| {
        ui.vertical(|ui| day_ui(ui, texts, &mut form.when));
        ui.vertical(|ui| {
            named_field(ui, &texts.t("appointments-time"), |ui| {
                ui.add(TextEdit::singleline(&mut form.when.time).desired_width(80.0))
            });
        });
    });
    widgets::small(ui, &texts.t("appointments-late-by"));
    ui.horizontal_wrapped(|ui| {
        for late_by in LateBy::ALL {
            let label = late_by_text(texts, late_by);
            let name = format!("{} {label}", texts.t("appointments-late-by"));
            let chosen = form.late_by == late_by;
            let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().chosen(chosen);
            let button = if chosen { button.icon(Icon::Check) } else { button };
            if ui.add(button).clicked() {
                form.late_by = late_by;
            }
        }
    });
    named_field(ui, &texts.t("appointments-subject"), |ui| {
        let field = TextEdit::singleline(&mut form.subject).char_limit(MAX_SUBJECT_CHARS);
        ui.add(field.desired_width(f32::INFINITY))
    });
    ui.add_space(4.0);
    let begins = form.when.unix_s_now();
    match begins {
        Ok(begins_unix_s) => {
            let values = [
                ("day", Day::of(begins_unix_s).in_words(texts).into()),
                ("time", format::clock_at(begins_unix_s).into()),
                ("from", format::clock_at(begins_unix_s.saturating_sub(EARLY.as_secs())).into()),
                ("until", format::clock_at(begins_unix_s.saturating_add(form.late_by.length().as_secs())).into()),
            ];
            let line = widgets::body(ui, &texts.t_with("appointments-preview", &values));
            widgets::announce(ui, &line, false);
        }
        Err(why) => {
            let text = match why {
                WhenError::Day => texts.t("appointments-not-a-day"),
                WhenError::Time => texts.t("appointments-not-a-time"),
                WhenError::Past => texts.t("appointments-past"),
            };
            let line = widgets::notice(ui, Mood::Warning, &text);
            widgets::announce(ui, &line, false);
        }
    }
    ui.add_space(theme::GAP);
    ui.horizontal_wrapped(|ui| {
        let label = if busy { texts.t("appointments-booking") } else { texts.t("appointments-book") };
        let button = ActionButton::new(ButtonKind::Primary, &label).small().icon(Icon::Check);
        if ui.add_enabled(!busy && begins.is_ok(), button).clicked()
            && let Ok(begins_unix_s) = begins
        {
            let (late_by, subject) = (form.late_by, form.subject.clone());
            end = FormEnd::Book(AppointmentIntent::Book { begins_unix_s, late_by, subject });
        }
        let label = texts.t("sessions-cancel");
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small()).clicked() {
            end = FormEnd::Leave;
        }
    });
    end
}

/// The day, with a step to the one before and the one after.
fn day_ui(ui: &mut Ui, texts: Texts, when: &mut WhenTyped) {
    let day = when.day(Day::today());
    let mut step = 0;
    let name = texts.t("appointments-day");
    let label = widgets::small(ui, &name);
    ui.horizontal(|ui| {
        let earlier = texts.t("appointments-day-before");
        let button = ActionButton::new(ButtonKind::Secondary, "").name(&earlier).small().icon(Icon::Left);
        if ui.add_enabled(day.is_ok(), button).on_hover_text(&earlier).clicked() {
            step = -1;
        }
        let hint = texts.t("appointments-day-hint");
        let field = TextEdit::singleline(&mut when.day).desired_width(120.0).hint_text(hint);
        ui.add(field).labelled_by(label.id);
        let later = texts.t("appointments-day-after");
        let button = ActionButton::new(ButtonKind::Secondary, "").name(&later).small().icon(Icon::Right);
        if ui.add_enabled(day.is_ok(), button).on_hover_text(&later).clicked() {
            step = 1;
        }
    });
    if let (Ok(day), 1 | -1) = (day, step) {
        when.day = day.after(step).typed();
    }
}

fn late_by_text(texts: Texts, late_by: LateBy) -> String {
    match late_by {
        LateBy::HalfHour => texts.t("appointments-late-half-hour"),
        LateBy::Hour => texts.t("appointments-late-hour"),
        LateBy::TwoHours => texts.t_with("appointments-late-hours", &[("hours", 2_u32.into())]),
        LateBy::FourHours => texts.t_with("appointments-late-hours", &[("hours", 4_u32.into())]),
    }
}
