//! The calling thread's driver.
//!
//! A thread that enters a runtime is given a home: the driver that its timers and sockets go to. A worker's
//! home is its own driver.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr;

use super::Driver;
use crate::shim;
use crate::shim::sync::Arc;

#[cfg(not(loom))]
pub(super) mod all;
#[cfg(loom)]
#[path = "current/none.rs"]
pub(super) mod all;

shim::thread_slot! {
    // The slot points to a driver that the guard or the scope which set it keeps alive. It has no destructor, so that reading it needs
    // no check: a guard takes its reference out again.
    static CURRENT: Cell<*const Driver> = Cell::new(ptr::null())
}

/// Makes `driver` the calling thread's until the guard is dropped.
#[must_use]
pub(crate) fn enter(driver: Option<Arc<Driver>>) -> Guard {
    let new = driver.map_or(ptr::null(), Arc::into_raw);
    Guard { former: CURRENT.with(|slot| slot.replace(new)), _thread: PhantomData }
}

/// Makes `driver` the calling thread's for the time of `f`, without counting a reference.
///
/// Guards that `f` makes must be dropped before it ends, or never.
pub(crate) fn with_driver<R>(driver: &Arc<Driver>, f: impl FnOnce() -> R) -> R {
    struct Restore(*const Driver);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.with(|slot| slot.set(self.0));
        }
    }
    let _restore = Restore(CURRENT.with(|slot| slot.replace(Arc::as_ptr(driver))));
    f()
}

/// Restores the thread's former driver when it is dropped.
pub(crate) struct Guard {
    former: *const Driver,
    /// A guard belongs to the thread that made it.
    _thread: PhantomData<*const ()>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mine = CURRENT.with(|slot| slot.replace(self.former));
        if !mine.is_null() {
            // SAFETY: the slot owned a reference, made by `into_raw` in `enter`, and no longer points to it.
            drop(unsafe { Arc::from_raw(mine) });
        }
    }
}

/// Calls `f` with the calling thread's driver. `f` must not enter or leave one.
#[inline]
pub(crate) fn with_current<R>(f: impl FnOnce(Option<&Arc<Driver>>) -> R) -> R {
    let current = CURRENT.try_with(Cell::get).unwrap_or(ptr::null());
    if current.is_null() {
        return f(None);
    }
    // SAFETY: the driver lives until the guard that set the slot is dropped, or the scope has ended, and `f`
    // does neither; `ManuallyDrop` leaves the count as it is.
    let driver = ManuallyDrop::new(unsafe { Arc::from_raw(current) });
    f(Some(&driver))
}

/// A runtime to which a future belongs, without a reference count: made with no read-modify-write, and
/// looked up only when the future has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    runtime: u64,
}

impl Home {
    /// The home of the runtime that `driver` belongs to.
    #[inline]
    pub(crate) fn of(driver: &Driver) -> Self {
        Self { runtime: driver.runtime() }
    }

    /// A driver of this runtime: the calling thread's when it is one, else any; `None` when the runtime is
    /// gone.
    #[inline]
    pub(crate) fn driver(self) -> Option<Arc<Driver>> {
        let here = with_current(|driver| driver.filter(|driver| self.owns(driver)).cloned());
        here.or_else(|| self.look_up())
    }

    /// Whether `driver` is one of this runtime.
    #[inline]
    pub(crate) fn owns(self, driver: &Driver) -> bool {
        driver.runtime() == self.runtime
    }

    #[cold]
    fn look_up(self) -> Option<Arc<Driver>> {
        all::find(self.runtime)
    }
}
