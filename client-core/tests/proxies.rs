//! Proxies that don't do what a proxy does: each ends in a word that says what
//! to do, none in a panic or a wait without end.

use mitblick_client_core::{
    language::{Language, Texts},
    link::{Link, LinkEvent},
    problem::Problem,
    proxy::Route,
    ui::wording,
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

const PIN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/// Longer than the connect timeout.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does with every connection what it is told, having read the request.
fn fake(act: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if socket.read_exact(&mut byte).is_err() {
                    break;
                }
                request.extend(byte);
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            assert!(request.starts_with("CONNECT broker.example:7443 HTTP/1.1\r\nHost: broker.example:7443\r\n"));
            act(socket);
        }
    });
    address
}

fn says(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    fake(move |mut socket| {
        let _ = socket.write_all(&answer);
        // The other side hangs up.
        let _ = socket.read_to_end(&mut Vec::new());
    })
}

/// What comes of connecting through this proxy.
fn connect(proxy: &str) -> Problem {
    let broker = format!("mitblick://broker.example:7443#{PIN}").parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let event = runtime.block_on(async {
        let mut link = Link::open(Route::to(broker, Some(proxy)));
        tokio::time::timeout(PATIENCE, link.halves().1.event()).await.expect("an end within the deadline")
    });
    match event {
        LinkEvent::Lost(problem) => problem,
        other => panic!("{other:?}"),
    }
}

/// The same, with its texts looked at.
fn through(address: SocketAddr, user: &str) -> Problem {
    let problem = connect(&format!("http://{user}{address}"));
    for language in Language::ALL {
        let text = wording::problem(Texts::of(language), &problem);
        assert!(text.contains(&address.to_string()), "it names the proxy: {text}");
        assert!(!text.contains("secret"), "it keeps the password to itself: {text}");
    }
    problem
}

#[test]
fn what_is_no_proxy_or_never_comes_to_an_end_is_said_to_be_none() {
    let chatter = fake(|mut socket| {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n");
        while socket.write_all(b"X-More: and more\r\n").is_ok() {}
    });
    let advance = fake(|mut socket| while socket.write_all(b"HTTP/1.1 100 Go on\r\n\r\n").is_ok() {});
    let hangs_up = fake(drop);
    for (what, address) in [
        ("ssh", says("SSH-2.0-OpenSSH_9.2\r\n")),
        ("smtp", says("220 mail.example ESMTP\r\n")),
        ("noise", says((0..=255).collect::<Vec<u8>>())),
        ("a TLS server", says([0x15, 3, 3, 0, 2, 2, 70])),
        ("half a head", fake(|mut socket| drop(socket.write_all(b"HTTP/1.1 200 O")))),
        ("speaks first", says("HTTP/1.1 200 OK\r\n\r\nhello")),
        ("endless headers", chatter),
        ("endless news", advance),
        ("hangs up", hangs_up),
    ] {
        let place = address.to_string();
        assert_eq!(through(address, ""), Problem::ProxyNotUnderstood { proxy: place }, "{what}");
    }
}

#[test]
fn what_a_proxy_refuses_or_asks_is_told_with_what_to_do() {
    let who = |kinds: &str| says(format!("HTTP/1.1 407 Who?\r\n{kinds}Content-Length: 9\r\n\r\n<h1>Hello"));
    let basic = "Proxy-Authenticate: Basic realm=\"a\"\r\n";
    let address = who(basic);
    assert_eq!(through(address, ""), Problem::ProxySignIn { proxy: address.to_string() });
    let address = who(basic);
    assert_eq!(through(address, "anna:secret@"), Problem::ProxySignInFailed { proxy: address.to_string() });
    let address = who("Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n");
    let kind = Problem::ProxySignInKind { proxy: address.to_string(), kinds: "Negotiate, NTLM".into() };
    assert_eq!(through(address, "anna:secret@"), kind);
    for status in [302, 403, 404, 500, 502, 503, 504] {
        let address = says(format!("HTTP/1.1 {status} No\r\n\r\n"));
        let refused =
            Problem::ProxyRefused { proxy: address.to_string(), address: "broker.example:7443".into(), status };
        assert_eq!(through(address, ""), refused);
    }
}

#[test]
fn whoever_answers_in_the_brokers_place_is_told_apart_from_the_proxy() {
    // After the way is open: an alert, a web page, nothing but an end.
    let then = |bytes: &'static [u8]| {
        fake(move |mut socket| {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            let mut hello = [0; 1];
            let _ = socket.read_exact(&mut hello);
            let _ = socket.write_all(bytes);
            // What is unread at the end would take back what was written.
            let _ = socket.shutdown(std::net::Shutdown::Write);
            let _ = socket.read_to_end(&mut Vec::new());
        })
    };
    let broker = || "broker.example:7443".to_owned();
    for bytes in [&[0x15, 3, 3, 0, 2, 2, 70][..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let address = then(bytes);
        let opens = Problem::ProxyOpensEncryption { proxy: address.to_string(), address: broker() };
        assert_eq!(through(address, ""), opens);
    }
    let address = then(b"");
    let no_way = Problem::UnreachableThroughProxy { proxy: address.to_string(), address: broker() };
    assert_eq!(through(address, ""), no_way);
}

#[test]
fn a_proxy_that_says_nothing_costs_the_connect_timeout() {
    let address = fake(|mut socket| drop(socket.read_to_end(&mut Vec::new())));
    let drips = fake(|mut socket| {
        for byte in b"HTTP/1.1 200 OK\r\nX: ".iter().cycle() {
            if socket.write_all(&[*byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    thread::scope(|scope| {
        for address in [address, drips] {
            scope.spawn(move || match through(address, "") {
                Problem::UnreachableThroughProxy { .. } | Problem::ProxyNotUnderstood { .. } => {}
                other => panic!("{other:?}"),
            });
        }
    });
}

#[test]
fn a_proxy_that_is_not_there_or_wrongly_written_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(through(free, ""), Problem::ProxyUnreachable { proxy: free.to_string() });
    for wrong in ["socks5://127.0.0.1:1080", "https://127.0.0.1:443", "http://"] {
        assert_eq!(connect(wrong), Problem::ProxySetting { setting: "--proxy".into() }, "{wrong}");
    }
}
