//! The way of the person's intents from the window to the controller. What ends
//! control stops it first and on the window's own thread, as the stop key does,
//! so that no click waits for a controller that is busy. What says yes goes by
//! the witness of who presses, once there has been control.

use super::{
    by_hand::{Says, Waiting, Witness},
    control::Brake,
    view::CustomerIntent,
};
use crate::shell::IntentSender;
use arc_swap::ArcSwapOption;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

/// What the window needs of the session that is on, if one is. Without a lock: a
/// window that hangs while it pulls the brake holds up nobody.
#[derive(Clone, Default)]
pub struct SharedBrake(Arc<Shared>);

#[derive(Default)]
struct Shared {
    fitted: ArcSwapOption<Fitted>,
    /// There has been control since the program began: what was started through
    /// it may outlast the session.
    controlled: AtomicBool,
    /// An aid looks at the window.
    aided: AtomicBool,
    /// One did when control began for the first time.
    aided_before: AtomicBool,
    /// Control was allowed for the first time by a press that a program
    /// injected.
    lent_before: AtomicBool,
}

/// For one session.
struct Fitted {
    brake: Brake,
    witness: Option<Witness>,
}

impl SharedBrake {
    /// A session has begun, in which control is stopped with this, and this tells
    /// who presses.
    pub(super) fn fit(&self, brake: Brake, witness: Option<Witness>) {
        self.0.fitted.store(Some(Arc::new(Fitted { brake, witness })));
    }

    /// It has ended.
    pub(super) fn take_off(&self) {
        self.0.fitted.store(None);
    }

    /// Control begins.
    pub(super) fn control_begins(&self) {
        if !self.0.controlled.load(Ordering::SeqCst) {
            self.0.aided_before.store(self.0.aided.load(Ordering::SeqCst), Ordering::SeqCst);
            self.0.controlled.store(true, Ordering::SeqCst);
        }
    }

    fn pull(&self) {
        if let Some(fitted) = &*self.0.fitted.load() {
            fitted.brake.pull();
        }
    }
}

impl CustomerIntent {
    /// Whether control is over once this is done, whatever holds then. A yes to
    /// a turn is not: it may meet a request that was just taken back, and then
    /// control goes on.
    fn ends_control(&self) -> bool {
        matches!(self, Self::RevokeControl | Self::Pause | Self::ChooseAgain | Self::End | Self::Fault | Self::Quit)
    }
}

/// By what the person said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Mouse, keyboard or touch.
    Input,
    /// A screen reader or another aid.
    Aid,
}

/// Where the window's intents go. Cheap to clone; never blocks.
#[derive(Clone)]
pub struct CustomerIntents {
    controller: IntentSender<CustomerIntent>,
    brake: SharedBrake,
    waiting: Arc<AtomicUsize>,
    /// How often the person has said no.
    noes: Arc<AtomicUsize>,
}

impl CustomerIntents {
    /// To this controller, with this brake.
    pub fn new(controller: IntentSender<CustomerIntent>, brake: SharedBrake) -> Self {
        Self { controller, brake, waiting: Arc::default(), noes: Arc::default() }
    }

    /// An aid looks at the window, or no longer.
    pub fn aided(&self, aided: bool) {
        self.brake.0.aided.store(aided, Ordering::SeqCst);
    }

    /// Whether an aid may choose what the keyboard is at: a program that
    /// somebody has switched aids on for could put it at a yes.
    pub fn heeds_aids(&self) -> bool {
        !self.brake.0.controlled.load(Ordering::SeqCst) || self.brake.0.aided_before.load(Ordering::SeqCst)
    }

    /// Does what can't wait, and tells the controller, in the order in which it
    /// is called but for what can't wait.
    pub fn send(&self, intent: CustomerIntent, means: Means) {
        if intent.says() == Says::No {
            self.noes.fetch_add(1, Ordering::SeqCst);
        }
        if intent.ends_control() {
            self.brake.pull();
            return self.tell(intent);
        }
        let shared = &self.brake.0;
        if !shared.controlled.load(Ordering::SeqCst) {
            if matches!(intent, CustomerIntent::AllowControl { .. }) && means == Means::Input {
                self.note_if_lent();
            }
            return self.tell(intent);
        }
        let says_yes = intent.says() == Says::Yes;
        if says_yes && means == Means::Aid && !self.heeds_aids() {
            return self.tell(CustomerIntent::NotByHand);
        }
        let asks = says_yes && means == Means::Input;
        match shared.fitted.load().as_deref() {
            Some(Fitted { brake, witness: Some(witness) }) if asks || self.waiting.load(Ordering::SeqCst) > 0 => {
                self.waiting.fetch_add(1, Ordering::SeqCst);
                witness.ask(Waiting {
                    intent: Some(intent),
                    asks,
                    lent: shared.lent_before.load(Ordering::SeqCst),
                    said: Instant::now(),
                    controller: self.controller.clone(),
                    brake: brake.clone(),
                    epoch: brake.gate.epoch(),
                    noes: Arc::clone(&self.noes),
                    noes_before: self.noes.load(Ordering::SeqCst),
                    count: Arc::clone(&self.waiting),
                });
            }
            // Nobody can tell who presses.
            Some(Fitted { witness: None, .. }) if asks => self.tell(CustomerIntent::NotByHand),
            _ => self.tell(intent),
        }
    }

    /// The first yes to control is said now, and perhaps by somebody whose
    /// presses are all injected.
    fn note_if_lent(&self) {
        if let Some(Fitted { witness: Some(witness), .. }) = self.brake.0.fitted.load().as_deref() {
            let brake = self.brake.clone();
            witness.ask_if_lent(Instant::now(), move || brake.0.lent_before.store(true, Ordering::SeqCst));
        }
    }

    fn tell(&self, intent: CustomerIntent) {
        // A program that is gone already needs no telling.
        let _ = self.controller.send(intent);
    }
}

#[cfg(test)]
mod tests;
