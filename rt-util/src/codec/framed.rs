//! A transport that reads and writes.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use rt_core::io::{AsyncRead, AsyncWrite};

use super::reader::{INITIAL_CAPACITY, Reader};
use super::writer::Writer;
use super::{Decoder, Encoder};

pin_project! {
    /// A stream and a sink of frames, over something that is read and written.
    ///
    /// Made by [`Decoder::framed`] too. How it reads and writes, and what is cancel safe, says the
    /// [module](super).
    ///
    /// ```
    /// use futures::{SinkExt, StreamExt};
    /// use rt_util::codec::{Framed, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let (near, far) = rt_core::io::duplex(64);
    /// let mut near = Framed::new(near, LinesCodec::new());
    /// let mut far = Framed::new(far, LinesCodec::new());
    ///
    /// near.send("question").await.unwrap();
    /// assert_eq!(far.next().await.unwrap().unwrap(), "question");
    /// far.send("answer").await.unwrap();
    /// assert_eq!(near.next().await.unwrap().unwrap(), "answer");
    /// # });
    /// ```
    #[must_use = "streams and sinks do nothing unless polled"]
    pub struct Framed<T, U> {
        #[pin]
        io: T,
        codec: U,
        reader: Reader,
        writer: Writer,
    }
}

impl<T, U> Framed<T, U> {
    /// `io` framed by `codec`, with buffers of 8 KiB to begin with.
    ///
    /// ```
    /// use rt_util::codec::{BytesCodec, Framed};
    ///
    /// let framed = Framed::new(rt_core::io::duplex(64).0, BytesCodec::new());
    /// assert_eq!(framed.backpressure_boundary(), 8 * 1024);
    /// ```
    pub fn new(io: T, codec: U) -> Self {
        Self::with_capacity(io, codec, INITIAL_CAPACITY)
    }

    /// `io` framed by `codec`, with buffers of `capacity` bytes to begin with, which is the
    /// [backpressure boundary](Self::backpressure_boundary) as well.
    ///
    /// ```
    /// use rt_util::codec::{BytesCodec, Framed};
    ///
    /// let framed = Framed::with_capacity(rt_core::io::duplex(64).0, BytesCodec::new(), 512);
    /// assert!(framed.read_buffer().capacity() >= 512);
    /// ```
    pub fn with_capacity(io: T, codec: U, capacity: usize) -> Self {
        Self { io, codec, reader: Reader::with_capacity(capacity), writer: Writer::with_capacity(capacity) }
    }

    /// A transport that goes on where another stopped: what is in the buffers of `parts` is decoded before
    /// anything is read, and written before anything else. They are grown to 8 KiB if they are smaller.
    ///
    /// ```
    /// use futures::StreamExt;
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{Framed, FramedParts, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut parts = FramedParts::new::<&str>(rt_core::io::duplex(64).0, LinesCodec::new());
    /// parts.read_buf = BytesMut::from("read before\n");
    /// let mut framed = Framed::from_parts(parts);
    /// assert_eq!(framed.next().await.unwrap().unwrap(), "read before");
    /// # });
    /// ```
    pub fn from_parts(parts: FramedParts<T, U>) -> Self {
        let FramedParts { io, codec, read_buf, write_buf, .. } = parts;
        Self {
            io,
            codec,
            reader: Reader::with_buffer(grown(read_buf)),
            writer: Writer::with_buffer(grown(write_buf)),
        }
    }

    /// What it reads and writes. To use it directly is to take bytes from frames, or put some between them.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// What it reads and writes, mutably: see [`get_ref`](Self::get_ref).
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// What it reads and writes, pinned: see [`get_ref`](Self::get_ref).
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// The codec.
    pub fn codec(&self) -> &U {
        &self.codec
    }

    /// The codec, mutably.
    pub fn codec_mut(&mut self) -> &mut U {
        &mut self.codec
    }

    /// The codec, of a pinned transport. A codec is never pinned.
    pub fn codec_pin_mut(self: Pin<&mut Self>) -> &mut U {
        self.project().codec
    }

    /// Exchanges the codec, and keeps all else. What has been read and not decoded goes to the new one.
    ///
    /// ```
    /// use futures::StreamExt;
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{BytesCodec, Framed, FramedParts, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut parts = FramedParts::new::<&str>(rt_core::io::duplex(64).0, LinesCodec::new());
    /// parts.read_buf = BytesMut::from("raw\n\0\x01");
    /// let mut lines = Framed::from_parts(parts);
    /// assert_eq!(lines.next().await.unwrap().unwrap(), "raw");
    ///
    /// let mut bytes = lines.map_codec(|_| BytesCodec::new());
    /// assert_eq!(bytes.next().await.unwrap().unwrap(), "\0\x01");
    /// # });
    /// ```
    pub fn map_codec<C, F>(self, map: F) -> Framed<T, C>
    where
        F: FnOnce(U) -> C,
    {
        let Self { io, codec, reader, writer } = self;
        Framed { io, codec: map(codec), reader, writer }
    }

    /// What has been read and not decoded.
    pub fn read_buffer(&self) -> &BytesMut {
        &self.reader.buffer
    }

    /// What has been read and not decoded, mutably.
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.reader.buffer
    }

    /// What has been encoded and not written.
    pub fn write_buffer(&self) -> &BytesMut {
        &self.writer.buffer
    }

    /// What has been encoded and not written, mutably.
    pub fn write_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.writer.buffer
    }

    /// How many bytes, encoded and not written, make the sink write them before it takes another frame.
    pub fn backpressure_boundary(&self) -> usize {
        self.writer.boundary
    }

    /// Sets the [backpressure boundary](Self::backpressure_boundary), in bytes. With 0 each frame is written
    /// before the next is taken.
    ///
    /// ```
    /// use rt_util::codec::{BytesCodec, Framed};
    ///
    /// let mut framed = Framed::new(rt_core::io::duplex(64).0, BytesCodec::new());
    /// framed.set_backpressure_boundary(64 * 1024);
    /// assert_eq!(framed.backpressure_boundary(), 64 * 1024);
    /// ```
    pub fn set_backpressure_boundary(&mut self, boundary: usize) {
        self.writer.boundary = boundary;
    }

    /// What it read and wrote. What the buffers hold is lost: see [`into_parts`](Self::into_parts).
    pub fn into_inner(self) -> T {
        self.io
    }

    /// All that it is made of, of which [`from_parts`](Self::from_parts) makes another.
    ///
    /// ```
    /// use futures::SinkExt;
    /// use rt_util::codec::{Framed, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut framed = Framed::new(rt_core::io::duplex(64).0, LinesCodec::new());
    /// framed.feed("not sent").await.unwrap();
    /// assert_eq!(framed.into_parts().write_buf, "not sent\n");
    /// # });
    /// ```
    pub fn into_parts(self) -> FramedParts<T, U> {
        let Self { io, codec, reader, writer } = self;
        FramedParts { io, codec, read_buf: reader.buffer, write_buf: writer.buffer }
    }
}

fn grown(mut buffer: BytesMut) -> BytesMut {
    if buffer.capacity() < INITIAL_CAPACITY {
        buffer.reserve(INITIAL_CAPACITY - buffer.len());
    }
    buffer
}

impl<T: AsyncRead, U: Decoder> Stream for Framed<T, U> {
    type Item = Result<U::Item, U::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        this.reader.poll_frame(this.io, this.codec, cx)
    }
}

impl<T, I, U> Sink<I> for Framed<T, U>
where
    T: AsyncWrite,
    U: Encoder<I>,
    U::Error: From<io::Error>,
{
    type Error = U::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let this = self.project();
        this.writer.poll_ready(this.io, cx).map_err(U::Error::from)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), U::Error> {
        let this = self.project();
        this.codec.encode(item, &mut this.writer.buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let this = self.project();
        this.writer.poll_flush(this.io, cx).map_err(U::Error::from)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let this = self.project();
        this.writer.poll_close(this.io, cx).map_err(U::Error::from)
    }
}

impl<T: fmt::Debug, U: fmt::Debug> fmt::Debug for Framed<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framed").field("io", &self.io).field("codec", &self.codec).finish_non_exhaustive()
    }
}

/// What a transport is made of. [`Framed::into_parts`] gives it, [`Framed::from_parts`] takes it.
#[derive(Debug)]
#[non_exhaustive]
pub struct FramedParts<T, U> {
    /// What is read and written.
    pub io: T,

    /// The codec.
    pub codec: U,

    /// What has been read and not decoded.
    pub read_buf: BytesMut,

    /// What has been encoded and not written.
    pub write_buf: BytesMut,
}

impl<T, U> FramedParts<T, U> {
    /// Parts with empty buffers.
    ///
    /// ```
    /// use rt_util::codec::{FramedParts, LinesCodec};
    ///
    /// let parts = FramedParts::new::<&str>(rt_core::io::duplex(64).0, LinesCodec::new());
    /// assert!(parts.read_buf.is_empty() && parts.write_buf.is_empty());
    /// ```
    pub fn new<I>(io: T, codec: U) -> Self
    where
        U: Encoder<I>,
    {
        Self::with_buffers(io, codec, BytesMut::new(), BytesMut::new())
    }

    pub(super) fn with_buffers(io: T, codec: U, read_buf: BytesMut, write_buf: BytesMut) -> Self {
        Self { io, codec, read_buf, write_buf }
    }
}
