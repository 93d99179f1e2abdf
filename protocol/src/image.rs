//! Small pictures that the broker keeps: an advisor's portrait and the
//! company's logo.
//!
//! Cards and rules carry the [`ImageHash`] of one, signed. The bytes come from
//! the broker in parts, as much at a time as a program asks for, and are
//! nothing before their hash is the signed one. They are the plainest form
//! there is, so that reading it can't go wrong: width and height (two bytes
//! each, big endian), then the pixels row by row, three bytes each in a
//! portrait (red, green, blue) and four in a logo (the last one opacity, the
//! colours not multiplied by it).

use crate::wire::{IMAGE_PART_BYTES, LOGO_HEIGHT_PX, LOGO_WIDTH_PX, MAX_IMAGE_BYTES, PORTRAIT_SIDE_PX};
use alloc::vec::Vec;
use bincode::{Decode, Encode};
use core::fmt;
use sha2::{Digest, Sha256};

/// Bytes before the pixels.
const HEADER_BYTES: usize = 4;

/// SHA-256 of an image's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct ImageHash(pub [u8; 32]);

impl ImageHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Debug for ImageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "ImageHash({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// What an image shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageKind {
    /// An advisor: a square of one size, without transparency.
    Portrait,
    /// The company's logo, which may be smaller than its frame.
    Logo,
}

impl ImageKind {
    const fn pixel_bytes(self) -> usize {
        match self {
            Self::Portrait => 3,
            Self::Logo => 4,
        }
    }

    const fn fits(self, width_px: u16, height_px: u16) -> bool {
        match self {
            Self::Portrait => width_px == PORTRAIT_SIDE_PX && height_px == PORTRAIT_SIDE_PX,
            Self::Logo => width_px >= 1 && height_px >= 1 && width_px <= LOGO_WIDTH_PX && height_px <= LOGO_HEIGHT_PX,
        }
    }
}

/// Why bytes are no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The size is none that this kind can have.
    #[error("an image of {width_px} by {height_px} pixels")]
    Size {
        /// Found.
        width_px: u16,
        /// Found.
        height_px: u16,
    },
    /// There are more or fewer bytes than the size says.
    #[error("an image of another length than its size")]
    Length,
    /// The hash is another one.
    #[error("another image than the signed one")]
    Hash,
    /// A part that does not follow the one before, or is too short or long.
    #[error("parts of an image out of order")]
    Part,
}

/// An image whose size is one that it can have.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    kind: ImageKind,
    width_px: u16,
    height_px: u16,
    pixels: Vec<u8>,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({:?}, {} by {} px)", self.kind, self.width_px, self.height_px)
    }
}

impl Image {
    /// One of these pixels.
    ///
    /// # Errors
    /// `Size` or `Length`.
    pub fn new(kind: ImageKind, width_px: u16, height_px: u16, pixels: Vec<u8>) -> Result<Self, ImageError> {
        if !kind.fits(width_px, height_px) {
            return Err(ImageError::Size { width_px, height_px });
        }
        if pixels.len() != usize::from(width_px) * usize::from(height_px) * kind.pixel_bytes() {
            return Err(ImageError::Length);
        }
        Ok(Self { kind, width_px, height_px, pixels })
    }

    /// Reads one.
    ///
    /// # Errors
    /// `Size` or `Length`.
    pub fn decode(kind: ImageKind, bytes: &[u8]) -> Result<Self, ImageError> {
        let length = length_of(kind, bytes)?.ok_or(ImageError::Length)?;
        let (Some(&[w0, w1, h0, h1]), true) = (bytes.first_chunk::<HEADER_BYTES>(), bytes.len() == length) else {
            return Err(ImageError::Length);
        };
        let pixels = bytes.get(HEADER_BYTES..).unwrap_or_default().to_vec();
        Self::new(kind, u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]), pixels)
    }

    /// As it is kept and sent.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.pixels.len());
        bytes.extend_from_slice(&self.width_px.to_be_bytes());
        bytes.extend_from_slice(&self.height_px.to_be_bytes());
        bytes.extend_from_slice(&self.pixels);
        bytes
    }

    /// Width and height in pixels.
    pub const fn size_px(&self) -> (u16, u16) {
        (self.width_px, self.height_px)
    }

    /// The pixels row by row: red, green, blue and opacity.
    pub fn rgba(&self) -> impl Iterator<Item = [u8; 4]> + '_ {
        self.pixels.chunks_exact(self.kind.pixel_bytes()).map(|pixel| match *pixel {
            [r, g, b, a] => [r, g, b, a],
            [r, g, b] => [r, g, b, u8::MAX],
            _ => [0; 4],
        })
    }
}

/// How long an image that begins so is; `None` as long as too little is there
/// to tell.
fn length_of(kind: ImageKind, bytes: &[u8]) -> Result<Option<usize>, ImageError> {
    let Some(&[w0, w1, h0, h1]) = bytes.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
    let (width_px, height_px) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
    if !kind.fits(width_px, height_px) {
        return Err(ImageError::Size { width_px, height_px });
    }
    Ok(Some(HEADER_BYTES + usize::from(width_px) * usize::from(height_px) * kind.pixel_bytes()))
}

/// A part of an image's bytes; `None` beyond its end.
pub fn part_of(bytes: &[u8], part: u16) -> Option<&[u8]> {
    bytes.chunks(IMAGE_PART_BYTES).nth(part.into())
}

/// An image that comes in parts.
#[derive(Clone, Debug)]
pub struct Gathering {
    kind: ImageKind,
    hash: ImageHash,
    bytes: Vec<u8>,
    next: u16,
}

impl Gathering {
    /// Nothing is there yet.
    pub const fn new(kind: ImageKind, hash: ImageHash) -> Self {
        Self { kind, hash, bytes: Vec::new(), next: 0 }
    }

    /// Which image it is to be.
    pub const fn hash(&self) -> ImageHash {
        self.hash
    }

    /// The part that comes next.
    pub const fn next_part(&self) -> u16 {
        self.next
    }

    /// Takes the next part; gives the image once it is whole and the one that
    /// the hash is of.
    ///
    /// # Errors
    /// It will be none.
    pub fn take(&mut self, part: u16, bytes: &[u8]) -> Result<Option<Image>, ImageError> {
        let so_far = self.bytes.len() + bytes.len();
        if part != self.next || bytes.is_empty() || bytes.len() > IMAGE_PART_BYTES || so_far > MAX_IMAGE_BYTES {
            return Err(ImageError::Part);
        }
        self.next += 1;
        self.bytes.extend_from_slice(bytes);
        // The first part has the size in it, if it is an honest one.
        let length = length_of(self.kind, &self.bytes)?.ok_or(ImageError::Part)?;
        if so_far < length {
            return if bytes.len() == IMAGE_PART_BYTES { Ok(None) } else { Err(ImageError::Part) };
        }
        if so_far > length {
            return Err(ImageError::Length);
        }
        if ImageHash::of(&self.bytes) != self.hash {
            return Err(ImageError::Hash);
        }
        Image::decode(self.kind, &self.bytes).map(Some)
    }
}

#[cfg(test)]
mod tests;
