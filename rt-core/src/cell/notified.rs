//! References to a task: the right to poll it, the registry's, and a borrowed one.

use std::fmt;
use std::mem;
use std::panic::Location;
use std::ptr::NonNull;
use std::time::Duration;

use super::harness::{self, Ran};
use super::header::Header;
use super::id::Id;
use super::state::Shard;

/// The right, and the duty, to poll a task once. Dropping it cancels the task.
pub(crate) struct Notified(NonNull<Header>);

// SAFETY: a notification moves to the thread that polls; `new_task` demands that it's the right one for
// futures that aren't `Send`.
unsafe impl Send for Notified {}
// SAFETY: a shared reference allows nothing but to read the id and the location.
unsafe impl Sync for Notified {}

impl Notified {
    /// Polls the task, with a full budget.
    pub(crate) fn run(self) -> Ran {
        // SAFETY: this is the notification, and it is given up.
        unsafe { harness::run(self.into_raw()) }
    }

    /// Polls the task without a budget: for closures that may block.
    pub(crate) fn run_blocking(self) -> Ran {
        // SAFETY: as above.
        unsafe { harness::run_blocking(self.into_raw()) }
    }

    /// Drops the future and completes the task as cancelled: the scheduler is shutting down.
    pub(crate) fn cancel(self) {
        drop(self);
    }

    /// The notification as a pointer, for queues that hold such. Whoever has it answers for it.
    pub(crate) fn into_raw(self) -> NonNull<Header> {
        let header = self.0;
        mem::forget(self);
        header
    }

    /// # Safety
    ///
    /// The pointer came from [`into_raw`](Self::into_raw), and is turned back once.
    pub(crate) unsafe fn from_raw(header: NonNull<Header>) -> Self {
        Self(header)
    }

    pub(crate) fn id(&self) -> Id {
        self.borrow().id()
    }

    /// Where the task was spawned.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.borrow().location()
    }

    /// Writes down when the task was scheduled.
    ///
    /// # Safety
    ///
    /// The task was made by [`new_stamped_task`](super::new_stamped_task).
    pub(super) unsafe fn stamp(&self, now: Duration) {
        // SAFETY: the caller says that there is room before the cell, which belongs to who holds the notification.
        unsafe { self.0.cast::<u64>().sub(1).write(now.as_nanos() as u64) }
    }

    /// When the task was scheduled, by the clock of its scheduler; `None` for a task without a stamp.
    pub(crate) fn scheduled_at(&self) -> Option<Duration> {
        // SAFETY: the notification holds a reference; where there is room for a stamp, it was written when the
        // task was scheduled, and belongs to who holds the notification.
        let nanos = unsafe { self.0.as_ref().vtable.stamped.then(|| self.0.cast::<u64>().sub(1).read()) };
        nanos.map(Duration::from_nanos)
    }

    /// The function that polls the task's future.
    #[cfg(all(feature = "taskdump", not(loom)))]
    pub(crate) fn poll_function(&self) -> *const std::ffi::c_void {
        // SAFETY: the notification holds a reference.
        unsafe { self.0.as_ref() }.vtable.root.cast()
    }

    fn borrow(&self) -> TaskRef {
        TaskRef(self.0)
    }
}

impl Drop for Notified {
    fn drop(&mut self) {
        // SAFETY: this is the notification, and it is given up.
        unsafe { harness::cancel(self.0) };
    }
}

impl fmt::Debug for Notified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified").field("id", &self.id()).field("spawned_at", &self.location()).finish()
    }
}

/// A reference to a task, without rights: the registry's.
pub(crate) struct Task(NonNull<Header>);

// SAFETY: it allows nothing but to give the reference up.
unsafe impl Send for Task {}
// SAFETY: as above.
unsafe impl Sync for Task {}

impl Task {
    /// # Safety
    ///
    /// The caller turns a reference of its own over.
    pub(super) unsafe fn from_raw(header: NonNull<Header>) -> Self {
        Self(header)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // SAFETY: the reference is given up.
        unsafe { harness::drop_ref(self.0) };
    }
}

/// A task borrowed from who holds a reference, for the time of a call.
pub(crate) struct TaskRef(NonNull<Header>);

impl TaskRef {
    /// Whoever makes one keeps a reference for as long as it's used.
    pub(super) fn new(header: NonNull<Header>) -> Self {
        Self(header)
    }

    pub(super) fn raw(&self) -> NonNull<Header> {
        self.0
    }

    fn header(&self) -> &Header {
        // SAFETY: a reference is held while this exists.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn id(&self) -> Id {
        self.header().id
    }

    /// Where the task was spawned.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.header().location
    }

    /// The shard of the registry that the task entered.
    pub(crate) fn shard(&self) -> Option<Shard> {
        self.header().state.load().shard()
    }
}
