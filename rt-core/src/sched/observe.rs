//! Who looks on at tasks: hooks of the user's, and the histograms of polls.
//!
//! A runtime that nobody looks on at pays one branch a poll, on a flag of its configuration.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

use super::context::Context;
use super::counters::Stopwatch;
use super::shared::Shared;
use crate::base::contain;
use crate::base::trace::Label;
use crate::cell::{Id, Notified, Ran, TaskRef};
use crate::shim::sync::Arc;

/// What a hook is told of a task.
///
/// # Examples
///
/// ```
/// let runtime = rt_core::runtime::Builder::new_current_thread()
///     .on_task_spawn(|task| println!("task {} was spawned at {}", task.id(), task.spawned_at()))
///     .build()?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct TaskMeta<'a> {
    id: Id,
    spawned_at: &'static Location<'static>,
    schedule_latency: Option<Duration>,
    /// Not to be kept: what a later version tells may be borrowed from the task.
    _task: PhantomData<&'a ()>,
}

impl TaskMeta<'_> {
    fn new(id: Id, spawned_at: &'static Location<'static>) -> Self {
        Self { id, spawned_at, schedule_latency: None, _task: PhantomData }
    }

    /// Which task it is.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Where the task was spawned.
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.spawned_at
    }

    /// How long the task waited for this poll since it was woken or spawned.
    ///
    /// `None` but before and after a poll, and unless the runtime was built with
    /// [`track_task_schedule_latency`] or [`enable_metrics_schedule_latency_histogram`].
    ///
    /// [`track_task_schedule_latency`]: crate::runtime::Builder::track_task_schedule_latency
    /// [`enable_metrics_schedule_latency_histogram`]:
    ///     crate::runtime::Builder::enable_metrics_schedule_latency_histogram
    pub fn schedule_latency(&self) -> Option<Duration> {
        self.schedule_latency
    }
}

/// Code of the user's that is told of a task.
pub(crate) type TaskHook = Arc<dyn Fn(&TaskMeta<'_>) + Send + Sync>;

/// What runs at the turning points of a task's life. A hook that panics does so for itself.
#[derive(Clone, Default)]
pub(crate) struct TaskHooks {
    pub(crate) spawn: Option<TaskHook>,
    pub(crate) before_poll: Option<TaskHook>,
    pub(crate) after_poll: Option<TaskHook>,
    pub(crate) terminate: Option<TaskHook>,
}

impl fmt::Debug for TaskHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskHooks")
            .field("spawn", &self.spawn.is_some())
            .field("before_poll", &self.before_poll.is_some())
            .field("after_poll", &self.after_poll.is_some())
            .field("terminate", &self.terminate.is_some())
            .finish()
    }
}

fn call(hook: Option<&TaskHook>, meta: &TaskMeta<'_>) {
    if let Some(hook) = hook {
        contain(|| hook(meta));
    }
}

impl Shared {
    /// Tells that a task is about to be queued for the first time.
    #[cold]
    pub(super) fn observe_spawn(&self, id: Id, location: &'static Location<'static>) {
        // What is said of the task isn't said of one that the hook spawns.
        let _label = Label::named(None);
        call(self.config.task_hooks.spawn.as_ref(), &TaskMeta::new(id, location));
    }

    /// Tells that a task is complete, but for saying so to who waits for it.
    #[cold]
    pub(super) fn observe_end(&self, task: &TaskRef) {
        call(self.config.task_hooks.terminate.as_ref(), &TaskMeta::new(task.id(), task.location()));
        self.captures.ended(task.id());
    }
}

impl Context<'_> {
    /// Polls a task, and measures and tells what there is to know.
    #[cold]
    pub(super) fn poll_observed(&self, task: Notified) -> Ran {
        let shared = &**self.shared;
        let (hooks, now) = (&shared.config.task_hooks, || shared.config.epoch.elapsed());
        let mut meta = TaskMeta::new(task.id(), task.location());
        meta.schedule_latency = task.scheduled_at().map(|at| now().saturating_sub(at));
        let counters = self.with_core(|core| &shared.slots[core.index()].counters);
        if let (Some(latency), Some(counters)) = (meta.schedule_latency, counters) {
            counters.record_latency(latency);
        }
        call(hooks.before_poll.as_ref(), &meta);
        let stopwatch = shared.config.poll_times.is_some().then(Stopwatch::start);
        let ran = self.poll_for_captures(task);
        if let (Some(stopwatch), Some(counters)) = (stopwatch, counters) {
            counters.record_poll(stopwatch.elapsed());
        }
        call(hooks.after_poll.as_ref(), &meta);
        ran
    }
}
