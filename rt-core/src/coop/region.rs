//! Whether the calling thread may be blocked.
//!
//! A thread that drives a runtime must not wait for something that only the runtime can bring about. Each
//! thread carries one [`Region`]; entering a runtime changes it, `spawn_blocking` and `block_in_place`
//! change it back.

use std::cell::Cell;
use std::future::Future;

use crate::base;
use crate::shim;

/// What the calling thread is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Region {
    /// No runtime is driven here: blocking is fine.
    Outside,
    /// A runtime is driven here: `block_on` on the caller's thread, or a worker's.
    Driving {
        /// Whether `block_in_place` can hand the rest of the work over (it can't on `current_thread`).
        can_hand_over: bool,
    },
    /// Inside a runtime, in a part that may block (`spawn_blocking`, `block_in_place`).
    MayBlock,
}

shim::thread_slot! {
    static REGION: Cell<Region> = Cell::new(Region::Outside)
}

/// A region in force until it is dropped.
pub(crate) struct Enter(Region);

impl Enter {
    pub(crate) fn new(region: Region) -> Self {
        Self(REGION.with(|slot| slot.replace(region)))
    }
}

impl Drop for Enter {
    fn drop(&mut self) {
        let _ = REGION.try_with(|slot| slot.set(self.0));
    }
}

/// The calling thread's region; `Outside` when the thread is ending.
pub(crate) fn current() -> Region {
    REGION.try_with(Cell::get).unwrap_or(Region::Outside)
}

/// Whether the calling thread may be blocked.
pub(crate) fn may_block() -> bool {
    !matches!(current(), Region::Driving { .. })
}

/// Waits for a future on a thread that may be blocked.
///
/// # Panics
///
/// When the thread drives a runtime.
#[track_caller]
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    assert!(
        may_block(),
        "Cannot block the current thread from within a runtime. This happens because a function attempted to \
         block the current thread while the thread is being used to drive asynchronous tasks."
    );
    base::block_on(future)
}
