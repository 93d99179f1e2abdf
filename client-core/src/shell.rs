//! What connects a program's window to its controller: the newest view one
//! way, the person's intents the other way. Neither side waits for the other.

use std::sync::{Arc, Mutex, PoisonError};

/// The newest view, and who to tell when it changes.
pub struct ViewSlot<V> {
    view: Mutex<Arc<V>>,
    repaint: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl<V> ViewSlot<V> {
    /// A slot that starts with this view.
    pub fn new(view: V) -> Self {
        Self { view: Mutex::new(Arc::new(view)), repaint: Mutex::new(None) }
    }

    /// The newest view.
    pub fn newest(&self) -> Arc<V> {
        Arc::clone(&self.view.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a newer view in place and asks for a repaint.
    pub fn publish(&self, view: V) {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
        self.repaint();
    }

    /// Puts a newer view in place, and asks for a repaint only if it differs
    /// from the one before in what is shown.
    pub fn publish_unless(&self, same: impl FnOnce(&V, &V) -> bool, view: V) {
        let mut place = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, Arc::new(view));
        let same = same(&before, &place);
        drop(place);
        if !same {
            self.repaint();
        }
    }

    /// Asks for a repaint without a new view.
    pub fn repaint(&self) {
        if let Some(repaint) = &*self.repaint.lock().unwrap_or_else(PoisonError::into_inner) {
            repaint();
        }
    }

    /// Says how to ask for a repaint. The function must not block.
    pub fn on_change(&self, repaint: impl Fn() + Send + 'static) {
        *self.repaint.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(repaint));
    }
}

/// Where intents go. Cheap to clone; never blocks.
pub type IntentSender<I> = tokio::sync::mpsc::UnboundedSender<I>;
