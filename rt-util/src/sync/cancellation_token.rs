//! A request to stop, which many can hear and which is passed down a tree.

pub(super) mod guard;
mod node;
pub(super) mod wait;

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;

use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{Hash, Hasher};
use std::pin::{Pin, pin};
use std::task::Poll;

use self::guard::{DropGuard, DropGuardRef};
use self::node::Node;
use self::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
use crate::shim::Arc;

/// Asks tasks to stop.
///
/// Clones are the same token. A [child](Self::child_token) is cancelled with its parent, and can be
/// cancelled alone. A task listens with [`cancelled`](Self::cancelled), in a `select!` beside its work, or
/// wraps the work in [`run_until_cancelled`](Self::run_until_cancelled).
///
/// Two tokens are equal if one is a clone of the other.
///
/// ```
/// use rt_util::sync::CancellationToken;
///
/// let stop = CancellationToken::new();
/// let child = stop.child_token();
///
/// child.cancel();
/// assert!(!stop.is_cancelled());
///
/// let other = stop.child_token();
/// stop.cancel();
/// assert!(other.is_cancelled());
/// ```
pub struct CancellationToken {
    node: Arc<Node>,
}

impl CancellationToken {
    /// A token that nobody has cancelled, without a parent.
    #[must_use]
    pub fn new() -> Self {
        Self { node: Node::root() }
    }

    /// A token that is cancelled whenever this one is. Of a cancelled token, the child is cancelled from
    /// the start. Dropping this token cancels nothing, and the child still hears of the tokens above.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// let grandparent = CancellationToken::new();
    /// let parent = grandparent.child_token();
    /// let child = parent.child_token();
    /// drop(parent);
    /// grandparent.cancel();
    /// assert!(child.is_cancelled());
    /// ```
    #[must_use]
    pub fn child_token(&self) -> Self {
        Self { node: Node::child(&self.node) }
    }

    /// Cancels the token and all tokens below it, and wakes whoever waits on one of them. Once is enough;
    /// more calls do nothing.
    ///
    /// When the call returns, all of them are cancelled, even if another thread began it. While it runs,
    /// other threads may see some cancelled and others not yet: those below first, this one last.
    ///
    /// # Panics
    ///
    /// If a waker panics, its panic goes on after everything is cancelled and everyone woken.
    pub fn cancel(&self) {
        Node::cancel(&self.node);
    }

    /// Whether the token is cancelled. Everything below it is, then.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.node.is_cancelled()
    }

    /// Waits until the token is cancelled; completes at once if it is.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped and made anew at any time.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// token.cancel();
    /// token.cancelled().await;
    /// # });
    /// ```
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture::new(self)
    }

    /// As [`cancelled`](Self::cancelled), with a future that holds the token itself.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped at any time.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// let cancelled = token.clone().cancelled_owned();
    /// token.cancel();
    /// cancelled.await;
    /// # });
    /// ```
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned::new(self)
    }

    /// A guard that cancels this token when it's dropped, unless it's disarmed.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// let token = CancellationToken::new();
    /// {
    ///     let _guard = token.clone().drop_guard();
    /// }
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// As [`drop_guard`](Self::drop_guard), with a guard that borrows the token.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// let token = CancellationToken::new();
    /// drop(token.drop_guard_ref());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }

    /// Runs `fut`, and drops it once the token is cancelled: then the result is `None`.
    ///
    /// With a token that is cancelled already, `fut` isn't polled at all. If `fut` completes in the same
    /// poll in which the cancellation is seen, its output wins.
    ///
    /// # Cancel safety
    ///
    /// That of `fut`.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 5 }).await, Some(5));
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 5 }).await, None);
    /// # });
    /// ```
    pub async fn run_until_cancelled<F: Future>(&self, fut: F) -> Option<F::Output> {
        if self.is_cancelled() {
            return None;
        }
        let mut cancelled = self.cancelled();
        let mut fut = pin!(fut);
        poll_fn(|cx| match fut.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => Pin::new(&mut cancelled).poll(cx).map(|()| None),
        })
        .await
    }

    /// As [`run_until_cancelled`](Self::run_until_cancelled), with a future that holds the token itself.
    ///
    /// # Cancel safety
    ///
    /// That of `fut`.
    ///
    /// ```
    /// # use rt_util::sync::CancellationToken;
    /// # futures::executor::block_on(async {
    /// let run = CancellationToken::new().run_until_cancelled_owned(async { 5 });
    /// assert_eq!(run.await, Some(5));
    /// # });
    /// ```
    pub async fn run_until_cancelled_owned<F: Future>(self, fut: F) -> Option<F::Output> {
        self.run_until_cancelled(fut).await
    }
}

impl Clone for CancellationToken {
    fn clone(&self) -> Self {
        self.node.add_handle();
        Self { node: self.node.clone() }
    }
}

impl Drop for CancellationToken {
    fn drop(&mut self) {
        Node::drop_handle(&self.node);
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for CancellationToken {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(&raw const *self.node, state);
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken").field("is_cancelled", &self.is_cancelled()).finish()
    }
}
