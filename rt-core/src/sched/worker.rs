//! A worker: the core that makes a thread one, and the loop. Only the loop is here; what it calls has files of
//! its own.

use std::mem;
use std::time::Duration;

use super::agenda::{Agenda, Look};
use super::awake::Awake;
use super::config::{self, Config, Flavor};
use super::context::{self, Context};
use super::gather::Gather;
use super::idle::Rise;
use super::queue::CAPACITY;
use super::shared::Shared;
use super::slot::Slot;
use crate::base::{FastRng, at_end_of_row};
use crate::cell::{Notified, Ran, TaskList};
use crate::coop;
use crate::driver::{answer, is_asked, rung};

/// Polls of tasks from the LIFO slot in a row, after which the queue has its turn.
const LIFO_STREAK: u32 = 3;

/// Tasks taken out of the inject queue at once: enough to make its lock cheap, few enough to leave some to
/// the others.
const INJECT_BATCH: usize = CAPACITY / 4;

/// What makes a thread a worker: whoever has it owns the queue, the LIFO slot and the driver of its slot. It
/// goes from thread to thread by `handoff`.
pub(crate) struct Core {
    index: usize,
    agenda: Agenda,
    /// How often it looked into the inject queue first of all.
    injects: u32,
    lifo_streak: u32,
    /// Whether `idle` counts this worker as searching.
    pub(super) searching: bool,
    /// Whether the driver is being turned: what it wakes is queued in order, and announced once at the end.
    pub(super) turning: bool,
    lifo_slot: bool,
    /// The queue of a worker from which nobody steals: of any length, and without atomics.
    own: Option<TaskList>,
    rng: FastRng,
    awake: Awake,
    /// How long its last sleep was.
    asleep: Duration,
    gather: Gather,
}

impl Core {
    pub(crate) fn new(index: usize, config: &Config) -> Box<Self> {
        Box::new(Self {
            index,
            agenda: Agenda::new(config.event_interval, config.inject_interval),
            injects: 0,
            lifo_streak: 0,
            searching: false,
            turning: false,
            lifo_slot: config.lifo_slot,
            own: (config.flavor == Flavor::CurrentThread).then(TaskList::new),
            rng: FastRng::from_seed(
                config.seed.wrapping_add((index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            ),
            awake: Awake::new(),
            asleep: Duration::MAX,
            gather: Gather::default(),
        })
    }

    /// Which slot it owns.
    #[inline]
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    #[inline]
    pub(super) fn slot<'a>(&self, shared: &'a Shared) -> &'a Slot {
        &shared.slots[self.index]
    }

    /// Queues a task that is new or was woken, if that is as simple as usual; else gives it back, for
    /// [`accept`](Self::accept).
    #[inline]
    pub(super) fn accept_simply(&mut self, shared: &Shared, task: Notified) -> Result<(), Notified> {
        let slot = self.slot(shared);
        if let Some(own) = &mut self.own {
            own.push_back(task);
            slot.counters.own.set(own.len() as u64);
        } else if self.turning {
            return Err(task);
        } else if at_end_of_row(announce_here) {
            // One of many woken at once: behind the others, of whom nobody is told but by the last.
            // SAFETY: the core's holder owns the queue.
            unsafe { slot.queue.push(task) }?;
        } else if self.lifo_slot && slot.queue.has_room() {
            // Nobody is woken for the task in the LIFO slot: this worker takes it next.
            if let Some(before) = slot.lifo.put(task) {
                // SAFETY: as above.
                let pushed = unsafe { slot.queue.push(before) };
                debug_assert!(pushed.is_ok(), "the room was measured by the only one who fills it");
                self.announce(shared);
            }
        } else {
            return Err(task);
        }
        slot.counters.local_schedules.add(1);
        Ok(())
    }

    /// Queues a task that is new or was woken, whatever it takes. Gives back what the runtime refuses because it is
    /// shutting down.
    pub(super) fn accept(&mut self, shared: &Shared, task: Notified) -> Option<TaskList> {
        if self.turning || at_end_of_row(announce_here) {
            return self.push(shared, task);
        }
        let mut task = task;
        if self.lifo_slot {
            let slot = self.slot(shared);
            match slot.lifo.put(task) {
                Some(before) => task = before,
                None => {
                    slot.counters.local_schedules.add(1);
                    return None;
                }
            }
        }
        let refused = self.push(shared, task);
        self.announce(shared);
        refused
    }

    /// Queues a task that woke itself: others go first. Gives back what the runtime refuses because it is shutting down.
    #[inline]
    pub(super) fn accept_yielded(&mut self, shared: &Shared, task: Notified) -> Option<TaskList> {
        self.note_yield();
        self.push(shared, task)
    }

    /// Lets the others know that there is work to steal, if they may.
    #[inline]
    fn announce(&self, shared: &Shared) {
        if self.own.is_none() && shared.sharing.is_on() {
            shared.notify();
        }
    }

    #[inline]
    fn push(&mut self, shared: &Shared, task: Notified) -> Option<TaskList> {
        let slot = self.slot(shared);
        // Each task that comes moves one into the queue, or else into an empty LIFO slot.
        slot.counters.local_schedules.add(1);
        if let Some(own) = &mut self.own {
            own.push_back(task);
            slot.counters.own.set(own.len() as u64);
            return None;
        }
        // SAFETY: the core's holder owns the queue.
        match unsafe { slot.queue.push(task) } {
            Ok(()) => None,
            Err(task) => self.overflow(shared, task),
        }
    }

    /// The queue is full: half of it goes to the inject queue, in one go, and the task behind it.
    #[cold]
    fn overflow(&mut self, shared: &Shared, task: Notified) -> Option<TaskList> {
        let mut tasks = TaskList::new();
        self.slot(shared).queue.take_half(|task| tasks.push_back(task));
        tasks.push_back(task);
        self.slot(shared).counters.rare.overflows.add(1);
        let refused = shared.overflow(self.index, tasks);
        // Also in the middle of a row: there is plenty for others by now.
        self.announce(shared);
        refused
    }

    /// Notes that the main future of a current-thread runtime yielded, as tasks do.
    pub(super) fn main_yielded(&mut self) {
        self.agenda.count_poll();
        self.note_yield();
    }

    /// Sees to it that the driver has its turn before long.
    #[inline]
    fn note_yield(&mut self) {
        self.agenda.note_yield();
        if is_asked() {
            self.agenda.hurry_turn();
        }
    }

    /// What to do next, as far as this worker's own queue and the inject queue tell.
    #[inline(always)]
    pub(super) fn step(&mut self, shared: &Shared) -> Step {
        if self.agenda.is_due() {
            if let Some(step) = self.look_up(shared) {
                return step;
            }
        }
        let slot = self.slot(shared);
        match self.next_local(slot) {
            Some(task) => self.begin(shared, slot, task),
            None => self.step_without_local(shared),
        }
    }

    /// What comes before the worker's own tasks.
    #[inline(never)]
    fn look_up(&mut self, shared: &Shared) -> Option<Step> {
        let slot = self.slot(shared);
        slot.counters.spent.add(coop::take_spent());
        match self.agenda.look(slot.queue_depth()) {
            Look::Turn => Some(Step::Turn),
            Look::Inject if !shared.inject.is_empty() => {
                self.next_injected_first(shared).map(|task| self.begin(shared, self.slot(shared), task))
            }
            Look::Inject | Look::Nothing => None,
        }
    }

    /// What to do without a task of the worker's own.
    #[inline(never)]
    fn step_without_local(&mut self, shared: &Shared) -> Step {
        if shared.inject.is_empty() {
            return Step::Nothing;
        }
        match self.next_injected(shared, self.index, INJECT_BATCH) {
            Some(task) => self.begin(shared, self.slot(shared), task),
            None => Step::Nothing,
        }
    }

    /// Counts the poll of a task that was found.
    #[inline(always)]
    fn begin(&mut self, shared: &Shared, slot: &Slot, task: Notified) -> Step {
        self.agenda.count_poll();
        if self.searching {
            self.found(shared);
        }
        slot.counters.polls.add(1);
        Step::Poll(task)
    }

    /// Takes one task out of the inject queue before its own: out of its own shard, but every fourth time out of any. A
    /// worker with more tasks than its queue holds always finds some in its own shard; those in the shard of a
    /// worker that is blocked would wait for as long.
    #[cold]
    fn next_injected_first(&mut self, shared: &Shared) -> Option<Notified> {
        self.injects = self.injects.wrapping_add(1);
        let others_turn = self.injects % 4 == 0;
        let shard = if others_turn { (self.injects / 4) as usize } else { self.index };
        self.next_injected(shared, shard, 1)
    }

    /// Has the next task come out of the inject queue.
    #[cfg(feature = "taskdump")]
    pub(super) fn hurry_inject(&mut self) {
        self.agenda.hurry_inject();
    }

    /// The next task of the worker's own.
    #[inline(always)]
    pub(super) fn next_local(&mut self, slot: &Slot) -> Option<Notified> {
        if let Some(own) = &mut self.own {
            let task = own.pop_front()?;
            slot.counters.own.set(own.len() as u64);
            return Some(task);
        }
        if self.lifo_streak < LIFO_STREAK || slot.queue.is_empty() {
            if let Some(task) = slot.lifo.take() {
                self.lifo_streak += 1;
                return Some(task);
            }
        }
        self.lifo_streak = 0;
        // SAFETY: the core's holder owns the queue.
        unsafe { slot.queue.pop() }.or_else(|| slot.lifo.take())
    }

    /// Takes a batch out of the inject queue: the first to run now, the others into the own queue.
    #[cold]
    fn next_injected(&mut self, shared: &Shared, shard: usize, limit: usize) -> Option<Notified> {
        let room = CAPACITY - self.slot(shared).queue.len();
        let mut batch = shared.inject.pop(shard, limit.min(room + 1));
        let first = batch.pop_front()?;
        if let Some(own) = &mut self.own {
            own.append(&mut batch);
            shared.slots[self.index].counters.own.set(own.len() as u64);
        }
        while let Some(task) = batch.pop_front() {
            // SAFETY: the core's holder owns the queue, and nobody else adds to it, so there is room.
            let pushed = unsafe { self.slot(shared).queue.push(task) };
            debug_assert!(pushed.is_ok(), "the room was measured by the only one who fills it");
        }
        Some(first)
    }

    /// Looks for work in the inject queue, and at all other workers if they share theirs.
    #[cold]
    fn search(&mut self, shared: &Shared) -> Step {
        if !self.searching {
            self.searching = shared.idle.start_searching();
            if !self.searching {
                return Step::Nothing;
            }
        }
        let task =
            self.search_others(shared).or_else(|| self.next_injected(shared, self.index, INJECT_BATCH));
        task.map_or(Step::Nothing, |task| self.begin(shared, self.slot(shared), task))
    }

    fn search_others(&mut self, shared: &Shared) -> Option<Notified> {
        if !shared.sharing.is_on() {
            return None;
        }
        let n = shared.slots.len();
        let start = self.rng.below(n as u32) as usize;
        (start..n)
            .chain(0..start)
            .filter(|victim| *victim != self.index && !shared.slots[*victim].queue.is_empty())
            .find_map(|victim| self.steal(shared, victim))
    }

    /// Takes half of what another worker has.
    fn steal(&self, shared: &Shared, victim: usize) -> Option<Notified> {
        debug_assert_ne!(victim, self.index);
        let slot = self.slot(shared);
        // SAFETY: the core's holder owns its own queue, which the victim's isn't.
        let task = unsafe { shared.slots[victim].queue.steal(&slot.queue) }?;
        // Its own queue was empty, and nobody else adds to it.
        slot.counters.rare.stolen.add(1 + slot.queue.len() as u64);
        slot.counters.rare.steals.add(1);
        Some(task)
    }

    /// Notes that it sleeps after so much work.
    fn fall_asleep(&mut self, shared: &Shared, busy: Duration) {
        if self.own.is_none() {
            let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            self.gather.wake(shared, self.index, nanos(self.asleep), nanos(busy));
        }
    }

    /// Notes that it is awake, after as much work before its sleep as `fall_asleep` was told.
    fn wake_up(&mut self, busy: Duration) {
        self.asleep = self.awake.start().saturating_sub(busy);
    }

    /// Ends a search that found something.
    fn found(&mut self, shared: &Shared) {
        if mem::take(&mut self.searching) && shared.idle.stop_searching() {
            // Pushes that came meanwhile woke nobody, since we were searching.
            shared.notify();
        }
    }
}

/// Lets the others know that the calling worker's queue has work to steal.
#[cold]
fn announce_here() {
    context::with_current(|context| {
        let Some(context) = context else { return };
        context.with_core(|core| core.announce(context.shared));
    });
}

/// What a worker does next.
#[must_use]
pub(super) enum Step {
    /// Turns the driver.
    Turn,
    /// Polls a task.
    Poll(Notified),
    /// There is nothing to do.
    Nothing,
}

/// Why the loop of a worker ended.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Ended {
    /// The runtime shuts down; the core is still here.
    Closing,
    /// The core went to another thread while a task blocked this one.
    HandedOver,
    /// A spare worker had nothing to do, or its term is over; the core is still here.
    Spare,
}

impl Context<'_> {
    /// The loop of a worker on a thread of its own.
    pub(crate) fn run(&self) -> Ended {
        let shared = &**self.shared;
        let term = shared.rescue.term();
        loop {
            if shared.is_closing() {
                return Ended::Closing;
            }
            let step = self.with_core(|core| match core.step(shared) {
                Step::Nothing => core.search(shared),
                step => step,
            });
            match step {
                Some(Step::Poll(task)) => self.poll(task),
                Some(Step::Turn) if self.spare_ends(term) => return Ended::Spare,
                Some(Step::Turn) => self.turn(),
                Some(Step::Nothing) if !self.sleep() => return Ended::Spare,
                Some(Step::Nothing) => {}
                None => return Ended::HandedOver,
            }
        }
    }

    /// Whether this is a spare worker whose term is over.
    fn spare_ends(&self, term: u32) -> bool {
        let index = self.with_core(|core| core.index);
        index.is_some_and(|index| index >= self.shared.config.workers && self.shared.spare_ends(index, term))
    }

    /// Polls a task.
    #[inline]
    pub(super) fn poll(&self, task: Notified) {
        let ran = if self.shared.is_looked_at() { self.poll_observed(task) } else { task.run() };
        if matches!(ran, Ran::Completed { panicked: true }) {
            self.note_panic();
        }
    }

    /// Turns the driver without waiting: wakes what is due and ready.
    pub(super) fn turn(&self) {
        self.drive(|slot| {
            slot.driver.turn();
        });
    }

    /// Lets the driver run, whose wakers queue their tasks here.
    pub(super) fn drive(&self, f: impl FnOnce(&Slot)) {
        let shared = &**self.shared;
        let Some(index) = self.with_core(|core| {
            core.turning = true;
            core.agenda.note_turn();
            answer();
            core.index
        }) else {
            return;
        };
        let slot = &shared.slots[index];
        slot.counters.spent.add(coop::take_spent());
        let before = slot.queue.len();
        f(slot);
        rung::turned();
        self.with_core(|core| {
            core.turning = false;
            core.awake.turn(&slot.counters);
            // This worker takes the first itself; and of what was queued before others were told, or the watch will.
            if slot.queue.len() > before.max(1) {
                core.announce(shared);
            }
        });
    }

    /// Sleeps until there may be work. False when a spare worker should end instead.
    fn sleep(&self) -> bool {
        let shared = &**self.shared;
        let Some((index, searching)) = self.with_core(|core| (core.index, mem::take(&mut core.searching)))
        else {
            return true;
        };
        if index >= shared.config.workers {
            return shared.spare_sleep(self, index, searching);
        }
        shared.idle.sleep(index, searching);
        let work = shared.has_work();
        let mut rise = None;
        if !work && !shared.is_closing() {
            // It counts as awake before it handles what woke it: who looks for a sleeper meanwhile finds another.
            self.park(&shared.slots[index], || rise = Some(shared.idle.rise(index)));
        }
        let picked = rise.unwrap_or_else(|| shared.idle.rise(index)) == Rise::Picked;
        // Work that was seen is gone for, however many search: coming back to sleep without it would be spinning.
        let searching = picked || (work && shared.idle.search_anyway());
        self.with_core(|core| core.searching = searching);
        shared.rescue.watch();
        true
    }

    /// Sleeps in the driver, calls `awake`, and lets the driver handle what came.
    pub(super) fn park(&self, slot: &Slot, awake: impl FnOnce()) {
        let hooks = &self.shared.config.hooks;
        config::call(hooks.park.as_ref());
        // What the hook did may be work for this worker, which then only looks around.
        let limit = (hooks.park.is_some() && self.shared.has_work_for(slot)).then_some(Duration::ZERO);
        let busy = self.with_core(|core| {
            let busy = core.awake.stop(&slot.counters).unwrap_or_default();
            core.fall_asleep(self.shared, busy);
            busy
        });
        slot.counters.park();
        self.drive(|slot| slot.driver.park(limit, awake));
        slot.counters.rare.unparks.add(1);
        self.with_core(|core| core.wake_up(busy.unwrap_or_default()));
        config::call(hooks.unpark.as_ref());
    }
}

impl Context<'_> {
    /// Begins to measure how long the worker is awake.
    pub(super) fn start_awake(&self) {
        self.with_core(|core| core.awake.start());
    }

    /// Accounts for how long the worker was awake, and measures no more.
    pub(super) fn end_awake(&self) {
        self.with_core(|core| core.awake.stop(&core.slot(self.shared).counters));
    }
}

impl Shared {
    /// Whether the worker of a slot has something to do; the wake of a future in `block_on` comes with an unpark.
    fn has_work_for(&self, slot: &Slot) -> bool {
        slot.lifo.is_filled() || slot.queue_depth() > 0 || self.has_work()
    }

    /// Whether there is work that a worker which falls asleep would take.
    pub(super) fn has_work(&self) -> bool {
        !self.inject.is_empty()
            || (self.sharing.is_on() && self.slots.iter().any(|slot| !slot.queue.is_empty()))
    }
}
