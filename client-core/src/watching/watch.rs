//! The watching worker: turns frames into pixels, on a thread of its own so
//! that a large frame never delays input.

use super::{
    film::Films,
    picture::{PictureStore, WatchedSurface, copy_area},
    stage::Changes,
};
use mitblick_picture::Decoder;
use mitblick_protocol::{
    peer_msg::{Frame, FrameNumber, Surface},
    wire::{MAX_CURSOR_SIDE_PX, MAX_SURFACES},
};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

/// Frames that may wait: more than an honest shower has on the way at once (see
/// [`crate::pacing`]).
const QUEUED_FRAMES: usize = 16;

/// For the worker.
#[derive(Debug)]
enum WatchCommand {
    /// Forget everything: what follows is a new picture.
    Reset,
    /// The next frame takes up nothing of those before; what is seen stays.
    Afresh,
    Frame(Frame),
    Quit,
}

/// From the worker.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// A frame has been taken in.
    Shown {
        /// Its number.
        number: FrameNumber,
        /// About what it took on the line.
        bytes: usize,
        /// The new surfaces, if the scene changed.
        surfaces: Option<Arc<Vec<Surface>>>,
    },
    /// Whether moving pictures can be decoded.
    DecodesVideo(bool),
    /// The bytes were not a picture.
    Malformed,
}

/// The running worker. Dropping it ends the thread.
pub struct WatchWorker {
    commands: SyncSender<WatchCommand>,
    thread: Option<JoinHandle<()>>,
}

impl WatchWorker {
    /// Starts the thread. `repaint` is called on it when the window has to
    /// paint, `report` when a frame has been taken in and, in a pane, shown;
    /// neither may block. `decoder` is the program that decodes moving pictures
    /// when it is started for that: this one, as a rule.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(
        store: Arc<PictureStore>,
        decoder: Option<PathBuf>,
        repaint: impl Fn() + Send + 'static,
        report: impl Fn(WatchEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, receiver) = sync_channel(QUEUED_FRAMES);
        let worker = Worker {
            store,
            decoder: Decoder::new(),
            program: decoder,
            films: Films::default(),
            repaint: Box::new(repaint),
            report: Box::new(report),
        };
        let thread = std::thread::Builder::new().name("watch".into()).spawn(move || worker.run(&receiver))?;
        Ok(Self { commands, thread: Some(thread) })
    }

    /// Hands over a frame; `false` if too many wait already.
    pub fn frame(&self, frame: Frame) -> bool {
        !matches!(self.commands.try_send(WatchCommand::Frame(frame)), Err(TrySendError::Full(_)))
    }

    /// The next frame takes up nothing of those before. What is seen stays
    /// until it is painted over.
    pub fn begin_afresh(&self) {
        // Waits for room if need be, as the reset does.
        let _ = self.commands.send(WatchCommand::Afresh);
    }

    /// Forgets the picture: nothing of it stays on the screen.
    pub fn reset(&self) {
        // Waits for room if need be: the worker empties its queue at once.
        let _ = self.commands.send(WatchCommand::Reset);
    }
}

impl Drop for WatchWorker {
    fn drop(&mut self) {
        let _ = self.commands.send(WatchCommand::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    store: Arc<PictureStore>,
    decoder: Decoder,
    program: Option<PathBuf>,
    films: Films,
    repaint: Box<dyn Fn() + Send>,
    report: Box<dyn Fn(WatchEvent) + Send>,
}

/// A frame that an honest shower does not send.
struct Malformed;

/// The new surfaces, if the scene changed, and what else did.
type TakenIn = (Option<Arc<Vec<Surface>>>, Changes);

impl Worker {
    fn run(mut self, commands: &Receiver<WatchCommand>) {
        while let Ok(command) = commands.recv() {
            match command {
                WatchCommand::Quit => return,
                WatchCommand::Reset => {
                    self.decoder = Decoder::new();
                    self.store.reset();
                    if !self.films.works() {
                        self.films = Films::start(self.program.as_deref());
                    }
                    (self.report)(WatchEvent::DecodesVideo(self.films.works()));
                }
                WatchCommand::Afresh => self.decoder = Decoder::new(),
                WatchCommand::Frame(frame) => {
                    let (number, bytes) = (frame.number, bytes_of(&frame));
                    let event = match self.take_in(frame) {
                        Ok((surfaces, changes)) => {
                            if self.store.present(&changes) {
                                (self.repaint)();
                            }
                            WatchEvent::Shown { number, bytes, surfaces }
                        }
                        Err(Malformed) => WatchEvent::Malformed,
                    };
                    (self.report)(event);
                }
            }
        }
    }

    fn take_in(&mut self, frame: Frame) -> Result<TakenIn, Malformed> {
        if let Some(scene) = &frame.scene {
            if scene.surfaces.len() > MAX_SURFACES {
                return Err(Malformed);
            }
            let sizes: Vec<_> = scene.surfaces.iter().map(|surface| (surface.id, surface.rect.size())).collect();
            self.decoder.set_surfaces(&sizes).map_err(|_| Malformed)?;
        }
        if let Some(cursor) = &frame.cursor {
            let side = cursor.size.width.max(cursor.size.height);
            if side > MAX_CURSOR_SIDE_PX || cursor.pixels.len() as u64 != cursor.size.pixels() {
                return Err(Malformed);
            }
        }
        let applied = self.decoder.apply_with(&frame.pixels, &mut self.films).map_err(|_| Malformed)?;
        if applied.video_failed {
            (self.report)(WatchEvent::DecodesVideo(false));
        }

        // Only now is the window kept waiting, for copying alone, so that all
        // parts of the frame become visible together.
        let mut picture = self.store.lock();
        let picture = &mut *picture;
        let mut changes = Changes::default();
        changes.pointer.extend(picture.pointer_places());
        let pointed_before = (picture.cursor_place(), picture.ring_place());
        let surfaces = frame.scene.map(|scene| {
            picture.surfaces.retain(|id, _| scene.surfaces.iter().any(|surface| surface.id == *id));
            for surface in &scene.surfaces {
                let watched = picture.surfaces.entry(surface.id).or_default();
                if watched.size != surface.rect.size() {
                    *watched = new_surface(&self.decoder, surface);
                    changes.areas.push(surface.rect);
                }
            }
            let surfaces = Arc::new(scene.surfaces.clone());
            changes.note_scene(&picture.scene.surfaces, &scene.surfaces);
            picture.scene = scene;
            picture.scenes += 1;
            surfaces
        });
        for (id, area) in applied.changed {
            let (Some(watched), Some(decoded)) = (picture.surfaces.get_mut(&id), self.decoder.surface(id)) else {
                continue;
            };
            copy_area((decoded.size, decoded.pixels), area, &mut watched.pixels);
            watched.note_change(area);
            if let Some(surface) = picture.scene.surfaces.iter().find(|surface| surface.id == id) {
                changes.areas.push(area.moved(surface.rect.x, surface.rect.y));
            }
        }
        if let Some(pointer) = frame.pointer {
            picture.pointer = pointer;
        }
        if let Some(cursor) = frame.cursor {
            picture.cursor = Some(cursor);
            picture.cursor_changes += 1;
            changes.cursor = true;
        }
        changes.pointer.extend(picture.pointer_places());
        if !changes.cursor && pointed_before == (picture.cursor_place(), picture.ring_place()) {
            changes.pointer.clear();
        }
        picture.frames += 1;
        picture.note_for_recorder(changes.areas.iter().chain(&changes.pointer).copied());
        Ok((surfaces, changes))
    }
}

/// What counts of a frame: its pixels, and those of the pointer.
fn bytes_of(frame: &Frame) -> usize {
    let cursor = frame.cursor.as_ref().map_or(0, |cursor| cursor.pixels.len() * size_of::<u32>());
    frame.pixels.len() + cursor
}

fn new_surface(decoder: &Decoder, surface: &Surface) -> WatchedSurface {
    let size = surface.rect.size();
    let pixels = decoder.surface(surface.id).map(|decoded| decoded.pixels.to_vec()).unwrap_or_default();
    WatchedSurface { size, pixels, changed: vec![size.rect()] }
}
