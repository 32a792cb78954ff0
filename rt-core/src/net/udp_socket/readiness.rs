//! Waiting until a socket is ready, and trying without a wait.

use std::io;
use std::net::SocketAddr;

use super::UdpSocket;
use crate::io::{Interest, Ready};
use crate::net::datagram::datagram_readiness_methods;

/// # Readiness
///
/// The `try_*` methods do what they can at once. What the others say is what the last operation found, and what the system
/// reported since: it may be wrong, and the next operation may block all the same.
impl UdpSocket {
    datagram_readiness_methods! {
        from: " from the address that the socket is connected to", to: "address that the socket is connected to",
        connected: {
            r#"let socket = rt_core::net::UdpSocket::bind("127.0.0.1:0").await?;"#
            "socket.connect(socket.local_addr()?).await?;"
        }
        received: {
            r#"let socket = rt_core::net::UdpSocket::bind("127.0.0.1:0").await?;"#
            "# socket.connect(socket.local_addr()?).await?;"
            r#"# socket.send(b"abc").await?;"#
        }
    }

    /// Sends a datagram to `target`, if the system takes it now.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send).
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || self.socket.send_to(buf, target))
    }

    /// Looks at a datagram from the address that the socket is connected to, if one is there, and leaves it.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.try_io(Interest::READABLE, || self.socket.peek(buf))
    }

    /// Looks at a datagram, if one is there, and leaves it.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.registration.try_io(Interest::READABLE, || self.socket.peek_from(buf))
    }

    /// Where the next datagram is from, if one is there.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.registration.try_io(Interest::READABLE, || self.peek_sender_now())
    }
}
