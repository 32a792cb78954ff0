//! What the system tells of a socket, and what it lets one set.

use std::io;
use std::net::SocketAddr;

use super::UdpSocket;
use crate::sys;

/// # Options
///
/// Their errors are what the system says.
impl UdpSocket {
    /// The address that the socket is bound to.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected), if it isn't.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// The error that the system keeps for the socket, which is taken: `SO_ERROR`.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// Whether it may send to a broadcast address: `SO_BROADCAST`.
    pub fn broadcast(&self) -> io::Result<bool> {
        self.socket.broadcast()
    }

    /// Sets whether it may send to a broadcast address: `SO_BROADCAST`.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let socket = rt_core::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// socket.set_broadcast(true)?;
    /// assert!(socket.broadcast()?);
    /// # Ok(()) }
    /// ```
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.socket.set_broadcast(on)
    }

    /// The time to live of the packets it sends, in hops: `IP_TTL`.
    pub fn ttl(&self) -> io::Result<u32> {
        self.socket.ttl()
    }

    /// Sets the time to live of the packets it sends, in hops: `IP_TTL`.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.socket.set_ttl(ttl)
    }

    /// The type of service of IPv4 packets: `IP_TOS`.
    pub fn tos_v4(&self) -> io::Result<u32> {
        self.sock_ref().tos_v4()
    }

    /// Sets the type of service of IPv4 packets: `IP_TOS`.
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        self.sock_ref().set_tos_v4(tos)
    }

    /// The traffic class of IPv6 packets: `IPV6_TCLASS`.
    pub fn tclass_v6(&self) -> io::Result<u32> {
        self.sock_ref().tclass_v6()
    }

    /// Sets the traffic class of IPv6 packets: `IPV6_TCLASS`.
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        self.sock_ref().set_tclass_v6(tclass)
    }

    /// The network interface that the socket is bound to: `SO_BINDTODEVICE`.
    ///
    /// `Unsupported` on systems other than Linux.
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        sys::device(&self.sock_ref())
    }

    /// Binds the socket to a network interface, so that only packets from there are received:
    /// `SO_BINDTODEVICE`. `None` unbinds it.
    ///
    /// `Unsupported` on systems other than Linux.
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        sys::bind_device(&self.sock_ref(), interface)
    }
}
