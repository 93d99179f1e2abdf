//! Automation of what both people can do alike: the same commands and events
//! for both programs.

mod files;

pub use files::WayName;

use super::view::{ClipboardIntent, ClipboardView, OfferedView, TogetherIntent, TogetherView};
use crate::{automation::Printer, together::files::FileIntent};
use files::FilesTold;
use mitblick_protocol::{
    chat::{ChatNumber, Delivery, Speaker},
    clipboard::{ClipWays, Question},
    transfer::OfferNumber,
};
use serde::Deserialize;
use serde_json::json;
use std::path::PathBuf;

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
    /// Offer a text for the other side's clipboard.
    OfferText {
        /// The text.
        text: String,
    },
    /// Take it back.
    WithdrawText {},
    /// Put the other side's text into the clipboard here, or not.
    AnswerText {
        /// The text, by the number that it was told with.
        number: u64,
        /// Whether.
        take: bool,
    },
    /// Let copied text through (where something is shown).
    AllowClipboard {
        /// From where something is shown to who looks.
        to_watcher: bool,
        /// The other way.
        to_shower: bool,
    },
    /// Let out what is copied here, as far as the other side lets it in.
    LetOutClipboard {
        /// Whether.
        out: bool,
    },
    /// Offer files and folders.
    OfferFiles {
        /// Which.
        paths: Vec<PathBuf>,
    },
    /// Save files of an offer of the other side.
    AcceptFile {
        /// The offer.
        offer: u32,
        /// Places of the files in it; without: all.
        files: Option<Vec<u32>>,
        /// Where.
        folder: PathBuf,
    },
    /// Save nothing of an offer.
    RefuseFile {
        /// The offer.
        offer: u32,
    },
    /// No more of a file, or of all of an offer.
    CancelFile {
        /// Which way the offer goes.
        way: WayName,
        /// The offer.
        offer: u32,
        /// The file's place; without: all.
        file: Option<u32>,
    },
    /// Pause an offer.
    PauseFile {
        /// Which way the offer goes.
        way: WayName,
        /// The offer.
        offer: u32,
    },
    /// Let it go on.
    ResumeFile {
        /// Which way the offer goes.
        way: WayName,
        /// The offer.
        offer: u32,
    },
}

impl TogetherCommand {
    /// The names of these commands.
    pub(crate) const NAMES: &[&str] = &[
        "say",
        "look_at_chat",
        "offer_text",
        "withdraw_text",
        "answer_text",
        "allow_clipboard",
        "let_out_clipboard",
        "offer_files",
        "accept_file",
        "refuse_file",
        "cancel_file",
        "pause_file",
        "resume_file",
    ];

    /// What the person would do.
    pub fn intent(self) -> TogetherIntent {
        match self {
            Self::Say { text } => TogetherIntent::Say(text),
            Self::LookAtChat {} => TogetherIntent::LookAtChat,
            Self::OfferText { text } => TogetherIntent::Clipboard(ClipboardIntent::Offer(text)),
            Self::WithdrawText {} => TogetherIntent::Clipboard(ClipboardIntent::Withdraw),
            Self::AnswerText { number, take } => {
                TogetherIntent::Clipboard(ClipboardIntent::Answer { question: Question(number), take })
            }
            Self::AllowClipboard { to_watcher, to_shower } => {
                TogetherIntent::Clipboard(ClipboardIntent::Allow(ClipWays { to_watcher, to_shower }))
            }
            Self::LetOutClipboard { out } => TogetherIntent::Clipboard(ClipboardIntent::LetOut(out)),
            Self::OfferFiles { paths } => TogetherIntent::File(FileIntent::Offer(paths)),
            Self::AcceptFile { offer, files, folder } => TogetherIntent::File(files::accept(offer, files, folder)),
            Self::RefuseFile { offer } => TogetherIntent::File(FileIntent::Refuse(OfferNumber(offer))),
            Self::CancelFile { way, offer, file } => TogetherIntent::File(files::cancel(way, offer, file)),
            Self::PauseFile { way, offer } => TogetherIntent::File(files::hold(way, offer, true)),
            Self::ResumeFile { way, offer } => TogetherIntent::File(files::hold(way, offer, false)),
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
    clipboard: Option<ClipboardView>,
    files: FilesTold,
}

impl TogetherTold {
    /// Tells what is new in this view.
    pub fn tell(&mut self, view: &TogetherView, printer: &Printer) {
        self.tell_clipboard(&view.clipboard, printer);
        self.files.tell(&view.files, printer);
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

    fn tell_clipboard(&mut self, view: &ClipboardView, printer: &Printer) {
        let Some(told) = self.clipboard.replace(view.clone()) else { return };
        if told.waiting != view.waiting
            && let Some(asked) = &view.waiting
        {
            printer.print(json!({"event": "text_offered", "number": asked.question.0, "text": &*asked.text}));
        }
        if told.offered != view.offered {
            let state = match view.offered {
                OfferedView::Nothing => "none",
                OfferedView::Waiting => "waiting",
                OfferedView::Taken => "taken",
                OfferedView::Refused => "refused",
            };
            printer.print(json!({"event": "text_state", "state": state}));
        }
        if (told.ways, told.lets_out) != (view.ways, view.lets_out) {
            printer.print(json!({"event": "clipboard", "to_watcher": view.ways.to_watcher,
                "to_shower": view.ways.to_shower, "lets_out": view.lets_out}));
        }
        if told.put != view.put {
            printer.print(json!({"event": "clipboard_put", "count": view.put}));
        }
    }
}
