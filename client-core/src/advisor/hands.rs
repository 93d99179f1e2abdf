//! Performs the advisor's controller's work with the watching worker and the
//! keeper of the workplace's key.

use super::{
    controller::{AdvisorEvent, AdvisorWork},
    picture::PictureStore,
    watch::WatchWorker,
};
use crate::{
    ink::{self, Pen},
    journal::JournalWorker,
    recording::{Folder, Recorder},
    runtime::Hands,
    showing::run::{OpenPlatform, ShowRun, WhoLooks},
    together::{TogetherWorker, files::FileWorker},
    workplace_key::KeyKeeper,
};
use mitblick_platform::{
    mail::{self, MailProgram},
    overlay::Ink,
};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::mpsc::UnboundedSender;

/// What the workers use of the machine.
pub struct Around {
    /// The program that decodes moving pictures when it is started for that.
    pub decoder: Option<PathBuf>,
    /// Where recordings go.
    pub recordings: Option<Folder>,
    /// Where lists of sessions are.
    pub notes: Option<PathBuf>,
    /// Opens what can be shown to customers, once it is to be.
    pub desktop: OpenPlatform,
    /// What stands at the customer's pointer over this desktop.
    pub customer: WhoLooks,
}

/// The workers of an advisor's program.
pub struct AdvisorHands {
    keeper: Arc<KeyKeeper>,
    events: UnboundedSender<AdvisorEvent>,
    watch: WatchWorker,
    together: TogetherWorker,
    files: FileWorker,
    recorder: Recorder,
    show: ShowRun,
    notes: JournalWorker,
    mail: Arc<dyn MailProgram>,
    store: Arc<PictureStore>,
    repaint: Arc<dyn Fn() + Send + Sync>,
    pen: Pen,
    ring: Arc<Ink>,
}

impl AdvisorHands {
    /// Starts the workers. `repaint` asks the window to paint anew.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(
        keeper: Arc<KeyKeeper>,
        store: Arc<PictureStore>,
        around: Around,
        events: UnboundedSender<AdvisorEvent>,
        repaint: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let Around { decoder, recordings, notes, desktop, customer } = around;
        let reports = events.clone();
        let repaint: Arc<dyn Fn() + Send + Sync> = Arc::new(repaint);
        let painting = Arc::clone(&repaint);
        let watch = WatchWorker::start(
            Arc::clone(&store),
            decoder,
            move || painting(),
            move |event| {
                // A controller that is gone needs no events.
                let _ = reports.send(AdvisorEvent::Watch(event));
            },
        )?;
        let reports = events.clone();
        let file_reports = events.clone();
        let together = TogetherWorker::start(move |event| drop(reports.send(AdvisorEvent::Together(event))))?;
        let files = FileWorker::start(move |event| drop(file_reports.send(AdvisorEvent::Files(event))))?;
        let recorder_reports = events.clone();
        let report = move |event| drop(recorder_reports.send(AdvisorEvent::Recorder(event)));
        let recorder = Recorder::start(Arc::clone(&store), recordings, report)?;
        let show_reports = events.clone();
        let report = move |number, event| drop(show_reports.send(AdvisorEvent::Show(number, event)));
        let show = ShowRun::new(desktop, customer, report);
        let notes_reports = events.clone();
        let notes = JournalWorker::start(notes, move |event| drop(notes_reports.send(AdvisorEvent::Notes(event))))?;
        let mail = mail::of_system();
        let (pen, ring) = (Pen::default(), Arc::new(ink::ring()));
        Ok(Self { keeper, events, watch, together, files, recorder, show, notes, mail, store, repaint, pen, ring })
    }
}

impl Hands<AdvisorWork> for AdvisorHands {
    fn perform(&mut self, work: AdvisorWork) {
        match work {
            AdvisorWork::Together(work) => self.together.send(work),
            AdvisorWork::FetchKey => {
                let events = self.events.clone();
                self.keeper.fetch(move |news| drop(events.send(AdvisorEvent::Key(news))));
            }
            AdvisorWork::ResetPicture => self.watch.reset(),
            AdvisorWork::Files(work) => self.files.send(work),
            AdvisorWork::Record(wanted) => self.recorder.begin(wanted),
            AdvisorWork::EndRecording => self.recorder.end(),
            AdvisorWork::Show(command) => self.show.perform(command),
            AdvisorWork::Notes(work) => self.notes.send(work),
            AdvisorWork::WriteMail(uri) => {
                let (mail, events) = (Arc::clone(&self.mail), self.events.clone());
                let failed = self.events.clone();
                // The mail program may take its time; nobody waits for it.
                let write = move || {
                    if let Err(error) = mail.write(&uri) {
                        let _ = events.send(AdvisorEvent::MailNotOpened(error.to_string()));
                    }
                };
                if let Err(error) = std::thread::Builder::new().name("mail".into()).spawn(write) {
                    let _ = failed.send(AdvisorEvent::MailNotOpened(error.to_string()));
                }
            }
            AdvisorWork::BeginAfresh => self.watch.begin_afresh(),
            AdvisorWork::Marks(seen) => {
                let ring = seen.points_out.then(|| Arc::clone(&self.ring));
                if self.store.set_marks(self.pen.patches(&seen.shown(), ""), ring) {
                    (self.repaint)();
                }
            }
            AdvisorWork::Frame(frame) => {
                if !self.watch.frame(frame) {
                    let _ = self.events.send(AdvisorEvent::TooManyFrames);
                }
            }
        }
    }
}
