//! One of two types that can do the same.
//!
//! Its unsafe code is in `project`: pinning what a tuple variant holds.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;
use rt_core::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

/// One of two: a future, stream, sink, reader or writer if both sides are.
///
/// ```
/// use rt_util::either::Either;
///
/// # futures::executor::block_on(async {
/// let cached = Some(5);
/// let value = match cached {
///     Some(value) => Either::Left(std::future::ready(value)),
///     None => Either::Right(async { 2 + 3 }),
/// };
/// assert_eq!(value.await, 5);
/// # });
/// ```
#[derive(Clone, Debug)]
pub enum Either<L, R> {
    /// The one.
    Left(L),
    /// The other.
    Right(R),
}

impl<L, R> Either<L, R> {
    #[allow(unsafe_code)]
    fn project(self: Pin<&mut Self>) -> Either<Pin<&mut L>, Pin<&mut R>> {
        // SAFETY: nothing is moved out of the reference. The fields are pinned as the whole is: no other
        // code takes `&mut` of a field from a pinned whole, there is no `Drop` that could move one, and
        // `Unpin` is derived, so that the whole is `Unpin` only if both fields are.
        unsafe {
            match self.get_unchecked_mut() {
                Self::Left(left) => Either::Left(Pin::new_unchecked(left)),
                Self::Right(right) => Either::Right(Pin::new_unchecked(right)),
            }
        }
    }
}

/// Calls a method of the side that it is.
macro_rules! delegate {
    ($either:expr, $side:ident => $call:expr) => {
        match $either {
            Either::Left($side) => $call,
            Either::Right($side) => $call,
        }
    };
}

impl<L, R, O> Future for Either<L, R>
where
    L: Future<Output = O>,
    R: Future<Output = O>,
{
    type Output = O;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        delegate!(self.project(), side => side.poll(cx))
    }
}

impl<L, R> Stream for Either<L, R>
where
    L: Stream,
    R: Stream<Item = L::Item>,
{
    type Item = L::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<L::Item>> {
        delegate!(self.project(), side => side.poll_next(cx))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        delegate!(self, side => side.size_hint())
    }
}

impl<L, R, I, E> Sink<I> for Either<L, R>
where
    L: Sink<I, Error = E>,
    R: Sink<I, Error = E>,
{
    type Error = E;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        delegate!(self.project(), side => side.poll_ready(cx))
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), E> {
        delegate!(self.project(), side => side.start_send(item))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        delegate!(self.project(), side => side.poll_flush(cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        delegate!(self.project(), side => side.poll_close(cx))
    }
}

impl<L: AsyncRead, R: AsyncRead> AsyncRead for Either<L, R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        delegate!(self.project(), side => side.poll_read(cx, buf))
    }
}

impl<L: AsyncBufRead, R: AsyncBufRead> AsyncBufRead for Either<L, R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        delegate!(self.project(), side => side.poll_fill_buf(cx))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        delegate!(self.project(), side => side.consume(amt))
    }
}

impl<L: AsyncSeek, R: AsyncSeek> AsyncSeek for Either<L, R> {
    fn start_seek(self: Pin<&mut Self>, position: io::SeekFrom) -> io::Result<()> {
        delegate!(self.project(), side => side.start_seek(position))
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        delegate!(self.project(), side => side.poll_complete(cx))
    }
}

impl<L: AsyncWrite, R: AsyncWrite> AsyncWrite for Either<L, R> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        delegate!(self.project(), side => side.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.project(), side => side.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.project(), side => side.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(self.project(), side => side.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        delegate!(self, side => side.is_write_vectored())
    }
}
