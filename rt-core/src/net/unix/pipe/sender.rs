//! The end of a pipe that is written.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::checks::is_writable_pipe;
use super::end::pipe_end;
use crate::driver::io::{Attempt, Direction, Registration};
use crate::io::{AsyncWrite, Interest, Ready};
use crate::net::buffers::charged;
use crate::sys;

/// The end of a pipe that is written, by the methods of `AsyncWriteExt`.
///
/// With all receivers gone, writing fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe).
///
/// # Examples
///
/// See the [module](super)'s documentation.
pub struct Sender {
    // Before the file, so that it is dropped before the descriptor is closed.
    registration: Registration,
    file: File,
}

pipe_end!(Sender, "writing", is_writable_pipe, WRITABLE);

impl Sender {
    /// Waits until something can be written: `ready(Interest::WRITABLE)`.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// Polls until something can be written. One task may wait so, or in `poll_write`: the last one is woken.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_write_ready(cx).map_ok(drop)
    }

    /// Writes as much of `buf` as there is room for, and gives how many bytes that was.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room now, and what the system says.
    ///
    /// # Examples
    ///
    /// See [`Receiver::try_read`](super::Receiver::try_read).
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || (&self.file).write(buf))
    }

    /// Writes as much of several buffers as there is room for, taking them in their order.
    ///
    /// # Errors
    ///
    /// As [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || (&self.file).write_vectored(bufs))
    }
}

impl AsyncWrite for Sender {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let write = || charged((&self.file).write(buf)).map(Attempt::Done);
        self.registration.poll_io(Direction::Write, cx, write)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = || charged((&self.file).write_vectored(bufs)).map(Attempt::Done);
        self.registration.poll_io(Direction::Write, cx, write)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Does nothing: what was written is with the system.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing: a pipe ends when its senders are dropped.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
