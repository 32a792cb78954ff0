//! Instants as nanoseconds since an origin.

use std::time::Instant;

/// The latest deadline that a timer can have, 584 years after the origin: never, for all purposes. The few
/// numbers above it mean other things in the state word of a timer.
pub(crate) const FOREVER_NS: u64 = u64::MAX - 8;

/// Nanoseconds from `origin` to `instant`: 0 when it lies before, [`FOREVER_NS`] at most.
#[inline]
pub(crate) fn nanos_between(origin: Instant, instant: Instant) -> u64 {
    let since = instant.saturating_duration_since(origin);
    since
        .as_secs()
        .checked_mul(1_000_000_000)
        .and_then(|nanos| nanos.checked_add(u64::from(since.subsec_nanos())))
        .map_or(FOREVER_NS, |nanos| nanos.min(FOREVER_NS))
}
