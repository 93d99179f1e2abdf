//! What the two programs say on the stream beside control and picture: the
//! same messages both ways.

use crate::{chat::ChatMsg, clipboard::ClipboardMsg};
use bincode::{Decode, Encode};

/// A message of [`crate::sealed::Stream::Chat`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TalkMsg {
    /// From person to person.
    Chat(ChatMsg),
    /// From clipboard to clipboard.
    Clipboard(ClipboardMsg),
}
