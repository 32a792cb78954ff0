//! Reading and writing.
//!
//! As over TCP, a short read or write tells that the next one would block. Here a read also stops where descriptors or
//! credentials came along with the bytes; then more may be there.

use std::io::{self, IoSlice, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::UnixStream;
use crate::coop;
use crate::driver::io::{Attempt, Direction};
use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::net::buffers::receive;
use crate::net::halves::EndWriting;
use crate::sys;

/// So many buffers the system takes at once anywhere: POSIX says 16 at least.
const FEW: usize = 16;

impl UnixStream {
    pub(in crate::net) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.registration.poll_io(Direction::Read, cx, || {
            let room = buf.remaining();
            // SAFETY: the system initializes as many bytes as it says.
            let (n, stopped) =
                unsafe { receive(buf, |room| sys::receive_stream(self.socket.as_fd(), room)) }?;
            coop::charge(n);
            // Nothing read is the end, which stays.
            let drained = sys::SHORT_MEANS_DRAINED && 0 < n && n < room && !stopped;
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

impl EndWriting for UnixStream {
    fn end_writing(&self) -> io::Result<()> {
        match self.socket.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            outcome => outcome,
        }
    }
}

impl AsyncRead for UnixStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_receive(cx, buf)
    }
}

impl AsyncWrite for UnixStream {
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
