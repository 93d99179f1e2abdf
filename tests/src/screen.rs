//! A virtual screen: an X server whose pixels can be read without asking it,
//! a window manager if wanted, and the hands of the person before it.

use crate::{
    frame::{Frame, FrameBuffer},
    hand::{Hand, LEFT},
    launch::{Launch, Place, Process},
    wait,
};
use mitblick_protocol::geometry::{Point, Rect, Size};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::MetadataExt,
    time::Duration,
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _,
        CreateWindowAux, EventMask, MapState, StackMode, Window, WindowClass,
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// A connection to a display, for the rig's own questions.
pub struct Link {
    /// The connection.
    pub connection: RustConnection,
    /// The root window.
    pub root: Window,
}

impl Link {
    /// Connects.
    ///
    /// # Panics
    /// If the display does not answer.
    pub fn open(display: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }
}

/// A display that serves nobody else.
pub struct StandsStill {
    /// What it serves; the end of the connection ends that.
    _link: Link,
}

/// What a window manager is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Windows {
    /// No window manager.
    Unmanaged,
    /// Openbox, without frames round windows.
    Bare,
    /// Openbox, with frames and titles round windows.
    Framed,
}

/// How a screen is to be.
#[derive(Clone, Debug)]
pub struct ScreenOptions {
    /// Its size.
    pub size: Size,
    /// Its window manager.
    pub windows: Windows,
    /// X extensions that it does not have.
    pub without: Vec<&'static str>,
}

impl Default for ScreenOptions {
    fn default() -> Self {
        Self { size: Size { width: 1000, height: 700 }, windows: Windows::Bare, without: Vec::new() }
    }
}

/// A window as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenWindow {
    /// Its X id.
    pub id: Window,
    /// Its content's place and size on the screen, without frame and border.
    pub rect: Rect,
}

/// A virtual screen.
pub struct Screen {
    /// Keyboard and mouse of it.
    pub hand: Hand,
    display: String,
    link: Link,
    buffer: FrameBuffer,
    buffer_path: std::path::PathBuf,
    /// Dropped in this order: the window manager before its server.
    _window_manager: Option<Process>,
    server: Process,
    /// The server that a nested one shows itself on.
    _outer: Option<Box<Screen>>,
}

/// The colour of the screen behind all windows.
pub const BACKGROUND: u32 = 0x0035_4a5f;

impl Screen {
    /// Starts one.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start(place: &Place, name: &str, options: &ScreenOptions) -> Self {
        let folder = place.folder(&format!("screen-{name}"));
        let size = options.size;
        let mut launch = Launch::gentle(place, &format!("xvfb-{name}"), "Xvfb")
            .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-dpi", "96"])
            .args(["-screen", "0", &format!("{}x{}x24", size.width, size.height)])
            .arg("-fbdir")
            .arg(&folder);
        for extension in &options.without {
            launch = launch.args(["-extension", extension]);
        }
        let (server, display) = await_display(launch);
        let buffer_path = folder.join("Xvfb_screen0");
        let hand = Hand::new(Link::open(&display));
        Self::furnish(place, name, options.windows, Parts { hand, display, buffer_path, server, outer: None })
    }

    /// Starts one whose keyboard and mouse are, for its programs, real
    /// devices: a server that shows itself on a screen around it and takes
    /// that one's input for its own hardware.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_with_devices(place: &Place, name: &str, options: &ScreenOptions) -> Self {
        let bare = ScreenOptions { windows: Windows::Unmanaged, ..options.clone() };
        let outer = Self::start(place, &format!("{name}-outer"), &bare);
        let launch = nested_launch(place, name, &outer.display, options.size).arg("-no-host-grab");
        let (server, display) = await_display(launch);
        let hand = Hand::new(Link::open(&outer.display));
        let buffer_path = outer.buffer_path.clone();
        let parts = Parts { hand, display, buffer_path, server, outer: Some(Box::new(outer)) };
        Self::furnish(place, name, options.windows, parts)
    }

    fn furnish(place: &Place, name: &str, windows: Windows, parts: Parts) -> Self {
        let Parts { hand, display, buffer_path, server, outer } = parts;
        let buffer = FrameBuffer::open(&buffer_path);
        let link = Link::open(&display);
        let background = ChangeWindowAttributesAux::new().background_pixel(BACKGROUND);
        link.connection.change_window_attributes(link.root, &background).expect("a request");
        link.connection.clear_area(false, link.root, 0, 0, 0, 0).expect("a request");
        link.connection.sync().expect("the display answers");
        let window_manager = (windows != Windows::Unmanaged).then(|| window_manager(place, name, &display, windows));
        let screen =
            Self { hand, display, link, buffer, buffer_path, _window_manager: window_manager, server, _outer: outer };
        if windows != Windows::Unmanaged {
            screen.await_window_manager();
        }
        screen.park_pointer();
        screen
    }

    /// Its name, as in `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Its size.
    pub fn size(&self) -> Size {
        self.buffer.size()
    }

    /// What it shows at this moment.
    pub fn frame(&self) -> Frame {
        self.buffer.frame()
    }

    /// Its frame buffer once more, for another thread to read.
    pub fn another_buffer(&self) -> FrameBuffer {
        FrameBuffer::open(&self.buffer_path)
    }

    /// What a part of it shows at this moment.
    #[track_caller]
    pub fn frame_part(&self, area: Rect) -> Frame {
        self.buffer.frame_part(area)
    }

    /// Kills the server at once. What it leaves of its display's name it can't
    /// take away itself then.
    pub fn kill_server(&mut self) {
        let number = self.display.trim_start_matches(':');
        let left = [format!("/tmp/.X11-unix/X{number}"), format!("/tmp/.X{number}-lock")];
        let inode = |path: &String| fs::metadata(path).ok().map(|meta| meta.ino());
        let own = left.each_ref().map(inode);
        self.server.kill();
        for (path, own) in left.iter().zip(own) {
            // Another display may have taken the name.
            if own.is_some() && inode(path) == own {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// The server's process, to be stopped or killed.
    pub fn server(&mut self) -> &mut Process {
        &mut self.server
    }

    /// Moves the pointer out of the way, into the last corner.
    pub fn park_pointer(&self) {
        let Size { width, height } = self.size();
        let (x, y) = (width as i16 - 1, height as i16 - 1);
        // Not by hand: that needs XTEST, which a test may do without.
        self.link.connection.warp_pointer(x11rb::NONE, self.link.root, 0, 0, 0, 0, x, y).expect("a request");
        self.link.connection.sync().expect("the display answers");
    }

    /// Waits for a visible window whose title contains the text.
    ///
    /// # Panics
    /// If none comes.
    #[track_caller]
    pub fn await_window(&self, title: &str) -> SeenWindow {
        wait::until(&format!("a window “{title}” shows on {}", self.display), || self.window(title))
    }

    /// The visible window whose title contains the text, the smallest if it is
    /// in the titles of a frame and its content alike.
    pub fn window(&self, title: &str) -> Option<SeenWindow> {
        self.visible().into_iter().filter(|(_, name)| name.contains(title)).map(|(window, _)| window).next_back()
    }

    /// All visible windows with their titles, outer before inner.
    pub fn visible(&self) -> Vec<(SeenWindow, String)> {
        let mut found = Vec::new();
        self.collect(self.link.root, &mut found);
        found
    }

    /// Visible windows that pass by the window manager and show something:
    /// menus, tooltips.
    pub fn popups(&self) -> Vec<SeenWindow> {
        let connection = &self.link.connection;
        let tree = connection.query_tree(self.link.root).ok().and_then(|cookie| cookie.reply().ok());
        let children = tree.map(|tree| tree.children).unwrap_or_default();
        let shown = children.into_iter().filter_map(|id| {
            let attributes = connection.get_window_attributes(id).ok()?.reply().ok()?;
            let popup = attributes.override_redirect && attributes.map_state == MapState::VIEWABLE;
            let class = attributes.class == WindowClass::INPUT_OUTPUT;
            (popup && class).then_some(SeenWindow { id, rect: self.rect_of(id)? })
        });
        shown.collect()
    }

    /// Whether a window asks for attention, by its urgency hint (ICCCM 4.1.2.4).
    pub fn asks_for_attention(&self, window: Window) -> bool {
        let hints = AtomEnum::WM_HINTS;
        let read = self.link.connection.get_property(false, window, hints, hints, 0, 1);
        let flags = read.ok().and_then(|cookie| cookie.reply().ok()?.value32()?.next());
        flags.is_some_and(|flags| flags & 1 << 8 != 0)
    }

    /// Whether a key is held down on this display, by whatever device.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn any_key_down(&self) -> bool {
        let reply = self.link.connection.query_keymap().expect("a request").reply().expect("the keymap");
        reply.keys.iter().any(|&byte| byte != 0)
    }

    /// Which buttons are held down on this display, as a core state mask.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn buttons_down(&self) -> u16 {
        let reply = self.link.connection.query_pointer(self.link.root).expect("a request").reply();
        u16::from(reply.expect("the pointer").mask) & 0x1f00
    }

    /// Until this is dropped the display serves nobody, as while a program
    /// moves a window's outline about.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn stand_still(&self) -> StandsStill {
        let link = Link::open(&self.display);
        link.connection.grab_server().expect("a request").check().expect("the display");
        StandsStill { _link: link }
    }

    /// Which modifiers and locks are on at this display, as a core state mask.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn modifiers_on(&self) -> u16 {
        let reply = self.link.connection.query_pointer(self.link.root).expect("a request").reply();
        u16::from(reply.expect("the pointer").mask) & 0xff
    }

    /// Which of the layouts of this display's keyboard is on, from 0.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn layout(&self) -> u16 {
        let reply = self.link.connection.query_pointer(self.link.root).expect("a request").reply();
        u16::from(reply.expect("the pointer").mask) >> 13 & 3
    }

    /// Puts a window on top of all others, as a click on it would.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn raise(&self, window: Window) {
        let aux = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        self.link.connection.configure_window(window, &aux).expect("a request");
        self.link.connection.sync().expect("the display answers");
    }

    /// Moves a window and changes its size, and returns when its frame, if it
    /// has one, is there.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn place_window(&self, window: Window, rect: Rect) {
        let aux = ConfigureWindowAux::new().x(rect.x).y(rect.y).width(rect.width).height(rect.height);
        self.link.connection.configure_window(window, &aux).expect("a request");
        wait::until("the window has its size", || (self.rect_of(window)?.size() == rect.size()).then_some(()));
    }

    /// Gives a window the keyboard.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn focus(&self, window: Window) {
        use x11rb::protocol::xproto::InputFocus;
        let sent = self.link.connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME);
        sent.expect("a request").check().expect("a window that can be given the keyboard");
    }

    /// Clicks into a window, at a place counted from its left top corner, and
    /// waits until that has given it the keyboard. Clicks again if another
    /// window was still in the way.
    ///
    /// # Panics
    /// If it does not get it.
    #[track_caller]
    pub fn click_into(&self, window: SeenWindow, x: i32, y: i32) {
        let reached = (0..8).any(|_| {
            self.hand.click(Point { x: window.rect.x + x, y: window.rect.y + y }, LEFT);
            wait::within(Duration::from_secs(4), || self.has_keyboard(window.id).then_some(())).is_some()
        });
        assert!(reached, "the clicked window has the keyboard");
    }

    /// Whether a window, or one inside of it, has the keyboard.
    pub fn has_keyboard(&self, window: Window) -> bool {
        let mut inner = self.focused();
        while let Some(id) = inner.filter(|&id| id != x11rb::NONE && id != self.link.root) {
            if id == window {
                return true;
            }
            let tree = self.link.connection.query_tree(id).ok().and_then(|cookie| cookie.reply().ok());
            inner = tree.map(|tree| tree.parent);
        }
        false
    }

    /// Minimises a window through the window manager.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn iconify(&self, window: Window) {
        // ICCCM 4.1.4: WM_CHANGE_STATE to IconicState (3), sent to the root.
        let connection = &self.link.connection;
        let state =
            connection.intern_atom(false, b"WM_CHANGE_STATE").expect("a request").reply().expect("an atom").atom;
        let event = ClientMessageEvent::new(32, window, state, [3, 0, 0, 0, 0]);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        connection.send_event(false, self.link.root, mask, event).expect("a request");
        connection.sync().expect("the display answers");
    }

    /// Shows a minimised window again.
    ///
    /// # Panics
    /// If the display is gone.
    pub fn restore(&self, window: Window) {
        self.link.connection.map_window(window).expect("a request");
        self.link.connection.sync().expect("the display answers");
    }

    /// The window that has the keyboard.
    pub fn focused(&self) -> Option<Window> {
        Some(self.link.connection.get_input_focus().ok()?.reply().ok()?.focus)
    }

    /// Until a window manager shows a window. What it announces on the root
    /// window is no proof: a window that is opened while it starts can be lost.
    fn await_window_manager(&self) {
        let connection = &self.link.connection;
        let id = connection.generate_id().expect("an id");
        let aux = CreateWindowAux::new();
        connection
            .create_window(0, id, self.link.root, 0, 0, 8, 8, 0, WindowClass::INPUT_OUTPUT, 0, &aux)
            .expect("a request");
        let shows = |window: Window| {
            let attributes = connection.get_window_attributes(window).ok().and_then(|cookie| cookie.reply().ok());
            attributes.is_some_and(|attributes| attributes.map_state == MapState::VIEWABLE)
        };
        let frame = wait::until("the window manager shows windows", || {
            connection.map_window(id).ok()?;
            let parent = connection.query_tree(id).ok()?.reply().ok()?.parent;
            (parent != self.link.root && shows(id)).then_some(parent)
        });
        connection.destroy_window(id).expect("a request");
        wait::until("the window's frame is gone", || (!shows(frame)).then_some(()));
    }

    /// Windows come and go while they are being looked at, so a request that
    /// fails means only that this one is gone.
    fn collect(&self, window: Window, found: &mut Vec<(SeenWindow, String)>) -> Option<()> {
        let connection = &self.link.connection;
        let children = connection.query_tree(window).ok()?.reply().ok()?.children;
        for child in children {
            let Some(attributes) = connection.get_window_attributes(child).ok().and_then(|c| c.reply().ok()) else {
                continue;
            };
            if attributes.map_state != MapState::VIEWABLE {
                continue;
            }
            if let (Some(title), Some(rect)) = (self.title(child), self.rect_of(child)) {
                found.push((SeenWindow { id: child, rect }, title));
            }
            self.collect(child, found);
        }
        Some(())
    }

    fn title(&self, window: Window) -> Option<String> {
        let connection = &self.link.connection;
        let property = |atom: u32| {
            let reply = connection.get_property(false, window, atom, AtomEnum::ANY, 0, 256).ok()?.reply().ok()?;
            (!reply.value.is_empty()).then(|| String::from_utf8_lossy(&reply.value).into_owned())
        };
        let modern = connection.intern_atom(false, b"_NET_WM_NAME").ok()?.reply().ok()?.atom;
        property(modern).or_else(|| property(AtomEnum::WM_NAME.into()))
    }

    /// Where the outermost window round a window is: the window manager's
    /// frame, if it has one.
    pub fn frame_of(&self, mut window: Window) -> Option<Rect> {
        loop {
            let parent = self.link.connection.query_tree(window).ok()?.reply().ok()?.parent;
            if parent == self.link.root || parent == x11rb::NONE {
                return self.rect_of(window);
            }
            window = parent;
        }
    }

    /// Where a window's content is on the screen.
    pub fn rect_of(&self, window: Window) -> Option<Rect> {
        let connection = &self.link.connection;
        let geometry = connection.get_geometry(window).ok()?.reply().ok()?;
        let at = connection.translate_coordinates(window, self.link.root, 0, 0).ok()?.reply().ok()?;
        Some(Rect::new(at.dst_x.into(), at.dst_y.into(), geometry.width.into(), geometry.height.into()))
    }
}

/// A server that shows itself in a window on another display.
pub(crate) fn nested_launch<'a>(place: &'a Place, name: &str, outer: &str, size: Size) -> Launch<'a> {
    Launch::gentle(place, &format!("xephyr-{name}"), "Xephyr")
        .display(outer)
        .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen"])
        .arg(format!("{}x{}", size.width, size.height))
}

/// Starts a server and waits for its display's name.
pub(crate) fn await_display(launch: Launch) -> (Process, String) {
    let mut server = launch.speaking().start();
    let mut line = String::new();
    let read = BufReader::new(server.take_output()).read_line(&mut line);
    assert!(read.is_ok() && !line.trim().is_empty(), "{} did not start:\n{}", server.name(), server.log());
    (server, format!(":{}", line.trim()))
}

/// Starts a window manager; it takes a moment until it manages windows.
pub(crate) fn window_manager(place: &Place, name: &str, display: &str, windows: Windows) -> Process {
    let config = place.file(&format!("openbox-{name}.xml"), &openbox_config(windows));
    Launch::new(place, &format!("openbox-{name}"), "openbox").display(display).arg("--config-file").arg(&config).start()
}

struct Parts {
    hand: Hand,
    display: String,
    buffer_path: std::path::PathBuf,
    server: Process,
    outer: Option<Box<Screen>>,
}

/// Openbox without its key bindings and menus, which would take keys away from
/// the programs; a click gives a window the keyboard and raises it.
fn openbox_config(windows: Windows) -> String {
    let decor = if windows == Windows::Framed { "yes" } else { "no" };
    format!(
        r#"<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy></placement>
  <theme><name>Clearlooks</name><keepBorder>no</keepBorder></theme>
  <desktops><number>1</number></desktops>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
  <applications><application class="*"><decor>{decor}</decor></application></applications>
</openbox_config>
"#
    )
}
