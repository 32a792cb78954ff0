//! Halves that borrow the connection.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::net::TcpStream;
use crate::net::halves::{EndWriting, borrowed_halves};

/// The half of a connection that reads: see [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a TcpStream);

/// The half of a connection that writes: see [`TcpStream::split`].
///
/// In contrast to [`OwnedWriteHalf`](super::OwnedWriteHalf), dropping it doesn't end writing.
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a TcpStream);

/// The methods of the halves that read, which Unix sockets don't have.
macro_rules! peek_methods {
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
    };
}
pub(super) use peek_methods;

impl ReadHalf<'_> {
    peek_methods!();
}

borrowed_halves!(TcpStream);
