//! Sending and receiving.

use std::io;
use std::mem::MaybeUninit;
use std::path::Path;

use socket2::SockAddr;

use super::UnixDatagram;
use crate::coop;
use crate::io::Interest;
use crate::net::buffers::charged;
#[cfg(feature = "io-util")]
use crate::net::buffers::receive_buf;
use crate::net::unix::SocketAddr;

/// # Sending and receiving
impl UnixDatagram {
    /// Sends a datagram to the socket that it's connected to, and waits while that one has no room. Gives how many bytes,
    /// which is all of `buf`.
    ///
    /// # Errors
    ///
    /// What the system says, and when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been sent.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.registration.async_io(Interest::WRITABLE, || charged(self.socket.send(buf))).await
    }

    /// Sends a datagram to the socket at `target`. Gives how many bytes, which is all of `buf`.
    ///
    /// It waits while this socket has no room. While the *other* has none, the system says that it would block, but reports
    /// of a socket that isn't connected only its own side; on Linux, then, the wait ends when something changes here.
    /// [`connect`](Self::connect) before sending much.
    ///
    /// # Errors
    ///
    /// What the system says, and when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been sent.
    pub async fn send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        let target = SockAddr::unix(target)?;
        let send = || charged(self.sock_ref().send_to(buf, &target));
        self.registration.async_io(Interest::WRITABLE, send).await
    }

    /// Receives a datagram, and gives how many bytes. What `buf` has no room for is lost.
    ///
    /// # Errors
    ///
    /// What the system says, and when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been received.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.async_io(Interest::READABLE, || charged(self.socket.recv(buf))).await
    }

    /// Receives a datagram, and gives how many bytes and from where. What `buf` has no room for is lost.
    ///
    /// # Errors
    ///
    /// What the system says, and when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been received.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let receive = || {
            let (n, from) = self.socket.recv_from(buf)?;
            coop::charge(n);
            Ok((n, SocketAddr(from)))
        };
        self.registration.async_io(Interest::READABLE, receive).await
    }

    pub(super) fn send_to_now(&self, buf: &[u8], target: &Path) -> io::Result<usize> {
        self.sock_ref().send_to(buf, &SockAddr::unix(target)?)
    }

    pub(super) fn recv_from_now(&self, room: &mut [MaybeUninit<u8>]) -> io::Result<(usize, SocketAddr)> {
        let (n, from) = self.sock_ref().recv_from(room)?;
        Ok((n, SocketAddr::of_system(&from)?))
    }
}

#[cfg(feature = "io-util")]
impl UnixDatagram {
    /// As [`recv`](Self::recv), to the end of `buf`.
    ///
    /// What the next chunk of `buf` has no room for is lost: [`reserve`](Vec::reserve) as much as a datagram may have.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been received.
    pub async fn recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        // SAFETY: the system initializes as many bytes as it says.
        let receive = || charged(unsafe { receive_buf(buf, |room| self.sock_ref().recv(room)) });
        self.registration.async_io(Interest::READABLE, receive).await
    }

    /// As [`recv_from`](Self::recv_from), to the end of `buf`.
    ///
    /// What the next chunk of `buf` has no room for is lost: [`reserve`](Vec::reserve) as much as a datagram may have.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been received.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (one, other) = rt_core::net::UnixDatagram::pair()?;
    /// one.send(b"hello").await?;
    /// let mut buf = Vec::with_capacity(1500);
    /// let (len, peer) = other.recv_buf_from(&mut buf).await?;
    /// assert_eq!(&buf[..len], b"hello");
    /// assert!(peer.is_unnamed());
    /// # Ok(()) }
    /// ```
    pub async fn recv_buf_from<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        let receive = || {
            // SAFETY: the system initializes as many bytes as it says.
            let (n, from) = unsafe { receive_buf(buf, |room| self.recv_from_now(room)) }?;
            coop::charge(n);
            Ok((n, from))
        };
        self.registration.async_io(Interest::READABLE, receive).await
    }
}
