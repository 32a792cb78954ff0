//! What a worker counts. Statistics: each field is written by the worker alone, read by anyone, and no
//! other memory hangs on it, hence Relaxed throughout.

use std::time::{Duration, Instant};

use super::config::{Config, Flavor};
use super::histogram::Histogram;
use super::thread_id::LastThread;
use crate::driver::system_now;
use crate::shim::atomic::{AtomicU64, Ordering};

/// A counter with one writer, so that adding needs no read-modify-write.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds, on the one thread that writes it.
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.set(self.read().wrapping_add(n));
    }

    /// Sets it, on the one thread that writes it.
    #[inline]
    pub(super) fn set(&self, n: u64) {
        // Relaxed: a statistic.
        self.0.store(n, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn read(&self) -> u64 {
        // Relaxed: a statistic.
        self.0.load(Ordering::Relaxed)
    }
}

/// What is counted at each poll or oftener.
#[derive(Debug)]
pub(crate) struct Counters {
    /// Polls, which is also the sign of life that `rescue` watches.
    pub(crate) polls: Counter,
    /// Units of the budget that its polls have spent.
    pub(super) spent: Counter,
    pub(crate) spawned: Counter,
    pub(crate) completed: Counter,
    /// How many tasks are in the queue of a worker from which nobody steals.
    pub(crate) own: Counter,
    /// Tasks queued by the worker itself.
    pub(crate) local_schedules: Counter,
    /// Naps of a spare worker, as signs of life.
    pub(crate) naps: Counter,
    /// Elsewhere, so that a slot is small, and what is in it near.
    pub(crate) rare: Box<Rare>,
}

/// What is counted less often.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    pub(crate) parks: Counter,
    pub(crate) unparks: Counter,
    /// Parks without a poll since the one before.
    pub(crate) noops: Counter,
    /// Tasks taken from other workers, and how often some were.
    pub(crate) stolen: Counter,
    pub(crate) steals: Counter,
    /// How often the queue was full.
    pub(crate) overflows: Counter,
    pub(crate) busy_ns: Counter,
    /// The weighted mean of the time that a poll takes, in nanoseconds.
    mean_poll_ns: Counter,
    /// Polls at the last park, and when time was last accounted for.
    polls_at_park: Counter,
    polls_accounted: Counter,
    /// Whether the mean is derived from how long the worker was awake for how many polls.
    estimates: bool,
    pub(crate) poll_times: Option<Histogram>,
    pub(crate) latencies: Option<Histogram>,
    /// The thread that has the core, or had it last.
    pub(crate) thread: LastThread,
}

/// The weight of the last poll in the mean of their durations.
const MEAN_WEIGHT: f64 = 0.1;

impl Counters {
    pub(crate) fn new(config: &Config) -> Self {
        let rare = Rare {
            // The thread of a current-thread runtime polls its main future in the same time, so that the
            // estimate would be wrong by as much as one likes.
            estimates: config.flavor == Flavor::MultiThread && config.poll_times.is_none(),
            poll_times: config.poll_times.map(Histogram::new),
            latencies: config.latencies.map(Histogram::new),
            ..Rare::default()
        };
        Self {
            polls: Counter::default(),
            spent: Counter::default(),
            spawned: Counter::default(),
            completed: Counter::default(),
            own: Counter::default(),
            local_schedules: Counter::default(),
            naps: Counter::default(),
            rare: Box::new(rare),
        }
    }

    /// The worker was awake for a time that it hasn't accounted for yet.
    pub(super) fn account(&self, awake: Duration) {
        let awake = awake.as_nanos() as u64;
        self.rare.busy_ns.add(awake);
        let polls = self.polls.read();
        let since = polls - self.rare.polls_accounted.read();
        self.rare.polls_accounted.set(polls);
        if self.rare.estimates && since > 0 {
            self.move_mean(awake / since, since);
        }
    }

    /// The worker goes to sleep.
    pub(super) fn park(&self) {
        let polls = self.polls.read();
        if polls == self.rare.polls_at_park.read() {
            self.rare.noops.add(1);
        }
        self.rare.polls_at_park.set(polls);
        self.rare.parks.add(1);
    }

    /// A poll took that long.
    pub(super) fn record_poll(&self, took: Duration) {
        if let Some(histogram) = &self.rare.poll_times {
            histogram.record(took);
        }
        self.move_mean(took.as_nanos() as u64, 1);
    }

    /// A task waited that long for its poll.
    pub(super) fn record_latency(&self, latency: Duration) {
        if let Some(histogram) = &self.rare.latencies {
            histogram.record(latency);
        }
    }

    /// Moves the mean towards that of the last `polls` polls.
    fn move_mean(&self, nanos: u64, polls: u64) {
        let kept = (1.0 - MEAN_WEIGHT).powi(i32::try_from(polls).unwrap_or(i32::MAX));
        let mean = match self.rare.mean_poll_ns.read() {
            0 => nanos as f64,
            before => before as f64 * kept + nanos as f64 * (1.0 - kept),
        };
        // Zero means that there was no poll yet.
        self.rare.mean_poll_ns.set((mean as u64).max(1));
    }

    pub(crate) fn mean_poll_time(&self) -> Duration {
        Duration::from_nanos(self.rare.mean_poll_ns.read())
    }
}

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
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
