//! A TCP socket that is neither connected nor listening yet.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, RawFd};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket};

use super::{TcpListener, TcpStream};
use crate::sys;

/// A TCP socket whose options can be set before it connects or listens.
///
/// Unless said otherwise, the errors of its methods are what the system says.
///
/// # Examples
///
/// ```
/// use rt_core::net::TcpSocket;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let socket = TcpSocket::new_v4()?;
/// socket.set_reuseaddr(true)?;
/// socket.bind("127.0.0.1:0".parse().unwrap())?;
/// let listener = socket.listen(16)?;
///
/// let stream = TcpSocket::new_v4()?.connect(listener.local_addr()?).await?;
/// # Ok(()) }
/// ```
pub struct TcpSocket {
    socket: Socket,
}

impl TcpSocket {
    /// A socket for IPv4.
    pub fn new_v4() -> io::Result<TcpSocket> {
        Ok(TcpSocket { socket: sys::tcp_socket(Domain::IPV4)? })
    }

    /// A socket for IPv6.
    pub fn new_v6() -> io::Result<TcpSocket> {
        Ok(TcpSocket { socket: sys::tcp_socket(Domain::IPV6)? })
    }

    /// Takes over a socket of the standard library, which must neither be connected nor listen. It must not
    /// block: call [`set_nonblocking`](std::net::TcpStream::set_nonblocking) before.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::net::TcpSocket;
    /// use socket2::{Domain, Socket, Type};
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    /// socket.set_nonblocking(true)?;
    /// let socket = TcpSocket::from_std_stream(socket.into());
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = socket.connect(listener.local_addr()?).await?;
    /// # Ok(()) }
    /// ```
    pub fn from_std_stream(std_stream: std::net::TcpStream) -> TcpSocket {
        TcpSocket { socket: std_stream.into() }
    }

    /// Gives the socket an address of this machine. Port 0 has the system choose one.
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        self.socket.bind(&addr.into())
    }

    /// Connects to an address.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it gives the attempt up, and closes the socket.
    pub async fn connect(self, addr: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect_socket(self.socket, addr).await
    }

    /// Listens at the address that it was bound to. The system keeps up to `backlog` connections until they are
    /// accepted.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        TcpListener::listen(self.socket, backlog)
    }

    /// The address that it was bound to.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let addr = self.socket.local_addr()?;
        addr.as_socket().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not an Internet address"))
    }

    /// The error that the system keeps for the socket, which is taken: `SO_ERROR`.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

/// # Options
impl TcpSocket {
    /// Whether the connection is probed while it's idle: `SO_KEEPALIVE`.
    pub fn keepalive(&self) -> io::Result<bool> {
        self.socket.keepalive()
    }

    /// Sets whether the connection is probed while it's idle: `SO_KEEPALIVE`.
    pub fn set_keepalive(&self, keepalive: bool) -> io::Result<()> {
        self.socket.set_keepalive(keepalive)
    }

    /// Whether it may be bound to an address that a former socket used lately: `SO_REUSEADDR`.
    pub fn reuseaddr(&self) -> io::Result<bool> {
        self.socket.reuse_address()
    }

    /// Sets whether it may be bound to an address that a former socket used lately: `SO_REUSEADDR`.
    ///
    /// # Examples
    ///
    /// ```
    /// let socket = rt_core::net::TcpSocket::new_v4()?;
    /// socket.set_reuseaddr(true)?;
    /// assert!(socket.reuseaddr()?);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_reuseaddr(&self, reuseaddr: bool) -> io::Result<()> {
        self.socket.set_reuse_address(reuseaddr)
    }

    /// Whether several sockets may be bound to the same address: `SO_REUSEPORT`.
    pub fn reuseport(&self) -> io::Result<bool> {
        self.socket.reuse_port()
    }

    /// Sets whether several sockets may be bound to the same address: `SO_REUSEPORT`. All of them must say so.
    pub fn set_reuseport(&self, reuseport: bool) -> io::Result<()> {
        self.socket.set_reuse_port(reuseport)
    }

    /// The size of the system's buffer for what is to be sent, in bytes: `SO_SNDBUF`.
    ///
    /// Linux gives twice what was set, as it counts its own needs too.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.socket.send_buffer_size().map(saturate)
    }

    /// Sets the size of the system's buffer for what is to be sent, in bytes: `SO_SNDBUF`.
    pub fn set_send_buffer_size(&self, size: u32) -> io::Result<()> {
        self.socket.set_send_buffer_size(size as usize)
    }

    /// The size of the system's buffer for what was received, in bytes: `SO_RCVBUF`.
    ///
    /// Linux gives twice what was set, as it counts its own needs too.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.socket.recv_buffer_size().map(saturate)
    }

    /// Sets the size of the system's buffer for what was received, in bytes: `SO_RCVBUF`. It must be set before
    /// the socket connects or listens to have an effect on the TCP window.
    pub fn set_recv_buffer_size(&self, size: u32) -> io::Result<()> {
        self.socket.set_recv_buffer_size(size as usize)
    }

    /// How long closing the socket may wait for what isn't sent yet: `SO_LINGER`.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.socket.linger()
    }

    /// Sets how long closing the socket may wait for what isn't sent yet: `SO_LINGER`. `None`, the default,
    /// sends it in the background.
    #[deprecated = "closing a socket that lingers blocks the thread; `set_zero_linger` and `shutdown` don't"]
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        self.socket.set_linger(dur)
    }

    /// Has closing the socket throw away what isn't sent yet, and reset the connection: `SO_LINGER` with no time.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.socket.set_linger(Some(Duration::ZERO))
    }

    /// Whether small segments are sent at once rather than gathered: `TCP_NODELAY`.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.socket.tcp_nodelay()
    }

    /// Sets whether small segments are sent at once: `TCP_NODELAY`.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.socket.set_tcp_nodelay(nodelay)
    }

    /// The type of service of IPv4 packets: `IP_TOS`.
    pub fn tos_v4(&self) -> io::Result<u32> {
        self.socket.tos_v4()
    }

    /// Sets the type of service of IPv4 packets: `IP_TOS`.
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        self.socket.set_tos_v4(tos)
    }

    /// The traffic class of IPv6 packets: `IPV6_TCLASS`.
    pub fn tclass_v6(&self) -> io::Result<u32> {
        self.socket.tclass_v6()
    }

    /// Sets the traffic class of IPv6 packets: `IPV6_TCLASS`.
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        self.socket.set_tclass_v6(tclass)
    }

    /// The network interface that the socket is bound to: `SO_BINDTODEVICE`.
    ///
    /// `Unsupported` on systems other than Linux.
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        sys::device(&SockRef::from(&self.socket))
    }

    /// Binds the socket to a network interface, so that only packets from there are received:
    /// `SO_BINDTODEVICE`. `None` unbinds it.
    ///
    /// `Unsupported` on systems other than Linux.
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        sys::bind_device(&SockRef::from(&self.socket), interface)
    }
}

fn saturate(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl FromRawFd for TcpSocket {
    /// Takes over a TCP socket, which must neither be connected nor listen, and must not block.
    ///
    /// # Safety
    ///
    /// The descriptor must be open, and owned by nobody else.
    unsafe fn from_raw_fd(fd: RawFd) -> TcpSocket {
        // SAFETY: passed on to the caller.
        TcpSocket { socket: unsafe { Socket::from_raw_fd(fd) } }
    }
}

impl IntoRawFd for TcpSocket {
    fn into_raw_fd(self) -> RawFd {
        self.socket.into_raw_fd()
    }
}
