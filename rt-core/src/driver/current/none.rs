//! Models have no futures that are polled outside of their runtime, and loom has no statics of this kind.

use crate::driver::Driver;
use crate::shim::sync::Arc;

pub(in crate::driver) fn add(_driver: &Arc<Driver>) {}

pub(in crate::driver) fn remove(_driver: &Driver) {}

pub(in crate::driver) fn find(_runtime: u64) -> Option<Arc<Driver>> {
    None
}
