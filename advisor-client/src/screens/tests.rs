//! The advisor's screens by what a person (or a screen reader) finds in them:
//! every control by its name, and that input leaves only while control is
//! granted.

use super::{Local, advisor_ui, viewer::Zoom};
use egui::{Event, Key, Modifiers, Vec2, accesskit::Live, pos2, vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorScreen, AdvisorView, AppointmentsView, KeyView, LastSession, NotesView, NumberView,
        PictureStore, RecordingView, TurnGuide, TurnView, ViewerView, WatchedSurface,
    },
    customer::ControlView,
    images::Faces,
    language::Language,
    problem::Problem,
    together::{ChatView, ClipboardView, TogetherView, files::FilesView},
    ui::{self, guard::GUARD_S},
    workplace_key::{FileBecause, KeyPlace},
};
use mitblick_protocol::{
    broker_msg::PasswordRule,
    clipboard::Role,
    geometry::Rect,
    input::{Button, InputEvent},
    peer_msg::{ControlEnd, RecordingState, SharingState, Surface, SurfaceId, SurfaceState},
    policy::ClipboardRule,
    session::{AskState, AskedMore, WatcherTurn},
    text::DisplayText,
};
use std::sync::Arc;

mod appointments;
mod chat;
mod clipboard;
mod controls;
mod cut;
mod files;
mod narrow;
mod recording;
mod recordings;
mod sessions;
mod told;
mod tools;
mod turn;
mod viewer;

struct Window {
    view: AdvisorView,
    local: Local,
    intents: Vec<AdvisorIntent>,
}

/// Seconds that pass with each painted frame.
const STEP_S: f32 = 0.25;
/// The same where it is looked at what does not count yet, and the frames after
/// which it does.
const SHORT_STEP_S: f32 = 0.02;
const PAST_GUARD: usize = (GUARD_S / SHORT_STEP_S as f64) as usize + 2;

const GRANTED: ControlView = ControlView::Granted { remaining_s: Some(252) };

fn window_in(language: Language, size: Vec2, screen: AdvisorScreen) -> Harness<'static, Window> {
    in_steps(language, size, STEP_S, screen)
}

/// So much time passes with each painted frame.
fn in_steps(language: Language, size: Vec2, step_s: f32, screen: AdvisorScreen) -> Harness<'static, Window> {
    let local = Local::new(language, Zoom::Times(1), false);
    let state = Window {
        view: AdvisorView { screen, faces: Faces::default(), recording_problem: None },
        local,
        intents: Vec::new(),
    };
    Harness::builder().with_size(size).with_step_dt(step_s).with_context_setup(ui::install).build_ui_state(
        |ui, window: &mut Window| advisor_ui(ui, &window.view, &mut window.local, &mut window.intents),
        state,
    )
}

fn window(screen: AdvisorScreen) -> Harness<'static, Window> {
    let mut harness = window_in(Language::English, vec2(1_100.0, 760.0), screen);
    harness.run_steps(3);
    harness
}

fn click(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

/// What was wanted since the last call, as far as it is no input.
fn wanted(harness: &mut Harness<'_, Window>) -> Vec<AdvisorIntent> {
    let intents = std::mem::take(&mut harness.state_mut().intents);
    let by_itself = |intent: &AdvisorIntent| {
        matches!(intent, AdvisorIntent::Input(_) | AdvisorIntent::Painted | AdvisorIntent::Active)
    };
    intents.into_iter().filter(|intent| !by_itself(intent)).collect()
}

/// This was wanted since the last call, and nothing else.
#[track_caller]
fn only(harness: &mut Harness<'_, Window>, expected: &[AdvisorIntent]) {
    let all = wanted(harness);
    assert!(all == expected, "{:?}", names(&all));
}

fn inputs(harness: &mut Harness<'_, Window>) -> Vec<InputEvent> {
    let input = |intent| if let AdvisorIntent::Input(event) = intent { Some(event) } else { None };
    std::mem::take(&mut harness.state_mut().intents).into_iter().filter_map(input).collect()
}

/// For readable failures; passwords stay out.
fn names(intents: &[AdvisorIntent]) -> Vec<&'static str> {
    let name = |intent: &AdvisorIntent| match intent {
        AdvisorIntent::SignIn { .. } => "sign in",
        AdvisorIntent::ChangePassword { .. } => "change password",
        AdvisorIntent::EnterCode { .. } => "enter code",
        AdvisorIntent::TakeOver => "take over",
        AdvisorIntent::Lock => "lock",
        AdvisorIntent::Unlock { .. } => "unlock",
        AdvisorIntent::Active => "active",
        AdvisorIntent::NewNumber => "new number",
        AdvisorIntent::Turn(_) => "turn",
        AdvisorIntent::RequestRecording => "request recording",
        AdvisorIntent::StopRecording => "stop recording",
        AdvisorIntent::RequestControl => "request control",
        AdvisorIntent::RequestMoreTime => "request more time",
        AdvisorIntent::GiveBackControl => "give back control",
        AdvisorIntent::Input(_) => "input",
        AdvisorIntent::Guide(_) => "guide",
        AdvisorIntent::Notes(_) => "notes",
        AdvisorIntent::Appointment(_) => "appointment",
        AdvisorIntent::WriteMail { .. } => "write mail",
        AdvisorIntent::Together(_) => "Together",
        AdvisorIntent::Painted => "painted",
        AdvisorIntent::ShowLine(_) => "show line",
        AdvisorIntent::End => "end",
        AdvisorIntent::SignOut => "sign out",
        AdvisorIntent::Fault => "fault",
        AdvisorIntent::Quit => "quit",
    };
    intents.iter().map(name).collect()
}

fn sign_in(problem: Option<Problem>) -> AdvisorScreen {
    with_key(problem, KeyView::Here(KeyPlace::Store))
}

fn with_key(problem: Option<Problem>, key: KeyView) -> AdvisorScreen {
    AdvisorScreen::SignIn { user: "anna".into(), broker: "help.example".into(), busy: false, problem, key }
}

fn lobby(number: bool, last: Option<LastSession>) -> AdvisorScreen {
    AdvisorScreen::Lobby {
        advisor: "Anna Muster".into(),
        organisation: "Muster Bank".into(),
        page: "https://help.example/".into(),
        number: number.then(|| NumberView { text: "482 915 7303".into(), remaining_s: 412, life_s: 600 }),
        checking: false,
        last,
        notes: NotesView::default(),
        appointments: AppointmentsView { allowed: true, ..AppointmentsView::default() },
        asks_customers: true,
        problem: None,
    }
}

/// A screen reader tells this text by itself, politely or at once.
#[track_caller]
fn is_told(harness: &Harness<'_, Window>, text: &str, how: Live) {
    let found: Vec<_> = harness.query_all_by_label_contains(text).map(|node| node.accesskit_node().live()).collect();
    assert!(found.contains(&how), "{text}: {found:?}");
}

/// The viewer with something changed.
fn viewer_with(change: impl FnOnce(&mut ViewerView)) -> AdvisorScreen {
    let mut screen = viewer(SharingState::Showing, ControlView::None);
    if let AdvisorScreen::Viewer(view) = &mut screen {
        change(view);
    }
    screen
}

/// Changes what is seen of a session.
fn change(harness: &mut Harness<'_, Window>, change: impl FnOnce(&mut ViewerView)) {
    if let AdvisorScreen::Viewer(view) = &mut harness.state_mut().view.screen {
        change(view);
    }
    harness.run_steps(3);
}

/// The text that goes into the clipboard when something is clicked.
fn copied(harness: &mut Harness<'_, Window>, label: &str) -> Option<String> {
    harness.get_by_label(label).click();
    (0..5).find_map(|_| {
        harness.step();
        harness.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    })
}

fn together() -> TogetherView {
    TogetherView {
        chat: ChatView::default(),
        clipboard: ClipboardView::new(Role::Watcher, ClipboardRule::Allowed),
        files: FilesView::default(),
        problem: None,
    }
}

/// One shared window of 400 x 300.
fn viewer(sharing: SharingState, control: ControlView) -> AdvisorScreen {
    let store = PictureStore::default();
    let rect = Rect::new(50, 60, 400, 300);
    let title = DisplayText::cleaned("Invoices");
    let surface = Surface { id: SurfaceId(1), rect, state: SurfaceState::Shown, parent: None, title };
    {
        let mut picture = store.lock();
        picture.scene.surfaces.push(surface.clone());
        let pixels = vec![0x00ff_ffff; 400 * 300];
        picture.surfaces.insert(SurfaceId(1), WatchedSurface { size: rect.size(), pixels, changed: Vec::new() });
        picture.frames = 1;
    }
    AdvisorScreen::Viewer(ViewerView {
        sharing,
        picture: Arc::new(store),
        surfaces: Arc::new(vec![surface]),
        control,
        more_time: AskedMore::Nothing,
        control_forbidden: false,
        ends_in_s: None,
        awaited: None,
        refusal: None,
        suite: "a suite".into(),
        words: [["Ahorn", "Beil", "Chor", "Dorf"], ["acorn", "bell", "chalk", "drum"]]
            .map(|list| list.map(String::from)),
        pointing_allowed: true,
        marks: 0,
        points_out: false,
        recording: RecordingView {
            state: RecordingState::None,
            forbidden: false,
            file: None,
            left_bytes: None,
            problem: None,
        },
        turn: TurnView {
            state: WatcherTurn::None,
            forbidden: false,
            applications: None,
            shown: Vec::new(),
            guide: TurnGuide::default(),
        },
        ask: AskState::None,
        since_s: 372,
        received_bytes: 3_204_112,
        line: None,
        cut_s: None,
        together: together(),
    })
}

#[test]
fn signing_in_takes_the_name_from_the_view_and_enter_submits() {
    let mut harness = window(sign_in(None));
    harness.event(Event::Text("pass word".into()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let intents = std::mem::take(&mut harness.state_mut().intents);
    let expected = AdvisorIntent::SignIn { user: "anna".into(), password: "pass word".into() };
    assert!(intents == [expected], "{:?}", names(&intents));
}

#[test]
fn a_refused_sign_in_says_so() {
    let harness = window(sign_in(Some(Problem::SignInFailed { retry_after_s: 30, tries_left: 0 })));
    harness.get_by_label_contains("You can try again in 30 seconds");
    harness.get_by_label("Broker: help.example");
}

#[test]
fn the_sign_in_says_where_the_key_of_this_computer_lies_and_who_waits_for_whom() {
    let path = "/home/anna/.local/share/mitblick-advisor/workplace.key";
    let file = |because| KeyView::Here(KeyPlace::File(path.into(), because));
    for (key, said) in [
        (KeyView::Fetching, "Fetching the key"),
        (KeyView::Asking, "asks you in a window of its own"),
        (KeyView::Here(KeyPlace::Store), "in the system's key store"),
        (file(FileBecause::Wanted), path),
        (file(FileBecause::NoStore), "There is no key store"),
        (file(FileBecause::Refused), "--workplace-key file"),
    ] {
        window(with_key(None, key)).get_by_label_contains(said);
    }
    let harness = window(with_key(Some(Problem::WorkplaceKeyLost("/a/note".into())), KeyView::Missing));
    harness.get_by_label_contains("delete /a/note");
}

fn new_password(problem: Option<Problem>) -> AdvisorScreen {
    AdvisorScreen::NewPassword { user: "anna".into(), busy: false, problem }
}

#[test]
fn a_wrong_password_says_how_many_tries_are_left() {
    let harness = window(sign_in(Some(Problem::SignInFailed { retry_after_s: 0, tries_left: 1 })));
    harness.get_by_label_contains("1 try is left before a pause");
}

#[test]
fn a_new_password_is_typed_twice_and_sent_only_if_both_are_the_same() {
    let mut harness = window(new_password(None));
    let type_both = |harness: &mut Harness<'_, Window>, first: &str, again: &str| {
        harness.event(Event::Text(first.into()));
        harness.run_steps(2);
        harness.key_press(Key::Tab);
        harness.run_steps(2);
        harness.event(Event::Text(again.into()));
        harness.run_steps(2);
        harness.key_press(Key::Enter);
        harness.run_steps(2);
    };
    type_both(&mut harness, "zweite wolke kamel", "zweite wolke kamal");
    harness.get_by_label("The two entries differ.");
    assert!(harness.state_mut().intents.is_empty(), "{:?}", names(&harness.state().intents));

    let mut harness = window(new_password(None));
    type_both(&mut harness, "zweite wolke kamel", "zweite wolke kamel");
    let intents = std::mem::take(&mut harness.state_mut().intents);
    let expected = AdvisorIntent::ChangePassword { new: "zweite wolke kamel".into() };
    assert!(intents == [expected], "{:?}", names(&intents));
}

#[test]
fn a_new_password_that_fails_a_rule_hears_which() {
    let rule = PasswordRule::TooShort { at_least: 15 };
    let mut harness = window(new_password(Some(Problem::PasswordRefused(rule))));
    harness.get_by_label_contains("at least 15 characters");
    click(&mut harness, "Back");
    assert_eq!(names(&wanted(&mut harness)), ["sign out"]);
}

#[test]
fn the_number_is_there_for_eye_and_ear_and_can_be_copied_and_renewed() {
    let mut harness = window(lobby(true, None));
    harness.get_by_label("Session number 4 8 2, 9 1 5, 7 3 0 3");
    harness.get_by_label("Valid for another 6:52");
    harness.get_by_label("Waiting for 3:08");
    click(&mut harness, "Copy number");
    harness.get_by_label("Copied");
    click(&mut harness, "New number");
    click(&mut harness, "Sign out");
    assert_eq!(names(&wanted(&mut harness)), ["new number", "sign out"]);
}

#[test]
fn the_lobby_says_how_the_last_session_ended_and_what_to_do() {
    let last = LastSession { connected: true, by_me: false, problem: Some(Problem::OtherSideLost), lasted_s: 60 };
    let harness = window(lobby(false, Some(last)));
    harness.get_by_label_contains("start with a new number");
    harness.get_by_label("New number");
}

/// A place on the shared window: it is smaller than the pane and so in its
/// middle.
fn on_the_window(harness: &Harness<'_, Window>) -> egui::Pos2 {
    harness.get_by_label("Customer's shared windows").rect().center()
}

/// Nothing leaves the window sideways.
#[track_caller]
fn fits_within(harness: &Harness<'_, Window>, width: f64) {
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        // Runs of text inside a field lie in the field, which has a name.
        if node.role() == egui::Role::TextRun {
            continue;
        }
        let label = node.label().or_else(|| node.value()).unwrap_or_default();
        // What was scrolled out of sight has no place.
        let Some(rect) = node.bounding_box() else { continue };
        let fits = rect.x0 >= -0.5 && rect.x1 <= width + 0.5;
        assert!(label.is_empty() || fits, "{label} is at {rect:?}, width {width}");
    }
}
