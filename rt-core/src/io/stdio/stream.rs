//! What standard output and standard error have in common.

use std::io::{self, Write};
use std::panic::Location;
use std::task::{Context, Poll, ready};

use super::output::{Accepted, Output};
use crate::base::complaints;
use crate::blocking;
use crate::coop;

/// Accepts bytes; `stream` gives what they are written to, on a thread of the runtime's pool.
#[track_caller]
pub(super) fn poll_write<W: Write + 'static>(
    output: &Output,
    cx: &mut Context<'_>,
    bytes: &[u8],
    stream: fn() -> W,
) -> Poll<io::Result<usize>> {
    let location = Location::caller();
    let coop = ready!(coop::poll_proceed(cx));
    let outcome = match output.poll_write(cx.waker(), bytes) {
        Accepted::Full => return Poll::Pending,
        Accepted::Ready(outcome) => outcome,
        Accepted::NeedsWriter(n, writer) => {
            // A shutdown waits for it: what was accepted gets written.
            match blocking::spawn_mandatory_current(move || writer.run(stream()), location) {
                Some(Ok(_)) => Ok(n),
                refused => {
                    // The writer has left an error, which is told here.
                    let _ = output.take_error();
                    match refused {
                        Some(Err(error)) => Err(error),
                        _ => panic!("{}", complaints::NO_RUNTIME),
                    }
                }
            }
        }
    };
    coop.made_progress();
    Poll::Ready(outcome)
}

/// Waits until all is written.
pub(super) fn poll_flush(output: &Output, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    let coop = ready!(coop::poll_proceed(cx));
    let outcome = ready!(output.poll_flush(cx.waker()));
    coop.made_progress();
    Poll::Ready(outcome)
}

/// Writing, and what else a standard stream has that is written.
macro_rules! output_stream {
    ($Stream:ident, $stream:path) => {
        impl AsyncWrite for $Stream {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                stream::poll_write(&self.output, cx, buf, $stream)
            }

            /// Waits until all that was accepted is with the system.
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                stream::poll_flush(&self.output, cx)
            }

            /// As [`poll_flush`](Self::poll_flush): the stream stays open.
            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                stream::poll_flush(&self.output, cx)
            }
        }

        impl AsFd for $Stream {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.std.as_fd()
            }
        }

        impl AsRawFd for $Stream {
            fn as_raw_fd(&self) -> RawFd {
                self.std.as_raw_fd()
            }
        }
    };
}
pub(super) use output_stream;
