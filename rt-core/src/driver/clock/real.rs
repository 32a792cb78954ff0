//! The clock that always runs.

use std::time::Instant;

use super::nanos_between;

/// See the parent module's documentation.
#[derive(Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock; without `test-util` it can't be paused, and both flags mean nothing.
    pub(crate) fn new(_can_pause: bool, _start_paused: bool) -> Self {
        Self { origin: Instant::now() }
    }

    /// The time.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        Instant::now()
    }

    /// The time in nanoseconds since the origin.
    #[inline]
    pub(crate) fn now_ns(&self) -> u64 {
        self.ns_of(Instant::now())
    }

    /// An instant in nanoseconds since the origin; what lies before it is 0.
    #[inline]
    pub(crate) fn ns_of(&self, instant: Instant) -> u64 {
        nanos_between(self.origin, instant)
    }

    /// What a time of this clock is ahead of the system's, in wrapping nanoseconds: nothing.
    #[inline]
    pub(crate) const fn shift(&self) -> u64 {
        0
    }

    /// Whether time stands still: never.
    #[inline]
    pub(crate) const fn is_paused(&self) -> bool {
        false
    }

    /// Whether a paused clock may jump to the next timer: it is never paused.
    pub(crate) const fn may_auto_advance(&self) -> bool {
        false
    }

    /// Keeps a paused clock from jumping: nothing to do.
    pub(crate) const fn inhibit_auto_advance(&self) {}

    /// Takes [`inhibit_auto_advance`](Self::inhibit_auto_advance) back: nothing to do.
    pub(crate) const fn allow_auto_advance(&self) {}

    /// Lets a paused clock jump: nothing to do.
    pub(crate) const fn advance_to(&self, _ns: u64) {}
}

/// The time for the calling thread.
#[inline]
pub(crate) fn now() -> Instant {
    Instant::now()
}
