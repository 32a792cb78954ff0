//! Reading and writing.
//!
//! A read that fills less than the buffer has taken all that was there, and a write that is taken in part has filled
//! the system's buffer. Where the event queue tells when that changes, the next operation needn't be tried: one
//! system call less for each message.

use std::io::{self, IoSlice, Write};
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::TcpStream;
use crate::coop;
use crate::driver::io::{Attempt, Direction};
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use crate::net::buffers::receive;
use crate::net::halves::EndWriting;
use crate::sys;

/// So many buffers the system takes at once anywhere: POSIX says 16 at least.
const FEW: usize = 16;

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
            coop::charge(n);
            // Nothing read is the end, which stays.
            let drained = sys::SHORT_MEANS_DRAINED && 0 < n && n < room;
            Ok(if drained { Attempt::Drained(()) } else { Attempt::Done(()) })
        })
    }

    pub(in crate::net) fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.registration.poll_io(Direction::Write, cx, || {
            let n = (&self.socket).write(buf)?;
            coop::charge(n);
            let drained = sys::SHORT_MEANS_DRAINED && n < buf.len();
            Ok(if drained { Attempt::Drained(n) } else { Attempt::Done(n) })
        })
    }

    pub(in crate::net) fn poll_send_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let asked = bufs.iter().map(|buf| buf.len()).sum();
        self.registration.poll_io(Direction::Write, cx, || {
            let n = (&self.socket).write_vectored(bufs)?;
            coop::charge(n);
            // The standard library cuts a long list off, so a count of many buffers proves nothing.
            let drained = sys::SHORT_MEANS_DRAINED && n < asked && bufs.len() <= FEW;
            Ok(if drained { Attempt::Drained(n) } else { Attempt::Done(n) })
        })
    }
}

impl EndWriting for TcpStream {
    fn end_writing(&self) -> io::Result<()> {
        match self.socket.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            outcome => outcome,
        }
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_receive(cx, buf)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_send_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Does nothing: what was written is with the system.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends writing; the other side reads the end. Reading goes on.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.end_writing())
    }
}
