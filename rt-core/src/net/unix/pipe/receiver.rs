//! The end of a pipe that is read.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSliceMut, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::checks::is_readable_pipe;
use super::end::pipe_end;
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

pipe_end!(Receiver, "reading", is_readable_pipe, READABLE);

impl Receiver {
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
