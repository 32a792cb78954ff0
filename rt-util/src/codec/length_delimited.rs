//! Frames that begin with their length.
//!
//! A frame is a head and a payload. The head holds a length field somewhere, and says how much follows:
//!
//! ```text
//!   head                                  payload
//!   +---------------+--------------+------+---------------------------+
//!   | offset        | length field | ...  | field + adjustment bytes  |
//!   +---------------+--------------+------+---------------------------+
//!   |<------------- skip ---------------->|
//! ```
//!
//! | setting | default | |
//! |---|---|---|
//! | [`length_field_offset`](Builder::length_field_offset) | 0 | bytes before the length field |
//! | [`length_field_length`](Builder::length_field_length) | 4 | bytes of the length field |
//! | [`big_endian`](Builder::big_endian) and others | big | their order |
//! | [`length_adjustment`](Builder::length_adjustment) | 0 | what to add to the field to get the payload's length |
//! | [`num_skip`](Builder::num_skip) | offset + length | bytes that aren't given with the payload |
//! | [`max_frame_length`](Builder::max_frame_length) | 8 MiB | what the length field may say |
//!
//! ```
//! use futures::{SinkExt, TryStreamExt};
//! use rt_util::bytes::Bytes;
//! use rt_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};
//!
//! # futures::executor::block_on(async {
//! let mut frames = FramedWrite::new(Vec::new(), LengthDelimitedCodec::new());
//! frames.send(Bytes::from("hello")).await.unwrap();
//! let written = frames.into_inner();
//! assert_eq!(written, b"\x00\x00\x00\x05hello");
//!
//! let mut frames = FramedRead::new(&written[..], LengthDelimitedCodec::new());
//! assert_eq!(frames.try_next().await.unwrap().unwrap(), "hello");
//! # });
//! ```
//!
//! A protocol whose length counts its own two bytes, and whose frames are wanted with them:
//!
//! ```
//! use rt_util::bytes::BytesMut;
//! use rt_util::codec::{Decoder, LengthDelimitedCodec};
//!
//! let mut codec = LengthDelimitedCodec::builder().length_field_type::<u16>().num_skip(0).new_codec();
//! let mut input = BytesMut::from(&b"\x00\x05abc\x00\x03d"[..]);
//! assert_eq!(codec.decode(&mut input).unwrap().unwrap(), &b"\x00\x05abc"[..]);
//! assert_eq!(codec.decode(&mut input).unwrap().unwrap(), &b"\x00\x03d"[..]);
//! ```

mod builder;
mod field;

use std::{error, fmt, io};

use bytes::{Buf, Bytes, BytesMut};

use super::{Decoder, Encoder};

pub use builder::Builder;

/// The most that a length field, which anybody may have written, makes the decoder allocate at once.
const RESERVE_MAX: usize = 1 << 20;

/// Frames that begin with their length: see the [module](self).
#[derive(Clone, Debug)]
pub struct LengthDelimitedCodec {
    settings: Builder,
    /// The length of the payload whose head has been taken off the buffer.
    payload: Option<usize>,
}

impl LengthDelimitedCodec {
    /// The codec with the defaults: four bytes, big-endian, that say the length of what follows them.
    ///
    /// ```
    /// use rt_util::codec::LengthDelimitedCodec;
    ///
    /// assert_eq!(LengthDelimitedCodec::new().max_frame_length(), 8 * 1024 * 1024);
    /// ```
    pub fn new() -> Self {
        Builder::new().new_codec()
    }

    /// What makes a codec with other settings.
    ///
    /// ```
    /// use rt_util::codec::LengthDelimitedCodec;
    ///
    /// let codec = LengthDelimitedCodec::builder().length_field_length(2).little_endian().new_codec();
    /// assert_eq!(codec.max_frame_length(), 65535);
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// What the length field may say at most, in bytes: see [`Builder::max_frame_length`].
    pub fn max_frame_length(&self) -> usize {
        self.settings.max_frame_length
    }

    /// Sets what the length field may say at most, in bytes. It's lowered to what the field can hold. A frame
    /// whose head has been decoded is let through.
    ///
    /// ```
    /// use rt_util::codec::LengthDelimitedCodec;
    ///
    /// let mut codec = LengthDelimitedCodec::builder().length_field_length(1).new_codec();
    /// codec.set_max_frame_length(1000);
    /// assert_eq!(codec.max_frame_length(), 255);
    /// ```
    pub fn set_max_frame_length(&mut self, val: usize) {
        self.settings.max_frame_length(val);
        self.settings.lower_max();
    }

    /// Reads the head, and takes off what of it isn't given: the length of what is.
    fn decode_head(&self, src: &mut BytesMut) -> io::Result<Option<usize>> {
        let Some(length) = self.settings.field().read(src) else {
            return Ok(None);
        };
        if length > self.max_frame_length() as u64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, LengthDelimitedCodecError { _priv: () }));
        }
        let payload = self.settings.payload_length(length).ok_or_else(overflow)?;
        let skip = self.settings.skip();
        if src.len() < skip {
            return Ok(None);
        }
        src.advance(skip);
        Ok(Some(payload))
    }

    fn encode_frame(&self, payload: &[u8], dst: &mut BytesMut) -> io::Result<()> {
        if payload.len() > self.max_frame_length() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, LengthDelimitedCodecError { _priv: () }));
        }
        let length = self.settings.field_value(payload.len()).ok_or_else(overflow)?;
        let field = self.settings.field();
        dst.reserve(field.length() + payload.len());
        field.write(length, dst);
        dst.extend_from_slice(payload);
        Ok(())
    }
}

fn overflow() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the length adjustment takes the length out of its range")
}

impl Default for LengthDelimitedCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for LengthDelimitedCodec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        let payload = match self.payload {
            Some(payload) => payload,
            None => match self.decode_head(src)? {
                Some(payload) => payload,
                None => return Ok(None),
            },
        };
        let missing = payload.saturating_sub(src.len());
        if missing > 0 {
            self.payload = Some(payload);
            src.reserve(missing.min(RESERVE_MAX));
            return Ok(None);
        }
        self.payload = None;
        Ok(Some(src.split_to(payload)))
    }
}

impl Encoder<Bytes> for LengthDelimitedCodec {
    type Error = io::Error;

    fn encode(&mut self, item: Bytes, dst: &mut BytesMut) -> io::Result<()> {
        self.encode_frame(&item, dst)
    }
}

impl Encoder<&[u8]> for LengthDelimitedCodec {
    type Error = io::Error;

    fn encode(&mut self, item: &[u8], dst: &mut BytesMut) -> io::Result<()> {
        self.encode_frame(item, dst)
    }
}

/// A frame is longer than allowed. It comes within an [`io::Error`], of the kind
/// [`InvalidData`](io::ErrorKind::InvalidData) from the decoder and
/// [`InvalidInput`](io::ErrorKind::InvalidInput) from the encoder.
///
/// ```
/// use rt_util::bytes::BytesMut;
/// use rt_util::codec::{Decoder, LengthDelimitedCodec, LengthDelimitedCodecError};
///
/// let mut input = BytesMut::from(&[255, 255, 255, 255][..]);
/// let error = LengthDelimitedCodec::new().decode(&mut input).unwrap_err();
/// assert!(error.get_ref().unwrap().is::<LengthDelimitedCodecError>());
/// ```
pub struct LengthDelimitedCodecError {
    _priv: (),
}

impl fmt::Debug for LengthDelimitedCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LengthDelimitedCodecError").finish()
    }
}

impl fmt::Display for LengthDelimitedCodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the frame is longer than allowed")
    }
}

impl error::Error for LengthDelimitedCodecError {}
