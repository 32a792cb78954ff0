//! Copying both ways between two streams.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::transfer::Transfer;
use crate::io::{AsyncRead, AsyncWrite};

/// What the buffer of each direction holds if not told otherwise, in bytes.
const DEFAULT: usize = 8 * 1024;

/// Copies both ways between `a` and `b` until both have ended, and gives how many bytes went from `a` to `b` and
/// from `b` to `a`.
///
/// When one of them ends, what was read is written to the other, which is then shut down; the other direction
/// goes on. Each direction has a buffer of 8 KiB.
///
/// # Errors
///
/// The first error of either, at once: bytes of the other direction may be lost.
/// [`WriteZero`](io::ErrorKind::WriteZero) when one takes no more.
///
/// # Cancel safety
///
/// Not cancel safe: what was read and not yet written is lost.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional, duplex};
///
/// # futures::executor::block_on(async {
/// let (mut client, mut left) = duplex(64);
/// let (mut right, mut server) = duplex(64);
/// client.write_all(b"request").await?;
/// client.shutdown().await?;
/// server.write_all(b"reply").await?;
/// server.shutdown().await?;
/// assert_eq!(copy_bidirectional(&mut left, &mut right).await?, (7, 5));
/// let mut reply = String::new();
/// client.read_to_string(&mut reply).await?;
/// assert_eq!(reply, "reply");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub async fn copy_bidirectional<A, B>(a: &mut A, b: &mut B) -> io::Result<(u64, u64)>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    copy_bidirectional_with_sizes(a, b, DEFAULT, DEFAULT).await
}

/// Like [`copy_bidirectional`], with buffers of `a_to_b_buf_size` and `b_to_a_buf_size` bytes.
///
/// # Errors
///
/// As [`copy_bidirectional`].
///
/// # Cancel safety
///
/// As [`copy_bidirectional`].
///
/// # Panics
///
/// When a size is zero.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncWriteExt, copy_bidirectional_with_sizes, duplex};
///
/// # futures::executor::block_on(async {
/// let (mut client, mut left) = duplex(64);
/// let (mut right, server) = duplex(64);
/// client.write_all(b"request").await?;
/// client.shutdown().await?;
/// drop(server);
/// // The server is gone: nobody takes the request.
/// let error = copy_bidirectional_with_sizes(&mut left, &mut right, 16, 1024).await.unwrap_err();
/// assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub async fn copy_bidirectional_with_sizes<A, B>(
    a: &mut A,
    b: &mut B,
    a_to_b_buf_size: usize,
    b_to_a_buf_size: usize,
) -> io::Result<(u64, u64)>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    assert!(a_to_b_buf_size > 0, "`a_to_b_buf_size` must be greater than 0");
    assert!(b_to_a_buf_size > 0, "`b_to_a_buf_size` must be greater than 0");
    let mut a_to_b = Direction::new(a_to_b_buf_size);
    let mut b_to_a = Direction::new(b_to_a_buf_size);
    poll_fn(|cx| {
        let forth = a_to_b.poll(cx, Pin::new(&mut *a), Pin::new(&mut *b))?;
        let back = b_to_a.poll(cx, Pin::new(&mut *b), Pin::new(&mut *a))?;
        // Each stays ready once it is.
        Poll::Ready(Ok((ready!(forth), ready!(back))))
    })
    .await
}

/// How far one direction has come.
enum Direction {
    Copying(Transfer),
    /// The writer is being told that nothing more will come.
    ShuttingDown(u64),
    Done(u64),
}

impl Direction {
    fn new(size: usize) -> Self {
        Self::Copying(Transfer::new(size, false))
    }

    fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            *self = match self {
                Self::Copying(transfer) => {
                    Self::ShuttingDown(ready!(transfer.poll_copy(cx, reader.as_mut(), writer.as_mut()))?)
                }
                Self::ShuttingDown(copied) => {
                    ready!(writer.as_mut().poll_shutdown(cx))?;
                    Self::Done(*copied)
                }
                Self::Done(copied) => return Poll::Ready(Ok(*copied)),
            };
        }
    }
}
