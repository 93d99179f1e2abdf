use super::*;
use crate::{
    customer::{
        by_hand::Presses,
        control::{ControlWorker, StopSwitch},
        guide::CustomerGuide,
    },
    together::{TogetherIntent, view::ClipboardIntent},
};
use mitblick_platform::{
    Platform,
    fake::FakePlatform,
    stop_key::{AfterEvents, Errand, SeenInput, StopKeyWatch},
};
use mitblick_protocol::{
    clipboard::ClipWays,
    geometry::Size,
    policy::Limits,
    session::{Gate, ShowerSession},
    time::Moment,
};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A window's intents in a session, whose stop key is watched on a fake desktop.
struct Window {
    platform: FakePlatform,
    control: Gate,
    _worker: ControlWorker,
    watch: Option<Box<dyn StopKeyWatch>>,
    brake: SharedBrake,
    intents: CustomerIntents,
    heard: UnboundedReceiver<CustomerIntent>,
    /// Errands that a watch that is busy has not done yet.
    waiting: Arc<Mutex<Vec<Errand>>>,
}

impl Window {
    fn new() -> Self {
        Self::with_watch(|watch, _| watch.after_events())
    }

    /// The watch does its errands only when it is told to.
    fn with_busy_watch() -> Self {
        Self::with_watch(|_, waiting| {
            let waiting = Arc::clone(waiting);
            AfterEvents::new(move |errand| waiting.lock().unwrap_or_else(PoisonError::into_inner).push(errand))
        })
    }

    fn with_watch(errands: impl FnOnce(&dyn StopKeyWatch, &Arc<Mutex<Vec<Errand>>>) -> AfterEvents) -> Self {
        let gates = ShowerSession::new(Limits::default(), Moment::from_ms(0)).gates();
        let platform = FakePlatform::new(Size { width: 100, height: 100 });
        let worker = ControlWorker::start(Arc::new(platform.clone()), |_| {}).unwrap();
        let presses = Arc::<Mutex<Presses>>::default();
        let fitted = Brake { gate: gates.control.clone(), injector: worker.sender() };
        let switch = StopSwitch {
            brake: fitted.clone(),
            hands: gates.hands,
            presses: Arc::clone(&presses),
            report: Box::new(|_| {}),
        };
        let watch = platform.watch_stop_key(Box::new(switch)).unwrap();
        let waiting = Arc::default();
        let after_events = errands(&*watch, &waiting);
        let brake = SharedBrake::default();
        brake.fit(fitted, Some(Witness { presses, after_events }));
        let (controller, heard) = unbounded_channel();
        let intents = CustomerIntents::new(controller, brake.clone());
        Self { platform, control: gates.control, _worker: worker, watch: Some(watch), brake, intents, heard, waiting }
    }

    fn send(&self, intent: CustomerIntent) {
        self.intents.send(intent, Means::Input);
    }

    /// What the controller has heard of since it was last looked.
    fn heard(&mut self) -> Vec<CustomerIntent> {
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }

    /// The watch does what it was given.
    fn catch_up(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.into_iter().for_each(|errand| errand());
    }
}

const ALLOW: CustomerIntent = CustomerIntent::AllowControl { minutes: Some(5) };

#[test]
fn what_ends_control_stops_it_before_anybody_has_heard_of_it() {
    let mut window = Window::new();
    let raised_by = |window: &Window, intent: CustomerIntent| {
        let before = window.control.epoch();
        window.send(intent);
        window.control.epoch() != before
    };
    for ends in [
        CustomerIntent::RevokeControl,
        CustomerIntent::Pause,
        CustomerIntent::ChooseAgain,
        CustomerIntent::End,
        CustomerIntent::Fault,
        CustomerIntent::Quit,
    ] {
        assert!(raised_by(&window, ends.clone()), "{ends:?}");
    }
    for keeps in [
        CustomerIntent::RefuseControl,
        CustomerIntent::AllowTurn,
        CustomerIntent::TurnBack,
        CustomerIntent::ShowLine(true),
    ] {
        assert!(!raised_by(&window, keeps.clone()), "{keeps:?}");
    }
    window.brake.take_off();
    assert!(!raised_by(&window, CustomerIntent::RevokeControl), "there is no session");
    assert_eq!(window.heard().len(), 11, "the controller hears of each");
}

#[test]
fn a_yes_that_a_program_presses_counts_until_there_has_been_control_and_never_again() {
    let mut window = Window::new();
    let share = CustomerIntent::Share(Vec::new());
    window.platform.use_input(SeenInput::InjectedPress);
    window.send(share.clone());
    assert_eq!(window.heard(), [share], "nobody could have started such a program through control");
    window.platform.use_input(SeenInput::Press);
    window.send(ALLOW);
    assert_eq!(window.heard(), [ALLOW]);
    window.brake.control_begins();
    window.platform.use_input(SeenInput::InjectedPress);
    let ways = ClipWays { to_watcher: true, to_shower: false };
    for yes in [
        ALLOW,
        CustomerIntent::AllowTurn,
        CustomerIntent::Resume,
        CustomerIntent::Share(Vec::new()),
        CustomerIntent::Guide(CustomerGuide::ShowAlso(Vec::new())),
        CustomerIntent::Together(TogetherIntent::Clipboard(ClipboardIntent::Allow(ways))),
    ] {
        window.send(yes.clone());
        assert_eq!(window.heard(), [CustomerIntent::NotByHand], "{yes:?}");
    }
    let off = CustomerIntent::Together(TogetherIntent::Clipboard(ClipboardIntent::Allow(ClipWays::OFF)));
    for no in [CustomerIntent::RefuseControl, CustomerIntent::TurnBack, CustomerIntent::StopRecording, off] {
        window.send(no.clone());
        assert_eq!(window.heard(), [no]);
    }
}

#[test]
fn whoever_allows_control_first_by_a_keyboard_on_the_screen_goes_on_so() {
    let mut window = Window::new();
    window.platform.use_input(SeenInput::InjectedPress);
    window.send(ALLOW);
    assert_eq!(window.heard(), [ALLOW]);
    window.brake.control_begins();
    // The press of control itself still stands behind it, and so does a new one.
    for press in [None, Some(SeenInput::InjectedPress), Some(SeenInput::Click)] {
        press.into_iter().for_each(|press| window.platform.use_input(press));
        window.send(CustomerIntent::AllowTurn);
        assert_eq!(window.heard(), [CustomerIntent::AllowTurn]);
    }

    // Once there has been control it is too late to begin with it.
    let mut window = Window::new();
    window.platform.use_input(SeenInput::Press);
    window.send(ALLOW);
    window.brake.control_begins();
    window.platform.use_input(SeenInput::InjectedPress);
    window.send(ALLOW);
    window.send(ALLOW);
    assert_eq!(window.heard(), [ALLOW, CustomerIntent::NotByHand, CustomerIntent::NotByHand]);

    // By the tray or automation nothing was pressed here.
    let mut window = Window::new();
    window.send(ALLOW);
    window.brake.control_begins();
    window.platform.use_input(SeenInput::InjectedPress);
    window.send(ALLOW);
    assert_eq!(window.heard(), [ALLOW, CustomerIntent::NotByHand]);
}

#[test]
fn a_yes_by_hand_counts_after_control_too() {
    let mut window = Window::new();
    window.brake.control_begins();
    window.send(ALLOW);
    assert_eq!(window.heard(), [CustomerIntent::NotByHand], "nobody has pressed anything");
    window.platform.use_input(SeenInput::Press);
    window.send(ALLOW);
    assert_eq!(window.heard(), [ALLOW]);
}

#[test]
fn what_the_display_got_before_a_yes_is_heard_of_before_it_is_decided() {
    let mut window = Window::with_busy_watch();
    window.brake.control_begins();
    window.platform.use_input(SeenInput::Press);
    window.send(ALLOW);
    // Told late, but of before.
    window.platform.use_input(SeenInput::InjectedPress);
    assert_eq!(window.heard(), []);
    window.catch_up();
    assert_eq!(window.heard(), [CustomerIntent::NotByHand]);
}

#[test]
fn who_stops_control_while_a_yes_waits_has_stopped_it() {
    let mut window = Window::with_busy_watch();
    window.brake.control_begins();
    window.platform.use_input(SeenInput::Press);
    window.send(ALLOW);
    window.send(CustomerIntent::RevokeControl);
    assert_eq!(window.heard(), [CustomerIntent::RevokeControl], "this waits for nothing");
    window.catch_up();
    assert_eq!(window.heard(), []);
    window.send(ALLOW);
    let offer = CustomerIntent::Together(TogetherIntent::Clipboard(ClipboardIntent::Offer("text".into())));
    window.send(offer.clone());
    window.platform.press_stop_key();
    window.catch_up();
    assert_eq!(window.heard(), [offer], "the stop key likewise, and it is about control alone");
}

#[test]
fn what_is_said_after_a_yes_that_waits_comes_after_it() {
    let mut window = Window::with_busy_watch();
    window.brake.control_begins();
    window.platform.use_input(SeenInput::Press);
    let said = [CustomerIntent::AllowTurn, CustomerIntent::ShowLine(true)];
    said.iter().for_each(|intent| window.send(intent.clone()));
    assert_eq!(window.heard(), []);
    window.catch_up();
    assert_eq!(window.heard(), said);
    window.send(CustomerIntent::ShowLine(false));
    assert_eq!(window.heard(), [CustomerIntent::ShowLine(false)], "nothing waits any more");
}

#[test]
fn the_last_word_holds_when_a_no_follows_a_yes_that_waits() {
    for (yes, no) in [
        (ALLOW, CustomerIntent::RefuseControl),
        (CustomerIntent::AllowMoreTime { minutes: None }, CustomerIntent::RefuseMoreTime),
        (CustomerIntent::AllowTurn, CustomerIntent::TurnBack),
        (CustomerIntent::Resume, CustomerIntent::Pause),
    ] {
        let mut window = Window::with_busy_watch();
        window.intents.aided(true);
        window.brake.control_begins();
        window.platform.use_input(SeenInput::Press);
        window.send(yes.clone());
        // Behind it, and by an aid, which is not asked about.
        window.intents.send(yes, Means::Aid);
        window.send(no.clone());
        window.catch_up();
        assert_eq!(window.heard(), [no]);
    }
}

#[test]
fn where_nobody_can_tell_who_presses_no_yes_counts_after_control() {
    let mut window = Window::new();
    window.send(ALLOW);
    assert_eq!(window.heard(), [ALLOW]);
    window.brake.control_begins();
    let worker = ControlWorker::start(Arc::new(window.platform.clone()), |_| {}).unwrap();
    window.brake.fit(Brake { gate: window.control.clone(), injector: worker.sender() }, None);
    window.platform.use_input(SeenInput::Press);
    window.send(ALLOW);
    window.send(CustomerIntent::RefuseControl);
    assert_eq!(window.heard(), [CustomerIntent::NotByHand, CustomerIntent::RefuseControl]);
}

#[test]
fn a_yes_whose_watch_is_lost_does_not_count_and_the_rest_is_not_lost() {
    let mut window = Window::with_busy_watch();
    window.brake.control_begins();
    window.platform.use_input(SeenInput::Press);
    window.send(ALLOW);
    window.send(CustomerIntent::ShowLine(true));
    window.waiting.lock().unwrap().clear();
    assert_eq!(window.heard(), [CustomerIntent::NotByHand, CustomerIntent::ShowLine(true)]);
    let mut window = Window::new();
    window.brake.control_begins();
    window.watch = None;
    window.send(ALLOW);
    assert_eq!(window.heard(), [CustomerIntent::NotByHand]);
}

#[test]
fn an_aid_presses_only_if_it_was_there_before_control() {
    for before in [true, false] {
        let mut window = Window::new();
        window.intents.aided(before);
        window.brake.control_begins();
        window.intents.aided(true);
        // A second control changes nothing.
        window.brake.control_begins();
        window.intents.send(ALLOW, Means::Aid);
        window.intents.send(CustomerIntent::RefuseControl, Means::Aid);
        let yes = if before { ALLOW } else { CustomerIntent::NotByHand };
        assert_eq!(window.heard(), [yes, CustomerIntent::RefuseControl]);
    }
}
