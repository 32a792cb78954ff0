//! A Unix socket that is neither connected nor listening yet.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, RawFd};
use std::path::Path;

use socket2::{SockAddr, Socket, Type};

use crate::net::{UnixDatagram, UnixListener, UnixStream};
use crate::sys;

/// A Unix socket that can be bound before it becomes a [`UnixStream`], a [`UnixListener`] or a [`UnixDatagram`].
///
/// Unless said otherwise, the errors of its methods are what the system says.
///
/// # Examples
///
/// ```
/// use rt_core::net::UnixSocket;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// # let dir = tempfile::tempdir()?;
/// # let (server, client) = (dir.path().join("server"), dir.path().join("client"));
/// let socket = UnixSocket::new_stream()?;
/// socket.bind(&server)?;
/// let listener = socket.listen(16)?;
///
/// // A client with an address.
/// let socket = UnixSocket::new_stream()?;
/// socket.bind(&client)?;
/// let stream = socket.connect(&server).await?;
/// let (_, peer) = listener.accept().await?;
/// assert_eq!(peer.as_pathname(), Some(&*client));
/// # Ok(()) }
/// ```
pub struct UnixSocket {
    socket: Socket,
}

impl UnixSocket {
    /// A socket for datagrams.
    pub fn new_datagram() -> io::Result<UnixSocket> {
        Ok(UnixSocket { socket: sys::unix_datagram_socket()? })
    }

    /// A socket for streams.
    pub fn new_stream() -> io::Result<UnixSocket> {
        Ok(UnixSocket { socket: sys::unix_stream_socket()? })
    }

    /// Gives the socket an address: a path, of which it makes a file, or, on Linux, an abstract name, if `path` begins
    /// with a zero byte.
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.socket.bind(&SockAddr::unix(path)?)
    }

    /// Listens at the address that it was bound to. The system keeps up to `backlog` connections until they are
    /// accepted.
    ///
    /// # Errors
    ///
    /// When it's a socket for datagrams, and what the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        self.expect(Type::STREAM, "listen cannot be called on a datagram socket")?;
        UnixListener::listen(self.socket, backlog)
    }

    /// Connects to a path or an abstract name: see [`UnixStream::connect`].
    ///
    /// # Errors
    ///
    /// When it's a socket for datagrams, and what the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it gives the attempt up, and closes the socket.
    pub async fn connect(self, path: impl AsRef<Path>) -> io::Result<UnixStream> {
        self.expect(Type::STREAM, "connect cannot be called on a datagram socket")?;
        let addr = SockAddr::unix(path)?;
        UnixStream::connect_socket(self.socket, &addr).await
    }

    /// Makes a socket for datagrams ready to send and receive.
    ///
    /// # Errors
    ///
    /// When it's a socket for streams.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        self.expect(Type::DGRAM, "datagram cannot be called on a stream socket")?;
        UnixDatagram::fresh(self.socket.into())
    }

    fn expect(&self, ty: Type, complaint: &str) -> io::Result<()> {
        if self.socket.r#type()? == ty { Ok(()) } else { Err(io::Error::other(complaint)) }
    }
}

impl fmt::Debug for UnixSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for UnixSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl FromRawFd for UnixSocket {
    /// Takes over a Unix socket, which must neither be connected nor listen, and must not block.
    ///
    /// # Safety
    ///
    /// The descriptor must be open, and owned by nobody else.
    unsafe fn from_raw_fd(fd: RawFd) -> UnixSocket {
        // SAFETY: passed on to the caller.
        UnixSocket { socket: unsafe { Socket::from_raw_fd(fd) } }
    }
}

impl IntoRawFd for UnixSocket {
    fn into_raw_fd(self) -> RawFd {
        self.socket.into_raw_fd()
    }
}
