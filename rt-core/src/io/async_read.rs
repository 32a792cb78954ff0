//! The trait of what bytes can be read from.

use std::io;
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ReadBuf;

/// Reads bytes without blocking the thread.
///
/// This is the asynchronous counterpart of [`std::io::Read`]. Most code calls the methods of
/// `AsyncReadExt` on it; the trait itself is for those who implement a reader or wrap one.
///
/// # Examples
///
/// A reader that gives the bytes of another one inverted:
///
/// ```
/// use std::io;
/// use std::pin::Pin;
/// use std::task::{Context, Poll, ready};
/// use rt_core::io::{AsyncRead, ReadBuf};
///
/// struct Invert<R>(R);
///
/// impl<R: AsyncRead + Unpin> AsyncRead for Invert<R> {
///     fn poll_read(
///         mut self: Pin<&mut Self>,
///         cx: &mut Context<'_>,
///         buf: &mut ReadBuf<'_>,
///     ) -> Poll<io::Result<()>> {
///         let before = buf.filled().len();
///         ready!(Pin::new(&mut self.0).poll_read(cx, buf))?;
///         for byte in &mut buf.filled_mut()[before..] {
///             *byte = !*byte;
///         }
///         Poll::Ready(Ok(()))
///     }
/// }
///
/// use rt_core::io::AsyncReadExt;
/// # futures::executor::block_on(async {
/// assert_eq!(Invert(&[0xF0_u8][..]).read_u8().await?, 0x0F);
/// # io::Result::Ok(()) }).unwrap();
/// ```
pub trait AsyncRead {
    /// Reads into the unfilled part of `buf`.
    ///
    /// `Ready(Ok(()))` means that what was there has been added to `buf`. When nothing was added although
    /// there was room, the end has been reached. `Pending` means that nothing was added, and that the
    /// task will be woken once reading may succeed.
    ///
    /// # Errors
    ///
    /// `Ready(Err(_))` is an error of the underlying object; nothing was added to `buf`. Implementations
    /// don't return [`WouldBlock`](io::ErrorKind::WouldBlock): they return `Pending`.
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>>;
}

impl<T: ?Sized + AsyncRead + Unpin> AsyncRead for Box<T> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut **self).poll_read(cx, buf)
    }
}

impl<T: ?Sized + AsyncRead + Unpin> AsyncRead for &mut T {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut **self).poll_read(cx, buf)
    }
}

impl<P> AsyncRead for Pin<P>
where
    P: DerefMut,
    P::Target: AsyncRead,
{
    #[inline]
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.as_deref_mut().poll_read(cx, buf)
    }
}

impl AsyncRead for &[u8] {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (now, later) = self.split_at(self.len().min(buf.remaining()));
        buf.put_slice(now);
        *self = later;
        Poll::Ready(Ok(()))
    }
}

impl<T: AsRef<[u8]> + Unpin> AsyncRead for io::Cursor<T> {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = unread(&self);
        let now = &rest[..rest.len().min(buf.remaining())];
        buf.put_slice(now);
        let position = self.position() + now.len() as u64;
        self.set_position(position);
        Poll::Ready(Ok(()))
    }
}

/// What lies behind the cursor's position, which may be anywhere, also behind the end.
pub(super) fn unread<T: AsRef<[u8]>>(cursor: &io::Cursor<T>) -> &[u8] {
    let bytes = cursor.get_ref().as_ref();
    let position = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
    bytes.get(position..).unwrap_or_default()
}
