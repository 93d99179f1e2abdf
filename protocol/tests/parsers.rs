//! Replays the fuzzer's committed corpus at every parser, with a bounded number
//! of changes to each input that are the same in every run.

#[path = "shared/parsers.rs"]
mod parsers;

use std::{fs, path::PathBuf};

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap_or_else(|e| panic!("{folder:?}: {e}")).map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has no corpus");
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Small and the same everywhere (xorshift64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }

    /// One to four small changes, of the kinds that parsers stumble over.
    fn change(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        const TELLING: [u8; 8] = [0, 1, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xff];
        let mut bytes = input.to_vec();
        for _ in 0..=self.roll(4) {
            let place = self.roll(bytes.len());
            match self.roll(6) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place.min(bytes.len()), self.roll(256) as u8),
                2 => bytes.extend_from_slice(&other[..self.roll(other.len() + 1)]),
                kind => {
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = match kind {
                            3 => *byte ^ 1 << self.roll(8),
                            4 => TELLING[self.roll(TELLING.len())],
                            _ => self.roll(256) as u8,
                        };
                    }
                }
            }
        }
        bytes
    }
}

fn replay(name: &str, changes: usize) {
    let (_, body) = parsers::ALL.into_iter().find(|(target, _)| *target == name).unwrap();
    let inputs = corpus(name);
    let mut dice = Dice(0x6d69_7462_6c69_636b);
    for input in &inputs {
        body(input);
    }
    for _ in 0..changes {
        let (input, other) = (dice.roll(inputs.len()), dice.roll(inputs.len()));
        body(&dice.change(&inputs[input], &inputs[other]));
    }
}

#[test]
fn session_numbers() {
    replay("number", 20_000);
}

#[test]
fn frames() {
    replay("frame_reader", 20_000);
}

#[test]
fn broker_messages() {
    replay("broker_messages", 20_000);
}

#[test]
fn peer_messages() {
    replay("peer_messages", 20_000);
}

#[test]
fn handshake_messages() {
    replay("handshake", 500);
}

#[test]
fn records() {
    replay("record", 5_000);
}

#[test]
fn cards() {
    replay("card", 5_000);
}

#[test]
fn images() {
    replay("image", 2_000);
}

#[test]
fn messages_to_the_session_machines() {
    replay("session", 20_000);
}

#[test]
fn files_of_recordings() {
    replay("recording", 20_000);
}

#[test]
fn messages_of_a_chat() {
    replay("chat", 20_000);
}

#[test]
fn messages_of_a_receipt() {
    replay("receipt", 2_000);
}

#[test]
fn messages_about_files() {
    replay("transfer", 20_000);
}

#[test]
fn messages_that_point() {
    replay("pointing", 20_000);
}

#[test]
fn every_parser_has_a_fuzz_target() {
    let targets = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    for (name, _) in parsers::ALL {
        assert!(targets.join(name).with_extension("rs").is_file(), "{name}");
    }
}
