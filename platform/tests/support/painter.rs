//! Another process with windows that a test moves and paints. It is this test
//! program once more, told so by an environment variable.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
};
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            AtomEnum, ClientMessageEvent, ColormapAlloc, ConfigureWindowAux, ConnectionExt as _, CreateGCAux,
            CreateWindowAux, EventMask, PropMode, Rectangle, StackMode, VisualClass, Window, WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

const ROLE: &str = "MITBLICK_PAINTER";

/// Does the other process's work, if this is the other process. Must be called
/// by a test named `painter` at the top of the test program.
pub(crate) fn paint_if_asked() {
    if std::env::var_os(ROLE).is_some() {
        Painting::run();
    }
}

/// What kind of window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    /// A menu or tooltip, which no window manager touches.
    Popup,
    /// With an alpha channel.
    Deep,
    /// Without a background, by a program that hangs: it never paints.
    Hung,
    HungPopup,
    /// As that, with a background.
    HungFilled,
}

/// The test's end of the other process, which ends with it.
pub(crate) struct Painter {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Painter {
    pub(crate) fn start(display: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "painter", "--nocapture", "--test-threads=1"]);
        command.env(ROLE, "1").env("DISPLAY", display);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (orders, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, orders, answers }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn window(&mut self, kind: Kind, (x, y, width, height): (i32, i32, u32, u32), colour: u32) -> Window {
        self.order(&format!("window {kind:?} {x} {y} {width} {height} {colour}"))
    }

    pub(crate) fn fill(&mut self, window: Window, (x, y, width, height): (i32, i32, u32, u32), colour: u32) {
        self.order(&format!("fill {window} {x} {y} {width} {height} {colour}"));
    }

    pub(crate) fn shift(&mut self, window: Window, x: i32, y: i32) {
        self.order(&format!("move {window} {x} {y}"));
    }

    pub(crate) fn resize(&mut self, window: Window, width: u32, height: u32) {
        self.order(&format!("resize {window} {width} {height}"));
    }

    /// Moves and resizes at once.
    pub(crate) fn place(&mut self, window: Window, (x, y, width, height): (i32, i32, u32, u32)) {
        self.order(&format!("place {window} {x} {y} {width} {height}"));
    }

    pub(crate) fn raise(&mut self, window: Window) {
        self.order(&format!("raise {window}"));
    }

    pub(crate) fn close(&mut self, window: Window) {
        self.order(&format!("close {window}"));
    }

    pub(crate) fn hide(&mut self, window: Window) {
        self.order(&format!("hide {window}"));
    }

    pub(crate) fn show(&mut self, window: Window) {
        self.order(&format!("show {window}"));
    }

    pub(crate) fn minimise(&mut self, window: Window) {
        self.order(&format!("minimise {window}"));
    }

    pub(crate) fn title(&mut self, window: Window, title: &str) {
        self.order(&format!("title {window} {title}"));
    }

    /// Says that a window belongs to another one, true or not.
    pub(crate) fn belong(&mut self, window: Window, to: Window) {
        self.order(&format!("belong {window} {to}"));
    }

    /// Makes and destroys many windows as fast as it can.
    pub(crate) fn storm(&mut self, windows: u32) {
        self.order(&format!("storm {windows}"));
    }

    fn order(&mut self, order: &str) -> u32 {
        writeln!(self.orders, "{order}").unwrap();
        self.orders.flush().unwrap();
        loop {
            let mut line = String::new();
            assert!(self.answers.read_line(&mut line).unwrap() > 0, "the painter ended at: {order}");
            // The test harness of the other process says things too.
            if let Some((_, answer)) = line.split_once('@') {
                return answer.trim().parse().unwrap();
            }
        }
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What was painted into each window, to do it again when asked.
type Painted = Arc<Mutex<BTreeMap<Window, Vec<(Rectangle, u32)>>>>;

/// The other process.
struct Painting {
    conn: Arc<RustConnection>,
    root: Window,
    painted: Painted,
}

impl Painting {
    fn run() {
        let (conn, screen) = RustConnection::connect(None).unwrap();
        let (conn, painted) = (Arc::new(conn), Painted::default());
        let root = conn.setup().roots[screen].root;
        let painting = Self { conn: Arc::clone(&conn), root, painted: Arc::clone(&painted) };
        std::thread::spawn(move || {
            while let Ok(event) = conn.wait_for_event() {
                if let Event::Expose(event) = event {
                    let painted = painted.lock().unwrap();
                    for (area, colour) in painted.get(&event.window).into_iter().flatten() {
                        paint(&conn, event.window, *area, *colour);
                    }
                    let _ = conn.flush();
                }
            }
        });
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let answer = painting.obey(&line);
            painting.conn.sync().unwrap();
            println!("@{answer}");
        }
        std::process::exit(0);
    }

    fn obey(&self, line: &str) -> u32 {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "window" {
            let numbers: Vec<i64> = words[2..].iter().map(|word| word.parse().unwrap()).collect();
            return self.window(words[1], &numbers);
        }
        let window: u32 = words[1].parse().unwrap();
        let number = |at: usize| words[at].parse::<i64>().unwrap();
        let conn = &*self.conn;
        match words[0] {
            "fill" => {
                let area = rectangle(number(2), number(3), number(4), number(5));
                let colour = u32::try_from(number(6)).unwrap();
                if let Some(painted) = self.painted.lock().unwrap().get_mut(&window) {
                    painted.push((area, colour));
                }
                paint(conn, window, area, colour);
            }
            "move" => self.configure(window, &ConfigureWindowAux::new().x(number(2) as i32).y(number(3) as i32)),
            "resize" => {
                let size = ConfigureWindowAux::new().width(number(2) as u32).height(number(3) as u32);
                self.configure(window, &size);
            }
            "place" => {
                let place = ConfigureWindowAux::new().x(number(2) as i32).y(number(3) as i32);
                self.configure(window, &place.width(number(4) as u32).height(number(5) as u32));
            }
            "raise" => self.configure(window, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE)),
            "close" => drop(conn.destroy_window(window).unwrap()),
            "hide" => drop(conn.unmap_window(window).unwrap()),
            "show" => drop(conn.map_window(window).unwrap()),
            "minimise" => {
                let change = conn.intern_atom(false, b"WM_CHANGE_STATE").unwrap().reply().unwrap().atom;
                let event = ClientMessageEvent::new(32, window, change, [3, 0, 0, 0, 0]);
                let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
                conn.send_event(false, self.root, mask, event).unwrap();
            }
            "title" => {
                let utf8 = conn.intern_atom(false, b"UTF8_STRING").unwrap().reply().unwrap().atom;
                let name = conn.intern_atom(false, b"_NET_WM_NAME").unwrap().reply().unwrap().atom;
                let title = words[2..].join(" ");
                conn.change_property8(PropMode::REPLACE, window, name, utf8, title.as_bytes()).unwrap();
            }
            "belong" => {
                let owner = [u32::try_from(number(2)).unwrap()];
                let property = AtomEnum::WM_TRANSIENT_FOR;
                conn.change_property32(PropMode::REPLACE, window, property, AtomEnum::WINDOW, &owner).unwrap();
            }
            "storm" => {
                for step in 0..window {
                    let aux = CreateWindowAux::new().background_pixel(0x12_3456).override_redirect(1);
                    let (id, at) = (conn.generate_id().unwrap(), (step % 50) as i16);
                    let class = WindowClass::INPUT_OUTPUT;
                    conn.create_window(0, id, self.root, at, at, 60, 40, 0, class, 0, &aux).unwrap();
                    conn.map_window(id).unwrap();
                    if step % 3 == 0 {
                        conn.configure_window(id, &ConfigureWindowAux::new().width(90)).unwrap();
                    }
                    if step % 5 == 0 {
                        conn.sync().unwrap();
                    }
                    conn.destroy_window(id).unwrap();
                }
            }
            other => panic!("order {other}"),
        }
        0
    }

    fn configure(&self, window: Window, aux: &ConfigureWindowAux) {
        self.conn.configure_window(window, aux).unwrap();
    }

    fn window(&self, kind: &str, numbers: &[i64]) -> u32 {
        let conn = &*self.conn;
        let window = conn.generate_id().unwrap();
        let mut aux = CreateWindowAux::new().event_mask(EventMask::EXPOSURE);
        let colour = u32::try_from(numbers[4]).unwrap();
        let hung = kind.starts_with("Hung");
        if !hung || kind == "HungFilled" {
            aux = aux.background_pixel(colour);
        }
        if kind.ends_with("Popup") {
            aux = aux.override_redirect(1);
        }
        let (mut depth, mut visual) = (0, 0);
        if kind == "Deep" {
            let screen = &conn.setup().roots[0];
            let deep = screen.allowed_depths.iter().find(|depth| depth.depth == 32).unwrap();
            visual = deep.visuals.iter().find(|visual| visual.class == VisualClass::TRUE_COLOR).unwrap().visual_id;
            depth = 32;
            let map = conn.generate_id().unwrap();
            conn.create_colormap(ColormapAlloc::NONE, map, self.root, visual).unwrap();
            aux = aux.colormap(map).border_pixel(0);
        }
        let area = rectangle(numbers[0], numbers[1], numbers[2], numbers[3]);
        let (class, Rectangle { x, y, width, height }) = (WindowClass::INPUT_OUTPUT, area);
        conn.create_window(depth, window, self.root, x, y, width, height, 0, class, visual, &aux).unwrap();
        // Where the person wants it: window managers keep to that.
        let hints = x11rb::properties::WmSizeHints {
            position: Some((x11rb::properties::WmSizeHintsSpecification::UserSpecified, x.into(), y.into())),
            ..Default::default()
        };
        hints.set_normal_hints(conn, window).unwrap();
        let class = b"painter\0org.example.Painter\0";
        conn.change_property8(PropMode::REPLACE, window, AtomEnum::WM_CLASS, AtomEnum::STRING, class).unwrap();
        let name = b"gr\xfcn";
        conn.change_property8(PropMode::REPLACE, window, AtomEnum::WM_NAME, AtomEnum::STRING, name).unwrap();
        if !hung {
            let whole = Rectangle { x: 0, y: 0, width: 4_000, height: 4_000 };
            self.painted.lock().unwrap().insert(window, vec![(whole, colour)]);
        }
        conn.map_window(window).unwrap();
        window
    }
}

fn rectangle(x: i64, y: i64, width: i64, height: i64) -> Rectangle {
    Rectangle { x: x as i16, y: y as i16, width: width as u16, height: height as u16 }
}

fn paint(conn: &RustConnection, window: Window, area: Rectangle, colour: u32) {
    let Ok(gc) = conn.generate_id() else { return };
    let _ = conn.create_gc(gc, window, &CreateGCAux::new().foreground(colour));
    let _ = conn.poly_fill_rectangle(window, gc, &[area]);
    let _ = conn.free_gc(gc);
}
