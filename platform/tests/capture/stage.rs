//! A desktop on which a test arranges windows of several applications.

use crate::{
    painter::{Kind, Painter},
    screen::Screen,
};
use mitblick_platform::{Platform, fake::FakePlatform, x11::X11};
use mitblick_protocol::{
    geometry::{Point, Rect, Size},
    peer_msg::SurfaceId,
    session::ApplicationId,
};
use std::collections::BTreeMap;

/// x, y, width, height.
pub(crate) type Area = (i32, i32, u32, u32);

/// What the suite needs of a desktop.
pub(crate) trait Stage {
    fn platform(&self) -> &dyn Platform;
    /// Whether windows can be minimised here.
    fn minimises(&self) -> bool;
    /// A new application without windows.
    fn application(&mut self) -> ApplicationId;
    fn window(&mut self, of: ApplicationId, kind: Kind, area: Area, colour: u32) -> SurfaceId;
    fn fill(&mut self, window: SurfaceId, area: Area, colour: u32);
    fn shift(&mut self, window: SurfaceId, x: i32, y: i32);
    fn resize(&mut self, window: SurfaceId, width: u32, height: u32);
    fn raise(&mut self, window: SurfaceId);
    fn minimise(&mut self, window: SurfaceId);
    fn restore(&mut self, window: SurfaceId);
    fn close(&mut self, window: SurfaceId);
    fn title(&mut self, window: SurfaceId, title: &str);
    fn belong(&mut self, window: SurfaceId, to: SurfaceId);
    /// Puts the pointer at a place of the desktop.
    fn point(&mut self, x: i32, y: i32);
}

pub(crate) struct X11Stage {
    painters: BTreeMap<ApplicationId, Painter>,
    owners: BTreeMap<SurfaceId, ApplicationId>,
    platform: X11,
    managed: bool,
    pub(crate) screen: Screen,
}

impl X11Stage {
    pub(crate) fn bare() -> Self {
        Self::on(Screen::start(), false)
    }

    pub(crate) fn managed() -> Self {
        Self::on(Screen::start().manage(), true)
    }

    pub(crate) fn on(screen: Screen, managed: bool) -> Self {
        let platform = X11::new(Some(&screen.name)).unwrap();
        Self { painters: BTreeMap::new(), owners: BTreeMap::new(), platform, managed, screen }
    }

    pub(crate) fn painter(&mut self, window: SurfaceId) -> &mut Painter {
        self.painters.get_mut(&self.owners[&window]).unwrap()
    }

    /// Ends an application's process.
    pub(crate) fn end(&mut self, application: ApplicationId) {
        self.painters.remove(&application);
    }

    pub(crate) fn of(&mut self, application: ApplicationId) -> &mut Painter {
        self.painters.get_mut(&application).unwrap()
    }
}

impl Stage for X11Stage {
    fn platform(&self) -> &dyn Platform {
        &self.platform
    }

    fn minimises(&self) -> bool {
        self.managed
    }

    fn application(&mut self) -> ApplicationId {
        let painter = Painter::start(&self.screen.name);
        let id = X11::application_of_process(painter.pid());
        self.painters.insert(id, painter);
        id
    }

    fn window(&mut self, of: ApplicationId, kind: Kind, area: Area, colour: u32) -> SurfaceId {
        let id = SurfaceId(self.of(of).window(kind, area, colour));
        self.owners.insert(id, of);
        // A window manager shows it when it has framed it.
        crate::screen::until("the window to be seen", || {
            use x11rb::protocol::xproto::{ConnectionExt as _, MapState};
            let state = self.screen.conn.get_window_attributes(id.0).unwrap().reply().unwrap().map_state;
            (state == MapState::VIEWABLE).then_some(())
        });
        id
    }

    fn fill(&mut self, window: SurfaceId, area: Area, colour: u32) {
        self.painter(window).fill(window.0, area, colour);
    }

    fn shift(&mut self, window: SurfaceId, x: i32, y: i32) {
        self.painter(window).shift(window.0, x, y);
    }

    fn resize(&mut self, window: SurfaceId, width: u32, height: u32) {
        self.painter(window).resize(window.0, width, height);
    }

    fn raise(&mut self, window: SurfaceId) {
        self.painter(window).raise(window.0);
    }

    fn minimise(&mut self, window: SurfaceId) {
        self.painter(window).minimise(window.0);
    }

    fn restore(&mut self, window: SurfaceId) {
        self.painter(window).show(window.0);
    }

    fn close(&mut self, window: SurfaceId) {
        self.painter(window).close(window.0);
    }

    fn title(&mut self, window: SurfaceId, title: &str) {
        self.painter(window).title(window.0, title);
    }

    fn belong(&mut self, window: SurfaceId, to: SurfaceId) {
        self.painter(window).belong(window.0, to.0);
    }

    fn point(&mut self, x: i32, y: i32) {
        use x11rb::{connection::Connection as _, protocol::xtest::ConnectionExt as _};
        let (motion, root) = (x11rb::protocol::xproto::MOTION_NOTIFY_EVENT, self.screen.root);
        self.screen.conn.xtest_fake_input(motion, 0, 0, root, x as i16, y as i16, 0).unwrap();
        self.screen.conn.flush().unwrap();
    }
}

/// The desktop that exists in memory only.
pub(crate) struct FakeStage {
    platform: FakePlatform,
    applications: u32,
}

impl FakeStage {
    pub(crate) fn new() -> Self {
        Self { platform: FakePlatform::new(Size { width: 800, height: 600 }), applications: 0 }
    }
}

impl Stage for FakeStage {
    fn platform(&self) -> &dyn Platform {
        &self.platform
    }

    fn minimises(&self) -> bool {
        true
    }

    fn application(&mut self) -> ApplicationId {
        self.applications += 1;
        let id = ApplicationId(self.applications.into());
        self.platform.add_application(id, "Painter");
        id
    }

    fn window(&mut self, of: ApplicationId, kind: Kind, (x, y, width, height): Area, colour: u32) -> SurfaceId {
        let id = self.platform.open_window(of, "", Rect::new(x, y, width, height), colour);
        if kind == Kind::Popup {
            let applications = self.platform.desktop().unwrap().applications().unwrap();
            let own = applications.iter().find(|application| application.id == of).unwrap();
            self.platform.set_parent(id, own.windows.get(1).map(|below| below.id));
        }
        id
    }

    fn fill(&mut self, window: SurfaceId, (x, y, width, height): Area, colour: u32) {
        self.platform.paint(window, Rect::new(x, y, width, height), colour);
    }

    fn shift(&mut self, window: SurfaceId, x: i32, y: i32) {
        self.platform.move_window(window, x, y);
    }

    fn resize(&mut self, window: SurfaceId, width: u32, height: u32) {
        self.platform.resize_window(window, Size { width, height });
    }

    fn raise(&mut self, window: SurfaceId) {
        self.platform.raise_window(window);
    }

    fn minimise(&mut self, window: SurfaceId) {
        self.platform.minimise_window(window, true);
    }

    fn restore(&mut self, window: SurfaceId) {
        self.platform.minimise_window(window, false);
    }

    fn close(&mut self, window: SurfaceId) {
        self.platform.close_window(window);
    }

    fn title(&mut self, window: SurfaceId, title: &str) {
        self.platform.retitle_window(window, title);
    }

    fn belong(&mut self, window: SurfaceId, to: SurfaceId) {
        self.platform.set_parent(window, Some(to));
    }

    fn point(&mut self, x: i32, y: i32) {
        self.platform.set_pointer(Point { x, y });
    }
}
