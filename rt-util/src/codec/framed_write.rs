//! A transport that writes.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use rt_core::io::AsyncWrite;

use super::reader::INITIAL_CAPACITY;
use super::writer::Writer;
use super::{Encoder, FramedParts};

pin_project! {
    /// A sink of frames, which are written to something.
    ///
    /// How it writes, and what is cancel safe, says the [module](super). If what is written to is a
    /// [`Stream`] itself, so is this one: it hands all through.
    ///
    /// ```
    /// use futures::SinkExt;
    /// use rt_util::codec::{FramedWrite, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedWrite::new(Vec::new(), LinesCodec::new());
    /// lines.feed("one").await.unwrap();
    /// lines.send("two").await.unwrap();
    /// assert_eq!(lines.into_inner(), b"one\ntwo\n");
    /// # });
    /// ```
    #[must_use = "sinks do nothing unless polled"]
    pub struct FramedWrite<T, E> {
        #[pin]
        io: T,
        encoder: E,
        writer: Writer,
    }
}

impl<T, E> FramedWrite<T, E> {
    /// Frames that `encoder` writes to `io`, with a buffer of 8 KiB to begin with.
    pub fn new(io: T, encoder: E) -> Self {
        Self::with_capacity(io, encoder, INITIAL_CAPACITY)
    }

    /// Frames that `encoder` writes to `io`, with a buffer of `capacity` bytes to begin with, which is the
    /// [backpressure boundary](Self::backpressure_boundary) as well.
    ///
    /// ```
    /// use rt_util::codec::{BytesCodec, FramedWrite};
    ///
    /// let sink = FramedWrite::with_capacity(Vec::<u8>::new(), BytesCodec::new(), 512);
    /// assert_eq!(sink.backpressure_boundary(), 512);
    /// ```
    pub fn with_capacity(io: T, encoder: E, capacity: usize) -> Self {
        Self { io, encoder, writer: Writer::with_capacity(capacity) }
    }

    /// What it writes to. To write to it directly is to put bytes between frames, or into one.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// What it writes to, mutably: see [`get_ref`](Self::get_ref).
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// What it writes to, pinned: see [`get_ref`](Self::get_ref).
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// What it wrote to. What the buffer holds is lost: see [`into_parts`](Self::into_parts).
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The encoder.
    pub fn encoder(&self) -> &E {
        &self.encoder
    }

    /// The encoder, mutably.
    pub fn encoder_mut(&mut self) -> &mut E {
        &mut self.encoder
    }

    /// The encoder, of a pinned transport. An encoder is never pinned.
    pub fn encoder_pin_mut(self: Pin<&mut Self>) -> &mut E {
        self.project().encoder
    }

    /// Exchanges the encoder, and keeps all else. What has been encoded stays as it is.
    ///
    /// ```
    /// use futures::SinkExt;
    /// use rt_util::codec::{AnyDelimiterCodec, FramedWrite, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedWrite::new(Vec::new(), LinesCodec::new());
    /// lines.feed("line").await.unwrap();
    /// let mut cells = lines.map_encoder(|_| AnyDelimiterCodec::new(b";".to_vec(), b";".to_vec()));
    /// cells.send("cell").await.unwrap();
    /// assert_eq!(cells.into_inner(), b"line\ncell;");
    /// # });
    /// ```
    pub fn map_encoder<C, F>(self, map: F) -> FramedWrite<T, C>
    where
        F: FnOnce(E) -> C,
    {
        let Self { io, encoder, writer } = self;
        FramedWrite { io, encoder: map(encoder), writer }
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
    /// use futures::SinkExt;
    /// use rt_util::codec::{FramedWrite, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedWrite::new(Vec::new(), LinesCodec::new());
    /// lines.set_backpressure_boundary(0);
    /// lines.feed("one").await.unwrap();
    /// lines.feed("two").await.unwrap();
    /// assert_eq!(lines.get_ref(), b"one\n");
    /// # });
    /// ```
    pub fn set_backpressure_boundary(&mut self, boundary: usize) {
        self.writer.boundary = boundary;
    }

    /// All that it is made of; `read_buf` is empty.
    ///
    /// ```
    /// use futures::SinkExt;
    /// use rt_util::codec::{FramedWrite, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedWrite::new(Vec::new(), LinesCodec::new());
    /// lines.feed("not sent").await.unwrap();
    /// assert_eq!(lines.into_parts().write_buf, "not sent\n");
    /// # });
    /// ```
    pub fn into_parts(self) -> FramedParts<T, E> {
        FramedParts::with_buffers(self.io, self.encoder, BytesMut::new(), self.writer.buffer)
    }
}

impl<T, I, E> Sink<I> for FramedWrite<T, E>
where
    T: AsyncWrite,
    E: Encoder<I>,
    E::Error: From<io::Error>,
{
    type Error = E::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let this = self.project();
        this.writer.poll_ready(this.io, cx).map_err(E::Error::from)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), E::Error> {
        let this = self.project();
        this.encoder.encode(item, &mut this.writer.buffer)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let this = self.project();
        this.writer.poll_flush(this.io, cx).map_err(E::Error::from)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let this = self.project();
        this.writer.poll_close(this.io, cx).map_err(E::Error::from)
    }
}

impl<T: Stream, E> Stream for FramedWrite<T, E> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        self.project().io.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.io.size_hint()
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for FramedWrite<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramedWrite")
            .field("io", &self.io)
            .field("encoder", &self.encoder)
            .field("buffer", &self.writer.buffer)
            .finish_non_exhaustive()
    }
}
