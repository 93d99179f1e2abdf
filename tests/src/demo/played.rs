//! A session played by the rig: two people at two virtual screens with real
//! applications, and what it measured.

use crate::{
    apps,
    frame::Frame,
    hand::{LEFT, key},
    launch::Place,
    programs::AdvisorOptions,
    screen::{ScreenOptions, Windows},
    session::{Lookout, Session, Stage, StageOptions},
    wait,
};
use mitblick_protocol::geometry::{Point, Rect, Size};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

const LETTER: &str = "\
Dear Mr Berg,

thank you for your order of 14 March.
We are glad to deliver the following:

    12  lamps, brass            418.80
     4  lamps, glass            212.00

Payment within 30 days.
";

/// What the advisor types into the customer's letter.
const TYPED: &str = "Thank you, and kind regards";

/// The colour of a window that is not shared, and of nothing else.
const PRIVATE: u32 = 0x00ff_d0e8;

/// How many changes are timed.
const CHANGES: usize = 15;

/// Plays a session and writes pictures of both screens and what was measured
/// into the folder.
///
/// # Errors
/// The folder can't be written.
pub fn played(out: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(out)?;
    let begun = Instant::now();
    let step = |text: &str| println!("[{:>5.1} s] {text}", begun.elapsed().as_secs_f64());

    step("starting two screens and a broker");
    let stage = Stage::new(StageOptions {
        customer_screen: screen(1280, 800, Windows::Framed),
        advisor_screen: screen(1440, 960, Windows::Bare),
        advisor: AdvisorOptions { zoom: "100", ..AdvisorOptions::default() },
        ..StageOptions::default()
    });
    step("opening an editor, a terminal and private notes at the customer");
    let apps = Applications::open(&stage);
    let lookout = Lookout::on(&stage.advisor_screen, |colour| colour == PRIVATE);

    step("the advisor signs in, the customer types the number");
    let mut session = stage.connect();
    let connected_after = session.connected_after;
    let connected = session.customer.newest_ever("connected").unwrap_or_default();
    step(&format!("connected, end-to-end encrypted with {}", text(&connected["suite"])));

    step("the customer shares editor and terminal, not the notes");
    let titles = [apps.editor.title(), apps.terminal.title()];
    let shared_at = Instant::now();
    session.share(&titles);
    let terminal = apps.terminal.window(session.here()).rect;
    // The customer's own window may still be above it, so it is looked at anew.
    let corner = wait::until("the advisor sees the terminal", || {
        session.there().frame().find(&session.here().frame_part(terminal))
    });
    let first_picture_ms = ms(shared_at.elapsed());
    let to_advisor = Point { x: corner.x - terminal.x, y: corner.y - terminal.y };

    step(&format!("timing {CHANGES} changes of the terminal"));
    let changes = time_changes(&session, terminal, to_advisor);

    step("the advisor asks for control, the customer allows it");
    session.grant_control();
    step("the advisor types into the customer's letter and saves it");
    let letter = session.stage.place.path().join(apps.editor.title());
    type_at_advisor(&session, &apps, to_advisor, &letter);

    // Each screen has a pointer of its own, which is no part of the picture.
    session.there().park_pointer();
    session.here().park_pointer();
    let shared = [apps.editor.window(session.here()).rect, terminal];
    let exact = shared.iter().all(|&area| shows_exactly(&session, area, to_advisor));
    session.here().frame().save(&out.join("customer.png"));
    session.there().frame().save(&out.join("advisor.png"));

    step("the customer presses F12");
    let pressed = Instant::now();
    session.here().hand.strike(key::F12);
    session.customer.expect("control", json!({ "state": "revoked" }));
    let revoke_ms = ms(pressed.elapsed());
    session.advisor.expect("control", json!({ "state": "revoked" }));

    let private_seen = lookout.seen().is_some();
    drop(lookout);
    let bytes_sent = session.stage.customer_wire.up_bytes();
    step("the customer ends the session");
    session.end_well();

    let record = json!({
        "suite": connected["suite"],
        "shared": titles,
        "connected_ms": ms(connected_after),
        "first_picture_ms": first_picture_ms,
        "change_to_visible_ms": median(&changes),
        "changes_timed": changes.len(),
        "bytes_sent": bytes_sent,
        "exact": exact,
        "private_window_seen": private_seen,
        "revoke_ms": revoke_ms,
    });
    fs::write(out.join("session.json"), serde_json::to_string_pretty(&record)? + "\n")?;
    step("done");
    print_table(&record, out);
    anyhow::ensure!(exact && !private_seen, "the picture at the advisor is not what was shared");
    Ok(())
}

struct Applications {
    editor: apps::App,
    terminal: apps::App,
    _notes: apps::App,
}

impl Applications {
    fn open(stage: &Stage) -> Self {
        let (place, screen): (&Place, _) = (&stage.place, &stage.customer_screen);
        let notes = apps::xterm_in(
            place,
            screen,
            "private notes",
            "\n   Private notes\n\n   PIN of the bank card: not\n   the advisor's business.\n",
            Rect::new(820, 140, 400, 260),
            "#ffd0e8",
        );
        let terminal = apps::coloured_xterm(place, screen, "build log", Rect::new(560, 270, 560, 440));
        let editor = apps::mousepad(place, screen, "letter.txt", LETTER);
        let window = editor.window(screen);
        screen.place_window(window.id, Rect::new(40, 140, 480, 520));
        screen.park_pointer();
        Self { editor, terminal, _notes: notes }
    }
}

fn screen(width: u32, height: u32, windows: Windows) -> ScreenOptions {
    ScreenOptions { size: Size { width, height }, windows, ..ScreenOptions::default() }
}

/// Times from a change on the customer's screen to the same pixels on the
/// advisor's, by looking at both without pause.
fn time_changes(session: &Session, area: Rect, to_advisor: Point) -> Vec<f64> {
    let there = area.moved(to_advisor.x, to_advisor.y);
    let look_here = || session.here().frame_part(area);
    let same = || look_here() == session.there().frame_part(there);
    let to_terminal = || {
        session.here().hand.click(Point { x: area.x + 200, y: area.y + 200 }, LEFT);
        session.here().park_pointer();
    };
    to_terminal();
    let timed = (0..CHANGES).map(|n| {
        wait::until("both screens show the same", || same().then_some(()));
        let before: Frame = look_here();
        let shows_change = || {
            session.here().hand.strike(u32::from(b'a') + n as u32);
            let struck = Instant::now();
            // A sleep here would be part of the result.
            while look_here() == before && struck.elapsed() < Duration::from_secs(1) {
                std::hint::spin_loop();
            }
            look_here() != before
        };
        // The customer's window takes the keyboard when it becomes the bar,
        // which may be after the click.
        for _ in 0..5 {
            if shows_change() {
                break;
            }
            to_terminal();
        }
        let changed = Instant::now();
        while !same() && changed.elapsed() < wait::PATIENCE {
            std::hint::spin_loop();
        }
        ms(changed.elapsed())
    });
    timed.collect()
}

fn type_at_advisor(session: &Session, apps: &Applications, to_advisor: Point, letter: &Path) {
    let editor = apps.editor.window(session.here()).rect;
    let hand = &session.there().hand;
    let spot = Point { x: editor.x + to_advisor.x + 120, y: editor.y + to_advisor.y + 330 };
    let before = session.here().focused();
    hand.click(spot, LEFT);
    wait::until("the editor has the keyboard", || (session.here().focused() != before).then_some(()));
    let end = 0xff57;
    hand.strike_with(&[key::CONTROL], end);
    hand.write("\n");
    hand.write(TYPED);
    hand.strike_with(&[key::CONTROL], u32::from('s'));
    wait::until("the customer's letter holds what the advisor typed", || {
        fs::read_to_string(letter).ok().filter(|text| text.contains(TYPED))
    });
}

/// Whether an area shows pixel by pixel at the advisor. A text cursor may
/// blink meanwhile, so it is asked more than once.
fn shows_exactly(session: &Session, area: Rect, to_advisor: Point) -> bool {
    let there = area.moved(to_advisor.x, to_advisor.y);
    let exact = || (session.here().frame_part(area) == session.there().frame_part(there)).then_some(());
    wait::within(Duration::from_secs(5), exact).is_some()
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn print_table(record: &Value, out: &Path) {
    let shared = record["shared"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(", ");
    let rows = [
        ("suite", text(&record["suite"])),
        ("shared", shared),
        ("started and connected in", format!("{} ms", record["connected_ms"])),
        ("first picture after", format!("{} ms", record["first_picture_ms"])),
        ("change to visible", format!("{} ms (median of {})", record["change_to_visible_ms"], record["changes_timed"])),
        ("sent by the customer", format!("{} bytes", record["bytes_sent"])),
        ("pixels exact", text(&record["exact"])),
        ("private window seen", text(&record["private_window_seen"])),
        ("F12 took control back in", format!("{} ms", record["revoke_ms"])),
    ];
    println!();
    for (name, value) in rows {
        println!("  {name:<26}{value}");
    }
    println!("\n  {0}/advisor.png  {0}/customer.png  {0}/session.json", out.display());
}
