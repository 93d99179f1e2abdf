//! The clipboard's worker: reading and writing it may take seconds, so a thread
//! of its own does.

use mitblick_platform::clipboard::{self, Clipboard, ClipboardError, ClipboardWatch, Copied};
use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::JoinHandle,
};

/// What it is to do.
#[derive(Debug)]
pub enum TogetherWork {
    /// Read the clipboard for the person, who looks at it before it is sent.
    ReadClipboard,
    /// Put this text into the clipboard.
    PutClipboard(String),
    /// Tell of what is copied from now on, or no longer.
    WatchClipboard(bool),
}

/// What it reports.
#[derive(Debug)]
pub enum TogetherEvent {
    /// The clipboard was read; `None` = there is no text in it.
    ClipboardRead(Option<String>),
    /// This was copied on this machine.
    Copied(String),
    /// The clipboard can't be used.
    ClipboardFailed(String),
}

enum Step {
    Work(TogetherWork),
    Copied(Copied),
    End,
}

/// The running worker. Dropping it ends the thread.
pub struct TogetherWorker {
    steps: Option<Sender<Step>>,
    thread: Option<JoinHandle<()>>,
}

impl TogetherWorker {
    /// Starts the thread. `report` is called on it and must not block.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(report: impl Fn(TogetherEvent) + Send + 'static) -> std::io::Result<Self> {
        let (steps, receiver) = channel();
        let copies = steps.clone();
        let run = move || Worker { copies, clipboard: None, watch: None, own: None, report }.run(&receiver);
        let thread = std::thread::Builder::new().name("clipboard".into()).spawn(run)?;
        Ok(Self { steps: Some(steps), thread: Some(thread) })
    }

    /// Has something done.
    pub fn send(&self, work: TogetherWork) {
        if let Some(steps) = &self.steps {
            let _ = steps.send(Step::Work(work));
        }
    }
}

impl Drop for TogetherWorker {
    fn drop(&mut self) {
        if let Some(steps) = self.steps.take() {
            // The worker has a sender itself, so it is told to end.
            let _ = steps.send(Step::End);
        }
        // A clipboard whose owner hangs is not waited for.
        drop(self.thread.take());
    }
}

struct Worker<R> {
    copies: Sender<Step>,
    clipboard: Option<Box<dyn Clipboard>>,
    watch: Option<Box<dyn ClipboardWatch>>,
    /// Put there by this program: not told as copied.
    own: Option<String>,
    report: R,
}

impl<R: Fn(TogetherEvent)> Worker<R> {
    fn run(mut self, steps: &Receiver<Step>) {
        while let Ok(step) = steps.recv() {
            if matches!(step, Step::End) {
                return;
            }
            if let Err(error) = self.take(step) {
                self.clipboard = None;
                (self.report)(TogetherEvent::ClipboardFailed(error.to_string()));
            }
        }
    }

    fn take(&mut self, step: Step) -> Result<(), ClipboardError> {
        match step {
            Step::Work(TogetherWork::ReadClipboard) => {
                let text = self.open()?.text()?;
                (self.report)(TogetherEvent::ClipboardRead(text));
            }
            Step::Work(TogetherWork::PutClipboard(text)) => {
                self.own = Some(text.clone());
                self.open()?.put(&text)?;
            }
            Step::Work(TogetherWork::WatchClipboard(false)) => self.watch = None,
            Step::Work(TogetherWork::WatchClipboard(true)) => {
                let copies = self.copies.clone();
                self.watch = Some(clipboard::watch(move |copied| drop(copies.send(Step::Copied(copied))))?);
            }
            // What a password manager calls secret stays here.
            Step::Copied(Copied::Secret) | Step::End => {}
            Step::Copied(Copied::Anything(copy)) => {
                let text = self.open()?.text()?;
                // Something secret may have taken its place before it was read.
                if self.watch.as_ref().is_some_and(|watch| watch.is_newest(copy))
                    && let Some(text) = text
                    && self.own.as_ref() != Some(&text)
                {
                    self.own = None;
                    (self.report)(TogetherEvent::Copied(text));
                }
            }
        }
        Ok(())
    }

    fn open(&mut self) -> Result<&mut Box<dyn Clipboard>, ClipboardError> {
        match &mut self.clipboard {
            Some(clipboard) => Ok(clipboard),
            empty => Ok(empty.insert(clipboard::open()?)),
        }
    }
}
