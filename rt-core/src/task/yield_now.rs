//! Letting others run.

use std::future::poll_fn;
use std::task::Poll;

use crate::coop::capture;

/// Goes to the back of the queue, so that other tasks and the driver have their turn.
///
/// Nothing is promised about the order in which tasks run after it: with several workers, the task may go on
/// at once on another one.
///
/// # Cancel safety
///
/// Dropping it does nothing.
///
/// # Examples
///
/// ```
/// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let other = rt_core::spawn(async { 5 });
/// rt_core::task::yield_now().await;
/// assert!(other.is_finished());
/// # });
/// ```
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        // In a capture it is a place to wait at, also when it has waited.
        if capture::leaf(None, Some(cx.waker())) {
            yielded = true;
            return Poll::Pending;
        }
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
