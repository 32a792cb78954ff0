//! Reading and writing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::TcpStream;
use crate::driver::io::Direction;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use crate::net::buffers::receive;
use crate::net::connection::{self, connection_io};
use crate::net::halves::EndWriting;

impl TcpStream {
    /// Reads what has come into `buf`, and leaves it to be read again.
    ///
    /// Gives how many bytes; 0 means the end, or that `buf` is empty.
    ///
    /// # Errors
    ///
    /// What the system says, and when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let listener = rt_core::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let client = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # client.try_write(b"abc")?;
    /// let (mut stream, _) = listener.accept().await?;
    /// let mut first = [0; 1];
    /// assert_eq!(stream.peek(&mut first).await?, 1);
    /// assert_eq!(stream.read_u8().await?, first[0]);
    /// # Ok(()) }
    /// ```
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.registration.async_io(Interest::READABLE, || self.socket.peek(buf)).await
    }

    /// Polls for bytes to read, which go into `buf` and are left to be read again. Gives how many.
    ///
    /// One task may wait so, or in `poll_read`: the last one is woken.
    ///
    /// # Errors
    ///
    /// As [`peek`](Self::peek).
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        self.registration.poll_read_io(cx, || {
            // SAFETY: the system initializes as many bytes as it says.
            unsafe { receive(buf, |room| self.sock_ref().peek(room)) }
        })
    }

    pub(in crate::net) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.registration.poll_io(Direction::Read, cx, || {
            let room = buf.remaining();
            // SAFETY: the system initializes as many bytes as it says.
            let n = unsafe { receive(buf, |room| self.sock_ref().recv(room)) }?;
            Ok(connection::after_read(n, room, false))
        })
    }
}

connection_io!(TcpStream);
