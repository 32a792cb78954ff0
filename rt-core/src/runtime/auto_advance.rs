//! A paused clock doesn't jump to the next timer while a blocking closure is under way: what the closure
//! does takes real time, and a timeout around it must not expire just because nothing else is to be done.
#![forbid(unsafe_code)]

use crate::sched::Shared;
use crate::shim::sync::Arc;

/// Keeps the clock from jumping until it is dropped.
#[cfg(feature = "test-util")]
pub(super) struct Inhibit(Arc<Shared>);

#[cfg(feature = "test-util")]
impl Inhibit {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        shared.slots[0].driver.clock().inhibit_auto_advance();
        Self(shared.clone())
    }
}

#[cfg(feature = "test-util")]
impl Drop for Inhibit {
    fn drop(&mut self) {
        let driver = &self.0.slots[0].driver;
        driver.clock().allow_auto_advance();
        // A sleeper that couldn't jump looks again.
        driver.unpark();
    }
}

/// Without `test-util` clocks don't pause.
#[cfg(not(feature = "test-util"))]
pub(super) struct Inhibit;

#[cfg(not(feature = "test-util"))]
impl Inhibit {
    pub(super) fn new(_: &Arc<Shared>) -> Self {
        Self
    }
}
