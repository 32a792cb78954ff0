//! The clock that can stand still.
//!
//! Two words say what time it is. While `frozen` holds [`RUNNING`], time is the system's plus `shift`;
//! otherwise it is `frozen`. Pausing freezes at the time that it is, resuming goes on from there.
//!
//! E1: `resume` stores `shift`, then `frozen` (Release) -> `now_ns` loads `frozen` (Acquire), then `shift`: who
//! sees time run sees from where. A clock is paused and resumed by the one thread of a `current_thread`
//! runtime; threads of its blocking pool may read meanwhile. So what that thread reads back of its own is
//! Relaxed, and so is `shift`, which E1 orders.
//!
//! Not modelled: but for that edge, one thread writes and reads; and the system's clock has no model.
//!
//! E2: `allow_auto_advance` Release -> `may_auto_advance` Acquire: what was done elsewhere is done before time
//! jumps.

use std::time::{Duration, Instant};

use super::nanos_between;
use crate::driver::current::with_current;
use crate::shim::atomic::{AtomicU64, AtomicUsize, Ordering};

const RUNNING: u64 = u64::MAX;

/// Why the clock can't be paused, resumed or advanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PauseError {
    /// The runtime has several workers.
    NotCurrentThread,
    /// It is paused already.
    AlreadyPaused,
    /// It isn't paused.
    NotPaused,
    /// The new time can't be represented.
    Overflow,
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Clock {
    origin: Instant,
    can_pause: bool,
    frozen: AtomicU64,
    shift: AtomicU64,
    /// How many reasons there are not to jump to the next timer.
    inhibited: AtomicUsize,
}

impl Clock {
    /// A clock; only that of a `current_thread` runtime can be paused.
    pub(crate) fn new(can_pause: bool, start_paused: bool) -> Self {
        debug_assert!(can_pause || !start_paused);
        Self {
            origin: Instant::now(),
            can_pause,
            frozen: AtomicU64::new(if start_paused { 0 } else { RUNNING }),
            shift: AtomicU64::new(0),
            inhibited: AtomicUsize::new(0),
        }
    }

    /// The time.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        let frozen = self.frozen.load(Ordering::Acquire); // E1
        if frozen == RUNNING && self.shift.load(Ordering::Relaxed) == 0 {
            return Instant::now();
        }
        self.origin + Duration::from_nanos(self.now_ns())
    }

    /// The time in nanoseconds since the origin.
    #[inline]
    pub(crate) fn now_ns(&self) -> u64 {
        match self.frozen.load(Ordering::Acquire) {
            // E1
            RUNNING => self.ns_of(Instant::now()).wrapping_add(self.shift.load(Ordering::Relaxed)),
            frozen => frozen,
        }
    }

    /// An instant in nanoseconds since the origin; what lies before it is 0.
    #[inline]
    pub(crate) fn ns_of(&self, instant: Instant) -> u64 {
        nanos_between(self.origin, instant)
    }

    /// What a time of this clock, while it runs, is ahead of the system's, in wrapping nanoseconds.
    #[inline]
    pub(crate) fn shift(&self) -> u64 {
        self.shift.load(Ordering::Relaxed)
    }

    /// Whether time stands still.
    #[inline]
    pub(crate) fn is_paused(&self) -> bool {
        self.frozen.load(Ordering::Relaxed) != RUNNING
    }

    /// Freezes the time.
    pub(crate) fn pause(&self) -> Result<(), PauseError> {
        if !self.can_pause {
            return Err(PauseError::NotCurrentThread);
        }
        if self.is_paused() {
            return Err(PauseError::AlreadyPaused);
        }
        self.frozen.store(self.now_ns(), Ordering::Release); // E1
        Ok(())
    }

    /// Lets time run again, from where it stands.
    pub(crate) fn resume(&self) -> Result<(), PauseError> {
        let frozen = self.frozen.load(Ordering::Relaxed);
        if frozen == RUNNING {
            return Err(PauseError::NotPaused);
        }
        self.shift.store(frozen.wrapping_sub(self.ns_of(Instant::now())), Ordering::Relaxed);
        self.frozen.store(RUNNING, Ordering::Release); // E1
        Ok(())
    }

    /// Moves the frozen time forward.
    pub(crate) fn advance(&self, by: Duration) -> Result<(), PauseError> {
        let frozen = self.frozen.load(Ordering::Relaxed);
        if frozen == RUNNING {
            return Err(PauseError::NotPaused);
        }
        let to = u64::try_from(by.as_nanos()).ok().and_then(|by| frozen.checked_add(by));
        let to = to.filter(|&to| {
            to < super::FOREVER_NS && self.origin.checked_add(Duration::from_nanos(to)).is_some()
        });
        self.frozen.store(to.ok_or(PauseError::Overflow)?, Ordering::Release); // E1
        Ok(())
    }

    /// Moves the frozen time forward to `ns`; nothing when it is later already, or runs.
    pub(crate) fn advance_to(&self, ns: u64) {
        let frozen = self.frozen.load(Ordering::Relaxed);
        if frozen != RUNNING && frozen < ns {
            self.frozen.store(ns, Ordering::Release); // E1
        }
    }

    /// Whether a paused clock may jump to the next timer when the runtime has nothing else to do.
    pub(crate) fn may_auto_advance(&self) -> bool {
        self.is_paused() && self.inhibited.load(Ordering::Acquire) == 0 // E2
    }

    /// Keeps a paused clock from jumping until [`allow_auto_advance`](Self::allow_auto_advance): work goes on
    /// where the scheduler doesn't see it, in the blocking pool.
    pub(crate) fn inhibit_auto_advance(&self) {
        // Relaxed: the runtime's thread does it before it can park.
        self.inhibited.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes one inhibition back. The caller unparks the driver afterwards: it may be asleep for the want of
    /// this.
    pub(crate) fn allow_auto_advance(&self) {
        self.inhibited.fetch_sub(1, Ordering::Release); // E2
    }
}

/// The time for the calling thread: that of its runtime's clock, if it has one.
#[inline]
pub(crate) fn now() -> Instant {
    with_current(|driver| driver.map_or_else(Instant::now, |driver| driver.clock().now()))
}
