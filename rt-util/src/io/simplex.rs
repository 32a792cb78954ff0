//! A pipe in memory that goes one way, with an end for the writer and an end for the reader.
//!
//! Unlike the halves of [`rt_core::io::simplex`](rt_core::io::simplex()), each of these ends tells the other when it's
//! dropped.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rt_core::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};

/// The end of a pipe that is written to: see [`new`].
///
/// Dropping it is the end of what the [`Receiver`] reads, as is a shutdown. What was written before is still read.
///
/// # Cancel safety
///
/// A write that is pending has written nothing.
///
/// # Errors
///
/// Writing and flushing fail with [`BrokenPipe`](io::ErrorKind::BrokenPipe) after a shutdown, and when the
/// `Receiver` is gone.
#[derive(Debug)]
pub struct Sender {
    /// One end of a pair of which one direction lies idle. An idle pipe has no bytes and no allocated buffer.
    end: DuplexStream,
}

/// The end of a pipe that is read: see [`new`].
///
/// It reads the end of the file when everything was read and the [`Sender`] was shut down or dropped. When it's dropped
/// itself, bytes that nobody has read are lost, and the sender's task is woken.
///
/// # Cancel safety
///
/// A read that is pending has read nothing.
#[derive(Debug)]
pub struct Receiver {
    end: DuplexStream,
}

/// Makes a pipe that keeps up to `capacity` bytes; who writes more waits until some are read.
///
/// # Panics
///
/// When `capacity` is 0: nothing would ever come through.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
/// use rt_util::io::simplex;
///
/// # futures::executor::block_on(async {
/// let (mut sender, mut receiver) = simplex::new(64);
/// sender.write_all(b"the last words").await?;
/// drop(sender);
///
/// let mut text = String::new();
/// receiver.read_to_string(&mut text).await?;
/// assert_eq!(text, "the last words");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn new(capacity: usize) -> (Sender, Receiver) {
    assert!(capacity > 0, "a pipe's capacity must be greater than zero");
    let (sender, receiver) = duplex(capacity);
    (Sender { end: sender }, Receiver { end: receiver })
}

impl AsyncWrite for Sender {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.end).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.end).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.end.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What is written is there for the reader at once. Writing nothing asks whether there is one.
        ready!(self.poll_write(cx, &[]))?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.end).poll_shutdown(cx)
    }
}

impl AsyncRead for Receiver {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.end).poll_read(cx, buf)
    }
}
