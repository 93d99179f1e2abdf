//! Showing that begins and ends within a session: the workers and their
//! connections to the display exist only in between, and what an earlier one
//! still reports counts no more.

use super::{
    AppItem,
    listing::ListingWorker,
    share::{ShareCommand, ShareEvent, ShareWorker},
};
use crate::ink::Pen;
use mitblick_platform::{Platform, overlay::Overlay};
use mitblick_protocol::{marks::ShownMarks, session::Permitted};
use std::sync::Arc;

/// Which showing of a program run; every new one has a greater number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShowNumber(pub u64);

/// For the workers.
#[derive(Debug)]
pub enum ShowCommand {
    /// Begin; nothing is shown yet.
    Begin(ShowNumber),
    /// List what can be chosen.
    List,
    /// For the sharing worker.
    Share(ShareCommand),
    /// Draw this over what is shown, in place of what was drawn.
    Marks(Permitted<ShownMarks>),
    /// Show nothing, and end.
    End,
}

/// From the workers.
#[derive(Debug)]
pub enum ShowEvent {
    /// What can be chosen, or why it can't be listed.
    Applications(Result<Vec<AppItem>, String>),
    /// From the sharing worker.
    Share(ShareEvent),
    /// There can be no workers.
    Failed(String),
}

/// Opens the display that is shown.
pub type OpenPlatform = Arc<dyn Fn() -> Result<Arc<dyn Platform>, String> + Send + Sync>;

/// What stands at the pointer of who looks.
pub type WhoLooks = Arc<dyn Fn() -> String + Send + Sync>;

type Report = Arc<dyn Fn(ShowNumber, ShowEvent) + Send + Sync>;

/// Performs the commands. Dropping it ends the showing.
pub struct ShowRun {
    open: OpenPlatform,
    who_looks: WhoLooks,
    pen: Pen,
    report: Report,
    running: Option<Workers>,
}

/// What is drawn goes first.
struct Workers {
    overlay: Option<Box<dyn Overlay>>,
    share: ShareWorker,
    listing: ListingWorker,
}

impl ShowRun {
    /// Nothing is shown yet. `report` must not block.
    pub fn new(
        open: OpenPlatform,
        who_looks: WhoLooks,
        report: impl Fn(ShowNumber, ShowEvent) + Send + Sync + 'static,
    ) -> Self {
        Self { open, who_looks, pen: Pen::default(), report: Arc::new(report), running: None }
    }

    /// Performs a command; never blocks for long.
    pub fn perform(&mut self, command: ShowCommand) {
        match (command, &mut self.running) {
            (ShowCommand::Begin(number), _) => {
                self.end();
                match self.start(number) {
                    Ok(workers) => self.running = Some(workers),
                    Err(why) => (self.report)(number, ShowEvent::Failed(why)),
                }
            }
            (ShowCommand::List, Some(workers)) => workers.listing.list(),
            (ShowCommand::Share(command), Some(workers)) => workers.share.send(command),
            (ShowCommand::Marks(seen), Some(Workers { overlay: Some(overlay), .. })) => {
                // Without a live permit there is nothing to be drawn, and the
                // overlay asks once more.
                let patches = seen.claim().map(|shown| self.pen.patches(shown, &(self.who_looks)()));
                overlay.set_patches(patches.unwrap_or_default(), seen);
            }
            (ShowCommand::End, _) => self.end(),
            (ShowCommand::List | ShowCommand::Share(_) | ShowCommand::Marks(_), _) => {}
        }
    }

    fn start(&self, number: ShowNumber) -> Result<Workers, String> {
        let platform = (self.open)()?;
        // Without one it is shown all the same.
        let overlay = platform.overlay().inspect_err(|error| tracing::warn!(%error, "no marks will be seen")).ok();
        let (shares, lists) = (Arc::clone(&self.report), Arc::clone(&self.report));
        let share = ShareWorker::start(Arc::clone(&platform), move |event| shares(number, ShowEvent::Share(event)));
        let listing = ListingWorker::start(platform, move |listed| lists(number, ShowEvent::Applications(listed)));
        let failed = |error: std::io::Error| error.to_string();
        Ok(Workers { overlay, share: share.map_err(failed)?, listing: listing.map_err(failed)? })
    }

    fn end(&mut self) {
        let Some(workers) = self.running.take() else { return };
        workers.share.send(ShareCommand::Stop);
        // Their end waits for what they work on.
        if let Err(error) = std::thread::Builder::new().name("show end".into()).spawn(move || drop(workers)) {
            tracing::debug!(%error, "no thread to wait for the end of others");
        }
    }
}
