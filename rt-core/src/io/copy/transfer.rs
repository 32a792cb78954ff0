//! The buffer between a reader and a writer, and what each may wait for.
//!
//! The reader fills the tail of the buffer, the writer empties its head:
//!
//! ```text
//!  0          start          end           len
//!  ├─ written ──┼── to write ──┼── free ─────┤
//! ```
//!
//! While the writer waits, the reader goes on as long as there is room. While the reader waits and nothing is
//! left to write, the writer is flushed, so that what was copied doesn't get stuck in a buffer of the writer's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::coop;
use crate::io::interrupted::retry;
use crate::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a buffer that may grow holds at most, in bytes: a large read costs little more than a small one, and each
/// saves a system call or two.
const LARGEST: usize = 64 * 1024;

/// One direction of a copy.
#[derive(Debug)]
pub(super) struct Transfer {
    buf: Box<[u8]>,
    start: usize,
    end: usize,
    copied: u64,
    may_grow: bool,
    /// Something was written since the last flush.
    unflushed: bool,
    /// The reader has ended, or failed: then with the error to give once all that was read has been written.
    ended: Option<io::Result<()>>,
}

impl Transfer {
    /// A buffer of `size` bytes. It grows while reads fill it, if it may.
    pub(super) fn new(size: usize, may_grow: bool) -> Self {
        Self {
            buf: vec![0; size].into_boxed_slice(),
            start: 0,
            end: 0,
            copied: 0,
            may_grow,
            unflushed: false,
            ended: None,
        }
    }

    /// Copies until the reader's end, flushes, and gives how many bytes were copied.
    pub(super) fn poll_copy<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            // A reader and a writer in memory never wait: the budget lets others have their turn.
            let coop = ready!(coop::poll_proceed(cx));
            if self.start == self.end {
                if self.ended.is_none() && self.poll_fill(cx, reader.as_mut()).is_pending() {
                    if self.unflushed {
                        ready!(writer.as_mut().poll_flush(cx))?;
                        coop.made_progress();
                        self.unflushed = false;
                    }
                    return Poll::Pending;
                }
                if self.start == self.end && self.ended.is_some() {
                    ready!(writer.as_mut().poll_flush(cx))?;
                    self.ended.take().unwrap_or(Ok(()))?;
                    self.ended = Some(Ok(()));
                    return Poll::Ready(Ok(self.copied));
                }
            }
            if let Poll::Ready(result) = self.poll_drain(cx, writer.as_mut()) {
                result?;
            } else if self.end == self.buf.len()
                || self.ended.is_some()
                || self.poll_fill(cx, reader.as_mut()).is_pending()
            {
                return Poll::Pending;
            }
            coop.made_progress();
        }
    }

    /// Reads once into the free tail. How the reader ended is kept for later.
    fn poll_fill<R: AsyncRead + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
    ) -> Poll<()> {
        let mut tail = ReadBuf::new(&mut self.buf[self.end..]);
        let poll = |part: &mut ReadBuf<'_>| retry(|| reader.as_mut().poll_read(cx, part));
        let result = ready!(tail.fill_part(usize::MAX, poll));
        let read = tail.filled().len();
        if read == 0 || result.is_err() {
            self.ended = Some(result);
        }
        self.end += read;
        Poll::Ready(())
    }

    /// Writes once from what was read.
    fn poll_drain<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.buf[self.start..self.end];
        let written = ready!(retry(|| writer.as_mut().poll_write(cx, rest)))?;
        if written == 0 {
            let error = io::Error::new(io::ErrorKind::WriteZero, "write zero byte into writer");
            return Poll::Ready(Err(error));
        }
        self.start += written;
        self.copied += written as u64;
        self.unflushed = true;
        if self.start >= self.end {
            let filled = self.end == self.buf.len();
            self.start = 0;
            self.end = 0;
            if filled && self.may_grow && self.buf.len() < LARGEST {
                self.buf = vec![0; (self.buf.len() * 2).min(LARGEST)].into_boxed_slice();
            }
        }
        Poll::Ready(Ok(()))
    }
}
