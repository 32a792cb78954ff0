//! Waiting until a socket is ready, and trying without a wait.

use std::io;
use std::path::Path;

use super::UnixDatagram;
use crate::io::{Interest, Ready};
#[cfg(feature = "io-util")]
use crate::net::buffers::receive_buf;
use crate::net::unix::SocketAddr;

/// # Readiness
///
/// The `try_*` methods do what they can at once. What the others say is what the last operation found, and what the system
/// reported since: it may be wrong, and the next operation may block all the same.
impl UnixDatagram {
    /// Waits until an operation of `interest` makes sense, and gives what the socket is ready for.
    ///
    /// Any number of tasks may wait. A socket with an error to tell is ready.
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
    /// let (socket, _other) = rt_core::net::UnixDatagram::pair()?;
    /// let ready = socket.ready(Interest::READABLE | Interest::WRITABLE).await?;
    /// assert!(ready.is_writable());
    /// # Ok(()) }
    /// ```
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.registration.watch()?;
        Ok(self.registration.readiness(interest).await?.ready() & interest.mask())
    }

    /// Waits until something can be received: `ready(Interest::READABLE)`.
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
    /// let (socket, other) = rt_core::net::UnixDatagram::pair()?;
    /// other.send(b"abc").await?;
    /// let mut buf = [0; 16];
    /// let (n, peer) = loop {
    ///     socket.readable().await?;
    ///     match socket.try_recv_from(&mut buf) {
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

    /// Waits until something can be sent: `ready(Interest::WRITABLE)`.
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

    /// Sends a datagram to the socket that it is connected to, if the system takes it now.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room now, and what the system says.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (socket, _other) = rt_core::net::UnixDatagram::pair()?;
    /// assert_eq!(socket.try_send(b"abc")?, 3);
    /// # Ok(()) }
    /// ```
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || self.socket.send(buf))
    }

    /// Sends a datagram to `target`, if the system takes it now.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send).
    pub fn try_send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || self.send_to_now(buf, target.as_ref()))
    }

    /// Receives a datagram if one is there.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there, and what the system says.
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || self.socket.recv(buf))
    }

    /// Receives a datagram, if one is there.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    ///
    /// # Examples
    ///
    /// See [`readable`](Self::readable).
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let (n, from) = self.registration.try_io(Interest::READABLE, || self.socket.recv_from(buf))?;
        Ok((n, SocketAddr(from)))
    }

    /// Tries an operation of the caller's own on the socket.
    ///
    /// It isn't tried when it's known that it would block. When it says so itself, the socket isn't ready any more; so the
    /// closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the system did.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), and what the closure returned.
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
    /// let (socket, _other) = rt_core::net::UnixDatagram::pair()?;
    /// let send = || socket2::SockRef::from(&socket).send(b"abc");
    /// assert_eq!(socket.async_io(Interest::WRITABLE, send).await?, 3);
    /// # Ok(()) }
    /// ```
    pub async fn async_io<R>(&self, interest: Interest, f: impl FnMut() -> io::Result<R>) -> io::Result<R> {
        self.registration.async_io(interest, f).await
    }
}

#[cfg(feature = "io-util")]
impl UnixDatagram {
    /// As [`try_recv`](Self::try_recv), to the end of `buf`.
    ///
    /// What the next chunk of `buf` has no room for is lost.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || {
            // SAFETY: the system initializes as many bytes as it says.
            unsafe { receive_buf(buf, |room| self.sock_ref().recv(room)) }
        })
    }

    /// As [`try_recv_from`](Self::try_recv_from), to the end of `buf`.
    ///
    /// What the next chunk of `buf` has no room for is lost.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_buf_from<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        self.registration.try_io(Interest::READABLE, || {
            // SAFETY: the system initializes as many bytes as it says.
            unsafe { receive_buf(buf, |room| self.recv_from_now(room)) }
        })
    }
}
