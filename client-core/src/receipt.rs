//! The receipt of a session, from writing down to keeping and checking it. The
//! rules are [`mitblick_protocol::receipt`]'s.
//!
//! ```text
//! customer's controller ─ KeeperSide ──▶ kept::page ─▶ save ─▶ a file
//! advisor's controller  ─ WitnessSide                            │
//! mitblick-customer receipt verify, show ◀─ kept::read ◀─────────┘
//! ```

pub mod command;
mod form;
pub mod kept;
pub mod save;
mod telling;
mod text;
mod write;

use crate::together::Noted;
use mitblick_protocol::{
    handshake::Established,
    peer_msg::{ControlEnd, EndReason, RecordingEnd, ToShower, ToWatcher, TurnEnd},
    receipt::{Begun, Fact, Keeper, Names, ReceiptSecret, Setting, Side, ToKeeper, ToWitness, Told, Witness},
    session::{EndedBy, Misbehaviour, ShowerControl, ShowerRecording, ShowerState, ShowerTurn},
    text::DisplayText,
    time::Moment,
};
use zeroize::Zeroizing;

/// What a program knows by itself when a session begins.
pub struct Surroundings {
    /// The broker's pin.
    pub pin: [u8; 32],
    /// The broker's key for cards.
    pub card_key: [u8; 32],
    /// Seconds since 1970 at the origin of `Moment`.
    pub unix_s_at_origin: u64,
    /// Source of randomness.
    pub entropy: fn(&mut [u8]),
}

impl Surroundings {
    fn setting(&self, established: &Established) -> Setting {
        Setting {
            binding: established.binding,
            broker: self.pin,
            card_key: self.card_key,
            card: established.card.clone(),
            suite: established.suite,
            check_words: established.check_words.places(),
        }
    }

    fn secret(&self) -> ReceiptSecret {
        let mut bytes = Zeroizing::new([0; 32]);
        (self.entropy)(bytes.as_mut_slice());
        ReceiptSecret::from_bytes(&bytes)
    }

    fn unix_ms(&self, now: Moment) -> u64 {
        self.unix_s_at_origin.saturating_mul(1_000).saturating_add(now.as_ms())
    }
}

/// The side whose person may keep the receipt.
pub struct KeeperSide {
    keeper: Keeper,
    around: Surroundings,
    begun_unix_ms: u64,
}

impl KeeperSide {
    /// For a session that begins. `utc_offset_s` is what the local time is
    /// ahead of UTC, in seconds.
    pub fn new(established: &Established, around: Surroundings, utc_offset_s: i32, now: Moment) -> Self {
        let begun = Begun { unix_ms: around.unix_ms(now), utc_offset_s };
        let keeper = Keeper::new(around.secret(), around.setting(established), begun);
        Self { keeper, around, begun_unix_ms: begun.unix_ms }
    }

    /// This side says this to the other one, while `shown` is what it shows.
    pub fn note(&mut self, message: &ToWatcher, shown: &[String], now: Moment) {
        let unix_ms = self.around.unix_ms(now);
        if let ToWatcher::End(reason) = message {
            return self.note_end(EndedBy::ThisSide, *reason, now);
        }
        match Told::of(message).map(Told::fact) {
            None => {}
            Some(Some(fact)) => self.keeper.note(fact, unix_ms),
            Some(None) => {
                let mut salt = [0; 32];
                (self.around.entropy)(&mut salt);
                let names = shown.iter().map(|name| DisplayText::cleaned(name)).collect();
                self.keeper.note_showing(Names { names, salt }, unix_ms);
            }
        }
    }

    /// A file has come whole, or the clipboard's switch was turned.
    pub fn note_together(&mut self, noted: Noted, now: Moment) {
        let fact = match noted {
            Noted::File(file) => Fact::File(file),
            Noted::Clipboard(ways) => Fact::Clipboard(ways),
        };
        self.keeper.note(fact, self.around.unix_ms(now));
    }

    /// The session is over. What was noted of an end before counts.
    pub fn note_end(&mut self, by: EndedBy, reason: EndReason, now: Moment) {
        self.keeper.note(Fact::Ended { by: Side::from(by), reason }, self.around.unix_ms(now));
    }

    /// Takes a message of the other side.
    ///
    /// # Errors
    /// An honest program can't have sent this.
    pub fn hear(&mut self, message: ToKeeper) -> Result<(), Misbehaviour> {
        self.keeper.handle(message)
    }

    /// What must be sent next. To be drained after every other call.
    pub fn poll_message(&mut self) -> Option<ToWatcher> {
        self.keeper.poll_message().map(ToWatcher::Receipt)
    }

    /// Whether the other side can still sign something that it has not.
    pub fn awaits_signature(&self) -> bool {
        self.keeper.awaits_signature()
    }

    /// The link broke, and the session may go on over another one. What rights
    /// there were ended with it, in words that nobody could be told.
    pub fn interrupted(&mut self, before: &ShowerState, now: Moment) {
        let unix_ms = self.around.unix_ms(now);
        self.keeper.interrupted(unix_ms);
        let controlled = matches!(before.control, ShowerControl::Granted { .. });
        let recorded = matches!(before.recording, ShowerRecording::Granted { .. });
        let turned = matches!(before.turn, ShowerTurn::Granted { .. });
        let ends = [
            (controlled, Fact::ControlEnded(ControlEnd::LinkLost)),
            (recorded, Fact::RecordingEnded(RecordingEnd::LinkLost)),
            (turned, Fact::TurnEnded(TurnEnd::LinkLost)),
        ];
        for (_, fact) in ends.into_iter().filter(|(was_granted, _)| *was_granted) {
            self.keeper.note(fact, unix_ms);
        }
    }

    /// It goes on.
    pub fn resumed(&mut self, now: Moment) {
        self.keeper.note(Fact::Resumed, self.around.unix_ms(now));
    }

    /// When the session began, in milliseconds since 1970.
    pub fn begun_unix_ms(&self) -> u64 {
        self.begun_unix_ms
    }

    /// The receipt.
    pub fn keeper(&self) -> &Keeper {
        &self.keeper
    }
}

/// The side that signs.
pub struct WitnessSide {
    witness: Witness,
    around: Surroundings,
}

impl WitnessSide {
    /// For a session that begins.
    pub fn new(established: &Established, around: Surroundings) -> Self {
        Self { witness: Witness::new(around.secret(), around.setting(established)), around }
    }

    /// Takes whatever the shower says, after its order has been judged and
    /// before it is acted on.
    ///
    /// # Errors
    /// An honest program can't have sent this.
    pub fn hear(&mut self, message: &ToWatcher, now: Moment) -> Result<(), Misbehaviour> {
        match message {
            ToWatcher::Receipt(message) => self.handle(message.clone(), now),
            message => self.witness.told(message),
        }
    }

    fn handle(&mut self, message: ToWitness, now: Moment) -> Result<(), Misbehaviour> {
        self.witness.handle(message, self.around.unix_ms(now))
    }

    /// A file has come whole, or the clipboard's switch was turned.
    ///
    /// # Errors
    /// What the other side wrote meanwhile can't be.
    pub fn note_together(&mut self, noted: Noted, now: Moment) -> Result<(), Misbehaviour> {
        let unix_ms = self.around.unix_ms(now);
        match noted {
            Noted::File(file) => self.witness.told_file(file, unix_ms),
            Noted::Clipboard(ways) => self.witness.told_clipboard(ways, unix_ms),
        }
    }

    /// The link broke, and the session may go on over another one.
    pub fn interrupted(&mut self) {
        self.witness.interrupted();
    }

    /// This side is about to say that it ends the session.
    pub fn farewell(&mut self, now: Moment) {
        self.witness.farewell(self.around.unix_ms(now));
    }

    /// What must be sent next. To be drained after every other call.
    pub fn poll_message(&mut self) -> Option<ToShower> {
        self.witness.poll_message().map(ToShower::Receipt)
    }
}
