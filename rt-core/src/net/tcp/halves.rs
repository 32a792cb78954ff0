//! Halves that borrow the connection.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::net::TcpStream;

/// The half of a connection that reads: see [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a TcpStream);

/// The half of a connection that writes: see [`TcpStream::split`].
///
/// In contrast to [`OwnedWriteHalf`](super::OwnedWriteHalf), dropping it doesn't end writing.
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a TcpStream);

/// The methods of the halves that read. `$stream` is the connection.
macro_rules! read_half_methods {
    () => {
        /// Reads what has come into `buf`, and leaves it to be read again: see [`TcpStream::peek`].
        ///
        /// # Errors
        ///
        /// What the system says, and when the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn peek(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.peek(buf).await
        }

        /// Polls for bytes to read, which are left to be read again: see [`TcpStream::poll_peek`].
        ///
        /// # Errors
        ///
        /// As [`peek`](Self::peek).
        pub fn poll_peek(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
            self.0.poll_peek(cx, buf)
        }

        /// Waits until an operation of `interest` makes sense: see [`TcpStream::ready`].
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
            self.0.ready(interest).await
        }

        /// Waits until there is something to read, or the end: see [`TcpStream::readable`].
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn readable(&self) -> io::Result<()> {
            self.0.readable().await
        }

        /// Reads what is there: see [`TcpStream::try_read`].
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there yet, and what the system says.
        pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.try_read(buf)
        }

        /// Reads what is there into several buffers: see [`TcpStream::try_read_vectored`].
        ///
        /// # Errors
        ///
        /// As [`try_read`](Self::try_read).
        pub fn try_read_vectored(&self, bufs: &mut [io::IoSliceMut<'_>]) -> io::Result<usize> {
            self.0.try_read_vectored(bufs)
        }

        /// Reads what is there to the end of `buf`: see [`TcpStream::try_read_buf`].
        ///
        /// # Errors
        ///
        /// As [`try_read`](Self::try_read).
        #[cfg(feature = "io-util")]
        pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
            self.0.try_read_buf(buf)
        }

        /// The address of the other side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn peer_addr(&self) -> io::Result<SocketAddr> {
            self.0.peer_addr()
        }

        /// The address of this side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn local_addr(&self) -> io::Result<SocketAddr> {
            self.0.local_addr()
        }
    };
}
pub(super) use read_half_methods;

/// The methods of the halves that write.
macro_rules! write_half_methods {
    () => {
        /// Waits until an operation of `interest` makes sense: see [`TcpStream::ready`].
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
            self.0.ready(interest).await
        }

        /// Waits until something can be written: see [`TcpStream::writable`].
        ///
        /// # Errors
        ///
        /// When the runtime is shut down.
        ///
        /// # Cancel safety
        ///
        /// Cancelling it loses nothing.
        pub async fn writable(&self) -> io::Result<()> {
            self.0.writable().await
        }

        /// Writes what there is room for: see [`TcpStream::try_write`].
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room now, and what the system says.
        pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
            self.0.try_write(buf)
        }

        /// Writes what there is room for from several buffers: see [`TcpStream::try_write_vectored`].
        ///
        /// # Errors
        ///
        /// As [`try_write`](Self::try_write).
        pub fn try_write_vectored(&self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
            self.0.try_write_vectored(bufs)
        }

        /// The address of the other side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn peer_addr(&self) -> io::Result<SocketAddr> {
            self.0.peer_addr()
        }

        /// The address of this side.
        ///
        /// # Errors
        ///
        /// What the system says.
        pub fn local_addr(&self) -> io::Result<SocketAddr> {
            self.0.local_addr()
        }
    };
}
pub(super) use write_half_methods;

impl<'a> ReadHalf<'a> {
    pub(in crate::net) fn new(stream: &'a TcpStream) -> Self {
        Self(stream)
    }
}

impl ReadHalf<'_> {
    read_half_methods!();
}

impl<'a> WriteHalf<'a> {
    pub(in crate::net) fn new(stream: &'a TcpStream) -> Self {
        Self(stream)
    }
}

impl WriteHalf<'_> {
    write_half_methods!();
}

impl AsyncRead for ReadHalf<'_> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.poll_receive(cx, buf)
    }
}

/// Writing, for the halves that write.
macro_rules! write_half_writes {
    () => {
        fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            self.0.poll_send(cx, buf)
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.0.poll_send_vectored(cx, bufs)
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        /// Does nothing: what was written is with the system.
        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    };
}
pub(super) use write_half_writes;

impl AsyncWrite for WriteHalf<'_> {
    write_half_writes!();

    /// Ends writing; the other side reads the end.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.end_writing())
    }
}

impl AsRef<TcpStream> for ReadHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}

impl AsRef<TcpStream> for WriteHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}
