//! The runtime that the calling thread has entered: where `spawn` spawns.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr;

use super::shared::Shared;
use crate::base::{SeededThread, mix};
use crate::coop::region::{self, Region};
use crate::driver;
use crate::shim;
use crate::shim::atomic::Ordering;
use crate::shim::sync::Arc;

/// The innermost entry.
#[derive(Clone, Copy)]
struct Current {
    shared: *const Shared,
    /// Its number. None is given twice on a thread, so that an entry that outlives the one around it is
    /// never taken for a later one.
    number: u64,
    /// The last number that was given.
    last: u64,
}

impl Current {
    /// Makes this the innermost entry again, after those within it.
    fn restore(self) {
        let _ = CURRENT.try_with(|slot| slot.set(Self { last: slot.get().last, ..self }));
    }
}

shim::thread_slot! {
    static CURRENT: Cell<Current> = Cell::new(Current { shared: ptr::null(), number: 0, last: 0 })
}

/// The thread is ending, and can't tell.
#[derive(Debug)]
pub(crate) struct ThreadEnding;

/// Gives `f` the runtime that the calling thread has entered.
#[inline]
pub(crate) fn with_entered<R>(f: impl FnOnce(Option<&Arc<Shared>>) -> R) -> Result<R, ThreadEnding> {
    let current = CURRENT.try_with(Cell::get).map_err(|_| ThreadEnding)?;
    if current.shared.is_null() {
        return Ok(f(None));
    }
    // SAFETY: the pointer came from an `Arc` that its `Entered` keeps alive; a copy that is never dropped
    // doesn't change the count.
    let shared = ManuallyDrop::new(unsafe { Arc::from_raw(current.shared) });
    Ok(f(Some(&shared)))
}

/// A runtime entered, until this is dropped.
///
/// Entries must be left in the reverse order. The pointer in the thread's slot stays valid whatever a user
/// does with the guard: what is forgotten stays alive, and what is left out of order is kept alive.
pub(crate) struct Entered {
    shared: ManuallyDrop<Arc<Shared>>,
    driver: Option<driver::Guard>,
    before: Current,
    number: u64,
}

impl Entered {
    /// Enters the runtime on the calling thread.
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: ManuallyDrop::new(shared.clone()),
            driver: Some(driver::enter(Some(shared.driver_of_this_thread().clone()))),
            before: set(shared),
            number: CURRENT.with(Cell::get).number,
        }
    }

    /// Whether this is the innermost entry of the thread.
    pub(crate) fn is_innermost(&self) -> bool {
        CURRENT.try_with(Cell::get).is_ok_and(|current| current.number == self.number)
    }
}

fn set(shared: &Arc<Shared>) -> Current {
    CURRENT.with(|slot| {
        let before = slot.get();
        let number = before.last + 1;
        slot.set(Current { shared: Arc::as_ptr(shared), number, last: number });
        before
    })
}

impl Drop for Entered {
    fn drop(&mut self) {
        if !self.is_innermost() {
            // Entries above this one point back at our runtime: it is kept alive for good.
            std::mem::forget(self.driver.take());
            return;
        }
        drop(self.driver.take());
        self.before.restore();
        // SAFETY: dropped once, here, and not used after.
        unsafe { ManuallyDrop::drop(&mut self.shared) };
    }
}

impl Shared {
    /// What the random numbers of a thread that drives the runtime follow from: for a worker its index, for others
    /// their turn.
    #[cold]
    fn next_seed(&self) -> u64 {
        let number = match self.index_of_this_thread() {
            Some(index) => index as u64,
            // Relaxed: only the numbers' being different matters.
            None => u64::from(u32::MAX) + self.seeds.fetch_add(1, Ordering::Relaxed),
        };
        mix(self.config.seed ^ mix(number + 1))
    }
}

/// Enters the runtime for the time of `f`, on a thread that drives it.
pub(crate) fn drive<R>(shared: &Arc<Shared>, can_hand_over: bool, f: impl FnOnce() -> R) -> R {
    struct Restore(Current);
    impl Drop for Restore {
        fn drop(&mut self) {
            self.0.restore();
        }
    }
    let _region = region::Enter::new(Region::Driving { can_hand_over });
    let _seeded = shared.config.seeded.then(|| SeededThread::enter(shared.next_seed()));
    let _restore = Restore(set(shared));
    driver::with_driver(shared.driver_of_this_thread(), f)
}
