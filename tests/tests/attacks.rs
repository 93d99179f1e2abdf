//! Brokers that want to listen in, and strangers at the port.

use mitblick_protocol::geometry::Rect;
use mitblick_tests::{
    apps,
    false_broker::FalseBroker,
    launch::Place,
    programs::{self, AdvisorOptions, Broker},
    screen::{Screen, ScreenOptions},
    session::{ORGANISATION, Stage},
    talker::Talker,
    wait,
};
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// Both programs at a broker that runs the handshakes itself, with the guess
/// that `guess` makes of the number.
fn in_the_middle(guess: impl Fn(&str) -> String) -> (FalseBroker, Talker, Talker, (Screen, Place)) {
    let place = Place::new();
    let screen = Screen::start(&place, "both", &ScreenOptions::default());
    let broker = FalseBroker::start();
    let options = AdvisorOptions { fullscreen: false, ..AdvisorOptions::default() };
    let advisor = programs::advisor(&place, "advisor", screen.display(), broker.url(), &options);
    let number = programs::number(&advisor);
    broker.guess(&guess(&number));
    let customer = programs::customer(&place, "customer", screen.display(), broker.url(), Some(&number));
    (broker, advisor, customer, (screen, place))
}

#[test]
fn a_broker_in_the_middle_fails_without_the_secret_digits() {
    let (broker, advisor, customer, _rest) = in_the_middle(programs::with_wrong_secret);
    customer.expect("error", json!({ "problem": "wrong_number_or_interference" }));
    advisor.expect("error", json!({ "problem": "number_burned" }));
    let gains = broker.gains();
    assert!(!gains.advisor_fooled && !gains.customer_fooled && gains.burned, "{gains:?}");
    assert!(!advisor.has_told("connected") && !customer.has_told("connected"));
}

#[test]
fn a_broker_that_guessed_right_is_betrayed_by_the_check_words() {
    let (broker, advisor, customer, _rest) = in_the_middle(str::to_owned);
    let seen_here = customer.expect("connected", json!({}))["words"].clone();
    let seen_there = advisor.expect("connected", json!({}))["words"].clone();
    let gains = broker.gains();
    assert!(gains.advisor_fooled && gains.customer_fooled, "the double can do it when it knows the digits: {gains:?}");
    assert_ne!(seen_here, seen_there);
}

#[test]
fn a_broker_with_another_key_is_not_talked_to() {
    let place = Place::new();
    let screen = Screen::start(&place, "both", &ScreenOptions::default());
    let (real, other) = (FalseBroker::start(), Broker::start(&place, &[]));
    // The address of one with the key of the other.
    let pin = real.url().split_once('#').map(|(_, pin)| pin).unwrap_or_default();
    let url = format!("mitblick://{}#{pin}", other.address());
    let options = AdvisorOptions { fullscreen: false, ..AdvisorOptions::default() };
    let advisor = programs::advisor(&place, "advisor", screen.display(), &url, &options);
    advisor.expect("error", json!({ "problem": "broker_not_genuine" }));
    let customer = programs::customer(&place, "customer", screen.display(), &url, Some(programs::ANY_NUMBER));
    customer.expect("error", json!({ "problem": "broker_not_genuine" }));
}

/// Whether `needle` occurs in any of the pieces.
fn holds(pieces: &[Vec<u8>], needle: &[u8]) -> bool {
    pieces.iter().any(|piece| piece.windows(needle.len()).any(|window| window == needle))
}

#[test]
fn the_broker_holds_neither_secret_digits_nor_content() {
    let stage = Stage::usual();
    // A text that is nowhere else, on the shared screen and typed into it.
    let marker = "Zq7-marker-of-the-plaintext";
    let screen = &stage.customer_screen;
    let _terminal = apps::xterm(&stage.place, screen, marker, marker, Rect::new(20, 20, 420, 330));
    let mut session = stage.connect();
    session.share(&[marker]);
    session.grant_control();
    let words = session.customer.newest_ever("connected").expect("connected")["words"].clone();
    let memory = session.stage.broker.memory();
    let written = session.stage.broker.written();

    // What is looked for would be found: the broker knows its company's name.
    assert!(holds(&memory, ORGANISATION.as_bytes()), "the memory can be read");
    assert!(!holds(&memory, marker.as_bytes()), "the title of a shared window");
    let joined: Vec<&str> = words.as_array().into_iter().flatten().filter_map(|word| word.as_str()).collect();
    for pair in joined.windows(2) {
        for separator in [" ", "-", "\0"] {
            assert!(!holds(&memory, pair.join(separator).as_bytes()), "two check words");
        }
    }
    let digits: String = session.number.chars().filter(char::is_ascii_digit).collect();
    let secret = programs::secret_digits(&session.number);
    for form in [session.number.as_str(), &digits, &session.number[4..]] {
        assert!(!holds(&memory, form.as_bytes()), "the number as “{form}”");
    }
    // Five digits alone can stand anywhere by chance in memory, but not as a
    // word of their own in a log.
    let is_word = |word: &str| word == secret || word == digits || word == programs::PASSWORD || word == marker;
    let found = written.split(|c: char| !c.is_alphanumeric() && c != '-').find(|word| is_word(word));
    assert_eq!(found, None, "in the broker's log");
    session.end_well();
}

#[test]
fn garbage_and_silence_at_the_port_disturb_no_one() {
    let stage = Stage::usual();
    let address = stage.broker.address();
    let silent: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(address).expect("a connection")).collect();
    let mut garbage = vec![0u8; 64 * 1024];
    garbage.iter_mut().enumerate().for_each(|(n, byte)| *byte = (n * 31 % 251) as u8);
    let requests: [&[u8]; 4] = [&garbage, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", &[0x16, 3, 1, 0xff, 0xff], &[0; 5]];
    for request in requests {
        let mut socket = TcpStream::connect(address).expect("a connection");
        socket.set_read_timeout(Some(wait::PATIENCE)).expect("a time limit");
        // The broker may hang up before all of it is written.
        let _ = socket.write_all(request);
        let _ = socket.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let ended = socket.read_to_end(&mut answer);
        assert!(!matches!(&ended, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock), "the broker never hung up");
    }
    let session = stage.connect();
    // Whoever says nothing is sent away.
    for mut socket in silent {
        socket.set_read_timeout(Some(wait::PATIENCE)).expect("a time limit");
        let mut byte = [0; 64];
        let read = wait::until("a silent connection is ended", || match socket.read(&mut byte) {
            Ok(0) => Some(Ok(())),
            Ok(_) => None,
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => Some(Err("still open")),
            Err(_) => Some(Ok(())),
        });
        assert_eq!(read, Ok(()));
    }
    session.end_well();
}
