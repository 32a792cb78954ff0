//! Sending and receiving.

use std::io;
use std::mem::MaybeUninit;
use std::path::Path;

use socket2::SockAddr;

use super::UnixDatagram;
use crate::io::Interest;
use crate::net::buffers::charged;
use crate::net::datagram::datagram_recv_methods;
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

    datagram_recv_methods! {
        received: {
            "let (socket, other) = rt_core::net::UnixDatagram::pair()?;"
            r#"other.send(b"abc").await?;"#
        }
    }

    pub(super) fn send_to_now(&self, buf: &[u8], target: &Path) -> io::Result<usize> {
        self.sock_ref().send_to(buf, &SockAddr::unix(target)?)
    }

    /// `recv_from`, if a datagram is there.
    pub(super) fn received_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(buf).map(|(n, from)| (n, SocketAddr(from)))
    }

    /// As `received_from`, into memory that isn't initialized.
    pub(super) fn recv_from_now(&self, room: &mut [MaybeUninit<u8>]) -> io::Result<(usize, SocketAddr)> {
        let (n, from) = self.sock_ref().recv_from(room)?;
        Ok((n, SocketAddr::of_system(&from)?))
    }
}
