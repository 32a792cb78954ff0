//! [`TaskTracker`] and what belongs to it.
//!
//! One word holds all that is counted: the number of tasks, and whether the tracker is closed.
//!
//! ```text
//!   add (1) adds a task, leave (2) removes one; close (3), reopen (4)
//!
//!            close (3), or the last leave (2), with the lock held
//!   [ else ] ---------------------------------------------------> [ done: closed and empty ]
//!      ^                                                             |
//!      '-------------- add (1), or reopen (4) with the lock held ----'
//! ```
//!
//! Each arrival at "done" counts one up, under the lock, and wakes all waiters. A waiter remembers the count
//! it began with: it completes even if the tracker is reopened before it's polled again. Since (3) and (4)
//! and the last (2) hold the lock, a waiter that begins after a reopening can't take an earlier end for its
//! own.
//!
//! E1: `leave`'s Release -> the last `leave`'s Acquire, and `is_done`'s Acquire: whoever sees the tracker
//! done sees what the tasks did.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::shim::{Arc, AtomicUsize, Mutex, Ordering, lock};
use crate::waiters::{Waiters, WakeAll};

#[cfg(feature = "rt")]
mod spawn;
#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;

/// Counts tasks, and waits until all have ended.
///
/// Waiting ends when the tracker is [closed](Self::close) and no task is left: closing says that no more
/// are to come. It doesn't keep them from coming; tasks may be tracked even then, and are waited for.
///
/// A tracked task's memory is freed when it ends, and its output isn't kept: where outputs are wanted, use
/// a `JoinSet`. Clones are the same tracker.
///
/// ```
/// use rt_util::task::TaskTracker;
///
/// # futures::executor::block_on(async {
/// let tracker = TaskTracker::new();
/// let task = tracker.track_future(async { println!("working") });
/// tracker.close();
/// assert_eq!(tracker.len(), 1);
/// futures::join!(task, tracker.wait());
/// assert!(tracker.is_empty());
/// # });
/// ```
pub struct TaskTracker {
    inner: Arc<Inner>,
}

struct Inner {
    word: Word,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How often the tracker has been done.
    ends: usize,
    waiters: Waiters,
}

/// Twice the number of tasks, plus one when closed.
struct Word(AtomicUsize);

const CLOSED: usize = 1;
const TASK: usize = 2;

impl Word {
    /// (1)
    fn add(&self) {
        // Relaxed: publishes nothing; whoever adds has a tracker or a task that counts.
        let before = self.0.fetch_add(TASK, Ordering::Relaxed);
        assert!(before <= usize::MAX / 2, "too many tasks");
    }

    /// (2), unless that would be the last of a closed tracker.
    #[must_use]
    fn try_leave(&self) -> bool {
        let update = |word| (word != TASK | CLOSED).then(|| word - TASK);
        self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, update).is_ok() // E1
    }

    /// (2) with the lock held. True if the tracker is done.
    #[must_use]
    fn leave(&self) -> bool {
        self.0.fetch_sub(TASK, Ordering::AcqRel) == TASK | CLOSED // E1
    }

    /// (3) with the lock held. Whether it was open, and whether it's done now.
    #[must_use]
    fn close(&self) -> (bool, bool) {
        let before = self.0.fetch_or(CLOSED, Ordering::AcqRel); // E1
        (before & CLOSED == 0, before == 0)
    }

    /// (4) with the lock held. Whether it was closed.
    #[must_use]
    fn reopen(&self) -> bool {
        // Relaxed: what a reopening means is between those who share it.
        self.0.fetch_and(!CLOSED, Ordering::Relaxed) & CLOSED != 0
    }

    fn load(&self) -> usize {
        self.0.load(Ordering::Acquire) // E1
    }
}

impl Inner {
    fn leave(&self) {
        if self.word.try_leave() {
            return;
        }
        let mut state = lock(&self.state);
        let done = self.word.leave();
        let woken = if done { state.end() } else { Waiters::default() };
        drop(state);
        wake(woken);
    }

    fn close(&self) -> bool {
        let mut state = lock(&self.state);
        let (was_open, done) = self.word.close();
        let woken = if was_open && done { state.end() } else { Waiters::default() };
        drop(state);
        wake(woken);
        was_open
    }

    fn is_done(&self) -> bool {
        self.word.load() == CLOSED
    }
}

impl State {
    /// Notes that the tracker is done; who waited for that is to be woken.
    fn end(&mut self) -> Waiters {
        self.ends = self.ends.wrapping_add(1);
        std::mem::take(&mut self.waiters)
    }
}

fn wake(waiters: Waiters) {
    let mut wakes = WakeAll::default();
    wakes.wake(waiters);
    wakes.finish();
}

impl TaskTracker {
    /// An open tracker of no tasks.
    #[must_use]
    pub fn new() -> Self {
        Self { inner: Arc::new(Inner { word: Word(AtomicUsize::new(0)), state: Mutex::default() }) }
    }

    /// Waits until the tracker is closed and empty, both at the same time. It completes also if that
    /// was so for a moment since the call, and no longer is.
    ///
    /// When it completes, each task that was tracked has ended and its future has been dropped.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped and made anew; what happened before the new call doesn't count for it.
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        let ends = lock(&self.inner.state).ends;
        // What is done now is done for this call, whatever becomes of it before the first poll.
        let begun = if self.inner.is_done() { ends.wrapping_sub(1) } else { ends };
        TaskTrackerWaitFuture { inner: &self.inner, begun, key: None }
    }

    /// Closes the tracker, so that waiting ends when the last task does. False if it was closed.
    ///
    /// ```
    /// # use rt_util::task::TaskTracker;
    /// let tracker = TaskTracker::new();
    /// assert!(tracker.close());
    /// assert!(!tracker.close());
    /// ```
    pub fn close(&self) -> bool {
        self.inner.close()
    }

    /// Opens the tracker again. False if it was open.
    pub fn reopen(&self) -> bool {
        let _state = lock(&self.inner.state);
        self.inner.word.reopen()
    }

    /// Whether the tracker is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.inner.word.load() & CLOSED != 0
    }

    /// How many tasks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.word.load() / TASK
    }

    /// Whether there is no task.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tracks a future: it counts as a task until it's dropped. It has to be polled or spawned by the
    /// caller.
    pub fn track_future<F: Future>(&self, future: F) -> TrackedFuture<F> {
        TrackedFuture { future, token: self.token() }
    }

    /// A token that counts as a task until it's dropped, for work that isn't a future.
    ///
    /// ```
    /// # use rt_util::task::TaskTracker;
    /// let tracker = TaskTracker::new();
    /// let token = tracker.token();
    /// let thread = std::thread::spawn(move || {
    ///     // ... work ...
    ///     drop(token);
    /// });
    /// tracker.close();
    /// futures::executor::block_on(tracker.wait());
    /// # thread.join().unwrap();
    /// ```
    #[must_use]
    pub fn token(&self) -> TaskTrackerToken {
        self.inner.word.add();
        TaskTrackerToken { tracker: self.clone() }
    }

    /// Whether both are the same tracker.
    #[must_use]
    pub fn ptr_eq(left: &Self, right: &Self) -> bool {
        Arc::ptr_eq(&left.inner, &right.inner)
    }
}

impl Clone for TaskTracker {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl Default for TaskTracker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTracker").field("len", &self.len()).field("is_closed", &self.is_closed()).finish()
    }
}

/// Counts as a task until it's dropped; made by [`TaskTracker::token`]. A clone counts as another one.
pub struct TaskTrackerToken {
    tracker: TaskTracker,
}

impl TaskTrackerToken {
    /// The tracker.
    #[must_use]
    pub fn task_tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}

impl Clone for TaskTrackerToken {
    fn clone(&self) -> Self {
        self.tracker.token()
    }
}

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        self.tracker.inner.leave();
    }
}

impl fmt::Debug for TaskTrackerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerToken").finish_non_exhaustive()
    }
}

pin_project! {
    /// A future that counts as a task; made by [`TaskTracker::track_future`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct TrackedFuture<F> {
        // Fields are dropped in order: the task ends after its future is gone.
        #[pin]
        future: F,
        token: TaskTrackerToken,
    }
}

impl<F: Future> Future for TrackedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F: fmt::Debug> fmt::Debug for TrackedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedFuture").field("future", &self.future).finish_non_exhaustive()
    }
}

/// Waits for the end of all tasks; made by [`TaskTracker::wait`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct TaskTrackerWaitFuture<'a> {
    inner: &'a Inner,
    /// How often the tracker had been done when the waiting began.
    begun: usize,
    key: Option<usize>,
}

impl Future for TaskTrackerWaitFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.inner.is_done() {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let mut state = lock(&this.inner.state);
        if this.inner.is_done() || state.ends != this.begun {
            return Poll::Ready(());
        }
        let replaced = state.waiters.set(&mut this.key, waker);
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

impl Drop for TaskTrackerWaitFuture<'_> {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut state = lock(&self.inner.state);
        // After an end the waiters are other ones.
        let waker = if state.ends == self.begun { state.waiters.remove(key) } else { None };
        drop(state);
        drop(waker);
    }
}

impl fmt::Debug for TaskTrackerWaitFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerWaitFuture").finish_non_exhaustive()
    }
}
