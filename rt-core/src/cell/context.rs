//! Which task the calling thread is polling, or dropping parts of.

use std::cell::Cell;

use super::id::Id;
use crate::shim;

shim::thread_slot! {
    static CURRENT: Cell<Option<Id>> = Cell::new(None)
}

/// The task named by [`enter`] is current until this is dropped.
pub(super) struct Current(Option<Id>);

/// Makes a task the current one.
#[inline]
pub(super) fn enter(id: Id) -> Current {
    Current(CURRENT.try_with(|slot| slot.replace(Some(id))).ok().flatten())
}

impl Drop for Current {
    #[inline]
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|slot| slot.set(self.0));
    }
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
    CURRENT.try_with(Cell::get).ok().flatten()
}
