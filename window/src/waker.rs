//! How other threads tell the window that there is something new to show.

use crate::host::Wake;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use winit::event_loop::EventLoopProxy;

/// Wakes the window from any thread. It takes no lock that the window's thread
/// takes, so that nobody ever waits for a window that hangs: egui's own request
/// for a repaint waits for egui's context, which the window's thread holds at
/// times.
#[derive(Clone)]
pub struct Waker(Arc<Bell>);

struct Bell {
    /// One call waits for the window; so many more say nothing new, and would
    /// pile up in front of a window that hangs.
    rung: AtomicBool,
    proxy: EventLoopProxy<Wake>,
}

impl Waker {
    pub(crate) fn new(proxy: EventLoopProxy<Wake>) -> Self {
        Self(Arc::new(Bell { rung: AtomicBool::new(false), proxy }))
    }

    /// The window paints anew as soon as it can.
    pub fn wake(&self) {
        if !self.0.rung.swap(true, Ordering::SeqCst) {
            // A loop that has ended paints nothing.
            let _ = self.0.proxy.send_event(Wake::News);
        }
    }

    /// The window has heard it, and looks at what is new after this.
    pub(crate) fn heard(&self) {
        self.0.rung.store(false, Ordering::SeqCst);
    }
}
