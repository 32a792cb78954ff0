//! Where resources belong that are waited for on a driver's thread: with this driver, or with another of the
//! runtime that it has been told to leave them to.
//!
//! Not modelled: the address is a hint that is compared and never followed; the reference lies under a lock.

use super::Driver;
use super::lock::Lock;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::sync::Arc;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Host {
    /// Of the other driver; zero without one.
    address: AtomicUsize,
    driver: Lock<Option<Arc<Driver>>>,
}

impl Host {
    pub(super) fn new() -> Self {
        Self { address: AtomicUsize::new(0), driver: Lock::new(None) }
    }

    pub(super) fn set(&self, driver: Option<Arc<Driver>>) {
        // Relaxed: a hint.
        self.address.store(driver.as_ref().map_or(0, |driver| Arc::as_ptr(driver).addr()), Ordering::Relaxed);
        let former = self.driver.with(|host| std::mem::replace(host, driver));
        drop(former);
    }

    /// The other driver's address, if there is one.
    #[inline]
    pub(super) fn address(&self) -> Option<usize> {
        // Relaxed: a hint.
        Some(self.address.load(Ordering::Relaxed)).filter(|address| *address != 0)
    }

    pub(super) fn get(&self) -> Option<Arc<Driver>> {
        self.driver.with(|host| host.clone())
    }
}
