//! Permits: proof that the session machine allowed something, and the gate
//! that makes all of them worthless at once.

use crate::input::{InputEvent, InputRefusal};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

/// A counter that permits are bound to. Raising it, from any thread and
/// without waiting for anything, ends every permit given out before.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<AtomicU64>);

impl Gate {
    /// Ends all permits of this gate that exist. Can't fail, takes no lock.
    pub fn raise(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// The present epoch. Changes exactly when [`Gate::raise`] is called.
    pub fn epoch(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Something that the session machine allowed, for as long as its gate has not
/// been raised. Only the session machine makes these; capture and injection
/// accept nothing else and ask [`Permitted::claim`] at their very last step.
#[derive(Clone, Debug)]
pub struct Permitted<T> {
    value: T,
    gate: Gate,
    epoch: u64,
    /// A second gate and its epoch, for what may be held up without the right
    /// having ended.
    rests_with: Option<(Gate, u64)>,
}

impl<T> Permitted<T> {
    /// `epoch` is the gate's epoch when the human granted the right, so a gate
    /// raised since makes the permit dead from the start.
    pub(super) fn new(value: T, gate: Gate, epoch: u64) -> Self {
        Self { value, gate, epoch, rests_with: None }
    }

    /// Dead as well once a second gate has left this epoch.
    pub(super) fn resting_with(self, gate: Gate, epoch: u64) -> Self {
        Self { rests_with: Some((gate, epoch)), ..self }
    }

    fn is_granted(&self) -> bool {
        self.gate.epoch() == self.epoch
    }

    /// What is allowed, if it still is at this moment.
    pub fn claim(&self) -> Option<&T> {
        let rests = self.rests_with.as_ref().is_some_and(|(gate, epoch)| gate.epoch() != *epoch);
        (self.is_granted() && !rests).then_some(&self.value)
    }
}

impl Permitted<InputEvent> {
    /// Why it has no effect if it can't be claimed any more.
    pub fn refusal(&self) -> InputRefusal {
        if self.is_granted() { InputRefusal::LocalInputWins } else { InputRefusal::NoGrant }
    }
}
