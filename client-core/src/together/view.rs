//! What of the things that both people can do alike is shown, and what a
//! person can want of them.

use super::files::{FileIntent, FilesView};
use crate::problem::Problem;
use mitblick_protocol::{
    chat::{ChatNumber, Speaker},
    clipboard::{ClipWays, Question, Role},
    policy::ClipboardRule,
};
use std::sync::Arc;

/// Everything of it that a window shows. Cheap to clone and to compare.
#[derive(Clone, Debug, PartialEq)]
pub struct TogetherView {
    /// The chat.
    pub chat: ChatView,
    /// Text between clipboards.
    pub clipboard: ClipboardView,
    /// Files.
    pub files: FilesView,
    /// Why what the person wanted last can't be, if it can't.
    pub problem: Option<Problem>,
}

/// The chat.
#[derive(Clone, Debug, Default)]
pub struct ChatView {
    /// What was said, oldest first. Another list whenever something changed.
    pub lines: Arc<Vec<ChatLine>>,
    /// How many lines of the other person were not in view yet.
    pub unseen: u32,
}

impl PartialEq for ChatView {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.lines, &other.lines) && self.unseen == other.unseen
    }
}

/// A line of the chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLine {
    /// Who said it, and how far it has come.
    pub speaker: Speaker,
    /// Its number among the speaker's lines.
    pub number: ChatNumber,
    /// What was said, with everything visible.
    pub text: String,
    /// When, in seconds since 1970.
    pub unix_s: u64,
}

/// Text between clipboards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipboardView {
    /// Whose screen is shown turns the switch.
    pub role: Role,
    /// What the company allows.
    pub rule: ClipboardRule,
    /// What the switch lets through.
    pub ways: ClipWays,
    /// Whether what is copied here goes out while the switch lets it.
    pub lets_out: bool,
    /// How the last text offered from here went.
    pub offered: OfferedView,
    /// The other side's text that waits for an answer here.
    pub waiting: Option<Asked>,
    /// What was in the clipboard when the person asked for it.
    pub draft: Option<Draft>,
    /// How many texts of the other side came into the clipboard here.
    pub put: u32,
}

impl ClipboardView {
    /// At the beginning of a session.
    pub const fn new(role: Role, rule: ClipboardRule) -> Self {
        let lets_out = matches!(role, Role::Shower);
        let offered = OfferedView::Nothing;
        Self { role, rule, ways: ClipWays::OFF, lets_out, offered, waiting: None, draft: None, put: 0 }
    }
}

/// What of the other side's stays on this computer after the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Left {
    /// Files that came whole.
    pub files: u32,
    /// Text came into the clipboard.
    pub clipboard: bool,
}

/// How the last text offered from here went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferedView {
    /// There is none.
    Nothing,
    /// The other person has not decided.
    Waiting,
    /// It is in the other clipboard.
    Taken,
    /// The other person did not want it.
    Refused,
}

/// A text of the other side, and whether it may come into the clipboard here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What an answer to it says.
    pub question: Question,
    /// The text, with everything visible.
    pub text: Arc<str>,
}

/// A text to look at before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Counts them, so that the same text twice is two.
    pub count: u32,
    /// The text.
    pub text: Arc<str>,
}

/// What a person can want of the clipboard.
#[derive(Clone, PartialEq, Eq)]
pub enum ClipboardIntent {
    /// See what is in it, to offer it.
    Read,
    /// Offer this text to the other person.
    Offer(String),
    /// Take the offer back.
    Withdraw,
    /// Put the other person's text into the clipboard here, or not.
    Answer {
        /// The text that was shown.
        question: Question,
        /// Whether.
        take: bool,
    },
    /// Let copied text through (the shower's human).
    Allow(ClipWays),
    /// Let out what is copied here, as far as the switch lets it.
    LetOut(bool),
}

/// Texts may be passwords: they stay out of logs.
impl std::fmt::Debug for ClipboardIntent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read => f.write_str("Read"),
            Self::Offer(text) => write!(f, "Offer({} bytes)", text.len()),
            Self::Withdraw => f.write_str("Withdraw"),
            Self::Answer { question, take } => write!(f, "Answer({}, {take})", question.0),
            Self::Allow(ways) => write!(f, "Allow({ways:?})"),
            Self::LetOut(out) => write!(f, "LetOut({out})"),
        }
    }
}

/// What a person can want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TogetherIntent {
    /// Say this in the chat.
    Say(String),
    /// The chat is in view.
    LookAtChat,
    /// Something with the clipboard.
    Clipboard(ClipboardIntent),
    /// Something with files.
    File(FileIntent),
}
