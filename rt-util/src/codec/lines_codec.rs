//! The codec of lines.

use std::{error, fmt, io, str};

use bytes::{Buf, BufMut, BytesMut};
use memchr::memchr;

use super::delimited::{Seeker, TooLong};
use super::{Decoder, Encoder};

/// Lines of UTF-8. They end with `\n`, which isn't given; a `\r` before it isn't either. The last one may
/// end with the input. Lines are written with `\n`.
///
/// ```
/// use futures::TryStreamExt;
/// use rt_util::codec::{FramedRead, LinesCodec};
///
/// # futures::executor::block_on(async {
/// let lines = FramedRead::new(&b"unix\ndos\r\nlast"[..], LinesCodec::new());
/// assert_eq!(lines.try_collect::<Vec<_>>().await.unwrap(), ["unix", "dos", "last"]);
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinesCodec {
    seeker: Seeker,
}

impl LinesCodec {
    /// Lines of any length: a peer that never sends a `\n` makes the buffer grow as long as it likes. Where
    /// peers aren't trusted, use [`new_with_max_length`](Self::new_with_max_length).
    ///
    /// ```
    /// use rt_util::codec::LinesCodec;
    ///
    /// assert_eq!(LinesCodec::new().max_length(), usize::MAX);
    /// ```
    pub fn new() -> Self {
        Self::new_with_max_length(usize::MAX)
    }

    /// Lines of `max_length` bytes at most, a `\r` at their end counted.
    ///
    /// A line that is longer gives [`LinesCodecError::MaxLineLengthExceeded`] as soon as so many bytes of it
    /// have come. The rest of it is dropped, and the next frame is the next line.
    ///
    /// ```
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{Decoder, LinesCodec};
    ///
    /// let mut codec = LinesCodec::new_with_max_length(5);
    /// let mut input = BytesMut::from("too long\nshort\n");
    /// assert!(codec.decode(&mut input).is_err());
    /// assert_eq!(codec.decode(&mut input).unwrap().unwrap(), "short");
    /// ```
    pub fn new_with_max_length(max_length: usize) -> Self {
        Self { seeker: Seeker::new(max_length) }
    }

    /// How long a line may be, in bytes.
    ///
    /// ```
    /// use rt_util::codec::LinesCodec;
    ///
    /// assert_eq!(LinesCodec::new_with_max_length(256).max_length(), 256);
    /// ```
    pub fn max_length(&self) -> usize {
        self.seeker.max_length()
    }
}

impl Default for LinesCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for LinesCodec {
    type Item = String;
    type Error = LinesCodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<String>, LinesCodecError> {
        let end = self.seeker.seek(src, |bytes| memchr(b'\n', bytes));
        let Some(length) = end.map_err(|TooLong| LinesCodecError::MaxLineLengthExceeded)? else {
            return Ok(None);
        };
        // Not split off, as that would make the buffer shared for a line that is copied anyway.
        let line = text(&src[..length]);
        src.advance(length + 1);
        line.map(Some)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<String>, LinesCodecError> {
        let line = self.decode(src)?;
        // A lone `\r` would be an empty line if a `\n` came, and is none without.
        if line.is_some() || src.is_empty() || src == "\r" {
            return Ok(line);
        }
        self.seeker.restart();
        let line = text(src);
        src.clear();
        line.map(Some)
    }
}

/// The line without the `\r` at its end.
fn text(line: &[u8]) -> Result<String, LinesCodecError> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match str::from_utf8(line) {
        Ok(line) => Ok(line.to_owned()),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error).into()),
    }
}

impl<T: AsRef<str>> Encoder<T> for LinesCodec {
    type Error = LinesCodecError;

    fn encode(&mut self, line: T, dst: &mut BytesMut) -> Result<(), LinesCodecError> {
        let line = line.as_ref();
        dst.reserve(line.len() + 1);
        dst.put_slice(line.as_bytes());
        dst.put_u8(b'\n');
        Ok(())
    }
}

/// What goes wrong with lines.
#[derive(Debug)]
pub enum LinesCodecError {
    /// A line was longer than allowed: see [`LinesCodec::new_with_max_length`].
    MaxLineLengthExceeded,

    /// The input or the output failed, or a line wasn't UTF-8, which is an error of the kind
    /// [`InvalidData`](io::ErrorKind::InvalidData).
    Io(io::Error),
}

impl fmt::Display for LinesCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxLineLengthExceeded => f.write_str("the line is longer than allowed"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for LinesCodecError {}

impl From<io::Error> for LinesCodecError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
