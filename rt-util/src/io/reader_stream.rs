//! A stream of chunks made of a reader.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use pin_project_lite::pin_project;
use rt_core::io::AsyncRead;

use super::poll_read_buf;

/// The size of a buffer, in bytes, if none is asked for: a page.
const CAPACITY: usize = 4096;

pin_project! {
    /// What a reader reads, as a stream of chunks. Each chunk is what one read gave, up to the buffer's size, and is never empty.
    ///
    /// The reader's end is the end of the stream, and so is its first error, which comes as the last item. The reader
    /// is dropped then.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the stream's next item is no longer waited for.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use rt_util::io::ReaderStream;
    ///
    /// # futures::executor::block_on(async {
    /// let chunks = ReaderStream::with_capacity(&b"0123456789"[..], 4);
    /// let chunks: Vec<_> = chunks.try_collect().await?;
    /// assert_eq!(chunks.concat(), b"0123456789");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    pub struct ReaderStream<R> {
        // There until its end, or its first error.
        #[pin]
        reader: Option<R>,
        // Room for the next chunks. What was read leaves it at once.
        room: BytesMut,
        capacity: usize,
    }
}

impl<R: AsyncRead> ReaderStream<R> {
    /// Chunks of up to 4 KiB.
    pub fn new(reader: R) -> Self {
        Self::with_capacity(reader, CAPACITY)
    }

    /// Reads into buffers of `capacity` bytes. They are allocated with the first read; 0 counts as 1.
    pub fn with_capacity(reader: R, capacity: usize) -> Self {
        Self { reader: Some(reader), room: BytesMut::new(), capacity: capacity.max(1) }
    }
}

impl<R: AsyncRead> Stream for ReaderStream<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let Some(reader) = this.reader.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        // Short chunks share a buffer, but what little is left at its end would make for a short read.
        if this.room.capacity() <= *this.capacity / 8 {
            this.room.reserve(*this.capacity);
        }
        let last = match ready!(poll_read_buf(reader, cx, this.room)) {
            Ok(0) => None,
            Ok(_) => return Poll::Ready(Some(Ok(this.room.split().freeze()))),
            Err(error) => Some(Err(error)),
        };
        this.reader.set(None);
        *this.room = BytesMut::new();
        Poll::Ready(last)
    }
}
