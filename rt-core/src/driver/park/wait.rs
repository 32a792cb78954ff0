//! How long to sleep.

use std::time::Duration;

/// How long a driver sleeps when nothing else wakes it.
#[derive(Debug, Clone, Copy)]
pub(in crate::driver) struct Wait {
    /// The earliest timer; kept exactly.
    pub(in crate::driver) timer: Option<Timer>,
    /// What the scheduler allows; a millisecond more or less doesn't matter.
    pub(in crate::driver) limit: Option<Duration>,
}

/// A timer that is awaited, in nanoseconds of the system's clock.
#[derive(Debug, Clone, Copy)]
pub(in crate::driver) struct Timer {
    pub(in crate::driver) now: u64,
    pub(in crate::driver) at: u64,
}

impl Timer {
    /// The time until it fires.
    pub(in crate::driver) const fn left(self) -> Duration {
        Duration::from_nanos(self.at.saturating_sub(self.now))
    }
}

impl Wait {
    /// The shorter of the two, `None` when neither is given.
    pub(in crate::driver) fn shorter(self) -> Option<Duration> {
        self.timer.map(Timer::left).into_iter().chain(self.limit).min()
    }
}
