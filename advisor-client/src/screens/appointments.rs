//! The advisor's appointments: booked, invited to, opened, cancelled.

mod form;

use super::{
    invitation::{InvitationLocal, InvitationWish, invitation_ui},
    lobby::Lobby,
};
use egui::{Frame, Key, Margin, RichText, Role, Ui, WidgetInfo};
use form::{FormEnd, NewAppointment, form_ui};
use mitblick_client_core::{
    advisor::{AdvisorIntent, AppointmentIntent, AppointmentsView},
    appointments::{Appointment, AppointmentId, AppointmentState, Day},
    invitation::{InvitedTo, Meeting},
    language::Texts,
    ui::{
        ActionButton, ButtonKind, Icon, format, page, palette, theme,
        widgets::{self, Mood},
        wording,
    },
};
use mitblick_protocol::appointment::Booking;

/// What belongs to this screen alone.
#[derive(Default)]
pub struct AppointmentsLocal {
    open: bool,
    /// What is being filled in.
    form: Option<NewAppointment>,
    /// The one that a customer is being invited to.
    inviting: Option<AppointmentId>,
    invitation: InvitationLocal,
    /// The one that was asked to be cancelled, and not confirmed yet.
    cancelling: Option<Cancelling>,
    /// The newest one, once it was seen.
    seen: Option<AppointmentId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cancelling {
    Own(AppointmentId),
    Elsewhere(Booking),
}

impl AppointmentsLocal {
    /// Whether the screen is shown.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Shows it.
    pub fn open(&mut self) {
        *self = Self { open: true, seen: self.seen, ..Self::default() };
    }
}

/// Day and time of a moment, in words.
pub(super) fn when(texts: Texts, unix_s: u64) -> String {
    let values = [("day", Day::of(unix_s).in_words(texts).into()), ("time", format::clock_at(unix_s).into())];
    texts.t_with("appointments-when", &values)
}

/// In the lobby: whose number is open, who can come now, who comes next.
pub(super) fn agreed_ui(ui: &mut Ui, texts: Texts, view: &AppointmentsView, intents: &mut Vec<AdvisorIntent>) {
    let Some(list) = &view.list else { return };
    let line = |appointment: &Appointment| {
        let when = when(texts, appointment.begins_unix_s);
        if appointment.subject.is_empty() { when } else { format!("{when} · {}", appointment.subject) }
    };
    if let Some(open) = view.open.and_then(|id| list.get(id)) {
        let text = texts.t_with("appointments-now", &[("when", line(open).into())]);
        let line = ui.add(egui::Label::new(RichText::new(text).strong()).wrap());
        widgets::announce(ui, &line, false);
        ui.add_space(theme::GAP);
    }
    if let Some(due) = view.due.and_then(|id| list.get(id)) {
        let awaited = view.awaited.contains(&due.id);
        let values = [("when", line(due).into())];
        let text = if awaited {
            texts.t_with("appointments-customer-waits", &values)
        } else {
            texts.t_with("appointments-waiting", &values)
        };
        let notice = widgets::notice(ui, if awaited { Mood::Warning } else { Mood::Info }, &text);
        widgets::announce(ui, &notice, awaited);
        ui.add_space(4.0);
        let kind = if awaited { ButtonKind::Primary } else { ButtonKind::Secondary };
        open_button(ui, texts, due, awaited, kind, intents);
        ui.add_space(theme::GAP);
    } else if let (None, Some(next)) = (view.open, list.all().iter().find(|next| next.number().is_some())) {
        widgets::small(ui, &texts.t_with("appointments-next", &[("when", line(next).into())]));
        ui.add_space(theme::GAP);
    }
}

/// The screen.
pub(super) fn appointments_ui(
    ui: &mut Ui,
    texts: Texts,
    lobby: &Lobby<'_>,
    local: &mut AppointmentsLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let view = lobby.appointments;
    let mut leaves = ui.input(|input| input.key_pressed(Key::Escape));
    Frame::new().fill(palette(ui).surface).inner_margin(Margin::symmetric(20, 10)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            let label = texts.t("appointments-back");
            leaves |= ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Leave)).clicked();
            widgets::heading(ui, &texts.t("appointments"));
        });
    });
    if leaves {
        local.open = false;
        return;
    }
    // What was just booked is to be told to somebody.
    if view.booked != local.seen {
        local.seen = view.booked;
        if view.booked.is_some() {
            (local.form, local.inviting, local.invitation) = (None, view.booked, InvitationLocal::default());
        }
    }
    page(ui, 640.0, |ui| {
        widgets::muted(ui, &texts.t("appointments-lead"));
        widgets::small(ui, &texts.t("appointments-secret"));
        ui.add_space(theme::GAP);
        if let Some(problem) = &view.problem {
            let notice = widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
            widgets::announce(ui, &notice, true);
            ui.add_space(theme::GAP);
        }
        let Some(list) = &view.list else { return };
        new_ui(ui, texts, view, local, intents);
        ui.add_space(theme::GAP);
        if list.all().is_empty() {
            widgets::body(ui, &texts.t("appointments-none"));
        }
        for appointment in list.all() {
            ui.push_id(appointment.id.0, |ui| {
                widgets::card(ui, |ui| appointment_ui(ui, texts, lobby, appointment, local, intents));
            });
            ui.add_space(theme::GAP);
        }
        elsewhere_ui(ui, texts, view, local, intents);
    });
}

fn new_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &AppointmentsView,
    local: &mut AppointmentsLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    if !view.allowed {
        widgets::notice(ui, Mood::Info, &texts.t("appointments-forbidden"));
        return;
    }
    let Some(form) = &mut local.form else {
        let label = texts.t("appointments-new");
        if ui.add(ActionButton::new(ButtonKind::Primary, &label).icon(Icon::Calendar)).clicked() {
            local.form = Some(NewAppointment::suggested());
            local.inviting = None;
        }
        return;
    };
    match widgets::card(ui, |ui| form_ui(ui, texts, form, view.booking)) {
        FormEnd::GoesOn => {}
        FormEnd::Leave => local.form = None,
        FormEnd::Book(intent) => intents.push(AdvisorIntent::Appointment(intent)),
    }
}

fn appointment_ui(
    ui: &mut Ui,
    texts: Texts,
    lobby: &Lobby<'_>,
    appointment: &Appointment,
    local: &mut AppointmentsLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let view = lobby.appointments;
    let id = appointment.id;
    let when = when(texts, appointment.begins_unix_s);
    if view.booked == Some(id) && local.inviting == Some(id) {
        let line = widgets::notice(ui, Mood::Info, &texts.t("appointments-booked"));
        widgets::announce(ui, &line, false);
    }
    ui.add(egui::Label::new(RichText::new(&when).strong()).wrap());
    if !appointment.subject.is_empty() {
        widgets::body(ui, &appointment.subject);
    }
    match &appointment.state {
        AppointmentState::Booked(number) => {
            let text = number.0.to_string();
            let name = texts.t_with("appointments-number", &[("spoken", super::lobby::spoken(&text).into())]);
            let line = ui.label(RichText::new(&text).monospace().size(20.0));
            line.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
            let meeting = Meeting::of(texts, appointment);
            let values = [("from", (&meeting.from).into()), ("until", (&meeting.until).into())];
            widgets::small(ui, &texts.t_with("appointments-window", &values));
            if view.open == Some(id) {
                widgets::body(ui, &texts.t("appointments-state-open"));
            } else if view.awaited.contains(&id) {
                widgets::notice(ui, Mood::Warning, &texts.t("appointments-state-awaited"));
            } else if view.due == Some(id) {
                widgets::body(ui, &texts.t("appointments-state-due"));
            }
        }
        AppointmentState::Used => drop(widgets::body(ui, &texts.t("appointments-state-used"))),
        AppointmentState::Burned => {
            widgets::notice(ui, Mood::Warning, &texts.t("appointments-state-burned"));
        }
        AppointmentState::Gone => drop(widgets::muted(ui, &texts.t("appointments-state-gone"))),
    }
    ui.add_space(4.0);
    if local.cancelling == Some(Cancelling::Own(id)) {
        if sure_ui(ui, texts, local) {
            intents.push(AdvisorIntent::Appointment(AppointmentIntent::Cancel(id)));
        }
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if appointment.number().is_none() {
            let label = texts.t("appointments-remove");
            let name = texts.t_with("appointments-remove-name", &[("when", (&when).into())]);
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).name(&name).small()).clicked() {
                intents.push(AdvisorIntent::Appointment(AppointmentIntent::Cancel(id)));
            }
            return;
        }
        if local.inviting != Some(id) {
            let label = texts.t("appointments-invite");
            let name = texts.t_with("appointments-invite-name", &[("when", (&when).into())]);
            let button = ActionButton::new(ButtonKind::Secondary, &label).name(&name).small().icon(Icon::Chat);
            if ui.add(button).clicked() {
                (local.inviting, local.invitation) = (Some(id), InvitationLocal::default());
            }
        }
        if view.due == Some(id) {
            open_button(ui, texts, appointment, view.awaited.contains(&id), ButtonKind::Secondary, intents);
        }
        let label = texts.t("appointments-cancel");
        let name = texts.t_with("appointments-cancel-name", &[("when", (&when).into())]);
        if ui.add(ActionButton::new(ButtonKind::Quiet, &label).name(&name).small()).clicked() {
            local.cancelling = Some(Cancelling::Own(id));
        }
    });
    if local.inviting == Some(id) {
        invite_ui(ui, texts, lobby, appointment, local, intents);
    }
}

fn invite_ui(
    ui: &mut Ui,
    texts: Texts,
    lobby: &Lobby<'_>,
    appointment: &Appointment,
    local: &mut AppointmentsLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    let meeting = Meeting::of(texts, appointment);
    let number =
        appointment.number().map(|number| InvitedTo { number: number.to_string(), until: meeting.until.clone() });
    let whole = lobby.invitation(number.as_ref(), Some(&meeting));
    ui.add_space(theme::GAP);
    if let Some(InvitationWish::Write { with_number }) =
        invitation_ui(ui, texts, &whole, lobby.problem, &mut local.invitation)
    {
        let (id, language) = (appointment.id, texts.language());
        intents.push(AdvisorIntent::Appointment(AppointmentIntent::WriteMail { id, language, with_number }));
    }
    ui.add_space(4.0);
    let label = texts.t("appointments-invite-close");
    if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small().icon(Icon::Check)).clicked() {
        local.inviting = None;
    }
}

/// Asks once more. `true` if it is to be cancelled.
fn sure_ui(ui: &mut Ui, texts: Texts, local: &mut AppointmentsLocal) -> bool {
    let line = widgets::small(ui, &texts.t("appointments-cancel-lead"));
    widgets::announce(ui, &line, false);
    let mut sure = false;
    ui.horizontal_wrapped(|ui| {
        let label = texts.t("appointments-cancel-sure");
        if ui.add(ActionButton::new(ButtonKind::Danger, &label).small()).clicked() {
            (local.cancelling, sure) = (None, true);
        }
        let label = texts.t("appointments-keep");
        if ui.add(ActionButton::new(ButtonKind::Secondary, &label).small()).clicked() {
            local.cancelling = None;
        }
    });
    sure
}

fn open_button(
    ui: &mut Ui,
    texts: Texts,
    appointment: &Appointment,
    awaited: bool,
    kind: ButtonKind,
    intents: &mut Vec<AdvisorIntent>,
) {
    let values = [("when", when(texts, appointment.begins_unix_s).into())];
    let (label, name) = if awaited {
        (texts.t("appointments-let-in"), texts.t_with("appointments-let-in-name", &values))
    } else {
        (texts.t("appointments-open"), texts.t_with("appointments-open-name", &values))
    };
    if ui.add(ActionButton::new(kind, &label).name(&name).small().icon(Icon::Right)).clicked() {
        intents.push(AdvisorIntent::Appointment(AppointmentIntent::Open(appointment.id)));
    }
}

fn elsewhere_ui(
    ui: &mut Ui,
    texts: Texts,
    view: &AppointmentsView,
    local: &mut AppointmentsLocal,
    intents: &mut Vec<AdvisorIntent>,
) {
    if view.elsewhere.is_empty() {
        return;
    }
    widgets::card(ui, |ui| {
        widgets::title(ui, &texts.t("appointments-elsewhere"));
        widgets::small(ui, &texts.t("appointments-elsewhere-lead"));
        for booking in &view.elsewhere {
            let opens = when(texts, booking.window.opens_unix_s());
            ui.add_space(theme::GAP);
            widgets::body(ui, &opens);
            if local.cancelling == Some(Cancelling::Elsewhere(*booking)) {
                if sure_ui(ui, texts, local) {
                    let intent = AppointmentIntent::CancelElsewhere(booking.routing);
                    intents.push(AdvisorIntent::Appointment(intent));
                }
                continue;
            }
            let label = texts.t("appointments-cancel");
            let name = texts.t_with("appointments-cancel-name", &[("when", (&opens).into())]);
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).name(&name).small()).clicked() {
                local.cancelling = Some(Cancelling::Elsewhere(*booking));
            }
        }
    });
}
