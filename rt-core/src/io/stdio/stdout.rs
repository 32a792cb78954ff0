//! Standard output.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::stream::{self, Queue, output_stream};
use crate::io::AsyncWrite;

/// The standard output of the process. Made by [`stdout`].
///
/// A write is done when its bytes are accepted; a thread of the runtime's pool writes them, in their order. So
/// an error shows at a later write, or at a flush, which waits until all is written. Each error is told once, and what was
/// accepted before it and isn't written yet may be given up.
///
/// What was accepted is written without a flush, too, also when this is dropped. A runtime that is dropped waits
/// for it; one that is [shut down in the background](crate::runtime::Runtime::shutdown_background) doesn't, nor does a process
/// that exits.
///
/// A single write isn't mixed with what others write, up to 64 KiB of it. `write_all` of more, and formatting, may
/// take several: with several handles in use, put together first what belongs together.
///
/// # Panics
///
/// Writing outside of a runtime.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncWriteExt, stdout};
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut out = stdout();
/// out.write_all(b"hello\n").await?;
/// out.flush().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Stdout {
    queue: Queue<io::Stdout>,
}

/// A handle to the standard output of the process.
///
/// # Examples
///
/// See [`Stdout`].
pub fn stdout() -> Stdout {
    Stdout { queue: stream::queue(io::stdout()) }
}

output_stream!(Stdout);
