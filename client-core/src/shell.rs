//! What connects a program's window to its controller: the newest view one
//! way, the person's intents the other way. Neither side waits for the other,
//! not even for a lock: a window that hangs holds nobody up.

use arc_swap::ArcSwap;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// The newest view, and who to tell when it changes.
pub struct ViewSlot<V> {
    view: ArcSwap<V>,
    repaint: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl<V> ViewSlot<V> {
    /// A slot that starts with this view.
    pub fn new(view: V) -> Self {
        Self { view: ArcSwap::from_pointee(view), repaint: OnceLock::new() }
    }

    /// The newest view.
    pub fn newest(&self) -> Arc<V> {
        self.view.load_full()
    }

    /// Puts a newer view in place and asks for a repaint.
    pub fn publish(&self, view: V) {
        self.view.store(Arc::new(view));
        self.repaint();
    }

    /// Puts a newer view in place, and asks for a repaint only if it differs
    /// from the one before in what is shown.
    pub fn publish_unless(&self, same: impl FnOnce(&V, &V) -> bool, view: V) {
        let view = Arc::new(view);
        let before = self.view.swap(Arc::clone(&view));
        if !same(&before, &view) {
            self.repaint();
        }
    }

    /// Asks for a repaint without a new view.
    pub fn repaint(&self) {
        if let Some(repaint) = self.repaint.get() {
            repaint();
        }
    }

    /// Says how to ask for a repaint, once for all. The function must not block,
    /// nor wait for a lock that the window takes.
    pub fn on_change(&self, repaint: impl Fn() + Send + Sync + 'static) {
        // There is one window, and it says so when it opens.
        let _ = self.repaint.set(Box::new(repaint));
    }
}

/// Kept by the session's thread: when that ends, be it by a fault, the window
/// closes, so that no window says that a session goes on which is over.
pub struct ClosesWindow<V> {
    /// What the window looks at before each frame.
    pub close: Arc<AtomicBool>,
    /// Wakes the window.
    pub slot: Arc<ViewSlot<V>>,
}

impl<V> Drop for ClosesWindow<V> {
    fn drop(&mut self) {
        self.close.store(true, Ordering::SeqCst);
        self.slot.repaint();
    }
}

/// Where intents go. Cheap to clone; never blocks.
pub type IntentSender<I> = tokio::sync::mpsc::UnboundedSender<I>;

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::atomic::AtomicUsize, thread};

    #[test]
    fn the_window_closes_when_the_sessions_thread_ends_by_a_fault() {
        let (close, repaints) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let slot = Arc::new(ViewSlot::new(0));
        let counted = Arc::clone(&repaints);
        slot.on_change(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let closes = ClosesWindow { close: Arc::clone(&close), slot: Arc::clone(&slot) };
        let ended = thread::spawn(move || {
            let _closes = closes;
            // Unwinds as a panic does, without its report in the test's output.
            std::panic::resume_unwind(Box::new("a fault"))
        });
        assert!(ended.join().is_err());
        assert!(close.load(Ordering::SeqCst));
        assert_eq!(repaints.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn only_a_view_that_differs_in_what_is_shown_is_painted() {
        let slot = ViewSlot::new((1, "a"));
        let repaints = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&repaints);
        slot.on_change(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let same = |before: &(i32, &str), now: &(i32, &str)| before.0 == now.0;
        slot.publish_unless(same, (1, "b"));
        assert_eq!((*slot.newest(), repaints.load(Ordering::SeqCst)), ((1, "b"), 0));
        slot.publish_unless(same, (2, "b"));
        assert_eq!((*slot.newest(), repaints.load(Ordering::SeqCst)), ((2, "b"), 1));
        slot.publish((2, "b"));
        assert_eq!(repaints.load(Ordering::SeqCst), 2);
    }
}
