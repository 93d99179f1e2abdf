//! A program that fails. A window that hangs at the worst moment: in the middle
//! of a frame, with egui's context held; for the proof that whatever the window
//! does, the session and the stop key go on. And a thread that ends by a fault,
//! for the proof that nothing goes on then.

use crate::automation::Printer;
use egui::Context;
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Nobody who forgets to end it has to kill the program.
const LONGEST: Duration = Duration::from_secs(60);
/// Between two looks at whether it is over.
const PAUSE: Duration = Duration::from_millis(5);

/// Lets a thread end by a fault.
///
/// # Errors
/// No thread can be started.
#[expect(clippy::panic, reason = "it is what was asked for")]
pub fn fault() -> std::io::Result<()> {
    let faulty = || std::panic::panic_any("the fault that was asked for");
    thread::Builder::new().name("faulty".into()).spawn(faulty).map(drop)
}

/// Whether the window is to hang.
#[derive(Clone)]
pub struct Hang {
    wanted: Arc<AtomicBool>,
    printer: Printer,
}

impl Hang {
    /// It does not, so far; `printer` is told when it does.
    pub fn new(printer: Printer) -> Self {
        Self { wanted: Arc::default(), printer }
    }

    /// It hangs with its next frame, or goes on.
    pub fn want(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::SeqCst);
    }

    /// Called before each frame, on the window's thread.
    pub fn before_frame(&self, ctx: &Context) {
        if !self.wanted.load(Ordering::SeqCst) {
            return;
        }
        let tell = |hangs: bool| self.printer.print(json!({"event": "window", "hangs": hangs}));
        ctx.input_mut(|_| {
            tell(true);
            let end = Instant::now() + LONGEST;
            while self.wanted.load(Ordering::SeqCst) && Instant::now() < end {
                thread::sleep(PAUSE);
            }
        });
        self.want(false);
        tell(false);
    }
}
