use super::*;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Red on the left, blue on the right.
fn halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x, _| if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) };
    RgbImage::from_fn(width, height, colour).into()
}

fn pixels(kind: ImageKind, kept: &KeptImage) -> (u32, u32, Vec<[u8; 4]>) {
    assert_eq!(kept.hash, ImageHash::of(&kept.bytes));
    let image = Image::decode(kind, &kept.bytes).unwrap();
    let (width, height) = image.size_px();
    (width.into(), height.into(), image.rgba().collect())
}

fn is_near(one: [u8; 4], other: [u8; 4]) -> bool {
    one.iter().zip(other).all(|(one, other)| one.abs_diff(other) < 24)
}

#[test]
fn every_usual_size_becomes_a_portrait_of_the_middle() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        for (width, height) in [(1, 1), (37, 90), (128, 128), (640, 480), (4_000, 3_000), (3_000, 40)] {
            let kept = KeptImage::portrait(&file(&halves(width, height), format)).unwrap();
            let (side, also, pixels) = pixels(ImageKind::Portrait, &kept);
            assert_eq!((side, also), (128, 128));
            if width > 1 {
                let row = 64 * 128;
                assert!(is_near(pixels[row + 2], [200, 0, 0, 255]), "{format:?} {width} {height}");
                assert!(is_near(pixels[row + 125], [0, 0, 200, 255]), "{format:?} {width} {height}");
            }
        }
    }
}

#[test]
fn a_logo_is_fitted_into_its_frame_and_never_made_larger() {
    for (from, to) in [
        ((240, 64), (240, 64)),
        ((10, 7), (10, 7)),
        ((480, 64), (240, 32)),
        ((64, 640), (6, 64)),
        ((5_000, 10), (240, 1)),
        ((10, 5_000), (1, 64)),
        ((2_400, 640), (240, 64)),
    ] {
        let kept = KeptImage::logo(&file(&halves(from.0, from.1), ImageFormat::Png)).unwrap();
        let (width, height, _) = pixels(ImageKind::Logo, &kept);
        assert_eq!((width, height), to, "{from:?}");
    }
}

#[test]
fn a_logo_stays_transparent_and_what_was_not_to_be_seen_does_not_come_through() {
    // Green that is not to be seen beside red that is.
    let picture =
        RgbaImage::from_fn(480, 128, |x, _| if x < 240 { Rgba([0, 255, 0, 0]) } else { Rgba([255, 0, 0, 255]) });
    let kept = KeptImage::logo(&file(&picture.clone().into(), ImageFormat::Png)).unwrap();
    let (_, _, logo) = pixels(ImageKind::Logo, &kept);
    assert_eq!((logo[0], logo[239]), ([0, 0, 0, 0], [255, 0, 0, 255]));
    assert!(logo.iter().all(|&[_, g, _, a]| g == 0 || a == 0), "a green edge");
    // A portrait has no transparency: it stands on white.
    let kept = KeptImage::portrait(&file(&picture.into(), ImageFormat::Png)).unwrap();
    let (_, _, portrait) = pixels(ImageKind::Portrait, &kept);
    assert_eq!((portrait[0], portrait[127]), ([255; 4], [255, 0, 0, 255]));
}

#[test]
fn a_picture_from_a_telephone_is_turned_as_it_was_held() {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 90);
    // Exif: one entry, orientation 6, which is a quarter turn to the right.
    let exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    let picture = halves(200, 200).into_rgb8();
    encoder.write_image(&picture, 200, 200, ExtendedColorType::Rgb8).unwrap();
    let kept = KeptImage::portrait(&jpeg).unwrap();
    let (_, _, pixels) = pixels(ImageKind::Portrait, &kept);
    assert!(is_near(pixels[2 * 128 + 64], [200, 0, 0, 255]), "left has become top");
    assert!(is_near(pixels[125 * 128 + 64], [0, 0, 200, 255]));
}

#[test]
fn nothing_of_the_file_but_its_pixels_is_kept() {
    let mut png = file(&halves(60, 60), ImageFormat::Png);
    let word = b"Musterstrasse 1";
    // A text chunk behind the header, with the CRC-32 of what is in it.
    let chunk = [&(word.len() as u32 + 8).to_be_bytes()[..], b"tEXtComment\0", word].concat();
    let crc = crc32(&chunk[4..]);
    png.splice(33..33, [chunk, crc.to_be_bytes().to_vec()].concat());
    let with = KeptImage::portrait(&png).unwrap();
    let without = KeptImage::portrait(&file(&halves(60, 60), ImageFormat::Png)).unwrap();
    assert_eq!(with, without);
    let shown = with.png(ImageKind::Portrait).unwrap();
    assert!(!shown.windows(word.len()).any(|bytes| bytes == word));
    assert_eq!(image::load_from_memory(&shown).unwrap().width(), 128);
    assert_eq!(with.png(ImageKind::Logo), None, "a portrait is no logo");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A PNG whose header says this size, and little else.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = file(&halves(2, 2), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

/// A JPEG whose header says this size.
fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = file(&halves(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn bombs_are_refused_by_what_they_say_before_they_are_unpacked() {
    for bomb in [
        png_of(u32::MAX, u32::MAX),
        png_of(0x7fff_ffff, 1),
        png_of(12_001, 1),
        png_of(12_000, 12_000),
        jpeg_of(u16::MAX, u16::MAX),
        jpeg_of(6_000, 6_000),
    ] {
        let refused = [KeptImage::portrait(&bomb), KeptImage::logo(&bomb)];
        for refused in refused {
            let why = refused.unwrap_err();
            assert!(matches!(why, BadImage::TooManyPixels | BadImage::Damaged), "{why}");
        }
    }
    assert_eq!(KeptImage::portrait(&png_of(12_000, 12_000)), Err(BadImage::TooManyPixels));
    assert_eq!(KeptImage::portrait(&jpeg_of(6_000, 6_000)), Err(BadImage::TooManyPixels));
}

#[test]
fn what_is_no_picture_is_refused_with_its_reason() {
    let png = file(&halves(300, 300), ImageFormat::Png);
    let mut flipped = png.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    for (file, why) in [
        (Vec::new(), BadImage::Nothing),
        (vec![0; MAX_UPLOAD_BYTES + 1], BadImage::TooLarge),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), BadImage::OtherKind),
        (b"GIF89a".to_vec(), BadImage::OtherKind),
        (b"BM".to_vec(), BadImage::OtherKind),
        (png[..png.len() / 2].to_vec(), BadImage::Damaged),
        (png[..20].to_vec(), BadImage::Damaged),
        (png_of(0, 5), BadImage::Damaged),
        (b"\xff\xd8\xff\xe0".to_vec(), BadImage::Damaged),
    ] {
        assert_eq!(KeptImage::portrait(&file), Err(why), "{} bytes", file.len());
    }
    assert!(KeptImage::logo(&flipped).is_err());
}

#[test]
fn no_damaged_file_makes_the_reader_panic() {
    let (png, jpeg) = (file(&halves(40, 30), ImageFormat::Png), file(&halves(40, 30), ImageFormat::Jpeg));
    let mut dice = 0x6d69_7462_6c69_636b_u64;
    let mut roll = |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice % sides as u64) as usize
    };
    for round in 0..600 {
        let mut bytes = if round % 2 == 0 { png.clone() } else { jpeg.clone() };
        for _ in 0..=roll(4) {
            let at = roll(bytes.len());
            bytes[at] = roll(256) as u8;
        }
        bytes.truncate(bytes.len() - roll(bytes.len() / 4));
        let _ = KeptImage::logo(&bytes);
    }
}
