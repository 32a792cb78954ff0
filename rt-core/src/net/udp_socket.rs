//! A UDP socket.
//!
//! - Here: how it comes to be, and what it can be turned into.
//! - `transfer`: sending and receiving. `poll`: the same for futures written by hand. `readiness`: waiting, and trying
//!   without a wait.
//! - `options`: what the system lets one set. `multicast`: groups.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use socket2::{Domain, SockRef};

use super::ToSocketAddrs;
use super::addr::try_each;
use crate::driver::io::Registration;
use crate::io::Ready;
use crate::sys;

mod multicast;
mod options;
mod poll;
mod readiness;
mod transfer;

/// A UDP socket.
///
/// It sends to anyone and receives from anyone ([`send_to`](Self::send_to), [`recv_from`](Self::recv_from)), or it is
/// connected to one address ([`connect`](Self::connect), [`send`](Self::send), [`recv`](Self::recv)).
///
/// All methods take `&self`: several tasks share a socket in an `Arc`, and need no halves. What is received goes to one of
/// those who wait.
///
/// # Examples
///
/// ```
/// use rt_core::net::UdpSocket;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = UdpSocket::bind("127.0.0.1:0").await?;
/// let client = UdpSocket::bind("127.0.0.1:0").await?;
///
/// client.send_to(b"ping", server.local_addr()?).await?;
/// let mut buf = [0; 16];
/// let (len, peer) = server.recv_from(&mut buf).await?;
/// assert_eq!(&buf[..len], b"ping");
/// server.send_to(b"pong", peer).await?;
///
/// client.connect(server.local_addr()?).await?;
/// let len = client.recv(&mut buf).await?;
/// assert_eq!(&buf[..len], b"pong");
/// # Ok(()) }
/// ```
pub struct UdpSocket {
    // Before the socket, so that it is dropped before the descriptor is closed.
    registration: Registration,
    socket: std::net::UdpSocket,
}

impl UdpSocket {
    /// Makes a socket and gives it an address of this machine. Port 0 has the system choose one:
    /// [`local_addr`](Self::local_addr) tells which.
    ///
    /// Of several addresses, the first that works is taken.
    ///
    /// # Errors
    ///
    /// When the name can't be resolved; else the error of the last address.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let socket = rt_core::net::UdpSocket::bind(("127.0.0.1", 0)).await?;
    /// assert_ne!(socket.local_addr()?.port(), 0);
    /// # Ok(()) }
    /// ```
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<UdpSocket> {
        try_each(addr, |addr| std::future::ready(Self::bind_to(addr))).await
    }

    fn bind_to(addr: SocketAddr) -> io::Result<UdpSocket> {
        let socket = sys::udp_socket(Domain::for_address(addr))?;
        socket.bind(&addr.into())?;
        let socket = Self::new(socket.into())?;
        // Nobody knows of it yet: a first try would only find that nothing has come.
        socket.registration.doubt(Ready::READABLE);
        Ok(socket)
    }

    #[track_caller]
    fn new(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        Ok(UdpSocket { registration: Registration::new(socket.as_raw_fd())?, socket })
    }

    /// Takes over a socket of the standard library. It's made non-blocking.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let std_socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// let socket = rt_core::net::UdpSocket::from_std(std_socket)?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        socket.set_nonblocking(true)?;
        Self::new(socket)
    }

    /// Gives the socket to the standard library. It's non-blocking still: call
    /// [`set_nonblocking`](std::net::UdpSocket::set_nonblocking) to change that.
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let socket = rt_core::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let std_socket = socket.into_std()?;
    /// std_socket.set_nonblocking(false)?;
    /// # Ok(()) }
    /// ```
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
        let Self { registration, socket } = self;
        drop(registration);
        Ok(socket)
    }

    /// Makes `addr` the one to which [`send`](Self::send) sends, and from which alone is received. Nothing is sent for
    /// that: nobody need be there.
    ///
    /// Of several addresses, the first that works is taken. It can be called again, for another address.
    ///
    /// # Errors
    ///
    /// When the name can't be resolved; else the error of the last address.
    ///
    /// # Panics
    ///
    /// When `addr` is a name, outside of a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it leaves the socket as it was.
    ///
    /// # Examples
    ///
    /// See [`send`](Self::send).
    pub async fn connect<A: ToSocketAddrs>(&self, addr: A) -> io::Result<()> {
        try_each(addr, |addr| std::future::ready(self.socket.connect(addr))).await
    }

    /// What socket2 knows to do with a socket and the standard library doesn't.
    fn sock_ref(&self) -> SockRef<'_> {
        SockRef::from(&self.socket)
    }
}

impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    /// As [`UdpSocket::from_std`].
    #[track_caller]
    fn try_from(socket: std::net::UdpSocket) -> io::Result<Self> {
        Self::from_std(socket)
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
