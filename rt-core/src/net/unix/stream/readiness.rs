//! Waiting until a connection is ready, and trying without a wait.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::task::{Context, Poll};

use super::UnixStream;
use crate::io::{Interest, Ready};
#[cfg(feature = "io-util")]
use crate::net::buffers::receive_buf;

/// # Readiness
///
/// The `try_*` methods do what they can at once. What they say about readiness is what the last operation
/// found, and what the system reported since: [`ready`](UnixStream::ready) and its like may be wrong, and
/// complete although the next operation would block. A connection that was accepted counts as readable until a
/// read has found nothing.
impl UnixStream {
    /// Waits until an operation of `interest` makes sense, and gives what the connection is ready for.
    ///
    /// Any number of tasks may wait. A connection that the other side has closed is ready.
    ///
    /// # Errors
    ///
    /// When the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::Interest;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, _other) = rt_core::net::UnixStream::pair()?;
    /// let ready = stream.ready(Interest::READABLE | Interest::WRITABLE).await?;
    /// assert!(ready.is_writable());
    /// # Ok(()) }
    /// ```
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.registration.watch()?;
        Ok(self.registration.readiness(interest).await?.ready() & interest.mask())
    }

    /// Waits until there is something to read, or the end: `ready(Interest::READABLE)`.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, other) = rt_core::net::UnixStream::pair()?;
    /// other.try_write(b"abc")?;
    /// let mut buf = [0; 16];
    /// let n = loop {
    ///     stream.readable().await?;
    ///     match stream.try_read(&mut buf) {
    ///         Err(error) if error.kind() == ErrorKind::WouldBlock => {}
    ///         outcome => break outcome?,
    ///     }
    /// };
    /// assert_eq!(&buf[..n], b"abc");
    /// # Ok(()) }
    /// ```
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
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
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, _other) = rt_core::net::UnixStream::pair()?;
    /// stream.writable().await?;
    /// assert_eq!(stream.try_write(b"abc")?, 3);
    /// # Ok(()) }
    /// ```
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// Polls for something to read. One task may wait so, or in `poll_read`: the last one is woken.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.watch()?;
        self.registration.poll_read_ready(cx).map_ok(drop)
    }

    /// Polls for room to write. One task may wait so, or in `poll_write`: the last one is woken.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.watch()?;
        self.registration.poll_write_ready(cx).map_ok(drop)
    }

    /// Reads what is there into `buf`, and gives how many bytes. 0 means the end, or that `buf` is empty.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there yet, and what the system says.
    ///
    /// # Examples
    ///
    /// See [`readable`](Self::readable).
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || (&self.socket).read(buf))
    }

    /// Reads what is there into several buffers, filling one after the other.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || (&self.socket).read_vectored(bufs))
    }

    /// Writes as much of `buf` as there is room for, and gives how many bytes that was.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room now, and what the system says.
    ///
    /// # Examples
    ///
    /// See [`writable`](Self::writable).
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || (&self.socket).write(buf))
    }

    /// Writes as much of several buffers as there is room for, taking them in their order.
    ///
    /// # Errors
    ///
    /// As [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || (&self.socket).write_vectored(bufs))
    }

    /// Tries an operation of the caller's own on the socket.
    ///
    /// It isn't tried when it's known that it would block. When it says so itself, the connection isn't ready any
    /// more; so the closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the system did.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), and what the closure returned.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::Interest;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, _other) = rt_core::net::UnixStream::pair()?;
    /// let sent = stream.try_io(Interest::WRITABLE, || socket2::SockRef::from(&stream).send(b"abc"))?;
    /// assert_eq!(sent, 3);
    /// # Ok(()) }
    /// ```
    pub fn try_io<R>(&self, interest: Interest, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.registration.try_io(interest, f)
    }

    /// Does an operation of the caller's own on the socket, and waits while it would block.
    ///
    /// Any number of tasks may wait. The closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the
    /// system did.
    ///
    /// # Errors
    ///
    /// What the closure returned, and when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, the closure has not succeeded.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::Interest;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, _other) = rt_core::net::UnixStream::pair()?;
    /// let send = || socket2::SockRef::from(&stream).send(b"abc");
    /// assert_eq!(stream.async_io(Interest::WRITABLE, send).await?, 3);
    /// # Ok(()) }
    /// ```
    pub async fn async_io<R>(&self, interest: Interest, f: impl FnMut() -> io::Result<R>) -> io::Result<R> {
        self.registration.async_io(interest, f).await
    }
}

#[cfg(feature = "io-util")]
impl UnixStream {
    /// Reads what is there to the end of `buf`, and gives how many bytes. 0 means the end, or that `buf` has no
    /// room.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, other) = rt_core::net::UnixStream::pair()?;
    /// other.try_write(b"abc")?;
    /// stream.readable().await?;
    /// let mut buf = Vec::with_capacity(16);
    /// stream.try_read_buf(&mut buf)?;
    /// assert_eq!(buf, b"abc");
    /// # Ok(()) }
    /// ```
    pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || {
            // SAFETY: the system initializes as many bytes as it says.
            unsafe { receive_buf(buf, |room| self.sock_ref().recv(room)) }
        })
    }
}
