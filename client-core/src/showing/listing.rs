//! Lists the applications to choose from, on a thread of its own: making
//! previews takes a while.

use super::AppItem;
use mitblick_platform::{
    Platform,
    capture::{CaptureError, Desktop},
};
use mitblick_protocol::geometry::Size;
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

/// Largest preview.
const PREVIEW_PX: Size = Size { width: 240, height: 150 };
/// Applications that get a preview; more are listed without.
const PREVIEWS: usize = 40;

/// The running worker. Dropping it ends the thread.
pub struct ListingWorker {
    requests: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ListingWorker {
    /// Starts the thread. `report` is called on it and must not block.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(
        platform: Arc<dyn Platform>,
        report: impl Fn(Result<Vec<AppItem>, String>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (requests, receiver) = channel();
        let run = move || run(platform.as_ref(), &receiver, report);
        let thread = std::thread::Builder::new().name("listing".into()).spawn(run)?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Asks for a fresh list.
    pub fn list(&self) {
        if let Some(requests) = &self.requests {
            let _ = requests.send(());
        }
    }
}

impl Drop for ListingWorker {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(platform: &dyn Platform, requests: &Receiver<()>, report: impl Fn(Result<Vec<AppItem>, String>)) {
    let mut desktop = None;
    while requests.recv().is_ok() {
        // Several requests are served by one list, made after the last of them.
        while requests.try_recv().is_ok() {}
        let listed = list(platform, &mut desktop);
        if listed.is_err() {
            // A fresh connection next time.
            desktop = None;
        }
        report(listed.map_err(|error| error.to_string()));
    }
}

fn list(platform: &dyn Platform, open: &mut Option<Box<dyn Desktop>>) -> Result<Vec<AppItem>, CaptureError> {
    let desktop = match open {
        Some(desktop) => desktop,
        None => open.insert(platform.desktop()?),
    };
    let applications = desktop.applications()?;
    let items = applications.into_iter().enumerate().map(|(place, application)| {
        let top = application.windows.first().filter(|_| place < PREVIEWS);
        // A window without pixels is listed without a preview.
        let preview = top.and_then(|window| desktop.preview(window.id, PREVIEW_PX).ok()).map(Arc::new);
        AppItem {
            id: application.id,
            name: application.name,
            titles: application.windows.into_iter().map(|window| window.title).collect(),
            icon: application.icon.map(Arc::new),
            preview,
        }
    });
    Ok(items.collect())
}
