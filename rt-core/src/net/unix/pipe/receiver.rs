//! The end of a pipe that is read.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSliceMut, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::checks::is_readable_pipe;
use crate::coop;
use crate::driver::io::Registration;
use crate::io::{AsyncRead, Interest, ReadBuf, Ready};
use crate::net::buffers::receive;
#[cfg(feature = "io-util")]
use crate::net::buffers::receive_buf;
use crate::sys;

/// The end of a pipe that is read, by the methods of `AsyncReadExt`.
///
/// It reads the end when all senders are gone. A pipe that has a path may have another one later: then it can be read again.
///
/// # Examples
///
/// See the [module](super)'s documentation.
pub struct Receiver {
    // Before the file, so that it is dropped before the descriptor is closed.
    registration: Registration,
    file: File,
}

impl Receiver {
    #[track_caller]
    pub(super) fn new(file: File) -> io::Result<Receiver> {
        let registration = Registration::with_interest(file.as_raw_fd(), Interest::READABLE)?;
        Ok(Receiver { registration, file })
    }

    /// Takes over a file that is a pipe, and open for reading. It's made non-blocking.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it isn't, and what the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Receiver> {
        is_readable_pipe(&file)?;
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
    pub fn from_file_unchecked(file: File) -> io::Result<Receiver> {
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
    pub fn from_owned_fd(owned_fd: OwnedFd) -> io::Result<Receiver> {
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
    pub fn from_owned_fd_unchecked(owned_fd: OwnedFd) -> io::Result<Receiver> {
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

    /// Waits until something can be read: `ready(Interest::READABLE)`.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
    }

    /// Polls until something can be read. One task may wait so, or in `poll_read`: the last one is woken.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_read_ready(cx).map_ok(drop)
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
        self.registration.try_io(Interest::READABLE, f)
    }

    /// Reads what is there into `buf`, and gives how many bytes. 0 means that all senders are gone, or that `buf` is empty.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there yet, and what the system says.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (sender, receiver) = rt_core::net::unix::pipe::pipe()?;
    /// sender.writable().await?;
    /// sender.try_write(b"abc")?;
    /// receiver.readable().await?;
    /// let mut buf = [0; 16];
    /// assert_eq!(receiver.try_read(&mut buf)?, 3);
    /// # Ok(()) }
    /// ```
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || (&self.file).read(buf))
    }

    /// Reads what is there into several buffers, filling one after the other.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || (&self.file).read_vectored(bufs))
    }

    /// Reads what is there to the end of `buf`.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    #[cfg(feature = "io-util")]
    pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || {
            // SAFETY: the system initializes as many bytes as it says.
            unsafe { receive_buf(buf, |room| sys::read(self.file.as_fd(), room)) }
        })
    }
}

impl AsyncRead for Receiver {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_read_io(cx, || {
            // A short read doesn't prove that nothing more is there: a sender that writes packets (`O_DIRECT`) has each
            // read end with one.
            // SAFETY: the system initializes as many bytes as it says.
            let n = unsafe { receive(buf, |room| sys::read(self.file.as_fd(), room)) }?;
            coop::charge(n);
            Ok(())
        })
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(&self.file).finish()
    }
}

impl AsRawFd for Receiver {
    fn as_raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
