//! The trait of what has a position that can be moved.

use std::io::{self, SeekFrom};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Moves the position in a stream without blocking the thread.
///
/// This is the asynchronous counterpart of [`std::io::Seek`]; `AsyncSeekExt` has the methods to call.
/// A seek is in two parts: [`start_seek`](Self::start_seek) submits it, and
/// [`poll_complete`](Self::poll_complete) waits for it.
pub trait AsyncSeek {
    /// Submits a seek to `position`, an offset in bytes.
    ///
    /// Going behind the end is allowed; what it means is up to the implementation.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Other`](io::ErrorKind::Other) while another seek is under way: call
    /// [`poll_complete`](Self::poll_complete) first to avoid this. What else the object returns.
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()>;

    /// Waits for the seek to end, and gives the new position from the start, in bytes.
    ///
    /// The position is to be relied on only directly after [`start_seek`](Self::start_seek): without one,
    /// or when something was read or written since, an implementation may give another number.
    ///
    /// # Errors
    ///
    /// A seek to before the start fails, as does what the object can't do.
    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>>;
}

impl<T: ?Sized + AsyncSeek + Unpin> AsyncSeek for Box<T> {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut **self).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut **self).poll_complete(cx)
    }
}

impl<T: ?Sized + AsyncSeek + Unpin> AsyncSeek for &mut T {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut **self).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut **self).poll_complete(cx)
    }
}

impl<P> AsyncSeek for Pin<P>
where
    P: DerefMut,
    P::Target: AsyncSeek,
{
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.as_deref_mut().start_seek(position)
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        self.as_deref_mut().poll_complete(cx)
    }
}

impl<T: AsRef<[u8]> + Unpin> AsyncSeek for io::Cursor<T> {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        io::Seek::seek(&mut *self, position).map(drop)
    }

    fn poll_complete(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(self.position()))
    }
}
