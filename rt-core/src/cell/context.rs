//! Which task the calling thread is polling, or dropping parts of; and whether the poll has a reference to spare.
//!
//! A task that waits leaves a waker somewhere, as a rule one that it clones in its poll. So the notification brings a
//! reference for it, which that clone takes without a write to the task's word.

use std::cell::Cell;
use std::ptr::{self, NonNull};

use super::header::Header;
use super::id::Id;
use super::state::Left;
use crate::shim;

/// What a thread is at.
#[derive(Clone, Copy)]
struct Scope {
    id: Option<Id>,
    /// The task that is being polled, if the poll's spare reference is still there. It isn't looked into.
    spare: *const Header,
}

const NOWHERE: Scope = Scope { id: None, spare: ptr::null() };

shim::thread_slot! {
    static CURRENT: Cell<Scope> = Cell::new(NOWHERE)
}

/// The task named by [`enter`] is current until this is dropped.
pub(super) struct Current {
    before: Scope,
}

/// Makes a task the current one.
#[inline]
pub(super) fn enter(id: Id) -> Current {
    let scope = Scope { id: Some(id), spare: ptr::null() };
    Current { before: CURRENT.try_with(|slot| slot.replace(scope)).unwrap_or(NOWHERE) }
}

impl Drop for Current {
    #[inline]
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|slot| slot.set(self.before));
    }
}

/// A task is current, and its spare reference is here, until this is dropped.
pub(super) struct Polling {
    _current: Current,
    task: NonNull<Header>,
}

/// Makes a task that is about to be polled the current one, and gives it the spare reference, to be asked
/// for [what is left](Polling::left).
#[inline]
pub(super) fn enter_poll(task: NonNull<Header>, id: Id) -> Polling {
    let scope = Scope { id: Some(id), spare: task.as_ptr() };
    Polling { _current: Current { before: CURRENT.with(|slot| slot.replace(scope)) }, task }
}

impl Polling {
    /// Takes back what is left of the references.
    #[inline]
    pub(super) fn left(&self) -> Left {
        if take_spare(self.task) { Left::Both } else { Left::One }
    }
}

/// Takes the spare reference of a task, if the calling thread polls that one right now, and nobody has taken it.
#[inline]
#[must_use]
pub(super) fn take_spare(task: NonNull<Header>) -> bool {
    CURRENT
        .try_with(|slot| {
            let scope = slot.get();
            let there = ptr::eq(scope.spare, task.as_ptr());
            if there {
                slot.set(Scope { spare: ptr::null(), ..scope });
            }
            there
        })
        .unwrap_or(false)
}

/// The id of the task that calls this function.
///
/// # Panics
///
/// Outside of a task. The future given to `block_on` isn't a task.
///
/// # Examples
///
/// ```
/// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let task = rt_core::spawn(async { println!("task {} runs", rt_core::task::id()) });
/// task.await.unwrap();
/// # });
/// ```
#[track_caller]
pub fn id() -> Id {
    try_id().expect("Can't get a task id when not inside a task")
}

/// The id of the task that calls this function; `None` outside of a task.
///
/// # Examples
///
/// ```
/// assert!(rt_core::task::try_id().is_none());
/// ```
#[track_caller]
pub fn try_id() -> Option<Id> {
    CURRENT.try_with(|slot| slot.get().id).ok().flatten()
}
