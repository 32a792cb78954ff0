//! What a runtime counts, as seen from outside: all of it together here, each worker in `worker`, the histograms
//! in `histograms`.

use std::panic::{RefUnwindSafe, UnwindSafe};

#[cfg(any(feature = "net", feature = "process", feature = "signal"))]
use crate::driver::io::Counts;
use crate::sched::Shared;
use crate::shim::sync::Arc;

mod histograms;
mod worker;

/// What a runtime counts. Reading is cheap and disturbs nobody; numbers of different workers are not of the
/// very same moment.
#[derive(Debug, Clone)]
pub struct RuntimeMetrics {
    shared: Arc<Shared>,
}

// See the same for `Handle`.
impl UnwindSafe for RuntimeMetrics {}
impl RefUnwindSafe for RuntimeMetrics {}

impl RuntimeMetrics {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The number of workers: 1 on a current-thread runtime.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    /// assert_eq!(runtime.metrics().num_workers(), 2);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn num_workers(&self) -> usize {
        self.shared.config.workers
    }

    /// Tasks that were spawned and haven't completed.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// runtime.spawn(std::future::pending::<()>());
    /// assert_eq!(runtime.metrics().num_alive_tasks(), 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn num_alive_tasks(&self) -> usize {
        self.shared.alive_tasks()
    }

    /// The same as [`num_alive_tasks`](Self::num_alive_tasks), by its former name.
    #[deprecated(note = "use `num_alive_tasks`")]
    pub fn active_tasks_count(&self) -> usize {
        self.num_alive_tasks()
    }

    /// Tasks that were spawned so far.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// runtime.spawn(async {});
    /// assert_eq!(runtime.metrics().spawned_tasks_count(), 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn spawned_tasks_count(&self) -> u64 {
        self.shared.spawned_tasks()
    }

    /// How often a task was queued by a thread that isn't one of the runtime's workers: spawned from outside, or
    /// woken.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// runtime.spawn(async {});
    /// assert_eq!(runtime.metrics().remote_schedule_count(), 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn remote_schedule_count(&self) -> u64 {
        self.shared.inject.pushes()
    }

    /// How often a task had to let others run because it had used up its budget: see
    /// [`task::coop`](crate::task::coop). The futures of `block_on` count as well.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(async {
    ///     for _ in 0..1_000 {
    ///         rt_core::task::coop::consume_budget().await;
    ///     }
    /// });
    /// assert_eq!(runtime.metrics().budget_forced_yield_count(), 1_000 / 129);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn budget_forced_yield_count(&self) -> u64 {
        self.shared.forced_yields()
    }

    /// Tasks in the queue for what comes from outside of the workers.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// runtime.spawn(async {});
    /// assert_eq!(runtime.metrics().global_queue_depth(), 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn global_queue_depth(&self) -> usize {
        self.shared.inject.len()
    }

    /// Threads that [`spawn_blocking`](crate::task::spawn_blocking) has started and that live.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(runtime.spawn_blocking(|| ())).unwrap();
    /// assert_eq!(runtime.metrics().num_blocking_threads(), 1);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn num_blocking_threads(&self) -> usize {
        self.shared.pool.num_threads()
    }

    /// Those of [`num_blocking_threads`](Self::num_blocking_threads) that have nothing to run.
    pub fn num_idle_blocking_threads(&self) -> usize {
        self.shared.pool.num_idle_threads()
    }

    /// Blocking closures that wait for a thread.
    pub fn blocking_queue_depth(&self) -> usize {
        self.shared.pool.queue_depth()
    }
}

#[cfg(any(feature = "net", feature = "process", feature = "signal"))]
impl RuntimeMetrics {
    /// How many file descriptors have entered the system's event queues so far.
    ///
    /// That is when an operation on one has to wait for the first time: a socket that never waits never enters.
    pub fn io_driver_fd_registered_count(&self) -> u64 {
        self.sum_of_io(Counts::attached)
    }

    /// How many file descriptors have left the system's event queues so far.
    pub fn io_driver_fd_deregistered_count(&self) -> u64 {
        self.sum_of_io(Counts::detached)
    }

    /// How many events of file descriptors have come from the system so far.
    pub fn io_driver_ready_count(&self) -> u64 {
        self.sum_of_io(Counts::events)
    }

    fn sum_of_io(&self, count: impl Fn(&Counts) -> u64) -> u64 {
        let queues = self.shared.workers().iter().filter_map(|slot| slot.driver.io());
        queues.map(|queue| count(queue.counts())).sum()
    }
}
