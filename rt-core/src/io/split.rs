//! A stream in two halves, one to read and one to write, that may go to different tasks.
//!
//! Both halves share the stream and take a lock for the time of one poll. The stream stays where it is until
//! both halves are gone or [`ReadHalf::unsplit`] takes it out, which needs it to be `Unpin`: so it may be
//! pinned in between (invariant I1).

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::shim::sync::{Arc, Mutex};

/// The half of a stream that reads: see [`split()`].
pub struct ReadHalf<T> {
    shared: Arc<Shared<T>>,
}

/// The half of a stream that writes: see [`split()`].
pub struct WriteHalf<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    stream: Mutex<T>,
    /// What the stream said at the start, so that asking takes no lock.
    is_write_vectored: bool,
}

// SAFETY: a shared reference to a half gives no access to the stream: every use of it needs `&mut` of a half.
unsafe impl<T: Sync> Sync for ReadHalf<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for WriteHalf<T> {}

/// Splits a stream into a half that reads and a half that writes.
///
/// They can be used by different tasks; each locks the stream for the time of a poll. Streams that can do
/// better have a `split` of their own, as `TcpStream` does. [`ReadHalf::unsplit`] puts the halves together again.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let (client, mut server) = rt_core::io::duplex(64);
/// let (mut reader, mut writer) = rt_core::io::split(client);
/// writer.write_all(b"ping").await?;
/// server.write_all(b"pong").await?;
/// let mut answer = [0; 4];
/// reader.read_exact(&mut answer).await?;
/// assert_eq!(&answer, b"pong");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn split<T>(stream: T) -> (ReadHalf<T>, WriteHalf<T>)
where
    T: AsyncRead + AsyncWrite,
{
    let is_write_vectored = stream.is_write_vectored();
    let shared = Arc::new(Shared { stream: Mutex::new(stream), is_write_vectored });
    (ReadHalf { shared: shared.clone() }, WriteHalf { shared })
}

impl<T> ReadHalf<T> {
    /// Whether `other` is the other half of the same stream.
    pub fn is_pair_of(&self, other: &WriteHalf<T>) -> bool {
        other.is_pair_of(self)
    }

    /// Puts the stream together again.
    ///
    /// # Panics
    ///
    /// When the halves aren't of the same stream; [`is_pair_of`](Self::is_pair_of) tells.
    ///
    /// # Examples
    ///
    /// ```
    /// let (stream, _) = rt_core::io::duplex(64);
    /// let (reader, writer) = rt_core::io::split(stream);
    /// assert!(reader.is_pair_of(&writer));
    /// let _stream: rt_core::io::DuplexStream = reader.unsplit(writer);
    /// ```
    #[track_caller]
    pub fn unsplit(self, wr: WriteHalf<T>) -> T
    where
        T: Unpin,
    {
        assert!(self.is_pair_of(&wr), "Unrelated `split::Write` passed to `split::Read::unsplit`.");
        drop(wr);
        let Ok(shared) = Arc::try_unwrap(self.shared) else {
            unreachable!("there are two halves, and both have been given up")
        };
        shared.stream.into_inner()
    }
}

impl<T> WriteHalf<T> {
    /// Whether `other` is the other half of the same stream.
    pub fn is_pair_of(&self, other: &ReadHalf<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Shared<T> {
    fn with_pinned<R>(&self, f: impl FnOnce(Pin<&mut T>) -> R) -> R {
        let mut stream = self.stream.lock();
        // SAFETY: I1.
        f(unsafe { Pin::new_unchecked(&mut *stream) })
    }
}

impl<T: AsyncRead> AsyncRead for ReadHalf<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.shared.with_pinned(|stream| stream.poll_read(cx, buf))
    }
}

impl<T: AsyncWrite> AsyncWrite for WriteHalf<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.shared.with_pinned(|stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.with_pinned(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.with_pinned(|stream| stream.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.shared.with_pinned(|stream| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.shared.is_write_vectored
    }
}

impl<T: fmt::Debug> fmt::Debug for ReadHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf").finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for WriteHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf").finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
