//! The decoder in a process of its own.
//!
//! It is this program once more, started with [`DECODER_ARGUMENT`]. Its
//! standard input is a socket to this side; everything else is taken from it
//! before the first byte of a peer reaches it ([`sandbox`](super::sandbox)).
//! Pixels come back through the socket, as many as this side expects: memory
//! that both could write would have to be distrusted at every look.
//!
//! ```text
//! to it:    stream u8 | flags u8 | width u16 | height u16 | length u32 | bytes
//! from it:  'R' once it is locked in, then for each picture
//!           0 | width*height*4 bytes: blue, green, red, nothing
//!           1                          the decoder does not like it
//! ```
//! Numbers are big endian; flag 1 = the stream begins anew.

use super::{Filter, MAX_VIDEO_STREAMS, VideoError, coded_size, sandbox};
use mitblick_protocol::geometry::Size;
use openh264::{
    OpenH264API,
    decoder::{Decoder, DecoderConfig, Flush},
    formats::YUVSource as _,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::{net::UnixStream, process::CommandExt as _},
    },
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

/// First argument of the decoder's process.
pub const DECODER_ARGUMENT: &str = "--decode-video";

/// How long the process may take to start, and for one picture. One of
/// 3840x2160 takes some 60 ms.
const PATIENCE: Duration = Duration::from_secs(2);
const READY: u8 = b'R';
const DECODED: u8 = 0;
const DISLIKED: u8 = 1;
const BEGIN: u8 = 1;

/// This side of the decoder.
#[derive(Debug)]
pub struct VideoDecoder {
    socket: UnixStream,
    process: Child,
    streams: BTreeMap<u8, (Size, Filter)>,
    bytes: Vec<u8>,
}

impl VideoDecoder {
    /// Starts this program (`program` is usually its own file) as a decoder and
    /// waits until it has locked itself in.
    ///
    /// # Errors
    /// `NotAvailable` if it can't, as on systems without a sandbox.
    pub fn start(program: &Path) -> Result<Self, VideoError> {
        let unavailable = |error: io::Error| VideoError::NotAvailable(error.to_string());
        let (socket, theirs) = UnixStream::pair().map_err(unavailable)?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(unavailable)?;
        socket.set_write_timeout(Some(PATIENCE)).map_err(unavailable)?;
        let mut command = Command::new(program);
        command.arg(DECODER_ARGUMENT).env_clear().current_dir("/").process_group(0);
        command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().map_err(unavailable)?;
        // The command holds the other end of the socket, too.
        drop(command);
        let mut decoder = Self { socket, process, streams: BTreeMap::new(), bytes: Vec::new() };
        let mut ready = [0];
        match decoder.socket.read_exact(&mut ready) {
            Ok(()) if ready == [READY] => Ok(decoder),
            Ok(()) => Err(VideoError::NotAvailable("an answer that makes no sense".to_owned())),
            Err(error) => Err(VideoError::NotAvailable(format!("its process can't be locked in ({error})"))),
        }
    }

    /// Its process, for tests that do it harm.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Decodes one access unit of a stream: `size.pixels()` of `0x00RRGGBB` in
    /// place of what is in `out`. Another size begins the stream anew.
    ///
    /// # Errors
    /// `Refused` and `Codec` end the stream, `Gone` all of them.
    pub fn decode(&mut self, stream: u8, size: Size, bytes: &[u8], out: &mut Vec<u32>) -> Result<(), VideoError> {
        if stream >= MAX_VIDEO_STREAMS {
            return Err(super::Refused("too many streams").into());
        }
        let coded = coded_size(size)?;
        let known = self.streams.get(&stream).is_some_and(|(known, _)| *known == size);
        if !known {
            self.streams.insert(stream, (size, Filter::new(size)?));
        }
        let Some((_, filter)) = self.streams.get_mut(&stream) else { return Err(VideoError::Size(size)) };
        if let Err(refused) = filter.check(bytes) {
            self.streams.remove(&stream);
            return Err(refused.into());
        }
        match self.exchange(stream, !known, coded, bytes) {
            Ok(true) => {}
            Ok(false) => {
                self.streams.remove(&stream);
                return Err(VideoError::Codec("it could not be decoded".to_owned()));
            }
            Err(error) => {
                // Whatever it does from now on, nobody listens.
                let _ = self.process.kill();
                return Err(VideoError::Gone(error.to_string()));
            }
        }
        out.clear();
        let (width, stride) = (size.width as usize * 4, coded.width as usize * 4);
        for row in self.bytes.chunks_exact(stride).take(size.height as usize) {
            let pixels = row.get(..width).unwrap_or_default().chunks_exact(4);
            out.extend(pixels.map(|p| match p {
                &[blue, green, red, _] => u32::from_le_bytes([blue, green, red, 0]),
                _ => 0,
            }));
        }
        Ok(())
    }

    /// Forgets a stream: what comes next in it begins anew.
    pub fn end(&mut self, stream: u8) {
        self.streams.remove(&stream);
    }

    /// Sends a picture and takes its pixels; false = disliked.
    fn exchange(&mut self, stream: u8, begin: bool, coded: Size, bytes: &[u8]) -> io::Result<bool> {
        let mut head = vec![stream, if begin { BEGIN } else { 0 }];
        // Sides and lengths are bounded by their limits.
        head.extend((coded.width as u16).to_be_bytes());
        head.extend((coded.height as u16).to_be_bytes());
        head.extend((bytes.len() as u32).to_be_bytes());
        self.socket.write_all(&head)?;
        self.socket.write_all(bytes)?;
        let mut verdict = [0];
        self.socket.read_exact(&mut verdict)?;
        match verdict {
            [DECODED] => {
                self.bytes.resize(coded.pixels() as usize * 4, 0);
                self.socket.read_exact(&mut self.bytes)?;
                Ok(true)
            }
            [DISLIKED] => Ok(false),
            _ => Err(io::Error::other("an answer that makes no sense")),
        }
    }
}

impl Drop for VideoDecoder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the decoder's process does, to its end.
pub fn run_decoder() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads it, unless a person started this by hand.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), sandbox::Refusal> {
    sandbox::close_others()?;
    // A file, so that only `read` and `write` are called on it.
    let mut socket = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Made once before, so that whatever OpenH264 asks of the system the first
    // time is asked before it can't be.
    drop(decoder()?);
    sandbox::enter()?;
    socket.write_all(&[READY])?;
    let mut decoders = BTreeMap::new();
    let (mut bytes, mut pixels) = (Vec::new(), Vec::new());
    loop {
        let mut head = [0; 10];
        if socket.read_exact(&mut head).is_err() {
            return Ok(());
        }
        let [stream, flags, w1, w0, h1, h0, l3, l2, l1, l0] = head;
        let (width, height) = (usize::from(u16::from_be_bytes([w1, w0])), usize::from(u16::from_be_bytes([h1, h0])));
        bytes.resize(u32::from_be_bytes([l3, l2, l1, l0]) as usize, 0);
        socket.read_exact(&mut bytes)?;
        if flags & BEGIN != 0 || !decoders.contains_key(&stream) {
            decoders.insert(stream, decoder()?);
        }
        let Some(decoder) = decoders.get_mut(&stream) else { continue };
        pixels.resize(1 + width * height * 4, 0);
        let (verdict, picture) = pixels.split_at_mut(1);
        let decoded = decoder.decode(&bytes).ok().flatten().filter(|planes| planes.dimensions() == (width, height));
        match decoded {
            Some(planes) => {
                planes.write_rgba8(picture);
                // Red and blue change places.
                picture.chunks_exact_mut(4).for_each(|pixel| pixel.swap(0, 2));
                verdict.fill(DECODED);
                socket.write_all(&pixels)?;
            }
            None => {
                decoders.remove(&stream);
                socket.write_all(&[DISLIKED])?;
            }
        }
    }
}

fn decoder() -> Result<Decoder, openh264::Error> {
    // A picture that waits for the next one would be a picture late.
    let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
    Decoder::with_api_config(OpenH264API::from_source(), config)
}
