//! The automation interface: one JSON command a line on stdin, one JSON event
//! a line on stdout, beside the normal window. A command is an intent like any
//! other; events are told by watching the views as a person would.

use crate::{
    language::{Language, Texts},
    problem::Problem,
    together::automation::TogetherCommand,
    ui::wording,
    watching::PictureStore,
};
use mitblick_protocol::peer_msg::{SharingState, Surface};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, Write},
    sync::mpsc::{Sender, channel},
};

/// Longest command line, in bytes.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// A command of one program, or one that both have.
#[derive(Debug)]
pub enum AnyCommand<C> {
    /// Of the program.
    Own(C),
    /// Of both.
    Together(TogetherCommand),
}

impl<'de, C: DeserializeOwned> Deserialize<'de> for AnyCommand<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let command = Value::deserialize(deserializer)?;
        let name = command.get("do").and_then(Value::as_str).unwrap_or_default();
        if TogetherCommand::NAMES.contains(&name) {
            serde_json::from_value(command).map(Self::Together).map_err(D::Error::custom)
        } else {
            serde_json::from_value(command).map(Self::Own).map_err(D::Error::custom)
        }
    }
}

/// Windows as events tell them.
pub(crate) fn surfaces_event(surfaces: &[Surface]) -> Value {
    let told = surfaces.iter().map(|surface| {
        json!({"id": surface.id.0, "x": surface.rect.x, "y": surface.rect.y, "width": surface.rect.width,
            "height": surface.rect.height, "title": surface.title.as_str(), "state": format!("{:?}", surface.state)})
    });
    Value::Array(told.collect())
}

/// Where in the window the shown desktop's left top corner would be painted,
/// and how large; `None` as long as the present scene is not painted.
pub(crate) fn pane_event(picture: &PictureStore, surfaces: &[Surface]) -> Option<Value> {
    let picture = picture.lock();
    // A scene that came in the meantime has a view of its own.
    let painted = picture.painted.filter(|painted| painted.scene == picture.scenes)?;
    (picture.scene.surfaces == *surfaces)
        .then(|| json!({"x": painted.desktop.x, "y": painted.desktop.y, "zoom": painted.zoom}))
}

/// What is shown, as events name it.
pub(crate) fn sharing_name(sharing: SharingState) -> &'static str {
    match sharing {
        SharingState::Choosing => "choosing",
        SharingState::Showing => "showing",
        SharingState::Paused => "paused",
    }
}

/// Where events go: a thread prints them, so that a reader who does not read
/// never holds up a session.
#[derive(Clone)]
pub struct Printer(Sender<Value>);

impl Printer {
    /// Starts the printing thread.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start() -> std::io::Result<Self> {
        let (events, receiver) = channel::<Value>();
        std::thread::Builder::new().name("events".into()).spawn(move || {
            for event in receiver {
                let mut out = std::io::stdout().lock();
                // A reader that is gone reads nothing; commands still end us.
                if writeln!(out, "{event}").and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self(events))
    }

    /// Prints an event.
    pub fn print(&self, event: Value) {
        let _ = self.0.send(event);
    }
}

/// Reads commands on a thread of its own until stdin ends. `take` gets each
/// command, or the text of what is wrong with a line; `end` is called at the
/// end of stdin.
///
/// # Errors
/// No thread can be started.
pub fn read_commands<C: DeserializeOwned>(
    take: impl Fn(Result<C, String>) + Send + 'static,
    end: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    std::thread::Builder::new().name("commands".into()).spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = std::io::Read::take(&mut input, MAX_LINE_BYTES as u64 + 1);
            match limited.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) if line.len() > MAX_LINE_BYTES => {
                    take(Err(format!("a command is longer than {MAX_LINE_BYTES} bytes")));
                    break;
                }
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => take(serde_json::from_slice(&line).map_err(|error| error.to_string())),
            }
        }
        end();
    })?;
    Ok(())
}

/// Prints what is wrong as an event, in the person's language.
#[derive(Clone)]
pub struct Complainer {
    printer: Printer,
    language: Language,
}

impl Complainer {
    /// Prints to `printer`, texts in `language`.
    pub fn new(printer: Printer, language: Language) -> Self {
        Self { printer, language }
    }

    /// Prints an event `error`.
    pub fn complain(&self, problem: &Problem) {
        let text = wording::problem(Texts::of(self.language), problem);
        self.printer.print(json!({"event": "error", "problem": problem.code(), "text": text}));
    }

    /// Prints an event `ended`.
    pub fn ended(&self, reason: &str, problem: Option<&Problem>) {
        let text = problem.map(|problem| wording::problem(Texts::of(self.language), problem));
        self.printer.print(json!({"event": "ended", "reason": reason, "text": text}));
    }
}
