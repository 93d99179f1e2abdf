//! Pictures that people upload, made into the one plain form that is kept:
//! portraits cut to a square, logos fitted into their frame, without anything
//! else that was in the file.
//!
//! What comes is hostile: kind and size are looked at before anything is
//! allocated for it, and nothing of the file itself is kept or handed on.

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    imageops::{self, FilterType},
    metadata::Orientation,
};
use mitblick_protocol::{
    image::{Image, ImageHash, ImageKind},
    wire::{LOGO_HEIGHT_PX, LOGO_WIDTH_PX, PORTRAIT_SIDE_PX},
};
use std::{fmt, io::Cursor};

/// Largest file that is looked at.
pub const MAX_UPLOAD_BYTES: usize = 5 * 1024 * 1024;
/// Longest side of a picture that is read.
const MAX_SIDE_PX: u32 = 12_000;
/// Most pixels of one: what telephones make as a rule.
const MAX_PIXELS: u64 = 25_000_000;
/// Most bytes that a reader may allocate.
const MAX_ALLOCATED_BYTES: u64 = 256 * 1024 * 1024;

/// Why a file is no picture that can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadImage {
    /// There is none.
    #[error("no file")]
    Nothing,
    /// More than [`MAX_UPLOAD_BYTES`].
    #[error("larger than 5 MB")]
    TooLarge,
    /// Neither PNG nor JPEG.
    #[error("neither PNG nor JPEG")]
    OtherKind,
    /// More pixels than are read.
    #[error("more than 25 million pixels")]
    TooManyPixels,
    /// It begins like one and goes on like none.
    #[error("damaged")]
    Damaged,
}

impl From<image::ImageError> for BadImage {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::Limits(_) => Self::TooManyPixels,
            _ => Self::Damaged,
        }
    }
}

/// An image as it is kept and sent.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptImage {
    /// The hash of the bytes.
    pub hash: ImageHash,
    /// See [`mitblick_protocol::image`].
    pub bytes: Vec<u8>,
}

impl fmt::Debug for KeptImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptImage({:?}, {} bytes)", self.hash, self.bytes.len())
    }
}

impl KeptImage {
    fn new(kind: ImageKind, width_px: u32, height_px: u32, pixels: Vec<u8>) -> Result<Self, BadImage> {
        let [width_px, height_px] = [width_px, height_px].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
        let image = Image::new(kind, width_px, height_px, pixels).map_err(|_| BadImage::Damaged)?;
        let bytes = image.encode();
        Ok(Self { hash: ImageHash::of(&bytes), bytes })
    }

    /// An advisor's portrait from a file. Takes a while; not for an
    /// asynchronous task.
    ///
    /// # Errors
    /// See [`BadImage`].
    pub fn portrait(file: &[u8]) -> Result<Self, BadImage> {
        let picture = read(file)?;
        let (width, height) = (picture.width(), picture.height());
        let side = width.min(height);
        // In a picture of a whole person the head is above its middle.
        let square = picture.crop_imm((width - side) / 2, (height - side) / 3, side, side);
        drop(picture);
        let side = u32::from(PORTRAIT_SIDE_PX);
        let small = scaled(square, side, side);
        let on_white = small.pixels().flat_map(|Rgba([r, g, b, a])| [r, g, b].map(|channel| over_white(*channel, *a)));
        Self::new(ImageKind::Portrait, side, side, on_white.collect())
    }

    /// The company's logo from a file. Takes a while; not for an asynchronous
    /// task.
    ///
    /// # Errors
    /// See [`BadImage`].
    pub fn logo(file: &[u8]) -> Result<Self, BadImage> {
        let picture = read(file)?;
        let frame = (LOGO_WIDTH_PX.into(), LOGO_HEIGHT_PX.into());
        let (width, height) = fitted((picture.width(), picture.height()), frame);
        let small = scaled(picture, width, height);
        Self::new(ImageKind::Logo, width, height, small.into_raw())
    }

    /// As a file for browsers; `None` if the bytes are no such image.
    pub fn png(&self, kind: ImageKind) -> Option<Vec<u8>> {
        let image = Image::decode(kind, &self.bytes).ok()?;
        let (width, height) = image.size_px();
        let picture = RgbaImage::from_raw(width.into(), height.into(), image.rgba().flatten().collect())?;
        let mut png = Vec::new();
        picture.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;
        Some(png)
    }
}

fn read(file: &[u8]) -> Result<DynamicImage, BadImage> {
    if file.is_empty() {
        return Err(BadImage::Nothing);
    }
    if file.len() > MAX_UPLOAD_BYTES {
        return Err(BadImage::TooLarge);
    }
    let format = image::guess_format(file).ok();
    let format = format.filter(|format| matches!(format, ImageFormat::Png | ImageFormat::Jpeg));
    let mut reader = ImageReader::with_format(Cursor::new(file), format.ok_or(BadImage::OtherKind)?);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    limits.max_alloc = Some(MAX_ALLOCATED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(BadImage::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(BadImage::Damaged);
    }
    // Telephones store a picture as the camera lay, and beside it how to turn it.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// As large as the frame allows, and no larger than it is.
fn fitted((width, height): (u32, u32), (frame_width, frame_height): (u32, u32)) -> (u32, u32) {
    if width <= frame_width && height <= frame_height {
        return (width, height);
    }
    let part = |side: u32, of: u32, to: u32| {
        let scaled = (u64::from(side) * u64::from(to) + u64::from(of) / 2) / u64::from(of.max(1));
        u32::try_from(scaled).unwrap_or(u32::MAX)
    };
    if u64::from(width) * u64::from(frame_height) >= u64::from(height) * u64::from(frame_width) {
        (frame_width, part(height, width, frame_width).clamp(1, frame_height))
    } else {
        (part(width, height, frame_height).clamp(1, frame_width), frame_height)
    }
}

/// In this size. Between pixels colours count by their opacity, so that none
/// comes through that was not to be seen.
fn scaled(picture: DynamicImage, width: u32, height: u32) -> RgbaImage {
    if !picture.color().has_alpha() {
        return picture.resize_exact(width, height, FilterType::CatmullRom).into_rgba8();
    }
    let mut picture = picture.into_rgba8();
    for Rgba([r, g, b, a]) in picture.pixels_mut() {
        for channel in [r, g, b] {
            *channel = scale(*channel, *a, u8::MAX);
        }
    }
    let mut small = imageops::resize(&picture, width, height, FilterType::CatmullRom);
    for Rgba([r, g, b, a]) in small.pixels_mut() {
        for channel in [r, g, b] {
            *channel = scale(*channel, u8::MAX, (*a).max(1));
        }
    }
    small
}

/// `value * by / of`, rounded, and at most 255.
fn scale(value: u8, by: u8, of: u8) -> u8 {
    let (value, by, of) = (u32::from(value), u32::from(by), u32::from(of.max(1)));
    u8::try_from((value * by + of / 2) / of).unwrap_or(u8::MAX)
}

fn over_white(channel: u8, opacity: u8) -> u8 {
    scale(channel, opacity, u8::MAX).saturating_add(u8::MAX - opacity)
}

#[cfg(test)]
mod tests;
