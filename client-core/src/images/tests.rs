use super::*;
use mitblick_protocol::{
    image::part_of,
    wire::{IMAGE_PART_BYTES, PORTRAIT_SIDE_PX},
};

fn portrait() -> Vec<u8> {
    let side = usize::from(PORTRAIT_SIDE_PX);
    let pixels = (0..side * side * 3).map(|at| (at % 251) as u8).collect();
    Image::new(ImageKind::Portrait, PORTRAIT_SIDE_PX, PORTRAIT_SIDE_PX, pixels).unwrap().encode()
}

fn logo(width_px: u16) -> Vec<u8> {
    let pixels = vec![200; usize::from(width_px) * 10 * 4];
    Image::new(ImageKind::Logo, width_px, 10, pixels).unwrap().encode()
}

/// A broker that has these images. Answers until nothing more is asked, and
/// tells how many questions and parts there were.
fn serve(images: &mut Images, kept: &[&[u8]]) -> (usize, usize) {
    let (mut asks, mut parts) = (0, 0);
    while let Some(question) = images.ask() {
        let ToBroker::WantImage { hash, part } = question else { panic!("{question:?}") };
        asks += 1;
        assert!(images.ask().is_none(), "one question at a time");
        let Some(bytes) = kept.iter().find(|bytes| ImageHash::of(bytes) == hash) else {
            images.missing(hash);
            continue;
        };
        for part in part..part + IMAGE_PARTS_AT_ONCE {
            let Some(bytes) = part_of(bytes, part) else { break };
            parts += 1;
            images.take(hash, part, bytes);
        }
    }
    (asks, parts)
}

/// One that wants both.
fn wanting(portrait: &[u8], logo: &[u8]) -> Images {
    let mut images = Images::default();
    images.want(ImageKind::Logo, Some(ImageHash::of(logo)));
    images.want(ImageKind::Portrait, Some(ImageHash::of(portrait)));
    images
}

#[test]
fn both_images_come_a_few_parts_at_a_time_the_portrait_first() {
    let (portrait, logo) = (portrait(), logo(240));
    let mut images = wanting(&portrait, &logo);
    let Some(ToBroker::WantImage { hash, part: 0 }) = images.ask() else { panic!("nothing asked") };
    assert_eq!(hash, ImageHash::of(&portrait));
    images.new_link();
    let parts = portrait.len().div_ceil(IMAGE_PART_BYTES) + logo.len().div_ceil(IMAGE_PART_BYTES);
    assert_eq!(serve(&mut images, &[&logo, &portrait]), (5, parts));
    let faces = images.faces();
    let picture = faces.portrait.unwrap();
    assert_eq!((picture.size, picture.pixels[0]), (Size { width: 128, height: 128 }, 0xff00_0102));
    assert_eq!(faces.logo.unwrap().pixels[0], 0xc8c8_c8c8);
}

#[test]
fn what_is_there_is_not_asked_for_again_and_what_is_wanted_no_more_goes() {
    let (portrait, logo) = (portrait(), logo(3));
    let mut images = wanting(&portrait, &logo);
    serve(&mut images, &[&logo, &portrait]);
    images.new_link();
    images.want(ImageKind::Logo, Some(ImageHash::of(&logo)));
    assert!(images.ask().is_none());
    assert!(images.faces().logo.is_some());
    images.want(ImageKind::Portrait, None);
    assert!(images.ask().is_none());
    assert_eq!(images.faces().portrait, None, "another advisor's face is never shown");
}

#[test]
fn an_image_that_the_broker_does_not_have_leaves_the_other_alone() {
    let (portrait, logo) = (portrait(), logo(3));
    let mut images = wanting(&portrait, &logo);
    assert_eq!(serve(&mut images, &[&logo]), (2, 1));
    assert!(images.faces().portrait.is_none() && images.faces().logo.is_some());
}

#[test]
fn a_hostile_broker_has_nothing_shown_but_what_was_signed() {
    let (good, small) = (portrait(), logo(3));
    let hash = ImageHash::of(&good);
    let mut other = good.clone();
    *other.last_mut().unwrap() ^= 1;
    let larger = [&good[..], &[0; IMAGE_PART_BYTES]].concat();
    let zero = [0; IMAGE_PART_BYTES];
    let huge = [&u16::MAX.to_be_bytes()[..], &u16::MAX.to_be_bytes(), &zero[4..]].concat();
    let hostile: [(&str, &[u8]); 6] = [
        ("another picture", &other),
        ("more than it says", &larger),
        ("a size that is none", &huge),
        ("nothing", &zero),
        ("a logo's bytes", &small),
        ("cut off", &good[..2 * IMAGE_PART_BYTES + 1]),
    ];
    for (what, bytes) in hostile {
        let mut images = wanting(&good, &small);
        // Whatever is asked, these parts come until they are not taken any more.
        let mut part = 0;
        while let Some(ToBroker::WantImage { hash: asked, part: from }) = images.ask() {
            if asked != hash {
                break;
            }
            for part in from..from + IMAGE_PARTS_AT_ONCE {
                let bytes = part_of(bytes, part).unwrap_or(&[]);
                assert!(!images.take(hash, part, bytes), "{what}");
            }
            part += 1;
            assert!(part < 100, "{what} is asked for without an end");
        }
        assert_eq!(images.faces().portrait, None, "{what}");
        images.new_link();
        assert_eq!(serve(&mut images, &[&small]).1, 1, "{what}: the logo comes all the same");
    }
}

#[test]
fn parts_that_nobody_asked_for_change_nothing() {
    let (portrait, logo) = (portrait(), logo(3));
    let mut images = Images::default();
    assert!(!images.take(ImageHash::of(&logo), 0, &logo));
    images.missing(ImageHash::of(&logo));
    assert_eq!(images.faces(), Faces::default());
    // More parts than the one question was for.
    let mut images = wanting(&portrait, &logo);
    let hash = ImageHash::of(&portrait);
    assert!(images.ask().is_some());
    for part in 0..=IMAGE_PARTS_AT_ONCE {
        images.take(hash, part, part_of(&portrait, part).unwrap());
    }
    assert!(matches!(images.portrait.state, State::None), "a broker that sends unasked is not listened to");
    // Late ones of an image that is wanted no more.
    let mut images = wanting(&portrait, &logo);
    assert!(images.ask().is_some());
    images.want(ImageKind::Portrait, None);
    assert!(!images.take(hash, 0, part_of(&portrait, 0).unwrap()));
    serve(&mut images, &[&logo]);
    assert!(images.faces().logo.is_some());
}
