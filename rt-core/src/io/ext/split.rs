//! The pieces of a reader between two delimiters.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::read_until::poll_until;
use crate::io::AsyncBufRead;

pin_project! {
    /// The pieces of a reader, one after another: see [`AsyncBufReadExt::split`].
    ///
    /// [`AsyncBufReadExt::split`]: super::AsyncBufReadExt::split
    #[derive(Debug)]
    #[must_use = "segments are read only when they are asked for"]
    pub struct Split<R> {
        #[pin]
        reader: R,
        // What has been read of the next piece.
        segment: Vec<u8>,
        delimiter: u8,
        read: usize,
    }
}

impl<R: AsyncBufRead> Split<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Self { reader, segment: Vec::new(), delimiter, read: 0 }
    }

    /// The next piece without its delimiter, or `None` at the end.
    ///
    /// # Errors
    ///
    /// What the reader returned.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: what has been read of a piece is kept for the next call.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut fields = std::io::Cursor::new("a,,b").split(b',');
    /// assert_eq!(fields.next_segment().await?.as_deref(), Some(&b"a"[..]));
    /// assert_eq!(fields.next_segment().await?.as_deref(), Some(&b""[..]));
    /// assert_eq!(fields.next_segment().await?.as_deref(), Some(&b"b"[..]));
    /// assert_eq!(fields.next_segment().await?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub async fn next_segment(&mut self) -> io::Result<Option<Vec<u8>>>
    where
        R: Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_next_segment(cx)).await
    }

    /// Polls for the next piece, as [`next_segment`](Self::next_segment) gives it.
    ///
    /// # Errors
    ///
    /// As [`next_segment`](Self::next_segment).
    pub fn poll_next_segment(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Vec<u8>>>> {
        let me = self.project();
        ready!(poll_until(me.reader, cx, *me.delimiter, me.segment, me.read))?;
        if me.segment.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut segment = mem::take(me.segment);
        if segment.last() == Some(me.delimiter) {
            segment.pop();
        }
        Poll::Ready(Ok(Some(segment)))
    }
}
