//! What the builder decides, for the scheduler to read.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use super::counters::Stopwatch;
use super::histogram::Scale;
use super::observe::TaskHooks;
use crate::blocking::Hook;
use crate::shim::sync::Arc;

/// Which of the two schedulers it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    /// One worker, on the thread that calls `block_on`.
    CurrentThread,
    /// Threads of its own that share the work.
    MultiThread,
}

/// What runs at the turning points of a thread's life.
#[derive(Clone, Default)]
pub(crate) struct ThreadHooks {
    pub(crate) start: Option<Hook>,
    pub(crate) stop: Option<Hook>,
    pub(crate) park: Option<Hook>,
    pub(crate) unpark: Option<Hook>,
}

impl fmt::Debug for ThreadHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadHooks")
            .field("start", &self.start.is_some())
            .field("stop", &self.stop.is_some())
            .field("park", &self.park.is_some())
            .field("unpark", &self.unpark.is_some())
            .finish()
    }
}

/// Runs a hook if there is one.
pub(crate) fn call(hook: Option<&Hook>) {
    if let Some(hook) = hook {
        hook();
    }
}

/// See the module's documentation.
pub(crate) struct Config {
    /// Tells the runtime from others that live.
    pub(crate) id: NonZeroU64,
    /// What the user calls it.
    pub(crate) name: Option<String>,
    pub(crate) flavor: Flavor,
    /// The number of the thread on which all tasks are polled and dropped, for they may not be `Send`.
    pub(crate) local_to: Option<usize>,
    pub(crate) workers: usize,
    /// Polls between two turns of the driver by a worker that has work.
    pub(crate) event_interval: u32,
    /// Polls between two looks into the inject queue by a worker that has work of its own.
    pub(crate) inject_interval: u32,
    pub(crate) lifo_slot: bool,
    pub(crate) thread_name: Arc<dyn Fn() -> String + Send + Sync>,
    pub(crate) thread_stack_size: Option<usize>,
    /// How long a thread that has nothing to run stays.
    pub(crate) keep_alive: Duration,
    pub(crate) hooks: ThreadHooks,
    pub(crate) task_hooks: TaskHooks,
    /// How the durations of polls are counted, if they are.
    pub(crate) poll_times: Option<Scale>,
    /// How the waits of tasks for their polls are counted, if they are.
    pub(crate) latencies: Option<Scale>,
    /// Whether tasks are stamped with the time when they are scheduled.
    pub(crate) stamps: bool,
    /// Whether polls are looked at in any of these ways.
    pub(crate) observed: bool,
    /// Whether the panic of a task ends the runtime.
    pub(crate) fails_on_panic: bool,
    /// When the runtime was built: the origin of stamps.
    pub(crate) epoch: Stopwatch,
    /// What the workers' random numbers follow from.
    pub(crate) seed: u64,
    /// Whether the seed was given, so that all random numbers are to follow from it.
    pub(crate) seeded: bool,
}
