//! One read into, or one write out of, a buffer that knows how far it is filled.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut};
use rt_core::io::{AsyncRead, AsyncReadExt, AsyncWrite};

/// Pieces of a buffer that are written at once. The system takes up to 1,024; those that don't fit wait for the next
/// call.
const PIECES: usize = 64;

/// Reads into the free room of `buf`, and puts its end forward; gives how many bytes came.
///
/// Zero means that the reader is at its end, or that `buf` has no room. Nothing has been read when this is
/// `Pending`: then the task is woken when it's worth another call.
///
/// # Errors
///
/// What the reader returns; nothing has been read then.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use std::pin::Pin;
///
/// use bytes::BytesMut;
/// use rt_util::io::poll_read_buf;
///
/// # futures::executor::block_on(async {
/// let mut reader: &[u8] = b"from the reader";
/// let mut buf = BytesMut::from("what came ");
/// let n = poll_fn(|cx| poll_read_buf(Pin::new(&mut reader), cx, &mut buf)).await?;
/// assert_eq!(n, 15);
/// assert_eq!(buf, "what came from the reader");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn poll_read_buf<T, B>(mut io: Pin<&mut T>, cx: &mut Context<'_>, buf: &mut B) -> Poll<io::Result<usize>>
where
    T: AsyncRead + ?Sized,
    B: BufMut,
{
    // It has no state: a future for each call is as good as one for all.
    pin!(io.read_buf(buf)).poll(cx)
}

/// Reads into the free room of `buf` once, and puts its end forward; gives how many bytes came.
///
/// As [`AsyncReadExt::read_buf`], for who can't import the trait.
///
/// # Cancel safety
///
/// When it's cancelled, nothing has been read.
///
/// # Errors
///
/// What the reader returns; nothing has been read then.
///
/// # Examples
///
/// ```
/// use rt_util::io::read_buf;
///
/// # futures::executor::block_on(async {
/// let mut reader: &[u8] = b"some bytes";
/// let mut buf = Vec::with_capacity(64);
/// while read_buf(&mut reader, &mut buf).await? > 0 {}
/// assert_eq!(buf, b"some bytes");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub async fn read_buf<R, B>(read: &mut R, buf: &mut B) -> io::Result<usize>
where
    R: AsyncRead + Unpin,
    B: BufMut,
{
    read.read_buf(buf).await
}

/// Writes what `buf` holds, as much as the writer takes at once, and puts its start forward; gives how many bytes went.
///
/// A buffer of several pieces is written by one vectored call if the writer [has an efficient
/// one](AsyncWrite::is_write_vectored). Nothing has been written when this is `Pending`: then the task is woken when
/// it's worth another call. An empty `buf` is ready at once, with zero.
///
/// # Errors
///
/// What the writer returns; nothing has been written then.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use std::pin::Pin;
///
/// use bytes::Buf;
/// use rt_util::io::poll_write_buf;
///
/// # futures::executor::block_on(async {
/// let mut buf = (&b"head "[..]).chain(&b"body"[..]);
/// let mut writer = Vec::new();
/// while buf.has_remaining() {
///     poll_fn(|cx| poll_write_buf(Pin::new(&mut writer), cx, &mut buf)).await?;
/// }
/// assert_eq!(writer, b"head body");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn poll_write_buf<T, B>(io: Pin<&mut T>, cx: &mut Context<'_>, buf: &mut B) -> Poll<io::Result<usize>>
where
    T: AsyncWrite + ?Sized,
    B: Buf,
{
    if !buf.has_remaining() {
        return Poll::Ready(Ok(0));
    }
    let written = if io.is_write_vectored() {
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let count = buf.chunks_vectored(&mut pieces);
        ready!(io.poll_write_vectored(cx, &pieces[..count]))?
    } else {
        ready!(io.poll_write(cx, buf.chunk()))?
    };
    buf.advance(written);
    Poll::Ready(Ok(written))
}
