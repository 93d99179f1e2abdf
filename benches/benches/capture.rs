//! Capture on a real X server (Xvfb, 1920x1080): listing applications, from a
//! drawn letter to known damage, and reads. The window belongs to a process of
//! its own, this program again, because our own windows are never captured.

use anyhow::{Context, bail};
use criterion::{Criterion, Throughput, criterion_main};
use mitblick_benches::criterion;
use mitblick_platform::{Platform, capture::Capture, x11::X11};
use mitblick_protocol::{
    geometry::Rect,
    peer_msg::SurfaceId,
    policy::Limits,
    session::{ApplicationId, Permitted, ShowerEffect, ShowerSession, ViewSelection},
    time::Moment,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Write, stdin},
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        AtomEnum, ChangeGCAux, ConnectionExt, CreateGCAux, CreateWindowAux, PropMode, Rectangle, WindowClass,
    },
    wrapper::ConnectionExt as _,
};

/// Says that this process is the one that paints.
const PAINTER: &str = "MITBLICK_BENCH_PAINTER";
const WINDOW: Rect = Rect::new(0, 0, 1900, 1000);
const LETTER: Rect = Rect::new(640, 480, 8, 13);
/// Hang detection.
const PATIENCE: Duration = Duration::from_secs(20);

/// A child that ends with us. It is asked to: only then does a server take its
/// socket with it.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let id = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if id.is_none_or(|id| kill_process(id, Signal::TERM).is_err()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// An X server on a display that it chose itself, and its name.
fn server() -> anyhow::Result<(Ends, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1920x1080x24", "-noreset", "-nolisten", "tcp"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("Xvfb is needed")?;
    let out = child.stdout.take().context("no output")?;
    let child = Ends(child);
    let mut number = String::new();
    BufReader::new(out).read_line(&mut number)?;
    Ok((child, format!(":{}", number.trim())))
}

/// The other process: a window that draws a letter's worth of pixels for each
/// line that it reads.
fn paint() -> anyhow::Result<()> {
    let (link, screen) = x11rb::connect(None)?;
    let root = link.setup().roots.get(screen).context("no screen")?;
    let (window, gc) = (link.generate_id()?, link.generate_id()?);
    let aux = CreateWindowAux::new().background_pixel(root.white_pixel);
    let (width, height) = (WINDOW.width as u16, WINDOW.height as u16);
    link.create_window(0, window, root.root, 0, 0, width, height, 0, WindowClass::INPUT_OUTPUT, 0, &aux)?;
    for (atom, value) in [(AtomEnum::WM_NAME, "painter"), (AtomEnum::WM_CLASS, "painter\0Painter\0")] {
        link.change_property8(PropMode::REPLACE, window, atom, AtomEnum::STRING, value.as_bytes())?;
    }
    link.map_window(window)?;
    link.create_gc(gc, window, &CreateGCAux::new())?;
    link.sync()?;
    let area = Rectangle { x: LETTER.x as i16, y: LETTER.y as i16, width: 8, height: 13 };
    for (count, line) in stdin().lines().enumerate() {
        line?;
        link.change_gc(gc, &ChangeGCAux::new().foreground((count as u32 * 77) & 0x00ff_ffff))?;
        link.poly_fill_rectangle(window, gc, &[area])?;
        link.flush()?;
    }
    Ok(())
}

/// Starts the other process.
fn painter(display: &str) -> anyhow::Result<(Ends, ChildStdin)> {
    let mut command = Command::new(env::current_exe()?);
    let mut child = command.env(PAINTER, "1").env("DISPLAY", display).stdin(Stdio::piped()).spawn()?;
    let input = child.stdin.take().context("no input")?;
    Ok((Ends(child), input))
}

/// A permit, earned from a session in which a human shares the application.
fn permit(application: ApplicationId) -> anyhow::Result<(ShowerSession, Permitted<ViewSelection>)> {
    let mut session = ShowerSession::new(Limits::default(), Moment::default());
    session.share(ViewSelection { applications: BTreeSet::from([application]) }, Moment::default())?;
    while let Some(effect) = session.poll_effect() {
        if let ShowerEffect::StartCapture(permit) = effect {
            return Ok((session, permit));
        }
    }
    bail!("the session gave no permit")
}

/// Waits until the letter is known to be damaged.
fn wait_for_damage(capture: &mut dyn Capture) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if capture.take_changes()?.damage.iter().any(|(_, area)| area.intersection(LETTER).is_some()) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("drawn, but no damage is known");
        }
        capture.wait(Some(PATIENCE))?;
    }
}

fn measure(criterion: &mut Criterion) -> anyhow::Result<()> {
    let (_server, display) = server()?;
    let (_painter, mut brush) = painter(&display)?;
    let platform = X11::new(Some(&display))?;
    let mut desktop = platform.desktop()?;
    let deadline = Instant::now() + PATIENCE;
    let (application, surface): (ApplicationId, SurfaceId) = loop {
        let applications = desktop.applications()?;
        if let Some((application, window)) = applications.iter().find_map(|a| Some((a.id, a.windows.first()?.id))) {
            break (application, window);
        }
        if Instant::now() >= deadline {
            bail!("the painter's window never appeared");
        }
        std::thread::yield_now();
    };
    let (_session, permit) = permit(application)?;
    let mut capture = platform.start_capture(permit)?;
    wait_for_damage(&mut *capture)?;

    let mut group = criterion.benchmark_group("capture");
    group.bench_function("list applications", |bencher| bencher.iter(|| desktop.applications().map(|all| all.len())));
    let mut failure = None;
    group.bench_function("letter drawn until damage known", |bencher| {
        bencher.iter(|| {
            let result = brush.write_all(b"\n").map_err(Into::into).and_then(|()| wait_for_damage(&mut *capture));
            failure = failure.take().or(result.err());
        });
    });
    let mut pixels = Vec::new();
    let reads = [
        ("window of 1900x1000", WINDOW),
        ("strip of 1900x64", Rect { height: 64, ..WINDOW }),
        ("letter of 8x13", LETTER),
    ];
    for (name, area) in reads {
        group.throughput(Throughput::Bytes(area.size().pixels() * 4));
        group.bench_function(format!("read {name}"), |bencher| {
            bencher.iter(|| {
                let result = capture.read(surface, area, &mut pixels);
                failure = failure.take().or(result.err().map(Into::into));
            });
        });
        anyhow::ensure!(pixels.len() as u64 == area.size().pixels(), "too few pixels");
    }
    group.finish();
    failure.map_or(Ok(()), Err)
}

fn capture() {
    if env::var_os(PAINTER).is_some() {
        return paint().expect("a display to paint on");
    }
    measure(&mut criterion()).expect("a display to capture");
}

criterion_main!(capture);
