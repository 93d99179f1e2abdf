//! What waits to be written to one connection, and the task that writes it.
//!
//! Relayed bytes are bounded by [`RELAY_BUDGET_BYTES`]: when they don't fit,
//! the other side's reader waits, so its socket fills and its program slows
//! down. Nothing is ever dropped. The broker's own messages always fit, they
//! are small and answer something; a connection that lets them pile up is
//! closed.
//!
//! Producers append to one buffer while the writer sends another; the two
//! swap. So many small frames leave in one write, a single one leaves at once,
//! and bytes are copied once on their way through.

use crate::desk::PairId;
use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::Notify,
    time::timeout,
};

/// Relayed bytes that may wait for one connection, those in the writer's
/// hands included.
pub const RELAY_BUDGET_BYTES: usize = 128 * 1024;
/// Bytes of the broker's own messages beyond which a connection is closed.
const CONTROL_BUDGET_BYTES: usize = 64 * 1024;
/// Buffers that grew beyond this are given back when there is nothing to do.
const KEPT_BUFFER_BYTES: usize = 8 * 1024;

/// What became of bytes that were to be relayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relayed {
    /// They are on their way.
    Sent,
    /// They don't fit yet: await [`Outbox::space`] and try again.
    Full,
    /// The pair is no more, the bytes are void.
    Ended,
}

/// Why a writer stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteEnd {
    /// All is written and TLS is closed.
    Finished,
    /// The connection broke, or was cut.
    Broken,
    /// The other side took nothing for too long.
    Stalled,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// Bytes in the writer's hands.
    writing: usize,
    /// Bytes of the broker's own messages in `bytes`.
    control: usize,
    /// The pair whose relayed bytes are let in.
    pair: Option<PairId>,
    finishing: bool,
    cut: bool,
    /// A write is under way that the socket has not taken at once.
    blocked: bool,
}

/// The queue of one connection.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    work: Notify,
    space: Notify,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a whole control frame; it waits for [`Outbox::send`].
    pub(crate) fn control(&self, frame: &[u8]) {
        let mut state = self.lock();
        if state.finishing || state.cut {
            return;
        }
        state.control += frame.len();
        state.bytes.extend_from_slice(frame);
        if state.control > CONTROL_BUDGET_BYTES {
            state.cut = true;
        }
    }

    /// Has the writer send what is there.
    pub(crate) fn send(&self) {
        self.work.notify_one();
    }

    /// Lets relayed bytes of this pair in, or none.
    pub(crate) fn admit(&self, pair: Option<PairId>) {
        self.lock().pair = pair;
        self.space.notify_one();
    }

    /// Appends whole relay frames of a pair.
    pub(crate) fn relay(&self, pair: PairId, frames: &[u8]) -> Relayed {
        let mut state = self.lock();
        if state.pair != Some(pair) || state.finishing || state.cut {
            return Relayed::Ended;
        }
        let waiting = state.bytes.len() + state.writing;
        if waiting > 0 && waiting + frames.len() > RELAY_BUDGET_BYTES {
            return Relayed::Full;
        }
        let idle = state.bytes.is_empty() && state.writing == 0;
        state.bytes.extend_from_slice(frames);
        drop(state);
        if idle {
            self.work.notify_one();
        }
        Relayed::Sent
    }

    /// Resolves when there may be space, or nothing to wait for any longer.
    /// For one waiter: the reader of the paired side.
    pub(crate) async fn space(&self) {
        self.space.notified().await;
    }

    /// No more is taken; what is there is still written.
    pub(crate) fn finish(&self) {
        self.lock().finishing = true;
        self.work.notify_one();
        self.space.notify_one();
    }

    /// Ends the writer, whatever is left.
    pub(crate) fn cut(&self) {
        self.lock().cut = true;
        self.work.notify_one();
        self.space.notify_one();
    }

    /// Whether the socket holds a write back at this moment.
    pub(crate) fn is_blocked(&self) -> bool {
        self.lock().blocked
    }

    /// Swaps the next bytes into `spare`. `None`: all is written and no more
    /// comes; `Err`: cut.
    async fn next(&self, spare: &mut Vec<u8>) -> Result<Option<()>, ()> {
        spare.clear();
        loop {
            {
                let mut state = self.lock();
                if state.cut {
                    return Err(());
                }
                if !state.bytes.is_empty() {
                    mem::swap(&mut state.bytes, spare);
                    state.writing = spare.len();
                    state.control = 0;
                    return Ok(Some(()));
                }
                if state.finishing {
                    return Ok(None);
                }
                if state.bytes.capacity() > KEPT_BUFFER_BYTES {
                    state.bytes = Vec::new();
                }
            }
            if spare.capacity() > KEPT_BUFFER_BYTES {
                *spare = Vec::new();
            }
            self.work.notified().await;
        }
    }

    /// Tells the producer that the writer got rid of `bytes`.
    fn written(&self, bytes: usize) -> bool {
        let mut state = self.lock();
        state.writing = state.writing.saturating_sub(bytes);
        state.blocked = false;
        let idle = state.bytes.is_empty() && state.writing == 0;
        drop(state);
        self.space.notify_one();
        idle
    }

    /// Writes what comes until it is finished, cut, broken, or the other side
    /// takes nothing for `stall`.
    pub(crate) async fn write_to<W: AsyncWrite + Unpin>(&self, mut socket: W, stall: Duration) -> WriteEnd {
        let mut batch = Vec::new();
        loop {
            match self.next(&mut batch).await {
                Err(()) => return WriteEnd::Broken,
                Ok(None) => break,
                Ok(Some(())) => {}
            }
            let mut rest = batch.as_slice();
            while !rest.is_empty() {
                self.lock().blocked = true;
                let count = match self.uncut(timeout(stall, socket.write(rest))).await {
                    Some(Ok(Ok(count))) if count > 0 => count,
                    Some(Err(_)) => return WriteEnd::Stalled,
                    Some(Ok(_)) | None => return WriteEnd::Broken,
                };
                rest = rest.get(count..).unwrap_or_default();
                let idle = self.written(count);
                if idle {
                    match self.uncut(timeout(stall, socket.flush())).await {
                        Some(Ok(Ok(()))) => {}
                        Some(Err(_)) => return WriteEnd::Stalled,
                        Some(Ok(Err(_))) | None => return WriteEnd::Broken,
                    }
                }
            }
        }
        match self.uncut(timeout(stall, socket.shutdown())).await {
            Some(Ok(Ok(()))) => WriteEnd::Finished,
            Some(Err(_)) => WriteEnd::Stalled,
            Some(Ok(Err(_))) | None => WriteEnd::Broken,
        }
    }

    /// The future's result, or `None` if the outbox is cut before it is there.
    async fn uncut<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                biased;
                result = &mut future => return Some(result),
                () = self.work.notified() => {
                    // The wake may be for new bytes, which `next` finds by itself.
                    if self.lock().cut {
                        return None;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::io::AsyncReadExt;

    const PAIR: PairId = PairId(1);
    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn relayed_bytes_are_bounded_and_own_messages_still_fit() {
        let outbox = Outbox::default();
        outbox.admit(Some(PAIR));
        let frames = vec![0; RELAY_BUDGET_BYTES / 4];
        let sent = (0..100).take_while(|_| outbox.relay(PAIR, &frames) == Relayed::Sent).count();
        assert_eq!(sent, 4);
        assert_eq!(outbox.relay(PAIR, &[1]), Relayed::Full);
        outbox.control(&[0; 100]);
        outbox.send();
        assert_eq!(outbox.lock().bytes.len(), RELAY_BUDGET_BYTES + 100);
    }

    #[test]
    fn bytes_of_a_pair_that_has_ended_are_void() {
        let outbox = Outbox::default();
        assert_eq!(outbox.relay(PAIR, &[1]), Relayed::Ended);
        outbox.admit(Some(PAIR));
        assert_eq!(outbox.relay(PAIR, &[1]), Relayed::Sent);
        outbox.admit(None);
        assert_eq!(outbox.relay(PAIR, &[1]), Relayed::Ended);
    }

    #[test]
    fn one_who_lets_answers_pile_up_is_cut() {
        let outbox = Outbox::default();
        for _ in 0..1_000 {
            outbox.control(&[0; 100]);
            outbox.send();
        }
        assert!(outbox.lock().cut);
        assert!(outbox.lock().bytes.len() <= CONTROL_BUDGET_BYTES + 100);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_taken_is_written_before_the_end_and_a_standstill_is_noticed() {
        let (socket, mut other) = tokio::io::duplex(10);
        let outbox = Arc::new(Outbox::default());
        outbox.control(&[7; 1_000]);
        outbox.send();
        outbox.finish();
        outbox.control(&[8; 10]);
        outbox.send();
        let mut got = Vec::new();
        let (end, _) = tokio::join!(outbox.write_to(socket, PATIENCE), other.read_to_end(&mut got));
        assert_eq!((end, got), (WriteEnd::Finished, vec![7; 1_000]));

        let (socket, _other) = tokio::io::duplex(10);
        let outbox = Outbox::default();
        outbox.control(&[7; 1_000]);
        outbox.send();
        assert_eq!(outbox.write_to(socket, PATIENCE).await, WriteEnd::Stalled);
    }
}
