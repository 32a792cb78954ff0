//! What all workers of a runtime share, and how tasks get to them from wherever they are woken.
//!
//! Not modelled: one flag that is looked at in each round; what matters is in `shutdown`.
//!
//! E1: `close` SeqCst (`shutdown`) -> `is_closing` Acquire: who sees the flag sees what was done before it.

use std::panic::Location;
use std::time::Duration;

use super::captures::Captures;
use super::config::{Config, Flavor};
use super::context::{self, Context};
use super::enter;
use super::idle::Idle;
use super::inject::Inject;
use super::rescue::Rescue;
use super::seat::Seat;
use super::sharing::Sharing;
use super::slot::Slot;
use super::threads::Threads;
use super::worker::Core;
use crate::base::{CachePadded, thread_number};
use crate::blocking::Pool;
use crate::cell::{self, Id, JoinHandle, Notified, Registry, Schedule, Shard, Task, TaskList, TaskRef};
use crate::coop;
use crate::driver::Driver;
use crate::shim::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crate::shim::sync::{Arc, Mutex};

/// See the module's documentation.
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// The workers' slots, then those of the threads that `rescue` may add.
    pub(crate) slots: Box<[CachePadded<Slot>]>,
    pub(crate) inject: Inject,
    pub(crate) registry: Registry,
    pub(crate) idle: Idle,
    pub(crate) pool: Arc<Pool>,
    pub(crate) threads: Threads,
    pub(crate) rescue: Rescue,
    pub(super) sharing: Sharing,
    pub(crate) seat: Seat<Core>,
    /// Whether the future of the thread in the seat was woken.
    pub(super) woken: AtomicBool,
    /// Tasks spawned from outside, and those that ended outside of a worker.
    pub(super) spawned_outside: CachePadded<AtomicUsize>,
    pub(super) completed_outside: CachePadded<AtomicUsize>,
    pub(super) closing: AtomicBool,
    /// Whether polls are looked at, always or for a while.
    looked_at: AtomicBool,
    pub(super) captures: Captures,
    /// Whether a task's panic has ended the runtime.
    pub(super) failed: AtomicBool,
    /// Polls that ended because the budget was used up.
    pub(super) forced_yields: AtomicU64,
    /// How often a thread was given random numbers that follow from the seed.
    pub(super) seeds: AtomicU64,
    /// Cores that haven't shut down yet.
    pub(super) cores: AtomicUsize,
    /// Keeps this alive, after the runtime has gone, for tasks that others are still about to complete.
    pub(super) parting: Mutex<Option<Arc<Shared>>>,
}

impl Shared {
    /// A scheduler whose worker `i` has `drivers[i]`; its threads aren't started yet.
    pub(crate) fn new(config: Config, drivers: Vec<Arc<Driver>>, pool: Arc<Pool>) -> Arc<Self> {
        coop::set_count_forced_yields(count_forced_yield);
        let workers = config.workers;
        debug_assert_eq!(workers, drivers.len());
        let spares = if config.flavor == Flavor::MultiThread { super::rescue::spares(workers) } else { 0 };
        let slots = (0..workers + spares)
            .map(|index| CachePadded::new(Slot::new(drivers[index % workers].clone(), &config)))
            .collect();
        let seat = Seat::new((config.flavor == Flavor::CurrentThread).then(|| Core::new(0, &config)));
        Arc::new(Self {
            slots,
            inject: Inject::new(workers),
            registry: Registry::new(workers + spares),
            idle: Idle::new(workers),
            pool,
            threads: Threads::new(),
            rescue: Rescue::new((workers..workers + spares).map(|index| Core::new(index, &config)).collect()),
            seat,
            sharing: Sharing::default(),
            woken: AtomicBool::new(false),
            spawned_outside: CachePadded::new(AtomicUsize::new(0)),
            completed_outside: CachePadded::new(AtomicUsize::new(0)),
            closing: AtomicBool::new(false),
            looked_at: AtomicBool::new(config.observed || config.task_hooks.terminate.is_some()),
            captures: Captures::new(),
            failed: AtomicBool::new(false),
            forced_yields: AtomicU64::new(0),
            seeds: AtomicU64::new(0),
            cores: AtomicUsize::new(workers),
            parting: Mutex::new(None),
            config,
        })
    }

    /// The slots of the workers proper.
    pub(crate) fn workers(&self) -> &[CachePadded<Slot>] {
        &self.slots[..self.config.workers]
    }

    /// The driver that the calling thread registers with: its own if it is a worker, else always the same one.
    #[inline]
    pub(super) fn driver_of_this_thread(&self) -> &Arc<Driver> {
        match self.config.workers {
            1 => &self.slots[0].driver,
            _ => self.driver_of_one_of_many(),
        }
    }

    fn driver_of_one_of_many(&self) -> &Arc<Driver> {
        let index = self.index_of_this_thread().unwrap_or_else(|| thread_number() % self.config.workers);
        &self.slots[index].driver
    }

    /// Whether polls are looked at.
    #[inline]
    pub(super) fn is_looked_at(&self) -> bool {
        // Relaxed: who looks waits for what comes of it, and a poll that overlaps the change is none of its business.
        self.looked_at.load(Ordering::Relaxed)
    }

    #[cfg(feature = "taskdump")]
    pub(super) fn set_looked_at(&self, looked_at: bool) {
        let always = self.config.observed || self.config.task_hooks.terminate.is_some();
        // Relaxed: see `is_looked_at`.
        self.looked_at.store(looked_at || always, Ordering::Relaxed);
    }

    /// Whether the runtime is shutting down.
    #[inline]
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire) // E1
    }

    /// Spawns a task.
    ///
    /// # Safety
    ///
    /// The future is `Send`, or it is spawned, polled and dropped on one thread.
    pub(crate) unsafe fn spawn<F>(
        self: &Arc<Self>,
        future: F,
        id: Id,
        location: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        if self.config.task_hooks.spawn.is_some() {
            self.observe_spawn(id, location);
        }
        // SAFETY: `Shared` outlives its tasks (see `shutdown`), and the caller vouches for the rest.
        let (task, handle) = unsafe {
            if self.config.stamps {
                cell::new_stamped_task(future, Arc::as_ptr(self), id, location)
            } else {
                cell::new_task(future, Arc::as_ptr(self), id, location)
            }
        };
        if let Some(task) = self.schedule_here(task, true) {
            // Relaxed: a statistic.
            self.spawned_outside.fetch_add(1, Ordering::Relaxed);
            self.schedule_outside(task);
        }
        handle
    }

    /// Queues a task that is new or was woken at the worker which the calling thread is; gives it back when it's none of
    /// ours.
    #[inline]
    fn schedule_here(&self, task: Notified, new: bool) -> Option<Notified> {
        context::with_current(|context| {
            let Some(context) = context.filter(|context| context.is_of(self)) else {
                return Some(task);
            };
            let simply = |core: &mut Core, task| {
                if new {
                    core.slot(self).counters.spawned.add(1);
                }
                core.accept_simply(self, task)
            };
            match context.offer(task, simply) {
                Ok(()) => None,
                Err(task) => self.schedule_whatever_it_takes(context, task),
            }
        })
    }

    /// Does what [`schedule_here`](Self::schedule_here) leaves.
    #[inline(never)]
    fn schedule_whatever_it_takes(&self, context: &Context<'_>, task: Notified) -> Option<Notified> {
        self.schedule_at(context, task, |core, task| core.accept(self, task))
    }

    /// Queues a task at a worker in that way; gives it back when the worker's core isn't here.
    #[inline]
    fn schedule_at(
        &self,
        context: &Context<'_>,
        task: Notified,
        accept: impl FnOnce(&mut Core, Notified) -> Option<TaskList>,
    ) -> Option<Notified> {
        let mut task = Some(task);
        let refused = context.with_core(|core| accept(core, task.take()?));
        // Refused tasks are cancelled, which runs code that isn't ours: the core isn't borrowed any more.
        if let Some(Some(refused)) = refused {
            drop(refused);
        }
        task
    }

    /// Queues a task that was woken by who isn't a worker of this scheduler.
    #[cold]
    fn schedule_from_afar(&self, task: Notified) {
        // The task may complete as soon as it is queued, and the runtime go with it.
        // SAFETY: a task that isn't complete has a live owner, and owners are made by `Arc::new`.
        let this = unsafe {
            Arc::increment_strong_count(self);
            Arc::from_raw(self)
        };
        this.schedule_outside(task);
    }

    /// Queues a task for whichever worker takes it first. The caller keeps the scheduler alive.
    pub(crate) fn schedule_outside(&self, task: Notified) {
        match self.inject.push(task) {
            Ok(()) => self.wake_for_inject(),
            // The runtime is gone; so is every worker that could have run the task.
            Err(task) => task.cancel(),
        }
    }

    /// Sees to it that someone looks into the inject queue.
    pub(crate) fn wake_for_inject(&self) {
        match self.config.flavor {
            Flavor::CurrentThread => self.slots[0].driver.unpark(),
            Flavor::MultiThread => self.notify(),
        }
    }

    /// Wakes a sleeping worker for work that was just queued, unless one is searching already.
    #[inline]
    pub(crate) fn notify(&self) {
        if self.idle.needs_wake() {
            self.wake_one();
        }
    }

    #[cold]
    fn wake_one(&self) {
        if let Some(worker) = self.idle.pick() {
            self.slots[worker].driver.unpark();
        }
    }

    /// Tasks spawned and not yet complete.
    pub(crate) fn alive_tasks(&self) -> usize {
        let (mut spawned, mut completed) = (0, 0);
        // What is complete is read first: a task that completes meanwhile must not make the difference negative.
        for slot in &self.slots {
            completed += slot.counters.completed.read() as usize;
        }
        // Relaxed: statistics.
        completed += self.completed_outside.load(Ordering::Relaxed);
        for slot in &self.slots {
            spawned += slot.counters.spawned.read() as usize;
        }
        // Relaxed: the same.
        spawned += self.spawned_outside.load(Ordering::Relaxed);
        spawned.saturating_sub(completed)
    }

    /// Counts a task that is complete.
    #[inline]
    fn count_completed(&self) {
        let counted = context::with_current(|context| {
            let context = context.filter(|context| context.is_of(self))?;
            context.with_core(|core| self.slots[core.index()].counters.completed.add(1))
        });
        if counted.is_none() {
            // Relaxed: a statistic.
            self.completed_outside.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tasks spawned so far.
    pub(crate) fn spawned_tasks(&self) -> u64 {
        let inside: u64 = self.slots.iter().map(|slot| slot.counters.spawned.read()).sum();
        // Relaxed: a statistic.
        inside + self.spawned_outside.load(Ordering::Relaxed) as u64
    }

    /// Polls that ended because the budget was used up.
    pub(crate) fn forced_yields(&self) -> u64 {
        // Relaxed: a statistic.
        self.forced_yields.load(Ordering::Relaxed)
    }

    /// The slot of a worker, and those of the spare workers that share its driver.
    pub(crate) fn slots_of(&self, worker: usize) -> impl Iterator<Item = &Slot> {
        self.slots[worker..].iter().step_by(self.config.workers).map(|slot| &**slot)
    }

    /// Queues tasks that don't fit a worker's own queue.
    pub(super) fn overflow(&self, worker: usize, tasks: TaskList) -> Option<TaskList> {
        self.inject.push_all(worker, tasks).err()
    }

    /// The index of the worker that the calling thread is, if it is one of this scheduler's.
    pub(super) fn index_of_this_thread(&self) -> Option<usize> {
        context::with_current(|context| {
            let context = context.filter(|context| context.is_of(self))?;
            context.with_core(|core| core.index())
        })
    }
}

impl Schedule for Shared {
    #[inline]
    fn schedule(&self, task: Notified) {
        if let Some(task) = self.schedule_here(task, false) {
            self.schedule_from_afar(task);
        }
    }

    fn yield_now(&self, task: Notified) {
        let rest = context::with_current(|context| match context.filter(|context| context.is_of(self)) {
            Some(context) => self.schedule_at(context, task, |core, task| core.accept_yielded(self, task)),
            None => Some(task),
        });
        if let Some(task) = rest {
            self.schedule_outside(task);
        }
    }

    fn register(&self, task: &TaskRef) -> Option<Shard> {
        // A thread that has handed its core over finishes one poll: any shard will do.
        self.registry.register(self.index_of_this_thread().unwrap_or(0), task)
    }

    fn release(&self, task: &TaskRef) -> Option<Task> {
        let released = self.registry.release(task);
        if self.is_closing() {
            self.part_if_empty();
        }
        released
    }

    #[inline]
    fn terminated(&self, task: &TaskRef) {
        // Before it is counted: see `captures`.
        if self.is_looked_at() {
            self.observe_end(task);
        }
        self.count_completed();
    }

    fn now(&self) -> Duration {
        self.config.epoch.elapsed()
    }
}

/// Counts a poll that had to end, of a task or of a future in `block_on`.
fn count_forced_yield() {
    let _ = enter::with_entered(|shared| {
        if let Some(shared) = shared {
            // Relaxed: a statistic.
            shared.forced_yields.fetch_add(1, Ordering::Relaxed);
        }
    });
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("flavor", &self.config.flavor).finish_non_exhaustive()
    }
}
