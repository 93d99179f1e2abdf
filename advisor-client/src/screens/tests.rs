//! The advisor's screens by what a person (or a screen reader) finds in them:
//! every control by its name, and that input leaves only while control is
//! granted.

use super::{Local, advisor_ui, viewer::Zoom};
use egui::{Event, Key, Modifiers, Vec2, pos2, vec2};
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
    ui,
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
mod recordings;
mod sessions;
mod tools;
mod turn;

struct Window {
    view: AdvisorView,
    local: Local,
    intents: Vec<AdvisorIntent>,
}

const GRANTED: ControlView = ControlView::Granted { remaining_s: Some(252) };

fn window_in(language: Language, size: Vec2, screen: AdvisorScreen) -> Harness<'static, Window> {
    let local = Local::new(language, Zoom::Times(1), false);
    let state = Window {
        view: AdvisorView { screen, faces: Faces::default(), recording_problem: None },
        local,
        intents: Vec::new(),
    };
    Harness::builder().with_size(size).with_context_setup(ui::install).build_ui_state(
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
        together: TogetherView {
            chat: ChatView::default(),
            clipboard: ClipboardView::new(Role::Watcher, ClipboardRule::Allowed),
            files: FilesView::default(),
            problem: None,
        },
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

#[test]
fn control_is_asked_for_withdrawn_and_given_back() {
    for (control, state, button, intent) in [
        (ControlView::None, "View only", "Ask for control", "request control"),
        (ControlView::Refused, "Control refused – view only", "Ask for control", "request control"),
        (ControlView::Ended(ControlEnd::StopKey), "View only", "Ask for control", "request control"),
        (ControlView::Asked, "Control requested", "Withdraw request", "give back control"),
        (ControlView::Granted { remaining_s: None }, "Control allowed", "Give control back", "give back control"),
    ] {
        let mut harness = window(viewer(SharingState::Showing, control));
        harness.get_by_label(state);
        click(&mut harness, button);
        assert_eq!(names(&wanted(&mut harness)), [intent], "{control:?}");
    }
}

#[test]
fn more_time_is_asked_for_while_control_is_limited_and_what_became_of_it_is_said() {
    for (more_time, label, asks) in [
        (AskedMore::Nothing, "Ask for more time", true),
        (AskedMore::Asked, "More time asked for", false),
        (AskedMore::Refused, "More time refused – ask again", true),
    ] {
        let AdvisorScreen::Viewer(view) = viewer(SharingState::Showing, GRANTED) else { panic!() };
        let mut harness = window(AdvisorScreen::Viewer(ViewerView { more_time, ..view }));
        click(&mut harness, label);
        let expected: &[&str] = if asks { &["request more time"] } else { &[] };
        assert_eq!(names(&wanted(&mut harness)), expected);
    }
    let unlimited = window(viewer(SharingState::Showing, ControlView::Granted { remaining_s: None }));
    assert!(unlimited.query_by_label("Ask for more time").is_none());
}

#[test]
fn the_session_is_ended_with_one_click() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    click(&mut harness, "End session");
    assert_eq!(names(&wanted(&mut harness)), ["end"]);
}

#[test]
fn nothing_shown_is_said_in_words_and_control_can_not_be_asked_for() {
    for (sharing, text) in [
        (SharingState::Choosing, "The customer is choosing what to show."),
        (SharingState::Paused, "The customer has paused the picture."),
    ] {
        let mut harness = window(viewer(sharing, ControlView::None));
        harness.get_by_label(text);
        click(&mut harness, "Ask for control");
        assert_eq!(names(&wanted(&mut harness)), Vec::<&str>::new());
    }
}

/// A place on the shared window: it is smaller than the pane and so in its
/// middle.
fn on_the_window(harness: &Harness<'_, Window>) -> egui::Pos2 {
    harness.get_by_label("Customer's shared windows").rect().center()
}

fn type_and_click(harness: &mut Harness<'_, Window>) {
    let place = on_the_window(harness);
    for event in [
        Event::PointerMoved(place),
        Event::PointerButton {
            pos: place,
            button: egui::PointerButton::Primary,
            pressed: true,
            modifiers: Modifiers::NONE,
        },
        Event::PointerButton {
            pos: place,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        },
        Event::Text("a".into()),
    ] {
        harness.event(event);
    }
    harness.run_steps(6);
}

#[test]
fn control_that_the_rules_forbid_can_not_be_asked_for_and_the_reason_is_said() {
    let AdvisorScreen::Viewer(view) = viewer(SharingState::Showing, ControlView::None) else { panic!("no viewer") };
    let ruled = ViewerView { control_forbidden: true, ends_in_s: Some(240), ..view };
    let mut harness = window(AdvisorScreen::Viewer(ruled));
    click(&mut harness, "Ask for control");
    assert_eq!(names(&wanted(&mut harness)), Vec::<&str>::new());
    harness.get_by_label_contains("do not allow control");
    harness.get_by_label_contains("this session ends in");
}

#[test]
fn no_input_leaves_without_control() {
    for control in
        [ControlView::None, ControlView::Asked, ControlView::Refused, ControlView::Ended(ControlEnd::TimeOver)]
    {
        let mut harness = window(viewer(SharingState::Showing, control));
        type_and_click(&mut harness);
        assert_eq!(inputs(&mut harness), [], "{control:?}");
    }
    let mut harness = window(viewer(SharingState::Paused, GRANTED));
    harness.event(Event::Text("a".into()));
    harness.run_steps(2);
    assert_eq!(inputs(&mut harness), []);
}

#[test]
fn with_control_a_click_lands_on_the_pixel_under_the_pointer_and_keys_follow() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    type_and_click(&mut harness);
    let sent = inputs(&mut harness);
    let pressed = sent.iter().find_map(|event| match event {
        InputEvent::PointerButton { surface, x, y, button: Button::Left, pressed: true } => Some((*surface, *x, *y)),
        _ => None,
    });
    assert_eq!(pressed, Some((SurfaceId(1), 200, 150)), "{sent:?}");
    assert!(sent.iter().any(|event| matches!(event, InputEvent::Key { .. })), "{sent:?}");
}

#[test]
fn everything_is_let_go_of_when_control_ends_with_a_button_down() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    let place = on_the_window(&harness);
    harness.drag_at(place);
    harness.run_steps(2);
    assert!(inputs(&mut harness).iter().any(|event| matches!(event, InputEvent::PointerButton { pressed: true, .. })));
    harness.state_mut().view.screen = viewer(SharingState::Showing, ControlView::Ended(ControlEnd::StopKey));
    harness.run_steps(2);
    assert_eq!(inputs(&mut harness), [InputEvent::ReleaseAll]);
}

#[test]
fn the_focus_gets_out_of_the_picture_with_ctrl_alt_home() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    assert!(harness.get_by_label("Customer's shared windows").is_focused());
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert!(harness.get_by_label("Customer's shared windows").is_focused(), "Tab belongs to the customer's windows");
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::ALT, Key::Home);
    harness.run_steps(3);
    assert!(!harness.get_by_label("Customer's shared windows").is_focused());
    assert_eq!(inputs(&mut harness).last(), Some(&InputEvent::ReleaseAll));
}

#[test]
fn a_click_on_the_bar_is_no_input() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    inputs(&mut harness);
    click(&mut harness, "Picture size: Fit");
    let sent = inputs(&mut harness);
    assert!(!sent.iter().any(|event| matches!(event, InputEvent::PointerButton { .. })), "{sent:?}");
}

#[test]
fn in_full_screen_the_state_stays_and_touching_the_handle_opens_the_bar() {
    let mut harness = window(viewer(SharingState::Showing, ControlView::None));
    click(&mut harness, "Full screen");
    harness.hover_at(pos2(30.0, 700.0));
    harness.run_steps(4);
    harness.get_by_label("View only");
    assert!(harness.query_by_label("End session").is_none());
    harness.get_by_label("View only").hover();
    harness.run_steps(4);
    harness.get_by_label("End session");
}

#[test]
fn in_full_screen_the_bar_is_reached_by_keyboard() {
    let mut harness = window(viewer(SharingState::Showing, GRANTED));
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::ALT, Key::Enter);
    harness.run_steps(4);
    assert!(harness.query_by_label("End session").is_none());
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::ALT, Key::Home);
    harness.run_steps(4);
    harness.get_by_label("End session").focus();
    harness.run_steps(4);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(names(&wanted(&mut harness)), ["end"]);
}

#[test]
fn the_check_words_of_both_languages_can_be_seen() {
    let mut harness = window(viewer(SharingState::Showing, ControlView::None));
    click(&mut harness, "Show what is seldom needed");
    click(&mut harness, "Details");
    harness.get_by_label("Ahorn  Beil  Chor  Dorf");
    harness.get_by_label("acorn  bell  chalk  drum");
    harness.get_by_label("Encryption: a suite");
}

/// At 200 % a window of 1100 x 760 pixels has 550 x 380 points.
#[test]
fn at_double_size_nothing_leaves_the_window_sideways() {
    for language in Language::ALL {
        for screen in [
            sign_in(Some(Problem::SignInFailed { retry_after_s: 0, tries_left: 4 })),
            with_key(
                None,
                KeyView::Here(KeyPlace::File(
                    "/home/anna.von-und-zu-muster/.local/share/mitblick-advisor/workplace.key".into(),
                    FileBecause::Refused,
                )),
            ),
            new_password(Some(Problem::PasswordRefused(PasswordRule::Common))),
            lobby(true, None),
            viewer(SharingState::Choosing, ControlView::None),
            viewer(SharingState::Paused, GRANTED),
        ] {
            let mut harness = window_in(language, vec2(550.0, 380.0), screen);
            harness.run_steps(3);
            fits(&harness, language);
        }
    }
}

fn fits(harness: &Harness<'_, Window>, language: Language) {
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        // Runs of text inside a field lie in the field, which has a name.
        if node.role() == egui::Role::TextRun {
            continue;
        }
        let label = node.label().or_else(|| node.value()).unwrap_or_default();
        // What was scrolled out of sight has no place.
        let Some(rect) = node.bounding_box() else { continue };
        let fits = rect.x0 >= -0.5 && rect.x1 <= 550.5;
        assert!(label.is_empty() || fits, "{language:?}: {label} is at {rect:?}");
    }
}
