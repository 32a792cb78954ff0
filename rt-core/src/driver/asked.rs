//! Whether readiness was asked for in vain on this thread since its driver was last turned.
//!
//! Who tries a resource, finds it not ready and yields expects that the driver has looked at it when it tries
//! again. So a worker turns its driver with the next yield when something was asked for in vain, and only every
//! few yields when nothing was.
#![forbid(unsafe_code)]

use std::cell::Cell;

use crate::shim;

shim::thread_slot! {
    // Without a destructor, so that reading it needs no check.
    static ASKED: Cell<bool> = Cell::new(false)
}

/// Notes that a resource entered the event queue, or was found not ready.
#[cfg(any(feature = "net", feature = "signal"))]
#[inline]
pub(super) fn ask() {
    ASKED.with(|asked| asked.set(true));
}

/// Whether that has happened since the last [`answer`].
#[inline]
pub(crate) fn is_asked() -> bool {
    ASKED.with(Cell::get)
}

/// The driver's turn that follows brings what was asked for, as far as it is there.
#[inline]
pub(crate) fn answer() {
    ASKED.with(|asked| asked.set(false));
}
