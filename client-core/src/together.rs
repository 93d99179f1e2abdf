//! What both people of a session can do alike, whichever side they are on:
//! chat, text between clipboards, files. The controllers of both programs hold
//! one [`Together`] for a session, hand it what comes on its streams and perform
//! its effects.
//!
//! ```text
//! person ─ TogetherIntent ─▶ Together ─ TogetherView ─▶ ui::together
//! stream Chat ─ receive ─▶   Together ─ TogetherEffect::Send ─▶ outbox
//! worker ─ TogetherEvent ─▶  Together ─ TogetherEffect::Work ─▶ worker
//! stream File ─ receive ─▶   Together ◀─ next_message ─ whoever sends, when
//!                                           nothing more urgent waits
//! FileWorker ─ FileEvent ─▶  Together ─ TogetherEffect::Files ─▶ FileWorker
//! ```

pub mod automation;
mod clipboard;
pub mod files;
pub mod view;
pub mod worker;

pub use view::{ChatLine, ChatView, ClipboardView, Left, OfferedView, TogetherIntent, TogetherView};
pub use worker::{TogetherEvent, TogetherWork, TogetherWorker};

use crate::problem::Problem;
use files::{FileEvent, FileFact, FileWork, Files, FilesEffect};
use mitblick_protocol::{
    chat::{Chat, ChatError, visible},
    clipboard::{ClipWays, Clipboard, ClipboardMsg, Role},
    policy::ClipboardRule,
    receipt::{self, Side},
    sealed::Stream,
    session::Misbehaviour,
    talk::TalkMsg,
    text::DisplayText,
    time::Moment,
    transfer::{FileKinds, FileState, TransferMsg, Way},
    wire::{self, WireError},
};
use std::{collections::VecDeque, sync::Arc};

/// What the controller must do for it.
#[derive(Debug)]
pub enum TogetherEffect {
    /// Seal and send this.
    Send(Stream, Vec<u8>),
    /// The same, as long as copied text may go: see [`Self::Revoke`].
    SendCopy(Stream, Vec<u8>),
    /// Copied text may go no more, nor what of it has not left yet.
    Revoke(Stream),
    /// Something for the worker.
    Work(TogetherWork),
    /// Something for the files' worker.
    Files(FileWork),
    /// Something that belongs into the receipt.
    Happened(Fact),
    /// Something that the person wanted can't be.
    Complain(Problem),
    /// [`Together::view`] has changed.
    Changed,
}

/// What belongs into the receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A file came to its end, good or bad.
    File(FileFact),
    /// The clipboard's switch lets this through from here on.
    Clipboard(ClipWays),
}

/// As the receipt has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noted {
    /// A file came whole.
    File(receipt::FileFact),
    /// The clipboard's switch was turned.
    Clipboard(ClipWays),
}

impl Fact {
    /// As the receipt has it: of files those that came whole, by which side
    /// they are from.
    pub fn for_receipt(&self, here: Side) -> Option<Noted> {
        let file = match self {
            Self::File(file) => file,
            Self::Clipboard(ways) => return Some(Noted::Clipboard(*ways)),
        };
        let FileState::Done(sha256) = file.state else { return None };
        let there = match here {
            Side::Keeper => Side::Witness,
            Side::Witness => Side::Keeper,
        };
        Some(Noted::File(receipt::FileFact {
            from: match file.way {
                Way::Out => here,
                Way::In => there,
            },
            name: DisplayText::cleaned(&file.name),
            bytes: file.bytes,
            sha256: sha256.0,
        }))
    }
}

/// What an honest program can't have sent.
#[derive(Debug, thiserror::Error)]
pub enum Hostile {
    /// Bytes that are no message.
    #[error(transparent)]
    Message(#[from] WireError),
    /// A message that can't be at this moment.
    #[error(transparent)]
    Misbehaviour(#[from] Misbehaviour),
    /// A stream that nothing comes on.
    #[error("a message on a stream that has none")]
    Stream,
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Together {
    chat: Chat,
    lines: Arc<Vec<ChatLine>>,
    clipboard: Clipboard,
    shown: ClipboardView,
    /// Whether something is shown at this moment: only then the clipboard's
    /// switch can be on.
    showing: bool,
    /// The program is locked: nothing comes into its clipboard, and no file goes
    /// on.
    locked: bool,
    files: Files,
    /// How many files of the other side are on this computer.
    saved: u32,
    problem: Option<Problem>,
    unix_s_at_origin: u64,
    effects: VecDeque<TogetherEffect>,
}

impl Together {
    /// For a session that begins; `unix_s_at_origin` are the seconds since 1970
    /// at the origin of `Moment`.
    pub fn new(role: Role, rule: ClipboardRule, unix_s_at_origin: u64, now: Moment) -> Self {
        Self {
            chat: Chat::new(now),
            lines: Arc::default(),
            clipboard: Clipboard::new(role, rule, now),
            shown: ClipboardView::new(role, rule),
            showing: false,
            locked: false,
            files: Files::new(FileKinds::NONE, FileKinds::NONE, now),
            saved: 0,
            problem: None,
            unix_s_at_origin,
            effects: VecDeque::new(),
        }
    }

    /// With files, as far as the company's rules let them be offered and taken
    /// here.
    #[must_use]
    pub fn with_files(mut self, may_offer: FileKinds, may_take: FileKinds, now: Moment) -> Self {
        self.files = Files::new(may_offer, may_take, now);
        self.drain_files();
        self
    }

    /// What the person is shown.
    pub fn view(&self) -> TogetherView {
        let chat = ChatView { lines: Arc::clone(&self.lines), unseen: self.chat.unseen() };
        TogetherView { chat, clipboard: self.shown.clone(), files: self.files.view(), problem: self.problem.clone() }
    }

    /// What stays on this computer when it ends.
    pub fn left(&self) -> Left {
        Left { files: self.saved, clipboard: self.shown.put > 0 }
    }

    /// What must be done next. To be drained after every other call.
    pub fn poll_effect(&mut self) -> Option<TogetherEffect> {
        self.effects.pop_front()
    }

    /// The person wants something.
    pub fn handle_intent(&mut self, intent: TogetherIntent, now: Moment) {
        match intent {
            TogetherIntent::Say(text) => match self.chat.say(&text, now) {
                Ok(()) => self.problem = None,
                Err(ChatError::Blank | ChatError::Ended) => return,
                Err(ChatError::TooLong { .. }) => return self.complain(Problem::ChatTooLong),
                Err(ChatError::TooFast) => return self.complain(Problem::ChatTooFast),
            },
            TogetherIntent::LookAtChat if self.chat.unseen() == 0 => return,
            TogetherIntent::LookAtChat => self.chat.look(),
            TogetherIntent::Clipboard(intent) => return self.clipboard_intent(intent, now),
            TogetherIntent::File(intent) => {
                self.files.handle_intent(intent, now);
                return self.drain_files();
            }
        }
        self.chat_changed();
    }

    /// A worker reports.
    pub fn handle_event(&mut self, event: TogetherEvent, now: Moment) {
        self.clipboard_event(event, now);
    }

    /// When to call [`Self::handle_timeout`], if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Moment> {
        [self.clipboard.poll_timeout(), self.files.poll_timeout()].into_iter().flatten().min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Moment) {
        if self.clipboard.poll_timeout().is_some_and(|at| at <= now) {
            self.clipboard.handle_timeout(now);
            self.clipboard_changed();
        }
        self.files.handle_timeout(now);
        self.drain_files();
    }

    /// The link is gone: rights end, and what is said waits.
    pub fn link_lost(&mut self, now: Moment) {
        self.chat.link_lost();
        self.clipboard.link_lost(now);
        self.effects.retain(|effect| !matches!(effect, TogetherEffect::Send(..) | TogetherEffect::SendCopy(..)));
        self.clipboard_changed();
        self.files.link_lost(now);
        self.drain_files();
    }

    /// Both programs have found together again. Transfers of files go on by
    /// themselves: what a person wanted was this very file.
    pub fn link_restored(&mut self, now: Moment) {
        self.chat.link_restored();
        self.chat_changed();
        self.files.link_back(now);
        self.drain_files();
    }

    /// Whether something is shown from now on. When it is not any more, the
    /// clipboard's switch goes off.
    pub fn set_showing(&mut self, showing: bool) {
        if std::mem::replace(&mut self.showing, showing) && !showing {
            self.clipboard.end_rights();
            self.clipboard_changed();
        }
    }

    /// The program is locked, or no longer: then nothing leaves its clipboard
    /// and nothing comes in, and files wait.
    pub fn set_locked(&mut self, locked: bool) {
        self.locked = locked;
        if locked {
            self.clipboard.end_rights();
            self.clipboard_changed();
        }
    }

    /// Takes a message that came on one of its streams.
    ///
    /// # Errors
    /// An honest program can't have sent this; the session must end.
    pub fn receive(&mut self, stream: Stream, message: &[u8], now: Moment) -> Result<(), Hostile> {
        match stream {
            Stream::Chat => {
                match wire::decode::<TalkMsg, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message)? {
                    TalkMsg::Chat(message) => {
                        self.chat.handle(message, now)?;
                        self.chat_changed();
                    }
                    TalkMsg::Clipboard(message) => {
                        self.clipboard.handle(message, now)?;
                        self.clipboard_changed();
                    }
                }
                Ok(())
            }
            Stream::File => {
                let message = wire::decode::<TransferMsg, { wire::MAX_CONTROL_MESSAGE_BYTES }>(message)?;
                self.files.handle(message, now)?;
                self.drain_files();
                Ok(())
            }
            Stream::Control | Stream::Input | Stream::Picture => Err(Hostile::Stream),
        }
    }

    /// The files' worker reports.
    pub fn handle_files(&mut self, event: FileEvent, now: Moment) {
        self.files.handle_event(event, now);
        self.drain_files();
    }

    /// Whether [`Together::next_message`] has something.
    pub fn has_message(&self) -> bool {
        !self.locked && self.files.has_message()
    }

    /// What may be sent when nothing waits to be sent: a piece of a file.
    pub fn next_message(&mut self, now: Moment) -> Option<(Stream, Vec<u8>)> {
        if self.locked {
            return None;
        }
        let message = self.files.next_message(now);
        self.drain_files();
        message
    }

    /// The session is over: nothing is watched any more.
    pub fn end(&mut self, now: Moment) {
        self.clipboard.link_lost(now);
        self.clipboard_changed();
        self.files.end();
        self.drain_files();
    }

    fn drain_files(&mut self) {
        while let Some(effect) = self.files.poll_effect() {
            match effect {
                FilesEffect::Work(work) => self.effects.push_back(TogetherEffect::Files(work)),
                FilesEffect::Complain(problem) => self.complain(problem),
                FilesEffect::Fine => self.problem = None,
                FilesEffect::Happened(fact) => {
                    if fact.way == Way::In && matches!(fact.state, FileState::Done(_)) {
                        self.saved = self.saved.saturating_add(1);
                    }
                    self.effects.push_back(TogetherEffect::Happened(Fact::File(fact)));
                }
                FilesEffect::Changed => self.effects.push_back(TogetherEffect::Changed),
            }
        }
    }

    fn chat_changed(&mut self) {
        while let Some(message) = self.chat.poll_message() {
            self.talk(TalkMsg::Chat(message));
        }
        let lines = self.chat.lines().map(|line| ChatLine {
            speaker: line.speaker,
            number: line.number,
            text: visible(line.text.as_str()),
            unix_s: self.unix_s_at_origin + line.at.as_ms() / 1_000,
        });
        self.lines = Arc::new(lines.collect());
        self.effects.push_back(TogetherEffect::Changed);
    }

    fn talk(&mut self, message: TalkMsg) {
        let is_copy = matches!(message, TalkMsg::Clipboard(ClipboardMsg::Copied(_)));
        match wire::encode(&message) {
            Ok(bytes) if is_copy => self.effects.push_back(TogetherEffect::SendCopy(Stream::Chat, bytes)),
            Ok(bytes) => self.effects.push_back(TogetherEffect::Send(Stream::Chat, bytes)),
            Err(error) => tracing::error!(%error, "a message can't be written"),
        }
    }

    fn complain(&mut self, problem: Problem) {
        self.problem = Some(problem.clone());
        self.effects.push_back(TogetherEffect::Complain(problem));
        self.effects.push_back(TogetherEffect::Changed);
    }
}
