//! Files between two sides with real disks, over a line that is cut.

use mitblick_client_core::problem::Problem;
use mitblick_client_core::together::{
    Fact, Together, TogetherEffect, TogetherIntent,
    files::{FileEvent, FileFact, FileIntent, FileWork, FileWorker, OfferView},
};
use mitblick_protocol::{
    clipboard::Role,
    policy::ClipboardRule,
    sealed::Stream,
    time::Moment,
    transfer::{FileEnd, FileKind, FileKinds, FileState, OfferNumber, Way},
};
use std::{
    collections::VecDeque,
    fs,
    path::PathBuf,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long anything may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);

struct Side {
    together: Together,
    worker: FileWorker,
    events: Receiver<FileEvent>,
    facts: Vec<FileFact>,
    problems: Vec<Problem>,
    dir: TempDir,
    /// The session ends while a file waits to get its name.
    ends_before_names: bool,
}

impl Side {
    fn new(may_offer: FileKinds, may_take: FileKinds) -> Self {
        let (sender, events) = channel();
        let worker = FileWorker::start(move |event| drop(sender.send(event))).unwrap();
        let now = Moment::from_ms(5);
        let together =
            Together::new(Role::Shower, ClipboardRule::Allowed, 1_000, now).with_files(may_offer, may_take, now);
        let dir = tempfile::tempdir().unwrap();
        let (facts, problems) = (Vec::new(), Vec::new());
        Self { together, worker, events, facts, problems, dir, ends_before_names: false }
    }

    fn want(&mut self, intent: FileIntent, now: Moment) {
        self.together.handle_intent(TogetherIntent::File(intent), now);
    }

    fn offers(&self) -> Vec<OfferView> {
        self.together.view().files.offers.to_vec()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn file(&self, name: &str, bytes: usize) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, (0..bytes).map(|place| (place * 7 + place / 251) as u8).collect::<Vec<_>>()).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

struct Pair {
    sides: [Side; 2],
    lines: [VecDeque<Vec<u8>>; 2],
    carried: usize,
    begun: Instant,
}

impl Pair {
    fn new() -> Self {
        Self::under(FileKinds::ALL)
    }

    fn under(kinds: FileKinds) -> Self {
        let sides = [Side::new(kinds, kinds), Side::new(kinds, kinds)];
        Self { sides, lines: Default::default(), carried: 0, begun: Instant::now() }
    }

    fn now(&self) -> Moment {
        Moment::from_ms(10 + self.begun.elapsed().as_millis() as u64)
    }

    /// A little of everything.
    fn step(&mut self) {
        let now = self.now();
        let mut busy = false;
        for number in 0..2 {
            let side = &mut self.sides[number];
            while let Ok(event) = side.events.try_recv() {
                busy = true;
                side.together.handle_files(event, now);
            }
            side.together.handle_timeout(now);
            while let Some(effect) = side.together.poll_effect() {
                match effect {
                    TogetherEffect::Files(work) => {
                        if side.ends_before_names && matches!(work, FileWork::Finish { .. }) {
                            side.together.end(now);
                        }
                        side.worker.send(work);
                    }
                    TogetherEffect::Happened(Fact::File(fact)) => side.facts.push(fact),
                    TogetherEffect::Happened(Fact::Clipboard(ways)) => panic!("nobody turned a switch: {ways:?}"),
                    TogetherEffect::Complain(problem) => side.problems.push(problem),
                    TogetherEffect::Send(..)
                    | TogetherEffect::SendCopy(..)
                    | TogetherEffect::Revoke(_)
                    | TogetherEffect::Work(_)
                    | TogetherEffect::Changed => {}
                }
            }
            if side.together.has_message() {
                busy = true;
                let (stream, message) = side.together.next_message(now).expect("it said so");
                assert_eq!(stream, Stream::File);
                self.lines[1 - number].push_back(message);
            }
            if let Some(message) = self.lines[number].pop_front() {
                busy = true;
                self.carried += 1;
                self.sides[number].together.receive(Stream::File, &message, now).expect("honest");
            }
        }
        if !busy {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[track_caller]
    fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            assert!(Instant::now() < end, "{what} never happened");
            self.step();
        }
    }

    #[track_caller]
    fn until_over(&mut self) {
        self.until("everything is over", |pair| {
            pair.sides.iter().all(|side| !side.offers().is_empty() && side.offers().iter().all(|offer| offer.over))
        });
    }

    fn offer(&mut self, side: usize, paths: Vec<PathBuf>) {
        let now = self.now();
        self.sides[side].want(FileIntent::Offer(paths), now);
    }

    /// The other side saves all of what it is asked about.
    fn accept(&mut self, side: usize) {
        self.until("somebody is asked", |pair| pair.sides[side].offers().iter().any(OfferView::asks_me));
        let offer = self.sides[side].offers().iter().find(|offer| offer.asks_me()).unwrap().number;
        let (folder, now) = (self.sides[side].dir.path().to_owned(), self.now());
        self.sides[side].want(FileIntent::Accept { offer, files: None, folder: Some(folder) }, now);
    }

    /// The link breaks, what was on it is lost; then there is another one.
    fn cut(&mut self) {
        self.lines = Default::default();
        let now = self.now();
        for side in &mut self.sides {
            side.together.link_lost(now);
        }
        for side in &mut self.sides {
            side.together.link_restored(now);
        }
    }
}

#[test]
fn files_and_folders_come_whole_in_both_directions_over_a_line_that_is_cut() {
    let mut pair = Pair::new();
    let big = pair.sides[0].file("big.bin", 3_000_000);
    let empty = pair.sides[0].file("empty.txt", 0);
    pair.sides[0].file("letters/2026/one.txt", 1);
    let letters = pair.sides[0].path("letters");
    let back = pair.sides[1].file("back.pdf", 900_000);
    pair.offer(0, vec![big.clone(), empty, letters]);
    pair.accept(1);
    pair.offer(1, vec![back.clone()]);
    pair.accept(0);
    let mut next = 3;
    pair.until("everything is over", |pair| {
        if pair.carried >= next {
            next += 3 + next / 3;
            pair.cut();
        }
        pair.sides.iter().all(|side| side.offers().len() == 2 && side.offers().iter().all(|offer| offer.over))
    });
    let here = &pair.sides[1];
    assert_eq!(fs::read(here.path("big.bin")).unwrap(), fs::read(big).unwrap());
    assert_eq!(fs::read(here.path("empty.txt")).unwrap(), b"");
    assert_eq!(fs::read(here.path("letters/2026/one.txt")).unwrap().len(), 1);
    assert_eq!(fs::read(pair.sides[0].path("back.pdf")).unwrap(), fs::read(back).unwrap());
    assert_eq!(here.names(), ["back.pdf", "big.bin", "empty.txt", "letters"], "nothing else is left behind");
    // Both receipts say the same.
    let facts = |side: usize, way: Way| {
        let facts = pair.sides[side].facts.iter().filter(|fact| fact.way == way);
        let whole = |fact: &FileFact| match fact.state {
            FileState::Done(sha256) => (fact.name.clone(), fact.bytes, sha256),
            other => panic!("{} is {other:?}", fact.name),
        };
        let mut facts: Vec<_> = facts.map(whole).collect();
        facts.sort_by(|one, other| one.0.cmp(&other.0));
        facts
    };
    assert_eq!(facts(0, Way::Out), facts(1, Way::In));
    assert_eq!(facts(1, Way::Out), facts(0, Way::In));
    assert_eq!(facts(0, Way::Out).len(), 3);
    let left = |side: usize| pair.sides[side].together.left().files;
    assert_eq!((left(0), left(1)), (1, 3), "what came stays");
}

#[test]
fn what_is_refused_or_cancelled_leaves_nothing_behind() {
    let mut pair = Pair::new();
    let file = pair.sides[0].file("a.bin", 8_000_000);
    pair.offer(0, vec![file.clone()]);
    pair.until("somebody is asked", |pair| pair.sides[1].offers().iter().any(OfferView::asks_me));
    let now = pair.now();
    pair.sides[1].want(FileIntent::Refuse(OfferNumber(1)), now);
    pair.until_over();
    assert_eq!(pair.sides[0].offers()[0].files[0].state, FileState::Refused);
    for (side, way) in [(0, Way::Out), (1, Way::In)] {
        pair.offer(0, vec![file.clone()]);
        pair.accept(1);
        pair.until("some of it is there", |pair| !pair.sides[1].names().is_empty());
        let offer = pair.sides[side].offers().iter().find(|offer| !offer.over).unwrap().number;
        let now = pair.now();
        pair.sides[side].want(FileIntent::Cancel { way, offer, file: None }, now);
        pair.until_over();
        let state =
            |side: usize| pair.sides[side].offers().iter().find(|other| other.number == offer).unwrap().files[0].state;
        assert_eq!(state(side), FileState::Ended(FileEnd::ByMe));
        assert_eq!(state(1 - side), FileState::Ended(FileEnd::ByOther));
        pair.until("what was written is removed", |pair| pair.sides[1].names().is_empty());
    }
}

#[test]
fn what_can_not_be_offered_is_said_and_nothing_is_asked() {
    let mut pair = Pair::under(FileKinds::ALL.without(FileKind::Program));
    let program = pair.sides[0].file("setup.exe", 10);
    let missing = pair.sides[0].path("missing.txt");
    for (path, code) in [(program, "file_forbidden"), (missing, "file_unreadable"), ("/dev/null".into(), "not_a_file")]
    {
        pair.offer(0, vec![path]);
        pair.until("a word", |pair| pair.sides[0].problems.iter().any(|problem| problem.code() == code));
    }
    assert!(pair.sides[1].offers().is_empty());
}

#[test]
fn the_end_of_a_session_removes_what_is_not_whole() {
    let mut pair = Pair::new();
    let file = pair.sides[0].file("a.bin", 8_000_000);
    pair.offer(0, vec![file]);
    pair.accept(1);
    pair.until("some of it is there", |pair| !pair.sides[1].names().is_empty());
    let now = pair.now();
    pair.sides[1].together.end(now);
    assert!(!pair.sides[1].together.has_message());
    pair.until("it is removed", |pair| pair.sides[1].names().is_empty());
}

#[test]
fn a_file_that_waits_for_its_name_when_the_session_ends_gets_none() {
    let mut pair = Pair::new();
    pair.sides[1].ends_before_names = true;
    let file = pair.sides[0].file("a.bin", 100_000);
    pair.offer(0, vec![file]);
    pair.accept(1);
    pair.until("it is over", |pair| pair.sides[1].offers().iter().any(|offer| offer.over));
    assert_eq!(pair.sides[1].offers()[0].files[0].state, FileState::Ended(FileEnd::CantWrite));
    assert_eq!(pair.sides[1].names(), Vec::<String>::new());
    assert_eq!(pair.sides[1].together.left().files, 0);
}

#[test]
fn ten_thousand_small_files_come_as_one_offer() {
    let mut pair = Pair::new();
    for number in 0..10_000 {
        pair.sides[0].file(&format!("many/{}/{number}.txt", number % 40), number % 300);
    }
    let many = pair.sides[0].path("many");
    pair.offer(0, vec![many.clone()]);
    pair.accept(1);
    pair.until_over();
    assert_eq!(pair.sides[0].offers()[0].done, 10_000);
    let saved = pair.sides[1].path("many");
    for number in (0..10_000).step_by(97) {
        let name = format!("{}/{number}.txt", number % 40);
        assert_eq!(fs::read(saved.join(&name)).unwrap(), fs::read(many.join(&name)).unwrap());
    }
}

#[test]
fn a_locked_side_lets_files_wait_until_it_is_unlocked() {
    for locked in [0, 1] {
        let mut pair = Pair::new();
        let file = pair.sides[0].file("a.bin", 8_000_000);
        pair.offer(0, vec![file.clone()]);
        pair.accept(1);
        pair.until("some of it is there", |pair| !pair.sides[1].names().is_empty());
        pair.sides[locked].together.set_locked(true);
        let now = pair.now();
        let together = &mut pair.sides[locked].together;
        assert!(!together.has_message() && together.next_message(now).is_none());
        let (mut before, mut quiet) = (pair.carried, 0);
        pair.until("what was on its way has come", |pair| {
            quiet = if pair.carried == before { quiet + 1 } else { 0 };
            before = pair.carried;
            quiet > 100
        });
        assert!(!pair.sides[1].path("a.bin").exists(), "it is not whole");
        pair.sides[locked].together.set_locked(false);
        pair.until_over();
        assert_eq!(fs::read(pair.sides[1].path("a.bin")).unwrap(), fs::read(file).unwrap());
    }
}
