//! All drivers of the process, for the rare future that is polled outside of the runtime it belongs to.

use crate::driver::Driver;
use crate::shim::sync::{Arc, Mutex};

static ALL: Mutex<Vec<Arc<Driver>>> = Mutex::new(Vec::new());

/// Lists a driver, until it is shut down.
pub(in crate::driver) fn add(driver: &Arc<Driver>) {
    ALL.lock().push(driver.clone());
}

/// Takes a driver off the list.
pub(in crate::driver) fn remove(driver: &Driver) {
    let mut all = ALL.lock();
    let place = all.iter().position(|listed| std::ptr::eq(&raw const **listed, driver));
    let found = place.map(|place| all.swap_remove(place));
    drop(all);
    // It may be the last reference, and dropping a driver isn't for inside the lock.
    drop(found);
}

/// A driver of `runtime`, unless all are shut down.
pub(in crate::driver) fn find(runtime: u64) -> Option<Arc<Driver>> {
    ALL.lock().iter().find(|listed| listed.runtime() == runtime).cloned()
}
