use super::*;
use crate::inject::Injected;
use mitblick_protocol::{
    input::{Button, InputRefusal, Key},
    peer_msg::{GrantId, ToShower},
    policy::Limits,
    session::{ControlLimit, ShowerEffect, ShowerSession},
    time::Moment,
};
use std::time::Duration;

const NOW: Moment = Moment::from_ms(1);
const SHARED: ApplicationId = ApplicationId(10);
const OTHER: ApplicationId = ApplicationId(11);

/// A desktop with a shared window, half of it under another one.
fn desktop() -> (FakePlatform, SurfaceId, SurfaceId) {
    let platform = FakePlatform::new(Size { width: 800, height: 600 });
    platform.add_application(SHARED, "Editor");
    platform.add_application(OTHER, "Mail");
    let shared = platform.open_window(SHARED, "text", Rect::new(0, 0, 100, 50), 0x11_1111);
    let other = platform.open_window(OTHER, "letter", Rect::new(50, 0, 100, 50), 0x22_2222);
    (platform, shared, other)
}

fn session() -> (ShowerSession, Permitted<ViewSelection>, Permitted<ViewSelection>) {
    let mut session = ShowerSession::new(Limits::default(), NOW);
    session.handle_message(ToShower::Hello { version: DisplayText::cleaned("1") }, NOW).unwrap();
    session.share(ViewSelection { applications: [SHARED].into() }, NOW).unwrap();
    session.handle_message(ToShower::RequestControl, NOW).unwrap();
    session.allow_control(ControlLimit::Session, NOW).unwrap();
    let (mut view, mut control) = (None, None);
    while let Some(effect) = session.poll_effect() {
        match effect {
            ShowerEffect::StartCapture(permit) => view = Some(permit),
            ShowerEffect::StartInjection(permit) => control = Some(permit),
            _ => {}
        }
    }
    (session, view.unwrap(), control.unwrap())
}

fn permit(session: &mut ShowerSession, event: InputEvent) -> Permitted<InputEvent> {
    session.handle_message(ToShower::Input { grant: GrantId(1), event }, NOW).unwrap();
    std::iter::from_fn(|| session.poll_effect())
        .find_map(|effect| if let ShowerEffect::Inject(permit) = effect { Some(permit) } else { None })
        .unwrap()
}

#[test]
fn only_shared_windows_are_captured_and_only_changes_are_told() {
    let (platform, shared, other) = desktop();
    let (session, view, _) = session();
    let mut capture = platform.start_capture(view).unwrap();
    let first = capture.take_changes().unwrap();
    assert_eq!(first.scene.unwrap().surfaces.len(), 1);
    assert_eq!(first.damage, [(shared, Rect::new(0, 0, 100, 50))]);
    assert!(capture.take_changes().unwrap().is_empty());
    platform.paint(other, Rect::new(0, 0, 5, 5), 1);
    assert!(capture.take_changes().unwrap().is_empty());
    platform.paint(shared, Rect::new(98, 48, 5, 5), 0x33_3333);
    assert_eq!(capture.take_changes().unwrap().damage, [(shared, Rect::new(98, 48, 2, 2))]);
    let mut pixels = Vec::new();
    capture.read(shared, Rect::new(97, 48, 2, 1), &mut pixels).unwrap();
    assert_eq!(pixels, [0x11_1111, 0x33_3333]);
    assert!(matches!(capture.read(other, Rect::new(0, 0, 1, 1), &mut pixels), Err(CaptureError::SurfaceGone(_))));
    session.gates().view.raise();
    assert!(matches!(capture.wait(Some(Duration::ZERO)), Err(CaptureError::NotPermitted)));
    assert!(matches!(capture.read(shared, Rect::new(0, 0, 1, 1), &mut pixels), Err(CaptureError::NotPermitted)));
}

#[test]
fn injection_obeys_windows_focus_and_permit() {
    let (platform, shared, _) = desktop();
    let (mut session, _, control) = session();
    let mut injector = platform.start_injector(control).unwrap();
    let press = |x| InputEvent::PointerButton { surface: shared, x, y: 1, button: Button::Left, pressed: true };
    let key = InputEvent::Key { key: Key::Character('a'), pressed: true };
    let mut inject = |event| injector.inject(&permit(&mut session, event)).unwrap();
    assert_eq!(inject(press(60)), Injected::Refused(InputRefusal::OutsideSharedWindows));
    assert_eq!(inject(key), Injected::Refused(InputRefusal::FocusNotShared));
    platform.raise_window(shared);
    assert_eq!((inject(press(60)), inject(key)), (Injected::Done, Injected::Done));
    assert_eq!(platform.injected(), [press(60), key]);
    assert!(platform.holds_input());
    let late = permit(&mut session, key);
    session.gates().control.raise();
    assert_eq!(injector.inject(&late).unwrap(), Injected::Refused(InputRefusal::NoGrant));
    drop(injector);
    assert!(!platform.holds_input());
}
