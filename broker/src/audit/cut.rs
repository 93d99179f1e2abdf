//! Where a trail begins whose oldest entries were removed as planned, and up
//! to where the next ones may go.

use super::{Action, Actor, Entry, Hash, Head, Outcome, Record, Signer};
use ed25519_dalek::{Signature, VerifyingKey};

/// Domain of a cut's signature: no head passes for a cut.
const LABEL: &[u8] = b"mitblick audit cut 1";

/// Entries that go in one step: others must not wait for long.
const AT_ONCE: u64 = 20_000;

/// An entry's place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// The last entry that was removed, signed: the first one that is there must
/// follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The last entry that was removed.
    pub last: Point,
    /// When it was removed, in seconds since 1970.
    pub at_unix_s: i64,
    /// Ed25519 signature over all of it.
    pub signature: [u8; 64],
}

impl Cut {
    /// Whether the key has signed it.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let message = message(self.last, self.at_unix_s);
        key.verify_strict(&message, &Signature::from_bytes(&self.signature)).is_ok()
    }

    /// What an export begins with: the number and the hash that the first
    /// entry follows. It is no entry, and its action is no entry's.
    pub fn line(&self) -> Entry {
        Entry {
            seq: self.last.seq,
            at_unix_s: self.at_unix_s,
            actor: Actor::Broker.to_string(),
            action: "removed_up_to_here".to_owned(),
            object: String::new(),
            outcome: Outcome::Done.text().to_owned(),
            counts: String::new(),
            hash: self.last.hash,
        }
    }
}

fn message(last: Point, at_unix_s: i64) -> Vec<u8> {
    [LABEL, &last.seq.to_be_bytes(), &last.hash, &at_unix_s.to_be_bytes()].concat()
}

impl Signer {
    /// The record of a cut behind `last` by which so many entries went, and
    /// the cut. A store writes both, and removes the entries, in one
    /// transaction.
    pub fn cut(&self, last: Point, entries: u64) -> (Record, Cut) {
        let record =
            Record::new(&Actor::Broker, Action::AuditCut).count("entries", entries).count("up_to_entry", last.seq);
        let at_unix_s = record.at_unix_s;
        (record, Cut { last, at_unix_s, signature: self.sign(&message(last, at_unix_s)) })
    }
}

impl From<Head> for Point {
    fn from(head: Head) -> Self {
        Self { seq: head.seq, hash: head.hash }
    }
}

/// Finds what may go: the entries at the trail's beginning that are all older
/// than a limit, and stand before the broker's last start, which needs those
/// after it to find sessions without an end. Where an entry from before the
/// limit stands behind a younger one, by a clock that was wrong, it stays.
#[derive(Clone, Debug)]
pub struct Plan {
    before_unix_s: i64,
    /// Last one of the old ones, and whether there can be more of them.
    old: Option<Point>,
    ended: bool,
    /// Of them the last one before a start of the broker.
    allowed: Option<Point>,
    /// Ends of steps.
    steps: Vec<Point>,
    in_step: u64,
}

impl Plan {
    /// Entries from before this time are to go.
    pub fn new(before_unix_s: i64) -> Self {
        Self { before_unix_s, old: None, ended: false, allowed: None, steps: Vec::new(), in_step: 0 }
    }

    /// Takes the next entry, which was checked.
    pub fn next(&mut self, entry: &Entry) {
        if entry.action == Action::BrokerStarted.text() {
            self.allowed = self.old;
        }
        self.ended |= entry.at_unix_s >= self.before_unix_s;
        if self.ended {
            return;
        }
        let point = Point { seq: entry.seq, hash: entry.hash };
        self.old = Some(point);
        self.in_step += 1;
        if self.in_step == AT_ONCE {
            self.steps.push(point);
            self.in_step = 0;
        }
    }

    /// All entries were taken. Gives the last entries of the steps in which
    /// the old ones go.
    pub fn steps(self) -> Vec<Point> {
        let Some(last) = self.allowed else { return Vec::new() };
        let mut steps = self.steps;
        steps.retain(|step| step.seq < last.seq);
        steps.push(last);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(entries: impl IntoIterator<Item = (i64, Action)>) -> Vec<u64> {
        let mut plan = Plan::new(100);
        for (seq, (at_unix_s, action)) in (1..).zip(entries) {
            let record = Record { at_unix_s, ..Record::new(&Actor::Broker, action) };
            plan.next(&Entry { seq, ..Entry::after(None, &record) });
        }
        plan.steps().into_iter().map(|point| point.seq).collect()
    }

    #[test]
    fn only_old_entries_before_the_last_start_go() {
        use Action::{BrokerStarted, SignIn};
        assert!(steps([]).is_empty());
        assert!(steps([(1, SignIn), (2, SignIn)]).is_empty(), "no start is there");
        assert_eq!(steps([(1, SignIn), (2, SignIn), (3, BrokerStarted), (4, SignIn)]), [2]);
        assert!(steps([(1, BrokerStarted), (2, SignIn)]).is_empty(), "the run may still be alive");
        assert_eq!(steps([(1, BrokerStarted), (2, SignIn), (99, BrokerStarted), (100, BrokerStarted)]), [3]);
        assert_eq!(steps([(1, SignIn), (100, SignIn), (200, BrokerStarted)]), [1]);
        assert!(steps([(100, SignIn), (1, SignIn), (200, BrokerStarted)]).is_empty(), "nothing from the middle");
    }

    #[test]
    fn many_go_in_steps() {
        let count = usize::try_from(AT_ONCE).unwrap();
        let many = std::iter::repeat_n((1, Action::SignIn), count * 2);
        assert_eq!(steps(many.clone().chain([(1, Action::BrokerStarted)])), [AT_ONCE, AT_ONCE * 2]);
        let more = many.chain([(1, Action::SignIn), (1, Action::BrokerStarted)]);
        assert_eq!(steps(more), [AT_ONCE, AT_ONCE * 2, AT_ONCE * 2 + 1]);
    }

    #[test]
    fn a_cut_is_its_signers_and_nothing_of_it_can_be_changed() {
        let signer = Signer::new(&[7; 32]);
        let key = signer.verifying_key();
        let (_, cut) = signer.cut(Point { seq: 5, hash: [1; 32] }, 5);
        assert!(cut.is_signed_by(&key));
        assert!(!cut.is_signed_by(&Signer::new(&[8; 32]).verifying_key()));
        for forged in [
            Cut { last: Point { seq: 6, ..cut.last }, ..cut },
            Cut { last: Point { hash: [2; 32], ..cut.last }, ..cut },
            Cut { at_unix_s: cut.at_unix_s + 1, ..cut },
        ] {
            assert!(!forged.is_signed_by(&key));
        }
    }
}
