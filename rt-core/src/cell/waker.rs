//! The waker of a task: a counted pointer to its header. One table for all tasks.

use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::context;
use super::harness;
use super::header::Header;
use super::notified::Notified;
use super::state::Wake;
use crate::base::trace::WakerOp;

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// The waker that a poll is given: it borrows the poll's reference, and a clone adds one.
///
/// # Safety
///
/// A reference is held as long as the waker is used.
pub(super) unsafe fn borrowed(header: NonNull<Header>) -> ManuallyDrop<Waker> {
    // SAFETY: the functions below keep the contract of `RawWaker`; the borrowed one is never dropped.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw(header)) })
}

/// A waker with a reference of its own.
///
/// # Safety
///
/// The caller holds a reference.
#[cfg(any(feature = "taskdump", loom))]
pub(super) unsafe fn counted(header: NonNull<Header>) -> Waker {
    // SAFETY: the reference that is added is the waker's.
    unsafe {
        header.as_ref().state.ref_inc();
        Waker::from_raw(raw(header))
    }
}

fn raw(header: NonNull<Header>) -> RawWaker {
    RawWaker::new(header.as_ptr().cast_const().cast(), &VTABLE)
}

/// # Safety
///
/// `data` is a waker's: a live header. The same holds for the functions below.
unsafe fn header(data: *const ()) -> NonNull<Header> {
    // SAFETY: `raw` made it from a non-null pointer.
    unsafe { NonNull::new_unchecked(data.cast_mut().cast()) }
}

/// # Safety
///
/// See [`header`].
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: passed on to the caller.
    unsafe {
        let header = header(data);
        header.as_ref().span.waker_is_cloned();
        if !context::take_spare(header) {
            header.as_ref().state.ref_inc();
        }
        raw(header)
    }
}

/// # Safety
///
/// See [`header`]; the waker's reference is given up.
unsafe fn wake(data: *const ()) {
    // SAFETY: passed on to the caller. A task that must be scheduled is not complete: its owner lives.
    unsafe {
        let header = header(data);
        let task = header.as_ref();
        task.span.waker(WakerOp::Wake, || match task.state.wake_by_val() {
            Wake::Schedule => (task.vtable.schedule)(task.owner, Notified::from_raw(header)),
            Wake::Done => {}
            Wake::Last => (task.vtable.free)(header),
        });
    }
}

/// # Safety
///
/// See [`header`].
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: as in `wake`.
    unsafe {
        let header = header(data);
        let task = header.as_ref();
        task.span.waker(WakerOp::WakeByRef, || {
            if task.state.wake_by_ref() {
                (task.vtable.schedule)(task.owner, Notified::from_raw(header));
            }
        });
    }
}

/// # Safety
///
/// See [`header`]; the waker's reference is given up.
unsafe fn drop_waker(data: *const ()) {
    // SAFETY: passed on to the caller.
    unsafe {
        let header = header(data);
        header.as_ref().span.waker(WakerOp::Drop, || harness::drop_ref(header));
    }
}
