//! The sharing worker: follows shared windows, takes their newest pixels when
//! the line has room, and hands out frames. A thread of its own with its own
//! connection to the display.

use super::film::Films;
use crate::{pacing::Pacing, runtime::entropy};
use mitblick_picture::{Encoder, PixelSource, Turn, VideoEncoder};
use mitblick_platform::{
    Platform,
    capture::{Capture, CaptureError, Changes, Waker},
};
use mitblick_protocol::{
    geometry::Rect,
    peer_msg::{CursorImage, Frame, FrameNumber, PointerPlace, Scene, SurfaceId, SurfaceState},
    session::{Permitted, ViewSelection},
    time::Moment,
};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// For the worker.
#[derive(Debug)]
pub enum ShareCommand {
    /// Show these applications, in place of what was shown before.
    Start(Permitted<ViewSelection>),
    /// The other side has shown a frame.
    FrameShown {
        /// The newest that it has shown.
        number: FrameNumber,
        /// From showing it to saying so, in milliseconds.
        held_ms: u16,
    },
    /// Whether the other side can decode moving pictures.
    DecodesVideo(bool),
    /// Send the whole picture once more, taking up nothing of what was sent.
    BeginAfresh,
    /// Show nothing.
    Stop,
}

/// From the worker.
#[derive(Debug)]
pub enum ShareEvent {
    /// A frame, and the permit under which it was taken.
    Frame(Frame, Permitted<ViewSelection>),
    /// The same; it takes up nothing of what was sent before.
    FreshFrame(Frame, Permitted<ViewSelection>),
    /// The shared windows stand here now (desktop pixels), or are gone.
    Windows(Vec<Rect>),
    /// It does not work, or no longer.
    Failed(String),
}

/// The running worker. Dropping it ends the thread.
pub struct ShareWorker {
    commands: Option<Sender<ShareCommand>>,
    waker: Arc<Mutex<Option<Arc<dyn Waker>>>>,
    thread: Option<JoinHandle<()>>,
}

impl ShareWorker {
    /// Starts the thread. `report` is called on it and must not block.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(platform: Arc<dyn Platform>, report: impl Fn(ShareEvent) + Send + 'static) -> std::io::Result<Self> {
        let (commands, receiver) = channel();
        let waker = Arc::default();
        let worker = Worker {
            platform,
            commands: receiver,
            waker: Arc::clone(&waker),
            report: Box::new(report),
            origin: Instant::now(),
            next_frame: 1,
            decodes_video: false,
        };
        let thread = std::thread::Builder::new().name("share".into()).spawn(move || worker.run())?;
        Ok(Self { commands: Some(commands), waker, thread: Some(thread) })
    }

    /// Gives a command; never blocks.
    pub fn send(&self, command: ShareCommand) {
        if let Some(commands) = &self.commands {
            // A worker that has ended has said why.
            let _ = commands.send(command);
        }
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake();
        }
    }
}

impl Drop for ShareWorker {
    fn drop(&mut self) {
        self.commands = None;
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    platform: Arc<dyn Platform>,
    commands: Receiver<ShareCommand>,
    waker: Arc<Mutex<Option<Arc<dyn Waker>>>>,
    report: Box<dyn Fn(ShareEvent) + Send>,
    origin: Instant,
    next_frame: u64,
    decodes_video: bool,
}

/// Why one sharing ended.
enum After {
    /// Nothing is to be shown.
    Idle,
    /// Something else is to be shown.
    Start(Permitted<ViewSelection>),
    /// The program ends.
    Quit,
}

impl Worker {
    fn run(mut self) {
        let mut after = After::Idle;
        loop {
            after = match after {
                After::Quit => return,
                After::Start(permit) => self.share(permit),
                After::Idle => match self.commands.recv() {
                    Ok(ShareCommand::Start(permit)) => After::Start(permit),
                    Ok(ShareCommand::DecodesVideo(can)) => {
                        self.decodes_video = can;
                        After::Idle
                    }
                    Ok(ShareCommand::FrameShown { .. } | ShareCommand::BeginAfresh | ShareCommand::Stop) => After::Idle,
                    Err(_) => After::Quit,
                },
            };
        }
    }

    fn share(&mut self, permit: Permitted<ViewSelection>) -> After {
        let mut capture = match self.platform.start_capture(permit.clone()) {
            Ok(capture) => capture,
            Err(CaptureError::NotPermitted) => return After::Idle,
            Err(error) => {
                (self.report)(ShareEvent::Failed(error.to_string()));
                return After::Idle;
            }
        };
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(capture.waker());
        let after = self.follow(capture.as_mut(), &permit);
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = None;
        (self.report)(ShareEvent::Windows(Vec::new()));
        after
    }

    fn follow(&mut self, capture: &mut dyn Capture, permit: &Permitted<ViewSelection>) -> After {
        let mut showing = Showing::new();
        loop {
            loop {
                match self.commands.try_recv() {
                    Ok(ShareCommand::Start(permit)) => return After::Start(permit),
                    Ok(ShareCommand::Stop) => return After::Idle,
                    Ok(ShareCommand::FrameShown { number, held_ms }) => {
                        showing.pacing.shown(number, Duration::from_millis(held_ms.into()), self.now());
                    }
                    Ok(ShareCommand::DecodesVideo(can)) => self.decodes_video = can,
                    Ok(ShareCommand::BeginAfresh) => {
                        if let Err(error) = showing.begin_afresh(self.now()) {
                            (self.report)(ShareEvent::Failed(error.to_string()));
                            return After::Idle;
                        }
                    }
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return After::Quit,
                }
            }
            // Work is left and there is room: look for commands and go on.
            let step = self.step(capture, permit, &mut showing);
            let waited = step.and_then(|next| capture.wait(next.map(|at| at.since(self.now()))));
            match waited {
                Ok(()) => {}
                Err(CaptureError::NotPermitted) => return After::Idle,
                Err(error) => {
                    (self.report)(ShareEvent::Failed(error.to_string()));
                    return After::Idle;
                }
            }
        }
    }

    /// Takes in what changed and sends a frame if there is something to send
    /// and room for it. Says when to call it again if nothing happens before.
    fn step(
        &mut self,
        capture: &mut dyn Capture,
        permit: &Permitted<ViewSelection>,
        showing: &mut Showing,
    ) -> Result<Option<Moment>, CaptureError> {
        let changes = capture.take_changes()?;
        if let Some(scene) = &changes.scene {
            (self.report)(ShareEvent::Windows(window_rects(scene)));
        }
        let now = self.now();
        showing.take_in(changes, now)?;
        let Showing { pacing, encoder, pending, films, .. } = &mut *showing;
        let due = encoder.next_look().is_some_and(|at| at <= now);
        // Without room the next word of the watcher comes first.
        if !pacing.may_send() {
            return Ok(None);
        }
        if pending.is_empty() && !encoder.has_damage() && !due {
            return Ok(encoder.next_look());
        }
        films.set_line(pacing.bytes_per_s());
        let video = if self.decodes_video { Some(films as &mut dyn VideoEncoder) } else { None };
        let (budget_bytes, patience_bytes) = (pacing.budget_bytes(), pacing.patience_bytes());
        let turn = Turn { budget_bytes, now, video, patience_bytes };
        let encoded = encoder.encode(&mut Source(capture), turn);
        for (_, error) in encoded.failed {
            match error {
                // The next changes say what became of it.
                CaptureError::SurfaceGone(_) => {}
                other => return Err(other),
            }
        }
        if encoded.payload.is_empty() && pending.is_empty() {
            return Ok(showing.next(now));
        }
        tracing::debug!(
            number = self.next_frame,
            bytes = encoded.payload.len(),
            budget_bytes,
            bytes_per_s = showing.pacing.bytes_per_s(),
            "frame"
        );
        let number = FrameNumber(self.next_frame);
        self.next_frame += 1;
        let round_trip_ms = showing.news_of_round_trip(now);
        let Pending { scene, pointer, cursor } = std::mem::take(&mut showing.pending);
        let sent_at = self.now();
        showing.pacing.sent(number, encoded.payload.len() + FRAME_OVERHEAD_BYTES, sent_at);
        let frame = Frame { number, scene, pointer, cursor, round_trip_ms, pixels: encoded.payload };
        let fresh = std::mem::take(&mut showing.fresh);
        let event = if fresh { ShareEvent::FreshFrame } else { ShareEvent::Frame };
        (self.report)(event(frame, permit.clone()));
        Ok(showing.next(sent_at))
    }

    fn now(&self) -> Moment {
        Moment::from_ms(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// About what sealing, framing and TLS add to a frame.
const FRAME_OVERHEAD_BYTES: usize = 64;
/// The round trip is told again after so long, if it is another one then.
const ROUND_TRIP_EVERY: Duration = Duration::from_secs(2);

/// One sharing, from its first to its last frame.
struct Showing {
    pacing: Pacing,
    encoder: Encoder,
    films: Films,
    pending: Pending,
    /// As it is, for who begins afresh.
    known: Pending,
    /// The next frame takes up nothing of what was sent before.
    fresh: bool,
    /// The round trip as the watcher was told last, and when.
    told_round_trip: Option<(u16, Moment)>,
}

impl Showing {
    fn new() -> Self {
        Self {
            pacing: Pacing::default(),
            encoder: new_encoder(),
            films: Films::default(),
            pending: Pending::default(),
            known: Pending::default(),
            fresh: false,
            told_round_trip: None,
        }
    }

    /// The whole picture once more, taking up nothing of what was sent.
    fn begin_afresh(&mut self, now: Moment) -> Result<(), CaptureError> {
        // Before its first frame a picture is fresh by itself.
        let Some(scene) = &self.known.scene else { return Ok(()) };
        (self.encoder, self.films) = (new_encoder(), Films::default());
        let sizes: Vec<_> = scene.surfaces.iter().map(|surface| (surface.id, surface.rect.size())).collect();
        self.encoder.set_surfaces(&sizes).map_err(|error| CaptureError::Broken(error.to_string()))?;
        for (surface, size) in sizes {
            self.encoder.damage(surface, size.rect(), now);
        }
        self.pending = self.known.clone();
        self.fresh = true;
        Ok(())
    }

    /// When there is something to do if nothing happens before.
    fn next(&self, now: Moment) -> Option<Moment> {
        match (self.pacing.may_send(), self.encoder.has_damage()) {
            (false, _) => None,
            (true, true) => Some(now),
            (true, false) => self.encoder.next_look(),
        }
    }

    fn take_in(&mut self, changes: Changes, now: Moment) -> Result<(), CaptureError> {
        if let Some(scene) = changes.scene {
            let sizes: Vec<_> = scene.surfaces.iter().map(|surface| (surface.id, surface.rect.size())).collect();
            self.encoder.set_surfaces(&sizes).map_err(|error| CaptureError::Broken(error.to_string()))?;
            self.pending.scene = Some(scene);
        }
        for (surface, area) in changes.damage {
            self.encoder.damage(surface, area, now);
        }
        self.pending.pointer = changes.pointer.or(self.pending.pointer.take());
        self.pending.cursor = changes.cursor.or(self.pending.cursor.take());
        self.known.note(&self.pending);
        Ok(())
    }

    /// The round trip, if it is worth telling.
    fn news_of_round_trip(&mut self, now: Moment) -> Option<u16> {
        let ms = u16::try_from(self.pacing.round_trip_ms()?).unwrap_or(u16::MAX);
        let due = self.told_round_trip.is_none_or(|(told, at)| told != ms && now.since(at) >= ROUND_TRIP_EVERY);
        if due {
            self.told_round_trip = Some((ms, now));
        }
        due.then_some(ms)
    }
}

/// With a key that nobody knows.
fn new_encoder() -> Encoder {
    let mut key = [0; 4];
    for part in &mut key {
        let mut bytes = [0; 8];
        entropy(&mut bytes);
        *part = u64::from_ne_bytes(bytes);
    }
    Encoder::with_key(key)
}

/// What of a scene is not pixels and waits for the next frame.
#[derive(Clone, Default)]
struct Pending {
    scene: Option<Scene>,
    pointer: Option<Option<PointerPlace>>,
    cursor: Option<CursorImage>,
}

impl Pending {
    /// Takes over what is newer.
    fn note(&mut self, newer: &Self) {
        if newer.scene.is_some() {
            self.scene.clone_from(&newer.scene);
        }
        self.pointer = newer.pointer.or(self.pointer);
        if newer.cursor.is_some() {
            self.cursor.clone_from(&newer.cursor);
        }
    }

    fn is_empty(&self) -> bool {
        self.scene.is_none() && self.pointer.is_none() && self.cursor.is_none()
    }
}

/// Windows that a frame is drawn round: not menus and tooltips.
fn window_rects(scene: &Scene) -> Vec<Rect> {
    let shown =
        scene.surfaces.iter().filter(|surface| surface.parent.is_none() && surface.state == SurfaceState::Shown);
    shown.map(|surface| surface.rect).collect()
}

/// The capture as the encoder reads it.
struct Source<'a>(&'a mut dyn Capture);

impl PixelSource for Source<'_> {
    type Error = CaptureError;

    fn read(&mut self, surface: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), CaptureError> {
        self.0.read(surface, area, out)
    }
}
