//! How long a page that is scrolled takes to show, and a key to arrive, while a
//! large file is sent, between the real programs on the bare loopback; ends with
//! an error if the picture takes more than 1.3 times as long as without. With
//! `--large` a file of 4 GiB and 17 bytes, which needs 9 GB of room.
//!
//! ```text
//! cargo build --release --workspace --features mitblick-customer/automation --bins
//! cargo bench --profile release --workspace --features mitblick-customer/automation --bench files-beside-picture [-- --large]
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mitblick_protocol::geometry::{Point, Rect};
use mitblick_tests::{
    paint::{CanvasOptions, Painter},
    session::{Session, Stage},
    wait,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, Instant},
};

const WINDOW: Rect = Rect::new(40, 40, 640, 480);
const MARK: Rect = Rect::new(0, 0, 32, 32);
/// What is scrolled with the mark, and by how much.
const SCROLLED_PX: u32 = 48;
const PAGE: Rect = Rect::new(0, 40, 640, 440);
const SAMPLES: u32 = 120;
const FILE_BYTES: usize = 200_000_000;

/// From the painter's word to the mark's colour on the advisor's screen.
fn latencies(
    session: &Session,
    painter: &mut Painter,
    canvas: mitblick_tests::paint::Canvas,
    corner: Point,
    samples: u32,
    going: impl Fn() -> bool,
) -> Vec<Duration> {
    let mark = Rect::new(corner.x + 8, corner.y + 8, 4, 4);
    let buffer = session.there().another_buffer();
    let mut times = Vec::new();
    for sample in 0..samples {
        if !going() {
            break;
        }
        let colour = 0x0010_0000 + sample * 0x0101 + 1;
        painter.scroll(canvas, PAGE, SCROLLED_PX, sample + 1);
        let begun = Instant::now();
        painter.fill(canvas, MARK, colour);
        let seen = wait::within(Duration::from_secs(10), || {
            buffer.frame_part(mark).pixels.iter().all(|pixel| pixel & 0x00ff_ffff == colour).then_some(())
        });
        assert!(seen.is_some(), "change {sample} never showed");
        times.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(60));
    }
    times
}

/// From the advisor's key to the window that it is meant for.
fn key_latencies(session: &Session, painter: &Painter, going: impl Fn() -> bool) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..SAMPLES {
        if !going() {
            break;
        }
        let before = painter.typed().len();
        let begun = Instant::now();
        session.there().hand.strike(u32::from('a'));
        let typed = wait::within(Duration::from_secs(10), || (painter.typed().len() > before).then_some(()));
        assert!(typed.is_some(), "a key never came");
        times.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    times
}

/// So much longer a change may take beside a file.
const MOST_RATIO: f64 = 1.3;

fn summary(name: &str, times: &mut [Duration]) -> Duration {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{name}: median {:?}, 95 % {:?}, worst {:?} of {}", at(50), at(95), at(100), times.len());
    at(50)
}

fn main() {
    if std::env::args().any(|argument| argument == "--large") {
        four_gigabytes();
    } else {
        two_hundred_megabytes_beside_the_picture();
    }
}

fn hash_of(path: &Path) -> String {
    let mut file = fs::File::open(path).expect("the file");
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let count = file.read(&mut buffer).expect("its content");
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Longer than 32 bits count.
fn four_gigabytes() {
    let mut session = Stage::usual().connect();
    let source = session.stage.place.path().join("4g.bin");
    let bytes = (1_u64 << 32) + 17;
    let mut file = fs::File::create(&source).expect("a file");
    file.set_len(bytes - 3).expect("a sparse file");
    file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(b"end")).expect("its end");
    drop(file);
    let hash = hash_of(&source);
    let saved = session.stage.place.folder("saved");
    let Session { advisor, customer, .. } = &mut session;
    advisor.say("offer_files", json!({ "paths": [&source] }));
    let asked = customer.expect("file_offer", json!({ "way": "in" }));
    customer.say("accept_file", json!({ "offer": asked["offer"], "folder": &saved }));
    let begun = Instant::now();
    let done = customer.within(Duration::from_secs(1_800), |event| event["event"] == "file_done");
    assert_eq!(done.expect("it ends")["sha256"], hash);
    let seconds = begun.elapsed().as_secs_f64();
    println!("4 GiB in {seconds:.0} s: {:.1} MB/s", bytes as f64 / seconds / 1e6);
    assert_eq!(hash_of(&saved.join("4g.bin")), hash);
    session.end_well();
}

fn two_hundred_megabytes_beside_the_picture() {
    let stage = Stage::usual();
    let options = CanvasOptions::new("scrolled page", WINDOW, 0x0040_4040);
    let (mut painter, canvas) = Painter::with_window(&stage.place, "page", &stage.customer_screen, &options);
    let mut session = stage.connect();
    session.share(&["scrolled page"]);
    let picture = painter.picture(canvas).clone();
    let corner = session.await_picture("the page", &picture);
    let source = session.stage.place.path().join("large.bin");
    let mut file = fs::File::create(&source).expect("a file");
    let mut state = 1_u64;
    for _ in 0..FILE_BYTES / 1_000 {
        let block: Vec<u8> = (0..125)
            .flat_map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state.to_le_bytes()
            })
            .collect();
        file.write_all(&block).expect("its content");
    }
    let saved = session.stage.place.folder("saved");
    session.grant_control();
    // The keyboard belongs to the window on one screen, and to the viewer on the
    // other.
    session.here().click_into(painter.seen(canvas, session.here()), 300, 300);
    session.advisor_clicks(corner, 300, 300);
    session.customer.process().await_quiet();
    let mut alone = latencies(&session, &mut painter, canvas, corner, SAMPLES, || true);
    let mut keys_alone = key_latencies(&session, &painter, || true);
    let mut too_slow = false;
    for (from, to) in [("customer", "advisor"), ("advisor", "customer")] {
        let begun = Instant::now();
        {
            let Session { advisor, customer, .. } = &mut session;
            let (from, to) = if from == "customer" { (customer, advisor) } else { (advisor, customer) };
            to.turn_page();
            from.say("offer_files", json!({ "paths": [&source] }));
            let asked = to.expect("file_offer", json!({ "way": "in" }));
            to.say("accept_file", json!({ "offer": asked["offer"], "folder": &saved }));
            to.expect("file_progress", json!({ "way": "in" }));
        }
        let receiver = if to == "advisor" { &session.advisor } else { &session.customer };
        // Of the file before, its sender may tell only now that it is done.
        let is_done = |event: &serde_json::Value| event["event"] == "file_done" && event["way"] == "in";
        let going = || !receiver.told().iter().any(is_done);
        let mut beside = latencies(&session, &mut painter, canvas, corner, SAMPLES / 3, going);
        let while_sent = beside.len();
        let mut keys_beside = key_latencies(&session, &painter, going);
        receiver.within(Duration::from_secs(600), is_done).expect("it ends");
        let seconds = begun.elapsed().as_secs_f64();
        let before = summary("alone", &mut alone);
        let during = summary(&format!("beside a file from the {from}"), &mut beside);
        let ratio = during.as_secs_f64() / before.as_secs_f64();
        println!("ratio {ratio:.2} over {while_sent} changes; {:.1} MB/s", FILE_BYTES as f64 / seconds / 1e6);
        too_slow |= ratio > MOST_RATIO;
        if keys_beside.is_empty() {
            println!("no key was struck before it had ended");
        } else {
            let before = summary("a key alone", &mut keys_alone);
            let during = summary(&format!("a key beside a file from the {from}"), &mut keys_beside);
            println!("ratio of keys {:.2}", during.as_secs_f64() / before.as_secs_f64());
        }
    }
    session.end_well();
    assert!(!too_slow, "a change takes more than {MOST_RATIO} times as long beside a file");
}
