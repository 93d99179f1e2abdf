//! The side that signs what it was told.

use super::{
    Countersignature, Entry, Fact, FileFact, MAX_FILE_ENTRIES, MAX_RECEIPT_ENTRIES, Opening, Party, ReceiptSecret,
    Setting, Side, ToKeeper, ToWitness,
    chain::{self, Head},
    version,
};
use crate::{
    clipboard::ClipWays,
    peer_msg::{
        ControlEnd, ControlState, EndReason, MoreTime, RecordingEnd, RecordingState, SharingState, ToWatcher, TurnEnd,
        TurnState,
    },
    recording::RecordingOwners,
    session::Misbehaviour,
};
use alloc::collections::VecDeque;

/// What a message told, as far as an entry must repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Told {
    Showing,
    Paused,
    Hidden,
    ControlAsked,
    ControlGranted { limit_s: Option<u32> },
    ControlRefused,
    ControlWithdrawn,
    ControlEnded(ControlEnd),
    MoreTimeAsked,
    MoreTimeGranted { limit_s: Option<u32> },
    MoreTimeRefused,
    RecordingAsked,
    RecordingGranted { owners: RecordingOwners },
    RecordingRefused,
    RecordingWithdrawn,
    RecordingEnded(RecordingEnd),
    TurnAsked,
    TurnGranted,
    TurnRefused,
    TurnWithdrawn,
    TurnEnded(TurnEnd),
}

impl Told {
    /// What this message tells that belongs into a receipt.
    pub const fn of(message: &ToWatcher) -> Option<Self> {
        match message {
            ToWatcher::Sharing(SharingState::Showing) => Some(Self::Showing),
            ToWatcher::Sharing(SharingState::Paused) => Some(Self::Paused),
            ToWatcher::Sharing(SharingState::Choosing) => Some(Self::Hidden),
            ToWatcher::Control(ControlState::Asked) => Some(Self::ControlAsked),
            ToWatcher::Control(ControlState::Granted { remaining_s, .. }) => {
                Some(Self::ControlGranted { limit_s: *remaining_s })
            }
            ToWatcher::Control(ControlState::Refused) => Some(Self::ControlRefused),
            ToWatcher::Control(ControlState::None) => Some(Self::ControlWithdrawn),
            ToWatcher::Control(ControlState::Ended(why)) => Some(Self::ControlEnded(*why)),
            ToWatcher::MoreTime(MoreTime::Asked) => Some(Self::MoreTimeAsked),
            ToWatcher::MoreTime(MoreTime::Granted { remaining_s }) => {
                Some(Self::MoreTimeGranted { limit_s: *remaining_s })
            }
            ToWatcher::MoreTime(MoreTime::Refused) => Some(Self::MoreTimeRefused),
            ToWatcher::Recording(RecordingState::Asked) => Some(Self::RecordingAsked),
            ToWatcher::Recording(RecordingState::Granted { owners, .. }) => {
                Some(Self::RecordingGranted { owners: *owners })
            }
            ToWatcher::Recording(RecordingState::Refused) => Some(Self::RecordingRefused),
            ToWatcher::Recording(RecordingState::None) => Some(Self::RecordingWithdrawn),
            ToWatcher::Recording(RecordingState::Ended(why)) => Some(Self::RecordingEnded(*why)),
            ToWatcher::Turn(TurnState::Asked) => Some(Self::TurnAsked),
            ToWatcher::Turn(TurnState::Granted { .. }) => Some(Self::TurnGranted),
            ToWatcher::Turn(TurnState::Refused) => Some(Self::TurnRefused),
            ToWatcher::Turn(TurnState::None) => Some(Self::TurnWithdrawn),
            ToWatcher::Turn(TurnState::Ended(why)) => Some(Self::TurnEnded(*why)),
            // The end has its entry before it, since nothing comes after it.
            ToWatcher::End(_)
            | ToWatcher::Hello { .. }
            | ToWatcher::Frame(_)
            | ToWatcher::FreshFrame(_)
            // Pointing belongs to being shown something.
            | ToWatcher::Pointing { .. }
            | ToWatcher::MarksCleared { .. }
            | ToWatcher::PointsOut(_)
            | ToWatcher::AskAnswered { .. }
            | ToWatcher::InputRefused { .. }
            | ToWatcher::EndsSoon { .. }
            // What is shown in a turn is the witness's own.
            | ToWatcher::Turned { .. }
            | ToWatcher::Receipt(_) => None,
        }
    }

    /// The entry for it; `None` for showing, whose names only the keeper has.
    pub const fn fact(self) -> Option<Fact> {
        Some(match self {
            Self::Showing => return None,
            Self::Paused => Fact::Paused,
            Self::Hidden => Fact::Hidden,
            Self::ControlAsked => Fact::ControlAsked,
            Self::ControlGranted { limit_s } => Fact::ControlGranted { limit_s },
            Self::ControlRefused => Fact::ControlRefused,
            Self::ControlWithdrawn => Fact::ControlWithdrawn,
            Self::ControlEnded(why) => Fact::ControlEnded(why),
            Self::MoreTimeAsked => Fact::MoreTimeAsked,
            Self::MoreTimeGranted { limit_s } => Fact::MoreTimeGranted { limit_s },
            Self::MoreTimeRefused => Fact::MoreTimeRefused,
            Self::RecordingAsked => Fact::RecordingAsked,
            Self::RecordingGranted { owners } => Fact::RecordingGranted { owners },
            Self::RecordingRefused => Fact::RecordingRefused,
            Self::RecordingWithdrawn => Fact::RecordingWithdrawn,
            Self::RecordingEnded(why) => Fact::RecordingEnded(why),
            Self::TurnAsked => Fact::TurnAsked,
            Self::TurnGranted => Fact::TurnGranted,
            Self::TurnRefused => Fact::TurnRefused,
            Self::TurnWithdrawn => Fact::TurnWithdrawn,
            Self::TurnEnded(why) => Fact::TurnEnded(why),
        })
    }

    fn is_told_by(self, fact: &Fact) -> bool {
        match self.fact() {
            Some(own) => own == *fact,
            None => matches!(fact, Fact::Showing(_)),
        }
    }
}

/// Compares the keeper's entries with what this side was told, and signs.
#[derive(Debug)]
pub struct Witness {
    secret: ReceiptSecret,
    setting: Setting,
    /// The head of the chain as far as it is confirmed, and its entries.
    head: Option<(Head, u32)>,
    last_unix_ms: u64,
    /// Told, and not yet repeated by an entry.
    told: VecDeque<Told>,
    files: VecDeque<FileFact>,
    /// What the clipboard's switch was turned to, and not yet repeated.
    clipboard: VecDeque<ClipWays>,
    /// An entry about a file or the clipboard that this side has not finished yet, and those
    /// behind it.
    waiting: VecDeque<Entry>,
    received: usize,
    /// More happened than a receipt holds.
    too_much: bool,
    /// The keeper has written that it ends, so.
    ended: Option<EndReason>,
    said_farewell: bool,
    /// The link broke: nothing more is signed.
    cut: bool,
    outgoing: VecDeque<ToKeeper>,
}

impl Witness {
    /// For a session that begins.
    pub fn new(secret: ReceiptSecret, setting: Setting) -> Self {
        let key = ToKeeper::Key(Party { key: secret.key(), version: version() });
        Self {
            secret,
            setting,
            head: None,
            last_unix_ms: 0,
            told: VecDeque::new(),
            files: VecDeque::new(),
            clipboard: VecDeque::new(),
            waiting: VecDeque::new(),
            received: 0,
            too_much: false,
            ended: None,
            said_farewell: false,
            cut: false,
            outgoing: VecDeque::from([key]),
        }
    }

    /// What must be sent next. To be drained after every other call.
    pub fn poll_message(&mut self) -> Option<ToKeeper> {
        self.outgoing.pop_front()
    }

    /// The shower's word, before it is acted on.
    ///
    /// # Errors
    /// It contradicts what the keeper wrote.
    pub fn told(&mut self, message: &ToWatcher) -> Result<(), Misbehaviour> {
        if self.cut {
            return Ok(());
        }
        if let ToWatcher::End(reason) = message {
            return if self.ended.is_none_or(|written| written == *reason) {
                Ok(())
            } else {
                Err(Misbehaviour::Receipt)
            };
        }
        let Some(told) = Told::of(message) else { return Ok(()) };
        if self.ended.is_some() {
            return Err(Misbehaviour::Receipt);
        }
        if !self.too_much {
            // Each is answered by an entry at once: so many can't wait.
            if self.told.len() >= MAX_RECEIPT_ENTRIES {
                return Err(Misbehaviour::Receipt);
            }
            self.told.push_back(told);
        }
        Ok(())
    }

    /// A file has come whole from one side to the other, as this side saw.
    pub fn told_file(&mut self, file: FileFact, unix_ms: u64) -> Result<(), Misbehaviour> {
        if self.cut {
            return Ok(());
        }
        // Of more than a receipt has entries for the newest have none.
        if !self.too_much && self.files.len() < MAX_FILE_ENTRIES {
            self.files.push_back(file);
        }
        self.go_on(unix_ms)
    }

    /// The shower has turned the clipboard's switch, as this side was told.
    ///
    /// # Errors
    /// What the keeper wrote meanwhile can't be.
    pub fn told_clipboard(&mut self, ways: ClipWays, unix_ms: u64) -> Result<(), Misbehaviour> {
        if self.cut {
            return Ok(());
        }
        if !self.too_much {
            if self.clipboard.len() >= MAX_RECEIPT_ENTRIES {
                return Err(Misbehaviour::Receipt);
            }
            self.clipboard.push_back(ways);
        }
        self.go_on(unix_ms)
    }

    /// Takes a message of the keeper; `unix_ms` is this side's own time.
    ///
    /// # Errors
    /// An honest keeper can't have sent this.
    pub fn handle(&mut self, message: ToWitness, unix_ms: u64) -> Result<(), Misbehaviour> {
        match message {
            _ if self.cut => Ok(()),
            ToWitness::Begin { .. } if self.head.is_some() => Err(Misbehaviour::Receipt),
            ToWitness::Begin { keeper, begun } => {
                let witness = Some(Party { key: self.secret.key(), version: version() });
                let opening = Opening { setting: self.setting.clone(), begun, keeper, witness };
                self.last_unix_ms = begun.unix_ms;
                let head = chain::opening(&opening);
                self.head = Some((head, 0));
                self.sign(head, 0, unix_ms, false);
                Ok(())
            }
            ToWitness::Entry(_) if self.received >= MAX_RECEIPT_ENTRIES => Err(Misbehaviour::Receipt),
            ToWitness::Entry(entry) => {
                self.received += 1;
                self.waiting.push_back(entry);
                self.go_on(unix_ms)
            }
        }
    }

    /// Confirms what can be confirmed.
    fn go_on(&mut self, unix_ms: u64) -> Result<(), Misbehaviour> {
        while let Some(entry) = self.waiting.front() {
            if entry.unix_ms < self.last_unix_ms || self.ended.is_some() {
                return Err(Misbehaviour::Receipt);
            }
            match &entry.fact {
                Fact::File(file) => {
                    // The two streams may overtake each other.
                    let Some(place) = self.files.iter().position(|known| known == file) else { return Ok(()) };
                    self.files.remove(place);
                }
                Fact::Clipboard(ways) => match self.clipboard.pop_front() {
                    Some(told) if told == *ways => {}
                    Some(_) => return Err(Misbehaviour::Receipt),
                    None => return Ok(()),
                },
                Fact::TooMuch => {
                    self.too_much = true;
                    self.told.clear();
                    self.clipboard.clear();
                }
                // Which files are left out contradicts nothing.
                Fact::MoreFiles => {}
                // Only after a cut, and then nothing is sent.
                Fact::Interrupted | Fact::Resumed => return Err(Misbehaviour::Receipt),
                Fact::Ended { by: Side::Keeper, reason } => self.ended = Some(*reason),
                // The witness's own end comes to the keeper last of all.
                Fact::Ended { by: Side::Witness, .. } => return Err(Misbehaviour::Receipt),
                Fact::Showing(_)
                | Fact::Paused
                | Fact::Hidden
                | Fact::ControlAsked
                | Fact::ControlGranted { .. }
                | Fact::ControlRefused
                | Fact::ControlWithdrawn
                | Fact::ControlEnded(_)
                | Fact::MoreTimeAsked
                | Fact::MoreTimeGranted { .. }
                | Fact::MoreTimeRefused
                | Fact::RecordingAsked
                | Fact::RecordingGranted { .. }
                | Fact::RecordingRefused
                | Fact::RecordingWithdrawn
                | Fact::RecordingEnded(_)
                | Fact::TurnAsked
                | Fact::TurnGranted
                | Fact::TurnRefused
                | Fact::TurnWithdrawn
                | Fact::TurnEnded(_) => {
                    if !self.told.pop_front().is_some_and(|told| told.is_told_by(&entry.fact)) {
                        return Err(Misbehaviour::Receipt);
                    }
                }
            }
            let Some((head, entries)) = self.head else { return Err(Misbehaviour::Receipt) };
            let number = entries.saturating_add(1);
            let head = chain::entry(&head, number, entry);
            self.last_unix_ms = entry.unix_ms;
            self.head = Some((head, number));
            self.waiting.pop_front();
            self.sign(head, number, unix_ms, false);
        }
        Ok(())
    }

    /// This side ends the session: its last signature says so.
    pub fn farewell(&mut self, unix_ms: u64) {
        if let Some((head, entries)) = self.head
            && !self.cut
            && self.ended.is_none()
            && !core::mem::replace(&mut self.said_farewell, true)
        {
            self.sign(head, entries, unix_ms, true);
        }
    }

    /// The link broke, and the session may go on over another one.
    pub fn interrupted(&mut self) {
        self.cut = true;
        self.outgoing.clear();
    }

    fn sign(&mut self, head: Head, entries: u32, unix_ms: u64, ended: bool) {
        let unsigned = Countersignature { entries, unix_ms, ended, signature: [0; 64] };
        let signature = self.secret.sign(&unsigned.signed_bytes(&head));
        self.outgoing.push_back(ToKeeper::Signed(Countersignature { signature, ..unsigned }));
    }
}
