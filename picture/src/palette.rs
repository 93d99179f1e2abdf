//! Colours that both sides know by number.
//!
//! Text and interfaces use the same colours again and again, so a colour is
//! sent once and keeps its number until the palette is forgotten as a whole:
//! equal pixels are equal bytes wherever they are, which is what the packing
//! behind it lives on. The first [`SHORT`] numbers take one byte, the others
//! two; black-and-white text with grey edges stays within the first.

use crate::format::Reader;
use alloc::{vec, vec::Vec};
use core::iter::repeat_n;

/// Numbers below this take one byte.
const SHORT: usize = 192;
/// Most colours at a time: what two bytes can name.
pub(crate) const MAX_COLOURS: usize = SHORT + (256 - SHORT) * 256;
/// Twice as many slots as colours, so that searches stay short.
const SLOTS: usize = MAX_COLOURS.next_power_of_two() * 2;

/// Why pixels were not written by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotWritten {
    /// They have too many new colours: not a drawing.
    Natural,
    /// The palette is full.
    Full,
}

/// The encoder's side: colour to number.
#[derive(Debug)]
pub(crate) struct Palette {
    colours: Vec<u32>,
    /// Open addressing; number + 1, 0 = free.
    slots: Vec<u16>,
}

impl Palette {
    pub(crate) fn new() -> Self {
        Self { colours: Vec::new(), slots: vec![0; SLOTS] }
    }

    /// How many colours have a number.
    pub(crate) fn len(&self) -> usize {
        self.colours.len()
    }

    /// The colours from that number on.
    pub(crate) fn colours_from(&self, number: usize) -> &[u32] {
        self.colours.get(number..).unwrap_or_default()
    }

    /// Forgets the colours from that number on.
    pub(crate) fn truncate(&mut self, number: usize) {
        // The newest first: it stands at the end of every search that it is
        // part of, so no other colour gets lost.
        while self.colours.len() > number {
            let Some(&colour) = self.colours.last() else { return };
            let slot = self.slot(colour);
            if let Some(slot) = self.slots.get_mut(slot) {
                *slot = 0;
            }
            self.colours.pop();
        }
    }

    /// Appends the pixels by number; new colours get the next numbers. Nothing
    /// has changed after an error.
    pub(crate) fn write(&mut self, pixels: &[u32], data: &mut Vec<u8>) -> Result<(), NotWritten> {
        let (colours_before, data_before) = (self.colours.len(), data.len());
        let most = colours_before + pixels.len() / 3 + 1;
        let mut rest = pixels;
        while let Some(&colour) = rest.first() {
            let run = rest.iter().position(|&pixel| pixel != colour).unwrap_or(rest.len());
            rest = rest.get(run..).unwrap_or_default();
            match self.number(colour, most.min(MAX_COLOURS)) {
                Some(number) if number < SHORT => data.extend(repeat_n(number as u8, run)),
                Some(number) => {
                    let [low, high] = ((number - SHORT) as u16).to_le_bytes();
                    data.extend(repeat_n([high + SHORT as u8, low], run).flatten());
                }
                None => {
                    let full = self.colours.len() < most;
                    self.truncate(colours_before);
                    data.truncate(data_before);
                    return Err(if full { NotWritten::Full } else { NotWritten::Natural });
                }
            }
        }
        Ok(())
    }

    /// The number of a colour, a new one if there are less than `most`.
    fn number(&mut self, colour: u32, most: usize) -> Option<usize> {
        let slot = self.slot(colour);
        let slot = self.slots.get_mut(slot)?;
        if *slot != 0 {
            return Some(usize::from(*slot) - 1);
        }
        let number = self.colours.len();
        if number >= most {
            return None;
        }
        self.colours.push(colour);
        *slot = self.colours.len() as u16;
        Some(number)
    }

    /// Where the colour stands, or would.
    fn slot(&self, colour: u32) -> usize {
        let mut slot = (colour.wrapping_mul(0x9e37_79b1) >> (32 - SLOTS.trailing_zeros())) as usize;
        while let Some(&taken) = self.slots.get(slot)
            && taken != 0
            && self.colours.get(usize::from(taken) - 1) != Some(&colour)
        {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

/// Reads `count` pixels by number and appends them to `out`.
pub(crate) fn read(colours: &[u32], count: usize, data: &mut Reader<'_>, out: &mut Vec<u32>) -> Option<()> {
    // Every pixel takes at least a byte, so a wrong count can't cost memory.
    let mut bytes = data.0;
    if bytes.len() < count {
        return None;
    }
    for _ in 0..count {
        let (&first, rest) = bytes.split_first()?;
        bytes = rest;
        let mut number = usize::from(first);
        if number >= SHORT {
            let (&low, rest) = bytes.split_first()?;
            bytes = rest;
            number = SHORT + (number - SHORT) * 256 + usize::from(low);
        }
        out.push(*colours.get(number)?);
    }
    data.0 = bytes;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(palette: &Palette, count: usize, data: &[u8]) -> Vec<u32> {
        let (mut out, mut reader) = (Vec::new(), Reader(data));
        read(palette.colours_from(0), count, &mut reader, &mut out).unwrap();
        assert!(reader.is_empty());
        out
    }

    #[test]
    fn all_numbers_come_back() {
        let mut palette = Palette::new();
        for n in 0..MAX_COLOURS as u32 {
            let pixels = [n * 977, n * 977, 0, 0];
            let mut data = Vec::new();
            palette.write(&pixels, &mut data).unwrap();
            assert_eq!(back(&palette, 4, &data), pixels);
        }
        assert_eq!(palette.len(), MAX_COLOURS);
        let mut data = Vec::new();
        assert_eq!(palette.write(&[1], &mut data), Err(NotWritten::Full));
        assert_eq!((palette.len(), data.len()), (MAX_COLOURS, 0));
    }

    #[test]
    fn truncating_forgets_the_newest_and_keeps_the_others() {
        let mut palette = Palette::new();
        let mut data = Vec::new();
        for n in 0..5000u32 {
            palette.write(&[n.wrapping_mul(0x0001_0203) & 0x00ff_ffff], &mut data).unwrap();
        }
        palette.truncate(2000);
        assert_eq!(palette.len(), 2000);
        for n in 0..2000u32 {
            let mut data = Vec::new();
            let pixel = [n.wrapping_mul(0x0001_0203) & 0x00ff_ffff];
            palette.write(&pixel, &mut data).unwrap();
            assert_eq!(back(&palette, 1, &data), pixel);
        }
        assert_eq!(palette.len(), 2000, "none of them was new");
    }

    #[test]
    fn many_new_colours_are_not_a_drawing() {
        let mut palette = Palette::new();
        let mut data = Vec::new();
        let pixels: Vec<u32> = (0..400).collect();
        assert_eq!(palette.write(&pixels, &mut data), Err(NotWritten::Natural));
        assert_eq!((palette.len(), data.len()), (0, 0));
    }

    #[test]
    fn numbers_without_a_colour_are_refused() {
        let mut out = Vec::new();
        assert_eq!(read(&[7], 2, &mut Reader(&[0, 1]), &mut out), None);
        assert_eq!(read(&[7], 2, &mut Reader(&[0]), &mut out), None);
        assert_eq!(read(&[7], 1, &mut Reader(&[255]), &mut out), None);
    }
}
