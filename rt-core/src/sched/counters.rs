//! What a worker counts. Statistics: each field is written by the worker alone, read by anyone, and no
//! other memory hangs on it, hence Relaxed throughout.

use std::time::{Duration, Instant};

use crate::driver::system_now;
use crate::shim::atomic::{AtomicU64, Ordering};

/// A counter with one writer, so that adding needs no read-modify-write.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds, on the one thread that writes it.
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        // Relaxed: a statistic.
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn read(&self) -> u64 {
        // Relaxed: a statistic.
        self.0.load(Ordering::Relaxed)
    }
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Polls, which is also the sign of life that `rescue` watches.
    pub(crate) polls: Counter,
    /// Naps of a spare worker, as signs of life.
    pub(crate) naps: Counter,
    pub(crate) spawned: Counter,
    pub(crate) completed: Counter,
    pub(crate) parks: Counter,
    pub(crate) unparks: Counter,
    pub(crate) busy_ns: Counter,
}

/// Measures how long a worker is awake.
#[derive(Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(system_now())
    }

    /// Starts again; what passed since the start.
    pub(crate) fn restart(&mut self) -> Duration {
        let now = system_now();
        now.saturating_duration_since(std::mem::replace(&mut self.0, now))
    }

    /// What passed since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        system_now().saturating_duration_since(self.0)
    }
}
