//! Looking that begins and ends within a session: the worker and its threads
//! exist only in between, each has a picture of its own, and what an earlier one
//! still reports counts no more.

use super::{
    picture::PictureStore,
    watch::{WatchEvent, WatchWorker},
};
use crate::{
    ink::{self, Pen},
    pointing::SeenMarks,
};
use mitblick_platform::overlay::Ink;
use mitblick_protocol::peer_msg::Frame;
use std::{fmt, path::PathBuf, sync::Arc};

/// Which looking of a program run; every new one has a greater number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunNumber(pub u64);

/// A picture that changes without a new view.
#[derive(Clone, Default)]
pub struct SharedPicture(pub Arc<PictureStore>);

impl PartialEq for SharedPicture {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for SharedPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedPicture")
    }
}

/// For the worker.
#[derive(Debug)]
pub enum RunCommand {
    /// Begin.
    Begin {
        /// The number of this looking.
        number: RunNumber,
        /// What is seen goes there.
        picture: SharedPicture,
    },
    /// What follows is a new picture.
    Reset,
    /// Take this frame in.
    Frame {
        /// The frame.
        frame: Box<Frame>,
        /// It takes up nothing of those before.
        fresh: bool,
    },
    /// Show these marks over the picture, in place of those before.
    Marks(SeenMarks),
    /// Look no longer.
    End,
}

/// From the worker.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// As of a worker that is always there.
    Watch(WatchEvent),
    /// More frames came than an honest shower sends.
    TooManyFrames,
    /// There can be no worker.
    Failed(String),
}

type Report = Arc<dyn Fn(RunNumber, RunEvent) + Send + Sync>;

/// Performs the commands. Dropping it ends the looking.
pub struct WatchRun {
    decoder: Option<PathBuf>,
    repaint: Arc<dyn Fn() + Send + Sync>,
    report: Report,
    pen: Pen,
    ring: Arc<Ink>,
    running: Option<Running>,
}

struct Running {
    number: RunNumber,
    worker: WatchWorker,
    picture: SharedPicture,
}

impl WatchRun {
    /// Nobody looks yet. `repaint` and `report` must not block; `decoder` is the
    /// program that decodes moving pictures when it is started for that.
    pub fn new(
        decoder: Option<PathBuf>,
        repaint: Arc<dyn Fn() + Send + Sync>,
        report: impl Fn(RunNumber, RunEvent) + Send + Sync + 'static,
    ) -> Self {
        let (pen, ring) = (Pen::default(), Arc::new(ink::ring()));
        Self { decoder, repaint, report: Arc::new(report), pen, ring, running: None }
    }

    /// Performs a command; never blocks for long.
    pub fn perform(&mut self, command: RunCommand) {
        match (command, &self.running) {
            (RunCommand::Begin { number, picture }, _) => self.begin(number, picture),
            (RunCommand::Reset, Some(running)) => running.worker.reset(),
            (RunCommand::Frame { frame, fresh }, Some(Running { number, worker, .. })) => {
                if fresh {
                    worker.begin_afresh();
                }
                if !worker.frame(*frame) {
                    (self.report)(*number, RunEvent::TooManyFrames);
                }
            }
            (RunCommand::Marks(seen), Some(running)) => {
                let ring = seen.points_out.then(|| Arc::clone(&self.ring));
                let patches = self.pen.patches(&seen.shown(), "");
                if running.picture.0.set_marks(patches, ring) {
                    (self.repaint)();
                }
            }
            (RunCommand::End, _) => self.end(),
            (RunCommand::Reset | RunCommand::Frame { .. } | RunCommand::Marks(_), None) => {}
        }
    }

    fn begin(&mut self, number: RunNumber, picture: SharedPicture) {
        self.end();
        let (repaint, report) = (Arc::clone(&self.repaint), Arc::clone(&self.report));
        let told = move |event| report(number, RunEvent::Watch(event));
        match WatchWorker::start(Arc::clone(&picture.0), self.decoder.clone(), move || repaint(), told) {
            Ok(worker) => {
                worker.reset();
                self.running = Some(Running { number, worker, picture });
            }
            Err(error) => (self.report)(number, RunEvent::Failed(error.to_string())),
        }
    }

    fn end(&mut self) {
        let Some(Running { worker, .. }) = self.running.take() else { return };
        // Its end waits for the frame that it works on.
        if let Err(error) = std::thread::Builder::new().name("watch end".into()).spawn(move || drop(worker)) {
            tracing::debug!(%error, "no thread to wait for the end of another");
        }
    }
}
