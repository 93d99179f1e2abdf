//! One side of a session that is nobody's program: it has the keys, and says
//! what it likes when it likes, whatever the rules are.

use super::Line;
use mitblick_protocol::{
    framing::FrameKind,
    peer_msg::{ToShower, ToWatcher},
    sealed::{Opener, Sealer, Stream},
    time::Moment,
    wire,
};

struct Channel<'a> {
    line: &'a mut Line,
    sealer: Sealer,
    opener: Opener,
}

impl Channel<'_> {
    fn say(&mut self, stream: Stream, message: &[u8]) -> anyhow::Result<()> {
        let mut records = Vec::new();
        self.sealer.seal_message(stream, message, Moment::default(), &mut |record| {
            records.push(record.to_vec());
        })?;
        records.iter().try_for_each(|record| self.line.send(FrameKind::Relay, record))
    }

    fn hear(&mut self) -> anyhow::Result<(Stream, Vec<u8>)> {
        loop {
            let record = self.line.hear_peer()?;
            if let Some(message) = self.opener.open(&record, Moment::default())? {
                return Ok(message);
            }
        }
    }
}

/// A watcher in a session, under the test's control.
pub struct Watcher<'a>(Channel<'a>);

impl<'a> Watcher<'a> {
    pub(super) fn new(line: &'a mut Line, sealer: Sealer, opener: Opener) -> Self {
        Self(Channel { line, sealer, opener })
    }

    /// Says something, whatever the rules are.
    ///
    /// # Errors
    /// The customer's program is gone.
    pub fn say(&mut self, message: &ToShower) -> anyhow::Result<()> {
        self.0.say(Stream::Control, &wire::encode(message)?)
    }

    /// Says these bytes on this stream.
    ///
    /// # Errors
    /// The customer's program is gone.
    pub fn say_bytes(&mut self, stream: Stream, message: &[u8]) -> anyhow::Result<()> {
        self.0.say(stream, message)
    }

    /// What the customer's program says next.
    ///
    /// # Errors
    /// It is gone.
    pub fn hear(&mut self) -> anyhow::Result<ToWatcher> {
        loop {
            if let (Stream::Control | Stream::Picture, message) = self.0.hear()? {
                return Ok(wire::decode::<_, { wire::MAX_PICTURE_MESSAGE_BYTES }>(&message)?);
            }
        }
    }
}

/// A shower in a session, under the test's control.
pub struct Shower<'a>(Channel<'a>);

impl<'a> Shower<'a> {
    pub(super) fn new(line: &'a mut Line, sealer: Sealer, opener: Opener) -> Self {
        Self(Channel { line, sealer, opener })
    }

    /// Says these bytes on this stream.
    ///
    /// # Errors
    /// The advisor's program is gone.
    pub fn say_bytes(&mut self, stream: Stream, message: &[u8]) -> anyhow::Result<()> {
        self.0.say(stream, message)
    }
}
