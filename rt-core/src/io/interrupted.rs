//! Operations that a signal interrupted are repeated, by those who wait for a whole: `read_exact`, `copy`, and so on.

use std::io;
use std::task::Poll;

/// Polls until the result isn't [`Interrupted`](io::ErrorKind::Interrupted).
#[inline]
pub(super) fn retry<T>(mut poll: impl FnMut() -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
    loop {
        match poll() {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
