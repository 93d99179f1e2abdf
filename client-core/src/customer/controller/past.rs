//! After a session: its receipt, and the moment in which the other side signs
//! the end of it. Nothing is shown and no right lives any more.

use super::{CustomerController, CustomerWork, Stage, session::Session};
use crate::{
    controller::Effect,
    customer::view::{EndView, ReceiptState, ReceiptView},
    language::Language,
    problem::Problem,
    receipt::{
        KeeperSide, kept,
        save::{self, Place, Saving},
    },
    secure::SecureChannel,
};
use mitblick_protocol::{
    broker_msg::ToBroker,
    peer_msg::{EndReason, ToShower},
    sealed::Stream,
    session::EndedBy,
    time::Moment,
    wire,
};
use std::{path::PathBuf, time::Duration};

/// How long the other side may take to sign the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// A session that is over.
pub(super) struct Past {
    receipt: KeeperSide,
    state: ReceiptState,
    /// The link stays so long, for the last signature alone.
    leaving: Option<(SecureChannel, Moment)>,
    /// To be written as soon as the link is closed: with the last signature.
    wanted: Option<(Place, Language)>,
}

impl CustomerController {
    /// What of an ended session is left.
    pub(super) fn keep_past(&mut self, session: Session, by: EndedBy, reason: EndReason, now: Moment) {
        let Session { receipt, channel, .. } = session;
        let goes_on = match reason {
            EndReason::ByPerson | EndReason::TimeOver | EndReason::Declined => by == EndedBy::ThisSide,
            EndReason::ProgramClosed | EndReason::Misbehaved | EndReason::Broken => false,
        };
        let waits = goes_on && receipt.awaits_signature();
        let leaving = waits.then(|| (channel, now.after(FAREWELL)));
        self.past = Some(Box::new(Past { receipt, state: ReceiptState::Offered, leaving, wanted: None }));
        if !waits {
            self.leave_broker();
        }
    }

    fn leave_broker(&mut self) {
        self.effects.push_back(Effect::ToBroker(ToBroker::EndPair));
        self.effects.push_back(Effect::Disconnect);
    }

    /// Until when the link of an ended session stays.
    pub(super) fn leaves_at(&self) -> Option<Moment> {
        self.past.as_ref().and_then(|past| past.leaving.as_ref()).map(|(_, until)| *until)
    }

    /// Closes the link of an ended session, if it is still open.
    pub(super) fn leave(&mut self) {
        if self.past.as_mut().is_some_and(|past| past.leaving.take().is_some()) {
            self.leave_broker();
            self.write_receipt();
        }
    }

    /// Bytes that come after the end: only a signature counts.
    pub(super) fn past_relay(&mut self, record: &[u8], now: Moment) {
        let Some(past) = &mut self.past else { return };
        let Some((channel, _)) = &mut past.leaving else { return };
        let message = match channel.opener.open(record, now) {
            // What was on its way when it ended.
            Ok(None) => return,
            Ok(Some((Stream::Control, message))) => message,
            Ok(Some(_)) => return,
            Err(_) => return self.leave(),
        };
        let heard = match wire::decode::<ToShower, { wire::MAX_CONTROL_MESSAGE_BYTES }>(&message) {
            Ok(ToShower::Receipt(message)) => past.receipt.hear(message).is_ok(),
            Ok(_) => true,
            Err(_) => false,
        };
        if !heard || !past.receipt.awaits_signature() {
            self.leave();
        }
    }

    /// The person wants to keep the receipt.
    pub(super) fn keep_receipt(&mut self, place: Option<Place>, language: Language) {
        let folder = self.config.receipt_folder.clone().unwrap_or_else(|| PathBuf::from("."));
        let ended = matches!(self.stage, Stage::Ended(_));
        let Some(past) = self.past.as_mut().filter(|past| ended && past.state != ReceiptState::Saving) else {
            return self.effects.push_back(Effect::Complain(Problem::NotNow));
        };
        past.state = ReceiptState::Saving;
        past.wanted = Some((place.unwrap_or(Place::Folder(folder)), language));
        if past.leaving.is_none() {
            self.write_receipt();
        }
        self.publish();
    }

    fn write_receipt(&mut self) {
        let utc_offset_s = self.config.utc_offset_s;
        let Some(past) = &mut self.past else { return };
        let Some((place, language)) = past.wanted.take() else { return };
        let name = save::name(past.receipt.begun_unix_ms(), utc_offset_s, language);
        let page = kept::page(past.receipt.keeper(), language);
        self.work(CustomerWork::KeepReceipt(Saving { place, name, page }));
    }

    /// It is kept, or not.
    pub(super) fn receipt_kept(&mut self, result: Result<PathBuf, Problem>) {
        let Some(past) = &mut self.past else { return };
        past.state = match result {
            Ok(path) => ReceiptState::Kept(path.display().to_string()),
            Err(problem) => {
                self.effects.push_back(Effect::Complain(problem.clone()));
                ReceiptState::Failed(problem)
            }
        };
        self.publish();
    }

    /// The end screen, with what became of the receipt.
    pub(super) fn end_view(&self, end: &EndView) -> EndView {
        let folder = self.config.receipt_folder.as_ref().map(|folder| folder.display().to_string());
        let receipt = self
            .past
            .as_ref()
            .map(|past| ReceiptView { folder: folder.unwrap_or_default(), state: past.state.clone() });
        EndView { receipt, ..end.clone() }
    }
}
