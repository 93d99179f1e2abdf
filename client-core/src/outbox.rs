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
    queues: [VecDeque<Fragments>; URGENCY.len()],
    /// Streams whose last message gives way to a newer one of its kind.
    gives_way: [bool; URGENCY.len()],
}

impl Outbox {
    /// Puts a message behind the others of its stream.
    pub fn push(&mut self, stream: Stream, message: Vec<u8>) {
        self.put(stream, message, false);
    }

    /// The same for a state of which only the newest counts (where the pointer
    /// is): takes the place of the one before if that still waits and nothing
    /// came in between, so that a slow line never has old ones to send.
    pub fn push_newest(&mut self, stream: Stream, message: Vec<u8>) {
        self.put(stream, message, true);
    }

    fn put(&mut self, stream: Stream, message: Vec<u8>, gives_way: bool) {
        let Some(place) = URGENCY.iter().position(|other| *other == stream) else { return };
        let (Some(queue), Some(last_gives_way)) = (self.queues.get_mut(place), self.gives_way.get_mut(place)) else {
            return;
        };
        if gives_way && *last_gives_way {
            queue.pop_back_if(|last| !last.is_begun());
        }
        *last_gives_way = gives_way;
        queue.push_back(Fragments::new(stream, message));
    }

    /// Takes back all pictures: those not begun vanish, the one that is on its
    /// way is broken off. No pixel leaves after this.
    pub fn cancel_pictures(&mut self) {
        if let Some(queue) = self.queue(Stream::Picture) {
            queue.truncate(1);
            if let Some(mut begun) = queue.pop_front().filter(Fragments::is_begun) {
                begun.cancel();
                queue.push_back(begun);
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
                if let Some(record) = sealer.seal_fragment(first, now)? {
                    if first.is_done() {
                        queue.pop_front();
                    }
                    return Ok(Some(record));
                }
                queue.pop_front();
            }
        }
        Ok(None)
    }

    fn queue(&mut self, stream: Stream) -> Option<&mut VecDeque<Fragments>> {
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
}
