//! A transport that reads.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use rt_core::io::AsyncRead;

use super::reader::{INITIAL_CAPACITY, Reader};
use super::{Decoder, FramedParts};

pin_project! {
    /// A stream of the frames that are read from something.
    ///
    /// How it reads, and what is cancel safe, says the [module](super). If what is read is a
    /// [`Sink`] itself, so is this one: it hands all through.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use rt_util::codec::{FramedRead, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let lines = FramedRead::new(&b"one\ntwo\n"[..], LinesCodec::new());
    /// assert_eq!(lines.try_collect::<Vec<_>>().await.unwrap(), ["one", "two"]);
    /// # });
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct FramedRead<T, D> {
        #[pin]
        io: T,
        decoder: D,
        reader: Reader,
    }
}

impl<T, D> FramedRead<T, D> {
    /// The frames that `decoder` finds in `io`, with a buffer of 8 KiB to begin with.
    pub fn new(io: T, decoder: D) -> Self {
        Self::with_capacity(io, decoder, INITIAL_CAPACITY)
    }

    /// The frames that `decoder` finds in `io`, with a buffer of `capacity` bytes to begin with.
    ///
    /// ```
    /// use rt_util::codec::{BytesCodec, FramedRead};
    ///
    /// let frames = FramedRead::with_capacity(&b""[..], BytesCodec::new(), 512);
    /// assert!(frames.read_buffer().capacity() >= 512);
    /// ```
    pub fn with_capacity(io: T, decoder: D, capacity: usize) -> Self {
        Self { io, decoder, reader: Reader::with_capacity(capacity) }
    }

    /// What it reads. To read from it directly is to take bytes from frames.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// What it reads, mutably: see [`get_ref`](Self::get_ref).
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// What it reads, pinned: see [`get_ref`](Self::get_ref).
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut T> {
        self.project().io
    }

    /// What it read. What the buffer holds is lost: see [`into_parts`](Self::into_parts).
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The decoder.
    pub fn decoder(&self) -> &D {
        &self.decoder
    }

    /// The decoder, mutably.
    pub fn decoder_mut(&mut self) -> &mut D {
        &mut self.decoder
    }

    /// The decoder, of a pinned transport. A decoder is never pinned.
    pub fn decoder_pin_mut(self: Pin<&mut Self>) -> &mut D {
        self.project().decoder
    }

    /// Exchanges the decoder, and keeps all else. What has been read and not decoded goes to the new one.
    ///
    /// ```
    /// use futures::StreamExt;
    /// use rt_util::codec::{BytesCodec, FramedRead, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedRead::new(&b"2 bytes:\nab"[..], LinesCodec::new());
    /// assert_eq!(lines.next().await.unwrap().unwrap(), "2 bytes:");
    /// let mut bytes = lines.map_decoder(|_| BytesCodec::new());
    /// assert_eq!(bytes.next().await.unwrap().unwrap(), "ab");
    /// # });
    /// ```
    pub fn map_decoder<C, F>(self, map: F) -> FramedRead<T, C>
    where
        F: FnOnce(D) -> C,
    {
        let Self { io, decoder, reader } = self;
        FramedRead { io, decoder: map(decoder), reader }
    }

    /// What has been read and not decoded.
    pub fn read_buffer(&self) -> &BytesMut {
        &self.reader.buffer
    }

    /// What has been read and not decoded, mutably.
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.reader.buffer
    }

    /// All that it is made of; `write_buf` is empty.
    ///
    /// ```
    /// use futures::StreamExt;
    /// use rt_util::codec::{FramedRead, LinesCodec};
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = FramedRead::new(&b"head\nbody"[..], LinesCodec::new());
    /// assert_eq!(lines.next().await.unwrap().unwrap(), "head");
    /// assert_eq!(lines.into_parts().read_buf, "body");
    /// # });
    /// ```
    pub fn into_parts(self) -> FramedParts<T, D> {
        FramedParts::with_buffers(self.io, self.decoder, self.reader.buffer, BytesMut::new())
    }
}

impl<T: AsyncRead, D: Decoder> Stream for FramedRead<T, D> {
    type Item = Result<D::Item, D::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        this.reader.poll_frame(this.io, this.decoder, cx)
    }
}

impl<T: Sink<I>, I, D> Sink<I> for FramedRead<T, D> {
    type Error = T::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), T::Error> {
        self.project().io.start_send(item)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.project().io.poll_close(cx)
    }
}

impl<T: fmt::Debug, D: fmt::Debug> fmt::Debug for FramedRead<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramedRead")
            .field("io", &self.io)
            .field("decoder", &self.decoder)
            .field("buffer", &self.reader.buffer)
            .finish_non_exhaustive()
    }
}
