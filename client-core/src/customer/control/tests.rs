use super::*;
use mitblick_platform::fake::FakePlatform;
use mitblick_protocol::{
    geometry::{Rect, Size},
    input::Button,
    peer_msg::{ControlEnd, GrantId, SurfaceId, ToShower},
    policy::Limits,
    session::{ApplicationId, ControlLimit, ShowerEffect, ShowerSession},
    text::DisplayText,
    time::Moment,
};
use std::{
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

const NOW: Moment = Moment::from_ms(1_000);
const APPLICATION: ApplicationId = ApplicationId(7);
/// How long anything may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(20);

/// A session with control over one window, and a worker that is held up each
/// time it reports something, until the test lets it go on.
struct Desk {
    platform: FakePlatform,
    window: SurfaceId,
    session: ShowerSession,
    reports: Receiver<ControlEvent>,
    // Ahead of the worker, which waits for it and is waited for.
    go_on: Sender<()>,
    worker: ControlWorker,
}

impl Desk {
    fn new() -> Self {
        let platform = FakePlatform::new(Size { width: 200, height: 200 });
        let window = platform.open_window(APPLICATION, "shared", Rect::new(0, 0, 100, 100), 0);
        let mut session = ShowerSession::new(Limits::default(), NOW);
        let hello = ToShower::Hello { version: DisplayText::cleaned("1") };
        session.handle_message(hello, NOW).unwrap();
        session.share(ViewSelection { applications: [APPLICATION].into() }, NOW).unwrap();
        let (report, reports) = channel();
        let (go_on, may_go_on) = channel();
        let worker = ControlWorker::start(Arc::new(platform.clone()), move |event| {
            let _ = report.send(event);
            let _ = may_go_on.recv();
        });
        Self { platform, window, session, reports, go_on, worker: worker.unwrap() }
    }

    fn grant(&mut self) {
        self.session.handle_message(ToShower::RequestControl, NOW).unwrap();
        self.session.allow_control(ControlLimit::Session, NOW).unwrap();
        let permit = self.effect(|effect| match effect {
            ShowerEffect::StartInjection(permit) => Some(permit),
            _ => None,
        });
        let sender = self.worker.sender();
        until("room for the grant", || sender.send(ControlCommand::Start(permit.clone())));
    }

    fn effect<T>(&mut self, wanted: impl Fn(ShowerEffect) -> Option<T>) -> T {
        std::iter::from_fn(|| self.session.poll_effect()).find_map(wanted).expect("the effect")
    }

    /// Gives the worker an event under the newest grant; whether it had room.
    fn inject(&mut self, grant: u32, event: InputEvent) -> bool {
        self.session.handle_message(ToShower::Input { grant: GrantId(grant), event }, NOW).unwrap();
        let permit = self.effect(|effect| match effect {
            ShowerEffect::Inject(permit) => Some(permit),
            _ => None,
        });
        self.worker.sender().send(ControlCommand::Input(permit))
    }

    fn press(&self, x: i32) -> InputEvent {
        InputEvent::PointerButton { surface: self.window, x, y: 10, button: Button::Left, pressed: true }
    }

    /// Presses a button in the shared window and then keeps the worker with an
    /// event that it has to report.
    fn hold_and_keep_busy(&mut self) {
        let (inside, outside) = (self.press(10), self.press(150));
        assert!(self.inject(1, inside) && self.inject(1, outside));
        let report = self.reports.recv_timeout(PATIENCE);
        assert_eq!(report, Ok(ControlEvent::Refused(InputRefusal::OutsideSharedWindows)));
        assert!(self.platform.holds_input());
    }

    fn fill_queue(&mut self) {
        let surface = self.window;
        let moves = (0..).take_while(|x| self.inject(1, InputEvent::PointerMove { surface, x: x % 90, y: 10 }));
        assert_eq!(moves.count(), QUEUED_EVENTS);
    }

    #[track_caller]
    fn nothing_stays_held(&self) {
        // The worker is held up no more.
        for _ in 0..2 * QUEUED_EVENTS {
            let _ = self.go_on.send(());
        }
        until("the button is let go of", || !self.platform.holds_input());
    }
}

#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_stop_that_meets_a_full_queue_lets_go_of_everything() {
    let mut desk = Desk::new();
    desk.grant();
    desk.hold_and_keep_busy();
    desk.fill_queue();
    desk.session.revoke_control(ControlEnd::TakenBack, NOW);
    assert!(desk.worker.sender().send(ControlCommand::Stop), "it is no flood that has to be told");
    desk.nothing_stays_held();
}

#[test]
fn the_stop_key_under_a_full_queue_lets_go_of_everything() {
    let mut desk = Desk::new();
    desk.grant();
    desk.hold_and_keep_busy();
    desk.fill_queue();
    let gates = desk.session.gates();
    let injector = desk.worker.sender();
    let brake = Brake { gate: gates.control, injector };
    let mut switch = StopSwitch { brake, hands: gates.hands, presses: Arc::default(), report: Box::new(|_| {}) };
    switch.stop_key_pressed();
    desk.nothing_stays_held();
}

#[test]
fn a_keyboard_that_is_gone_stops_before_anybody_is_told() {
    let mut desk = Desk::new();
    desk.grant();
    let gates = desk.session.gates();
    let before = gates.control.epoch();
    let (report, reports) = channel();
    let brake = Brake { gate: gates.control.clone(), injector: desk.worker.sender() };
    let report = Box::new(move |event| drop(report.send(event)));
    let mut switch = StopSwitch { brake, hands: gates.hands, presses: Arc::default(), report };
    switch.keyboard_gone();
    assert_ne!(gates.control.epoch(), before);
    assert_eq!(reports.try_recv(), Ok(ControlEvent::KeyboardGone));
}

#[test]
fn a_watch_of_the_stop_key_that_ends_by_a_fault_ends_control() {
    let mut desk = Desk::new();
    desk.grant();
    let gates = desk.session.gates();
    let before = gates.control.epoch();
    let (report, reports) = channel();
    let switch = || StopSwitch {
        brake: Brake { gate: gates.control.clone(), injector: desk.worker.sender() },
        hands: gates.hands.clone(),
        presses: Arc::default(),
        report: Box::new({
            let report = report.clone();
            move |event| drop(report.send(event))
        }),
    };
    // At the end of a session it just goes.
    drop(switch());
    assert!(gates.control.epoch() == before && reports.try_recv().is_err());
    let watch = switch();
    let ended = std::thread::spawn(move || {
        let _watch = watch;
        // Unwinds as a panic does, without its report in the test's output.
        std::panic::resume_unwind(Box::new("a fault"))
    });
    assert!(ended.join().is_err());
    assert_ne!(gates.control.epoch(), before);
    assert!(matches!(reports.try_recv(), Ok(ControlEvent::StopKeyLost)));
}

#[test]
fn of_a_pointer_that_moves_faster_than_it_can_be_moved_the_newest_place_counts_and_clicks_are_kept() {
    let mut desk = Desk::new();
    desk.grant();
    desk.hold_and_keep_busy();
    let before = desk.platform.injected().len();
    let surface = desk.window;
    let to = |x| InputEvent::PointerMove { surface, x, y: 10 };
    let click = |pressed| InputEvent::PointerButton { surface, x: 30, y: 10, button: Button::Right, pressed };
    let events = [to(10), to(20), to(30), click(true), click(false), to(40), to(50)];
    assert!(events.iter().all(|event| desk.inject(1, *event)));
    let _ = desk.go_on.send(());
    let wanted = [to(30), click(true), click(false), to(50)];
    until("the last place", || desk.platform.injected().last() == wanted.last());
    assert_eq!(desk.platform.injected()[before..], wanted);
}

#[test]
fn a_grant_after_a_flood_is_not_stopped_by_the_end_of_the_one_before() {
    let mut desk = Desk::new();
    desk.grant();
    desk.hold_and_keep_busy();
    desk.fill_queue();
    desk.session.revoke_control(ControlEnd::TakenBack, NOW);
    desk.worker.sender().send(ControlCommand::Stop);
    desk.nothing_stays_held();
    desk.grant();
    let inside = desk.press(10);
    assert!(desk.inject(2, inside));
    until("the press under the new grant", || desk.platform.holds_input());
}
