//! A writer that throws everything away.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::coop;
use crate::io::AsyncWrite;

/// Throws away what is written to it: see [`sink`].
#[derive(Debug)]
pub struct Sink {
    _private: (),
}

/// A writer that takes everything, and throws it away.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let mut source = &b"abc"[..];
/// assert_eq!(rt_core::io::copy(&mut source, &mut rt_core::io::sink()).await?, 3);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn sink() -> Sink {
    Sink { _private: () }
}

/// How many bytes there are in all the buffers.
pub(super) fn total_len(bufs: &[IoSlice<'_>]) -> usize {
    bufs.iter().fold(0, |sum, buf| sum.saturating_add(buf.len()))
}

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(coop::poll_proceed(cx)).made_progress();
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(coop::poll_proceed(cx)).made_progress();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(coop::poll_proceed(cx)).made_progress();
        Poll::Ready(Ok(total_len(bufs)))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
