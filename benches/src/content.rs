//! What applications do, as sequences of pictures made of the recordings.

use crate::{Recording, SURFACE};
use anyhow::ensure;
use mitblick_picture::{Decoder, Encoder, Turn};
use mitblick_protocol::{
    geometry::{Rect, Size},
    time::Moment,
};

/// Size of a window of most sequences, in pixels.
pub const WINDOW: Size = Size { width: 1280, height: 800 };
/// Three lines of text, in pixels.
const SCROLL_PX: u32 = 54;

/// One thing that happens in a window: pictures one after the other, the last
/// of which is measured.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// What happens.
    pub name: &'static str,
    /// All pictures, of the same size.
    pub pictures: Vec<Recording>,
    /// Where the system tells of damage before the last.
    pub damage: Rect,
}

impl Sequence {
    fn new(name: &'static str, pictures: Vec<Recording>) -> Self {
        let damage = pictures.last().map(|last| last.size.rect()).unwrap_or_default();
        Self { name, pictures, damage }
    }

    /// The damage told as exactly as it is.
    fn exact(mut self) -> Self {
        if let [.., before, last] = self.pictures.as_slice() {
            self.damage = before.difference(last);
        }
        self
    }

    /// Size of the window in pixels.
    pub fn size(&self) -> Size {
        self.pictures.last().map(|last| last.size).unwrap_or_default()
    }

    /// Both sides right before the last picture.
    ///
    /// # Errors
    /// The codec refuses what it made itself.
    pub fn begin(&self) -> anyhow::Result<(Encoder, Decoder)> {
        let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new());
        encoder.set_surfaces(&[(SURFACE, self.size())])?;
        decoder.set_surfaces(&[(SURFACE, self.size())])?;
        let before = self.pictures.len().saturating_sub(1);
        for picture in self.pictures.iter().take(before) {
            encoder.damage(SURFACE, picture.size.rect(), Moment::default());
            decoder.apply(&encoder.encode(&mut picture.clone(), Turn::lossless(usize::MAX)).payload)?;
        }
        encoder.damage(SURFACE, self.damage, Moment::default());
        Ok((encoder, decoder))
    }

    /// The last picture.
    pub fn last(&self) -> Recording {
        self.pictures.last().cloned().unwrap_or(Recording { size: Size::default(), pixels: Vec::new() })
    }

    /// What changes with the last picture: the bounds, and the picture before.
    pub fn change(&self) -> (Option<&Recording>, Rect) {
        match self.pictures.as_slice() {
            [.., before, last] => (Some(before), before.difference(last)),
            _ => (None, self.size().rect()),
        }
    }

    /// All of them.
    ///
    /// # Errors
    /// A recording is missing or too small.
    pub fn all() -> anyhow::Result<Vec<Self>> {
        let load = Recording::load;
        let (terminal, typed, editor) = (load("terminal")?, load("terminal-typed")?, load("editor")?);
        let (light, dark, document) = (load("code-light")?, load("code-dark")?, load("document")?);
        let photo = load("photo")?;
        let top = |picture: &Recording| picture.cut(WINDOW.rect());
        let scrolled = |picture: &Recording, steps: u32| -> anyhow::Result<Vec<Recording>> {
            (0..=steps).map(|step| picture.cut(WINDOW.rect().moved(0, (step * SCROLL_PX) as i32))).collect()
        };
        // A header, a list at the side and a scroll bar that stand still.
        let framed = scrolled(&document, 3)?.into_iter().map(|mut page| {
            for part in [Rect::new(0, 0, 1280, 60), Rect::new(0, 0, 210, 800), Rect::new(1266, 0, 14, 800)] {
                page.put(part, &editor);
            }
            page
        });
        let panned = |step: i32| photo.cut(Rect::new(9 * step, 5 * step, 560, 360));
        let selected = |lines: u32| -> anyhow::Result<Recording> {
            let mut page = top(&light)?;
            page.select(Rect::new(40, 100, 1100, lines * SCROLL_PX / 3));
            Ok(page)
        };
        Ok(vec![
            Self::new("letter typed, terminal", vec![terminal.clone(), typed.clone()]).exact(),
            Self::new("letter typed, editor", vec![editor.clone(), load("editor-typed")?]).exact(),
            Self::new("scrolled, terminal", vec![typed, load("terminal-scrolled")?]),
            Self::new("scrolled, code", scrolled(&light, 3)?),
            Self::new("scrolled, dark theme", scrolled(&dark, 3)?),
            Self::new("scrolled, document in a frame", framed.collect()),
            Self::new("selection dragged on", vec![selected(10)?, selected(13)?]),
            Self::new("photograph panned, 560x360", vec![panned(0)?, panned(1)?, panned(2)?]),
            Self::new("page seen before", vec![top(&document)?, top(&light)?, top(&document)?, top(&light)?]),
            Self::new("redrawn, the same", vec![editor.clone(), editor.clone()]),
            Self::new("new window, terminal", vec![terminal.clone()]),
            Self::new("new page, editor", vec![terminal, editor.clone()]),
            Self::new("new page, code", vec![editor.clone(), top(&light)?]),
            Self::new("new page, dark theme", vec![editor.clone(), top(&dark)?]),
            Self::new("new page, document", vec![editor, top(&document)?]),
            Self::new("new photograph, 640x400", vec![photo]),
        ])
    }
}

impl Recording {
    /// A part of it.
    ///
    /// # Errors
    /// The part does not lie inside.
    pub fn cut(&self, area: Rect) -> anyhow::Result<Self> {
        ensure!(area.intersection(self.size.rect()) == Some(area), "{area:?} of a picture of {:?}", self.size);
        Ok(Self { size: area.size(), pixels: self.rows(area).flatten().copied().collect() })
    }

    /// The rows of a part that lies inside.
    pub fn rows(&self, area: Rect) -> impl Iterator<Item = &[u32]> {
        let rows = self.pixels.chunks_exact(self.size.width as usize);
        let rows = rows.skip(area.y as usize).take(area.height as usize);
        rows.map(move |row| &row[area.x as usize..area.right() as usize])
    }

    /// Puts the same part of another one of this size in place.
    fn put(&mut self, area: Rect, other: &Self) {
        let stride = self.size.width as usize;
        for y in area.y as usize..area.bottom() as usize {
            let row = y * stride + area.x as usize..y * stride + area.right() as usize;
            self.pixels[row.clone()].copy_from_slice(&other.pixels[row]);
        }
    }

    /// Gives an area the background of selected text.
    fn select(&mut self, area: Rect) {
        let stride = self.size.width as usize;
        for y in area.y as usize..area.bottom() as usize {
            let row = &mut self.pixels[y * stride + area.x as usize..y * stride + area.right() as usize];
            row.iter_mut().filter(|pixel| **pixel == 0x00ff_ffff).for_each(|pixel| *pixel = 0x00ad_d6ff);
        }
    }
}
