//! Bytes from a connection, cut into control messages and runs of relay
//! frames.
//!
//! The buffer starts small, so that ten thousand waiting connections cost
//! little, and grows when the other side sends much. Relay frames that arrived
//! together are given out together, in place, as one slice.

use mitblick_protocol::{
    broker_msg::ToBroker,
    framing::{FRAME_HEADER_BYTES, FrameError, FrameHeader, FrameKind},
    wire::{self, MAX_BROKER_MESSAGE_BYTES, MAX_FRAME_BODY_BYTES, WireError},
};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroize;

/// Size of the buffer at first and in quiet times.
const SMALL_BYTES: usize = 4 * 1024;
/// Size of the buffer when much comes; several of the largest frames fit.
const LARGE_BYTES: usize = 64 * 1024;

const _: () = assert!(LARGE_BYTES >= FRAME_HEADER_BYTES + MAX_FRAME_BODY_BYTES);

/// What comes next.
pub(super) enum Item<'a> {
    /// A message to the broker.
    Control(Result<ToBroker, WireError>),
    /// Whole relay frames, headers included.
    Relay(&'a [u8]),
}

/// The reading half of a connection.
pub(super) struct Intake<R> {
    socket: R,
    buffer: Vec<u8>,
    /// What is in the buffer and not given out yet.
    start: usize,
    end: usize,
}

impl<R: AsyncRead + Unpin> Intake<R> {
    pub(super) fn new(socket: R) -> Self {
        Self { socket, buffer: vec![0; SMALL_BYTES], start: 0, end: 0 }
    }

    /// Reads once; 0 at the end of the stream. Nothing is lost if the future
    /// is dropped.
    pub(super) async fn fill(&mut self) -> io::Result<usize> {
        self.make_room();
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        let count = self.socket.read(free).await?;
        self.end += count;
        Ok(count)
    }

    /// Reads to the end of the stream and forgets it.
    pub(super) async fn discard(&mut self) -> io::Result<()> {
        while self.socket.read(&mut self.buffer).await? > 0 {}
        Ok(())
    }

    /// Moves the incomplete frame to the front; grows the buffer if the last
    /// read filled it, shrinks it when it is empty and the last read did not
    /// need it.
    fn make_room(&mut self) {
        let full = self.end == self.buffer.len();
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if !full && self.end == 0 && self.buffer.len() > SMALL_BYTES {
                self.buffer = vec![0; SMALL_BYTES];
            }
        }
        if full && self.buffer.len() < LARGE_BYTES {
            self.buffer.resize(LARGE_BYTES, 0);
        }
    }

    /// The next item of what was read, if it is complete.
    pub(super) fn next(&mut self) -> Result<Option<Item<'_>>, FrameError> {
        let begin = self.start;
        let mut run = begin;
        let mut kind = None;
        while let Some((header, length)) = self.whole_frame(run)? {
            if *kind.get_or_insert(header.kind) != header.kind {
                break;
            }
            run += length;
            if header.kind == FrameKind::Control {
                break;
            }
        }
        self.start = run;
        match kind {
            None => Ok(None),
            Some(FrameKind::Relay) => Ok(Some(Item::Relay(self.buffer.get(begin..run).unwrap_or_default()))),
            Some(FrameKind::Control) => {
                let body = self.buffer.get_mut(begin + FRAME_HEADER_BYTES..run).unwrap_or_default();
                let message = wire::decode::<ToBroker, MAX_BROKER_MESSAGE_BYTES>(body);
                // It may have been a password.
                body.zeroize();
                Ok(Some(Item::Control(message)))
            }
        }
    }

    /// The frame that begins at `at`: its header and whole length.
    fn whole_frame(&self, at: usize) -> Result<Option<(FrameHeader, usize)>, FrameError> {
        let rest = self.buffer.get(at..self.end).unwrap_or_default();
        let Some((header, body)) = rest.split_first_chunk::<FRAME_HEADER_BYTES>() else { return Ok(None) };
        let header = FrameHeader::parse(*header)?;
        Ok((body.len() >= header.body_bytes).then_some((header, FRAME_HEADER_BYTES + header.body_bytes)))
    }
}
