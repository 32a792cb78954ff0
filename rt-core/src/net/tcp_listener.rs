//! A socket that accepts connections.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll, ready};

use socket2::Domain;

use super::addr::try_each;
use super::{TcpStream, ToSocketAddrs};
use crate::driver::io::Registration;
use crate::io::Interest;
use crate::sys;

/// How many connections the system keeps for us until they are accepted.
const BACKLOG: u32 = 1024;

/// A socket that accepts TCP connections.
///
/// # Examples
///
/// ```
/// use rt_core::net::{TcpListener, TcpStream};
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let client = TcpStream::connect(listener.local_addr()?).await?;
/// let (server, peer) = listener.accept().await?;
/// assert_eq!(peer, client.local_addr()?);
/// # Ok(()) }
/// ```
pub struct TcpListener {
    // Before the socket, so that it is dropped before the descriptor is closed.
    registration: Registration,
    socket: mio::net::TcpListener,
}

impl TcpListener {
    /// Listens at an address. Port 0 has the system choose one: [`local_addr`](Self::local_addr) tells which.
    ///
    /// Of several addresses, the first that works is taken. `SO_REUSEADDR` is set, and the backlog is 1024:
    /// [`TcpSocket`](super::TcpSocket) is for other wishes.
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
    /// let listener = rt_core::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # Ok(()) }
    /// ```
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<TcpListener> {
        try_each(addr, |addr| std::future::ready(Self::bind_to(addr))).await
    }

    fn bind_to(addr: SocketAddr) -> io::Result<TcpListener> {
        let socket = sys::tcp_socket(Domain::for_address(addr))?;
        socket.set_reuse_address(true)?;
        socket.bind(&addr.into())?;
        Self::listen(socket, BACKLOG)
    }

    #[track_caller]
    pub(super) fn listen(socket: socket2::Socket, backlog: u32) -> io::Result<TcpListener> {
        socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        Self::new(mio::net::TcpListener::from_std(socket.into()))
    }

    #[track_caller]
    fn new(socket: mio::net::TcpListener) -> io::Result<TcpListener> {
        Ok(TcpListener { registration: Registration::new(socket.as_raw_fd())?, socket })
    }

    /// Waits for a connection, and gives it with the address of the other side.
    ///
    /// # Errors
    ///
    /// What the system says; the listener goes on to work. When the process has no descriptors left (`EMFILE`),
    /// the connection stays in the backlog: close something before the next try, or wait a while.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no connection has been accepted then.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let listener = rt_core::net::TcpListener::bind("127.0.0.1:8080").await?;
    /// loop {
    ///     let (stream, peer) = listener.accept().await?;
    ///     println!("{peer} is here");
    ///     rt_core::spawn(async move { stream });
    /// }
    /// # }
    /// ```
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let accepted = self.registration.async_io(Interest::READABLE, || self.socket.accept()).await?;
        Self::wrap(accepted)
    }

    /// Polls for a connection. One task may wait so: the last one that polled is woken.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accepted = ready!(self.registration.poll_read_io(cx, || self.socket.accept()))?;
        Poll::Ready(Self::wrap(accepted))
    }

    fn wrap((socket, peer): (mio::net::TcpStream, SocketAddr)) -> io::Result<(TcpStream, SocketAddr)> {
        Ok((TcpStream::new(socket.into())?, peer))
    }

    /// Takes over a listener of the standard library. It's made non-blocking.
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
    /// let std_listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let listener = rt_core::net::TcpListener::from_std(std_listener)?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        Self::new(mio::net::TcpListener::from_std(listener))
    }

    /// Gives the listener to the standard library. It's non-blocking still: call
    /// [`set_nonblocking`](std::net::TcpListener::set_nonblocking) to change that.
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
    /// let listener = rt_core::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let std_listener = listener.into_std()?;
    /// std_listener.set_nonblocking(false)?;
    /// # Ok(()) }
    /// ```
    pub fn into_std(self) -> io::Result<std::net::TcpListener> {
        let Self { registration, socket } = self;
        drop(registration);
        Ok(socket.into())
    }

    /// The address that it listens at.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The time to live of the packets it sends, in hops: `IP_TTL`.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let listener = rt_core::net::TcpListener::bind("127.0.0.1:0").await?;
    /// listener.set_ttl(100)?;
    /// assert_eq!(listener.ttl()?, 100);
    /// # Ok(()) }
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        self.socket.ttl()
    }

    /// Sets the time to live of the packets it sends, in hops: `IP_TTL`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.socket.set_ttl(ttl)
    }
}

impl TryFrom<std::net::TcpListener> for TcpListener {
    type Error = io::Error;

    /// As [`TcpListener::from_std`].
    #[track_caller]
    fn try_from(listener: std::net::TcpListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for TcpListener {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
