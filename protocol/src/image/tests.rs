use super::*;
use crate::{broker_msg::FromBroker, wire};

fn portrait() -> Image {
    let side = usize::from(PORTRAIT_SIDE_PX);
    let pixels = (0..side * side * 3).map(|at| (at % 251) as u8).collect();
    Image::new(ImageKind::Portrait, PORTRAIT_SIDE_PX, PORTRAIT_SIDE_PX, pixels).unwrap()
}

fn logo(width_px: u16, height_px: u16) -> Image {
    let pixels = vec![9; usize::from(width_px) * usize::from(height_px) * 4];
    Image::new(ImageKind::Logo, width_px, height_px, pixels).unwrap()
}

/// All parts of some bytes, taken for an image of this hash.
fn gathered(kind: ImageKind, hash: ImageHash, bytes: &[u8]) -> Result<Option<Image>, ImageError> {
    let mut gathering = Gathering::new(kind, hash);
    let mut part = 0;
    while let Some(bytes) = part_of(bytes, part) {
        if let Some(image) = gathering.take(part, bytes)? {
            return Ok(Some(image));
        }
        part += 1;
    }
    Ok(None)
}

#[test]
fn an_image_comes_back_from_its_parts_as_it_was() {
    for (kind, image) in [
        (ImageKind::Portrait, portrait()),
        (ImageKind::Logo, logo(1, 1)),
        (ImageKind::Logo, logo(37, 64)),
        (ImageKind::Logo, logo(LOGO_WIDTH_PX, LOGO_HEIGHT_PX)),
    ] {
        let bytes = image.encode();
        assert!(bytes.len() <= MAX_IMAGE_BYTES);
        assert_eq!(gathered(kind, ImageHash::of(&bytes), &bytes), Ok(Some(image)));
    }
}

#[test]
fn a_part_fits_into_a_message_of_the_brokers() {
    let (hash, bytes) = (ImageHash([0xff; 32]), vec![0xff; IMAGE_PART_BYTES]);
    let message = FromBroker::ImagePart { hash, part: u16::MAX, bytes };
    assert!(wire::encode(&message).unwrap().len() <= wire::MAX_BROKER_MESSAGE_BYTES);
}

#[test]
fn only_the_image_of_the_signed_hash_is_one() {
    let mut bytes = portrait().encode();
    let hash = ImageHash::of(&bytes);
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(gathered(ImageKind::Portrait, hash, &bytes), Err(ImageError::Hash));
}

#[test]
fn no_other_size_is_read_and_none_is_allocated_for() {
    let header = |width: u16, height: u16| [width.to_be_bytes(), height.to_be_bytes()].concat();
    for (kind, width_px, height_px) in [
        (ImageKind::Portrait, 127, 128),
        (ImageKind::Portrait, u16::MAX, u16::MAX),
        (ImageKind::Logo, 0, 64),
        (ImageKind::Logo, LOGO_WIDTH_PX + 1, 1),
        (ImageKind::Logo, 1, LOGO_HEIGHT_PX + 1),
    ] {
        let bytes = header(width_px, height_px);
        assert_eq!(Image::decode(kind, &bytes), Err(ImageError::Size { width_px, height_px }));
        let mut gathering = Gathering::new(kind, ImageHash::of(&bytes));
        assert_eq!(gathering.take(0, &bytes), Err(ImageError::Size { width_px, height_px }));
    }
    // A logo's size and too few or too many pixels.
    for length in [0, 3, 4, 7, 9] {
        let bytes = [header(1, 1), vec![0; length]].concat();
        assert_eq!(Image::decode(ImageKind::Logo, &bytes).is_ok(), length == 4);
    }
}

#[test]
fn parts_out_of_order_and_more_than_there_can_be_end_the_gathering() {
    let bytes = portrait().encode();
    let begun = || {
        let mut gathering = Gathering::new(ImageKind::Portrait, ImageHash::of(&bytes));
        assert_eq!(gathering.take(0, part_of(&bytes, 0).unwrap()), Ok(None));
        gathering
    };
    let second = part_of(&bytes, 1).unwrap();
    for (part, bytes) in
        [(0, second), (2, second), (1, &[][..]), (1, second.split_last().unwrap().1), (1, &[second, &[0]].concat())]
    {
        assert_eq!(begun().take(part, bytes), Err(ImageError::Part), "{part} {}", bytes.len());
    }
    // A first part that does not even hold the size.
    assert_eq!(Gathering::new(ImageKind::Logo, ImageHash([0; 32])).take(0, &[0, 1]), Err(ImageError::Part));
    // Whole, and then more in the same part.
    let small = logo(1, 1).encode();
    let longer = [&small[..], &[0]].concat();
    let mut gathering = Gathering::new(ImageKind::Logo, ImageHash::of(&small));
    assert_eq!(gathering.take(0, &longer), Err(ImageError::Length));
}

#[test]
fn pixels_are_told_with_their_opacity() {
    assert_eq!(portrait().rgba().next(), Some([0, 1, 2, 255]));
    assert_eq!(logo(1, 1).rgba().collect::<Vec<_>>(), [[9; 4]]);
}
