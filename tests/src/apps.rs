//! Real applications for the customer to show or keep to themselves.

use crate::{
    launch::{Launch, Place, Process},
    screen::{Screen, SeenWindow},
};
use mitblick_protocol::geometry::Rect;

/// A running application with one window known by its title.
pub struct App {
    /// Its process.
    pub process: Process,
    title: String,
}

impl App {
    /// Its window on the screen.
    #[track_caller]
    pub fn window(&self, screen: &Screen) -> SeenWindow {
        screen.await_window(&self.title)
    }

    /// Its window's title, or the part of it that does not change.
    pub fn title(&self) -> &str {
        &self.title
    }
}

/// A terminal that shows a text and then what is typed. Its left top corner is
/// that of `at`; its size is the nearest whole number of characters.
#[track_caller]
pub fn xterm(place: &Place, screen: &Screen, title: &str, text: &str, at: Rect) -> App {
    xterm_in(place, screen, title, text, at, "#fdf6e3")
}

/// The same with a background colour, as X names it.
#[track_caller]
pub fn xterm_in(place: &Place, screen: &Screen, title: &str, text: &str, at: Rect, background: &str) -> App {
    let file = place.file(&format!("{title}.txt"), text);
    // About the size of a character in this font, a border of 2 on each side.
    let (columns, rows) = ((at.width.saturating_sub(4) / 8).max(10), (at.height.saturating_sub(4) / 17).max(3));
    let process = Launch::new(place, title, "xterm")
        .display(screen.display())
        .args(["-title", title, "-geometry", &format!("{columns}x{rows}+{}+{}", at.x, at.y)])
        .args([
            "-fa",
            "DejaVu Sans Mono",
            "-fs",
            "10",
            "-bg",
            background,
            "-fg",
            "#073642",
            "+bc",
            "-uc",
            "-e",
            "sh",
            "-c",
        ])
        .arg(r#"stty -echo; cat "$1"; stty echo; exec cat >/dev/null"#)
        .arg("sh")
        .arg(&file)
        .start();
    let app = App { process, title: title.to_owned() };
    app.window(screen);
    app
}

/// A terminal full of coloured text, as a log or source code would be.
#[track_caller]
pub fn coloured_xterm(place: &Place, screen: &Screen, title: &str, at: Rect) -> App {
    let lines = (0u32..60).map(|line| {
        let colour = [24, 88, 22, 54, 94, 25][line as usize % 6];
        format!(
            "\x1b[38;5;{colour}m{line:>4}  fn step_{line}(rate: f64) -> f64 {{ rate * {}.5 + {} }}\x1b[0m\n",
            line * 7,
            line % 13
        )
    });
    xterm(place, screen, title, &lines.collect::<String>(), at)
}

/// The editor Mousepad with a file, as customers have it: a toolkit's menus,
/// tooltips and smooth text. Its window's title contains the file's name.
#[track_caller]
pub fn mousepad(place: &Place, screen: &Screen, file: &str, text: &str) -> App {
    let path = place.file(file, text);
    // Its title has no path of this machine then.
    let process = Launch::new(place, &format!("mousepad-{file}"), "mousepad")
        .env("HOME", place.path())
        .display(screen.display())
        .arg("--disable-server")
        .arg(&path)
        .start();
    let app = App { process, title: file.to_owned() };
    app.window(screen);
    app
}

/// The pocket calculator of the X Window System.
#[track_caller]
pub fn xcalc(place: &Place, screen: &Screen, at: Rect) -> App {
    let process = Launch::new(place, "xcalc", "xcalc")
        .display(screen.display())
        .args(["-geometry", &format!("{}x{}+{}+{}", at.width, at.height, at.x, at.y)])
        .start();
    let app = App { process, title: "Calculator".to_owned() };
    app.window(screen);
    app
}
