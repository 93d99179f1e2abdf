//! The advisor's screens: view in, intents out. The viewer also reads the
//! picture, whose store it locks for a moment.

pub mod appointments;
pub mod door;
mod invitation;
pub mod lobby;
pub mod new_password;
pub mod note;
pub mod recordings;
pub mod sessions;
pub mod sign_in;
pub mod viewer;

use egui::Ui;
use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen, AdvisorView},
    language::{Language, Texts},
    recording::Folder,
    ui::palette,
};

/// What belongs to the window alone: what is being typed, unfolded, zoomed.
pub struct Local {
    /// Language of the interface.
    pub language: Language,
    /// Of the first screen.
    pub sign_in: sign_in::SignInLocal,
    /// Of the screen for a new password.
    pub new_password: new_password::NewPasswordLocal,
    /// Of the screens between password and lobby, and of the lock.
    pub door: door::DoorLocal,
    /// When the person was last told of as being there, in seconds.
    told_active: f64,
    /// Of the lobby.
    pub lobby: lobby::LobbyLocal,
    /// Of the recordings.
    pub recordings: recordings::RecordingsLocal,
    /// Of the list of sessions.
    pub sessions: sessions::SessionsLocal,
    /// Of the appointments.
    pub appointments: appointments::AppointmentsLocal,
    /// Of the viewer.
    pub viewer: viewer::ViewerLocal,
}

impl Local {
    /// A fresh one, with the zoom that every session begins with.
    pub fn new(language: Language, zoom: viewer::Zoom, full_screen: bool) -> Self {
        Self {
            language,
            sign_in: sign_in::SignInLocal::default(),
            new_password: new_password::NewPasswordLocal::default(),
            door: door::DoorLocal::default(),
            told_active: f64::NEG_INFINITY,
            lobby: lobby::LobbyLocal::default(),
            recordings: recordings::RecordingsLocal::default(),
            sessions: sessions::SessionsLocal::default(),
            appointments: appointments::AppointmentsLocal::default(),
            viewer: viewer::ViewerLocal::new(zoom, full_screen),
        }
    }

    /// The same, with the recordings in this folder.
    #[must_use]
    pub fn with_recordings(mut self, folder: Option<Folder>) -> Self {
        self.recordings = recordings::RecordingsLocal::in_folder(folder);
        self
    }

    /// Hands over what is being written about sessions: else it would be lost.
    fn keep_drafts(&mut self, intents: &mut Vec<AdvisorIntent>) {
        self.lobby.leave(intents);
        self.sessions.close(intents);
    }

    /// What is wanted when the window closes: what is being written is kept
    /// before the program ends.
    pub fn last_intents(&mut self) -> Vec<AdvisorIntent> {
        let mut intents = Vec::new();
        self.keep_drafts(&mut intents);
        intents.push(AdvisorIntent::Quit);
        intents
    }

    /// The same, with the desk of the window's events.
    #[must_use]
    pub fn at(mut self, desk: std::sync::Arc<viewer::desk::Desk>) -> Self {
        self.viewer.desk = desk;
        self
    }
}

/// Paints the screen that the view says.
pub fn advisor_ui(ui: &mut Ui, view: &AdvisorView, local: &mut Local, intents: &mut Vec<AdvisorIntent>) {
    let texts = Texts::of(local.language);
    let background = palette(ui).background;
    ui.painter().rect_filled(ui.max_rect(), 0.0, background);
    if !matches!(view.screen, AdvisorScreen::SignIn { .. }) {
        local.sign_in = sign_in::SignInLocal::default();
    }
    if !matches!(view.screen, AdvisorScreen::NewPassword { .. }) {
        local.new_password = new_password::NewPasswordLocal::default();
    }
    let at_the_door = matches!(view.screen, AdvisorScreen::Code { .. } | AdvisorScreen::Locked { .. });
    if !at_the_door {
        local.door = door::DoorLocal::default();
    }
    // A customer who joins comes first, and nobody looks over a lock.
    if !matches!(view.screen, AdvisorScreen::Lobby { checking: false, .. }) {
        local.recordings.close();
    }
    match &view.screen {
        // Somebody else may sign in.
        AdvisorScreen::SignIn { .. }
        | AdvisorScreen::NewPassword { .. }
        | AdvisorScreen::Code { .. }
        | AdvisorScreen::WorkplaceWaits { .. }
        | AdvisorScreen::Elsewhere { .. } => {
            local.keep_drafts(intents);
            local.lobby.forget();
            local.appointments = appointments::AppointmentsLocal::default();
        }
        AdvisorScreen::Viewer(_) => {
            local.keep_drafts(intents);
            local.appointments = appointments::AppointmentsLocal::default();
        }
        // What is being written stays as it is under a lock, and while a number
        // is checked.
        AdvisorScreen::Lobby { .. } | AdvisorScreen::Locked { .. } => {}
    }
    tell_active(ui, view, local, intents);
    if !matches!(view.screen, AdvisorScreen::Viewer(_)) {
        local.viewer.leave(ui.ctx(), intents);
    }
    match &view.screen {
        AdvisorScreen::SignIn { user, broker, busy, problem, key } => {
            let form = sign_in::Form { user, broker, busy: *busy, problem: problem.as_ref(), key };
            sign_in::sign_in_ui(ui, texts, &form, local, intents);
        }
        AdvisorScreen::NewPassword { user, busy, problem } => {
            let form = new_password::Form { user, busy: *busy, problem: problem.as_ref() };
            new_password::new_password_ui(ui, texts, &form, local, intents);
        }
        AdvisorScreen::Code { busy, problem, .. } => {
            door::code_ui(ui, texts, *busy, problem.as_ref(), local, intents);
        }
        AdvisorScreen::WorkplaceWaits { name, code } => door::waits_ui(ui, texts, name, code, local, intents),
        AdvisorScreen::Elsewhere { workplace, in_session, busy } => {
            door::elsewhere_ui(ui, texts, (workplace, *in_session, *busy), local, intents);
        }
        AdvisorScreen::Locked { user, in_session, problem } => {
            door::locked_ui(ui, texts, (user, *in_session, problem.as_ref()), local, intents);
        }
        AdvisorScreen::Lobby { checking: false, .. } if local.recordings.is_open() => {
            recordings::recordings_ui(ui, texts, &mut local.recordings);
        }
        AdvisorScreen::Lobby { checking: false, notes, .. } if local.sessions.is_open() => {
            sessions::sessions_ui(ui, texts, notes, &mut local.sessions, intents);
        }
        AdvisorScreen::Lobby {
            advisor,
            organisation,
            page,
            number,
            checking,
            last,
            notes,
            appointments,
            asks_customers,
            problem,
        } => {
            let lobby = lobby::Lobby {
                advisor,
                organisation,
                page,
                faces: &view.faces,
                number: number.as_ref(),
                checking: *checking,
                last: last.as_ref(),
                recording_problem: view.recording_problem.as_ref(),
                notes,
                appointments,
                asks_customers: *asks_customers,
                problem: problem.as_ref(),
            };
            if *checking || !local.appointments.is_open() {
                lobby::lobby_ui(ui, texts, &lobby, local, intents);
            } else {
                appointments::appointments_ui(ui, texts, &lobby, &mut local.appointments, intents);
            }
        }
        AdvisorScreen::Viewer(view) => viewer::viewer_ui(ui, texts, view, &mut local.viewer, intents),
    }
}

/// Whoever touches the program is there: told now and then, so that it does not
/// lock itself.
fn tell_active(ui: &Ui, view: &AdvisorView, local: &mut Local, intents: &mut Vec<AdvisorIntent>) {
    const EVERY_S: f64 = 10.0;
    if !matches!(view.screen, AdvisorScreen::Lobby { .. } | AdvisorScreen::Viewer(_)) {
        return;
    }
    let (touched, now) = ui.input(|input| (!input.events.is_empty() || input.pointer.is_moving(), input.time));
    if touched && now - local.told_active >= EVERY_S {
        local.told_active = now;
        intents.push(AdvisorIntent::Active);
    }
}

#[cfg(test)]
mod tests;
