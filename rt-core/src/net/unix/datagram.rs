//! A Unix socket for datagrams.
//!
//! - Here: how it comes to be, and what it can be turned into.
//! - `transfer`: sending and receiving. `poll`: the same for futures written by hand. `readiness`: waiting, and trying
//!   without a wait.

use std::fmt;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::path::Path;

use socket2::{SockAddr, SockRef};

use super::SocketAddr;
use crate::driver::io::Registration;
use crate::io::Ready;
use crate::sys;

mod poll;
mod readiness;
mod transfer;

/// A Unix socket for datagrams, within one machine. None is lost on the way: who sends waits for who receives.
///
/// All methods take `&self`: several tasks share a socket in an `Arc`, and need no halves. A path that it was bound to
/// stays when it's dropped: remove the file, before or after.
///
/// # Examples
///
/// ```
/// use rt_core::net::UnixDatagram;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// # let dir = tempfile::tempdir()?;
/// # let (server_path, client_path) = (dir.path().join("server"), dir.path().join("client"));
/// let server = UnixDatagram::bind(&server_path)?;
/// // Who wants an answer needs an address.
/// let client = UnixDatagram::bind(&client_path)?;
///
/// client.send_to(b"ping", &server_path).await?;
/// let mut buf = [0; 16];
/// let (len, peer) = server.recv_from(&mut buf).await?;
/// assert_eq!(&buf[..len], b"ping");
/// server.send_to(b"pong", peer.as_pathname().expect("it has a path")).await?;
/// assert_eq!(client.recv(&mut buf).await?, 4);
/// # Ok(()) }
/// ```
pub struct UnixDatagram {
    // Before the socket, so that it is dropped before the descriptor is closed.
    registration: Registration,
    socket: net::UnixDatagram,
}

impl UnixDatagram {
    /// Makes a socket with an address: a path, of which it makes a file; or, on Linux, an abstract name, if `path` begins
    /// with a zero byte.
    ///
    /// # Errors
    ///
    /// What the system says; [`AddrInUse`](io::ErrorKind::AddrInUse) when the file exists.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixDatagram> {
        let socket = sys::unix_datagram_socket()?;
        socket.bind(&SockAddr::unix(path)?)?;
        Self::fresh(socket.into())
    }

    /// Makes two sockets that are connected to each other, without addresses.
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
    /// let (one, other) = rt_core::net::UnixDatagram::pair()?;
    /// one.send(b"hello").await?;
    /// let mut buf = [0; 16];
    /// assert_eq!(other.recv(&mut buf).await?, 5);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (one, other) = mio::net::UnixDatagram::pair()?;
        Ok((Self::fresh(one.into())?, Self::fresh(other.into())?))
    }

    /// Makes a socket without an address: it can send, and receives nothing until it's connected.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        Self::fresh(sys::unix_datagram_socket()?.into())
    }

    /// One of which nobody knows yet: a first try would only find that nothing has come.
    #[track_caller]
    pub(super) fn fresh(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        let socket = Self::new(socket)?;
        socket.registration.doubt(Ready::READABLE);
        Ok(socket)
    }

    #[track_caller]
    fn new(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        Ok(UnixDatagram { registration: Registration::new(socket.as_raw_fd())?, socket })
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
    #[track_caller]
    pub fn from_std(datagram: net::UnixDatagram) -> io::Result<UnixDatagram> {
        datagram.set_nonblocking(true)?;
        Self::new(datagram)
    }

    /// Gives the socket to the standard library. It's non-blocking still: call
    /// [`set_nonblocking`](net::UnixDatagram::set_nonblocking) to change that.
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn into_std(self) -> io::Result<net::UnixDatagram> {
        let Self { registration, socket } = self;
        drop(registration);
        Ok(socket)
    }

    /// Makes the socket at `path` the one to which [`send`](Self::send) sends, and from which alone is received. It can be
    /// called again, for another one.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        self.sock_ref().connect(&SockAddr::unix(path)?)
    }

    /// The address that it was bound to.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr().map(SocketAddr)
    }

    /// The address of the socket that it's connected to.
    ///
    /// # Errors
    ///
    /// What the system says; [`NotConnected`](io::ErrorKind::NotConnected) when it isn't.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr().map(SocketAddr)
    }

    /// The error that the system keeps for the socket, which is taken: `SO_ERROR`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// Ends receiving, sending, or both.
    ///
    /// # Errors
    ///
    /// What the system says; [`NotConnected`](io::ErrorKind::NotConnected) when it isn't.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    /// What socket2 knows to do with a socket and the standard library doesn't.
    fn sock_ref(&self) -> SockRef<'_> {
        SockRef::from(&self.socket)
    }
}

impl TryFrom<net::UnixDatagram> for UnixDatagram {
    type Error = io::Error;

    /// As [`UnixDatagram::from_std`].
    #[track_caller]
    fn try_from(datagram: net::UnixDatagram) -> io::Result<Self> {
        Self::from_std(datagram)
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for UnixDatagram {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for UnixDatagram {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
