//! What of the things that both people can do alike is shown, and what a
//! person can want of them.

use crate::problem::Problem;
use mitblick_protocol::chat::{ChatNumber, Speaker};
use std::sync::Arc;

/// Everything of it that a window shows. Cheap to clone and to compare.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TogetherView {
    /// The chat.
    pub chat: ChatView,
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

/// What a person can want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TogetherIntent {
    /// Say this in the chat.
    Say(String),
    /// The chat is in view.
    LookAtChat,
}
