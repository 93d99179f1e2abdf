//! `mitblick-painter`: an application for tests. Opens plain windows, paints
//! them and writes down what reaches them, as told on standard input, one JSON
//! object a line. It knows nothing of Mitblick.

use mitblick_protocol::geometry::{Rect, Size};
use mitblick_tests::{
    frame::Frame,
    paint::{copy_common, fill_gradient, fill_noise, scroll_text},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
    sync::{Arc, Mutex},
};
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            AtomEnum, ColormapAlloc, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask,
            GrabMode, GrabStatus, ImageFormat, KeyButMask, KeyPressEvent, PropMode, StackMode, VisualClass,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// Bytes of pixels in one request; below the limit of a core request.
const BAND_BYTES: usize = 200_000;

struct Shown {
    id: u32,
    gc: u32,
    depth: u8,
    picture: Frame,
}

struct App {
    connection: RustConnection,
    root: u32,
    root_depth: u8,
    root_visual: u32,
    windows: Mutex<BTreeMap<u32, Shown>>,
    keysyms: Mutex<(usize, Vec<u32>)>,
}

fn main() -> anyhow::Result<()> {
    let (connection, screen) = x11rb::connect(None)?;
    let screen = &connection.setup().roots[screen];
    let (root, root_depth, root_visual) = (screen.root, screen.root_depth, screen.root_visual);
    let app = Arc::new(App {
        connection,
        root,
        root_depth,
        root_visual,
        windows: Mutex::default(),
        keysyms: Mutex::default(),
    });
    app.read_keyboard()?;
    let watching = Arc::clone(&app);
    std::thread::spawn(move || {
        // The display is gone, and the application with it.
        let _ = watching.watch();
        std::process::exit(0);
    });
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        app.obey(&command)?;
        say(&json!({ "event": "done" }));
    }
    Ok(())
}

fn say(event: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{event}").and_then(|()| out.flush());
}

fn number(command: &Value, field: &str) -> anyhow::Result<i32> {
    let value = command[field].as_i64().ok_or_else(|| anyhow::anyhow!("no number “{field}” in {command}"))?;
    Ok(i32::try_from(value)?)
}

fn area(command: &Value) -> anyhow::Result<Rect> {
    let (width, height) = (number(command, "width")?, number(command, "height")?);
    Ok(Rect::new(number(command, "x")?, number(command, "y")?, width.try_into()?, height.try_into()?))
}

impl App {
    fn obey(&self, command: &Value) -> anyhow::Result<()> {
        let name = u32::try_from(number(command, "window")?)?;
        let mut windows = self.windows.lock().expect("the windows");
        if command["do"] == "open" {
            windows.insert(name, self.open(command)?);
            return Ok(());
        }
        let shown = windows.get_mut(&name).ok_or_else(|| anyhow::anyhow!("no window {name}"))?;
        match command["do"].as_str().unwrap_or_default() {
            "fill" => {
                let (area, colour) = (area(command)?, number(command, "colour")? as u32);
                shown.picture.fill(area, colour);
                self.paint(shown, area)?;
            }
            "gradient" => {
                let (area, step) = (area(command)?, number(command, "step")? as u32);
                fill_gradient(&mut shown.picture, area, step);
                self.paint(shown, area)?;
            }
            "scroll" => {
                let (area, by) = (area(command)?, number(command, "by")? as u32);
                scroll_text(&mut shown.picture, area, by, number(command, "seed")? as u32);
                self.paint(shown, area)?;
            }
            "noise" => {
                let (area, seed) = (area(command)?, number(command, "seed")? as u32);
                fill_noise(&mut shown.picture, area, seed);
                self.paint(shown, area)?;
            }
            "move" => {
                let aux = ConfigureWindowAux::new().x(number(command, "x")?).y(number(command, "y")?);
                self.connection.configure_window(shown.id, &aux)?;
            }
            "resize" => {
                let size = Size { width: number(command, "width")? as u32, height: number(command, "height")? as u32 };
                let mut picture = Frame::plain(size, number(command, "colour")? as u32);
                copy_common(&shown.picture, &mut picture);
                shown.picture = picture;
                let aux = ConfigureWindowAux::new().width(size.width).height(size.height);
                self.connection.configure_window(shown.id, &aux)?;
                // The server tells what has become visible; a window that only
                // shrank keeps its pixels.
            }
            "raise" => {
                let aux = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
                self.connection.configure_window(shown.id, &aux)?;
            }
            "grab_keyboard" => {
                let now = x11rb::CURRENT_TIME;
                let grab = self.connection.grab_keyboard(true, shown.id, now, GrabMode::ASYNC, GrabMode::ASYNC)?;
                let status = grab.reply()?.status;
                anyhow::ensure!(status == GrabStatus::SUCCESS, "the keyboard is not grabbed: {status:?}");
            }
            "close" => {
                self.connection.destroy_window(shown.id)?;
                windows.remove(&name);
            }
            other => anyhow::bail!("unknown command “{other}”"),
        }
        self.connection.sync()?;
        Ok(())
    }

    fn open(&self, command: &Value) -> anyhow::Result<Shown> {
        let area = area(command)?;
        let colour = number(command, "colour")? as u32;
        let popup = command["popup"] == true;
        let (depth, visual) =
            if command["alpha"] == true { self.alpha_visual()? } else { (self.root_depth, self.root_visual) };
        let colormap = self.connection.generate_id()?;
        self.connection.create_colormap(ColormapAlloc::NONE, colormap, self.root, visual)?;
        let id = self.connection.generate_id()?;
        let aux = CreateWindowAux::new()
            .background_pixel(colour)
            .border_pixel(0)
            .colormap(colormap)
            .override_redirect(u32::from(popup))
            .bit_gravity(x11rb::protocol::xproto::Gravity::NORTH_WEST)
            .event_mask(
                EventMask::EXPOSURE
                    | EventMask::KEY_PRESS
                    | EventMask::KEY_RELEASE
                    | EventMask::BUTTON_PRESS
                    | EventMask::BUTTON_RELEASE
                    | EventMask::FOCUS_CHANGE,
            );
        let (x, y) = (i16::try_from(area.x)?, i16::try_from(area.y)?);
        let (width, height) = (u16::try_from(area.width)?, u16::try_from(area.height)?);
        self.connection.create_window(
            depth,
            id,
            self.root,
            x,
            y,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            visual,
            &aux,
        )?;
        let title = command["title"].as_str().unwrap_or_default();
        self.connection.change_property8(
            PropMode::REPLACE,
            id,
            AtomEnum::WM_NAME,
            AtomEnum::STRING,
            title.as_bytes(),
        )?;
        let class = b"painter\0Painter\0";
        self.connection.change_property8(PropMode::REPLACE, id, AtomEnum::WM_CLASS, AtomEnum::STRING, class)?;
        // WM_NORMAL_HINTS: the place and the size are the person's wish (flags
        // 1 and 2), which window managers respect.
        let mut hints = [0u32; 18];
        hints[0] = 1 | 2;
        self.connection.change_property32(
            PropMode::REPLACE,
            id,
            AtomEnum::WM_NORMAL_HINTS,
            AtomEnum::WM_SIZE_HINTS,
            &hints,
        )?;
        let gc = self.connection.generate_id()?;
        self.connection.create_gc(gc, id, &CreateGCAux::new())?;
        self.connection.map_window(id)?;
        self.connection.sync()?;
        Ok(Shown { id, gc, depth, picture: Frame::plain(area.size(), colour) })
    }

    fn alpha_visual(&self) -> anyhow::Result<(u8, u32)> {
        let depths = self.connection.setup().roots.iter().flat_map(|screen| &screen.allowed_depths);
        let visual = depths
            .filter(|depth| depth.depth == 32)
            .flat_map(|depth| &depth.visuals)
            .find(|visual| visual.class == VisualClass::TRUE_COLOR);
        Ok((32, visual.ok_or_else(|| anyhow::anyhow!("no windows with an alpha channel here"))?.visual_id))
    }

    fn paint(&self, shown: &Shown, area: Rect) -> anyhow::Result<()> {
        let Some(area) = shown.picture.rect().intersection(area) else { return Ok(()) };
        let rows = (BAND_BYTES / (4 * area.width as usize)).max(1) as u32;
        let mut top = area.y;
        while i64::from(top) < area.bottom() {
            let height = rows.min((area.bottom() - i64::from(top)) as u32);
            let band = shown.picture.part(Rect::new(area.x, top, area.width, height));
            let bytes: Vec<u8> = band.pixels.iter().flat_map(|colour| colour.to_le_bytes()).collect();
            let (width, height_px) = (u16::try_from(area.width)?, u16::try_from(height)?);
            let (x, y) = (i16::try_from(area.x)?, i16::try_from(top)?);
            self.connection.put_image(
                ImageFormat::Z_PIXMAP,
                shown.id,
                shown.gc,
                width,
                height_px,
                x,
                y,
                0,
                shown.depth,
                &bytes,
            )?;
            top += i32::try_from(height)?;
        }
        Ok(())
    }

    fn read_keyboard(&self) -> anyhow::Result<()> {
        let (first, last) = (self.connection.setup().min_keycode, self.connection.setup().max_keycode);
        let mapping = self.connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        *self.keysyms.lock().expect("the keyboard") = (usize::from(mapping.keysyms_per_keycode), mapping.keysyms);
        Ok(())
    }

    fn watch(&self) -> anyhow::Result<()> {
        loop {
            match self.connection.wait_for_event()? {
                Event::Expose(event) => {
                    let windows = self.windows.lock().expect("the windows");
                    if let Some(shown) = windows.values().find(|shown| shown.id == event.window) {
                        let (width, height) = (event.width.into(), event.height.into());
                        self.paint(shown, Rect::new(event.x.into(), event.y.into(), width, height))?;
                        self.connection.flush()?;
                    }
                }
                Event::MappingNotify(_) => self.read_keyboard()?,
                Event::KeyPress(event) => self.tell_key(&event, true),
                Event::KeyRelease(event) => self.tell_key(&event, false),
                Event::ButtonPress(e) => self.tell_button(e.event, e.detail, true, e.event_x, e.event_y),
                Event::ButtonRelease(e) => self.tell_button(e.event, e.detail, false, e.event_x, e.event_y),
                Event::FocusIn(e) => say(&json!({ "event": "focus", "window": self.name_of(e.event), "in": true })),
                Event::FocusOut(e) => say(&json!({ "event": "focus", "window": self.name_of(e.event), "in": false })),
                _ => {}
            }
        }
    }

    fn tell_button(&self, window: u32, button: u8, pressed: bool, x: i16, y: i16) {
        let window = self.name_of(window);
        say(&json!({ "event": "button", "window": window, "button": button, "pressed": pressed, "x": x, "y": y }));
    }

    fn tell_key(&self, event: &KeyPressEvent, pressed: bool) {
        let (per_keycode, keysyms) = &*self.keysyms.lock().expect("the keyboard");
        let row = usize::from(event.detail - self.connection.setup().min_keycode) * per_keycode;
        let column = usize::from(event.state.contains(KeyButMask::SHIFT));
        let plain = keysyms.get(row).copied().unwrap_or(0);
        let keysym = match keysyms.get(row + column).copied() {
            Some(keysym) if keysym != 0 => keysym,
            _ => plain,
        };
        // Latin-1 keysyms are their characters; others carry them plus 2^24.
        let character = match keysym {
            0x20..=0x7e | 0xa0..=0xff => char::from_u32(keysym),
            0x0100_0000.. => char::from_u32(keysym - 0x0100_0000),
            _ => None,
        };
        let text = character.map_or_else(|| format!("<{keysym:#x}>"), String::from);
        let window = self.name_of(event.event);
        say(&json!({ "event": "key", "window": window, "pressed": pressed, "keysym": keysym, "text": text }));
    }

    fn name_of(&self, id: u32) -> Option<u32> {
        let windows = self.windows.lock().expect("the windows");
        windows.iter().find(|(_, shown)| shown.id == id).map(|(name, _)| *name)
    }
}
