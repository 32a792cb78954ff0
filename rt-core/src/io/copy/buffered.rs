//! Copying out of the reader's own buffer.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::coop;
use crate::io::interrupted::retry;
use crate::io::{AsyncBufRead, AsyncWrite};

/// Copies everything from `reader` to `writer` out of the reader's buffer, flushes, and gives how many bytes that
/// was.
///
/// It needs no buffer between them, in contrast to [`copy`](super::copy). The writer isn't shut down at the end.
///
/// # Errors
///
/// The first error of either. [`WriteZero`](io::ErrorKind::WriteZero) when the writer takes no more. What
/// hasn't been written is still in the reader.
///
/// # Cancel safety
///
/// When it's cancelled, what hasn't been written is still in the reader; how much was copied isn't told.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let mut sink = Vec::new();
/// let copied = rt_core::io::copy_buf(&mut &b"abc"[..], &mut sink).await?;
/// assert_eq!((copied, &sink[..]), (3, &b"abc"[..]));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub async fn copy_buf<R, W>(reader: &mut R, writer: &mut W) -> io::Result<u64>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let (mut copied, mut unflushed) = (0, false);
    poll_fn(|cx| {
        poll_copy_buf(cx, Pin::new(&mut *reader), Pin::new(&mut *writer), &mut copied, &mut unflushed)
    })
    .await
}

fn poll_copy_buf<R, W>(
    cx: &mut Context<'_>,
    mut reader: Pin<&mut R>,
    mut writer: Pin<&mut W>,
    copied: &mut u64,
    unflushed: &mut bool,
) -> Poll<io::Result<u64>>
where
    R: AsyncBufRead + ?Sized,
    W: AsyncWrite + ?Sized,
{
    loop {
        // A reader and a writer in memory never wait: the budget lets others have their turn.
        let coop = ready!(coop::poll_proceed(cx));
        let bytes = match reader.as_mut().poll_fill_buf(cx) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        let Poll::Ready(bytes) = bytes else {
            if *unflushed {
                ready!(writer.as_mut().poll_flush(cx))?;
                coop.made_progress();
                *unflushed = false;
            }
            return Poll::Pending;
        };
        if bytes.is_empty() {
            ready!(writer.as_mut().poll_flush(cx))?;
            return Poll::Ready(Ok(*copied));
        }
        let written = ready!(retry(|| writer.as_mut().poll_write(cx, bytes)))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        coop.made_progress();
        reader.as_mut().consume(written);
        *copied += written as u64;
        *unflushed = true;
    }
}
