//! Permits: proof that the session machine allowed something, and the gate
//! that makes all of them worthless at once.

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
}

impl<T> Permitted<T> {
    /// `epoch` is the gate's epoch when the human granted the right, so a gate
    /// raised since makes the permit dead from the start.
    pub(super) fn new(value: T, gate: Gate, epoch: u64) -> Self {
        Self { value, gate, epoch }
    }

    /// What is allowed, if it still is at this moment.
    pub fn claim(&self) -> Option<&T> {
        (self.gate.epoch() == self.epoch).then_some(&self.value)
    }
}
