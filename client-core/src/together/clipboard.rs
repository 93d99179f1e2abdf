//! Text between clipboards, as the person sees it.

use super::{
    Fact, OfferedView, Together, TogetherEffect, TogetherEvent, TogetherWork,
    view::{Asked, ClipboardIntent, Draft},
};
use crate::problem::Problem;
use mitblick_protocol::{
    chat::visible,
    clipboard::{ClipError, ClipText, ClipWays, ClipboardEffect, Offered},
    sealed::Stream,
    talk::TalkMsg,
    time::Moment,
};

impl Together {
    pub(super) fn clipboard_intent(&mut self, intent: ClipboardIntent, now: Moment) {
        self.problem = None;
        let done = match intent {
            ClipboardIntent::Read => {
                self.effects.push_back(TogetherEffect::Work(TogetherWork::ReadClipboard));
                return;
            }
            ClipboardIntent::Offer(text) => self.clipboard.offer(&text, now).map_err(|error| match error {
                ClipError::Empty => Problem::ClipboardEmpty,
                ClipError::TooLong { .. } => Problem::ClipboardTooLong,
                ClipError::Forbidden => Problem::ClipboardForbidden,
                ClipError::Waiting => Problem::ClipboardWaiting,
                ClipError::TooFast => Problem::ClipboardTooFast,
            }),
            ClipboardIntent::Withdraw => {
                self.clipboard.withdraw();
                Ok(())
            }
            ClipboardIntent::Answer { question, take } => {
                self.clipboard.answer(question, take);
                Ok(())
            }
            ClipboardIntent::Allow(ways) if ways != ClipWays::OFF && !self.showing => Err(Problem::NotNow),
            ClipboardIntent::Allow(ways) => self.clipboard.allow(ways).then_some(()).ok_or(Problem::ClipboardForbidden),
            ClipboardIntent::LetOut(out) => {
                self.clipboard.let_out(out && !self.locked);
                Ok(())
            }
        };
        match done {
            Ok(()) => self.clipboard_changed(),
            Err(problem) => self.complain(problem),
        }
    }

    pub(super) fn clipboard_event(&mut self, event: TogetherEvent, now: Moment) {
        match event {
            TogetherEvent::ClipboardRead(Some(text)) => {
                // Nobody could send it, and a window would be slow to lay it out.
                if let Err(ClipError::TooLong { .. }) = ClipText::new(&text) {
                    return self.complain(Problem::ClipboardTooLong);
                }
                let count = self.shown.draft.as_ref().map_or(0, |draft| draft.count) + 1;
                self.shown.draft = Some(Draft { count, text: text.into() });
            }
            TogetherEvent::ClipboardRead(None) => return self.complain(Problem::ClipboardEmpty),
            // What is too long to be sent by itself can be sent as a file.
            TogetherEvent::Copied(text) => match ClipText::new(&text) {
                Ok(text) => self.clipboard.copied(text, now),
                Err(ClipError::TooLong { .. }) => return self.complain(Problem::ClipboardTooLong),
                Err(_) => {}
            },
            TogetherEvent::ClipboardFailed(text) => return self.complain(Problem::ClipboardUnavailable(text)),
        }
        self.clipboard_changed();
    }

    /// Performs what the clipboard's rules ask for, and shows what is.
    pub(super) fn clipboard_changed(&mut self) {
        while let Some(effect) = self.clipboard.poll_effect() {
            match effect {
                ClipboardEffect::Send(message) => self.talk(TalkMsg::Clipboard(message)),
                ClipboardEffect::Put(_) if self.locked => {}
                ClipboardEffect::Put(text) => {
                    self.shown.put = self.shown.put.saturating_add(1);
                    let work = TogetherWork::PutClipboard(text.as_str().to_owned());
                    self.effects.push_back(TogetherEffect::Work(work));
                }
                ClipboardEffect::Watch(on) => {
                    if !on {
                        self.effects.push_back(TogetherEffect::Revoke(Stream::Chat));
                    }
                    self.effects.push_back(TogetherEffect::Work(TogetherWork::WatchClipboard(on)));
                }
            }
        }
        let waiting = self.clipboard.waiting();
        if self.shown.waiting.as_ref().map(|asked| asked.question) != waiting.map(|(question, _)| question) {
            self.shown.waiting =
                waiting.map(|(question, text)| Asked { question, text: visible(text.as_str()).into() });
        }
        let ways = self.clipboard.ways();
        if std::mem::replace(&mut self.shown.ways, ways) != ways {
            self.effects.push_back(TogetherEffect::Happened(Fact::Clipboard(ways)));
        }
        self.shown.lets_out = self.clipboard.lets_out();
        self.shown.offered = match self.clipboard.offered() {
            Offered::Nothing => OfferedView::Nothing,
            Offered::Waiting(_) => OfferedView::Waiting,
            Offered::Taken => OfferedView::Taken,
            Offered::Refused => OfferedView::Refused,
        };
        self.effects.push_back(TogetherEffect::Changed);
    }
}
