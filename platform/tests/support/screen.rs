//! Virtual screens for tests: a server, the windows of other processes on it,
//! and a session that really grants control.

use mitblick_platform::{
    inject::{Injected, Injector},
    stop_key::SeenInput,
    x11::X11,
};
use mitblick_protocol::{
    input::InputEvent,
    peer_msg::{ControlEnd, GrantId, ToShower},
    policy::Limits,
    session::{ApplicationId, ControlLimit, Gates, Permitted, ShowerEffect, ShowerSession, ViewSelection},
    text::DisplayText,
    time::Moment,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    protocol::{
        Event,
        xinput::{self, ConnectionExt as _, DeviceType},
        xkb::{self, ConnectionExt as _},
        xproto::{AtomEnum, ConnectionExt as _, CreateWindowAux, InputFocus, MapState, PropMode, Window, WindowClass},
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// How long anything may take before it counts as never.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until this gives something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A process that ends with its guard.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self(command.process_group(0).stdin(Stdio::null()).spawn().expect("a program of the system"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An X server. It is asked to end before it is made to: only then does it
/// take its socket with it.
struct Server(Process);

impl Drop for Server {
    fn drop(&mut self) {
        let Self(Process(child)) = self;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if id.is_some_and(|id| kill_process(id, Signal::TERM).is_ok()) {
            let deadline = Instant::now() + PATIENCE;
            while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

/// A server's program, which ends when the test is killed.
fn server(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--", program]);
    command
}

/// A server with nothing on it.
pub(crate) struct Screen {
    pub(crate) name: String,
    pub(crate) conn: RustConnection,
    pub(crate) root: Window,
    manager: Option<Process>,
    _server: Server,
    _outer: Option<Box<Screen>>,
}

impl Screen {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further arguments for the server.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = server("Xvfb");
        command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0", "800x600x24"]);
        command.args(arguments);
        Self::of(command, None)
    }

    /// A screen whose keyboard is a real device for its programs, and the
    /// screen on which that keyboard is typed.
    pub(crate) fn with_keyboard() -> Self {
        let outer = Self::start();
        let mut command = server("Xephyr");
        command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-no-host-grab", "-screen", "700x500"]);
        command.env("DISPLAY", &outer.name);
        Self::of(command, Some(Box::new(outer)))
    }

    fn of(mut command: Command, outer: Option<Box<Self>>) -> Self {
        let mut server = Server(Process::spawn(command.stdout(Stdio::piped()).stderr(Stdio::null())));
        let mut line = String::new();
        BufReader::new(server.0.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let name = format!(":{}", line.trim());
        let (conn, screen) = RustConnection::connect(Some(&name)).unwrap();
        let root = conn.setup().roots[screen].root;
        Self { name, conn, root, manager: None, _server: server, _outer: outer }
    }

    pub(crate) fn outer(&self) -> &Self {
        self._outer.as_ref().unwrap()
    }

    pub(crate) fn manage(mut self) -> Self {
        self.manager = Some(Process::spawn(self.command("openbox").arg("--sm-disable").stderr(Stdio::null())));
        // It says that it is there before it takes windows; what is mapped in
        // between it never sees. So a window is shown to it until it takes it.
        let window = self.conn.generate_id().unwrap();
        let (class, aux, root) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new(), self.root);
        self.conn.create_window(0, window, root, 0, 0, 9, 9, 0, class, 0, &aux).unwrap().check().unwrap();
        until("the window manager", || {
            self.conn.unmap_window(window).unwrap().check().unwrap();
            self.conn.map_window(window).unwrap().check().unwrap();
            let taken = || self.conn.query_tree(window).unwrap().reply().unwrap().parent != root;
            (0..100)
                .any(|_| {
                    std::thread::sleep(Duration::from_millis(2));
                    taken()
                })
                .then_some(())
        });
        self.conn.destroy_window(window).unwrap().check().unwrap();
        self
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.name).env("LC_ALL", "C.UTF-8");
        command
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program).args(arguments).stderr(Stdio::null()).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}");
    }

    /// Gives the keyboard to a window.
    pub(crate) fn focus(&self, window: Window) {
        until("the focus", || {
            self.conn.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap().check().ok()?;
            (self.conn.get_input_focus().unwrap().reply().unwrap().focus == window).then_some(())
        });
    }

    /// Puts a window on top of all others.
    pub(crate) fn raise(&self, window: Window) {
        let aux =
            x11rb::protocol::xproto::ConfigureWindowAux::new().stack_mode(x11rb::protocol::xproto::StackMode::ABOVE);
        self.conn.configure_window(window, &aux).unwrap().check().unwrap();
    }

    /// A window of this very process.
    pub(crate) fn own_window(&self, (x, y): (i16, i16), (width, height): (u16, u16)) -> Window {
        let window = self.conn.generate_id().unwrap();
        let aux = CreateWindowAux::new().override_redirect(1).background_pixel(0);
        let (class, root) = (WindowClass::INPUT_OUTPUT, self.root);
        self.conn.create_window(0, window, root, x, y, width, height, 0, class, 0, &aux).unwrap().check().unwrap();
        self.conn.map_window(window).unwrap().check().unwrap();
        window
    }

    /// The keyboard that is the person's own: not that of injected presses.
    pub(crate) fn own_keyboard(&self) -> u16 {
        self.conn.xkb_use_extension(1, 0).unwrap().reply().unwrap();
        self.conn.xinput_xi_query_version(2, 2).unwrap().reply().unwrap();
        let devices = self.conn.xinput_xi_query_device(xinput::Device::ALL).unwrap().reply().unwrap().infos;
        let own = |device: &&xinput::XIDeviceInfo| {
            device.type_ == DeviceType::SLAVE_KEYBOARD && !String::from_utf8_lossy(&device.name).contains("XTEST")
        };
        devices.iter().find(own).expect("a keyboard").deviceid
    }

    /// Switches a device on or off, as the server does when another screen is
    /// seen.
    pub(crate) fn switch(&self, device: u16, on: bool) {
        let atom = |name: &[u8]| self.conn.intern_atom(false, name).unwrap().reply().unwrap().atom;
        let (enabled, integer) = (atom(b"Device Enabled"), AtomEnum::INTEGER.into());
        let value = xinput::XIChangePropertyAux::Data8(vec![u8::from(on)]);
        let set = self.conn.xinput_xi_change_property(device, PropMode::REPLACE, enabled, integer, 1, &value);
        set.unwrap().check().unwrap();
    }

    /// Strikes a key of the person's own keyboard.
    pub(crate) fn strike_on(&self, keyboard: u16, keycode: u8) {
        let first = self.conn.extension_information(xinput::X11_EXTENSION_NAME).unwrap().unwrap().first_event;
        let device = u8::try_from(keyboard).unwrap();
        for kind in [xinput::DEVICE_KEY_PRESS_EVENT, xinput::DEVICE_KEY_RELEASE_EVENT] {
            let struck = self.conn.xtest_fake_input(first + kind, keycode, x11rb::CURRENT_TIME, 0, 0, 0, device);
            struck.unwrap().check().unwrap();
        }
    }

    /// Has a key of one keyboard make this and nothing else.
    pub(crate) fn put_on(&self, keyboard: u16, keycode: u8, symbol: u32) {
        let (first, last) = (self.conn.setup().min_keycode, self.conn.setup().max_keycode);
        let key = xkb::KeySymMap { kt_index: [0; 4], group_info: 1, width: 1, syms: vec![symbol] };
        let (flags, vmods) = (xkb::SetMapFlags::from(0u16), xkb::VMod::from(0u16));
        let values = xkb::SetMapAux::new().syms(vec![key]);
        #[rustfmt::skip]
        let asked = self.conn.xkb_set_map(
            keyboard, flags, first, last,
            0, 0, keycode, 1, 1,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, vmods, &values,
        );
        asked.unwrap().check().unwrap();
    }

    /// How often programs were told since the last call to read the mapping
    /// again.
    pub(crate) fn mapping_changes(&self) -> usize {
        self.conn.get_input_focus().unwrap().reply().unwrap();
        let events = std::iter::from_fn(|| self.conn.poll_for_event().unwrap());
        events.filter(|event| matches!(event, Event::MappingNotify(_))).count()
    }

    /// All symbols of each key of a keyboard.
    pub(crate) fn keys_of(&self, keyboard: u16) -> Vec<Vec<u32>> {
        let (syms, none) = (xkb::MapPart::KEY_SYMS, xkb::MapPart::from(0u16));
        let vmods = xkb::VMod::from(0u16);
        let asked = self.conn.xkb_get_map(keyboard, syms, none, 0, 0, 0, 0, 0, 0, 0, 0, vmods, 0, 0, 0, 0, 0, 0);
        let map = asked.unwrap().reply().unwrap().map;
        map.syms_rtrn.unwrap().into_iter().map(|key| key.syms).collect()
    }

    pub(crate) fn keys_down(&self) -> Vec<u8> {
        let keys = self.conn.query_keymap().unwrap().reply().unwrap().keys;
        (0..=255u8).filter(|&key| keys[usize::from(key / 8)] & (1 << (key % 8)) != 0).collect()
    }

    pub(crate) fn mask(&self) -> u16 {
        self.conn.query_pointer(self.root).unwrap().reply().unwrap().mask.into()
    }
}

/// A window of another process, which tells of every event that reaches it.
pub(crate) struct Recorder {
    pub(crate) window: Window,
    pub(crate) pid: u32,
    said: Arc<Mutex<String>>,
    _process: Process,
}

impl Recorder {
    /// `geometry` as X programs understand it.
    pub(crate) fn open(screen: &Screen, geometry: &str) -> Self {
        let mut command = screen.command("stdbuf");
        command.args(["-oL", "xev", "-geometry", geometry]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::spawn(&mut command);
        let pid = process.0.id();
        let said = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let into = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut said = into.lock().unwrap();
                said.push_str(&line);
                said.push('\n');
            }
        });
        let window = until("the window of xev", || {
            let said = said.lock().unwrap();
            let id = said.split("Outer window is 0x").nth(1)?.split(',').next()?.to_owned();
            u32::from_str_radix(&id, 16).ok()
        });
        until("the window to be seen", || {
            let state = screen.conn.get_window_attributes(window).unwrap().reply().unwrap().map_state;
            (state == MapState::VIEWABLE).then_some(())
        });
        Self { window, pid, said, _process: process }
    }

    pub(crate) fn application(&self) -> ApplicationId {
        X11::application_of_process(self.pid)
    }

    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// How often an event of this kind came.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.said().matches(&format!("{kind} event,")).count()
    }

    /// The text that the presses so far have made.
    pub(crate) fn typed(&self) -> String {
        let said = self.said();
        let presses = said.split("KeyPress event,").skip(1).map(|rest| rest.split(" event,").next().unwrap_or(""));
        // Part of a composed character, which comes in a press of its own.
        let presses = presses.filter(|press| !press.contains("XFilterEvent returns: True"));
        let bytes = |press: &str| -> Option<Vec<u8>> {
            let hex = press.split("XmbLookupString gives ").nth(1)?.split(['(', ')']).nth(1)?;
            hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
        };
        String::from_utf8(presses.filter_map(bytes).flatten().collect()).unwrap_or_default()
    }
}

/// A session in which the shower has granted control.
pub(crate) struct Granted {
    session: ShowerSession,
    now: Moment,
    pub(crate) view: Permitted<ViewSelection>,
}

impl Granted {
    pub(crate) fn to(applications: &[ApplicationId]) -> Self {
        let now = Moment::from_ms(1_000);
        let mut session = ShowerSession::new(Limits::default(), now);
        let hello = ToShower::Hello { version: DisplayText::cleaned("1") };
        session.handle_message(hello, now).unwrap();
        session.share(ViewSelection { applications: applications.iter().copied().collect() }, now).unwrap();
        session.handle_message(ToShower::RequestControl, now).unwrap();
        session.allow_control(ControlLimit::Session, now).unwrap();
        let mut view = None;
        while let Some(effect) = session.poll_effect() {
            if let ShowerEffect::StartInjection(permit) = effect {
                view = Some(permit);
            }
        }
        Self { session, now, view: view.unwrap() }
    }

    pub(crate) fn gates(&self) -> Gates {
        self.session.gates()
    }

    pub(crate) fn permit(&mut self, event: InputEvent) -> Permitted<InputEvent> {
        self.session.handle_message(ToShower::Input { grant: GrantId(1), event }, self.now).unwrap();
        loop {
            if let ShowerEffect::Inject(permit) = self.session.poll_effect().expect("a permit") {
                return permit;
            }
        }
    }

    pub(crate) fn inject(&mut self, injector: &mut dyn Injector, event: InputEvent) -> Injected {
        injector.inject(&self.permit(event)).unwrap()
    }

    pub(crate) fn revoke(&mut self) {
        self.session.revoke_control(ControlEnd::TakenBack, self.now);
    }

    /// The person has used mouse or keyboard, and no more for a while.
    pub(crate) fn local_input_is_over(&mut self) {
        self.session.local_input(self.now);
        while self.session.poll_effect().is_some() {}
        self.now = self.now.after(Duration::from_secs(2));
    }
}

/// What the watch of the stop key told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Stop,
    Local,
    NoKeyboard,
    Lost,
    Seen(SeenInput),
}

/// Passes it on to the test.
pub(crate) struct Teller(pub(crate) mpsc::Sender<Told>);

impl mitblick_platform::stop_key::StopKeyHandler for Teller {
    fn stop_key_pressed(&mut self) {
        let _ = self.0.send(Told::Stop);
    }

    fn keyboard_gone(&mut self) {
        let _ = self.0.send(Told::NoKeyboard);
    }

    fn local_input(&mut self) {
        let _ = self.0.send(Told::Local);
    }

    fn input_seen(&mut self, input: SeenInput) {
        let _ = self.0.send(Told::Seen(input));
    }

    fn watch_lost(&mut self) {
        let _ = self.0.send(Told::Lost);
    }
}
