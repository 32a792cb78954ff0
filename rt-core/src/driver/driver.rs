//! One driver: a worker's timers, its event queue, and how it sleeps.

use std::io;
use std::time::Duration;

use super::clock::Clock;
use super::current::all;
use super::host::Host;
use super::park::{Park, Timer, Wait};
use super::timer::Timers;
use crate::shim::atomic::{AtomicU64, Ordering};
use crate::shim::sync::Arc;

/// What a driver is made of.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Whether there is I/O.
    pub(crate) io: bool,
    /// Whether there are timers.
    pub(crate) time: bool,
    /// Whether timers that are set when the runtime goes fire then, rather than end with an error.
    pub(crate) fires_at_shutdown: bool,
    /// How many events one turn handles at most.
    pub(crate) io_events_per_turn: usize,
    /// How many when the worker has tasks to go on with.
    pub(crate) io_events_per_busy_turn: usize,
    /// The runtime's clock.
    pub(crate) clock: Arc<Clock>,
    /// The runtime's number in the process.
    pub(crate) runtime: u64,
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Driver {
    runtime: u64,
    time: bool,
    fires_at_shutdown: bool,
    clock: Arc<Clock>,
    timers: Timers,
    /// Until when sleeps aren't ended for a timer; see [`BATCH_NS`]. The owner's, but for rescue.
    rests_until: AtomicU64,
    host: Host,
    park: Park,
}

/// When timers come thick, waking for each costs more than the work they bring. So after `n` of them have
/// fired, the next sleep ends for a timer only `n` times this later, at most [`BATCH_NS_MAX`]: that
/// matters when they come faster than one in this time, and a lone timer notices nothing.
const BATCH_NS: u64 = 4_000;
/// What dense timers may be late for the sake of batches.
const BATCH_NS_MAX: u64 = 256_000;

impl Driver {
    /// A driver, listed until its [`shutdown`](Self::shutdown).
    ///
    /// # Errors
    ///
    /// When the system gives no event queue: too many open files, for one.
    pub(crate) fn new(config: &Config) -> io::Result<Arc<Self>> {
        let driver = Arc::new(Self {
            runtime: config.runtime,
            time: config.time,
            fires_at_shutdown: config.fires_at_shutdown,
            clock: config.clock.clone(),
            timers: Timers::new(),
            rests_until: AtomicU64::new(0),
            host: Host::new(),
            park: Park::new(config)?,
        });
        all::add(&driver);
        Ok(driver)
    }

    /// Handles events that are there and fires due timers, without waiting. False when another thread is
    /// handling this driver's events, or sleeps in it.
    #[inline]
    pub(crate) fn turn(&self) -> bool {
        let turned = self.park.turn();
        self.fire_due();
        turned
    }

    /// Sleeps until an event, a due timer, an [`unpark`](Self::unpark), or for `limit`; calls `awake`; then
    /// handles what came. It may return early. Only the driver's owner calls it.
    ///
    /// With a paused clock it jumps to the next timer instead of sleeping, when no event is there and nothing
    /// inhibits it; a `limit` of zero makes it a mere look then.
    pub(crate) fn park(&self, limit: Option<Duration>, awake: impl FnOnce()) {
        if self.clock.is_paused() {
            self.park_paused(limit);
            awake();
        } else {
            self.park.sleep(self.how_long(limit), awake);
            self.timers.wake_up();
        }
        self.fire_due();
    }

    fn how_long(&self, limit: Option<Duration>) -> Wait {
        let at = Timers::fires_at(self.timers.fall_asleep(), false);
        // Relaxed: a matter of taste, not of order.
        let at = at.max(self.rests_until.load(Ordering::Relaxed));
        // In the system's time, for the alarm goes on while the clock is paused.
        let system = |ns: u64| ns.wrapping_sub(self.clock.shift());
        let timer = (at != u64::MAX).then(|| Timer { now: system(self.clock.now_ns()), at: system(at) });
        Wait { timer, limit }
    }

    #[cold]
    fn park_paused(&self, limit: Option<Duration>) {
        // Before the look: what was woken before this became true is seen, and goes on before time does.
        let may_advance = self.clock.may_auto_advance();
        if self.park.poll_now() || limit.is_some_and(|limit| limit.is_zero()) {
            return;
        }
        let next = self.timers.fall_asleep();
        if next != u64::MAX && may_advance {
            self.clock.advance_to(next);
        } else {
            self.park.sleep(Wait { timer: None, limit }, || ());
        }
        self.timers.wake_up();
    }

    /// Ends the owner's [`park`](Self::park), or makes the next one short. Without a system call when the owner
    /// is awake.
    #[inline]
    pub(crate) fn unpark(&self) {
        self.park.unpark();
    }

    /// Fires what is due. Reads the clock only if there are timers.
    #[inline]
    pub(crate) fn fire_due(&self) {
        if self.timers.next() != u64::MAX {
            let now = self.clock.now_ns();
            let exact = self.clock.is_paused();
            if self.timers.is_due(now, exact) {
                let fired = self.timers.fire(now, exact) as u64;
                let rest = fired.saturating_mul(BATCH_NS).min(BATCH_NS_MAX);
                // Relaxed: see `how_long`.
                self.rests_until.store(now.saturating_add(rest), Ordering::Relaxed);
            }
        }
    }

    /// How long until the next timer fires by the system's clock, or `limit` if that's less.
    pub(crate) fn until_due(&self, limit: Duration) -> Duration {
        let at = Timers::fires_at(self.timers.next(), false);
        if at == u64::MAX || self.clock.is_paused() {
            return limit;
        }
        Duration::from_nanos(at.saturating_sub(self.clock.now_ns())).min(limit)
    }

    /// The runtime goes: I/O waits end with an error, and so do those that come later, and timers.
    pub(crate) fn shutdown(&self) {
        all::remove(self);
        self.host.set(None);
        self.timers.shutdown(self.fires_at_shutdown);
        self.park.shutdown();
    }

    /// Leaves the resources that are waited for here to another driver of the runtime, or takes them itself
    /// again. Those that have a place move when they were waited for here some times.
    pub(crate) fn leave_to(&self, host: Option<&Arc<Self>>) {
        self.host.set(host.cloned());
    }

    /// The runtime's clock.
    #[inline]
    pub(crate) fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    /// The runtime's number.
    #[inline]
    pub(crate) fn runtime(&self) -> u64 {
        self.runtime
    }

    /// Whether there are timers.
    #[inline]
    pub(crate) fn has_time(&self) -> bool {
        self.time
    }

    /// The timers.
    #[inline]
    pub(crate) fn timers(&self) -> &Timers {
        &self.timers
    }
}

#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
impl Driver {
    /// The event queue, if the runtime has I/O.
    #[inline]
    pub(crate) fn io(&self) -> Option<&super::io::Io> {
        self.park.io()
    }

    /// The address of the driver that resources waited for here belong to.
    #[inline]
    pub(super) fn address_of_host(&self) -> usize {
        self.host.address().unwrap_or_else(|| std::ptr::from_ref(self).addr())
    }

    /// The driver that resources waited for here belong to.
    pub(super) fn host(self: &Arc<Self>) -> Arc<Self> {
        self.host.get().unwrap_or_else(|| self.clone())
    }

    /// Whether a resource is attached.
    #[cfg(test)]
    pub(crate) fn has_sources(&self) -> bool {
        self.io().is_some_and(super::io::Io::has_sources)
    }
}
