//! What a runtime counts, as seen from outside.

use std::time::Duration;

use crate::sched::{Counters, Shared};
use crate::shim::sync::Arc;

/// What a runtime counts. Reading is cheap and disturbs nobody; numbers of different workers are not of the
/// very same moment.
#[derive(Debug, Clone)]
pub struct RuntimeMetrics {
    shared: Arc<Shared>,
}

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

    /// How often a worker went to sleep.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        self.worker(worker).parks.read()
    }

    /// How often a worker went to sleep or woke: even while it is awake, odd while it sleeps.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        let worker = self.worker(worker);
        worker.parks.read() + worker.unparks.read()
    }

    /// How long a worker was awake, up to when it last went to sleep.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        Duration::from_nanos(self.worker(worker).busy_ns.read())
    }

    #[track_caller]
    fn worker(&self, worker: usize) -> &Counters {
        &self.shared.workers()[worker].counters
    }
}
