//! What standard output and standard error have in common.

use std::io::{self, IoSlice, Write};
use std::task::{Context, Poll, ready};

use crate::base::gone;
use crate::coop;
use crate::io::write_queue::{self, Target, WriteQueue};
use crate::shim::sync::Arc;

/// With so many bytes in the buffer nothing more is accepted.
const FULL: usize = 64 * 1024;
/// So many of one write are accepted at most.
const AT_ONCE: usize = 256 * 1024;

/// A handle of the standard library's, and what it is to write.
pub(super) type Queue<W> = Arc<WriteQueue<Stream<W>>>;

pub(super) fn queue<W>(std: W) -> Queue<W> {
    Arc::new(WriteQueue::new(Stream(std)))
}

#[derive(Debug)]
pub(super) struct Stream<W>(pub(super) W);

impl<W> Target for Stream<W>
where
    for<'a> &'a W: Write,
{
    fn write(&self, bytes: &[u8], _ahead: u64) -> io::Result<()> {
        (&self.0).write_all(bytes)
    }

    fn flush(&self) -> io::Result<()> {
        (&self.0).flush()
    }

    fn kept_back() -> io::Error {
        gone()
    }
}

/// How many more bytes are accepted. A write that finds room is accepted as a whole if it may be, since it is written
/// as a whole then, however many there are before it.
fn room(held: usize) -> usize {
    if held < FULL { AT_ONCE } else { 0 }
}

/// Accepts bytes, for a thread of the runtime's pool.
#[track_caller]
pub(super) fn poll_write<W>(queue: &Queue<W>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>
where
    W: Send + Sync + 'static,
    for<'a> &'a W: Write,
{
    let coop = ready!(coop::poll_proceed(cx));
    let outcome = match bytes {
        [] => Ok(0),
        bytes => ready!(write_queue::poll_write(queue, cx, &[IoSlice::new(bytes)], 0, room)),
    };
    coop.made_progress();
    Poll::Ready(outcome)
}

/// Waits until all is written.
pub(super) fn poll_flush<W>(queue: &Queue<W>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    let coop = ready!(coop::poll_proceed(cx));
    let outcome = ready!(queue.poll_clean(cx));
    coop.made_progress();
    Poll::Ready(outcome)
}

/// Writing, and what else a standard stream has that is written.
macro_rules! output_stream {
    ($Stream:ident) => {
        impl AsyncWrite for $Stream {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                stream::poll_write(&self.queue, cx, buf)
            }

            /// Waits until all that was accepted is with the system.
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                stream::poll_flush(&self.queue, cx)
            }

            /// As [`poll_flush`](Self::poll_flush): the stream stays open.
            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                stream::poll_flush(&self.queue, cx)
            }
        }

        impl AsFd for $Stream {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.queue.target.0.as_fd()
            }
        }

        impl AsRawFd for $Stream {
            fn as_raw_fd(&self) -> RawFd {
                self.queue.target.0.as_raw_fd()
            }
        }
    };
}
pub(super) use output_stream;
