//! Automation of what both people can do alike: the same commands and events
//! for both programs.

use super::view::{TogetherIntent, TogetherView};
use crate::automation::Printer;
use mitblick_protocol::chat::{ChatNumber, Delivery, Speaker};
use serde::Deserialize;
use serde_json::json;

/// A command line.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum TogetherCommand {
    /// Say something in the chat.
    Say {
        /// What.
        text: String,
    },
    /// The chat has been read.
    LookAtChat {},
}

impl TogetherCommand {
    /// The names of these commands.
    pub(crate) const NAMES: &[&str] = &["say", "look_at_chat"];

    /// What the person would do.
    pub fn intent(self) -> TogetherIntent {
        match self {
            Self::Say { text } => TogetherIntent::Say(text),
            Self::LookAtChat {} => TogetherIntent::LookAtChat,
        }
    }
}

/// What was told last, to see changes.
#[derive(Debug, Default)]
pub struct TogetherTold {
    chat: super::view::ChatView,
    heard: ChatNumber,
    delivered: ChatNumber,
    seen: ChatNumber,
}

impl TogetherTold {
    /// Tells what is new in this view.
    pub fn tell(&mut self, view: &TogetherView, printer: &Printer) {
        if self.chat == view.chat {
            return;
        }
        self.chat = view.chat.clone();
        for line in view.chat.lines.iter() {
            let (told, state) = match line.speaker {
                Speaker::There => (&mut self.heard, None),
                Speaker::Here(Delivery::Sent) => continue,
                Speaker::Here(Delivery::Delivered) => (&mut self.delivered, Some("delivered")),
                Speaker::Here(Delivery::Seen) => {
                    self.delivered = self.delivered.max(line.number);
                    (&mut self.seen, Some("seen"))
                }
            };
            if line.number <= *told {
                continue;
            }
            *told = line.number;
            printer.print(match state {
                None => json!({"event": "chat", "number": line.number.0, "text": line.text}),
                Some(state) => json!({"event": "chat_state", "number": line.number.0, "state": state}),
            });
        }
    }
}
