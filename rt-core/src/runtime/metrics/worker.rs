//! What each worker counts.
//!
//! A thread that `rescue` adds for a while counts for the worker whose driver it shares.

use std::time::Duration;

use super::RuntimeMetrics;
use crate::sched::{Counters, Slot};
use crate::shim::thread::ThreadId;

/// # Workers
///
/// These functions panic when there is no such worker: they are numbered from 0 to
/// [`num_workers`](Self::num_workers).
impl RuntimeMetrics {
    /// How often a worker went to sleep.
    #[track_caller]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        self.slot(worker).counters.rare.parks.read()
    }

    /// How often a worker went to sleep or woke: even while it is awake, odd while it sleeps.
    #[track_caller]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        let counters = &self.slot(worker).counters;
        counters.rare.parks.read() + counters.rare.unparks.read()
    }

    /// How often a worker went to sleep without having polled a task since it last did: it woke for nothing.
    #[track_caller]
    pub fn worker_noop_count(&self, worker: usize) -> u64 {
        self.slot(worker).counters.rare.noops.read()
    }

    /// How long a worker was awake. Brought up to date when it goes to sleep, and while it doesn't, every few
    /// thousand polls.
    #[track_caller]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        Duration::from_nanos(self.sum(worker, |counters| counters.rare.busy_ns.read()))
    }

    /// How often a worker polled a task.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(async { rt_core::spawn(rt_core::task::yield_now()).await.unwrap() });
    /// assert_eq!(runtime.metrics().worker_poll_count(0), 2);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn worker_poll_count(&self, worker: usize) -> u64 {
        self.sum(worker, |counters| counters.polls.read())
    }

    /// What a poll takes on the average, the last ones counting most.
    ///
    /// With [`enable_metrics_poll_time_histogram`] each poll is measured. Without, it is derived from how long the
    /// worker was awake for how many polls, when [`worker_total_busy_duration`](Self::worker_total_busy_duration)
    /// is brought up to date; a current-thread runtime, whose worker also polls the future of `block_on`, doesn't
    /// tell then, and returns zero.
    ///
    /// [`enable_metrics_poll_time_histogram`]: crate::runtime::Builder::enable_metrics_poll_time_histogram
    #[track_caller]
    pub fn worker_mean_poll_time(&self, worker: usize) -> Duration {
        self.slot(worker).counters.mean_poll_time()
    }

    /// How many tasks a worker took from others. Always 0 on a current-thread runtime.
    #[track_caller]
    pub fn worker_steal_count(&self, worker: usize) -> u64 {
        self.sum(worker, |counters| counters.rare.stolen.read())
    }

    /// How often a worker took tasks from another one, several at once as a rule. Always 0 on a current-thread
    /// runtime.
    #[track_caller]
    pub fn worker_steal_operations(&self, worker: usize) -> u64 {
        self.sum(worker, |counters| counters.rare.steals.read())
    }

    /// How often a task was queued by the worker itself: spawned or woken by a task that it ran, or woken by what
    /// it waited for.
    #[track_caller]
    pub fn worker_local_schedule_count(&self, worker: usize) -> u64 {
        self.sum(worker, |counters| counters.local_schedules.read())
    }

    /// How often a worker's queue was full, and half of it went to the queue that all share.
    #[track_caller]
    pub fn worker_overflow_count(&self, worker: usize) -> u64 {
        self.sum(worker, |counters| counters.rare.overflows.read())
    }

    /// Tasks in a worker's queue. The one that it keeps to run next isn't in the queue.
    #[track_caller]
    pub fn worker_local_queue_depth(&self, worker: usize) -> usize {
        self.slots(worker).map(Slot::queue_depth).sum()
    }

    /// The thread that runs a worker, or ran it last; `None` before any has.
    ///
    /// It changes when a task gives its worker away by [`block_in_place`](crate::task::block_in_place), and on a
    /// current-thread runtime when another thread calls `block_on`.
    #[track_caller]
    pub fn worker_thread_id(&self, worker: usize) -> Option<ThreadId> {
        self.slot(worker).counters.rare.thread.id()
    }

    #[track_caller]
    fn slot(&self, worker: usize) -> &Slot {
        match self.shared.workers().get(worker) {
            Some(slot) => slot,
            None => panic!("there is no worker {worker}: the runtime has {}", self.num_workers()),
        }
    }

    /// The worker's slot, and those of the threads that count for it.
    #[track_caller]
    fn slots(&self, worker: usize) -> impl Iterator<Item = &Slot> {
        let _ = self.slot(worker);
        self.shared.slots_of(worker)
    }

    #[track_caller]
    pub(super) fn sum(&self, worker: usize, count: impl Fn(&Counters) -> u64) -> u64 {
        self.slots(worker).map(|slot| count(&slot.counters)).sum()
    }
}
