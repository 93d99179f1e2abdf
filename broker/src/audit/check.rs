//! Checks a trail entry by entry and names the first bad one.

use super::{BEGINNING, Cut, Entry, Hash, Head};
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
    /// The cut at which the trail begins was not signed with the broker's key.
    #[error("the cut is not signed by this broker")]
    ForgedCut,
    /// The cut behind the entry of this number is not the one that the first
    /// entry follows, or that entry was changed.
    #[error("the cut behind entry {0} does not fit the trail")]
    OtherCut(u64),
    /// The trail is whole, but the head kept elsewhere is from before its cut
    /// and says nothing of what is left.
    #[error("the head kept elsewhere is of entry {head}, and the trail begins behind entry {cut}")]
    OlderThanCut {
        /// The head's entry.
        head: u64,
        /// The last entry that was removed.
        cut: u64,
    },
}

/// A check that is under way.
#[derive(Clone, Debug)]
pub struct Check {
    key: VerifyingKey,
    elsewhere: Option<Head>,
    cut: Option<Cut>,
    seq: u64,
    hash: Hash,
}

impl Check {
    /// Begins, behind the cut if there is one; `elsewhere` is a head that was
    /// kept on another machine.
    ///
    /// # Errors
    /// Head or cut are not signed with the key, or the cut is not of the trail
    /// that the head was made of.
    pub fn new(key: VerifyingKey, elsewhere: Option<Head>, cut: Option<Cut>) -> Result<Self, Fault> {
        if elsewhere.is_some_and(|head| !head.is_signed_by(&key)) {
            return Err(Fault::BadSignature);
        }
        if cut.is_some_and(|cut| !cut.is_signed_by(&key)) {
            return Err(Fault::ForgedCut);
        }
        let (seq, hash) = cut.map_or((0, BEGINNING), |cut| (cut.last.seq, cut.last.hash));
        match elsewhere {
            Some(head) if cut.is_some() && head.seq == seq && head.hash != hash => Err(Fault::Rewritten(seq)),
            _ => Ok(Self { key, elsewhere, cut, seq, hash }),
        }
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
            return Err(match self.cut {
                Some(cut) if cut.last.seq == self.seq => Fault::OtherCut(self.seq),
                _ => Fault::Changed(entry.seq),
            });
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
        // Behind a cut there is at least its own entry.
        if self.cut.is_some_and(|cut| cut.last.seq == self.seq) {
            return Err(missing(self.seq));
        }
        let Some(head) = head else {
            let first = self.cut.map_or(1, |cut| cut.last.seq.saturating_add(1));
            return if self.seq == 0 { Ok(0) } else { Err(Fault::NotCovered(first)) };
        };
        if !head.is_signed_by(&self.key) {
            return Err(Fault::BadSignature);
        }
        match head.seq.cmp(&self.seq) {
            std::cmp::Ordering::Greater => Err(missing(self.seq)),
            std::cmp::Ordering::Less => Err(Fault::NotCovered(head.seq.saturating_add(1))),
            std::cmp::Ordering::Equal if head.hash != self.hash => Err(Fault::Changed(self.seq)),
            std::cmp::Ordering::Equal => match (self.elsewhere, self.cut) {
                (Some(head), Some(cut)) if head.seq < cut.last.seq => {
                    Err(Fault::OlderThanCut { head: head.seq, cut: cut.last.seq })
                }
                _ => Ok(self.seq),
            },
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
        check_behind(None, entries, head, elsewhere)
    }

    fn check_behind(
        cut: Option<Cut>,
        entries: &[Entry],
        head: Option<Head>,
        elsewhere: Option<Head>,
    ) -> Result<u64, Fault> {
        let mut check = Check::new(signer().verifying_key(), elsewhere, cut)?;
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
    fn a_trail_is_whole_behind_its_cut_and_what_a_cut_does_not_cover_is_missed() {
        let (entries, head) = trail(8);
        let behind = |seq: usize| {
            let hash = entries[seq - 1].hash;
            Some(signer().cut(crate::audit::Point { seq: seq as u64, hash }, seq as u64).1)
        };
        assert_eq!(check_behind(behind(3), &entries[3..], head, None), Ok(8));
        assert_eq!(check(&entries[3..], head, None), Err(Fault::Missing(1)), "a cut that nobody signed");
        assert_eq!(check_behind(behind(3), &entries[4..], head, None), Err(Fault::Missing(4)), "more than was cut");
        assert_eq!(check_behind(behind(3), &entries[2..], head, None), Err(Fault::OtherCut(3)), "less than was cut");
        assert_eq!(check_behind(behind(3), &[], None, None), Err(Fault::Missing(4)));
        let (_, at_the_cut) = trail(3);
        assert_eq!(check_behind(behind(3), &[], at_the_cut, None), Err(Fault::Missing(4)));
        assert_eq!(check_behind(behind(3), &entries[3..], None, None), Err(Fault::NotCovered(4)));
        let mut other = behind(3);
        other.as_mut().unwrap().last.hash = entries[3].hash;
        assert_eq!(check_behind(other, &entries[3..], head, None), Err(Fault::ForgedCut));
        let other = Some(signer().cut(crate::audit::Point { seq: 3, hash: [9; 32] }, 3).1);
        assert_eq!(check_behind(other, &entries[3..], head, None), Err(Fault::OtherCut(3)));
    }

    #[test]
    fn a_head_kept_elsewhere_fits_a_cut_trail_or_is_older_than_the_cut() {
        let (entries, head) = trail(8);
        let cut = Some(signer().cut(crate::audit::Point { seq: 4, hash: entries[3].hash }, 4).1);
        for (kept, verdict) in [
            (8, Ok(8)),
            (5, Ok(8)),
            (4, Ok(8)),
            (3, Err(Fault::OlderThanCut { head: 3, cut: 4 })),
            (9, Err(Fault::Missing(9))),
        ] {
            assert_eq!(check_behind(cut, &entries[4..], head, trail(kept).1), verdict, "{kept}");
        }
        // What is wrong with the trail comes first.
        assert_eq!(check_behind(cut, &entries[5..], head, trail(3).1), Err(Fault::Missing(5)));
        for kept in [4, 6] {
            let records = vec![Record::new(&Actor::Broker, Action::BrokerStarted); kept];
            let (_, other) = signer().append(None, &records);
            assert_eq!(check_behind(cut, &entries[4..], head, other), Err(Fault::Rewritten(kept as u64)));
        }
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
