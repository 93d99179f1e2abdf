//! Shows any screen of the customer's program with sample data, without broker
//! or advisor, to look at it:
//!
//! ```text
//! customer-gallery SCREEN[-faces] [de|en] [light|dark|contrast] [ZOOM]
//! ```
//! Intents are printed and lead to the screen that would follow.

#[path = "../../client-core/tests/support/sample_faces.rs"]
mod sample_faces;
#[path = "../../client-core/tests/support/sample_files.rs"]
mod sample_files;

use mitblick_client_core::{
    customer::{
        Answer, AppItem, ConnectingStep, ControlView, CustomerIntent, CustomerScreen, CustomerView, EndView, GuideView,
        MoreView, NotByHand, PreviewView, RatingView, ReceiptState, ReceiptView, RecordingState, RecordingView,
        SharingView, TurnView, WaitingLine, WatchingGuide, WatchingView, Who,
        intents::{CustomerIntents, SharedBrake},
    },
    ink::Pen,
    language::Language,
    line::LineView,
    problem::Problem,
    shell::ViewSlot,
    together::{ChatLine, ChatView, ClipboardView, Left, TogetherView},
    ui::look::Look,
    watching::{WatchedSurface, run::SharedPicture},
};
use mitblick_customer::app::{CustomerApp, Options, window_options};
use mitblick_platform::capture::LocalPicture;
use mitblick_protocol::{
    chat::{ChatNumber, Delivery, Speaker},
    clipboard::Role,
    geometry::{Point, Rect, Size},
    marks::{Mark, MarkColour, MarkId, MarkLife, MarkShape, ShownMarks},
    peer_msg::{ControlEnd, RecordingEnd, SharingState, Surface, SurfaceId, SurfaceState, TurnEnd},
    policy::{ClipboardRule, CompanyTexts, ControlRule, Minutes},
    rating::{Grade, Rating, Solved},
    recording::RecordingOwners,
    session::ApplicationId,
    text::DisplayText,
};
use std::sync::Arc;

const SCREENS: &str = "join join-problem connecting checking who-called stop choose choose-again choose-loading choose-empty \
                       sharing asked granted more-asked granted-session control-ended paused ended ended-problem ended-before \
                       ended-rated ended-rated-all ended-not-rated ended-kept ended-not-kept ended-left pointed asked-to-show show-more preview choose-asked record-asked \
                       choose-record-asked recorded record-ended ended-recorded turn-asked choose-turn-asked turn-ended \
                       watching watching-marked watching-forbidden watching-choosing watching-paused cut ended-fault";

/// With the line that a yes did not count.
const NOT_BY_HAND: &str = "-not-by-hand";

fn main() -> Result<(), mitblick_window::host::HostError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |place: usize| arguments.get(place).map(String::as_str);
    let name = argument(0).unwrap_or_default();
    let (name, has_faces) = name.strip_suffix("-faces").map_or((name, false), |name| (name, true));
    let name = name.strip_suffix(NOT_BY_HAND).unwrap_or(name);
    let Some(screen) = sample(name) else {
        eprintln!(
            "usage: customer-gallery SCREEN[{NOT_BY_HAND}][-faces] [de|en] [light|dark] [ZOOM]\nscreens: {SCREENS}"
        );
        std::process::exit(2);
    };
    let language = Language::from_tag(argument(1).unwrap_or("de"));
    let look = argument(2).and_then(|look| look.parse().ok()).unwrap_or(Look::Light);
    let zoom = argument(3).and_then(|zoom| zoom.parse().ok()).unwrap_or(1.0);
    let view = Arc::new(ViewSlot::new(with_rules(screen, has_faces, argument(0).unwrap_or_default())));
    let (intents, mut wanted) = tokio::sync::mpsc::unbounded_channel();
    let slot = Arc::clone(&view);
    std::thread::spawn(move || {
        while let Some(intent) = wanted.blocking_recv() {
            println!("{intent:?}");
            if let Some((screen, name)) = follow(&intent).and_then(|name| Some((sample(name)?, name))) {
                slot.publish(with_rules(screen, has_faces, name));
            }
        }
    });
    let options = Options { language: Some(language), look, ..Options::default() };
    mitblick_window::host::run(window_options(), move |opened| {
        let app = CustomerApp::new(opened, view, CustomerIntents::new(intents, SharedBrake::default()), options);
        opened.ctx.set_zoom_factor(zoom);
        app
    })
}

/// The screen that an intent would lead to if everything went well.
fn follow(intent: &CustomerIntent) -> Option<&'static str> {
    Some(match intent {
        CustomerIntent::Join(_) => "who-called",
        CustomerIntent::IDidCall => "choose",
        CustomerIntent::TheyCalledMe => "stop",
        CustomerIntent::KeepReceipt { .. } => "ended-kept",
        CustomerIntent::CancelJoin | CustomerIntent::NewSession => "join",
        CustomerIntent::Share(_) | CustomerIntent::Resume | CustomerIntent::RefuseControl => "sharing",
        CustomerIntent::ChooseAgain => "choose-again",
        CustomerIntent::Pause => "paused",
        CustomerIntent::AllowControl { .. } | CustomerIntent::AllowMoreTime { .. } | CustomerIntent::RefuseMoreTime => {
            "granted"
        }
        CustomerIntent::RevokeControl => "control-ended",
        CustomerIntent::AllowRecording { .. } => "recorded",
        CustomerIntent::StopRecording => "record-ended",
        CustomerIntent::AllowTurn => "watching",
        CustomerIntent::TurnBack => "turn-ended",
        CustomerIntent::End => "ended",
        CustomerIntent::Rate(Rating::Solved(_)) => "ended-rated",
        CustomerIntent::Rate(Rating::Grade(_)) => "ended-rated-all",
        CustomerIntent::RefreshApplications
        | CustomerIntent::ShareTitles(_)
        | CustomerIntent::ShowLine(_)
        | CustomerIntent::Together(_)
        | CustomerIntent::Guide(_)
        | CustomerIntent::Point(_)
        | CustomerIntent::Painted
        | CustomerIntent::NotByHand
        | CustomerIntent::Fault
        | CustomerIntent::Quit => return None,
    })
}

fn who() -> Who {
    Who { organisation: "Muster Bank eG".into(), advisor: "Anna Muster".into() }
}

fn words() -> [[String; 4]; 2] {
    [
        ["Ahorn", "Brücke", "Kessel", "Wolke"].map(String::from),
        ["anchor", "meadow", "silver", "window"].map(String::from),
    ]
}

/// With what a company may say and forbid.
fn with_rules(screen: CustomerScreen, has_faces: bool, name: &str) -> CustomerView {
    let name = name.strip_suffix("-faces").unwrap_or(name);
    let (name, not_by_hand) = name.strip_suffix(NOT_BY_HAND).map_or((name, false), |name| (name, true));
    let guide = guide(name);
    let [greeting_de, greeting_en, telephone] =
        ["Guten Tag! Wir sehen nur, was Sie uns zeigen.", "Hello! We see only what you show us.", "030 123 45-0"]
            .map(DisplayText::cleaned);
    let company = CompanyTexts { greeting_de, greeting_en, telephone, logo: None };
    let control = ControlRule::Allowed { longest: Minutes::new(10) };
    let faces = sample_faces::faces(has_faces);
    CustomerView {
        screen,
        cut_s: name.starts_with("cut").then_some(95),
        faces,
        together: Some(together()),
        guide: Some(guide),
        recording: recording(name),
        turn: turn(name),
        company,
        control,
        ends_in_s: Some(240),
        not_by_hand: not_by_hand.then_some(NotByHand::SayAgain),
    }
}

/// The questions how it was, on some of the screens of an end.
fn rating(name: &str) -> Option<RatingView> {
    let open = RatingView { solved: Answer::Open, grade: Answer::Open, problem: None, is_open: true };
    match name {
        "ended" => Some(open),
        "ended-rated" => {
            let grade = Answer::Sent(Grade::ALL[4]);
            Some(RatingView { solved: Answer::Sending(Solved::Partly), grade, ..open })
        }
        "ended-rated-all" => {
            let grade = Answer::Sent(Grade::ALL[1]);
            Some(RatingView { solved: Answer::Sent(Solved::Yes), grade, ..open })
        }
        "ended-not-rated" => Some(RatingView { problem: Some(Problem::RatingNotSent), ..open }),
        _ => None,
    }
}

/// A code as it would be.
const CODE: &str = "7H2K-M9QX-0CV4-TRNE-8D3G-W5YP-1A6J-ZB0S";

/// Whether this screen's session is recorded.
fn recording(name: &str) -> RecordingView {
    let (state, code) = match name {
        "record-asked" | "choose-record-asked" => (RecordingState::Asked, None),
        "recorded" => (RecordingState::Recorded { owners: RecordingOwners::Shower }, Some(CODE.to_owned())),
        "record-ended" => (RecordingState::Ended(RecordingEnd::Stopped), Some(CODE.to_owned())),
        _ => (RecordingState::None, None),
    };
    RecordingView { state, code }
}

/// Whether the advisor shows something on this screen.
fn turn(name: &str) -> TurnView {
    match name {
        "turn-asked" | "choose-turn-asked" => TurnView::Asked,
        "turn-ended" => TurnView::Ended(TurnEnd::GivenBack),
        _ => TurnView::None,
    }
}

/// The advisor shows two windows, or what it does instead.
fn watching(shown: SharingState, guide: WatchingGuide) -> CustomerScreen {
    let picture = SharedPicture::default();
    let mut store = picture.0.lock();
    store.scene.desktop = Size { width: 1_920, height: 1_080 };
    for (id, rect, colour) in
        [(1, Rect::new(60, 40, 760, 420), 0xff5c_8a3a), (2, Rect::new(520, 200, 480, 300), 0xff3a_6fb0)]
    {
        let title = DisplayText::cleaned("Rechnungen 2026");
        let surface = Surface { id: SurfaceId(id), rect, state: SurfaceState::Shown, parent: None, title };
        let pixels = window(rect.width, rect.height, colour).pixels;
        store.surfaces.insert(surface.id, WatchedSurface { size: rect.size(), pixels, changed: Vec::new() });
        store.scene.surfaces.push(surface);
        store.frames += 1;
    }
    let surfaces = Arc::new(store.scene.surfaces.clone());
    drop(store);
    if guide.marks > 0 {
        let at = |x, y| Point { x, y };
        let shapes = [
            MarkShape::Ellipse(Rect::new(120, 90, 220, 80)),
            MarkShape::Text { at: at(400, 60), text: DisplayText::cleaned("1.240,00 €?") },
        ];
        let mark = |(id, shape)| {
            let (colour, life) = (MarkColour::Red, MarkLife::Stays);
            Mark { id: MarkId(id), surface: SurfaceId(1), shape, colour, life }
        };
        let marks = (1..).zip(shapes).map(mark).collect();
        picture.0.set_marks(Pen::default().patches(&ShownMarks { pointer: None, marks }, ""), None);
    }
    let (suite, words) = (SUITE.into(), words());
    CustomerScreen::Watching(WatchingView { who: who(), shown, guide, picture, surfaces, suite, words })
}

/// How the advisor guides on this screen.
fn guide(name: &str) -> GuideView {
    let asked = Some("Bitte zeigen Sie mir Ihr Postfach<U+202E>, damit wir die Rechnung finden.".to_owned());
    match name {
        "pointed" => GuideView { marks: 3, advisor_points: true, points_out: true, ..GuideView::default() },
        "asked-to-show" | "choose-asked" => GuideView { asked, ..GuideView::default() },
        "show-more" => {
            let more = Some(MoreView { applications: Some(applications().split_off(2)) });
            GuideView { asked, more, ..GuideView::default() }
        }
        "preview" => {
            let picture = Some(Arc::new(window(420, 260, 0xff3a6fb0)));
            let preview = Some(PreviewView { picture, shown: 3, hidden: Some(5), lacks_video: false });
            GuideView { preview, ..GuideView::default() }
        }
        _ => GuideView::default(),
    }
}

const SUITE: &str = "Blowfish-128-CTR, HMAC-SHA-256";

fn sample(name: &str) -> Option<CustomerScreen> {
    let sharing = |control| SharingView {
        who: who(),
        applications: vec!["Firefox".into(), "Buchhaltung".into()],
        paused: false,
        comes_back: false,
        asks_more: false,
        control,
        suite: SUITE.into(),
        words: words(),
        minutes: 12,
        sent_bytes: 1_437_112,
        line: Some(LineView {
            bytes: 1_437_112,
            bytes_per_s: 3_100,
            bytes_per_minute: 186_000,
            round_trip_ms: Some(38),
        }),
        problem: None,
        second_stop_key: None,
    };
    let choose = |applications, again| CustomerScreen::Choose {
        who: who(),
        applications,
        again,
        problem: None,
        suite: SUITE.into(),
        words: words(),
    };
    let receipt = |state| Some(ReceiptView { folder: "/home/anna/Downloads".into(), state });
    let over = |who: Option<Who>, by_me, problem, shown_s| EndView {
        receipt: who.as_ref().and_then(|_| receipt(ReceiptState::Offered)),
        rating: rating(name),
        who,
        by_me,
        problem,
        shown_s,
        stop: false,
        recordings: if name == "ended-recorded" { vec![CODE.into()] } else { Vec::new() },
        left: Left::default(),
    };
    let ended = |who, by_me, problem, shown_s| CustomerScreen::Ended(over(who, by_me, problem, shown_s));
    let kept = |state| CustomerScreen::Ended(EndView { receipt: receipt(state), ..over(Some(who()), true, None, 754) });
    let file = "/home/anna/Downloads/Mitblick-Quittung-2026-11-28-1403.html";
    Some(match name {
        "join" => CustomerScreen::Join { number: String::new(), problem: None },
        "join-problem" => CustomerScreen::Join { number: "4829157304".into(), problem: Some(Problem::NumberMistyped) },
        "connecting" => CustomerScreen::Connecting(ConnectingStep::Broker),
        "waiting" => CustomerScreen::Connecting(ConnectingStep::WaitingRoom { line: WaitingLine::Here }),
        "waiting-cut" => CustomerScreen::Connecting(ConnectingStep::WaitingRoom { line: WaitingLine::Cut }),
        "waiting-limited" => {
            let line = WaitingLine::Limited { until_unix_s: 1_784_102_700 };
            CustomerScreen::Connecting(ConnectingStep::WaitingRoom { line })
        }
        "checking" => CustomerScreen::Connecting(ConnectingStep::Checking),
        "who-called" => CustomerScreen::WhoCalled { who: who(), suite: SUITE.into(), words: words() },
        "stop" => CustomerScreen::Ended(EndView { stop: true, ..over(Some(who()), true, None, 0) }),
        "ended-kept" => kept(ReceiptState::Kept(file.into())),
        "ended-not-kept" => kept(ReceiptState::Failed(Problem::ReceiptNotWritten("/mnt: Permission denied".into()))),
        "choose" => choose(Some(applications()), false),
        "choose-again" => choose(Some(applications()), true),
        "choose-loading" => choose(None, false),
        "choose-empty" => choose(Some(Vec::new()), false),
        "sharing" | "pointed" | "asked-to-show" | "show-more" | "preview" | "record-asked" | "recorded"
        | "record-ended" | "turn-asked" => CustomerScreen::Sharing(sharing(ControlView::None)),
        "choose-asked" | "choose-record-asked" | "choose-turn-asked" => choose(Some(applications()), false),
        "turn-ended" => choose(Some(applications()), true),
        "watching" => watching(SharingState::Showing, WatchingGuide::default()),
        "watching-marked" => watching(SharingState::Showing, WatchingGuide { marks: 2, ..WatchingGuide::default() }),
        "watching-forbidden" => {
            let guide = WatchingGuide { pointing_allowed: false, points_out: true, ..WatchingGuide::default() };
            watching(SharingState::Showing, guide)
        }
        "watching-choosing" => watching(SharingState::Choosing, WatchingGuide::default()),
        "watching-paused" => watching(SharingState::Paused, WatchingGuide::default()),
        "asked" => CustomerScreen::Sharing(sharing(ControlView::Asked)),
        "granted" => CustomerScreen::Sharing(sharing(ControlView::Granted { remaining_s: Some(252) })),
        "more-asked" => CustomerScreen::Sharing(SharingView {
            asks_more: true,
            ..sharing(ControlView::Granted { remaining_s: Some(42) })
        }),
        "granted-session" => CustomerScreen::Sharing(sharing(ControlView::Granted { remaining_s: None })),
        "control-ended" => CustomerScreen::Sharing(sharing(ControlView::Ended(ControlEnd::StopKey))),
        "paused" => CustomerScreen::Sharing(SharingView { paused: true, ..sharing(ControlView::None) }),
        "ended" | "ended-rated" | "ended-rated-all" | "ended-not-rated" | "ended-recorded" => {
            ended(Some(who()), true, None, 754)
        }
        "ended-left" => {
            let left = Left { files: 3, clipboard: true };
            CustomerScreen::Ended(EndView { left, ..over(Some(who()), true, None, 754) })
        }
        "cut" => CustomerScreen::Sharing(SharingView {
            paused: true,
            comes_back: true,
            ..sharing(ControlView::Ended(ControlEnd::LinkLost))
        }),
        "ended-fault" => ended(Some(who()), true, Some(Problem::ProgramFault), 61),
        "ended-problem" => ended(Some(who()), false, Some(Problem::LinkLost), 61),
        "ended-before" => ended(None, false, Some(Problem::WrongNumberOrInterference), 0),
        _ => return None,
    })
}

fn applications() -> Vec<AppItem> {
    let item = |id: u64, name: &str, titles: &[&str], colour: u32, preview: Option<(u32, u32)>| AppItem {
        id: ApplicationId(id),
        name: name.into(),
        titles: titles.iter().map(|&title| title.into()).collect(),
        icon: preview.map(|_| Arc::new(icon(colour))),
        preview: preview.map(|(width, height)| Arc::new(window(width, height, colour))),
    };
    vec![
        item(1, "Firefox", &["Kontoübersicht – Muster Bank – Mozilla Firefox", "Hilfe"], 0xff3a6fb0, Some((240, 150))),
        item(2, "Buchhaltung", &["Rechnungen 2026 – Buchhaltung"], 0xff5c8a3a, Some((180, 200))),
        item(3, "Texteditor", &[""], 0xff8a5c3a, None),
        item(
            4,
            "Ein Programm mit einem ausgesprochen langen Namen",
            &["Ein Dokument, dessen Titel so lang ist, dass er in keine einzelne Zeile passt.odt", "B", "C"],
            0xff7a4f9a,
            Some((240, 100)),
        ),
    ]
}

fn icon(colour: u32) -> LocalPicture {
    let pixels = (0..48 * 48).map(|at| {
        let (x, y) = (at % 48 - 24, at / 48 - 24);
        if x * x + y * y < 23 * 23 { colour } else { 0 }
    });
    LocalPicture { size: Size { width: 48, height: 48 }, pixels: pixels.collect() }
}

/// Something that looks like a window from afar.
fn window(width: u32, height: u32, colour: u32) -> LocalPicture {
    let pixels = (0..width * height).map(|at| {
        let (x, y) = (at % width, at / width);
        match (x, y) {
            (_, 0..14) => colour,
            (10..60, 24..34) => 0xff404040,
            _ if y % 12 < 3 && y > 40 && x > 10 && x < width - 10 - y % 37 => 0xffa0a4ab,
            _ => 0xfff8f8f8,
        }
    });
    LocalPicture { size: Size { width, height }, pixels: pixels.collect() }
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
        line(Speaker::There, 1, "Guten Tag, die Rechnungsnummer ist RE-2026-0O1l8.", 0),
        line(Speaker::Here(Delivery::Seen), 1, "Danke! Sie steht auf Seite 2?", 1),
        line(Speaker::There, 2, "Ja, rechts oben: https://example.org/rechnung?id=4711", 2),
    ];
    TogetherView {
        chat: ChatView { lines: lines.into(), unseen: 1 },
        clipboard: ClipboardView::new(Role::Shower, ClipboardRule::Allowed),
        files: sample_files::files(),
        problem: None,
    }
}
