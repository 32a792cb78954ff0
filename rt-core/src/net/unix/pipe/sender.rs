//! The end of a pipe that is written.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::checks::is_writable_pipe;
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

impl Sender {
    #[track_caller]
    pub(super) fn new(file: File) -> io::Result<Sender> {
        let registration = Registration::with_interest(file.as_raw_fd(), Interest::WRITABLE)?;
        Ok(Sender { registration, file })
    }

    /// Takes over a file that is a pipe, and open for writing. It's made non-blocking.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it isn't, and what the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Sender> {
        is_writable_pipe(&file)?;
        sys::set_blocking(&file, false)?;
        Self::new(file)
    }

    /// As [`from_file`](Self::from_file), without a look at what it is. It must be non-blocking.
    ///
    /// # Errors
    ///
    /// What the system says, for instance when nothing like it can be waited for.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn from_file_unchecked(file: File) -> io::Result<Sender> {
        Self::new(file)
    }

    /// As [`from_file`](Self::from_file), for a descriptor.
    ///
    /// # Errors
    ///
    /// As [`from_file`](Self::from_file).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn from_owned_fd(owned_fd: OwnedFd) -> io::Result<Sender> {
        Self::from_file(owned_fd.into())
    }

    /// As [`from_file_unchecked`](Self::from_file_unchecked), for a descriptor.
    ///
    /// # Errors
    ///
    /// As [`from_file_unchecked`](Self::from_file_unchecked).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn from_owned_fd_unchecked(owned_fd: OwnedFd) -> io::Result<Sender> {
        Self::new(owned_fd.into())
    }

    /// Gives the descriptor, made to block: as the standard input or output of a child process wants it.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        sys::set_blocking(&self.file, true)?;
        self.into_nonblocking_fd()
    }

    /// Gives the descriptor, which doesn't block still.
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
        let Self { registration, file } = self;
        drop(registration);
        Ok(file.into())
    }

    /// Waits until an operation of `interest` makes sense, and gives what the pipe is ready for.
    ///
    /// Any number of tasks may wait. A pipe whose other end is closed is ready.
    ///
    /// # Errors
    ///
    /// When the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        Ok(self.registration.readiness(interest).await?.ready() & interest.mask())
    }

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

    /// Tries an operation of the caller's own on the pipe.
    ///
    /// It isn't tried when it's known that it would block. When it says so itself, the pipe isn't ready any more; so the
    /// closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the system did.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), and what the closure returned.
    pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.registration.try_io(Interest::WRITABLE, f)
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

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.file).finish()
    }
}

impl AsRawFd for Sender {
    fn as_raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}

impl AsFd for Sender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
