//! Halves that share the connection, and may go to different tasks.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::SocketAddr;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::net::UnixStream;
use crate::net::halves::{self, Writer, read_half_methods, write_half_methods, write_half_writes};
use crate::shim::sync::Arc;

/// The half of a connection that reads: see [`UnixStream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf(Arc<UnixStream>);

/// The half of a connection that writes: see [`UnixStream::into_split`].
///
/// Dropping it ends writing, so that the other side reads the end; [`forget`](Self::forget) doesn't.
#[derive(Debug)]
pub struct OwnedWriteHalf(Writer<UnixStream>);

pub(in crate::net) fn into_split(stream: UnixStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let stream = Arc::new(stream);
    let reader = OwnedReadHalf(stream.clone());
    (reader, OwnedWriteHalf(Writer::new(stream)))
}

/// Makes one connection of two halves, if they belong together.
fn reunite(reader: OwnedReadHalf, writer: OwnedWriteHalf) -> Result<UnixStream, ReuniteError> {
    halves::reunite(reader.0, writer.0)
        .map_err(|(reader, writer)| ReuniteError(OwnedReadHalf(reader), OwnedWriteHalf(writer)))
}

impl OwnedReadHalf {
    /// Gives the connection back, of which both halves are needed.
    ///
    /// # Errors
    ///
    /// Both halves, when they don't belong to the same connection.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, _other) = rt_core::net::UnixStream::pair()?;
    /// let (reader, writer) = stream.into_split();
    /// let stream = reader.reunite(writer).expect("they are of the same connection");
    /// # Ok(()) }
    /// ```
    pub fn reunite(self, other: OwnedWriteHalf) -> Result<UnixStream, ReuniteError> {
        reunite(self, other)
    }

    read_half_methods!();
}

impl OwnedWriteHalf {
    /// Gives the connection back, of which both halves are needed: see [`OwnedReadHalf::reunite`].
    ///
    /// # Errors
    ///
    /// Both halves, when they don't belong to the same connection.
    pub fn reunite(self, other: OwnedReadHalf) -> Result<UnixStream, ReuniteError> {
        reunite(other, self)
    }

    /// Drops this half without ending writing. The connection is closed with the other half.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (stream, _other) = rt_core::net::UnixStream::pair()?;
    /// let (reader, writer) = stream.into_split();
    /// writer.forget();
    /// # Ok(()) }
    /// ```
    pub fn forget(self) {
        self.0.forget();
    }

    write_half_methods!();
}

impl AsyncRead for OwnedReadHalf {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.poll_receive(cx, buf)
    }
}

impl AsyncWrite for OwnedWriteHalf {
    write_half_writes!();

    /// Ends writing; the other side reads the end. Dropping this half does nothing more then.
    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.end())
    }
}

impl AsRef<UnixStream> for OwnedReadHalf {
    fn as_ref(&self) -> &UnixStream {
        &self.0
    }
}

impl AsRef<UnixStream> for OwnedWriteHalf {
    fn as_ref(&self) -> &UnixStream {
        &self.0
    }
}

/// Two halves that don't belong to the same connection. They come back in it.
#[derive(Debug)]
pub struct ReuniteError(
    /// The half that reads.
    pub OwnedReadHalf,
    /// The half that writes.
    pub OwnedWriteHalf,
);

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tried to reunite halves that are not from the same socket")
    }
}

impl Error for ReuniteError {}
