//! Moving pictures of a hostile peer: the decoder's process can do nothing but
//! decode, and its end is no harm.

use mitblick_platform::video::{VideoDecoder, VideoEncoder, VideoError};
use mitblick_protocol::geometry::{Rect, Size};
use mitblick_tests::{
    paint::{Canvas, CanvasOptions, Painter},
    programs,
    session::{Session, Stage},
    wait,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{fs, path::Path, thread, time::Duration};

const SIZE: Size = Size { width: 200, height: 130 };

/// A picture with soft gradients that moves with `step`.
fn picture(step: u32) -> Vec<u32> {
    let pixel = |x: u32, y: u32| ((x + 3 * step) % 256) << 16 | ((y + step) % 256) << 8 | ((x + y) / 2 % 256);
    (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| pixel(x, y))).collect()
}

fn decoder() -> VideoDecoder {
    // It gives up by itself one that takes long, as on a busy machine.
    wait::until("a decoder starts", || VideoDecoder::start(&programs::path("mitblick-advisor")).ok())
}

/// The largest and the mean difference of a colour's part.
fn differences(a: &[u32], b: &[u32]) -> (u32, f64) {
    assert_eq!(a.len(), b.len());
    let parts = |colour: &u32| colour.to_le_bytes();
    let all =
        a.iter().zip(b).flat_map(|(a, b)| parts(a).into_iter().zip(parts(b)).map(|(a, b)| u32::from(a.abs_diff(b))));
    let all: Vec<u32> = all.collect();
    (all.iter().copied().max().unwrap_or(0), f64::from(all.iter().sum::<u32>()) / all.len() as f64)
}

#[test]
fn pictures_come_back_nearly_the_same() {
    let mut decoder = decoder();
    let mut encoder = VideoEncoder::new(SIZE, 400_000).expect("an encoder");
    let mut out = Vec::new();
    for step in 0..12 {
        let bytes = encoder.encode(&picture(step)).unwrap().expect("no picture is left out");
        decoder.decode(0, SIZE, &bytes, &mut out).unwrap();
        let (_, mean) = differences(&out, &picture(step));
        assert!(mean < 6.0, "picture {step}: {mean} of 255 off");
    }
    // A second stream beside it, and the first one anew.
    let mut other = VideoEncoder::new(SIZE, 400_000).expect("an encoder");
    let bytes = other.encode(&picture(50)).unwrap().unwrap();
    decoder.decode(1, SIZE, &bytes, &mut out).unwrap();
    assert!(differences(&out, &picture(50)).1 < 6.0);
    let bytes = encoder.encode(&picture(12)).unwrap().unwrap();
    decoder.decode(0, SIZE, &bytes, &mut out).unwrap();
    assert!(differences(&out, &picture(12)).1 < 6.0);
}

/// Looked at from outside what the process itself has tried before it began.
#[test]
fn the_decoders_process_is_locked_in() {
    let mut decoder = decoder();
    let folder = format!("/proc/{}", decoder.process_id());
    let status = fs::read_to_string(Path::new(&folder).join("status")).unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.rsplit(':').next().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(field("Seccomp:"), "2", "system calls are filtered");
    assert_eq!(field("NoNewPrivs:"), "1");
    assert_eq!(field("Threads:"), "1");
    let limits = fs::read_to_string(Path::new(&folder).join("limits")).unwrap();
    let limit = |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    for name in ["Max open files", "Max processes", "Max file size", "Max core file size"] {
        assert!(limit(name).split_whitespace().any(|word| word == "0"), "{}", limit(name));
    }
    assert!(limit("Max address space").contains("536870912"), "{}", limit("Max address space"));
    // Only the socket and what leads nowhere.
    for entry in fs::read_dir(Path::new(&folder).join("fd")).unwrap() {
        let leads = fs::read_link(entry.unwrap().path()).unwrap();
        let leads = leads.to_string_lossy().into_owned();
        assert!(leads == "/dev/null" || leads.starts_with("socket:"), "it holds {leads}");
    }
    let environment = fs::read(Path::new(&folder).join("environ")).unwrap();
    assert!(environment.is_empty(), "it knows nothing of the person's environment");
    // And it works like that.
    let bytes = VideoEncoder::new(SIZE, 100_000).unwrap().encode(&picture(0)).unwrap().unwrap();
    decoder.decode(0, SIZE, &bytes, &mut Vec::new()).unwrap();
}

#[test]
fn what_no_encoder_of_ours_makes_never_reaches_the_decoder() {
    let mut decoder = decoder();
    let mut out = Vec::new();
    let mut encoder = VideoEncoder::new(SIZE, 100_000).unwrap();
    let first = encoder.encode(&picture(0)).unwrap().unwrap();
    for hostile in [vec![], vec![0; 4096], vec![0xff; 4096], first[..first.len() / 8].to_vec()] {
        match decoder.decode(0, SIZE, &hostile, &mut out) {
            Err(VideoError::Refused(_) | VideoError::Codec(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    let huge = Size { width: u32::MAX, height: u32::MAX };
    assert!(matches!(decoder.decode(0, huge, &first, &mut out), Err(VideoError::Size(_))));
    assert!(matches!(decoder.decode(200, SIZE, &first, &mut out), Err(VideoError::Refused(_))));
    // What is damaged inside passes the filter, and is borne.
    for at in (40..first.len()).step_by(7) {
        let mut bytes = first.clone();
        bytes[at] ^= 0x55;
        match decoder.decode(0, SIZE, &bytes, &mut out) {
            Ok(()) | Err(VideoError::Refused(_) | VideoError::Codec(_)) => decoder.end(0),
            Err(VideoError::Gone(_)) => decoder = self::decoder(),
            Err(other) => panic!("{other}"),
        }
    }
    decoder.decode(0, SIZE, &first, &mut out).unwrap();
}

#[test]
fn a_decoder_that_dies_or_hangs_is_given_up() {
    let mut out = Vec::new();
    let bytes = VideoEncoder::new(SIZE, 100_000).unwrap().encode(&picture(0)).unwrap().unwrap();
    for signal in [Signal::KILL, Signal::STOP] {
        let mut decoder = decoder();
        let process = Pid::from_raw(decoder.process_id().cast_signed()).expect("a process");
        decoder.decode(0, SIZE, &bytes, &mut out).unwrap();
        kill_process(process, signal).unwrap();
        assert!(matches!(decoder.decode(1, SIZE, &bytes, &mut out), Err(VideoError::Gone(_))), "{signal:?}");
        drop(decoder);
        wait::until("its process is gone", || (!Path::new(&format!("/proc/{process}")).exists()).then_some(()));
    }
}

#[test]
fn a_program_that_is_no_decoder_is_not_taken_for_one() {
    for program in ["/bin/true", "/bin/cat", "/nonexistent"] {
        let started = VideoDecoder::start(Path::new(program));
        assert!(matches!(started, Err(VideoError::NotAvailable(_))), "{program}");
    }
}

/// As long as something moves it may be lossy; as soon as it rests it is exact,
/// and what does not move is exact all the time.
#[test]
fn a_moving_picture_costs_little_and_is_exact_when_it_rests() {
    let (session, mut shared, canvas, _) = film_session();
    let before = session.stage.customer_wire.up_bytes();
    play(&mut shared, canvas);
    session.await_picture("the last picture", shared.picture(canvas));
    let sent = session.stage.customer_wire.up_bytes() - before;
    let lossless = u64::from(FILM.width * FILM.height * 3 * PICTURES);
    assert!(sent * 4 < lossless, "{sent} bytes where lossless pictures take {lossless}");
    session.end_well();
}

#[test]
fn a_film_whose_decoder_dies_goes_on_without_loss() {
    let (session, mut shared, canvas, decoder) = film_session();
    play(&mut shared, canvas);
    kill_process(decoder, Signal::KILL).expect("the decoder is there");
    play(&mut shared, canvas);
    session.await_picture("the last picture", shared.picture(canvas));
    session.end_well();
}

const FILM: Rect = Rect::new(10, 10, 384, 256);
const PICTURES: u32 = 40;

/// A session in which a window is shown that will play a film, and the
/// advisor's decoder. A program whose decoder takes long to start, as on a busy
/// machine, goes on without one; another one is then started.
#[track_caller]
fn film_session() -> (Session, Painter, Canvas, Pid) {
    wait::until("an advisor's program has a decoder", || {
        let stage = Stage::usual();
        let options = CanvasOptions::new("film", Rect::new(60, 60, 460, 320), 0x0030_6030);
        let (shared, canvas) = Painter::with_window(&stage.place, "film", &stage.customer_screen, &options);
        let mut session = stage.connect();
        session.share(&["film"]);
        session.await_picture("the window", shared.picture(canvas));
        let decoder = session.advisor.process().child_with("--decode-video")?;
        Some((session, shared, canvas, decoder))
    })
}

/// Paints pictures as a player would. It is the clock that makes a film of
/// them, and nothing else is waited for by it.
fn play(painter: &mut Painter, canvas: Canvas) {
    for picture in 0..PICTURES {
        painter.gradient(canvas, FILM, picture);
        thread::sleep(Duration::from_millis(40));
    }
}
