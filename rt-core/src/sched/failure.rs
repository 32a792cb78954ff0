//! The end of a runtime that a task's panic ends, for those that are built so.
//!
//! Not modelled: a flag that is set before all who wait are woken, under the lock under which they enlist.
//!
//! E1: `fail` Release -> `has_failed` Acquire: who learns of it sees what was done before.

use super::context::Context;
use super::shared::Shared;
use crate::base::Parker;
use crate::shim::atomic::Ordering;
use crate::shim::sync::Arc;

impl Context<'_> {
    /// A task has panicked.
    #[cold]
    pub(super) fn note_panic(&self) {
        if self.shared.config.fails_on_panic {
            self.shared.fail();
        }
    }
}

impl Shared {
    /// Ends the runtime: its workers leave, and `block_on` panics wherever it waits.
    fn fail(&self) {
        self.failed.store(true, Ordering::Release); // E1
        self.close();
        self.wake_main();
        self.seat.wake_all();
    }

    #[inline]
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire) // E1
    }

    /// Panics if a task has, and that ends the runtime.
    #[track_caller]
    #[inline]
    pub(super) fn assert_sound(&self) {
        if self.has_failed() {
            fail_too();
        }
    }

    /// Has the calling thread woken when the runtime fails; `None` if it can't.
    pub(super) fn enlist_for_failure<'a>(&'a self, parker: &'a Arc<Parker>) -> Option<Enlisted<'a>> {
        self.config.fails_on_panic.then(|| {
            self.seat.enlist(parker);
            Enlisted { shared: self, parker }
        })
    }
}

/// A thread's place among those that are woken when the runtime fails.
pub(super) struct Enlisted<'a> {
    shared: &'a Shared,
    parker: &'a Arc<Parker>,
}

impl Drop for Enlisted<'_> {
    fn drop(&mut self) {
        self.shared.seat.delist(self.parker);
        self.shared.seat.pass_on();
    }
}

#[cold]
#[track_caller]
pub(super) fn fail_too() -> ! {
    panic!("a spawned task panicked and the runtime is configured to shut down on unhandled panic");
}
