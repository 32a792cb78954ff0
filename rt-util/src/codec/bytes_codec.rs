//! The codec of those who want bytes.

use std::io;

use bytes::{Bytes, BytesMut};

use super::{Decoder, Encoder};

/// Bytes as they come: a frame is whatever has been read, and is written as it is.
///
/// ```
/// use futures::{SinkExt, TryStreamExt};
/// use rt_util::bytes::Bytes;
/// use rt_util::codec::{BytesCodec, FramedRead};
///
/// # futures::executor::block_on(async {
/// let mut chunks = FramedRead::new(&b"some bytes"[..], BytesCodec::new());
/// assert_eq!(chunks.try_next().await.unwrap().unwrap(), "some bytes");
/// assert_eq!(chunks.try_next().await.unwrap(), None);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BytesCodec(());

impl BytesCodec {
    /// The codec, of which there is one kind.
    ///
    /// ```
    /// use rt_util::codec::BytesCodec;
    ///
    /// assert_eq!(BytesCodec::new(), BytesCodec::default());
    /// ```
    pub fn new() -> Self {
        Self(())
    }
}

impl Decoder for BytesCodec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        Ok((!src.is_empty()).then(|| src.split()))
    }
}

impl Encoder<Bytes> for BytesCodec {
    type Error = io::Error;

    fn encode(&mut self, item: Bytes, dst: &mut BytesMut) -> io::Result<()> {
        dst.extend_from_slice(&item);
        Ok(())
    }
}

impl Encoder<BytesMut> for BytesCodec {
    type Error = io::Error;

    fn encode(&mut self, item: BytesMut, dst: &mut BytesMut) -> io::Result<()> {
        dst.extend_from_slice(&item);
        Ok(())
    }
}
