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
}

impl Outbox {
    /// Puts a message behind the others of its stream.
    pub fn push(&mut self, stream: Stream, message: Vec<u8>) {
        if let Some(queue) = self.queue(stream) {
            queue.push_back(Fragments::new(stream, message));
        }
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
