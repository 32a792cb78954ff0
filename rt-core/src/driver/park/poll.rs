//! Sleeping in the system's event queue.
//!
//! A sleep is one wait in the queue. For timers there is an alarm that the queue reports, for the queue's own
//! timeouts are in milliseconds; it is set only when it must ring earlier than it is set to. An alarm that
//! rings too early (its timer was cancelled) makes one sleep short, and saves a system call a sleep.

use std::io;
use std::time::Duration;

use super::sleeper::{FallAsleep, Sleeper};
use super::{Timer, Wait};
use crate::driver::Config;
use crate::driver::io::{Io, Turned};
use crate::shim;
use crate::shim::atomic::{AtomicU64, Ordering};
use crate::sys;

const NOT_SET: u64 = 0;

/// See the module's documentation.
#[derive(Debug)]
pub(in crate::driver) struct Park {
    sleeper: Sleeper,
    io: Io,
    /// Only the owner, who alone sleeps, touches the alarm; atomics are for the type's sake.
    alarm: std::sync::OnceLock<Option<sys::Alarm>>,
    /// When the alarm rings, in nanoseconds of the system's clock.
    rings_at: AtomicU64,
}

impl Park {
    pub(in crate::driver) fn new(config: &Config) -> io::Result<Self> {
        Ok(Self {
            sleeper: Sleeper::new(),
            io: Io::new(config)?,
            alarm: std::sync::OnceLock::new(),
            rings_at: AtomicU64::new(NOT_SET),
        })
    }

    #[inline]
    pub(in crate::driver) const fn io(&self) -> &Io {
        &self.io
    }

    /// Handles events that are there; false when another thread is at it.
    #[inline]
    pub(in crate::driver) fn turn(&self) -> bool {
        !self.io.has_sources() || self.handle(Some(Duration::ZERO), || ()).is_some()
    }

    /// Handles events without sleeping; true when something came, an unpark included.
    pub(in crate::driver) fn poll_now(&self) -> bool {
        let notified = self.sleeper.wake_up();
        let events = self.handle(Some(Duration::ZERO), || ());
        notified || events.is_some_and(|events| events > 0)
    }

    /// Sleeps until an event or an unpark, or as long as `wait` says, calls `awake`, and handles what came.
    pub(in crate::driver) fn sleep(&self, wait: Wait, awake: impl FnOnce()) {
        let timeout = self.timeout(wait);
        let timeout = match self.sleeper.fall_asleep() {
            FallAsleep::Sleep => timeout,
            FallAsleep::StayAwake => Some(Duration::ZERO),
        };
        let mut awake = Some(awake);
        let mut wake_up = || {
            let _ = self.sleeper.wake_up();
            if let Some(awake) = awake.take() {
                awake();
            }
        };
        if self.handle(timeout, &mut wake_up).is_none() {
            // Another worker is turning this driver. It will be done before long.
            wake_up();
            shim::thread::yield_now();
        }
    }

    pub(in crate::driver) fn unpark(&self) {
        if self.sleeper.notify() {
            self.io.interrupt();
        }
    }

    /// Waits for events and handles them; returns how many, or `None` when another thread is at it.
    fn handle(&self, timeout: Option<Duration>, waited: impl FnOnce()) -> Option<usize> {
        let Turned { events, alarm } = self.io.turn(timeout, waited)?;
        if alarm {
            // Relaxed: the owner's own; if another worker is here in its place, the alarm is set once more.
            self.rings_at.store(NOT_SET, Ordering::Relaxed);
        }
        Some(events)
    }

    /// Sets the alarm if need be, and says how long the queue is waited on.
    fn timeout(&self, wait: Wait) -> Option<Duration> {
        let Some(timer) = wait.timer else { return wait.limit };
        let left = timer.left();
        if wait.limit.is_some_and(|limit| limit <= left) || left.is_zero() {
            return wait.shorter();
        }
        if self.set_alarm(timer) { wait.limit } else { wait.shorter() }
    }

    /// Makes the alarm ring at `timer` or before; false when there is no alarm to set.
    fn set_alarm(&self, timer: Timer) -> bool {
        // Relaxed: the owner's own.
        let rings_at = self.rings_at.load(Ordering::Relaxed);
        if timer.now < rings_at && rings_at <= timer.at {
            return true;
        }
        let set = self.alarm().is_some_and(|alarm| alarm.set(timer.left()).is_ok());
        if set {
            // Relaxed: the owner's own.
            self.rings_at.store(timer.at, Ordering::Relaxed);
        }
        set
    }

    fn alarm(&self) -> Option<&sys::Alarm> {
        let make = || {
            let alarm = sys::Alarm::new().ok()?;
            self.io.add_alarm(&alarm).ok()?;
            Some(alarm)
        };
        self.alarm.get_or_init(make).as_ref()
    }
}
