//! Shows any screen of the advisor's program with sample data, without broker
//! or customer, to look at it:
//!
//! ```text
//! advisor-gallery SCREEN[-faces] [de|en] [light|dark|contrast] [ZOOM] [PICTURE-ZOOM] [full]
//! ```
//! Intents are printed. `viewer-random` shows noise and, once painted, tells
//! where: `painted X Y SCALE`, and the first pixel of its generator; with that
//! a screenshot can be compared pixel by pixel.

use mitblick_advisor::{
    app::{self, Options},
    screens::viewer::Zoom,
};
#[path = "../../client-core/tests/support/sample_faces.rs"]
mod sample_faces;
#[path = "../../client-core/tests/support/sample_files.rs"]
mod sample_files;

use mitblick_client_core::{
    advisor::{
        AdvisorIntent, AdvisorScreen, AdvisorView, AppointmentsView, Changes, KeyView, LastSession, NotesView,
        NumberView, Painted, PictureStore, RecordingView, TurnGuide, TurnView, ViewerView, WatchedSurface,
    },
    appointments::{
        Appointment, AppointmentChange, AppointmentId, AppointmentState, Appointments, KeptNumber, KeptWindow,
    },
    customer::ControlView,
    ink::{Pen, ring},
    journal::{Change, Journal, Note, NoteId, Solution, Words},
    language::Language,
    problem::Problem,
    recording::{Folder, Recorder, Wanted},
    shell::ViewSlot,
    showing::AppItem,
    together::{ChatLine, ChatView, ClipboardView, TogetherView},
    ui::look::Look,
    workplace_key::{FileBecause, KeyPlace},
};
use mitblick_protocol::{
    appointment::Window,
    broker_msg::PasswordRule,
    chat::{ChatNumber, Delivery, Speaker},
    clipboard::Role,
    geometry::{Point, Rect, Size},
    input::InputRefusal,
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShownMarks},
    peer_msg::{
        ControlEnd, CursorImage, PointerPlace, RecordingEnd, RecordingState, SharingState, Surface, SurfaceId,
        SurfaceState, TurnEnd,
    },
    policy::ClipboardRule,
    recording::{About, RecordingCode, RecordingKey, RecordingOwners},
    session::{ApplicationId, AskState, AskedMore, WatcherTurn},
    text::DisplayText,
};
use std::{sync::Arc, time::Duration};

const SCREENS: &str = "code code-wrong waits elsewhere elsewhere-idle locked \
                       sign-in sign-in-problem sign-in-busy key-fetching key-asking \
                       key-file key-no-store key-refused key-locked key-lost new-password lobby lobby-none lobby-checking lobby-ended lobby-broke lobby-note lobby-recordings lobby-appointments lobby-awaited \
                       viewer viewer-awaited viewer-asked viewer-granted viewer-more-asked viewer-ended viewer-refused viewer-choosing viewer-paused \
                       viewer-recorded viewer-recording-asked viewer-recording-ended viewer-states viewer-random viewer-cut viewer-marks \
                       show-asked show-choose show-on show-marked show-paused show-ended";

/// Sessions of some days; in `lobby-note` there is nothing said of the last one.
fn notes(name: &str) -> NotesView {
    let mut journal = Journal::default();
    let samples = [
        ("Überweisung mit Zahlendreher", "Hat den Auftrag storniert und neu erfasst.", Some(Solution::Solved)),
        ("Drucker druckt nicht", "Treiber fehlt; die eigene IT kümmert sich.\nRuft am Montag wieder an.", None),
        ("", "", None),
    ];
    for (place, (subject, note, solution)) in (0_u64..).zip(samples) {
        let words = Words { subject: subject.into(), note: note.into(), solution };
        let begun_unix_s = 1_795_856_400 - place * 40_000;
        let note = Note { id: NoteId(place), begun_unix_s, lasted_s: 754 + place * 900, waited_s: 65, words };
        journal.apply(Change::Add(note), 1_795_856_400);
    }
    let newest = (name == "lobby-note").then_some(NoteId(2));
    NotesView { list: Some(Arc::new(journal)), newest, ..NotesView::default() }
}

/// Some appointments; in `lobby-appointments` one of them can be opened, and in
/// `lobby-awaited` somebody waits for it.
fn appointments(name: &str) -> AppointmentsView {
    let mut list = Appointments::default();
    let number = |text: &str| text.parse().ok().map(KeptNumber).map(AppointmentState::Booked);
    let samples = [
        (0, "Frau Sommer: Formular für den Bauantrag", number("482 915 7309")),
        (20, "Drucker druckt nicht", Some(AppointmentState::Burned)),
        (46, "", number("482 915 7309")),
    ];
    for (id, (hours, subject, state)) in (1..).zip(samples) {
        let begins_unix_s = 1_795_856_400 + hours * 3_600;
        let window = Window::new(begins_unix_s - 900, begins_unix_s + 3_600);
        let (Some(window), Some(state)) = (window.map(KeptWindow), state) else { continue };
        let appointment = Appointment { id: AppointmentId(id), begins_unix_s, window, subject: subject.into(), state };
        list.apply(AppointmentChange::Add(appointment), 1_795_856_400);
    }
    let awaited = if name == "lobby-awaited" { vec![AppointmentId(1)] } else { Vec::new() };
    let due = (name == "lobby-appointments" || name == "lobby-awaited").then_some(AppointmentId(1));
    AppointmentsView { allowed: true, list: Some(Arc::new(list)), due, awaited, ..AppointmentsView::default() }
}

/// A folder with a recording of the sample windows, whose code is told.
fn sample_recording(store: &Arc<PictureStore>) -> Folder {
    let folder = Folder::below(&std::env::temp_dir().join("mitblick-gallery"));
    store.lock().scene.desktop = Size { width: 1_280, height: 800 };
    let code = RecordingCode::from_random([7; 16]);
    println!("{code}");
    let [organisation, advisor] = ["Muster Bank eG", "Anna Muster"].map(DisplayText::cleaned);
    let about = About { organisation, advisor, utc_offset_s: 3_600 };
    if let Ok(recorder) = Recorder::start(Arc::clone(store), Some(folder.clone()), |event| println!("{event:?}")) {
        recorder.begin(Wanted { number: 1, owners: RecordingOwners::Shower, key: code.key(), about });
        std::thread::sleep(Duration::from_secs(1));
    }
    folder
}

/// Whether this screen's session is recorded.
fn recording(name: &str) -> RecordingView {
    let state = match name {
        "viewer-recorded" => RecordingState::Granted { owners: RecordingOwners::Shower, key: RecordingKey([0; 32]) },
        "viewer-recording-asked" => RecordingState::Asked,
        "viewer-recording-ended" => RecordingState::Ended(RecordingEnd::TakenBack),
        _ => RecordingState::None,
    };
    let file = Some("/home/anna/.local/share/mitblick/recordings/2026-11-28 14.03.07.mitblick".into());
    RecordingView { state, forbidden: false, file, left_bytes: None, problem: None }
}

/// Whether this screen's advisor shows something.
fn turn(name: &str) -> TurnView {
    let granted = |sharing| WatcherTurn::Granted { sharing };
    let state = match name {
        "show-asked" => WatcherTurn::Asked,
        "show-choose" => granted(SharingState::Choosing),
        "show-on" | "show-marked" => granted(SharingState::Showing),
        "show-paused" => granted(SharingState::Paused),
        "show-ended" => WatcherTurn::Ended(TurnEnd::TakenBack),
        _ => WatcherTurn::None,
    };
    let item = |id, name: &str, title: &str| AppItem {
        id: ApplicationId(id),
        name: name.into(),
        titles: vec![title.into()],
        icon: None,
        preview: None,
    };
    let applications = vec![
        item(1, "Firefox", "Kontoübersicht – Muster Bank – Mozilla Firefox"),
        item(2, "Buchhaltung", "Rechnungen 2026 – Buchhaltung"),
    ];
    let shown = vec!["Firefox".into(), "Buchhaltung".into()];
    let mut guide = TurnGuide::default();
    if name == "show-marked" {
        (guide.marks, guide.customer_points) = (2, true);
    }
    TurnView { state, forbidden: false, applications: Some(applications), shown, guide }
}

fn main() -> Result<(), mitblick_window::host::HostError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |place: usize| arguments.get(place).map(String::as_str);
    let store = Arc::new(PictureStore::default());
    let name = argument(0).unwrap_or_default();
    let (name, has_faces) = name.strip_suffix("-faces").map_or((name, false), |name| (name, true));
    let Some(screen) = screen(name, &store) else {
        eprintln!(
            "usage: advisor-gallery SCREEN[-faces] [de|en] [light|dark] [ZOOM] [100|200|fit] [full]\nscreens: {SCREENS}"
        );
        std::process::exit(2);
    };
    let language = Language::from_tag(argument(1).unwrap_or("de"));
    let look = argument(2).and_then(|look| look.parse().ok()).unwrap_or(Look::Light);
    let zoom = argument(3).and_then(|zoom| zoom.parse().ok()).unwrap_or(1.0);
    let picture_zoom = argument(4).and_then(|zoom| zoom.parse().ok()).unwrap_or(Zoom::Times(1));
    let view =
        Arc::new(ViewSlot::new(AdvisorView { screen, faces: sample_faces::faces(has_faces), recording_problem: None }));
    let (intents, mut wanted) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Some(intent) = wanted.blocking_recv() {
            match intent {
                AdvisorIntent::SignIn { user, .. } => println!("SignIn {user}"),
                AdvisorIntent::ChangePassword { .. } => println!("ChangePassword"),
                AdvisorIntent::EnterCode { .. } => println!("EnterCode"),
                AdvisorIntent::TakeOver => println!("TakeOver"),
                AdvisorIntent::Lock => println!("Lock"),
                AdvisorIntent::Unlock { .. } => println!("Unlock"),
                AdvisorIntent::Active => println!("Active"),
                AdvisorIntent::Input(event) => println!("{event:?}"),
                AdvisorIntent::RequestRecording => println!("RequestRecording"),
                AdvisorIntent::StopRecording => println!("StopRecording"),
                AdvisorIntent::Turn(turn) => println!("{turn:?}"),
                AdvisorIntent::RequestControl => println!("RequestControl"),
                AdvisorIntent::RequestMoreTime => println!("RequestMoreTime"),
                AdvisorIntent::GiveBackControl => println!("GiveBackControl"),
                AdvisorIntent::Together(intent) => println!("{intent:?}"),
                AdvisorIntent::Guide(guide) => println!("{guide:?}"),
                AdvisorIntent::Painted => println!("Painted"),
                AdvisorIntent::ShowLine(shows) => println!("ShowLine {shows}"),
                AdvisorIntent::End => println!("End"),
                AdvisorIntent::NewNumber => println!("NewNumber"),
                AdvisorIntent::SignOut => println!("SignOut"),
                AdvisorIntent::Notes(notes) => println!("Notes({notes:?})"),
                AdvisorIntent::Appointment(intent) => println!("{intent:?}"),
                AdvisorIntent::WriteMail { with_number, .. } => println!("WriteMail({with_number})"),
                AdvisorIntent::Fault => println!("Fault"),
                AdvisorIntent::Quit => println!("Quit"),
            }
        }
    });
    if argument(0) == Some("viewer-random") {
        let store = Arc::clone(&store);
        let slot = Arc::clone(&view);
        std::thread::spawn(move || tell_and_change(&store, &slot));
    }
    let options = Options {
        look,
        language: Some(language),
        full_screen: argument(5) == Some("full"),
        zoom: picture_zoom,
        recordings: argument(0).is_some_and(|name| name == "lobby-recordings").then(|| sample_recording(&store)),
        ..Options::default()
    };
    app::run(view, store, intents, options, move |ctx| {
        ctx.set_zoom_factor(zoom);
    })
}

/// Tells where the noise is painted and then changes a part of it, so that the
/// upload of parts is seen too.
fn tell_and_change(store: &PictureStore, slot: &ViewSlot<AdvisorView>) {
    for round in 0.. {
        std::thread::sleep(Duration::from_millis(700));
        let mut picture = store.lock();
        if let Some(Painted { desktop, zoom, .. }) = picture.painted {
            println!("painted {} {} {zoom}", desktop.x, desktop.y);
        }
        if round == 0
            && let Some(surface) = picture.surfaces.get_mut(&SurfaceId(1))
        {
            let area = Rect::new(37, 11, 200, 90);
            for y in area.y..area.y + 90 {
                for x in area.x..area.x + 200 {
                    let at = y as usize * surface.size.width as usize + x as usize;
                    if let Some(pixel) = surface.pixels.get_mut(at) {
                        *pixel = noise(x as u32, y as u32, 2);
                    }
                }
            }
            surface.changed.push(area);
            drop(picture);
            if store.present(&Changes { areas: vec![area.moved(213, 117)], ..Changes::default() }) {
                slot.repaint();
            }
        }
    }
}

/// Any colour, the same for the same place.
fn noise(x: u32, y: u32, seed: u32) -> u32 {
    let mut value = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77) ^ seed.wrapping_mul(0xc2b2_ae3d);
    value ^= value >> 15;
    value = value.wrapping_mul(0x2c1b_3c6d);
    value ^= value >> 12;
    value = value.wrapping_mul(0x297a_2d39);
    (value ^ (value >> 15)) & 0x00ff_ffff
}

fn screen(name: &str, store: &Arc<PictureStore>) -> Option<AdvisorScreen> {
    let with_key = |busy, problem, key| AdvisorScreen::SignIn {
        user: "anna.muster".into(),
        broker: "hilfe.muster-bank.example:443".into(),
        busy,
        problem,
        key,
    };
    let sign_in = |busy, problem| with_key(busy, problem, KeyView::Here(KeyPlace::Store));
    let in_file = |because| {
        let path = "/home/anna/.local/share/mitblick-advisor/workplace.key".into();
        with_key(false, None, KeyView::Here(KeyPlace::File(path, because)))
    };
    let number = || NumberView { text: "482 915 7303".into(), remaining_s: 412, life_s: 600 };
    let lobby = |number, checking, last| AdvisorScreen::Lobby {
        advisor: "Anna Muster".into(),
        organisation: "Muster Bank eG".into(),
        page: "https://hilfe.muster-bank.example/".into(),
        number,
        checking,
        last,
        notes: notes(name),
        appointments: appointments(name),
        asks_customers: true,
        problem: None,
    };
    let last = |problem| LastSession { connected: true, by_me: false, problem, lasted_s: 754 };
    let viewer = |sharing, control, refusal| {
        AdvisorScreen::Viewer(ViewerView {
            sharing,
            picture: Arc::clone(store),
            surfaces: Arc::new(store.lock().scene.surfaces.clone()),
            control,
            more_time: if name == "viewer-more-asked" { AskedMore::Asked } else { AskedMore::Nothing },
            control_forbidden: false,
            awaited: (name == "viewer-awaited").then_some(1_795_856_400),
            ends_in_s: None,
            refusal,
            suite: "Blowfish-128-CTR, HMAC-SHA-256".into(),
            words: [
                ["Ahorn", "Brücke", "Kessel", "Wolke"].map(String::from),
                ["anchor", "meadow", "silver", "window"].map(String::from),
            ],
            pointing_allowed: true,
            marks: 0,
            points_out: false,
            recording: recording(name),
            turn: turn(name),
            ask: AskState::None,
            since_s: 372,
            received_bytes: 3_204_112,
            line: None,
            cut_s: (name == "viewer-cut").then_some(94),
            together: together(),
        })
    };
    let granted = ControlView::Granted { remaining_s: Some(252) };
    match name {
        "viewer-random" => random(store),
        "viewer-states" => windows(store, SurfaceState::Minimised, SurfaceState::Unavailable),
        _ => windows(store, SurfaceState::Shown, SurfaceState::Shown),
    }
    Some(match name {
        "code" => AdvisorScreen::Code { user: "anna.muster".into(), busy: false, problem: None },
        "code-wrong" => AdvisorScreen::Code {
            user: "anna.muster".into(),
            busy: false,
            problem: Some(Problem::CodeWrong { retry_after_s: 0, tries_left: 4 }),
        },
        "waits" => AdvisorScreen::WorkplaceWaits { name: "EMPFANG-2".into(), code: "042 917".into() },
        "elsewhere" => AdvisorScreen::Elsewhere { workplace: "LAGER-1".into(), in_session: true, busy: false },
        "elsewhere-idle" => AdvisorScreen::Elsewhere { workplace: "LAGER-1".into(), in_session: false, busy: false },
        "locked" => AdvisorScreen::Locked {
            user: "anna.muster".into(),
            in_session: true,
            problem: Some(Problem::UnlockFailed { tries_left: 3 }),
        },
        "sign-in" => sign_in(false, None),
        "sign-in-problem" => sign_in(false, Some(Problem::SignInFailed { retry_after_s: 0, tries_left: 4 })),
        "key-fetching" => with_key(false, None, KeyView::Fetching),
        "key-asking" => with_key(true, None, KeyView::Asking),
        "key-file" => in_file(FileBecause::Wanted),
        "key-no-store" => in_file(FileBecause::NoStore),
        "key-refused" => in_file(FileBecause::Refused),
        "key-locked" => with_key(false, Some(Problem::WorkplaceKeyLocked), KeyView::Missing),
        "key-lost" => {
            let note = "/home/anna/.local/share/mitblick-advisor/workplace.key-store";
            with_key(false, Some(Problem::WorkplaceKeyLost(note.into())), KeyView::Missing)
        }
        "new-password" => AdvisorScreen::NewPassword {
            user: "anna".into(),
            busy: false,
            problem: Some(Problem::PasswordRefused(PasswordRule::Common)),
        },
        "sign-in-busy" => sign_in(true, None),
        "lobby" | "lobby-note" | "lobby-recordings" | "lobby-appointments" | "lobby-awaited" => {
            lobby(Some(number()), false, None)
        }
        "lobby-none" => lobby(None, false, None),
        "lobby-checking" => lobby(Some(number()), true, None),
        "lobby-ended" => lobby(Some(number()), false, Some(last(None))),
        "lobby-broke" => lobby(None, false, Some(last(Some(Problem::OtherSideLost)))),
        "viewer-marks" => {
            marks(store);
            viewer(SharingState::Showing, ControlView::None, None)
        }
        "viewer"
        | "viewer-awaited"
        | "viewer-cut"
        | "viewer-recorded"
        | "viewer-recording-asked"
        | "viewer-recording-ended"
        | "viewer-states"
        | "viewer-random" => viewer(SharingState::Showing, ControlView::None, None),
        "viewer-asked" => viewer(SharingState::Showing, ControlView::Asked, None),
        "viewer-granted" | "viewer-more-asked" => viewer(SharingState::Showing, granted, None),
        "viewer-refused" => viewer(SharingState::Showing, granted, Some(InputRefusal::OutsideSharedWindows)),
        "viewer-ended" => viewer(SharingState::Showing, ControlView::Ended(ControlEnd::StopKey), None),
        "viewer-choosing" => viewer(SharingState::Choosing, ControlView::None, None),
        "viewer-paused" => viewer(SharingState::Paused, ControlView::None, None),
        "show-asked" => viewer(SharingState::Showing, ControlView::None, None),
        "show-choose" | "show-on" | "show-marked" | "show-paused" | "show-ended" => {
            viewer(SharingState::Choosing, ControlView::None, None)
        }
        _ => return None,
    })
}

fn add(store: &PictureStore, id: u32, rect: Rect, state: SurfaceState, title: &str, pixel: impl Fn(u32, u32) -> u32) {
    let (width, height) = (rect.width, rect.height);
    let pixels = (0..width * height).map(|at| pixel(at % width, at / width)).collect();
    let mut picture = store.lock();
    let title = DisplayText::cleaned(title);
    picture.scene.desktop = Size { width: 1_920, height: 1_080 };
    picture.scene.surfaces.push(Surface { id: SurfaceId(id), rect, state, parent: None, title });
    let surface = WatchedSurface { size: rect.size(), pixels, changed: vec![rect.size().rect()] };
    picture.surfaces.insert(SurfaceId(id), surface);
    picture.frames += 1;
}

fn random(store: &PictureStore) {
    let rect = Rect::new(213, 117, 601, 403);
    add(store, 1, rect, SurfaceState::Shown, "noise", |x, y| noise(x, y, 1));
}

fn windows(store: &PictureStore, second: SurfaceState, third: SurfaceState) {
    let window = |width: u32, colour: u32| {
        move |x: u32, y: u32| match (x, y) {
            (_, 0..28) => colour,
            (20..120, 50..66) => 0x0030_3030,
            _ if y % 18 < 2 && y > 80 && x > 20 && x < width - 40 - (y * 7) % 160 => 0x0060_6468,
            _ if x == 0 || x == width - 1 => 0x00a0_a4ab,
            _ => 0x00fc_fcfc,
        }
    };
    add(store, 1, Rect::new(60, 40, 760, 520), SurfaceState::Shown, "Rechnungen 2026", window(760, 0x005c_8a3a));
    add(store, 2, Rect::new(560, 120, 420, 300), second, "Notizen", window(420, 0x008a_5c3a));
    add(store, 3, Rect::new(300, 360, 500, 260), third, "Kontoübersicht", window(500, 0x003a_6fb0));
    let mut picture = store.lock();
    picture.pointer = Some(PointerPlace { surface: SurfaceId(3), at: Point { x: 140, y: 100 } });
    let arrow = (0..16 * 24).map(|at| {
        let (x, y) = (at % 16, at / 16);
        if x <= y * 2 / 3 && y < 20 && x + y < 24 {
            if x == 0 || x == y * 2 / 3 { 0xffff_ffff } else { 0xff00_0000 }
        } else {
            0
        }
    });
    picture.cursor = Some(CursorImage {
        size: Size { width: 16, height: 24 },
        hot_spot: Point { x: 0, y: 0 },
        pixels: arrow.collect(),
    });
}

/// One mark of each kind, on two windows.
fn marks(store: &PictureStore) {
    let at = |x, y| Point { x, y };
    let shapes = [
        (1, MarkShape::Arrow { from: at(240, 150), to: at(120, 62) }, MarkColour::Red),
        (1, MarkShape::Ellipse(Rect::new(40, 200, 200, 90)), MarkColour::Violet),
        (3, MarkShape::Line((0..60).map(|n| at(40 + 6 * n, 150 + (n * n) % 40)).collect()), MarkColour::Blue),
        (1, MarkShape::Text { at: at(270, 240), text: DisplayText::cleaned("Hier klicken, bitte") }, MarkColour::Amber),
        (3, MarkShape::Step { at: at(60, 80), number: 1 }, MarkColour::Green),
        (3, MarkShape::Step { at: at(160, 80), number: 12 }, MarkColour::Green),
    ];
    let mark = |(n, (surface, shape, colour)): (u32, (u32, MarkShape, MarkColour))| Mark {
        id: MarkId(n),
        surface: SurfaceId(surface),
        shape,
        colour,
        life: MarkLife::Stays,
    };
    let marks = (1..).zip(shapes).map(mark).collect();
    let pointer = Some(PointerPlace { surface: SurfaceId(1), at: at(420, 300) });
    let patches = Pen::default().patches(&ShownMarks { pointer, marks }, "Anna Muster");
    store.set_marks(patches, Some(Arc::new(ring())));
}

/// A chat of a few lines, of which one is new.
fn together() -> TogetherView {
    let line = |speaker, number, text: &str, minutes: u64| ChatLine {
        speaker,
        number: ChatNumber(number),
        text: text.into(),
        unix_s: 1_795_856_400 + minutes * 60,
    };
    let lines = vec![
        line(Speaker::Here(Delivery::Seen), 1, "Guten Tag, die Rechnungsnummer ist RE-2026-0O1l8.", 0),
        line(Speaker::There, 1, "Danke! Sie steht auf Seite 2?", 1),
        line(Speaker::Here(Delivery::Delivered), 2, "Ja, rechts oben: https://example.org/rechnung?id=4711", 2),
    ];
    TogetherView {
        chat: ChatView { lines: lines.into(), unseen: 1 },
        clipboard: ClipboardView::new(Role::Watcher, ClipboardRule::Allowed),
        files: sample_files::files(),
        problem: None,
    }
}
