use super::*;
use crate::customer::{ConnectingStep, SharingView, control::ControlWorker};
use mitblick_platform::fake::FakePlatform;
use mitblick_protocol::{
    geometry::Size,
    peer_msg::ControlEnd,
    policy::{CompanyTexts, ControlRule, Limits},
    session::ShowerSession,
    time::Moment,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

fn who() -> Who {
    Who { organisation: "Muster Bank".into(), advisor: "Anna Muster".into() }
}

fn view(screen: CustomerScreen) -> CustomerView {
    CustomerView {
        screen,
        together: None,
        cut_s: None,
        faces: Default::default(),
        guide: None,
        recording: Default::default(),
        turn: Default::default(),
        company: CompanyTexts::default(),
        control: ControlRule::default(),
        ends_in_s: None,
        not_by_hand: None,
    }
}

fn choosing() -> CustomerView {
    view(CustomerScreen::Choose {
        who: who(),
        applications: None,
        again: false,
        problem: None,
        suite: String::new(),
        words: Default::default(),
    })
}

fn sharing(applications: &[&str], paused: bool, control: ControlView) -> CustomerView {
    view(CustomerScreen::Sharing(SharingView {
        who: who(),
        applications: applications.iter().map(ToString::to_string).collect(),
        paused,
        comes_back: false,
        asks_more: false,
        control,
        suite: String::new(),
        words: Default::default(),
        minutes: 0,
        sent_bytes: 0,
        line: None,
        problem: None,
        second_stop_key: "Pause".parse().ok(),
    }))
}

fn look(view: &CustomerView, language: Language) -> TrayLook {
    TrayFacts::of(view).expect("there is something to tell").look(Texts::of(language))
}

fn labels(look: &TrayLook) -> Vec<(TrayChoice, &str)> {
    look.menu.iter().map(|entry| (entry.choice, entry.label.as_str())).collect()
}

const GRANTED: ControlView = ControlView::Granted { remaining_s: Some(60) };

#[test]
fn outside_of_a_session_there_is_no_sign() {
    let joining = view(CustomerScreen::Join { number: String::new(), problem: None });
    let connecting = view(CustomerScreen::Connecting(ConnectingStep::Checking));
    assert_eq!((TrayFacts::of(&joining), TrayFacts::of(&connecting)), (None, None));
}

#[test]
fn before_anything_is_shown_the_session_can_be_ended() {
    let look = look(&choosing(), Language::English);
    assert_eq!(look.title, "Mitblick: Anna Muster sees nothing right now");
    assert_eq!(look.details, "Connected with Anna Muster, Muster Bank.");
    assert_eq!(labels(&look), [(TrayChoice::End, "End session"), (TrayChoice::Open, "Open Mitblick")]);
}

#[test]
fn what_is_shown_to_whom_stands_there_in_both_languages() {
    let shown = sharing(&["Writer", "Mail"], false, ControlView::Asked);
    let english = look(&shown, Language::English);
    assert_eq!(english.title, "Mitblick: Anna Muster sees 2 applications");
    assert_eq!(english.details, "Connected with Anna Muster, Muster Bank. Shown: Writer, Mail");
    let menu =
        [(TrayChoice::Pause, "Pause showing"), (TrayChoice::End, "End session"), (TrayChoice::Open, "Open Mitblick")];
    assert_eq!(labels(&english), menu, "what is asked for can't be answered here");
    let german = look(&sharing(&["Writer"], false, ControlView::None), Language::German);
    assert_eq!(german.title, "Mitblick: Anna Muster sieht 1 Anwendung");
    assert_eq!(labels(&german)[0], (TrayChoice::Pause, "Zeigen anhalten"));
}

#[test]
fn control_is_named_and_stopped_first_with_both_keys() {
    let look = look(&sharing(&["Writer"], false, GRANTED), Language::English);
    assert_eq!(look.title, "Mitblick: Anna Muster sees and may control 1 application");
    assert_eq!(labels(&look)[0], (TrayChoice::StopControl, "Stop control (F12, Pause)"));
}

#[test]
fn a_pause_shows_nothing_and_is_ended_in_the_window_alone() {
    let look = look(&sharing(&["Writer"], true, ControlView::Ended(ControlEnd::SharingChanged)), Language::English);
    assert_eq!(look.title, "Mitblick: paused, Anna Muster sees nothing right now");
    let choices: Vec<_> = look.menu.iter().map(|entry| entry.choice).collect();
    assert_eq!(choices, [TrayChoice::End, TrayChoice::Open]);
    assert!(!look.details.contains("Writer"), "{}", look.details);
}

#[test]
fn a_cut_line_shows_nothing() {
    let cut = CustomerView { cut_s: Some(90), ..sharing(&["Writer"], false, ControlView::None) };
    let look = look(&cut, Language::English);
    assert_eq!(look.title, "Mitblick: the connection is interrupted, nobody sees anything");
}

#[test]
fn many_names_are_cut_short() {
    let names: Vec<String> = (1..=9).map(|number| format!("App {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let look = look(&sharing(&names, false, ControlView::None), Language::English);
    assert!(look.details.ends_with("Shown: App 1, App 2, App 3, App 4, App 5, App 6, …"), "{}", look.details);
    assert_eq!(look.title, "Mitblick: Anna Muster sees 9 applications");
}

#[test]
fn seconds_that_pass_are_nothing_new() {
    let with = |remaining_s| TrayFacts::of(&sharing(&["Writer"], false, ControlView::Granted { remaining_s }));
    assert_eq!(with(Some(60)), with(Some(59)));
}

/// A tray, a session, and whoever hears what is chosen.
struct Desk {
    platform: FakePlatform,
    tray: SharedTray,
    session: ShowerSession,
    events: UnboundedReceiver<CustomerEvent>,
    opened: Arc<AtomicU8>,
    _worker: ControlWorker,
}

impl Desk {
    fn new() -> Self {
        let platform = FakePlatform::new(Size { width: 100, height: 100 });
        let opened = Arc::new(AtomicU8::new(0));
        let counted = Arc::clone(&opened);
        let open = move || {
            counted.fetch_add(1, Ordering::SeqCst);
        };
        let tray = SharedTray::new(Arc::new(platform.clone()), Language::English, open);
        let session = ShowerSession::new(Limits::default(), Moment::from_ms(0));
        let worker = ControlWorker::start(Arc::new(platform.clone()), |_| {}).unwrap();
        let (sender, events) = unbounded_channel();
        let brake = Brake { gate: session.gates().control, injector: worker.sender() };
        tray.begin(brake, sender);
        Self { platform, tray, session, events, opened, _worker: worker }
    }

    fn chosen(&mut self) -> Vec<Chosen> {
        let mut chosen = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            match event {
                CustomerEvent::Tray(event) => chosen.push(event),
                other => panic!("{other:?}"),
            }
        }
        chosen
    }
}

#[test]
fn the_sign_comes_with_the_session_changes_with_it_and_goes_with_it() {
    let desk = Desk::new();
    let title = || desk.platform.tray_shown().map(|look| look.title).unwrap_or_default();
    assert_eq!(title(), "");
    desk.tray.show(&choosing());
    assert_eq!(title(), "Mitblick: Anna Muster sees nothing right now");
    desk.tray.show(&sharing(&["Writer"], false, ControlView::None));
    assert_eq!(title(), "Mitblick: Anna Muster sees 1 application");
    desk.tray.speak(Language::German);
    assert_eq!(title(), "Mitblick: Anna Muster sieht 1 Anwendung");
    desk.tray.end();
    assert_eq!(title(), "");
    desk.tray.show(&sharing(&["Writer"], false, ControlView::None));
    assert_eq!(title(), "", "there is no session");
}

#[test]
fn to_stop_raises_the_gate_before_anybody_has_heard_of_it() {
    let mut desk = Desk::new();
    desk.tray.show(&sharing(&["Writer"], false, GRANTED));
    let before = desk.session.gates().control.epoch();
    assert!(desk.platform.choose_in_tray(TrayChoice::StopControl));
    assert_ne!(desk.session.gates().control.epoch(), before, "with nobody having taken the event");
    let chosen: Vec<_> = desk.chosen().iter().map(Chosen::choice).collect();
    assert_eq!(chosen, [TrayChoice::StopControl]);
}

#[test]
fn a_flood_of_choices_waits_as_one_and_each_stop_raises_the_gate() {
    let mut desk = Desk::new();
    desk.tray.show(&sharing(&["Writer"], false, GRANTED));
    for _ in 0..10_000 {
        desk.platform.choose_in_tray(TrayChoice::Pause);
    }
    let waiting = desk.chosen();
    assert_eq!(waiting.len(), 1);
    desk.platform.choose_in_tray(TrayChoice::End);
    assert_eq!(desk.chosen().len(), 1, "another kind does not wait for it");
    drop(waiting);
    desk.platform.choose_in_tray(TrayChoice::Pause);
    assert_eq!(desk.chosen().len(), 1, "it was dealt with");
    for _ in 0..3 {
        let before = desk.session.gates().control.epoch();
        desk.platform.choose_in_tray(TrayChoice::StopControl);
        assert_ne!(desk.session.gates().control.epoch(), before);
    }
}

#[test]
fn the_click_opens_the_window_and_tells_the_session_nothing() {
    let mut desk = Desk::new();
    desk.tray.show(&choosing());
    assert!(desk.platform.choose_in_tray(TrayChoice::Open));
    assert!(!desk.platform.choose_in_tray(TrayChoice::Pause), "nothing is shown");
    assert_eq!((desk.opened.load(Ordering::SeqCst), desk.chosen().len()), (1, 0));
}

#[test]
fn without_a_tray_the_session_goes_on() {
    let desk = Desk::new();
    desk.platform.forbid_trays();
    desk.tray.show(&choosing());
    desk.tray.show(&sharing(&["Writer"], false, ControlView::None));
    assert_eq!(desk.platform.tray_shown(), None);
}
