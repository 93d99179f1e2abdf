//! Checks a trail entry by entry and names the first bad one.

use super::{BEGINNING, Entry, Hash, Head};
use ed25519_dalek::VerifyingKey;

/// What is wrong with a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The entry of this number is not there, though there are later ones or a
    /// head says so.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// The entry of this number, or its place, was changed.
    #[error("entry {0} was changed")]
    Changed(u64),
    /// There are entries from this number on that the head does not cover.
    #[error("entry {0} is not covered by the signed head")]
    NotCovered(u64),
    /// The head was not signed with the broker's key.
    #[error("the head is not signed by this broker")]
    BadSignature,
    /// From this entry on, or earlier, the trail is not the one that the head
    /// kept elsewhere was made of.
    #[error("up to entry {0} the trail is not the one of the head kept elsewhere")]
    Rewritten(u64),
}

/// A check that is under way.
#[derive(Clone, Debug)]
pub struct Check {
    key: VerifyingKey,
    elsewhere: Option<Head>,
    seq: u64,
    hash: Hash,
}

impl Check {
    /// Begins; `elsewhere` is a head that was kept on another machine.
    ///
    /// # Errors
    /// That head is not signed with the key.
    pub fn new(key: VerifyingKey, elsewhere: Option<Head>) -> Result<Self, Fault> {
        if elsewhere.is_some_and(|head| !head.is_signed_by(&key)) {
            return Err(Fault::BadSignature);
        }
        Ok(Self { key, elsewhere, seq: 0, hash: BEGINNING })
    }

    /// Takes the next entry, in the order of their numbers.
    ///
    /// # Errors
    /// It is the first bad one.
    pub fn next(&mut self, entry: &Entry) -> Result<(), Fault> {
        let expected = self.seq.saturating_add(1);
        if entry.seq > expected {
            return Err(Fault::Missing(expected));
        }
        if entry.seq < expected || entry.hash_after(&self.hash) != entry.hash {
            return Err(Fault::Changed(entry.seq));
        }
        self.seq = entry.seq;
        self.hash = entry.hash;
        match self.elsewhere {
            Some(head) if head.seq == self.seq && head.hash != self.hash => Err(Fault::Rewritten(self.seq)),
            _ => Ok(()),
        }
    }

    /// All entries were taken; `head` is the one beside them. Gives their
    /// number.
    ///
    /// # Errors
    /// The end was cut off, or something was added or signed by another.
    pub fn finish(self, head: Option<Head>) -> Result<u64, Fault> {
        let missing = |there: u64| Fault::Missing(there.saturating_add(1));
        if self.elsewhere.is_some_and(|head| head.seq > self.seq) {
            return Err(missing(self.seq));
        }
        let Some(head) = head else {
            return if self.seq == 0 { Ok(0) } else { Err(Fault::NotCovered(1)) };
        };
        if !head.is_signed_by(&self.key) {
            return Err(Fault::BadSignature);
        }
        match head.seq.cmp(&self.seq) {
            std::cmp::Ordering::Greater => Err(missing(self.seq)),
            std::cmp::Ordering::Less => Err(Fault::NotCovered(head.seq.saturating_add(1))),
            std::cmp::Ordering::Equal if head.hash != self.hash => Err(Fault::Changed(self.seq)),
            std::cmp::Ordering::Equal => Ok(self.seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Action, Actor, Record, Signer};

    fn signer() -> Signer {
        Signer::new(&[7; 32])
    }

    fn trail(count: u64) -> (Vec<Entry>, Option<Head>) {
        let record = |n| Record::new(&Actor::Account("anna".into()), Action::SignIn).count("n", n);
        let records: Vec<Record> = (0..count).map(record).collect();
        signer().append(None, &records)
    }

    fn check(entries: &[Entry], head: Option<Head>, elsewhere: Option<Head>) -> Result<u64, Fault> {
        let mut check = Check::new(signer().verifying_key(), elsewhere)?;
        entries.iter().try_for_each(|entry| check.next(entry))?;
        check.finish(head)
    }

    #[test]
    fn an_untouched_trail_is_whole_however_it_was_appended() {
        assert_eq!(check(&[], None, None), Ok(0));
        let (mut entries, head) = trail(3);
        let (more, later) = signer().append(head, &[Record::new(&Actor::Broker, Action::BrokerStopped)]);
        entries.extend(more);
        assert_eq!(check(&entries, later, head), Ok(4));
    }

    #[test]
    fn a_changed_entry_is_named() {
        let (entries, head) = trail(5);
        let changes: [fn(&mut Entry); 7] = [
            |e| e.at_unix_s += 1,
            |e| e.actor.push('x'),
            |e| e.action.push('x'),
            |e| e.object.push('x'),
            |e| e.outcome.push('x'),
            |e| e.counts.push('x'),
            |e| e.hash[0] ^= 1,
        ];
        for change in changes {
            let mut bad = entries.clone();
            change(&mut bad[2]);
            assert_eq!(check(&bad, head, None), Err(Fault::Changed(3)));
        }
        let mut moved = entries.clone();
        moved[2].actor = "account:ann".to_owned();
        moved[2].action = "asign_in".to_owned();
        assert_eq!(check(&moved, head, None), Err(Fault::Changed(3)), "a letter moved to the next text");
    }

    #[test]
    fn deleted_swapped_and_added_entries_are_named() {
        let (entries, head) = trail(5);
        let mut deleted = entries.clone();
        deleted.remove(2);
        assert_eq!(check(&deleted, head, None), Err(Fault::Missing(3)));
        let mut swapped = entries.clone();
        swapped.swap(2, 3);
        (swapped[2].seq, swapped[3].seq) = (3, 4);
        assert_eq!(check(&swapped, head, None), Err(Fault::Changed(3)));
        assert_eq!(check(&entries[..4], head, None), Err(Fault::Missing(5)));
        let (more, _) = Signer::new(&[8; 32]).append(head, &[Record::new(&Actor::Broker, Action::BrokerStopped)]);
        assert_eq!(check(&[entries, more].concat(), head, None), Err(Fault::NotCovered(6)));
    }

    #[test]
    fn a_trail_written_anew_without_the_key_is_found_by_its_signature() {
        let records = [Record::new(&Actor::Broker, Action::BrokerStarted)];
        let (entries, head) = Signer::new(&[8; 32]).append(None, &records);
        assert_eq!(check(&entries, head, None), Err(Fault::BadSignature));
        assert_eq!(check(&entries, None, None), Err(Fault::NotCovered(1)));
        assert_eq!(check(&[], None, head), Err(Fault::BadSignature));
    }

    #[test]
    fn a_head_kept_elsewhere_finds_what_was_cut_off_or_written_anew_even_with_the_key() {
        let (entries, elsewhere) = trail(5);
        let (_, earlier) = trail(3);
        assert_eq!(check(&entries[..3], earlier, None), Ok(3), "nothing shows it but a head kept elsewhere");
        assert_eq!(check(&entries[..3], earlier, elsewhere), Err(Fault::Missing(4)));
        assert_eq!(check(&[], None, elsewhere), Err(Fault::Missing(1)));
        let records = vec![Record::new(&Actor::Broker, Action::BrokerStarted); 6];
        let (anew, head) = signer().append(None, &records);
        assert_eq!(check(&anew, head, None), Ok(6));
        assert_eq!(check(&anew, head, elsewhere), Err(Fault::Rewritten(5)));
    }

    #[test]
    fn a_head_survives_its_text_and_other_texts_are_refused() {
        let (_, head) = trail(2);
        let head = head.unwrap();
        assert_eq!(Head::from_json(&head.to_json()), Ok(head));
        for text in ["", "{}", "{\"seq\":1,\"hash\":\"AA==\",\"signature\":\"\"}"] {
            assert!(Head::from_json(text).is_err(), "{text}");
        }
    }
}
