//! Both programs through an HTTP proxy: Debian's tinyproxy, which wants name
//! and password; one that refuses; and one that opens what is encrypted.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    false_broker::FalseBroker,
    launch::{Launch, Place, Process},
    paint::{CanvasOptions, Painter},
    programs::{self, Broker},
    screen::{Screen, ScreenOptions},
    session::{Stage, StageOptions},
    wait,
};
use serde_json::json;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// A running tinyproxy.
struct Tinyproxy {
    process: Process,
    address: SocketAddr,
}

impl Tinyproxy {
    fn start(place: &Place, more: &str) -> Self {
        // It takes no port of the system's choice, so another program may be
        // faster: then the next one.
        wait::until("a proxy is up", || {
            let address = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?;
            let port = address.port();
            let text = format!("Port {port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 20\nLogLevel Connect\n{more}");
            let config = place.file(&format!("tinyproxy-{port}.conf"), &text);
            let mut process =
                Launch::new(place, &format!("tinyproxy-{port}"), "tinyproxy").args(["-d", "-c"]).arg(config).start();
            wait::until("a proxy answers or ends", || {
                (process.ended().is_some() || TcpStream::connect(address).is_ok()).then_some(())
            });
            process.ended().is_none().then_some(Self { process, address })
        })
    }

    /// How many connections it was asked for.
    fn connects(&self, target: &str) -> usize {
        self.process.log().lines().filter(|line| line.contains(&format!("CONNECT {target}"))).count()
    }
}

#[test]
fn a_whole_session_goes_through_a_proxy_that_wants_name_and_password() {
    let place = Place::new();
    let proxy = Tinyproxy::start(&place, "BasicAuth anna s3cret-word\n");
    let through = format!("http://anna:s3cret-word@{}", proxy.address);
    let stage = Stage::new(StageOptions { proxy: Some(through), ..StageOptions::default() });
    let targets = [stage.advisor_wire.address(), stage.customer_wire.address()];
    let options = CanvasOptions::new("shared plan", Rect::new(60, 60, 420, 300), 0x0030_6030);
    let (mut shared, canvas) = Painter::with_window(&stage.place, "shared", &stage.customer_screen, &options);
    shared.noise(canvas, Rect::new(20, 20, 120, 80), 1);
    let mut session = stage.connect();
    session.share(&["shared plan"]);
    session.await_picture("the shared window", shared.picture(canvas));
    for target in targets {
        assert_eq!(proxy.connects(&target.to_string()), 1, "{}", proxy.process.log());
    }
    session.end_well();
}

/// What both programs say when they are to go through this proxy.
fn refused(place: &Place, broker: &Broker, proxy: &str) -> [serde_json::Value; 2] {
    let screen = Screen::start(place, &format!("screen-{}", proxy.len()), &ScreenOptions::default());
    let options = programs::AdvisorOptions { proxy: Some(proxy.to_owned()), ..programs::AdvisorOptions::default() };
    let name = |who: &str| format!("{who}-{}", proxy.rsplit(':').next().unwrap_or_default());
    let advisor = programs::advisor(place, &name("advisor"), screen.display(), broker.url(), &options);
    let customer = programs::customer_with(
        place,
        &name("customer"),
        screen.display(),
        broker.url(),
        Some(programs::ANY_NUMBER),
        &["--proxy", proxy],
        programs::CustomerSurroundings::default(),
    );
    [advisor.expect("error", json!({})), customer.expect("error", json!({}))]
}

#[test]
fn a_proxy_that_refuses_is_named_by_both_programs() {
    let place = Place::new();
    let broker = Broker::start(&place, &[]);
    let wants_password = Tinyproxy::start(&place, "BasicAuth anna s3cret-word\n");
    let only_https = Tinyproxy::start(&place, "ConnectPort 443\n");
    for (proxy, address, problem) in [
        (format!("http://{}", wants_password.address), wants_password.address, "proxy_sign_in"),
        (format!("http://anna:wrong@{}", wants_password.address), wants_password.address, "proxy_"),
        (format!("http://{}", only_https.address), only_https.address, "proxy_refused"),
    ] {
        for error in refused(&place, &broker, &proxy) {
            assert!(error["problem"].as_str().is_some_and(|told| told.starts_with(problem)), "{error}");
            let text = error["text"].as_str().unwrap_or_default();
            assert!(text.contains(&address.to_string()) && !text.contains("wrong@"), "{text}");
        }
    }
}

/// Takes every CONNECT, and goes to this address with it.
fn misleading(target: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for mut near in listener.incoming().map_while(Result::ok) {
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && near.read_exact(&mut byte).is_ok() {
                request.extend(byte);
            }
            let Ok(mut far) = TcpStream::connect(target) else { continue };
            let _ = near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
            let (Ok(mut from), Ok(mut to)) = (near.try_clone(), far.try_clone()) else { continue };
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            thread::spawn(move || std::io::copy(&mut far, &mut near));
        }
    });
    address
}

#[test]
fn a_proxy_that_opens_what_is_encrypted_is_refused_and_said_to_do_so() {
    let place = Place::new();
    let broker = Broker::start(&place, &[]);
    // It answers with a certificate of its own, as such a proxy does.
    let instead = FalseBroker::start();
    let target = instead.url().trim_start_matches("mitblick://").split('#').next().unwrap_or_default();
    let proxy = misleading(target.parse().expect("its address"));
    for error in refused(&place, &broker, &format!("http://{proxy}")) {
        assert_eq!(error["problem"], "proxy_opens_encryption", "{error}");
    }
}
