//! Standard input.

use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::input::{Fetched, Input};
use crate::coop;
use crate::io::{AsyncRead, ReadBuf};
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::thread::Builder;

/// What was read and not yet fetched, by whichever handle: there is one input.
static INPUT: LazyLock<Input> = LazyLock::new(Input::new);

/// How long the thread stays when nobody asks.
const IDLE: Duration = Duration::from_secs(10);

/// The standard input of the process. Made by [`stdin`].
///
/// A thread of its own reads it, when somebody waits for it and until something comes; no runtime waits for that thread.
/// So a runtime shuts down at once while a read waits for the user. It also works outside of a runtime.
///
/// The thread reads up to 128 KiB at once. What a reader doesn't take, and what comes when it has given up, is there
/// for the next one, through any handle. It isn't there for [`std::io::stdin`], nor for a child process that inherits
/// the input.
///
/// # Cancel safety
///
/// A read that is dropped loses nothing.
///
/// # Examples
///
/// ```no_run
/// use rt_core::io::{AsyncBufReadExt, BufReader, stdin};
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut lines = BufReader::new(stdin()).lines();
/// while let Some(line) = lines.next_line().await? {
///     println!("{line}");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Stdin {
    std: io::Stdin,
    /// Which one among those who wait.
    reader: usize,
}

/// A handle to the standard input of the process.
///
/// # Examples
///
/// See [`Stdin`].
pub fn stdin() -> Stdin {
    static READERS: AtomicUsize = AtomicUsize::new(0);
    // Relaxed: only that they differ matters.
    Stdin { std: io::stdin(), reader: READERS.fetch_add(1, Ordering::Relaxed) }
}

impl AsyncRead for Stdin {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let coop = ready!(coop::poll_proceed(cx));
        let outcome = match INPUT.poll_read(self.reader, cx.waker(), buf) {
            Fetched::Ready(outcome) => outcome,
            Fetched::Pending => return Poll::Pending,
            Fetched::NeedsThread => {
                if let Err(error) = Builder::new().name("rt-stdin".into()).spawn(serve) {
                    // It is told to this task as well, which is woken.
                    INPUT.no_thread(error);
                }
                return Poll::Pending;
            }
        };
        coop.made_progress();
        Poll::Ready(outcome)
    }
}

/// What the thread does.
fn serve() {
    let mut buf = Vec::new();
    while let Some(wanted) = INPUT.next(IDLE) {
        buf.resize(wanted.max(buf.len()), 0);
        let read = loop {
            match io::stdin().read(&mut buf[..wanted]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        INPUT.deliver(read.map(|n| &buf[..n]));
    }
}

impl Drop for Stdin {
    fn drop(&mut self) {
        INPUT.forget(self.reader);
    }
}

impl AsFd for Stdin {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.std.as_fd()
    }
}

impl AsRawFd for Stdin {
    fn as_raw_fd(&self) -> RawFd {
        self.std.as_raw_fd()
    }
}
