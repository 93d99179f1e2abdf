//! Showing that begins and ends within a session: the workers and their
//! connections to the display exist only in between, and what an earlier one
//! still reports counts no more.

use super::{
    AppItem,
    listing::ListingWorker,
    share::{ShareCommand, ShareEvent, ShareWorker},
};
use mitblick_platform::Platform;
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

type Report = Arc<dyn Fn(ShowNumber, ShowEvent) + Send + Sync>;

/// Performs the commands. Dropping it ends the showing.
pub struct ShowRun {
    open: OpenPlatform,
    report: Report,
    running: Option<Workers>,
}

struct Workers {
    share: ShareWorker,
    listing: ListingWorker,
}

impl ShowRun {
    /// Nothing is shown yet. `report` must not block.
    pub fn new(open: OpenPlatform, report: impl Fn(ShowNumber, ShowEvent) + Send + Sync + 'static) -> Self {
        Self { open, report: Arc::new(report), running: None }
    }

    /// Performs a command; never blocks for long.
    pub fn perform(&mut self, command: ShowCommand) {
        match (command, &self.running) {
            (ShowCommand::Begin(number), _) => {
                self.end();
                match self.start(number) {
                    Ok(workers) => self.running = Some(workers),
                    Err(why) => (self.report)(number, ShowEvent::Failed(why)),
                }
            }
            (ShowCommand::List, Some(workers)) => workers.listing.list(),
            (ShowCommand::Share(command), Some(workers)) => workers.share.send(command),
            (ShowCommand::End, _) => self.end(),
            (ShowCommand::List | ShowCommand::Share(_), None) => {}
        }
    }

    fn start(&self, number: ShowNumber) -> Result<Workers, String> {
        let platform = (self.open)()?;
        let (shares, lists) = (Arc::clone(&self.report), Arc::clone(&self.report));
        let share = ShareWorker::start(Arc::clone(&platform), move |event| shares(number, ShowEvent::Share(event)));
        let listing = ListingWorker::start(platform, move |listed| lists(number, ShowEvent::Applications(listed)));
        let failed = |error: std::io::Error| error.to_string();
        Ok(Workers { share: share.map_err(failed)?, listing: listing.map_err(failed)? })
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
