//! Handles that abort their task when they are dropped.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use rt_core::task::{AbortHandle, JoinError, JoinHandle};

/// Aborts a task when it's dropped. For who doesn't need what the task returns; see also [`AbortOnDropHandle`].
///
/// ```
/// use rt_util::task::AbortOnDrop;
///
/// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let task = rt_core::spawn(std::future::pending::<()>());
/// drop(AbortOnDrop::new(task.abort_handle()));
/// assert!(task.await.unwrap_err().is_cancelled());
/// # });
/// ```
#[must_use = "the task is aborted when this is dropped"]
pub struct AbortOnDrop {
    /// There until it's detached.
    task: Option<AbortHandle>,
}

impl AbortOnDrop {
    /// Watches over the task of a handle.
    pub fn new(handle: AbortHandle) -> Self {
        Self { task: Some(handle) }
    }

    /// Aborts the task now. It may already have ended, or may end before it notices.
    pub fn abort(&self) {
        self.task().abort();
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.task().is_finished()
    }

    /// Leaves the task alone, and gives the handle back.
    pub fn detach(mut self) -> AbortHandle {
        self.task.take().expect(DETACHED)
    }

    fn task(&self) -> &AbortHandle {
        self.task.as_ref().expect(DETACHED)
    }
}

const DETACHED: &str = "nothing can be done with what was detached";

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl fmt::Debug for AbortOnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortOnDrop").field("task", self.task()).finish()
    }
}

/// A [`JoinHandle`] that aborts its task when it's dropped.
///
/// ```
/// use rt_core::sync::oneshot;
/// use rt_util::task::AbortOnDropHandle;
///
/// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (mut held_by_task, ended) = oneshot::channel::<()>();
/// let task = AbortOnDropHandle::new(rt_core::spawn(async move { ended.await }));
/// drop(task);
/// held_by_task.closed().await;
///
/// // It can be waited for like any other.
/// let task = AbortOnDropHandle::new(rt_core::spawn(async { 5 }));
/// assert_eq!(task.await.unwrap(), 5);
/// # });
/// ```
#[must_use = "the task is aborted when this is dropped"]
pub struct AbortOnDropHandle<T> {
    /// There until it's detached.
    task: Option<JoinHandle<T>>,
}

impl<T> AbortOnDropHandle<T> {
    /// Watches over the task of a handle.
    pub fn new(handle: JoinHandle<T>) -> Self {
        Self { task: Some(handle) }
    }

    /// Aborts the task now. It may already have ended, or may end before it notices.
    pub fn abort(&self) {
        self.task().abort();
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.task().is_finished()
    }

    /// A handle that may abort the task, too, and does nothing when it's dropped.
    pub fn abort_handle(&self) -> AbortHandle {
        self.task().abort_handle()
    }

    /// Leaves the task alone, and gives the handle back.
    pub fn detach(mut self) -> JoinHandle<T> {
        self.task.take().expect(DETACHED)
    }

    fn task(&self) -> &JoinHandle<T> {
        self.task.as_ref().expect(DETACHED)
    }
}

impl<T> Drop for AbortOnDropHandle<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl<T> Future for AbortOnDropHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(self.task.as_mut().expect(DETACHED)).poll(cx)
    }
}

impl<T> AsRef<JoinHandle<T>> for AbortOnDropHandle<T> {
    fn as_ref(&self) -> &JoinHandle<T> {
        self.task()
    }
}

impl<T> fmt::Debug for AbortOnDropHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortOnDropHandle").field("task", self.task()).finish()
    }
}
