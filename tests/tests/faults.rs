//! Programs, displays, lines and disks that fail: whoever is left says so in
//! plain words and leaves nothing behind.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    launch::{Launch, Place, Process},
    paint::{Canvas, CanvasOptions, Painter},
    programs::{self, Broker},
    screen::{Screen, ScreenOptions, Windows},
    session::{ORGANISATION, Session, Stage, StageOptions},
    wait,
};
use serde_json::json;
use std::net::TcpListener;

/// An address where nothing listens.
const NO_BROKER: &str = "mitblick://127.0.0.1:9#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn shared(stage: &Stage) -> (Painter, Canvas) {
    let options = CanvasOptions::new("shared plan", Rect::new(40, 40, 360, 260), 0x0030_6030);
    let screen = &stage.customer_screen;
    let (mut painter, canvas) = Painter::with_window(&stage.place, "shared", screen, &options);
    painter.noise(canvas, Rect::new(20, 20, 120, 80), 1);
    (painter, canvas)
}

/// A session that does not wait long for a line that is cut.
fn controlled() -> (Session, Painter, Canvas) {
    controlled_with("1")
}

fn controlled_with(resume_seconds: &'static str) -> (Session, Painter, Canvas) {
    let mut options = StageOptions::default();
    options.broker.extend(["--resume-seconds", resume_seconds]);
    let stage = Stage::new(options);
    let (painter, canvas) = shared(&stage);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the shared window", painter.picture(canvas));
    session.grant_control();
    (session, painter, canvas)
}

/// Kills a program and all that it started, one by one, and waits until
/// nothing of it runs.
#[track_caller]
fn kill_leader(process: &mut Process) {
    process.signal(rustix::process::Signal::KILL);
    process.wait_end();
    wait::until("nothing of the program runs any more", || process.group_is_empty().then_some(()));
}

#[test]
fn when_the_customers_program_dies_the_advisor_is_told() {
    let (mut session, painter, canvas) = controlled();
    let picture = painter.picture(canvas).clone();
    kill_leader(session.customer.process_mut());
    session.advisor.expect("line", json!({ "state": "lost" }));
    session.await_gone("the customer's window", &picture);
    assert_eq!(session.advisor.expect("ended", json!({}))["reason"], "other_side_lost");
}

#[test]
fn when_the_advisors_program_dies_the_customer_is_told() {
    let (mut session, _painter, _canvas) = controlled();
    kill_leader(session.advisor.process_mut());
    assert_eq!(session.customer.expect("ended", json!({}))["reason"], "other_side_lost");
}

#[test]
fn when_the_broker_dies_both_are_told() {
    let (mut session, painter, canvas) = controlled();
    let picture = painter.picture(canvas).clone();
    kill_leader(session.stage.broker.process());
    assert_eq!(session.customer.expect("ended", json!({}))["reason"], "link_lost");
    assert_eq!(session.advisor.expect("ended", json!({}))["reason"], "link_lost");
    session.await_gone("the customer's window", &picture);
}

#[test]
fn a_session_goes_on_after_its_line_was_cut_on_either_side() {
    let (mut session, mut painter, canvas) = controlled_with("60");
    for round in 2..4 {
        let wire = if round % 2 == 0 { &session.stage.customer_wire } else { &session.stage.advisor_wire };
        let picture = painter.picture(canvas).clone();
        // Both come back by themselves as soon as they can, and the same
        // picture with them.
        wire.hold();
        for side in [&session.customer, &session.advisor] {
            side.expect("line", json!({ "state": "lost" }));
            side.expect("control", json!({ "state": "revoked" }));
        }
        session.await_gone("the customer's window", &picture);
        wire.release();
        for side in [&session.customer, &session.advisor] {
            side.expect("line", json!({ "state": "restored" }));
        }
        painter.noise(canvas, Rect::new(20, 20, 120, 80), round);
        session.await_picture("the shared window", painter.picture(canvas));
        session.customer.turn_page();
        session.advisor.turn_page();
        session.grant_control();
    }
    session.end_well();
}

#[test]
fn a_session_survives_a_broker_that_is_killed_and_started_again() {
    let (mut session, mut painter, canvas) = controlled_with("60");
    session.stage.restart_broker();
    for side in [&session.customer, &session.advisor] {
        side.expect("line", json!({ "state": "lost" }));
    }
    for side in [&session.customer, &session.advisor] {
        side.expect("line", json!({ "state": "restored" }));
    }
    painter.noise(canvas, Rect::new(20, 20, 120, 80), 7);
    session.await_picture("the shared window", painter.picture(canvas));
    session.end_well();
}

#[test]
fn when_the_customers_display_dies_the_advisor_is_told() {
    let (mut session, _painter, _canvas) = controlled();
    session.stage.customer_screen.kill_server();
    session.advisor.expect("ended", json!({}));
    // The window library can't go on without its display; that it ends is all
    // that can be asked.
    session.customer.process_mut().wait_end();
}

#[test]
fn a_stopping_broker_says_so() {
    let (mut session, _painter, _canvas) = controlled();
    session.stage.broker.process().signal(rustix::process::Signal::TERM);
    for (name, program) in [("customer", &session.customer), ("advisor", &session.advisor)] {
        let told = program.expect("ended", json!({}));
        assert_eq!(told["reason"], "broker_stopping", "{name}");
    }
    let status = session.stage.broker.process().wait_end();
    assert!(status.success(), "{status}");
    session.check_logs();
}

#[test]
fn without_a_display_both_programs_say_so() {
    let place = Place::new();
    let password = place.file("password", programs::PASSWORD);
    for display in [None, Some(":9999")] {
        let mut customer =
            Launch::new(&place, "customer", programs::path("mitblick-customer")).args(["--broker", NO_BROKER]);
        let mut advisor = Launch::new(&place, "advisor", programs::path("mitblick-advisor"))
            .args(["--broker", NO_BROKER, "--user", "vera", "--password-file"])
            .arg(&password);
        if let Some(display) = display {
            (customer, advisor) = (customer.display(display), advisor.display(display));
        }
        for (name, launch) in [("customer", customer), ("advisor", advisor)] {
            let (status, text) = programs::run_to_end(launch);
            assert!(status.code().is_some_and(|code| code != 0), "{name}: {status}");
            let said = text.contains("no screen") || text.contains("connection to X server");
            assert!(said && !text.contains("panicked"), "{name}: {text}");
        }
    }
}

#[test]
fn a_fault_in_the_customers_program_ends_the_session_and_nothing_goes_on() {
    let (mut session, painter, canvas) = controlled();
    let picture = painter.picture(canvas).clone();
    session.customer.say("fault", json!({}));
    assert_eq!(session.customer.expect("ended", json!({}))["reason"], "program_fault");
    assert_eq!(session.advisor.expect("ended", json!({}))["reason"], "other_side_fault");
    session.await_gone("the customer's window", &picture);
    session.advisor.turn_page();
    session.advisor.say("new_number", json!({}));
    session.customer.say("join", json!({ "number": programs::number(&session.advisor) }));
    session.customer.expect("error", json!({ "problem": "program_fault" }));
    session.customer.say("quit", json!({}));
    assert!(session.customer.wait_end().success());
}

#[test]
fn what_a_display_lacks_is_named() {
    let place = Place::new();
    for extension in ["Composite", "DAMAGE", "XFIXES"] {
        let options =
            ScreenOptions { without: vec![extension], windows: Windows::Unmanaged, ..ScreenOptions::default() };
        let screen = Screen::start(&place, extension, &options);
        let launch = Launch::new(&place, "customer", programs::path("mitblick-customer"))
            .display(screen.display())
            .args(["--broker", NO_BROKER]);
        let (status, text) = programs::run_to_end(launch);
        assert!(status.code().is_some_and(|code| code != 0), "{extension}: {status}");
        let named = text.to_lowercase().contains(&extension.to_lowercase());
        assert!(named && !text.contains("panicked"), "{extension}: {text}");
    }
}

#[test]
fn without_xtest_a_screen_can_be_shown_but_not_controlled() {
    let without = ScreenOptions { without: vec!["XTEST"], ..ScreenOptions::default() };
    let stage = Stage::new(StageOptions { customer_screen: without, ..StageOptions::default() });
    let (mut painter, canvas) = shared(&stage);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    painter.noise(canvas, Rect::new(10, 10, 100, 60), 3);
    session.await_picture("the shared window", painter.picture(canvas));
    session.advisor.say("request_control", json!({}));
    session.customer.expect("control", json!({ "state": "asked" }));
    session.customer.say("allow_control", json!({ "minutes": 5 }));
    let told = session.customer.expect("error", json!({ "problem": "control_unavailable" }));
    assert!(told["text"].as_str().is_some_and(|text| text.contains("XTEST")), "{told}");
    session.advisor.expect("control", json!({ "state": "refused" }));
    assert!(!session.advisor.told().iter().any(|event| event["state"] == "granted"));
}

#[test]
fn a_taken_port_is_named() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let launch = Launch::new(&place, "broker", programs::path("mitblick-broker"))
        .args(["serve", "--listen", &address, "--data"])
        .arg(place.folder("data"));
    let (status, text) = programs::run_to_end(launch);
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    assert!(text.contains(&address) && !text.contains("panicked"), "{text}");
}

#[test]
fn a_broker_that_is_not_there_is_named() {
    let place = Place::new();
    let screen = Screen::start(&place, "a", &ScreenOptions::default());
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("mitblick://{address}#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let customer = programs::customer(&place, "customer", screen.display(), &url, Some(programs::ANY_NUMBER));
    let told = customer.expect("error", json!({ "problem": "broker_unreachable" }));
    assert!(told["text"].as_str().is_some_and(|text| text.contains(&address.to_string())), "{told}");
}

#[test]
fn a_broker_with_a_full_disk_admits_no_one_and_says_so() {
    let place = Place::new();
    let screen = Screen::start(&place, "a", &ScreenOptions::default());
    let disk = place.folder("disk");
    // A disk of its own that is full once the broker has set itself up, in a
    // mount namespace that ends with the broker.
    let script = r#"set -e
        mount -t tmpfs -o size=4m none "$1"
        code=$("$2" main-user code --data "$1/data")
        printf '%s\n%s\n' "$code" "$3" | "$2" main-user create vera --data "$1/data" >/dev/null
        "$2" serve --listen 127.0.0.1:0 --data "$1/data" --organisation "$4" | {
            read -r line
            dd if=/dev/zero of="$1/rest" bs=4k 2>/dev/null || true
            printf '%s\n' "$line"
            exec cat
        }"#;
    let launch = Launch::new(&place, "broker", "unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(&disk)
        .arg(programs::path("mitblick-broker"))
        .args([programs::PASSWORD, ORGANISATION]);
    let broker = Broker::from_launch(launch);
    let options = programs::AdvisorOptions { fullscreen: false, ..programs::AdvisorOptions::default() };
    let advisor = programs::advisor(&place, "advisor", screen.display(), broker.url(), &options);
    let told = advisor.expect_where("an error or a number", |e| e["event"] == "error" || e["event"] == "number");
    assert_eq!(told["problem"], "broker_out_of_order", "{told}\n{}", broker.written());
    assert!(!broker.written().contains("panicked at"), "{}", broker.written());
}
