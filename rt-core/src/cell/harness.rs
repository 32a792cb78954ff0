//! Polling, completing and cancelling: the state machine put to use, compiled once for all futures.

use std::ptr::NonNull;
use std::task::Context;

use super::context;
use super::header::{Header, Step, Trunk};
use super::notified::{Notified, TaskRef};
use super::state::{Begin, Left, ToComplete, ToIdle};
use super::waker;
use crate::base::contain;
use crate::coop::with_full_budget;

/// What came of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    /// The task waits.
    Idle,
    /// The task was woken while it was polled, and went to the back of the queue.
    Yielded,
    /// The task is complete.
    Completed {
        /// Whether it ended in a panic, in the poll or in a drop.
        panicked: bool,
    },
}

/// Polls a task once.
///
/// # Safety
///
/// The caller holds the notification, and gives it up.
#[inline]
pub(super) unsafe fn run(header: NonNull<Header>) -> Ran {
    // SAFETY: passed on to the caller.
    with_full_budget(|| unsafe { run_blocking(header) })
}

/// Polls a task once, leaving the budget as it is.
///
/// # Safety
///
/// The caller holds the notification, and gives it up.
#[inline]
pub(super) unsafe fn run_blocking(header: NonNull<Header>) -> Ran {
    // SAFETY: a notification holds two references, and the stage is its holder's; the spare one is the context's
    // until it is taken back.
    unsafe {
        let task = header.as_ref();
        let current = context::enter_poll(header, task.id);
        if task.state.begin() == Begin::Cancel {
            return finish_cancelled(header, current.left());
        }
        let waker = waker::borrowed(header);
        let step = (task.vtable.poll)(header, &mut Context::from_waker(&waker));
        let left = current.left();
        match step {
            Step::Pending => suspend(header, left),
            Step::Ready => {
                complete(header, false, left);
                Ran::Completed { panicked: false }
            }
            Step::Panicked => {
                complete(header, true, left);
                Ran::Completed { panicked: true }
            }
        }
    }
}

/// Drops the future of a task that is notified.
///
/// # Safety
///
/// The caller holds the notification, and gives it up.
pub(super) unsafe fn cancel(header: NonNull<Header>) {
    // SAFETY: a notification holds two references, and the stage is its holder's.
    unsafe {
        let task = header.as_ref();
        let _current = context::enter(task.id);
        // Whether it was aborted before makes no difference.
        let _ = task.state.begin();
        finish_cancelled(header, Left::Both);
    }
}

/// Drops the future of a task that was idle, and that the registry took for it.
///
/// # Safety
///
/// The caller holds the task and a reference, and gives both up.
pub(super) unsafe fn shutdown(header: NonNull<Header>) {
    // SAFETY: passed on to the caller.
    unsafe {
        let _current = context::enter(header.as_ref().id);
        finish_cancelled(header, Left::One);
    }
}

/// # Safety
///
/// The caller holds the task and the references that are `left`, and gives all up.
#[inline]
unsafe fn suspend(header: NonNull<Header>, left: Left) -> Ran {
    // SAFETY: the task isn't complete while we hold it, so its owner lives.
    unsafe {
        let task = header.as_ref();
        let now = task.state.load();
        // A task that woke itself lies in a queue, where a shutdown finds it too.
        if now.shard().is_none() && !now.is_woken_again() {
            return suspend_first(header, left);
        }
        end_poll(header, task.state.transition_to_idle(left, None), left)
    }
}

/// As [`suspend`], for a task that isn't registered.
///
/// # Safety
///
/// As [`suspend`].
#[inline(never)]
unsafe fn suspend_first(header: NonNull<Header>, left: Left) -> Ran {
    // SAFETY: as in `suspend`.
    unsafe {
        let task = header.as_ref();
        let Some(shard) = (task.vtable.register)(task.owner, &TaskRef::new(header)) else {
            return finish_cancelled(header, left);
        };
        end_poll(header, task.state.transition_to_idle(left, Some(shard)), left)
    }
}

/// # Safety
///
/// `verdict` is that of the end of a poll by the caller, who had the references that are `left`.
#[inline]
unsafe fn end_poll(header: NonNull<Header>, verdict: ToIdle, left: Left) -> Ran {
    // SAFETY: unless it is idle, the task is the caller's.
    unsafe {
        match verdict {
            ToIdle::Idle => Ran::Idle,
            ToIdle::Notified => {
                let task = header.as_ref();
                (task.vtable.yield_now)(task.owner, Notified::from_raw(header));
                Ran::Yielded
            }
            ToIdle::Cancelled => finish_cancelled(header, left),
        }
    }
}

/// # Safety
///
/// The caller holds the task and the references that are `left`, and gives all up.
#[cold]
unsafe fn finish_cancelled(header: NonNull<Header>, left: Left) -> Ran {
    // SAFETY: the task is ours, and its stage holds the future.
    unsafe {
        let panicked = (header.as_ref().vtable.cancel)(header);
        complete(header, true, left);
        Ran::Completed { panicked }
    }
}

/// The stage holds what came of the task: hands it to the joiner, or drops it.
///
/// # Safety
///
/// The caller holds the task and the references that are `left`, and gives all up.
unsafe fn complete(header: NonNull<Header>, failed: bool, left: Left) {
    // SAFETY: the references are ours until `transition_to_complete` says that they're gone; until then the
    // task isn't complete, so its owner lives.
    unsafe {
        let task = header.as_ref();
        (task.vtable.terminated)(task.owner, &TaskRef::new(header));
        let mut registered = false;
        if task.state.load().shard().is_some() {
            if let Some(task) = (task.vtable.release)(task.owner, &TaskRef::new(header)) {
                // Given up below, together with our own.
                std::mem::forget(task);
                registered = true;
            }
        }
        let mut discarded = false;
        loop {
            match task.state.transition_to_complete(failed, left, registered, discarded) {
                ToComplete::Unwanted => {
                    contain(|| (task.vtable.drop_output)(header, failed));
                    discarded = true;
                }
                ToComplete::Done => return,
                ToComplete::Last => return (task.vtable.free)(header),
                ToComplete::WakeJoiner => {
                    wake_joiner(header);
                    return drop_ref(header);
                }
            }
        }
    }
}

/// # Safety
///
/// The caller completed the task while JOIN_WAKER was set, and holds a reference.
unsafe fn wake_joiner(header: NonNull<Header>) {
    // SAFETY: JOIN_WAKER made the slot's content ours at completion, and nobody touches it any more.
    let waker = unsafe { header.cast::<Trunk>().as_ref().join_waker.with(|slot| (*slot).assume_init_read()) };
    // The joiner's waker may be anybody's code. What it does wrong is not this task's fault.
    contain(|| waker.wake());
}

/// Gives a reference up.
///
/// # Safety
///
/// It is the caller's.
pub(super) unsafe fn drop_ref(header: NonNull<Header>) {
    // SAFETY: passed on to the caller; the last reference frees.
    unsafe {
        let task = header.as_ref();
        if task.state.ref_dec() {
            (task.vtable.free)(header);
        }
    }
}
