//! A value that is written at most once, and from then on read by all.
//!
//! ```text
//!   EMPTY ── write (1) ──▶ WRITTEN, final
//! ```
//!
//! Who may write is up to its owner. `once_cell/tests_loom.rs` and `set_once/tests_loom.rs` model it.
//!
//! E1: `write` Release -> `is_written` Acquire: the value is there.

use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::cell::UnsafeCell;

/// Whether it has been written.
struct State(AtomicBool);

/// See the module's documentation.
pub(super) struct WriteOnce<T> {
    state: State,
    /// Not written any more once the state says WRITTEN.
    value: UnsafeCell<Option<T>>,
}

// SAFETY: it takes a value from one thread, for which it must be `Send`, and gives `&T` to all.
unsafe impl<T: Send + Sync> Sync for WriteOnce<T> {}

impl<T> WriteOnce<T> {
    /// Written already if there is a value.
    #[cfg(not(loom))]
    pub(super) const fn new(value: Option<T>) -> Self {
        Self { state: State(AtomicBool::new(value.is_some())), value: UnsafeCell::new(value) }
    }

    #[cfg(loom)]
    pub(super) fn new(value: Option<T>) -> Self {
        Self { state: State(AtomicBool::new(value.is_some())), value: UnsafeCell::new(value) }
    }

    #[inline]
    pub(super) fn is_written(&self) -> bool {
        self.state.0.load(Ordering::Acquire) // E1
    }

    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        if !self.is_written() {
            return None;
        }
        // SAFETY: it is written, and won't be any more.
        self.value.with(|value| unsafe { (*value).as_ref() })
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        // SAFETY: it is borrowed mutably.
        self.value.with_mut(|value| unsafe { (*value).as_mut() })
    }

    /// (1)
    ///
    /// # Safety
    ///
    /// It hasn't been written, and nobody else writes at the same time.
    pub(super) unsafe fn write(&self, value: T) -> &T {
        // What is overwritten is `None`, so that nothing is dropped here.
        // SAFETY: nobody else writes, as the caller promised, and nobody reads before the state says so.
        self.value.with_mut(|place| unsafe { *place = Some(value) });
        self.state.0.store(true, Ordering::Release); // E1
        self.get().expect("it was just written")
    }

    pub(super) fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }
}
