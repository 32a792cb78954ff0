//! The system's clock, whatever the runtime's shows: for what measures the runtime itself.
#![forbid(unsafe_code)]

use std::time::Instant;

/// The time of the system.
#[inline]
pub(crate) fn system_now() -> Instant {
    Instant::now()
}
