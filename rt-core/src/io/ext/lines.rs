//! The lines of a reader.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::read_until::poll_until;
use crate::io::AsyncBufRead;

pin_project! {
    /// The lines of a reader, one after another: see [`AsyncBufReadExt::lines`].
    ///
    /// [`AsyncBufReadExt::lines`]: super::AsyncBufReadExt::lines
    #[derive(Debug)]
    #[must_use = "lines are read only when they are asked for"]
    pub struct Lines<R> {
        #[pin]
        reader: R,
        // What has been read of the next line.
        line: Vec<u8>,
        read: usize,
    }
}

impl<R: AsyncBufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), read: 0 }
    }

    /// The next line without its ending (`\n` or `\r\n`), or `None` at the end.
    ///
    /// # Errors
    ///
    /// What the reader returned. [`InvalidData`](io::ErrorKind::InvalidData) when the line isn't UTF-8; that
    /// line is left out, and the call after gives the one behind it.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: what has been read of a line is kept for the next call.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = "one\r\ntwo".as_bytes().lines();
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
    /// assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
    /// assert_eq!(lines.next_line().await?, None);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub async fn next_line(&mut self) -> io::Result<Option<String>>
    where
        R: Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_next_line(cx)).await
    }

    /// The reader.
    pub fn get_mut(&mut self) -> &mut R
    where
        R: Unpin,
    {
        &mut self.reader
    }

    /// The reader, to look at.
    pub fn get_ref(&mut self) -> &R
    where
        R: Unpin,
    {
        &self.reader
    }

    /// Gives the reader back. What has been read of a line is lost.
    pub fn into_inner(self) -> R
    where
        R: Unpin,
    {
        self.reader
    }

    /// Polls for the next line, as [`next_line`](Self::next_line) gives it.
    ///
    /// # Errors
    ///
    /// As [`next_line`](Self::next_line).
    pub fn poll_next_line(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<Option<String>>> {
        let me = self.project();
        ready!(poll_until(me.reader, cx, b'\n', me.line, me.read))?;
        if me.line.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut line = mem::take(me.line);
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        Poll::Ready(match String::from_utf8(line) {
            Ok(line) => Ok(Some(line)),
            Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        })
    }
}
