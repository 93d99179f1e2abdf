//! The number, large enough to be read out from across the desk, how the last
//! session ended, and what there is to say of it.

use super::{
    Local,
    appointments::agreed_ui,
    invitation::{InvitationLocal, InvitationWish, invitation_ui},
    note::{Draft, DraftEnd, draft_ui},
    sessions::{is_of_export, named_field},
};
use egui::{Align, Frame, Layout, Margin, Rect, RichText, Role, Sense, TextEdit, Ui, WidgetInfo, vec2};
use mitblick_client_core::{
    advisor::{AdvisorIntent, AppointmentsView, LastSession, NotesIntent, NotesView, NumberView},
    images::Faces,
    invitation::{Invitation, InvitedTo, Meeting},
    journal::MAX_SUBJECT_CHARS,
    language::Texts,
    problem::Problem,
    ui::{
        ActionButton, ButtonKind, Icon,
        faces::{self, FaceTextures},
        format, page, palette, panels, theme,
        widgets::{self, Mood},
        wording,
    },
};

/// Largest logo and width of the portrait, in points.
const LOGO: egui::Vec2 = vec2(140.0, 32.0);
const PORTRAIT: f32 = 40.0;

/// What the view says.
pub struct Lobby<'a> {
    /// The advisor's name.
    pub advisor: &'a str,
    /// The company.
    pub organisation: &'a str,
    /// Where customers get their program.
    pub page: &'a str,
    /// Portrait and logo.
    pub faces: &'a Faces,
    /// The open number.
    pub number: Option<&'a NumberView>,
    /// Someone has joined.
    pub checking: bool,
    /// How the last one ended.
    pub last: Option<&'a LastSession>,
    /// What went wrong with the newest recording.
    pub recording_problem: Option<&'a Problem>,
    /// The advisor's own list of sessions.
    pub notes: &'a NotesView,
    /// The advisor's appointments.
    pub appointments: &'a AppointmentsView,
    /// Customers are asked how it was.
    pub asks_customers: bool,
    /// What did not work.
    pub problem: Option<&'a Problem>,
}

impl<'a> Lobby<'a> {
    /// An invitation by this advisor.
    pub(super) fn invitation<'b>(&self, number: Option<&'b InvitedTo>, meeting: Option<&'b Meeting>) -> Invitation<'b>
    where
        'a: 'b,
    {
        Invitation { advisor: self.advisor, organisation: self.organisation, page: self.page, number, meeting }
    }
}

/// What belongs to this screen alone.
#[derive(Default)]
pub struct LobbyLocal {
    /// The number that was copied last.
    copied: Option<String>,
    invitation: InvitationLocal,
    subject: String,
    subject_focused: bool,
    /// What is being written about the session that has ended.
    draft: Option<Draft>,
    faces: FaceTextures,
}

impl LobbyLocal {
    /// A session begins, or the person goes: what was being written about the
    /// one before is kept.
    pub fn leave(&mut self, intents: &mut Vec<AdvisorIntent>) {
        let unsaved = self.draft.take().and_then(Draft::unsaved);
        intents.extend(unsaved.map(AdvisorIntent::Notes));
    }

    /// Somebody else may sign in.
    pub fn forget(&mut self) {
        self.subject.clear();
    }
}

/// The screen.
pub fn lobby_ui(ui: &mut Ui, texts: Texts, lobby: &Lobby<'_>, local: &mut Local, intents: &mut Vec<AdvisorIntent>) {
    let colours = palette(ui);
    Frame::new().fill(colours.surface).inner_margin(Margin::symmetric(20, 10)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            let textures = &mut local.lobby.faces;
            faces::logo_ui(ui, texts, lobby.faces, lobby.organisation, LOGO, textures);
            faces::portrait_ui(ui, texts, lobby.faces, lobby.advisor, PORTRAIT, textures);
            let values = [("advisor", lobby.advisor.into()), ("organisation", lobby.organisation.into())];
            ui.label(RichText::new(texts.t_with("lobby-signed-in", &values)).strong());
            ui.add_space(theme::GROUP_GAP);
            if let Some(language) = panels::language_switch(ui, local.language) {
                local.language = language;
            }
            ui.add_space(theme::GROUP_GAP);
            let label = texts.t("appointments");
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Calendar)).clicked() {
                local.appointments.open();
            }
            let label = texts.t("sessions");
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Clock)).clicked() {
                local.sessions.open();
            }
            let label = texts.t("recordings");
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Record)).clicked() {
                local.recordings.open(ui.ctx(), local.language);
            }
            let label = texts.t("lock");
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Lock)).clicked() {
                intents.push(AdvisorIntent::Lock);
            }
            let label = texts.t("lobby-sign-out");
            if ui.add(ActionButton::new(ButtonKind::Quiet, &label).small().icon(Icon::Leave)).clicked() {
                local.lobby.leave(intents);
                intents.push(AdvisorIntent::SignOut);
            }
        });
    });
    page(ui, 640.0, |ui| {
        if let Some(last) = lobby.last {
            last_ui(ui, texts, last);
            ui.add_space(theme::GROUP_GAP);
        }
        if let Some(problem) = lobby.recording_problem {
            widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
            ui.add_space(theme::GROUP_GAP);
        }
        widgets::heading(ui, &texts.t("lobby-heading"));
        ui.add_space(theme::GAP);
        agreed_ui(ui, texts, lobby.appointments, intents);
        widgets::card(ui, |ui| match (lobby.checking, lobby.number) {
            (true, _) => {
                let line = widgets::title(ui, &texts.t("lobby-checking"));
                widgets::announce(ui, &line, true);
            }
            (false, Some(number)) => number_ui(ui, texts, number, &mut local.lobby, intents),
            (false, None) => {
                widgets::title(ui, &texts.t("lobby-no-number"));
                widgets::muted(ui, &texts.t("lobby-no-number-lead"));
                ui.add_space(theme::GAP);
                let label = texts.t("lobby-new");
                if ui.add(ActionButton::new(ButtonKind::Primary, &label).icon(Icon::Refresh)).clicked() {
                    intents.push(AdvisorIntent::NewNumber);
                }
            }
        });
        ui.add_space(theme::GAP);
        subject_ui(ui, texts, lobby, &mut local.lobby, intents);
        ui.add_space(theme::GROUP_GAP);
        newest_ui(ui, texts, lobby, &mut local.lobby, intents);
        invite_ui(ui, texts, lobby, &mut local.lobby, intents);
    });
}

/// The invitation to a session at once.
fn invite_ui(ui: &mut Ui, texts: Texts, lobby: &Lobby<'_>, local: &mut LobbyLocal, intents: &mut Vec<AdvisorIntent>) {
    let number = lobby
        .number
        .map(|number| InvitedTo { number: number.text.clone(), until: format::clock_after(number.remaining_s.into()) });
    let whole = lobby.invitation(number.as_ref(), None);
    match invitation_ui(ui, texts, &whole, lobby.problem, &mut local.invitation) {
        None => {}
        Some(InvitationWish::Copied) => local.copied = None,
        Some(InvitationWish::Write { with_number }) => {
            intents.push(AdvisorIntent::WriteMail { language: texts.language(), with_number });
        }
    }
}

/// What the next session will be about, for the own list.
fn subject_ui(ui: &mut Ui, texts: Texts, lobby: &Lobby<'_>, local: &mut LobbyLocal, intents: &mut Vec<AdvisorIntent>) {
    // What was typed is ahead of the view by a moment.
    let focused = local.subject_focused;
    let subject = &mut local.subject;
    if !focused && *subject != lobby.notes.subject {
        subject.clone_from(&lobby.notes.subject);
    }
    let field = named_field(ui, &texts.t("sessions-subject-next"), |ui| {
        let field = TextEdit::singleline(subject).char_limit(MAX_SUBJECT_CHARS);
        ui.add(field.hint_text(texts.t("sessions-subject-hint")).desired_width(f32::INFINITY))
    });
    local.subject_focused = field.has_focus();
    if field.changed() {
        intents.push(AdvisorIntent::Notes(NotesIntent::Subject(subject.clone())));
    }
}

/// What there is to say of the session that has ended.
fn newest_ui(ui: &mut Ui, texts: Texts, lobby: &Lobby<'_>, local: &mut LobbyLocal, intents: &mut Vec<AdvisorIntent>) {
    let notes = lobby.notes;
    // What an export could not do is said where it was wanted.
    if let Some(problem) = notes.problem.as_ref().filter(|problem| !is_of_export(problem)) {
        widgets::notice(ui, Mood::Error, &wording::problem(texts, problem));
        ui.add_space(theme::GROUP_GAP);
    }
    if notes.newest.is_none() {
        // It is in the list, or there is nothing to be said.
        local.draft = None;
    }
    let note = notes.newest.and_then(|id| notes.list.as_ref()?.note(id));
    let Some(note) = note else { return };
    if local.draft.as_ref().is_none_or(|draft| draft.id() != note.id) {
        // There may have been a session meanwhile, under the lock.
        let before = local.draft.replace(Draft::of(note));
        intents.extend(before.and_then(Draft::unsaved).map(AdvisorIntent::Notes));
    }
    let Some(draft) = &mut local.draft else { return };
    let mut wanted = None;
    widgets::card(ui, |ui| {
        widgets::title(ui, &texts.t("sessions-newest"));
        widgets::small(ui, &texts.t("sessions-newest-lead"));
        match draft_ui(ui, texts, draft, &texts.t("sessions-later")) {
            DraftEnd::GoesOn => {}
            DraftEnd::Leave => wanted = Some(NotesIntent::NothingToSay),
            DraftEnd::Save(intent) => wanted = Some(intent),
        }
        if lobby.asks_customers {
            ui.add_space(theme::GAP);
            widgets::small(ui, &texts.t("sessions-asked"));
        }
    });
    ui.add_space(theme::GROUP_GAP);
    if let Some(wanted) = wanted {
        // What is to be kept stays here until the list has it.
        if wanted == NotesIntent::NothingToSay {
            local.draft = None;
        }
        intents.push(AdvisorIntent::Notes(wanted));
    }
}

fn number_ui(ui: &mut Ui, texts: Texts, number: &NumberView, local: &mut LobbyLocal, intents: &mut Vec<AdvisorIntent>) {
    let spoken = spoken(&number.text);
    digits(ui, texts, &number.text, &spoken);
    ui.add_space(theme::GAP);
    widgets::body(ui, &texts.t("lobby-say"));
    widgets::muted(ui, &texts.t_with("lobby-digits", &[("spoken", (&spoken).into())]));
    ui.add_space(12.0);
    life_bar(ui, texts, number);
    ui.add_space(12.0);
    ui.horizontal_wrapped(|ui| {
        let copied = local.copied.as_deref() == Some(number.text.as_str());
        let (label, icon) =
            if copied { (texts.t("lobby-copied"), Icon::Check) } else { (texts.t("lobby-copy"), Icon::Copy) };
        if ui.add(ActionButton::new(ButtonKind::Primary, &label).icon(icon)).clicked() {
            ui.ctx().copy_text(number.text.clone());
            (local.copied, local.invitation.copied) = (Some(number.text.clone()), None);
        }
        let label = texts.t("lobby-new");
        if ui.add(ActionButton::new(ButtonKind::Secondary, &label).icon(Icon::Refresh)).clicked() {
            intents.push(AdvisorIntent::NewNumber);
        }
    });
}

/// The number as large as there is room for, up to the scale's largest.
fn digits(ui: &mut Ui, texts: Texts, number: &str, spoken: &str) {
    let colours = palette(ui);
    let mut font = theme::display_style().resolve(ui.style());
    let width = ui.available_width();
    let natural = ui.painter().layout_no_wrap(number.to_owned(), font.clone(), colours.text).size().x;
    font.size *= (width / natural.max(1.0)).min(1.0);
    let galley = ui.painter().layout_no_wrap(number.to_owned(), font, colours.text);
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y), Sense::hover());
    let name = texts.t_with("lobby-number", &[("spoken", spoken.into())]);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    widgets::announce(ui, &response, false);
    let at = egui::pos2(rect.center().x - galley.size().x / 2.0, rect.top());
    ui.painter().galley(at, galley, colours.text);
}

fn life_bar(ui: &mut Ui, texts: Texts, number: &NumberView) {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::empty());
    let part = number.remaining_s as f32 / number.life_s.max(1) as f32;
    let name = texts.t("lobby-remaining-bar");
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &name));
    ui.painter().rect_filled(rect, 3.0, colours.line);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width() * part.clamp(0.0, 1.0), rect.height()));
    ui.painter().rect_filled(filled, 3.0, if part < 0.15 { colours.warn } else { colours.primary });
    let left = format::countdown(number.remaining_s.into());
    let waited = format::countdown(number.life_s.saturating_sub(number.remaining_s).into());
    ui.horizontal_wrapped(|ui| {
        widgets::small(ui, &texts.t_with("lobby-remaining", &[("left", left.into())]));
        widgets::small(ui, "·");
        widgets::small(ui, &texts.t_with("lobby-waiting", &[("waited", waited.into())]));
    });
}

/// The digits one by one, as they are best read out: `4 8 2, 9 1 5, 7 3 0 3`.
pub(super) fn spoken(number: &str) -> String {
    let groups: Vec<String> =
        number.split_whitespace().map(|group| group.chars().map(String::from).collect::<Vec<_>>().join(" ")).collect();
    groups.join(", ")
}

fn last_ui(ui: &mut Ui, texts: Texts, last: &LastSession) {
    let duration = || format::duration(texts, last.lasted_s);
    let (mood, text) = match (&last.problem, last.connected, last.by_me) {
        (Some(problem @ Problem::SessionTimeOver), true, _) => {
            let values = [("duration", duration().into()), ("problem", wording::problem(texts, problem).into())];
            (Mood::Info, texts.t_with("last-time-over", &values))
        }
        (Some(problem), true, _) => {
            let values = [("duration", duration().into()), ("problem", wording::problem(texts, problem).into())];
            (Mood::Error, texts.t_with("last-broke", &values))
        }
        (Some(problem), false, _) => (Mood::Warning, wording::problem(texts, problem)),
        (None, true, true) => (Mood::Info, texts.t_with("last-ended-by-me", &[("duration", duration().into())])),
        (None, true, false) => (Mood::Info, texts.t_with("last-ended-by-customer", &[("duration", duration().into())])),
        (None, false, true) => (Mood::Info, texts.t("last-number-taken-back")),
        (None, false, false) => (Mood::Info, texts.t("last-number-left")),
    };
    ui.with_layout(Layout::top_down(Align::Min), |ui| widgets::notice(ui, mood, &text));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_number_is_read_out_digit_by_digit_in_its_groups() {
        assert_eq!(super::spoken("482 915 7303"), "4 8 2, 9 1 5, 7 3 0 3");
    }
}
