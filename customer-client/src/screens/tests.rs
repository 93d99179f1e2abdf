//! The customer's screens by what a person (or a screen reader) finds in them:
//! every control that keeps the customer in charge, by its name, in both
//! languages.

use super::{Local, customer_ui};
use egui::{Key, Vec2, accesskit::Live, vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use mitblick_client_core::{
    customer::{
        AppItem, ConnectingStep, ControlView, CustomerIntent, CustomerScreen, CustomerView, EndView, ReceiptState,
        ReceiptView, SharingView, WaitingLine, Who,
    },
    images::Faces,
    language::Language,
    problem::Problem,
    receipt::save::Place,
    together::{ChatView, ClipboardView, Left, TogetherView, files::FilesView},
    ui::{self, format, guard::GUARD_S},
};
use mitblick_platform::capture::LocalPicture;
use mitblick_protocol::{
    clipboard::Role,
    geometry::Size,
    policy::{ClipboardRule, CompanyTexts, ControlRule, Minutes},
    session::ApplicationId,
    text::DisplayText,
};
use std::sync::Arc;

mod bar_row;
mod chat;
mod choose;
mod clipboard;
mod control;
mod cut;
mod ended;
mod files;
mod guide;
mod narrow;
mod pointing;
mod questions;
mod rating;
mod recording;
mod told;
mod turn;
mod who_called;
mod words;

struct Window {
    view: CustomerView,
    local: Local,
    intents: Vec<CustomerIntent>,
}

/// Seconds that pass with each painted frame.
const STEP_S: f32 = 0.02;
/// Frames after which the guard of the question is over.
const PAST_GUARD: usize = (GUARD_S / STEP_S as f64) as usize + 2;

fn window_in(language: Language, size: Vec2, screen: CustomerScreen) -> Harness<'static, Window> {
    let view = plain(screen);
    let state = Window { view, local: Local::new(language), intents: Vec::new() };
    Harness::builder().with_size(size).with_step_dt(STEP_S).with_context_setup(ui::install).build_ui_state(
        |ui, window: &mut Window| customer_ui(ui, &window.view, &mut window.local, &mut window.intents),
        state,
    )
}

fn window(screen: CustomerScreen) -> Harness<'static, Window> {
    window_in(Language::English, vec2(460.0, 1_000.0), screen)
}

fn bar(screen: CustomerScreen) -> Harness<'static, Window> {
    window_in(Language::English, vec2(1_200.0, 300.0), screen)
}

fn click(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn press(harness: &mut Harness<'_, Window>, key: Key) {
    harness.key_press(key);
    harness.run_steps(2);
}

/// Brings something into sight, waits until it stands still, and clicks it.
fn reach(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).scroll_to_me();
    harness.run_steps(PAST_GUARD);
    click(harness, label);
}

/// What was wanted since the last call; that the window has painted is no wish.
fn wanted(harness: &mut Harness<'_, Window>) -> Vec<CustomerIntent> {
    let intents = std::mem::take(&mut harness.state_mut().intents);
    intents.into_iter().filter(|intent| *intent != CustomerIntent::Painted).collect()
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

/// A screen reader tells this text by itself, politely or at once.
#[track_caller]
fn is_told(harness: &Harness<'_, Window>, text: &str, how: Live) {
    let found: Vec<_> = harness.query_all_by_label_contains(text).map(|node| node.accesskit_node().live()).collect();
    assert!(found.contains(&how), "{text}: {found:?}");
}

fn together() -> TogetherView {
    TogetherView {
        chat: ChatView::default(),
        clipboard: ClipboardView::new(Role::Shower, ClipboardRule::Allowed),
        files: FilesView::default(),
        problem: None,
    }
}

fn who() -> Who {
    Who { organisation: "Muster Bank".into(), advisor: "Anna Muster".into() }
}

/// A view under no rules.
fn plain(screen: CustomerScreen) -> CustomerView {
    CustomerView {
        screen,
        cut_s: None,
        together: None,
        faces: Faces::default(),
        guide: None,
        recording: Default::default(),
        turn: Default::default(),
        company: CompanyTexts::default(),
        control: ControlRule::default(),
        ends_in_s: None,
        not_by_hand: None,
    }
}

fn words() -> [[String; 4]; 2] {
    [["Ahorn", "Beil", "Chor", "Dorf"].map(String::from), ["acorn", "bell", "chalk", "drum"].map(String::from)]
}

fn item(id: u64, name: &str) -> AppItem {
    AppItem {
        id: ApplicationId(id),
        name: name.into(),
        titles: vec![format!("Title of {name}")],
        icon: None,
        preview: None,
    }
}

fn choose(applications: Option<Vec<AppItem>>) -> CustomerScreen {
    CustomerScreen::Choose {
        who: who(),
        applications,
        again: false,
        problem: None,
        suite: "a suite".into(),
        words: words(),
    }
}

fn sharing(control: ControlView) -> CustomerScreen {
    CustomerScreen::Sharing(SharingView {
        who: who(),
        applications: vec!["Browser".into(), "Mail".into()],
        paused: false,
        comes_back: false,
        asks_more: false,
        control,
        suite: "a suite".into(),
        words: words(),
        minutes: 12,
        sent_bytes: 1_200_000,
        line: None,
        problem: None,
        second_stop_key: None,
    })
}

fn ended(problem: Option<Problem>) -> CustomerScreen {
    CustomerScreen::Ended(end_view(problem, ReceiptState::Offered))
}

fn end_view(problem: Option<Problem>, state: ReceiptState) -> EndView {
    let receipt = Some(ReceiptView { folder: "/home/anna/Downloads".into(), state });
    EndView {
        who: Some(who()),
        by_me: true,
        problem,
        shown_s: 61,
        stop: false,
        receipt,
        rating: None,
        recordings: Vec::new(),
        left: Left::default(),
    }
}

fn who_called() -> CustomerScreen {
    CustomerScreen::WhoCalled { who: who(), suite: "a suite".into(), words: words() }
}

#[test]
fn a_number_is_typed_without_touching_the_mouse_and_sent_with_enter() {
    let mut harness = window(CustomerScreen::Join { number: String::new(), problem: None });
    harness.run_steps(2);
    harness.event(egui::Event::Text("482-9157303".into()));
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().intents, [CustomerIntent::Join("482 915 7303".into())]);
}

#[test]
fn the_language_can_be_switched_before_the_number_is_typed() {
    let mut harness = window(CustomerScreen::Join { number: String::new(), problem: None });
    click(&mut harness, "Deutsch");
    harness.get_by_label("Weiter");
    harness.get_by_label_contains("wird nichts gezeigt");
}

#[test]
fn a_problem_is_said_until_the_number_is_changed() {
    let problem = Some(Problem::NumberMistyped);
    let mut harness = window(CustomerScreen::Join { number: "4829157304".into(), problem });
    harness.run_steps(2);
    harness.get_by_label_contains("One digit is wrong");
    harness.key_press(Key::Backspace);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("One digit is wrong").is_none());
}

#[test]
fn connecting_is_left_by_the_button_and_by_escape() {
    let mut harness = window(CustomerScreen::Connecting(ConnectingStep::Checking));
    click(&mut harness, "Cancel");
    press(&mut harness, Key::Escape);
    assert_eq!(harness.state().intents, [CustomerIntent::CancelJoin, CustomerIntent::CancelJoin]);
}

#[test]
fn who_waits_for_an_appointment_is_told_so_and_can_leave() {
    let waiting = |line| CustomerScreen::Connecting(ConnectingStep::WaitingRoom { line });
    let mut harness = window(waiting(WaitingLine::Here));
    harness.get_by_label("Your appointment has not begun yet");
    assert!(harness.query_by_label_contains("no connection").is_none());
    click(&mut harness, "Cancel");
    assert_eq!(harness.state().intents, [CustomerIntent::CancelJoin]);
    window(waiting(WaitingLine::Cut)).get_by_label_contains("There is no connection at the moment.");
    let limited = WaitingLine::Limited { until_unix_s: 1_700_000_000 };
    let at = format!("tried again by itself at {}", format::clock_at(1_700_000_000));
    let harness = window(waiting(limited));
    harness.get_by_label_contains(&at);
    assert!(harness.query_by_label_contains("no connection").is_none(), "there is one");
}

#[test]
fn the_bar_pauses_goes_on_chooses_anew_and_ends() {
    let mut harness = bar(sharing(ControlView::None));
    harness.get_by_label("Anna Muster sees: Browser, Mail");
    harness.get_by_label("View only");
    for label in ["Pause", "Choose again", "End session"] {
        click(&mut harness, label);
    }
    if let CustomerScreen::Sharing(view) = &mut harness.state_mut().view.screen {
        view.paused = true;
    }
    harness.run_steps(2);
    harness.get_by_label("Anna Muster sees nothing right now");
    harness.get_by_label("Paused");
    // The second click of a double click on "Pause".
    click(&mut harness, "Show again");
    assert_eq!(harness.state().intents.len(), 3);
    harness.run_steps(PAST_GUARD);
    click(&mut harness, "Show again");
    use CustomerIntent::{ChooseAgain, End, Pause, Resume};
    assert_eq!(harness.state().intents, [Pause, ChooseAgain, End, Resume]);
}

#[test]
fn the_companys_words_are_read_where_it_asks_and_where_it_is_called() {
    let company = CompanyTexts {
        greeting_de: DisplayText::cleaned("Guten Tag"),
        greeting_en: DisplayText::cleaned("Good day"),
        telephone: DisplayText::cleaned("030 1234"),
        logo: None,
    };
    for (language, greeting, telephone) in
        [(Language::German, "Guten Tag", "Telefon: 030 1234"), (Language::English, "Good day", "Telephone: 030 1234")]
    {
        let mut harness = window_in(language, vec2(460.0, 900.0), choose(Some(vec![item(1, "Browser")])));
        harness.state_mut().view.company = company.clone();
        harness.run_steps(3);
        harness.get_by_label(greeting);
        harness.get_by_label(telephone);
        harness.state_mut().view.screen = CustomerScreen::Join { number: String::new(), problem: None };
        harness.run_steps(3);
        harness.get_by_label(telephone);
    }
}

#[test]
fn that_the_session_ends_soon_is_said_before_and_while_something_is_shown() {
    let mut harness = window(choose(Some(vec![item(1, "Browser")])));
    harness.state_mut().view.ends_in_s = Some(240);
    harness.run_steps(3);
    harness.get_by_label_contains("this session ends in");
    let mut harness = bar(sharing(ControlView::None));
    harness.state_mut().view.ends_in_s = Some(240);
    harness.run_steps(3);
    harness.get_by_label_contains("this session ends in");
}

/// Every named thing lies between the left and the right edge.
fn inside(harness: &Harness<'_, Window>, width: f32) {
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        // Runs of text inside a field lie in the field, which has a name.
        if node.role() == egui::Role::TextRun {
            continue;
        }
        let label = node.label().or_else(|| node.value()).unwrap_or_default();
        if label.is_empty() {
            continue;
        }
        // What was scrolled out of sight has no place.
        let Some(rect) = node.bounding_box() else { continue };
        assert!(rect.x0 >= -0.5 && rect.x1 <= f64::from(width) + 0.5, "{label} is at {rect:?}, width {width}");
    }
}

fn picture(width: u32, height: u32) -> Arc<LocalPicture> {
    let pixels = vec![0xff20_4060; (width * height) as usize];
    Arc::new(LocalPicture { size: Size { width, height }, pixels })
}

#[test]
fn portrait_and_logo_are_named_for_those_who_do_not_see_them() {
    let faces = Faces { portrait: Some(picture(128, 128)), logo: Some(picture(240, 64)) };
    for (language, portrait, logo) in [
        (Language::German, "Bild von Anna Muster", "Logo von Muster Bank"),
        (Language::English, "Picture of Anna Muster", "Logo of Muster Bank"),
    ] {
        let ended = EndView { receipt: None, ..end_view(None, ReceiptState::Offered) };
        for screen in [choose(Some(vec![item(1, "Browser")])), CustomerScreen::Ended(ended)] {
            let mut harness = window_in(language, vec2(460.0, 1_000.0), screen);
            harness.run_steps(2);
            assert!(harness.query_by_label(portrait).is_none() && harness.query_by_label(logo).is_none());
            harness.state_mut().view.faces = faces.clone();
            harness.run_steps(2);
            harness.get_by_label(portrait);
            harness.get_by_label(logo);
        }
        let mut harness = window_in(language, vec2(1_200.0, 300.0), sharing(ControlView::None));
        harness.state_mut().view.faces = faces.clone();
        harness.run_steps(2);
        harness.get_by_label(portrait);
    }
}

#[test]
fn a_picture_whose_pixels_do_not_fit_its_size_is_not_drawn() {
    let torn = Arc::new(LocalPicture { size: Size { width: 128, height: 128 }, pixels: vec![0; 5] });
    let mut harness = window(choose(Some(vec![item(1, "Browser")])));
    harness.state_mut().view.faces = Faces { portrait: Some(Arc::clone(&torn)), logo: Some(torn) };
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("Picture of").is_none());
    harness.get_by_label_contains("Anna Muster");
}
