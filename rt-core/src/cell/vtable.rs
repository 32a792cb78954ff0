//! The functions that know the future's type: making a cell, polling, dropping, taking the output.

use std::future::Future;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use super::error::JoinError;
use super::header::{Cell, Failure, Header, Stage, Stamped, Step, Trunk, Vtable};
use super::id::Id;
use super::join::JoinHandle;
use super::memory;
use super::notified::Notified;
use super::schedule::{self, Schedule};
use crate::base::contain;
use crate::base::trace::{self, TaskSpan, Traced};
use crate::shim::cell::UnsafeCell;

/// Futures above it are better boxed by the caller than moved through several stack frames. Debug builds move
/// a value in each frame, and their stack is soon full.
const LARGE: usize = if cfg!(debug_assertions) { 2 * 1024 } else { 16 * 1024 };

/// Whether a future should be put into a `Box` before it is passed on to [`new_task`].
pub(crate) const fn is_large<F>() -> bool {
    size_of::<F>() > LARGE
}

/// Boxes a future that [is large](is_large).
pub(crate) fn boxed<F>(future: F) -> Pin<Box<F>> {
    trace::note_boxed::<F>();
    Box::pin(future)
}

/// A new task, notified and not registered anywhere.
///
/// # Safety
///
/// - `owner` points to a scheduler that outlives the task's completion.
/// - When `F` isn't `Send`, the owner runs and cancels the task, and shuts it down, only on the thread that
///   calls this function.
pub(crate) unsafe fn new_task<F, S>(
    future: F,
    owner: *const S,
    id: Id,
    location: &'static Location<'static>,
) -> (Notified, JoinHandle<F::Output>)
where
    F: Future + 'static,
    S: Schedule,
{
    let (future, span) = trace::task(S::KIND, id.number(), location, future);
    let cell = memory::allocate::<Cell<Traced<F>>>();
    // SAFETY: the allocation of a cell; the rest is passed on to the caller.
    unsafe { place(cell, future, VtableOf::<Traced<F>, S>::VTABLE, owner.cast(), id, location, span) }
}

/// As [`new_task`], with room for the time at which the task is scheduled: see
/// [`Notified::scheduled_at`].
///
/// # Safety
///
/// As [`new_task`].
pub(crate) unsafe fn new_stamped_task<F, S>(
    future: F,
    owner: *const S,
    id: Id,
    location: &'static Location<'static>,
) -> (Notified, JoinHandle<F::Output>)
where
    F: Future + 'static,
    S: Schedule,
{
    let (future, span) = trace::task(S::KIND, id.number(), location, future);
    let stamped = memory::allocate::<Stamped<Traced<F>>>();
    // SAFETY: the allocation of a cell with room before it, to which a stamp is written; the rest is passed on to
    // the caller, whose scheduler lives.
    unsafe {
        let cell = NonNull::new_unchecked(&raw mut (*stamped.as_ptr()).cell);
        let vtable = VtableOf::<Traced<F>, S>::STAMPED;
        let (task, handle) = place(cell, future, vtable, owner.cast(), id, location, span);
        task.stamp((*owner).now());
        (task, handle)
    }
}

/// Makes a cell in place.
///
/// # Safety
///
/// `cell` is memory for one, `vtable` is of its types, and the rest is as [`new_task`] demands.
#[inline]
unsafe fn place<F: Future + 'static>(
    cell: NonNull<Cell<F>>,
    future: F,
    vtable: &'static Vtable,
    owner: *const (),
    id: Id,
    location: &'static Location<'static>,
    span: TaskSpan,
) -> (Notified, JoinHandle<F::Output>) {
    let place = cell.as_ptr();
    let header = Header::new(vtable, owner, id, location, span);
    // SAFETY: `place` is the allocation of a cell; each field is written once. Field by field, since a cell
    // that is built whole would be moved from the stack, future and all.
    unsafe {
        (&raw mut (*place).trunk).write(Trunk { header, join_waker: UnsafeCell::new(MaybeUninit::uninit()) });
        (&raw mut (*place).stage).write(UnsafeCell::new(Stage { future: ManuallyDrop::new(future) }));
    }
    let header = cell.cast::<Header>();
    // SAFETY: a new task has two references and is notified.
    unsafe { (Notified::from_raw(header), JoinHandle::new(header)) }
}

struct VtableOf<F, S>(PhantomData<(F, S)>);

impl<F: Future + 'static, S: Schedule> VtableOf<F, S> {
    const VTABLE: &'static Vtable = &Vtable {
        poll: poll::<F>,
        cancel: cancel::<F>,
        drop_output: drop_output::<F>,
        take_output: take_output::<F>,
        free: free::<F>,
        schedule: schedule::schedule::<S>,
        yield_now: schedule::yield_now::<S>,
        register: schedule::register::<S>,
        release: schedule::release::<S>,
        terminated: schedule::terminated::<S>,
        #[cfg(feature = "taskdump")]
        root: poll_future::<F> as *const (),
        stamped: false,
    };

    const STAMPED: &'static Vtable = &Vtable {
        free: free_stamped::<F>,
        schedule: schedule::schedule_stamped::<S>,
        yield_now: schedule::yield_now_stamped::<S>,
        stamped: true,
        ..*Self::VTABLE
    };
}

/// # Safety
///
/// As [`Vtable`] says, and the stage holds the future.
unsafe fn poll<F: Future>(header: NonNull<Header>, cx: &mut Context<'_>) -> Step {
    on_stage::<F, _>(header, |stage| {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let unwinding = DropFuture(stage);
            // SAFETY: the stage holds the future, it is the caller's, and a cell never moves.
            let polled = unsafe { poll_future(stage, cx) };
            std::mem::forget(unwinding);
            polled
        }));
        let (output, payload) = match polled {
            Ok(Poll::Pending) => return Step::Pending,
            Ok(Poll::Ready(output)) => {
                // SAFETY: the future is dropped once: the stage is overwritten below, whatever happens here.
                let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { drop_future(stage) }));
                (Some(output), dropped.err())
            }
            Err(payload) => (None, Some(payload)),
        };
        match (output, payload) {
            (Some(output), None) => {
                // SAFETY: the stage is the caller's, and holds nothing any more.
                unsafe { (*stage).output = ManuallyDrop::new(output) };
                Step::Ready
            }
            (output, payload) => {
                contain(move || drop(output));
                // SAFETY: as above.
                unsafe { (*stage).failure = ManuallyDrop::new(payload) };
                Step::Panicked
            }
        }
    })
}

/// Polls the future. With dumps, this is the outside of a task's stack.
///
/// # Safety
///
/// The stage holds the future, is the caller's, and never moves.
#[cfg_attr(feature = "taskdump", inline(never))]
#[cfg_attr(not(feature = "taskdump"), inline(always))]
unsafe fn poll_future<F: Future>(stage: *mut Stage<F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    // SAFETY: passed on to the caller.
    unsafe { Pin::new_unchecked(&mut *(*stage).future).poll(cx) }
}

/// Drops the future of a poll that panics, while the panic unwinds: its destructors can tell, and a lock that it
/// holds is poisoned. A second panic ends here, since the first is the cause of what followed.
struct DropFuture<F: Future>(*mut Stage<F>);

impl<F: Future> Drop for DropFuture<F> {
    fn drop(&mut self) {
        // SAFETY: made by `poll`, which forgets it unless the poll panicked; the future isn't used any more, and
        // the stage is overwritten.
        contain(|| unsafe { drop_future(self.0) });
    }
}

/// # Safety
///
/// As [`Vtable`] says, and the stage holds the future.
unsafe fn cancel<F: Future>(header: NonNull<Header>) -> bool {
    on_stage::<F, _>(header, |stage| {
        // SAFETY: the future is dropped once: the stage is overwritten below, whatever happens here.
        let payload = catch_unwind(AssertUnwindSafe(|| unsafe { drop_future(stage) })).err();
        let panicked = payload.is_some();
        // SAFETY: the stage is the caller's, and holds nothing any more.
        unsafe { (*stage).failure = ManuallyDrop::new(payload) };
        panicked
    })
}

/// # Safety
///
/// The stage holds the future, and is the caller's.
unsafe fn drop_future<F: Future>(stage: *mut Stage<F>) {
    // SAFETY: passed on to the caller.
    unsafe { ManuallyDrop::drop(&mut (*stage).future) }
}

/// # Safety
///
/// As [`Vtable`] says, and the stage holds the failure when `failed`, or else the output.
unsafe fn drop_output<F: Future>(header: NonNull<Header>, failed: bool) {
    on_stage::<F, _>(header, |stage| {
        // SAFETY: passed on to the caller.
        unsafe {
            if failed {
                ManuallyDrop::drop(&mut (*stage).failure);
            } else {
                ManuallyDrop::drop(&mut (*stage).output);
            }
        }
    });
}

/// # Safety
///
/// As [`drop_output`], and `target` may be written as a `Result<F::Output, JoinError>`.
unsafe fn take_output<F: Future>(header: NonNull<Header>, failed: bool, target: NonNull<()>) {
    on_stage::<F, _>(header, |stage| {
        // SAFETY: passed on to the caller.
        unsafe {
            let result = if failed {
                let failure: Failure = ManuallyDrop::take(&mut (*stage).failure);
                Err(JoinError::new(header.as_ref().id, failure))
            } else {
                Ok(ManuallyDrop::take(&mut (*stage).output))
            };
            target.cast::<Result<F::Output, JoinError>>().write(result);
        }
    });
}

/// # Safety
///
/// As [`Vtable`] says, with no reference left but the caller's.
unsafe fn free<F: Future>(header: NonNull<Header>) {
    // Nothing but a look, by which a model finds out whether all use of the stage came before (E5 of the state).
    on_stage::<F, _>(header, |_| ());
    let cell = header.cast::<Cell<F>>();
    // SAFETY: `new_task` made a cell of this type. What its stage held was dropped when the task completed, and
    // the rest of it needs no drop but in a model.
    unsafe {
        cell.drop_in_place();
        memory::free(cell);
    }
}

/// # Safety
///
/// As [`free`], of a cell with room for a stamp.
unsafe fn free_stamped<F: Future>(header: NonNull<Header>) {
    let cell = header.cast::<Cell<F>>();
    // SAFETY: as in `free`; the cell lies that far into an allocation of this type.
    unsafe {
        cell.drop_in_place();
        memory::free(cell.byte_sub(std::mem::offset_of!(Stamped<F>, cell)).cast::<Stamped<F>>());
    }
}

fn on_stage<F: Future, R>(header: NonNull<Header>, f: impl FnOnce(*mut Stage<F>) -> R) -> R {
    // SAFETY: the functions of the vtable are called with a live cell of their type.
    unsafe { (*header.cast::<Cell<F>>().as_ptr()).stage.with_mut(f) }
}
