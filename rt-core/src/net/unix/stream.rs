//! A connection over a Unix socket.
//!
//! - Here: how it comes to be, and what it can be turned into.
//! - `transfer`: reading and writing. `readiness`: waiting for it, and trying without a wait.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net;
use std::path::Path;
use std::task::Poll;

use socket2::{SockAddr, SockRef, Socket};

use super::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, SocketAddr, UCred, WriteHalf};
use crate::driver::io::Registration;
use crate::io::Ready;
use crate::sys;

mod readiness;
mod transfer;

/// A connection over a Unix socket, within one machine.
///
/// It's read by the methods of `AsyncReadExt` and written by those of `AsyncWriteExt`. Shutting it down
/// (`AsyncWriteExt::shutdown`) ends writing only; dropping it closes both directions.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
/// use rt_core::net::UnixStream;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let (mut one, mut other) = UnixStream::pair()?;
/// one.write_all(b"hello").await?;
/// one.shutdown().await?;
/// let mut greeting = String::new();
/// other.read_to_string(&mut greeting).await?;
/// assert_eq!(greeting, "hello");
/// # Ok(()) }
/// ```
pub struct UnixStream {
    // Before the socket, so that it is dropped before the descriptor is closed.
    registration: Registration,
    socket: net::UnixStream,
}

impl UnixStream {
    /// Connects to a path; or, on Linux, to an abstract name, if `path` begins with a zero byte.
    ///
    /// # Errors
    ///
    /// What the system says. [`WouldBlock`](io::ErrorKind::WouldBlock) when the listener's backlog is full: the system
    /// doesn't tell when that changes, so try again later.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it gives the attempt up.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    /// use rt_core::net::UnixStream;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let error = UnixStream::connect("/nowhere").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::NotFound);
    /// # Ok(()) }
    /// ```
    pub async fn connect<P: AsRef<Path>>(path: P) -> io::Result<UnixStream> {
        let addr = SockAddr::unix(path)?;
        Self::connect_socket(sys::unix_stream_socket()?, &addr).await
    }

    /// Connects to an address: see [`connect`](Self::connect).
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it gives the attempt up.
    pub async fn connect_addr(addr: &SocketAddr) -> io::Result<UnixStream> {
        let addr = addr.to_system()?;
        Self::connect_socket(sys::unix_stream_socket()?, &addr).await
    }

    /// Connects a socket that doesn't block.
    pub(super) async fn connect_socket(socket: Socket, addr: &SockAddr) -> io::Result<UnixStream> {
        let wait = match socket.connect(addr) {
            Ok(()) => false,
            Err(error) if sys::is_in_progress(&error) && error.kind() != io::ErrorKind::WouldBlock => true,
            Err(error) => return Err(error),
        };
        let stream = Self::quiet(socket.into())?;
        if wait {
            stream.registration.doubt(Ready::WRITABLE);
            stream.writable().await?;
        } else {
            // The connection stands, in the listener's backlog. The listener has its turn before anyone relies on that;
            // if it goes instead of accepting, the error tells.
            turn_of_others().await;
        }
        match stream.socket.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    /// Two connections that are the ends of one.
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
    /// See [`UnixStream`].
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let (one, other) = mio::net::UnixStream::pair()?;
        Ok((Self::quiet(one.into())?, Self::quiet(other.into())?))
    }

    #[track_caller]
    pub(super) fn new(socket: net::UnixStream) -> io::Result<UnixStream> {
        Ok(UnixStream { registration: Registration::new(socket.as_raw_fd())?, socket })
    }

    /// One to which nothing has been written yet: a first read would only find that out.
    #[track_caller]
    fn quiet(socket: net::UnixStream) -> io::Result<UnixStream> {
        let stream = Self::new(socket)?;
        stream.registration.doubt(Ready::READABLE);
        Ok(stream)
    }

    /// Takes over a connection of the standard library. It's made non-blocking.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn from_std(stream: net::UnixStream) -> io::Result<UnixStream> {
        stream.set_nonblocking(true)?;
        Self::new(stream)
    }

    /// Gives the connection to the standard library. It's non-blocking still: call
    /// [`set_nonblocking`](net::UnixStream::set_nonblocking) to change that.
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn into_std(self) -> io::Result<net::UnixStream> {
        let Self { registration, socket } = self;
        drop(registration);
        Ok(socket)
    }

    /// The address of this side, which mostly has none if it connected.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr().map(SocketAddr)
    }

    /// The address of the other side, which mostly has none if it connected.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr().map(SocketAddr)
    }

    /// Who is at the other end: the process that connected, or that listened, with its user and group at that time.
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
    /// let (one, other) = rt_core::net::UnixStream::pair()?;
    /// assert_eq!(one.peer_cred()?, other.peer_cred()?);
    /// # Ok(()) }
    /// ```
    pub fn peer_cred(&self) -> io::Result<UCred> {
        let (pid, uid, gid) = sys::peer_cred(self.as_fd())?;
        Ok(UCred { pid, uid, gid })
    }

    /// The error that the system keeps for the socket, which is taken: `SO_ERROR`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// A half that reads and a half that writes, which borrow the connection and cost nothing.
    ///
    /// Both must be used within one task; [`into_split`](Self::into_split) is for two.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        (ReadHalf::new(self), WriteHalf::new(self))
    }

    /// A half that reads and a half that writes, which may go to different tasks. It allocates once.
    ///
    /// Dropping the half that writes shuts the direction down; [`OwnedReadHalf::reunite`] gives the connection
    /// back.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (one, mut other) = rt_core::net::UnixStream::pair()?;
    /// let (mut reader, mut writer) = one.into_split();
    /// let writing = rt_core::spawn(async move { writer.write_all(b"ping").await });
    /// other.write_all(b"pong").await?;
    /// let mut buf = [0; 4];
    /// reader.read_exact(&mut buf).await?;
    /// assert_eq!(&buf, b"pong");
    /// writing.await?
    /// # }
    /// ```
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        super::owned::into_split(self)
    }

    /// What socket2 knows to do with a socket and the standard library doesn't.
    fn sock_ref(&self) -> SockRef<'_> {
        SockRef::from(&self.socket)
    }
}

/// Goes to the back of the queue once.
async fn turn_of_others() {
    let mut had = false;
    poll_fn(|cx| {
        if had {
            return Poll::Ready(());
        }
        had = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl TryFrom<net::UnixStream> for UnixStream {
    type Error = io::Error;

    /// As [`UnixStream::from_std`].
    #[track_caller]
    fn try_from(stream: net::UnixStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}

impl AsRef<UnixStream> for UnixStream {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for UnixStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for UnixStream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for UnixStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
