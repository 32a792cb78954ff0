//! The trait of what bytes can be written to.

use std::io::{self, IoSlice, Write};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Writes bytes without blocking the thread.
///
/// This is the asynchronous counterpart of [`std::io::Write`]. Most code calls the methods of
/// `AsyncWriteExt` on it; the trait itself is for those who implement a writer or wrap one.
pub trait AsyncWrite {
    /// Writes bytes of `buf`, and gives how many were taken, which may be fewer than all.
    ///
    /// `Pending` means that none was taken, and that the task will be woken once writing may succeed.
    /// `Ready(Ok(0))` for a `buf` that isn't empty usually means that the object takes no more bytes.
    ///
    /// # Errors
    ///
    /// What the underlying object returned; no byte was taken then. Implementations don't return
    /// [`WouldBlock`](io::ErrorKind::WouldBlock): they return `Pending`.
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>>;

    /// Sees to it that everything written so far reaches its destination.
    ///
    /// `Pending` means that it hasn't yet, and that the task will be woken to go on.
    ///
    /// # Errors
    ///
    /// What the underlying object returned; some of the bytes may not have arrived.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ends writing: flushes, and then tells the other side that nothing more will come.
    ///
    /// A protocol that closes with a handshake (as TLS does) does it here. `Pending` means that this is
    /// still under way. After `Ready`, nothing more can be written; calling this once more does nothing.
    /// Dropping a writer doesn't shut it down gracefully, so call this before.
    ///
    /// # Errors
    ///
    /// What the underlying object returned; the object is to be dropped then.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Like [`poll_write`](Self::poll_write), with bytes from several buffers, taken in their order.
    ///
    /// The default writes the first buffer that isn't empty.
    ///
    /// # Errors
    ///
    /// As [`poll_write`](Self::poll_write).
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write(cx, first_filled(bufs))
    }

    /// Whether [`poll_write_vectored`](Self::poll_write_vectored) does better than one buffer at a time.
    ///
    /// Callers that find `false` may prefer to put small pieces into one buffer. The default is `false`.
    fn is_write_vectored(&self) -> bool {
        false
    }
}

/// The first buffer with bytes in it, or an empty one.
pub(super) fn first_filled<'a>(bufs: &'a [IoSlice<'_>]) -> &'a [u8] {
    bufs.iter().find(|buf| !buf.is_empty()).map_or(&[], |buf| &**buf)
}

/// The five methods, handed on to what `$target` makes of `self`.
macro_rules! forward_write {
    ($this:ident => $target:expr, $shared:expr) => {
        #[inline]
        fn poll_write($this: ::std::pin::Pin<&mut Self>, cx: &mut ::std::task::Context<'_>, buf: &[u8]) -> ::std::task::Poll<::std::io::Result<usize>> {
            $target.poll_write(cx, buf)
        }

        #[inline]
        fn poll_flush($this: ::std::pin::Pin<&mut Self>, cx: &mut ::std::task::Context<'_>) -> ::std::task::Poll<::std::io::Result<()>> {
            $target.poll_flush(cx)
        }

        #[inline]
        fn poll_shutdown($this: ::std::pin::Pin<&mut Self>, cx: &mut ::std::task::Context<'_>) -> ::std::task::Poll<::std::io::Result<()>> {
            $target.poll_shutdown(cx)
        }

        #[inline]
        fn poll_write_vectored(
            $this: ::std::pin::Pin<&mut Self>,
            cx: &mut ::std::task::Context<'_>,
            bufs: &[::std::io::IoSlice<'_>],
        ) -> ::std::task::Poll<::std::io::Result<usize>> {
            $target.poll_write_vectored(cx, bufs)
        }

        #[inline]
        fn is_write_vectored(&$this) -> bool {
            $shared.is_write_vectored()
        }
    };
}
#[cfg(feature = "io-util")]
pub(crate) use forward_write;

impl<T: ?Sized + AsyncWrite + Unpin> AsyncWrite for Box<T> {
    forward_write!(self => Pin::new(&mut **self.get_mut()), (**self));
}

impl<T: ?Sized + AsyncWrite + Unpin> AsyncWrite for &mut T {
    forward_write!(self => Pin::new(&mut **self.get_mut()), (**self));
}

impl<P> AsyncWrite for Pin<P>
where
    P: DerefMut,
    P::Target: AsyncWrite,
{
    forward_write!(self => self.as_deref_mut(), (**self));
}

/// A writer in memory: never waits, and does what its `std::io::Write` does.
macro_rules! write_in_memory {
    ($($ty:ty),+ $(,)?) => {$(
        impl AsyncWrite for $ty {
            fn poll_write(
                self: Pin<&mut Self>,
                _cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(self.get_mut().write(buf))
            }

            fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.get_mut().flush())
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.poll_flush(cx)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                _cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(self.get_mut().write_vectored(bufs))
            }

            fn is_write_vectored(&self) -> bool {
                true
            }
        }
    )+};
}

write_in_memory!(
    Vec<u8>,
    io::Cursor<&mut [u8]>,
    io::Cursor<&mut Vec<u8>>,
    io::Cursor<Vec<u8>>,
    io::Cursor<Box<[u8]>>,
);
