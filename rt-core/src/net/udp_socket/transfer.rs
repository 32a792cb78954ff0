//! Sending and receiving.
//!
//! A datagram is sent whole or not at all, and what a buffer has no room for is lost. So no count of bytes says that
//! nothing more has come: only the system's refusal does.

use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;

use super::UdpSocket;
use crate::io::Interest;
use crate::net::ToSocketAddrs;
use crate::net::buffers::charged;
use crate::net::datagram::datagram_recv_methods;

/// # Sending and receiving
impl UdpSocket {
    /// Sends a datagram to the address that the socket is connected to. Gives how many bytes, which is all of `buf`.
    ///
    /// # Errors
    ///
    /// What the system says: for instance that the socket isn't connected, that `buf` is too long for a datagram, or that
    /// nobody received a former one ([`ConnectionRefused`](io::ErrorKind::ConnectionRefused)). And when the runtime is shut
    /// down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::net::UdpSocket;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let server = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let server_addr = server.local_addr()?;
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// socket.connect(server_addr).await?;
    /// assert_eq!(socket.send(b"hello").await?, 5);
    /// # Ok(()) }
    /// ```
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.registration.async_io(Interest::WRITABLE, || charged(self.socket.send(buf))).await
    }

    /// Sends a datagram to `addr`. Gives how many bytes, which is all of `buf`.
    ///
    /// Of several addresses, the first is taken, whether it works or not.
    ///
    /// # Errors
    ///
    /// When the name can't be resolved, what the system says, and when the runtime is shut down. A socket of IPv4 can't send
    /// to an address of IPv6, nor the other way round.
    ///
    /// # Panics
    ///
    /// When `addr` is a name, outside of a runtime.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been sent.
    ///
    /// # Examples
    ///
    /// See [`UdpSocket`].
    pub async fn send_to<A: ToSocketAddrs>(&self, buf: &[u8], addr: A) -> io::Result<usize> {
        let Some(addr) = addr.resolve().await?.next() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no addresses to send data to"));
        };
        self.registration.async_io(Interest::WRITABLE, || charged(self.socket.send_to(buf, addr))).await
    }

    /// Receives a datagram from the address that the socket is connected to, and gives how many bytes. What `buf` has no
    /// room for is lost.
    ///
    /// # Errors
    ///
    /// What the system says: for instance that nobody received what was sent before
    /// ([`ConnectionRefused`](io::ErrorKind::ConnectionRefused)). And when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, nothing has been received.
    ///
    /// # Examples
    ///
    /// See [`UdpSocket`].
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.async_io(Interest::READABLE, || charged(self.socket.recv(buf))).await
    }

    datagram_recv_methods! {
        received: {
            r#"let socket = rt_core::net::UdpSocket::bind("127.0.0.1:0").await?;"#
            "# socket.connect(socket.local_addr()?).await?;"
            r#"# socket.send(b"abc").await?;"#
        }
    }

    /// As [`recv`](Self::recv), and leaves the datagram to be received again: also that part for which `buf` has no room.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.async_io(Interest::READABLE, || self.socket.peek(buf)).await
    }

    /// As [`recv_from`](Self::recv_from), and leaves the datagram to be received again.
    ///
    /// # Errors
    ///
    /// As [`recv_from`](Self::recv_from).
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::net::UdpSocket;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let own_address = socket.local_addr()?;
    /// # socket.send_to(b"hello", own_address).await?;
    /// let (mut first, mut all) = ([0; 1], [0; 16]);
    /// let (_, peer) = socket.peek_from(&mut first).await?;
    /// assert_eq!(socket.recv_from(&mut all).await?, (5, peer));
    /// assert_eq!(first[0], all[0]);
    /// # Ok(()) }
    /// ```
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.registration.async_io(Interest::READABLE, || self.socket.peek_from(buf)).await
    }

    /// Waits for a datagram, leaves it to be received, and gives where it is from.
    ///
    /// Whether it's still there then is up to who else receives from the socket.
    ///
    /// # Errors
    ///
    /// As [`recv_from`](Self::recv_from).
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    pub async fn peek_sender(&self) -> io::Result<SocketAddr> {
        self.registration.async_io(Interest::READABLE, || self.peek_sender_now()).await
    }

    pub(super) fn peek_sender_now(&self) -> io::Result<SocketAddr> {
        internet(self.sock_ref().peek_sender()?)
    }

    /// `recv_from`, if a datagram is there.
    pub(super) fn received_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(buf)
    }

    /// As `received_from`, into memory that isn't initialized.
    pub(super) fn recv_from_now(&self, room: &mut [MaybeUninit<u8>]) -> io::Result<(usize, SocketAddr)> {
        let (n, from) = self.sock_ref().recv_from(room)?;
        Ok((n, internet(from)?))
    }
}

fn internet(addr: socket2::SockAddr) -> io::Result<SocketAddr> {
    addr.as_socket().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an Internet address"))
}
