//! Copying through a buffer of its own.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;

use super::transfer::Transfer;
use crate::io::{AsyncRead, AsyncWrite};

/// What the buffer holds at first, in bytes.
const INITIAL: usize = 8 * 1024;

/// Copies everything from `reader` to `writer`, flushes, and gives how many bytes that was.
///
/// The buffer between them has 8 KiB, and grows up to 64 KiB while reads fill it. A reader that has a buffer
/// needs none: see [`copy_buf`](super::copy_buf). The writer isn't shut down at the end.
///
/// # Errors
///
/// The first error of either, once what had been read before it was written.
/// [`WriteZero`](io::ErrorKind::WriteZero) when the writer takes no more.
///
/// # Cancel safety
///
/// Not cancel safe: what was read and not yet written is lost.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let mut sink = Vec::new();
/// let copied = rt_core::io::copy(&mut &b"abc"[..], &mut sink).await?;
/// assert_eq!((copied, &sink[..]), (3, &b"abc"[..]));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub async fn copy<R, W>(reader: &mut R, writer: &mut W) -> io::Result<u64>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let mut transfer = Transfer::new(INITIAL, true);
    poll_fn(|cx| transfer.poll_copy(cx, Pin::new(&mut *reader), Pin::new(&mut *writer))).await
}
