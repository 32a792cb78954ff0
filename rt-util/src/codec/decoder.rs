//! Out of bytes, frames.

use std::io;

use bytes::BytesMut;
use rt_core::io::{AsyncRead, AsyncWrite};

use super::Framed;

/// Takes frames out of a buffer.
///
/// ```
/// use std::io;
/// use rt_util::bytes::{Buf, BytesMut};
/// use rt_util::codec::Decoder;
///
/// /// Numbers of two bytes.
/// struct Numbers;
///
/// impl Decoder for Numbers {
///     type Item = u16;
///     type Error = io::Error;
///
///     fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<u16>> {
///         Ok((src.len() >= 2).then(|| src.get_u16()))
///     }
/// }
///
/// let mut input = BytesMut::from(&[0, 1, 0][..]);
/// assert_eq!(Numbers.decode(&mut input).unwrap(), Some(1));
/// assert_eq!(Numbers.decode(&mut input).unwrap(), None);
/// assert!(Numbers.decode_eof(&mut input).is_err());
/// ```
pub trait Decoder {
    /// A frame.
    type Item;

    /// What goes wrong. It must be able to hold an I/O error, which is what a transport may meet.
    ///
    /// An error ends the stream for a loop over it. What a peer may do wrong without the rest of the input
    /// becoming unreadable is better a variant of `Item`.
    type Error: From<io::Error>;

    /// Takes the next frame from the front of `src`, or gives `None` when `src` doesn't hold a whole one.
    ///
    /// It is called with whatever has come so far, and again with more. Bytes that it leaves in `src` come
    /// back, so a decoder may take a frame's bytes only once all are there, or keep state of its own. Taking
    /// them with [`BytesMut::split_to`] copies nothing. One that knows how much is missing can reserve it.
    ///
    /// # Errors
    ///
    /// When the bytes aren't those of a frame.
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error>;

    /// Takes the next frame when nothing will follow what `src` holds. It is called until it gives `None`,
    /// also if `src` is empty, so that it may give frames which stand for the end.
    ///
    /// Provided: what [`decode`](Self::decode) gives.
    ///
    /// # Errors
    ///
    /// Those of `decode`; provided, also an I/O error if bytes are left that make no frame.
    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error> {
        let frame = self.decode(src)?;
        if frame.is_none() && !src.is_empty() {
            return Err(io::Error::other("bytes remaining on stream").into());
        }
        Ok(frame)
    }

    /// This codec over `io`: a stream and a sink of frames.
    ///
    /// ```
    /// use rt_util::codec::{BytesCodec, Decoder};
    ///
    /// let (io, _peer) = rt_core::io::duplex(64);
    /// let framed = BytesCodec::new().framed(io);
    /// assert!(framed.read_buffer().is_empty());
    /// ```
    fn framed<T: AsyncRead + AsyncWrite + Sized>(self, io: T) -> Framed<T, Self>
    where
        Self: Sized,
    {
        Framed::new(io, self)
    }
}
