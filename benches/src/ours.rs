//! The workloads on rt-core, once it has a runtime to run them.
use crate::case::Case;

/// None yet.
pub(crate) fn cases() -> Vec<Case> {
    Vec::new()
}
