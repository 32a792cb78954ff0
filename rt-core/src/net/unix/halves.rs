//! Halves that borrow the connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::SocketAddr;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::net::UnixStream;
use crate::net::halves::{EndWriting, read_half_methods, write_half_methods, write_half_writes};

/// The half of a connection that reads: see [`UnixStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a UnixStream);

/// The half of a connection that writes: see [`UnixStream::split`].
///
/// In contrast to [`OwnedWriteHalf`](super::OwnedWriteHalf), dropping it doesn't end writing.
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a UnixStream);

impl<'a> ReadHalf<'a> {
    pub(in crate::net) fn new(stream: &'a UnixStream) -> Self {
        Self(stream)
    }
}

impl ReadHalf<'_> {
    read_half_methods!();
}

impl<'a> WriteHalf<'a> {
    pub(in crate::net) fn new(stream: &'a UnixStream) -> Self {
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

impl AsyncWrite for WriteHalf<'_> {
    write_half_writes!();

    /// Ends writing; the other side reads the end.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.end_writing())
    }
}

impl AsRef<UnixStream> for ReadHalf<'_> {
    fn as_ref(&self) -> &UnixStream {
        self.0
    }
}

impl AsRef<UnixStream> for WriteHalf<'_> {
    fn as_ref(&self) -> &UnixStream {
        self.0
    }
}
