//! Asking a task to stop.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;

use super::harness;
use super::header::Header;
use super::id::Id;
use super::notified::Notified;

/// A permission to abort a task, without one to wait for it.
///
/// Made by [`JoinHandle::abort_handle`](super::JoinHandle::abort_handle). Dropping it leaves the task alone;
/// it keeps the task's memory, though not what the task held once it's finished.
///
/// # Examples
///
/// ```
/// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let task = rt_core::spawn(std::future::pending::<()>());
/// let abort = task.abort_handle();
/// rt_core::spawn(async move { abort.abort() });
/// assert!(task.await.unwrap_err().is_cancelled());
/// # });
/// ```
pub struct AbortHandle {
    header: NonNull<Header>,
}

// SAFETY: it counts as a reference, and all it does goes through the state word.
unsafe impl Send for AbortHandle {}
// SAFETY: as above.
unsafe impl Sync for AbortHandle {}
impl UnwindSafe for AbortHandle {}
impl RefUnwindSafe for AbortHandle {}

impl AbortHandle {
    /// Adds a reference to the task.
    ///
    /// # Safety
    ///
    /// The caller holds one.
    pub(super) unsafe fn new(header: NonNull<Header>) -> Self {
        // SAFETY: passed on to the caller.
        unsafe { header.as_ref() }.state.ref_inc();
        Self { header }
    }

    fn header(&self) -> &Header {
        // SAFETY: a reference is held.
        unsafe { self.header.as_ref() }
    }

    /// Asks the task to stop, which it does where it next waits.
    ///
    /// A task that has finished meanwhile, or finishes before it waits again, isn't affected. A closure of
    /// `spawn_blocking` can be aborted only while it hasn't started.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(std::future::pending::<()>());
    /// task.abort_handle().abort();
    /// assert!(task.await.is_err());
    /// # });
    /// ```
    pub fn abort(&self) {
        // SAFETY: a reference is held.
        unsafe { abort(self.header) };
    }

    /// Whether the task has finished: it ran to its end, panicked, or was cancelled.
    ///
    /// It may be false for a while after [`abort`](Self::abort), until the task has really stopped. Once it
    /// is true, the future has been dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(async {});
    /// let abort = task.abort_handle();
    /// task.await.unwrap();
    /// assert!(abort.is_finished());
    /// # });
    /// ```
    pub fn is_finished(&self) -> bool {
        self.header().state.load().is_complete()
    }

    /// Which task it is.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(async {});
    /// assert_eq!(task.abort_handle().id(), task.id());
    /// # });
    /// ```
    pub fn id(&self) -> Id {
        self.header().id
    }
}

#[cfg(all(test, loom))]
impl AbortHandle {
    /// How many references there are, this one included.
    pub(super) fn refs(&self) -> u64 {
        self.header().state.load().refs()
    }
}

/// Aborts a task.
///
/// # Safety
///
/// The caller holds a reference.
pub(super) unsafe fn abort(header: NonNull<Header>) {
    // SAFETY: passed on to the caller. A task that must be scheduled isn't complete: its owner lives.
    unsafe {
        let task = header.as_ref();
        if task.state.abort() {
            (task.vtable.schedule)(task.owner, Notified::from_raw(header));
        }
    }
}

impl Clone for AbortHandle {
    fn clone(&self) -> Self {
        // SAFETY: a reference is held.
        unsafe { Self::new(self.header) }
    }
}

impl Drop for AbortHandle {
    fn drop(&mut self) {
        // SAFETY: the reference is given up.
        unsafe { harness::drop_ref(self.header) };
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").field("id", &self.id()).finish()
    }
}
