//! Panics that must not spread.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of the user's whose panic concerns nobody: the panic hook has reported it.
pub(crate) fn contain(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        // Even the payload's own drop may panic; what is left then is leaked rather than tried for ever.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
    }
}
