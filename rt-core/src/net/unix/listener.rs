//! A Unix socket that accepts connections.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::path::Path;
use std::task::{Context, Poll, ready};

use socket2::{SockAddr, Socket};

use super::SocketAddr;
use crate::driver::io::Registration;
use crate::io::Interest;
use crate::net::UnixStream;
use crate::sys;

/// How many connections the system keeps for us until they are accepted.
const BACKLOG: u32 = 1024;

/// A Unix socket that accepts connections.
///
/// A path that it was bound to stays when it's dropped: remove the file, before or after.
///
/// # Examples
///
/// ```
/// use rt_core::net::{UnixListener, UnixStream};
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("socket");
/// let listener = UnixListener::bind(&path)?;
/// let client = UnixStream::connect(&path).await?;
/// let (server, peer) = listener.accept().await?;
/// assert!(peer.is_unnamed());
/// # Ok(()) }
/// ```
pub struct UnixListener {
    // Before the socket, so that it is dropped before the descriptor is closed.
    registration: Registration,
    socket: mio::net::UnixListener,
}

impl UnixListener {
    /// Listens at a path, of which it makes a file; or, on Linux, at an abstract name, if `path` begins with a zero
    /// byte. The backlog is 1024: [`UnixSocket`](crate::net::UnixSocket) is for other wishes.
    ///
    /// # Errors
    ///
    /// What the system says; [`AddrInUse`](io::ErrorKind::AddrInUse) when the file exists.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixListener> {
        Self::bind_to(&SockAddr::unix(path)?)
    }

    /// Listens at an address: see [`bind`](Self::bind).
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixListener> {
        Self::bind_to(&addr.to_system()?)
    }

    #[track_caller]
    fn bind_to(addr: &SockAddr) -> io::Result<UnixListener> {
        let socket = sys::unix_stream_socket()?;
        socket.bind(addr)?;
        Self::listen(socket, BACKLOG)
    }

    #[track_caller]
    pub(super) fn listen(socket: Socket, backlog: u32) -> io::Result<UnixListener> {
        socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        Self::new(mio::net::UnixListener::from_std(socket.into()))
    }

    #[track_caller]
    fn new(socket: mio::net::UnixListener) -> io::Result<UnixListener> {
        Ok(UnixListener { registration: Registration::new(socket.as_raw_fd())?, socket })
    }

    /// Waits for a connection, and gives it with the address of the other side, which mostly has none.
    ///
    /// # Errors
    ///
    /// What the system says; the listener goes on to work. When the process has no descriptors left (`EMFILE`),
    /// the connection stays in the backlog: close something before the next try, or wait a while.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no connection has been accepted then.
    pub async fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        let accepted = self.registration.async_io(Interest::READABLE, || self.socket.accept()).await?;
        Self::wrap(accepted)
    }

    /// Polls for a connection. One task may wait so: the last one that polled is woken.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let accepted = ready!(self.registration.poll_read_io(cx, || self.socket.accept()))?;
        Poll::Ready(Self::wrap(accepted))
    }

    fn wrap((socket, peer): (mio::net::UnixStream, net::SocketAddr)) -> io::Result<(UnixStream, SocketAddr)> {
        Ok((UnixStream::new(socket.into())?, SocketAddr(peer)))
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
    #[track_caller]
    pub fn from_std(listener: net::UnixListener) -> io::Result<UnixListener> {
        listener.set_nonblocking(true)?;
        Self::new(mio::net::UnixListener::from_std(listener))
    }

    /// Gives the listener to the standard library. It's non-blocking still: call
    /// [`set_nonblocking`](net::UnixListener::set_nonblocking) to change that.
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn into_std(self) -> io::Result<net::UnixListener> {
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
        self.socket.local_addr().map(SocketAddr)
    }

    /// The error that the system keeps for the socket, which is taken: `SO_ERROR`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }
}

impl TryFrom<net::UnixListener> for UnixListener {
    type Error = io::Error;

    /// As [`UnixListener::from_std`].
    #[track_caller]
    fn try_from(listener: net::UnixListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for UnixListener {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
