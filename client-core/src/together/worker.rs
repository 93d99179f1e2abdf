//! The clipboard's worker: reading and writing it may take seconds, so a thread
//! of its own does.

mod withheld;

use mitblick_platform::clipboard::{self, Clipboard, ClipboardError, ClipboardWatch, Copied, CopyNumber};
use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::JoinHandle,
};
use withheld::Withheld;

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
        let run = move || Worker::new(System, copies, report).run(&receiver);
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

type OnCopied = Box<dyn FnMut(Copied) + Send>;

/// Where the clipboard is.
trait Desk {
    fn open(&self) -> Result<Box<dyn Clipboard>, ClipboardError>;
    fn watch(&self, report: OnCopied) -> Result<Box<dyn ClipboardWatch>, ClipboardError>;
}

struct System;

impl Desk for System {
    fn open(&self) -> Result<Box<dyn Clipboard>, ClipboardError> {
        clipboard::open()
    }

    fn watch(&self, report: OnCopied) -> Result<Box<dyn ClipboardWatch>, ClipboardError> {
        clipboard::watch(report)
    }
}

struct Worker<D, R> {
    desk: D,
    copies: Sender<Step>,
    clipboard: Option<Box<dyn Clipboard>>,
    watch: Option<Box<dyn ClipboardWatch>>,
    /// Put there by this program: not told as copied.
    own: Option<String>,
    withheld: Withheld,
    report: R,
}

impl<D: Desk, R: Fn(TogetherEvent)> Worker<D, R> {
    fn new(desk: D, copies: Sender<Step>, report: R) -> Self {
        Self { desk, copies, clipboard: None, watch: None, own: None, withheld: Withheld::default(), report }
    }

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
                self.watch = Some(self.desk.watch(Box::new(move |copied| drop(copies.send(Step::Copied(copied)))))?);
                // After that, so that nothing copied meanwhile is missed: it waits
                // here until it is known what is old. An owner that hangs is given
                // up before long.
                let text = self.glance();
                // What has been copied since may be what was read, and may go.
                let old = text.filter(|_| self.is_newest(CopyNumber::NONE));
                self.withheld.begin(old.as_deref());
            }
            // What a password manager calls secret stays here. It is read to be
            // known again.
            Step::Copied(Copied::Secret(copy)) => match self.glance() {
                Some(text) if self.is_newest(copy) => self.withheld.keep_secret(&text),
                // It is what took its place, which may be the same.
                Some(text) => self.withheld.keep_for_now(&text),
                None => {}
            },
            Step::End => {}
            Step::Copied(Copied::Anything(copy)) => {
                let text = self.open()?.text()?;
                // Something secret may have taken its place before it was read.
                if self.is_newest(copy)
                    && let Some(text) = text
                    && self.withheld.lets_out(&text)
                    && self.own.as_ref() != Some(&text)
                {
                    self.own = None;
                    (self.report)(TogetherEvent::Copied(text));
                }
            }
        }
        Ok(())
    }

    fn is_newest(&self, copy: CopyNumber) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.is_newest(copy))
    }

    /// The text, if it can be read: nobody waits for it.
    fn glance(&mut self) -> Option<String> {
        let text = self.open().and_then(|clipboard| clipboard.text());
        if text.is_err() {
            self.clipboard = None;
        }
        text.ok().flatten()
    }

    fn open(&mut self) -> Result<&mut Box<dyn Clipboard>, ClipboardError> {
        match &mut self.clipboard {
            Some(clipboard) => Ok(clipboard),
            empty => Ok(empty.insert(self.desk.open()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// What is in a clipboard.
    #[derive(Default)]
    struct Held {
        text: Option<String>,
        /// Its owner does not answer.
        hangs: bool,
        /// Something newer has taken the place of what was told last.
        overtaken: bool,
    }

    #[derive(Clone, Default)]
    struct Fake(Arc<Mutex<Held>>);

    impl Clipboard for Fake {
        fn text(&mut self) -> Result<Option<String>, ClipboardError> {
            let held = self.0.lock().unwrap();
            if held.hangs { Err(ClipboardError::NotAvailable("it hangs".into())) } else { Ok(held.text.clone()) }
        }

        fn put(&mut self, text: &str) -> Result<(), ClipboardError> {
            self.0.lock().unwrap().text = Some(text.to_owned());
            Ok(())
        }
    }

    impl ClipboardWatch for Fake {
        fn is_newest(&self, _: CopyNumber) -> bool {
            !self.0.lock().unwrap().overtaken
        }
    }

    impl Desk for Fake {
        fn open(&self) -> Result<Box<dyn Clipboard>, ClipboardError> {
            Ok(Box::new(self.clone()))
        }

        fn watch(&self, _: OnCopied) -> Result<Box<dyn ClipboardWatch>, ClipboardError> {
            Ok(Box::new(self.clone()))
        }
    }

    /// A worker at a clipboard, and what it reports as copied.
    struct Rig {
        held: Arc<Mutex<Held>>,
        out: Arc<Mutex<Vec<String>>>,
        worker: Worker<Fake, Box<dyn Fn(TogetherEvent)>>,
    }

    impl Rig {
        /// With this in the clipboard, or an owner that hangs; then it is watched.
        fn watching(text: Option<&str>) -> Self {
            let desk = Fake::default();
            let held = Arc::clone(&desk.0);
            *held.lock().unwrap() = Held { text: text.map(str::to_owned), hangs: text.is_none(), overtaken: false };
            let out: Arc<Mutex<Vec<String>>> = Arc::default();
            let copied = Arc::clone(&out);
            let report = move |event: TogetherEvent| match event {
                TogetherEvent::Copied(text) => copied.lock().unwrap().push(text),
                other => panic!("{other:?}"),
            };
            let worker = Worker::new(desk, channel().0, Box::new(report) as Box<dyn Fn(TogetherEvent)>);
            let mut rig = Self { held, out, worker };
            rig.take(Step::Work(TogetherWork::WatchClipboard(true)));
            rig.held.lock().unwrap().hangs = false;
            rig
        }

        fn take(&mut self, step: Step) {
            self.worker.take(step).unwrap();
        }

        fn copies(&mut self, text: &str) {
            self.held.lock().unwrap().text = Some(text.to_owned());
            self.take(Step::Copied(Copied::Anything(CopyNumber::NONE)));
        }

        /// As a password manager does; `overtaken` by another owner before it is
        /// read.
        fn keeps_secret(&mut self, text: &str, overtaken: bool) {
            let set = |overtaken| Held { text: Some(text.to_owned()), hangs: false, overtaken };
            *self.held.lock().unwrap() = set(overtaken);
            self.take(Step::Copied(Copied::Secret(CopyNumber::NONE)));
            *self.held.lock().unwrap() = set(false);
        }

        fn out(&self) -> Vec<String> {
            self.out.lock().unwrap().clone()
        }
    }

    #[test]
    fn what_was_there_before_stays_though_another_owner_takes_it_over() {
        let mut rig = Rig::watching(Some("from before"));
        rig.copies("from before");
        rig.copies("from before");
        assert!(rig.out().is_empty());
        rig.copies("new");
        rig.copies("from before");
        assert_eq!(rig.out(), ["new", "from before"], "then it is copied again");
    }

    #[test]
    fn a_beginning_that_can_not_be_read_holds_nothing_back() {
        let mut rig = Rig::watching(None);
        rig.copies("new");
        assert_eq!(rig.out(), ["new"]);
    }

    #[test]
    fn what_may_have_been_copied_while_the_beginning_was_read_goes() {
        let mut rig = Rig::watching(None);
        *rig.held.lock().unwrap() = Held { text: Some("new".into()), hangs: false, overtaken: true };
        rig.take(Step::Work(TogetherWork::WatchClipboard(true)));
        rig.held.lock().unwrap().overtaken = false;
        rig.copies("new");
        assert_eq!(rig.out(), ["new"]);
    }

    #[test]
    fn a_secret_stays_one_whoever_owns_it_next() {
        let mut rig = Rig::watching(Some("from before"));
        rig.keeps_secret("hunter2", false);
        for text in ["hunter2", "new", "hunter2", "newer", "from before"] {
            rig.copies(text);
        }
        assert_eq!(rig.out(), ["new", "newer", "from before"]);
    }

    #[test]
    fn what_took_the_place_of_a_secret_before_it_was_read_may_be_the_same() {
        let mut rig = Rig::watching(Some("from before"));
        rig.keeps_secret("hunter2", true);
        rig.copies("hunter2");
        rig.copies("from before");
        assert!(rig.out().is_empty());
        rig.copies("new");
        assert_eq!(rig.out(), ["new"]);
    }

    #[test]
    fn a_secret_that_can_not_be_read_complains_of_nothing() {
        let mut rig = Rig::watching(Some("from before"));
        rig.held.lock().unwrap().hangs = true;
        rig.take(Step::Copied(Copied::Secret(CopyNumber::NONE)));
        rig.held.lock().unwrap().hangs = false;
        rig.copies("new");
        assert_eq!(rig.out(), ["new"]);
    }

    #[test]
    fn what_this_program_put_there_is_not_told_as_copied() {
        let mut rig = Rig::watching(Some("from before"));
        rig.take(Step::Work(TogetherWork::PutClipboard("of the other side".into())));
        rig.copies("of the other side");
        assert!(rig.out().is_empty());
        rig.copies("from before");
        assert_eq!(rig.out(), ["from before"]);
    }
}
