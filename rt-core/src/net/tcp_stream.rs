//! A TCP connection.
//!
//! - Here: how it comes to be, and what it can be turned into.
//! - `transfer`: reading and writing. `readiness`: waiting for it, and trying without a wait.
//! - `options`: what the system lets one set.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use socket2::{Domain, SockRef, Socket};

use super::ToSocketAddrs;
use super::addr::try_each;
use super::tcp::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use crate::driver::io::Registration;
use crate::io::{Interest, Ready};
use crate::sys;

mod options;
mod readiness;
mod transfer;

/// A TCP connection.
///
/// It's read by the methods of `AsyncReadExt` and written by those of `AsyncWriteExt`. Shutting it down
/// (`AsyncWriteExt::shutdown`) ends writing only; dropping it closes both directions.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
/// use rt_core::net::{TcpListener, TcpStream};
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// # let listener = TcpListener::bind("127.0.0.1:0").await?;
/// # let address = listener.local_addr()?;
/// # let server = rt_core::spawn(async move {
/// #     let (mut stream, _) = listener.accept().await?;
/// #     let mut request = String::new();
/// #     stream.read_to_string(&mut request).await?;
/// #     stream.write_all(request.to_uppercase().as_bytes()).await
/// # });
/// let mut stream = TcpStream::connect(address).await?;
/// stream.write_all(b"loud").await?;
/// stream.shutdown().await?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
/// assert_eq!(answer, "LOUD");
/// # server.await?
/// # }
/// ```
pub struct TcpStream {
    // Before the socket, so that it is dropped before the descriptor is closed.
    registration: Registration,
    socket: std::net::TcpStream,
}

impl TcpStream {
    /// Connects to an address.
    ///
    /// Of several addresses, the first that works is taken. [`TcpSocket`](super::TcpSocket) connects with options
    /// set.
    ///
    /// # Errors
    ///
    /// When the name can't be resolved; else the error of the last address.
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
    /// use rt_core::net::TcpStream;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    /// let error = TcpStream::connect(closed).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    /// # Ok(()) }
    /// ```
    pub async fn connect<A: ToSocketAddrs>(addr: A) -> io::Result<TcpStream> {
        try_each(addr, |addr| async move {
            let socket = sys::tcp_socket(Domain::for_address(addr))?;
            Self::connect_socket(socket, addr).await
        })
        .await
    }

    /// Connects a socket that doesn't block.
    pub(super) async fn connect_socket(socket: Socket, addr: SocketAddr) -> io::Result<TcpStream> {
        match socket.connect(&addr.into()) {
            Ok(()) => return Self::new(socket.into()),
            Err(error) if sys::is_in_progress(&error) => {}
            Err(error) => return Err(error),
        }
        // Within one machine the connection stands once the system has handled what it sent itself, which is by
        // now. Asking costs less than a wait, which means entering the event queue.
        if addr.ip().is_loopback() && socket.peer_addr().is_ok() {
            let stream = Self::new(socket.into())?;
            // The other side has hardly said anything yet: a first read would only find that out.
            stream.registration.doubt(Ready::READABLE);
            return Ok(stream);
        }
        let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        let registration = Registration::with_interest(socket.as_raw_fd(), interest)?;
        // From here on the registration is dropped first, also when this future is cancelled.
        let stream = TcpStream { registration, socket: socket.into() };
        stream.registration.readiness(Interest::WRITABLE).await?;
        match stream.socket.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    #[track_caller]
    pub(super) fn new(socket: std::net::TcpStream) -> io::Result<TcpStream> {
        Ok(TcpStream { registration: Registration::new(socket.as_raw_fd())?, socket })
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
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let std_stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let stream = rt_core::net::TcpStream::from_std(std_stream)?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        stream.set_nonblocking(true)?;
        Self::new(stream)
    }

    /// Gives the connection to the standard library. It's non-blocking still: call
    /// [`set_nonblocking`](std::net::TcpStream::set_nonblocking) to change that.
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
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let std_stream = stream.into_std()?;
    /// std_stream.set_nonblocking(false)?;
    /// # Ok(()) }
    /// ```
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        let Self { registration, socket } = self;
        drop(registration);
        Ok(socket)
    }

    /// A half that reads and a half that writes, which borrow the connection and cost nothing.
    ///
    /// Both must be used within one task; [`into_split`](Self::into_split) is for two.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let listener = rt_core::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let client = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # drop(client);
    /// let (mut stream, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = stream.split();
    /// rt_core::io::copy(&mut reader, &mut writer).await?;
    /// # Ok(()) }
    /// ```
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
    /// # let listener = rt_core::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut client = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # client.write_all(b"!").await?;
    /// let (stream, _) = listener.accept().await?;
    /// let (mut reader, mut writer) = stream.into_split();
    /// let writing = rt_core::spawn(async move { writer.write_all(b"hello").await });
    /// assert_eq!(reader.read_u8().await?, b'!');
    /// writing.await?
    /// # }
    /// ```
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        super::tcp::into_split(self)
    }

    /// What socket2 knows to do with a socket and the standard library doesn't.
    fn sock_ref(&self) -> SockRef<'_> {
        SockRef::from(&self.socket)
    }
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    /// As [`TcpStream::from_std`].
    #[track_caller]
    fn try_from(stream: std::net::TcpStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}

impl AsRef<TcpStream> for TcpStream {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
