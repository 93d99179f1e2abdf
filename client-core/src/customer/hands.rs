//! Performs the customer's controller's work with real workers.

use super::{
    by_hand::{Presses, Witness},
    control::{Brake, ControlCommand, ControlEvent, ControlSender, ControlWorker, StopSwitch},
    controller::{CustomerEvent, CustomerWork},
    errands::Errands,
    intents::SharedBrake,
    known,
    preview::Preview,
    share::ShareWorker,
    tray::SharedTray,
};
use crate::{
    ink::Pen,
    problem::Problem,
    receipt::save::Saving,
    runtime::Hands,
    showing::listing::ListingWorker,
    together::{TogetherWorker, files::FileWorker},
    watching::run::WatchRun,
};
use mitblick_platform::{
    Platform,
    overlay::{NativeWindow, Overlay},
    stop_key::StopKeyWatch,
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc::UnboundedSender;

/// Colour of the frame round windows that are controlled, `0xRRGGBB`.
const CONTROL_COLOUR: u32 = 0xd9480f;

/// The overlay, shared with the window, which knows its own native id.
#[derive(Clone, Default)]
pub struct SharedOverlay(Arc<Mutex<Option<Box<dyn Overlay>>>>);

impl SharedOverlay {
    /// Opens it. Without one a session still works; the bar is then kept on
    /// top by the window manager alone.
    pub fn open(platform: &dyn Platform) -> Self {
        let overlay = platform.overlay();
        if let Err(error) = &overlay {
            tracing::warn!(%error, "no frames will be shown");
        }
        Self(Arc::new(Mutex::new(overlay.ok())))
    }

    /// Keeps this window of ours on top, or none.
    pub fn keep_on_top(&self, window: Option<NativeWindow>) {
        self.with(|overlay| overlay.keep_on_top(window));
    }

    fn with(&self, act: impl FnOnce(&mut dyn Overlay)) {
        if let Some(overlay) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_deref_mut() {
            act(overlay);
        }
    }
}

/// The workers of a customer's program.
pub struct CustomerHands {
    platform: Arc<dyn Platform>,
    events: UnboundedSender<CustomerEvent>,
    share: ShareWorker,
    _control: ControlWorker,
    injector: ControlSender,
    listing: ListingWorker,
    together: TogetherWorker,
    files: FileWorker,
    overlay: SharedOverlay,
    tray: SharedTray,
    brake: SharedBrake,
    pen: Pen,
    preview: Preview,
    watch: WatchRun,
    stop_key: Option<Box<dyn StopKeyWatch>>,
    errands: Errands,
}

impl CustomerHands {
    /// Starts the workers. `decoder` is the program that decodes moving pictures
    /// when it is started for that; `repaint` asks the window to paint what
    /// the advisor shows anew.
    ///
    /// # Errors
    /// No threads can be started.
    pub fn start(
        platform: Arc<dyn Platform>,
        overlay: SharedOverlay,
        tray: SharedTray,
        decoder: Option<PathBuf>,
        repaint: impl Fn() + Send + Sync + 'static,
        events: UnboundedSender<CustomerEvent>,
    ) -> std::io::Result<Self> {
        // A controller that is gone needs no events.
        let report = |events: &UnboundedSender<CustomerEvent>| {
            let events = events.clone();
            move |event| drop(events.send(event))
        };
        let (to_share, to_control, to_listing) = (report(&events), report(&events), report(&events));
        let to_together = report(&events);
        let together = TogetherWorker::start(move |event| to_together(CustomerEvent::Together(event)))?;
        let share = ShareWorker::start(Arc::clone(&platform), move |event| to_share(CustomerEvent::Share(event)))?;
        let control =
            ControlWorker::start(Arc::clone(&platform), move |event| to_control(CustomerEvent::Control(event)))?;
        let listing =
            ListingWorker::start(Arc::clone(&platform), move |listed| to_listing(CustomerEvent::Applications(listed)))?;
        let injector = control.sender();
        let to_files = report(&events);
        let files = FileWorker::start(move |event| to_files(CustomerEvent::Files(event)))?;
        let to_preview = report(&events);
        let to_watch = report(&events);
        let told = move |number, event| to_watch(CustomerEvent::Watch(number, event));
        let watch = WatchRun::new(decoder.clone(), Arc::new(repaint), told);
        let preview = Preview::new(decoder, move |event| to_preview(CustomerEvent::Preview(event)));
        Ok(Self {
            platform,
            events,
            share,
            _control: control,
            injector,
            listing,
            together,
            files,
            overlay,
            tray,
            brake: SharedBrake::default(),
            pen: Pen::default(),
            preview,
            watch,
            stop_key: None,
            errands: Errands::new(),
        })
    }

    /// What stops control in the session that is on, for the window.
    pub fn brake(&self) -> SharedBrake {
        self.brake.clone()
    }

    fn report(&self, event: CustomerEvent) {
        let _ = self.events.send(event);
    }

    /// On a thread of its own: the folder may be far away.
    fn keep_receipt(&self, saving: Saving) {
        let events = self.events.clone();
        let keep = move || drop(events.send(CustomerEvent::ReceiptKept(saving.write())));
        if let Err(error) = self.errands.run("receipt", keep) {
            let problem = Problem::ReceiptNotWritten(error.to_string());
            self.report(CustomerEvent::ReceiptKept(Err(problem)));
        }
    }

    fn control(&self, command: ControlCommand) {
        if !self.injector.send(command) {
            self.report(CustomerEvent::Control(ControlEvent::Flood));
        }
    }
}

impl Hands<CustomerWork> for CustomerHands {
    fn perform(&mut self, work: CustomerWork) {
        match work {
            CustomerWork::ListApplications => self.listing.list(),
            CustomerWork::Share(command) => self.share.send(command),
            CustomerWork::Control(command) => {
                if matches!(command, ControlCommand::Start(_)) {
                    self.brake.control_begins();
                }
                self.control(command);
            }
            CustomerWork::WatchStopKey(gates) => {
                let events = self.events.clone();
                let brake = Brake { gate: gates.control, injector: self.injector.clone() };
                self.tray.begin(brake.clone(), self.events.clone());
                let presses = Arc::<Mutex<Presses>>::default();
                let switch = StopSwitch {
                    brake: brake.clone(),
                    hands: gates.hands,
                    presses: Arc::clone(&presses),
                    report: Box::new(move |event| drop(events.send(CustomerEvent::Control(event)))),
                };
                let watched = self.platform.watch_stop_key(Box::new(switch)).map_err(|error| error.to_string());
                let after_events = watched.as_ref().ok().map(|watch| watch.after_events());
                self.brake.fit(brake, after_events.map(|after_events| Witness { presses, after_events }));
                let available = self.platform.control_available().map_err(|error| error.to_string());
                let outcome = watched.map(|watch| self.stop_key = Some(watch)).and(available);
                self.report(CustomerEvent::StopKeyWatch(outcome));
            }
            CustomerWork::UnwatchStopKey => {
                self.stop_key = None;
                self.brake.take_off();
                self.tray.end();
            }
            CustomerWork::SwallowStopKey(on) => {
                if let Some(watch) = &self.stop_key {
                    watch.swallow(on);
                }
            }
            CustomerWork::Together(work) => self.together.send(work),
            CustomerWork::KeepReceipt(saving) => self.keep_receipt(saving),
            CustomerWork::RememberCompany(pin) => {
                // Where nothing can be remembered the person is asked again.
                if let Err(error) = self.errands.run("company", move || known::remember(&pin)) {
                    tracing::debug!(%error, "the company can't be remembered");
                }
            }
            CustomerWork::Files(work) => self.files.send(work),
            CustomerWork::Marks { seen, name } => {
                // Without a live permit there is nothing to be drawn, and the
                // overlay asks once more.
                let patches = seen.claim().map(|shown| self.pen.patches(shown, &name)).unwrap_or_default();
                self.preview.set_marks(&patches);
                self.overlay.with(|overlay| overlay.set_patches(patches, seen));
            }
            CustomerWork::Preview(command) => self.preview.perform(command),
            CustomerWork::Watch(command) => self.watch.perform(command),
            CustomerWork::Frames(windows) => self.overlay.with(|overlay| overlay.set_frames(&windows, CONTROL_COLOUR)),
        }
    }
}
