//! Portraits and the logo: uploaded, shown, and fetched by programs.

use crate::{
    admin_pages::{Signed, at, multipart, staffed, store},
    browser::Browser,
    harness::{Client, Got, PASSWORD, PATIENCE, Rig},
    process::{add_anna, run, served},
    rules::looking_on,
    webdriver::Chromium,
};
use hyper::Method;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use mitblick_broker::{images::MAX_UPLOAD_BYTES, store::Store};
use mitblick_protocol::{
    broker_msg::{AttemptOutcome, FromBroker, Refusal, ToBroker},
    card::Card,
    image::{Gathering, Image, ImageHash, ImageKind},
    wire::IMAGE_PARTS_AT_ONCE,
};
use std::{fs, io::Cursor};
use tokio::time::timeout;

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Something that looks like a person from afar.
fn face() -> RgbImage {
    RgbImage::from_fn(400, 500, |x, y| {
        let within =
            |left: i32, top: i32, radius: i32| (x as i32 - left).pow(2) + (y as i32 - top).pow(2) < radius.pow(2);
        match () {
            () if within(200, 190, 90) => Rgb([224, 176, 144]),
            () if within(200, 480, 190) => Rgb([47, 93, 138]),
            () => Rgb([207, 221, 230]),
        }
    })
}

/// A dark mark and bars on nothing.
fn logo() -> RgbaImage {
    RgbaImage::from_fn(480, 128, |x, y| match (x, y) {
        (8..120, 8..120) if (x as i32 - 64).pow(2) + (y as i32 - 64).pow(2) < 3_000 => Rgba([10, 61, 98, 255]),
        (150..460, 28..52) | (150..360, 72..92) => Rgba([10, 61, 98, 255]),
        _ => Rgba([0; 4]),
    })
}

async fn actions(rig: &Rig) -> Vec<(String, String)> {
    let store = store(rig).await;
    let entries = store.audit_entries(0, 1_000).await.unwrap();
    store.close().await;
    entries.into_iter().map(|entry| (entry.action, entry.object)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sets_sees_and_removes_their_own_portrait() {
    let rig = staffed().await;
    for (name, format) in [
        ("anna", ImageFormat::Png),
        ("pruefer", ImageFormat::Jpeg),
        ("lokal", ImageFormat::Png),
        ("chef", ImageFormat::Jpeg),
    ] {
        let signed = Signed::new(&rig, name).await;
        let before = signed.get("/profile").await.text();
        assert!(before.contains("No picture yet") && !before.contains("Remove the picture"), "{before}");
        let answer = signed.upload("/profile/portrait", &file(face(), format)).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/profile?done=portrait"), "{}", answer.text());
        let page = signed.get("/profile?done=portrait").await.text();
        assert!(page.contains("Your picture is set") && page.contains("Remove the picture"));
        let address = page.split_once("src=\"/profile/portrait?v=").unwrap().1.split('"').next().unwrap();
        assert_eq!(address.len(), 16);
        let shown = signed.get(&format!("/profile/portrait?v={address}")).await;
        assert_eq!((shown.status, shown.header("content-type")), (200, "image/png"));
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        let picture = image::load_from_memory(&shown.body).unwrap();
        assert_eq!((picture.width(), picture.height()), (128, 128));
    }
    let chef = Signed::new(&rig, "chef").await;
    let list = chef.get("/users").await.text();
    assert_eq!(list.matches("src=\"/users/portrait?name=").count(), 4, "{list}");
    assert_eq!(chef.get("/users/portrait?name=anna&v=1").await.header("content-type"), "image/png");
    for name in ["berta", "nobody", "", "%00", "%22%3E%3Csvg/onload=alert(1)%3E"] {
        assert_eq!(chef.get(&format!("/users/portrait?name={name}")).await.status, 404, "{name}");
    }
    let anna = Signed::new(&rig, "anna").await;
    let removed = anna.post("/profile/portrait/remove", &[]).await;
    assert_eq!(removed.header("location"), "/profile?done=no-portrait");
    assert_eq!(anna.post("/profile/portrait/remove", &[]).await.status, 303, "and once more");
    assert_eq!(anna.get("/profile/portrait").await.status, 404);
    let actions = actions(&rig).await;
    let of =
        |action: &str| actions.iter().filter(|(of, _)| of == action).map(|(_, on)| on.as_str()).collect::<Vec<_>>();
    assert_eq!(of("portrait_set"), ["account:anna", "account:pruefer", "account:lokal", "account:chef"]);
    assert_eq!(of("portrait_removed"), ["account:anna"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_picture_changes_nothing_and_says_what_to_do() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let png = file(face(), ImageFormat::Png);
    let large = vec![0; MAX_UPLOAD_BYTES + 1];
    let huge = vec![0; MAX_UPLOAD_BYTES * 2];
    for (file, status, says) in [
        (&b""[..], 422, "Choose a PNG or JPEG file"),
        (b"<svg onload=alert(1)>", 422, "neither PNG nor JPEG"),
        (&png[..png.len() / 2], 422, "The file is damaged"),
        (&large, 413, "larger than 5 MB"),
        (&huge, 413, "larger than 5 MB"),
    ] {
        for path in ["/profile/portrait", "/rules/logo"] {
            let answer = chef.upload(path, file).await;
            assert_eq!(answer.status, status, "{path} {}", answer.text());
            assert!(answer.text().contains(says), "{path} {says}: {}", answer.text());
        }
    }
    // A form without a file, or that is none.
    let plain = chef.post("/profile/portrait", &[]).await;
    assert!(plain.status == 422 && plain.text().contains("No file came"));
    let (kind, body) = multipart(&[("csrf", chef.csrf.as_bytes()), ("picture", &png)]);
    let cut = chef.browser.send_as(Method::POST, "/profile/portrait", &kind, body[..body.len() - 40].to_vec()).await;
    assert_eq!(cut.status, 413);
    let seamless = chef.browser.send_as(Method::POST, "/profile/portrait", "multipart/form-data", body).await;
    assert_eq!(seamless.status, 400);
    // Elsewhere no file is taken.
    let (kind, body) = multipart(&[("csrf", chef.csrf.as_bytes()), ("picture", &[0; 50_000])]);
    let misplaced = chef.browser.send_as(Method::POST, "/profile", &kind, body).await;
    assert_eq!(misplaced.status, 413);
    assert_eq!(chef.get("/profile/portrait").await.status, 404);
    assert_eq!(chef.get("/rules/logo").await.status, 404);
    assert!(actions(&rig).await.iter().all(|(action, _)| action != "portrait_set" && action != "rules_changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_comes_from_a_form_of_these_pages_and_from_nobody_else() {
    let rig = staffed().await;
    let chef = Signed::new(&rig, "chef").await;
    let png = file(face(), ImageFormat::Png);
    for csrf in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let (kind, body) = multipart(&[("csrf", csrf.as_bytes()), ("picture", &png)]);
        let forged = chef.browser.send_as(Method::POST, "/profile/portrait", &kind, body).await;
        assert_eq!(forged.status, 403, "{csrf}");
    }
    let (kind, body) = multipart(&[("csrf", chef.csrf.as_bytes()), ("picture", &png)]);
    let stranger = at(&rig).send_as(Method::POST, "/profile/portrait", &kind, body.clone()).await;
    assert_eq!(stranger.status, 401);
    let elsewhere = chef.browser.clone().with("sec-fetch-site", "cross-site");
    assert_eq!(elsewhere.send_as(Method::POST, "/profile/portrait", &kind, body).await.status, 403);
    let lokal = Signed::new(&rig, "lokal").await;
    assert_eq!(lokal.upload("/rules/logo", &file(logo(), ImageFormat::Png)).await.status, 403);
    assert_eq!(chef.get("/profile/portrait").await.status, 404);
}

/// What the broker answers to questions for an image until it is whole.
async fn fetch(client: &mut Client, kind: ImageKind, hash: ImageHash) -> Option<Image> {
    let mut gathering = Gathering::new(kind, hash);
    loop {
        client.say(&ToBroker::WantImage { hash, part: gathering.next_part() }).await;
        let mut answers = 0;
        while answers < IMAGE_PARTS_AT_ONCE {
            answers += 1;
            match client.hear().await {
                FromBroker::ImagePart { hash: of, part, bytes } => {
                    assert_eq!(of, hash);
                    if let Some(image) = gathering.take(part, &bytes).unwrap() {
                        return Some(image);
                    }
                }
                FromBroker::NoImage { hash: of } => {
                    assert_eq!(of, hash);
                    return None;
                }
                // They were on their way.
                FromBroker::Rules(_) => answers -= 1,
                other => panic!("{other:?}"),
            }
        }
    }
}

async fn opened(advisor: &mut Client) -> Card {
    advisor.say(&ToBroker::OpenNumber).await;
    match advisor.hear().await {
        FromBroker::NumberOpened { card, .. } => card,
        other => panic!("no number: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portrait_goes_to_its_advisor_and_to_the_customer_in_session_and_to_nobody_else() {
    let rig = staffed().await;
    let signed = Signed::new(&rig, "anna").await;
    signed.upload("/profile/portrait", &file(face(), ImageFormat::Png)).await;
    let store = store(&rig).await;
    let kept = store.account("anna").await.unwrap().unwrap().portrait.unwrap();

    let mut advisor = rig.target.advisor("anna").await;
    assert_eq!(fetch(&mut advisor, ImageKind::Portrait, kept).await, None, "no card has it yet");
    let card = opened(&mut advisor).await;
    assert_eq!(card.portrait, Some(kept));
    let portrait = fetch(&mut advisor, ImageKind::Portrait, kept).await.expect("one's own");

    let mut customer = rig.target.connect().await;
    customer.say(&ToBroker::Join { routing: card.routing }).await;
    assert_eq!(customer.hear().await, FromBroker::Paired);
    assert_eq!(advisor.hear().await, FromBroker::Joined);
    assert_eq!(fetch(&mut customer, ImageKind::Portrait, kept).await, None, "who only typed a number");
    advisor.judge(AttemptOutcome::Confirmed).await;
    advisor.settle().await;
    assert_eq!(fetch(&mut customer, ImageKind::Portrait, kept).await, Some(portrait));
    assert_eq!(fetch(&mut customer, ImageKind::Portrait, ImageHash([0; 32])).await, None);

    // Another advisor has no business with it, and a stranger is sent away.
    let mut berta = rig.target.advisor("berta").await;
    opened(&mut berta).await;
    assert_eq!(fetch(&mut berta, ImageKind::Portrait, kept).await, None);
    let mut stranger = rig.target.connect().await;
    stranger.say(&ToBroker::WantImage { hash: kept, part: 0 }).await;
    assert_eq!(stranger.hear().await, FromBroker::Refused(Refusal::NotSignedIn));
    stranger.closed().await;

    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_beyond_the_end_are_none_and_questions_without_an_end_are_answered_with_it() {
    let rig = staffed().await;
    let signed = Signed::new(&rig, "anna").await;
    signed.upload("/profile/portrait", &file(face(), ImageFormat::Png)).await;
    let mut advisor = rig.target.advisor("anna").await;
    let hash = opened(&mut advisor).await.portrait.unwrap();
    for part in [13, 5_000, u16::MAX] {
        advisor.say(&ToBroker::WantImage { hash, part }).await;
        assert_eq!(advisor.hear().await, FromBroker::NoImage { hash }, "{part}");
    }
    advisor.say(&ToBroker::WantImage { hash, part: 12 }).await;
    assert!(matches!(advisor.hear().await, FromBroker::ImagePart { part: 12, .. }));
    for _ in 0..200 {
        advisor.say(&ToBroker::WantImage { hash, part: 12 }).await;
        match advisor.next().await {
            Got::Message(FromBroker::ImagePart { .. }) => {}
            Got::Message(FromBroker::Refused(Refusal::TooMany)) => return advisor.closed().await,
            other => panic!("{other:?}"),
        }
    }
    panic!("asked without an end");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logo_is_signed_with_the_rules_sent_to_both_sides_and_on_the_companys_page() {
    let rig = staffed().await;
    let company = Browser::new(rig.target.address);
    assert_eq!(company.get("/logo.png").await.status, 404);
    assert!(!company.get("/").await.text().contains("/logo.png"));
    let mut waiting = rig.target.stranger().await;
    let FromBroker::Welcome { card_key, .. } = waiting.hear().await else { panic!("no welcome") };

    let chef = Signed::new(&rig, "chef").await;
    let answer = chef.upload("/rules/logo", &file(logo(), ImageFormat::Png)).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/rules?done=logo"), "{}", answer.text());
    let FromBroker::Rules(rules) = waiting.hear().await else { panic!("not told") };
    let hash = rules.verify(&card_key).unwrap().texts.logo.expect("the logo");
    let (mut advisor, mut customer) = rig.target.pair().await;
    advisor.settle().await;
    let image = fetch(&mut advisor, ImageKind::Logo, hash).await.unwrap();
    assert_eq!(image.size_px(), (240, 64));
    assert_eq!(image.rgba().next(), Some([0; 4]), "transparent");
    assert_eq!(fetch(&mut customer, ImageKind::Logo, hash).await, Some(image));

    let page = company.get("/").await.text();
    assert!(page.contains("src=\"/logo.png\""), "{page}");
    let shown = company.get("/logo.png").await;
    assert_eq!((shown.status, shown.header("content-type")), (200, "image/png"));
    assert!(chef.get("/rules").await.text().contains("The logo on a dark ground"));
    let lokal = Signed::new(&rig, "lokal").await;
    assert_eq!(lokal.get("/rules/logo").await.header("content-type"), "image/png");
    assert!(!lokal.get("/rules").await.text().contains("type=\"file\""));
    assert!(chef.get("/audit").await.text().contains("Logo: none → a picture"));

    assert_eq!(chef.post("/rules/logo/remove", &[]).await.header("location"), "/rules?done=no-logo");
    let FromBroker::Rules(rules) = waiting.hear().await else { panic!("not told") };
    assert_eq!(rules.verify(&card_key).unwrap().texts.logo, None);
    assert_eq!(company.get("/logo.png").await.status, 404);
    assert_eq!(fetch(&mut customer, ImageKind::Logo, hash).await, None);
    let objects: Vec<_> = actions(&rig).await.into_iter().filter(|(of, _)| of == "rules_changed").collect();
    assert_eq!(
        objects.iter().map(|(_, on)| on.as_str()).collect::<Vec<_>>(),
        ["logo:none>picture", "logo:picture>none"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_set_at_the_command_line_is_taken_over_by_the_running_broker() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let served = served(dir.path(), &[]).await;
    let (mut waiting, card_key) = looking_on(&served.target).await;
    let path = dir.path().join("logo.png");
    fs::write(&path, file(logo(), ImageFormat::Png)).unwrap();
    let path = path.to_str().unwrap();
    let set = run(&["rules", "set", "--logo", path], dir.path(), "", "C");
    assert!(set.status.success(), "{set:?}");
    let heard = timeout(PATIENCE, waiting.recv()).await.expect("not taken over");
    let Some(Got::Message(FromBroker::Rules(rules))) = heard else { panic!("something else") };
    assert!(rules.verify(&card_key).unwrap().texts.logo.is_some());
    assert_eq!(Browser::new(served.target.address).get("/logo.png").await.status, 200);
    let shown = String::from_utf8(run(&["rules", "show"], dir.path(), "", "C").stdout).unwrap();
    let hash = shown.lines().find_map(|line| line.strip_prefix("logo\t")).expect("a line for it");
    assert_eq!(hash.len(), 64);
    assert!(run(&["rules", "set", "--no-logo"], dir.path(), "", "C").status.success());
    assert!(matches!(timeout(PATIENCE, waiting.recv()).await, Ok(Some(Got::Message(FromBroker::Rules(_))))));
    let shown = String::from_utf8(run(&["rules", "show"], dir.path(), "", "C").stdout).unwrap();
    assert!(shown.ends_with("logo\tnone\n"), "{shown}");
}

#[test]
fn the_command_line_says_what_is_wrong_with_a_logo_and_makes_nothing_of_a_slip() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let text = dir.path().join("logo.svg");
    fs::write(&text, "<svg/>").unwrap();
    for (path, language, says) in [
        (text.as_path(), "C", "neither PNG nor JPEG"),
        (text.as_path(), "de_DE.UTF-8", "weder PNG noch JPEG"),
        (&dir.path().join("none.png"), "C", "it can't be read"),
        (dir.path(), "C", "it can't be read"),
        (std::path::Path::new("/dev/zero"), "C", "larger than 5 MB"),
    ] {
        let done = run(&["rules", "set", "--logo", path.to_str().unwrap()], &data, "", language);
        let told = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && told.contains(says), "{path:?}: {told}");
    }
    for slip in [&["rules", "set"][..], &["rules", "set", "control"], &["rules", "set", "--logo", "a", "--no-logo"]] {
        assert_eq!(run(slip, &data, "", "C").status.code(), Some(2), "{slip:?}");
    }
    assert!(!data.exists(), "a slip makes no database");
}

#[test]
fn a_portrait_is_set_and_removed_at_the_command_line_for_those_who_exist() {
    let dir = tempfile::tempdir().unwrap();
    add_anna(dir.path());
    let path = dir.path().join("anna.jpg");
    fs::write(&path, file(face(), ImageFormat::Jpeg)).unwrap();
    let path = path.to_str().unwrap();
    let portrait = |arguments: &[&str]| run(&[&["advisor", "portrait"], arguments].concat(), dir.path(), "", "C");
    assert!(portrait(&["anna", path]).status.success());
    assert!(portrait(&["Anna", "--remove"]).status.success());
    let nobody = portrait(&["nobody", path]);
    assert!(String::from_utf8(nobody.stderr).unwrap().contains("There is no account"));
    for slip in [&["anna"][..], &["anna", path, "--remove"]] {
        assert_eq!(portrait(slip).status.code(), Some(2), "{slip:?}");
    }
}

/// As people do it: in a browser, by choosing a file.
async fn pictures_by_hand(language: &'static str, set: &str, removed: &str, logo_set: &str) {
    let rig = staffed().await;
    let dir = tempfile::tempdir().unwrap();
    let (portrait, mark) = (dir.path().join("ich.jpg"), dir.path().join("logo.png"));
    fs::write(&portrait, file(face(), ImageFormat::Jpeg)).unwrap();
    fs::write(&mark, file(logo(), ImageFormat::Png)).unwrap();
    let origin = at(&rig).origin();
    let name = |page: &str| format!("images-{page}-{language}");
    let chromium = Chromium::start(language).await;
    chromium.open(&origin).await;
    chromium.fill("input[name=name]", "chef").await;
    chromium.fill("input[name=password]", PASSWORD).await;
    chromium.click("main button").await;
    chromium.text_of("nav a[aria-current]").await;
    chromium.open(&format!("{origin}/profile")).await;
    chromium.look(&name("profile-without")).await;
    chromium.fill("input[type=file]", portrait.to_str().unwrap()).await;
    chromium.click("form[enctype] button").await;
    chromium.says(set).await;
    chromium.look(&name("profile")).await;
    chromium.open(&format!("{origin}/users")).await;
    chromium.look(&name("users")).await;
    chromium.open(&format!("{origin}/rules")).await;
    chromium.fill("input[type=file]", mark.to_str().unwrap()).await;
    chromium.click("form[enctype] button").await;
    chromium.says(logo_set).await;
    chromium.look(&name("rules")).await;
    chromium.open(&format!("https://{}/", rig.target.address)).await;
    chromium.look(&name("company")).await;
    chromium.open(&format!("{origin}/profile")).await;
    chromium.click("form[action^='/profile/portrait/remove'] button").await;
    chromium.says(removed).await;
    chromium.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_chosen_in_a_browser_in_german() {
    pictures_by_hand("de", "Ihr Bild ist gesetzt", "Ihr Bild ist entfernt", "Das Logo ist gesetzt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_chosen_in_a_browser_in_english() {
    pictures_by_hand("en", "Your picture is set", "Your picture is removed", "The logo is set").await;
}
