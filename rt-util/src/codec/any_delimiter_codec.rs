//! The codec of chunks between delimiters.

use std::{error, fmt, io};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use memchr::{memchr, memchr2, memchr3};

use super::delimited::{Seeker, TooLong};
use super::{Decoder, Encoder};

/// Chunks that end with any byte of a set, which isn't given; the last one may end with the input. Two
/// delimiters in a row have an empty chunk between them. Chunks are written with a sequence of bytes that
/// need not be of the set.
///
/// ```
/// use futures::TryStreamExt;
/// use rt_util::codec::{AnyDelimiterCodec, FramedRead};
///
/// # futures::executor::block_on(async {
/// let codec = AnyDelimiterCodec::new(b",;".to_vec(), b";".to_vec());
/// let chunks = FramedRead::new(&b"a,b;;c"[..], codec);
/// assert_eq!(chunks.try_collect::<Vec<_>>().await.unwrap(), ["a", "b", "", "c"]);
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyDelimiterCodec {
    seeker: Seeker,
    seek_delimiters: Vec<u8>,
    sequence_writer: Vec<u8>,
}

impl AnyDelimiterCodec {
    /// Chunks of any length, that end with a byte of `seek_delimiters` and are written with
    /// `sequence_writer` after each.
    ///
    /// A peer that never sends a delimiter makes the buffer grow as long as it likes. Where peers aren't
    /// trusted, use [`new_with_max_length`](Self::new_with_max_length).
    ///
    /// ```
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{AnyDelimiterCodec, Encoder};
    ///
    /// let mut codec = AnyDelimiterCodec::new(b"\n".to_vec(), b"\r\n".to_vec());
    /// let mut output = BytesMut::new();
    /// codec.encode("chunk", &mut output).unwrap();
    /// assert_eq!(output, "chunk\r\n");
    /// ```
    pub fn new(seek_delimiters: Vec<u8>, sequence_writer: Vec<u8>) -> Self {
        Self::new_with_max_length(seek_delimiters, sequence_writer, usize::MAX)
    }

    /// As [`new`](Self::new), with chunks of `max_length` bytes at most.
    ///
    /// A chunk that is longer gives [`AnyDelimiterCodecError::MaxChunkLengthExceeded`] as soon as so many
    /// bytes of it have come. The rest of it is dropped, and the next frame is the next chunk.
    ///
    /// ```
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{AnyDelimiterCodec, Decoder};
    ///
    /// let mut codec = AnyDelimiterCodec::new_with_max_length(b",".to_vec(), b",".to_vec(), 5);
    /// let mut input = BytesMut::from("too long,short,");
    /// assert!(codec.decode(&mut input).is_err());
    /// assert_eq!(codec.decode(&mut input).unwrap().unwrap(), "short");
    /// ```
    pub fn new_with_max_length(
        seek_delimiters: Vec<u8>,
        sequence_writer: Vec<u8>,
        max_length: usize,
    ) -> Self {
        Self { seeker: Seeker::new(max_length), seek_delimiters, sequence_writer }
    }

    /// How long a chunk may be, in bytes.
    ///
    /// ```
    /// use rt_util::codec::AnyDelimiterCodec;
    ///
    /// assert_eq!(AnyDelimiterCodec::default().max_length(), usize::MAX);
    /// ```
    pub fn max_length(&self) -> usize {
        self.seeker.max_length()
    }
}

/// Chunks that end with `,`, `;`, `\n` or `\r`, and are written with `,`.
impl Default for AnyDelimiterCodec {
    fn default() -> Self {
        Self::new(b",;\n\r".to_vec(), b",".to_vec())
    }
}

impl Decoder for AnyDelimiterCodec {
    type Item = Bytes;
    type Error = AnyDelimiterCodecError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, AnyDelimiterCodecError> {
        let delimiters = &self.seek_delimiters[..];
        let end = match *delimiters {
            [a] => self.seeker.seek(src, |bytes| memchr(a, bytes)),
            [a, b] => self.seeker.seek(src, |bytes| memchr2(a, b, bytes)),
            [a, b, c] => self.seeker.seek(src, |bytes| memchr3(a, b, c, bytes)),
            _ => self.seeker.seek(src, |bytes| bytes.iter().position(|byte| delimiters.contains(byte))),
        };
        let Some(length) = end.map_err(|TooLong| AnyDelimiterCodecError::MaxChunkLengthExceeded)? else {
            return Ok(None);
        };
        let chunk = src.split_to(length).freeze();
        src.advance(1);
        Ok(Some(chunk))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, AnyDelimiterCodecError> {
        let chunk = self.decode(src)?;
        if chunk.is_some() || src.is_empty() {
            return Ok(chunk);
        }
        self.seeker.restart();
        Ok(Some(src.split().freeze()))
    }
}

impl<T: AsRef<str>> Encoder<T> for AnyDelimiterCodec {
    type Error = AnyDelimiterCodecError;

    fn encode(&mut self, chunk: T, dst: &mut BytesMut) -> Result<(), AnyDelimiterCodecError> {
        let chunk = chunk.as_ref();
        dst.reserve(chunk.len() + self.sequence_writer.len());
        dst.put_slice(chunk.as_bytes());
        dst.put_slice(&self.sequence_writer);
        Ok(())
    }
}

/// What goes wrong with chunks.
#[derive(Debug)]
pub enum AnyDelimiterCodecError {
    /// A chunk was longer than allowed: see [`AnyDelimiterCodec::new_with_max_length`].
    MaxChunkLengthExceeded,

    /// The input or the output failed.
    Io(io::Error),
}

impl fmt::Display for AnyDelimiterCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxChunkLengthExceeded => f.write_str("the chunk is longer than allowed"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl error::Error for AnyDelimiterCodecError {}

impl From<io::Error> for AnyDelimiterCodecError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
