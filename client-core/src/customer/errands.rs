//! Small work on files that may be far away, each on a thread of its own. What
//! is under way when the program ends is waited for, but not for ever.

use std::{
    convert::Infallible,
    io,
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

/// How long the program's end waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module's documentation.
pub(super) struct Errands {
    /// Each thread has one like it until it is done.
    running: Option<Sender<Infallible>>,
    done: Receiver<Infallible>,
}

impl Errands {
    pub(super) fn new() -> Self {
        let (running, done) = channel();
        Self { running: Some(running), done }
    }

    /// Does it at once.
    ///
    /// # Errors
    /// No thread can be started; then it is not done.
    pub(super) fn run(&self, name: &str, errand: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let running = self.running.clone();
        let whole = move || {
            errand();
            drop(running);
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(whole).map(drop)
    }
}

impl Drop for Errands {
    fn drop(&mut self) {
        self.running = None;
        if self.done.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            tracing::warn!("the program ends although a file is not written yet");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    #[test]
    fn what_is_under_way_when_the_program_ends_is_finished() {
        let errands = Errands::new();
        let written = Arc::new(AtomicBool::new(false));
        let (far, answers) = channel::<()>();
        let done = Arc::clone(&written);
        let errand = move || {
            let _ = answers.recv();
            done.store(true, Ordering::SeqCst);
        };
        errands.run("errand", errand).unwrap();
        let folder = std::thread::spawn(move || drop(far));
        drop(errands);
        assert!(written.load(Ordering::SeqCst));
        folder.join().unwrap();
    }
}
