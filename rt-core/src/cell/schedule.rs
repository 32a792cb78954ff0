//! What a task needs from its scheduler.

use std::time::Duration;

use super::notified::{Notified, Task, TaskRef};
use super::state::Shard;

/// A scheduler, as its tasks know it.
///
/// A task holds a plain pointer to its scheduler, not a count, and uses it only while the task isn't
/// complete. So a scheduler must not go before its tasks are complete:
///
/// 1. It refuses registrations from some point on ([`Registry::close_and_shutdown_all`]), which cancels what
///    waits, and asks the holder of each other task to cancel it.
/// 2. It cancels the tasks in its queues, and whatever is pushed to them from then on.
/// 3. It lives on until the registry is empty ([`Registry::len`]): a thread outside of it may just have woken a
///    task, and be about to call `schedule`.
///
/// As soon as a notification is where another thread can take it, the task may complete, and the scheduler
/// go: a `schedule` that does more after its push keeps the scheduler alive by a count of its own.
///
/// [`Registry::close_and_shutdown_all`]: super::Registry::close_and_shutdown_all
/// [`Registry::len`]: super::Registry::len
pub(crate) trait Schedule: Sized + Sync + 'static {
    /// What its tasks are called in traces.
    const KIND: &'static str = "task";

    /// A wake made the task runnable. Called on any thread.
    fn schedule(&self, task: Notified);

    /// The task was woken while it was polled, by itself as a rule: it goes to the back of the queue. Called
    /// on the thread that polled.
    fn yield_now(&self, task: Notified);

    /// The task waits for the first time: it must be found by a shutdown from now on. The registry gets the
    /// poll's reference. Called on the thread that polled. `None` when the scheduler is shutting down: the
    /// task is cancelled at once.
    fn register(&self, task: &TaskRef) -> Option<Shard>;

    /// A registered task is about to complete. Returns the registry's reference if the task was still there.
    fn release(&self, task: &TaskRef) -> Option<Task>;

    /// A task is about to complete: its future is gone, and nobody has been told yet. Called once for each task,
    /// on the thread that completes it.
    fn terminated(&self, _: &TaskRef) {}

    /// The time that is stamped on a task when it is scheduled, since a moment of the scheduler's choice. For
    /// tasks made by [`new_stamped_task`](super::new_stamped_task).
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// # Safety
///
/// `owner` points to a live `S`; the same holds for the functions below.
pub(super) unsafe fn schedule<S: Schedule>(owner: *const (), task: Notified) {
    // SAFETY: passed on to the caller.
    unsafe { &*owner.cast::<S>() }.schedule(task);
}

/// # Safety
///
/// See [`schedule`].
pub(super) unsafe fn yield_now<S: Schedule>(owner: *const (), task: Notified) {
    // SAFETY: passed on to the caller.
    unsafe { &*owner.cast::<S>() }.yield_now(task);
}

/// # Safety
///
/// See [`schedule`].
pub(super) unsafe fn register<S: Schedule>(owner: *const (), task: &TaskRef) -> Option<Shard> {
    // SAFETY: passed on to the caller.
    unsafe { &*owner.cast::<S>() }.register(task)
}

/// # Safety
///
/// See [`schedule`].
pub(super) unsafe fn release<S: Schedule>(owner: *const (), task: &TaskRef) -> Option<Task> {
    // SAFETY: passed on to the caller.
    unsafe { &*owner.cast::<S>() }.release(task)
}

/// # Safety
///
/// See [`schedule`].
pub(super) unsafe fn terminated<S: Schedule>(owner: *const (), task: &TaskRef) {
    // SAFETY: passed on to the caller.
    unsafe { &*owner.cast::<S>() }.terminated(task);
}

/// As [`schedule`], for a task with a stamp.
///
/// # Safety
///
/// See [`schedule`]; and the task was made with room for a stamp.
pub(super) unsafe fn schedule_stamped<S: Schedule>(owner: *const (), task: Notified) {
    // SAFETY: passed on to the caller.
    unsafe {
        task.stamp((*owner.cast::<S>()).now());
        schedule::<S>(owner, task);
    }
}

/// As [`yield_now`], for a task with a stamp.
///
/// # Safety
///
/// See [`schedule_stamped`].
pub(super) unsafe fn yield_now_stamped<S: Schedule>(owner: *const (), task: Notified) {
    // SAFETY: passed on to the caller.
    unsafe {
        task.stamp((*owner.cast::<S>()).now());
        yield_now::<S>(owner, task);
    }
}
