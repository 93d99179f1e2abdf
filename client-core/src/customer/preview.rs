//! What the advisor sees, for the customer: the frames that are sent, decoded
//! by the advisor's own decoder and put together small. Costs nothing while
//! nobody looks: there is no thread, and no frame is copied.

use crate::watching::{
    PictureStore,
    compose::{Composition, Labels, Look},
    layout::{self, Placement, Zoom},
    watch::{WatchEvent, WatchWorker},
};
use mitblick_platform::{capture::LocalPicture, overlay::Patch};
use mitblick_protocol::{
    geometry::{Point, Size},
    peer_msg::{Frame, SurfaceState},
};
use std::{path::PathBuf, sync::Arc};

/// Largest picture, in pixels.
const LARGEST: Size = Size { width: 480, height: 300 };
/// The pattern for "not shown".
const LOOK: Look = Look { pattern: [0x00e4_e7ec, 0x00da_dee5] };

/// For the preview.
#[derive(Debug)]
pub enum PreviewCommand {
    /// Somebody looks.
    Open,
    /// Nobody looks any more.
    Close,
    /// Nothing is shown, or something new will be.
    Reset,
    /// This frame is on its way to the advisor.
    Frame {
        /// The frame.
        frame: Box<Frame>,
        /// It takes up nothing of those before.
        fresh: bool,
    },
}

/// From the preview.
#[derive(Clone, Debug)]
pub enum PreviewEvent {
    /// The picture as it is now.
    Picture {
        /// The picture; `None` = nothing is shown.
        picture: Option<Arc<LocalPicture>>,
        /// Windows that are in it, without menus and tooltips.
        windows: usize,
    },
    /// It could not follow: the picture has to begin afresh.
    Lost,
    /// Whether moving pictures can be decoded here.
    DecodesVideo(bool),
}

/// The preview. Dropping it ends it.
pub struct Preview {
    store: Arc<PictureStore>,
    worker: Option<WatchWorker>,
    report: Arc<dyn Fn(PreviewEvent) + Send + Sync>,
    decoder: Option<PathBuf>,
}

impl Preview {
    /// A closed one. `report` must not block. `decoder` is the program that
    /// decodes moving pictures when it is started for that.
    pub fn new(decoder: Option<PathBuf>, report: impl Fn(PreviewEvent) + Send + Sync + 'static) -> Self {
        Self { store: Arc::default(), worker: None, report: Arc::new(report), decoder }
    }

    /// Performs a command; never blocks for long.
    pub fn perform(&mut self, command: PreviewCommand) {
        match (command, &self.worker) {
            (PreviewCommand::Open, None) => self.open(),
            (PreviewCommand::Close, _) => {
                let worker = self.worker.take();
                self.store = Arc::default();
                // Its end waits for the frame that it works on.
                let _ = std::thread::Builder::new().name("preview end".into()).spawn(move || drop(worker));
            }
            (PreviewCommand::Reset, Some(worker)) => {
                worker.reset();
                (self.report)(PreviewEvent::Picture { picture: None, windows: 0 });
            }
            (PreviewCommand::Frame { frame, fresh }, Some(worker)) => {
                if fresh {
                    worker.begin_afresh();
                }
                if !worker.frame(*frame) {
                    (self.report)(PreviewEvent::Lost);
                }
            }
            (PreviewCommand::Open, Some(_)) | (PreviewCommand::Reset | PreviewCommand::Frame { .. }, None) => {}
        }
    }

    /// The advisor sees these marks over the windows.
    pub fn set_marks(&self, patches: &[Patch]) {
        if self.worker.is_some() {
            let still = patches.iter().filter(|patch| !patch.moves).cloned().collect();
            self.store.set_marks(still, None);
            (self.report)(picture(&self.store));
        }
    }

    fn open(&mut self) {
        self.store = Arc::default();
        let (store, report) = (Arc::clone(&self.store), Arc::clone(&self.report));
        let told = move |event| match event {
            WatchEvent::Shown { .. } => report(picture(&store)),
            WatchEvent::Malformed => report(PreviewEvent::Lost),
            // Told after every reset: what was still on its way into the picture
            // may have been reported since it was asked for.
            WatchEvent::DecodesVideo(can) => {
                report(picture(&store));
                report(PreviewEvent::DecodesVideo(can));
            }
        };
        match WatchWorker::start(Arc::clone(&self.store), self.decoder.clone(), || {}, told) {
            Ok(worker) => {
                worker.reset();
                self.worker = Some(worker);
            }
            Err(error) => tracing::warn!(%error, "what the advisor sees can't be shown"),
        }
    }
}

/// The picture as it stands, no larger than [`LARGEST`].
fn picture(store: &PictureStore) -> PreviewEvent {
    let mut picture = store.lock();
    let canvas = picture.follow_canvas();
    let shown = picture.scene.surfaces.iter().filter(|surface| surface.state == SurfaceState::Shown);
    let windows = shown.filter(|surface| surface.parent.is_none()).count();
    if canvas.is_empty() {
        return PreviewEvent::Picture { picture: None, windows };
    }
    let scale = layout::scale(Zoom::Fit, canvas.size(), (LARGEST.width as f32, LARGEST.height as f32));
    let side = |length: u32, most: u32| ((length as f32 * scale).ceil() as u32).clamp(1, most);
    let size = Size { width: side(canvas.width, LARGEST.width), height: side(canvas.height, LARGEST.height) };
    let placement = Placement::new(canvas, scale, size.rect(), Point::default());
    let labels = Labels::new();
    let composition =
        Composition { picture: &picture, placement, pane: size.rect(), look: LOOK, labels: &labels, cursor: true };
    let mut pixels = vec![0; usize::try_from(size.pixels()).unwrap_or(0)];
    composition.compose(size.rect(), &mut pixels);
    pixels.iter_mut().for_each(|pixel| *pixel |= 0xff00_0000);
    PreviewEvent::Picture { picture: Some(Arc::new(LocalPicture { size, pixels })), windows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mitblick_picture::{Encoder, PixelSource, Turn};
    use mitblick_protocol::{
        geometry::Rect,
        peer_msg::{FrameNumber, Scene, Surface, SurfaceId},
        text::DisplayText,
        time::Moment,
    };
    use std::{convert::Infallible, sync::mpsc, time::Duration};

    const SIZE: Size = Size { width: 100, height: 60 };

    /// A window with a colour for each pixel.
    struct Source;

    impl PixelSource for Source {
        type Error = Infallible;

        fn read(&mut self, _: SurfaceId, area: Rect, out: &mut Vec<u32>) -> Result<(), Infallible> {
            out.clear();
            let rows = area.y..area.y + area.height as i32;
            out.extend(rows.flat_map(|y| (area.x..area.x + area.width as i32).map(move |x| (x * 700 + y) as u32)));
            Ok(())
        }
    }

    fn frame() -> Box<Frame> {
        let mut encoder = Encoder::new();
        encoder.set_surfaces(&[(SurfaceId(1), SIZE)]).unwrap();
        encoder.damage(SurfaceId(1), SIZE.rect(), Moment::default());
        let pixels = encoder.encode(&mut Source, Turn::lossless(1 << 20)).payload;
        let (rect, title) = (Rect::new(30, 40, SIZE.width, SIZE.height), DisplayText::default());
        let surface = Surface { id: SurfaceId(1), rect, state: SurfaceState::Shown, parent: None, title };
        let scene = Some(Scene { desktop: Size { width: 800, height: 600 }, surfaces: vec![surface] });
        Box::new(Frame { number: FrameNumber(1), scene, pointer: None, cursor: None, round_trip_ms: None, pixels })
    }

    #[test]
    fn the_preview_is_made_of_what_is_sent_and_only_while_somebody_looks() {
        let (sender, told) = mpsc::channel();
        let mut preview = Preview::new(None, move |event| drop(sender.send(event)));
        preview.perform(PreviewCommand::Frame { frame: frame(), fresh: false });
        assert!(told.try_recv().is_err() && preview.worker.is_none(), "closed, it does nothing");
        preview.perform(PreviewCommand::Open);
        preview.perform(PreviewCommand::Frame { frame: frame(), fresh: true });
        let picture = loop {
            match told.recv_timeout(Duration::from_secs(20)).expect("a picture") {
                PreviewEvent::Picture { picture: Some(picture), windows: 1 } => break picture,
                PreviewEvent::Picture { picture: None, windows: 0 } | PreviewEvent::DecodesVideo(_) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(picture.size, SIZE, "small as it is, pixel for pixel");
        let wanted = |x: usize, y: usize| (x * 700 + y) as u32 | 0xff00_0000;
        assert!((0..60).all(|y| (0..100).all(|x| picture.pixels[y * 100 + x] == wanted(x, y))));
        preview.perform(PreviewCommand::Close);
        preview.perform(PreviewCommand::Frame { frame: frame(), fresh: true });
        assert!(preview.worker.is_none());
    }

    #[test]
    fn nothing_that_was_shown_before_a_reset_is_told_last() {
        let (sender, told) = mpsc::channel();
        let mut preview = Preview::new(None, move |event| drop(sender.send(event)));
        preview.perform(PreviewCommand::Open);
        preview.perform(PreviewCommand::Frame { frame: frame(), fresh: false });
        preview.perform(PreviewCommand::Reset);
        let (mut last, mut resets) = (true, 0);
        while resets < 2 {
            match told.recv_timeout(Duration::from_secs(20)).expect("a word on each reset") {
                PreviewEvent::Picture { picture, .. } => last = picture.is_some(),
                // Without a program there is none that could.
                PreviewEvent::DecodesVideo(can) => {
                    assert!(!can);
                    resets += 1;
                }
                PreviewEvent::Lost => panic!("it could not follow"),
            }
        }
        assert!(!last, "the newest picture is that of before");
    }
}
