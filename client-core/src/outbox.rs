//! Messages for the other side, waiting to be sealed: the order of urgency is
//! decided here, and nothing is dropped after sealing.

use mitblick_protocol::{
    sealed::{Fragments, SealError, Sealer, Stream},
    time::Moment,
};
use std::collections::VecDeque;

/// Streams from most to least urgent.
const URGENCY: [Stream; 5] = [Stream::Control, Stream::Input, Stream::Chat, Stream::Picture, Stream::File];

/// Queues by stream.
#[derive(Default)]
pub struct Outbox {
    queues: [VecDeque<Waiting>; URGENCY.len()],
    /// Streams whose last message gives way to a newer one of its kind.
    gives_way: [bool; URGENCY.len()],
}

/// A message, or what is left of it.
struct Waiting {
    fragments: Fragments,
    /// Whether it rests on a right that may end before it has left.
    revocable: bool,
}

impl Outbox {
    /// Puts a message behind the others of its stream.
    pub fn push(&mut self, stream: Stream, message: Vec<u8>) {
        self.put(stream, message, false, false);
    }

    /// The same for what may leave only as long as a right lasts: see
    /// [`Self::revoke`].
    pub fn push_revocable(&mut self, stream: Stream, message: Vec<u8>) {
        self.put(stream, message, false, true);
    }

    /// The same for a state of which only the newest counts (where the pointer
    /// is): takes the place of the one before if that still waits and nothing
    /// came in between, so that a slow line never has old ones to send.
    pub fn push_newest(&mut self, stream: Stream, message: Vec<u8>) {
        self.put(stream, message, true, false);
    }

    fn put(&mut self, stream: Stream, message: Vec<u8>, gives_way: bool, revocable: bool) {
        let Some(place) = URGENCY.iter().position(|other| *other == stream) else { return };
        let (Some(queue), Some(last_gives_way)) = (self.queues.get_mut(place), self.gives_way.get_mut(place)) else {
            return;
        };
        if gives_way && *last_gives_way {
            queue.pop_back_if(|last| !last.fragments.is_begun());
        }
        *last_gives_way = gives_way;
        queue.push_back(Waiting { fragments: Fragments::new(stream, message), revocable });
    }

    /// Takes back all pictures: those not begun vanish, the one that is on its
    /// way is broken off. No pixel leaves after this.
    pub fn cancel_pictures(&mut self) {
        if let Some(queue) = self.queue(Stream::Picture) {
            queue.truncate(1);
            if let Some(mut begun) = queue.pop_front().filter(|first| first.fragments.is_begun()) {
                begun.fragments.cancel();
                queue.push_back(begun);
            }
        }
    }

    /// The right that revocable messages rest on has ended: those of this stream
    /// that are not begun vanish, one that is on its way is broken off.
    pub fn revoke(&mut self, stream: Stream) {
        if let Some(queue) = self.queue(stream) {
            queue.retain(|waiting| !waiting.revocable || waiting.fragments.is_begun());
            for begun in queue.iter_mut().filter(|waiting| waiting.revocable) {
                begun.fragments.cancel();
            }
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty)
    }

    /// The next record, of the most urgent message.
    ///
    /// # Errors
    /// The sealer is worn out; the session must end.
    pub fn next_record(&mut self, sealer: &mut Sealer, now: Moment) -> Result<Option<Vec<u8>>, SealError> {
        for queue in &mut self.queues {
            while let Some(first) = queue.front_mut() {
                if let Some(record) = sealer.seal_fragment(&mut first.fragments, now)? {
                    if first.fragments.is_done() {
                        queue.pop_front();
                    }
                    return Ok(Some(record));
                }
                queue.pop_front();
            }
        }
        Ok(None)
    }

    fn queue(&mut self, stream: Stream) -> Option<&mut VecDeque<Waiting>> {
        let place = URGENCY.iter().position(|other| *other == stream)?;
        self.queues.get_mut(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(outbox: &Outbox, stream: Stream) -> usize {
        let place = URGENCY.iter().position(|other| *other == stream).unwrap();
        outbox.queues[place].len()
    }

    #[test]
    fn only_the_newest_pointer_waits_but_clicks_keep_their_place() {
        let mut outbox = Outbox::default();
        for step in 0..50 {
            outbox.push_newest(Stream::Input, vec![step]);
        }
        assert_eq!(waiting(&outbox, Stream::Input), 1);
        outbox.push(Stream::Input, vec![100]);
        outbox.push_newest(Stream::Input, vec![101]);
        outbox.push_newest(Stream::Input, vec![102]);
        assert_eq!(waiting(&outbox, Stream::Input), 3, "the click stays between the two places");
    }

    #[test]
    fn what_rests_on_a_right_does_not_leave_after_it() {
        let mut outbox = Outbox::default();
        outbox.push(Stream::Chat, vec![1]);
        outbox.push_revocable(Stream::Chat, vec![2]);
        outbox.push(Stream::Chat, vec![3]);
        outbox.push_revocable(Stream::Input, vec![4]);
        outbox.revoke(Stream::Chat);
        assert_eq!((waiting(&outbox, Stream::Chat), waiting(&outbox, Stream::Input)), (2, 1));
    }
}
