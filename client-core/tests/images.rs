//! Portrait and logo in both programs: they come beside everything else, and
//! nothing waits for them.

#[path = "support/world.rs"]
#[allow(dead_code, reason = "the other files of tests use more of it")]
mod support;

use mitblick_client_core::{
    advisor::{AdvisorIntent, AdvisorScreen},
    controller::Controller,
    customer::{CustomerIntent, CustomerScreen},
    images::Faces,
};
use mitblick_protocol::{
    image::{Image, ImageHash, ImageKind},
    wire::PORTRAIT_SIDE_PX,
};
use support::World;

fn portrait(colour: u8) -> Vec<u8> {
    let side = usize::from(PORTRAIT_SIDE_PX);
    let pixels = vec![colour; side * side * 3];
    Image::new(ImageKind::Portrait, PORTRAIT_SIDE_PX, PORTRAIT_SIDE_PX, pixels).unwrap().encode()
}

/// With a portrait on the card and a logo in the rules; the broker has what is
/// in `images`.
fn pictured() -> World {
    let mut world = World::new();
    let logo = Image::new(ImageKind::Logo, 100, 50, vec![7; 100 * 50 * 4]).unwrap().encode();
    let rules = world.signed_logo(ImageHash::of(&logo));
    world.advisor_rules = Some(rules.clone());
    world.customer_rules = Some(rules);
    world.portrait = Some(ImageHash::of(&portrait(50)));
    world.images = vec![portrait(50), logo];
    world
}

fn advisors(world: &World) -> Faces {
    world.advisor.view(world.now).faces
}

#[test]
fn both_sides_show_portrait_and_logo() {
    let mut world = pictured();
    world.number();
    let own = advisors(&world);
    assert!(own.portrait.is_some() && own.logo.is_some(), "in the lobby already");
    let mut world = pictured().connect();
    assert_eq!(world.customer_view().faces, own);
    assert_eq!(advisors(&world), own);
    world = world.show();
    assert_eq!(world.customer_view().faces, own);
    world.customer(CustomerIntent::End);
    assert!(matches!(world.customer_screen(), CustomerScreen::Ended(_)));
    assert_eq!(world.customer_view().faces, own, "the end screen says whom it was with");
}

#[test]
fn nothing_is_asked_for_and_nothing_shown_before_the_session_has_begun() {
    let mut world = pictured();
    let number = world.number();
    world.network = false;
    world.customer(CustomerIntent::Join(number));
    assert_eq!(world.customer_view().faces, Faces::default());
}

#[test]
fn consent_does_not_wait_for_a_broker_that_has_no_images() {
    let mut world = pictured();
    world.images.clear();
    let world = world.connect().show();
    assert_eq!(world.customer_view().faces, Faces::default());
}

#[test]
fn spoiled_images_are_not_shown_and_the_session_goes_on() {
    let spoilers: [fn(&mut Vec<u8>); 5] = [
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| bytes.truncate(10),
        |bytes| bytes.extend_from_slice(&[0; 64]),
        |bytes| bytes.clear(),
        |bytes| bytes.fill(0xff),
    ];
    for spoil in spoilers {
        let mut world = pictured();
        world.spoil = spoil;
        let mut world = world.connect().show();
        assert_eq!(world.customer_view().faces, Faces::default());
        assert_eq!(advisors(&world), Faces::default());
        world.pass(5_000);
        assert!(matches!(world.customer_screen(), CustomerScreen::Sharing(_)));
        assert!(matches!(world.advisor_screen(), AdvisorScreen::Viewer(_)));
    }
}

#[test]
fn the_face_of_one_advisor_never_stands_beside_the_name_of_another() {
    let mut world = pictured().connect();
    world.customer(CustomerIntent::End);
    world.advisor(AdvisorIntent::End);
    // The next session is with somebody whose portrait does not come.
    world.portrait = Some(ImageHash::of(&portrait(99)));
    world.advisor(AdvisorIntent::NewNumber);
    let AdvisorScreen::Lobby { number: Some(number), .. } = world.advisor_screen() else { panic!("no number") };
    assert_eq!(advisors(&world).portrait, None);
    world.customer(CustomerIntent::NewSession);
    world.customer(CustomerIntent::Join(number.text));
    assert!(matches!(world.customer_screen(), CustomerScreen::Choose { .. }));
    let faces = world.customer_view().faces;
    assert!(faces.portrait.is_none() && faces.logo.is_some());
}
