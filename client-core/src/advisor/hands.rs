//! Performs the advisor's controller's work with the watching worker.

use super::{
    controller::{AdvisorEvent, AdvisorWork},
    picture::PictureStore,
    watch::WatchWorker,
};
use crate::{
    ink::{self, Pen},
    runtime::Hands,
};
use mitblick_platform::overlay::Ink;
use std::{path::PathBuf, sync::Arc};
use tokio::sync::mpsc::UnboundedSender;

/// The worker of an advisor's program.
pub struct AdvisorHands {
    events: UnboundedSender<AdvisorEvent>,
    watch: WatchWorker,
    store: Arc<PictureStore>,
    repaint: Arc<dyn Fn() + Send + Sync>,
    pen: Pen,
    ring: Arc<Ink>,
}

impl AdvisorHands {
    /// Starts the worker. `repaint` asks the window to paint anew; `decoder` is
    /// the program that decodes moving pictures when it is started for that.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(
        store: Arc<PictureStore>,
        decoder: Option<PathBuf>,
        events: UnboundedSender<AdvisorEvent>,
        repaint: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
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
        Ok(Self { events, watch, store, repaint, pen: Pen::default(), ring: Arc::new(ink::ring()) })
    }
}

impl Hands<AdvisorWork> for AdvisorHands {
    fn perform(&mut self, work: AdvisorWork) {
        match work {
            AdvisorWork::ResetPicture => self.watch.reset(),
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
