//! Rescue: a task that blocks its worker delays nobody else.
//!
//! One thread a runtime, the watch, looks at the workers every two milliseconds while any of them is awake, and
//! not at all while all sleep. A worker that has polled nothing since the last look is taken for stuck: the
//! watch moves what it holds, its queue and its LIFO task, to the inject queue, and turns its driver, so that
//! its ready I/O and due timers go on. If no worker is left that could take them, it adds one: a spare
//! worker, with a slot of its own and the driver of another, which ends when it has nothing to do,
//! and otherwise after a term: if it is needed still, the watch sees so before long. For a worker that waits for a
//! core looks as if it were stuck, and a spare worker that had no term would keep the others waiting for
//! cores on a machine with no more of them than workers.
//!
//! So work behind a blocked task waits for two to four milliseconds, and a timer for less: between two looks the
//! watch turns the driver of a worker that was stuck when its next timer is due. The watch lingers a while after the
//! last worker has fallen asleep, since waking it costs more than a look. In between it makes the trials of `sharing`, whose
//! looks are oftener at times.
//!
//! Not modelled: the watch's rest is the two fences of `idle`, which has a model, over a parker that has one. The
//! looks themselves move tasks by `queue` and `lifo`, whose models have a watch in them.
//!
//! E1: `watch` SeqCst fence <-> `rest` SeqCst fence: the worker that rises is counted as awake before it looks
//! whether the watch rests, and the watch says that it rests before it looks at the workers a last time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::context::Context;
use super::shared::Shared;
use super::sharing::Umpire;
use super::worker::Core;
use crate::base::Parker;
use crate::cell::TaskList;
use crate::coop::region::{self, Region};
use crate::shim::atomic::{AtomicBool, AtomicU32, Ordering, fence};
use crate::shim::sync::{Arc, Mutex};

/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(2);

/// The least time between two turns of a stuck worker's driver for its timers.
const FINE: Duration = Duration::from_micros(100);

/// Looks at a sleeping runtime before the watch rests as well.
const LINGER: u32 = 50;

/// How long a spare worker sleeps between two looks for work, and how many it takes before it ends.
const SPARE_NAP: Duration = Duration::from_millis(1);
const SPARE_NAPS: u32 = 20;

/// Looks for which a spare worker is there at most.
const TERM: u32 = 25;

/// How many workers may be added to so many.
pub(crate) fn spares(workers: usize) -> usize {
    workers.max(4)
}

/// See the module's documentation.
pub(crate) struct Rescue {
    /// The cores of spare workers that don't run.
    #[allow(clippy::vec_box, reason = "a core goes from thread to thread in its box")]
    spares: Mutex<Vec<Box<Core>>>,
    watch: Parker,
    resting: AtomicBool,
    /// Looks so far. Only the watch writes it.
    looks: AtomicU32,
}

impl Rescue {
    #[allow(clippy::vec_box, reason = "as above")]
    pub(crate) fn new(spares: Vec<Box<Core>>) -> Self {
        Self {
            spares: Mutex::new(spares),
            watch: Parker::new(),
            resting: AtomicBool::new(false),
            looks: AtomicU32::new(0),
        }
    }

    /// Sees to it that the watch looks, now that a worker is awake.
    #[inline]
    pub(super) fn watch(&self) {
        fence(Ordering::SeqCst); // E1
        // Relaxed: ordered by the fence.
        if self.resting.load(Ordering::Relaxed) {
            self.wake();
        }
    }

    /// Wakes the watch.
    #[cold]
    pub(super) fn wake(&self) {
        // Relaxed: the parker publishes.
        self.resting.store(false, Ordering::Relaxed);
        self.watch.unpark();
    }

    /// When a spare worker that begins now has to end, by the count of looks.
    pub(super) fn term(&self) -> u32 {
        // Relaxed: a count to compare with, no matter which.
        self.looks.load(Ordering::Relaxed).wrapping_add(TERM)
    }

    fn is_over(&self, term: u32) -> bool {
        // Relaxed: the same. Half of the counts are before a term and half behind it.
        self.looks.load(Ordering::Relaxed).wrapping_sub(term) < u32::MAX / 2
    }

    /// Sleeps while all workers do.
    fn rest(&self, shared: &Shared) {
        // Relaxed: ordered by the fence.
        self.resting.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst); // E1
        if shared.idle.all_sleep() && !shared.is_closing() {
            self.watch.park();
        }
        // Relaxed: a worker that still sees true only unparks us once more.
        self.resting.store(false, Ordering::Relaxed);
    }

    /// Does `f` while no spare worker comes.
    pub(super) fn freeze<R>(&self, f: impl FnOnce() -> R) -> R {
        let _spares = self.spares.lock();
        f()
    }
}

/// What the watch saw of a worker at its last look.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Its sign of life; `None` when it was a spare worker at rest.
    life: Option<u64>,
    /// Whether it is one now.
    resting: bool,
    /// Whether it was stuck.
    stuck: bool,
}

impl Shared {
    pub(super) fn run_watch(self: &Arc<Self>) {
        // It runs wakers, and one of them may drop the runtime, which mustn't wait here for this thread.
        let _region = region::Enter::new(Region::Driving { can_hand_over: false });
        let mut seen = vec![Seen::default(); self.slots.len()];
        let mut umpire = Umpire::new(self);
        let mut quiet = 0;
        while !self.is_closing() {
            if self.idle.all_sleep() {
                quiet += 1;
                if quiet > LINGER {
                    self.rescue.rest(self);
                    quiet = 0;
                }
            } else {
                quiet = 0;
            }
            if self.sleep_for_look(&seen, &mut umpire) {
                // A waker that isn't ours may panic: that is no reason to look no more.
                let _ = catch_unwind(AssertUnwindSafe(|| self.look(&mut seen)));
            }
        }
    }

    /// Sleeps until the next look, and fires meanwhile what comes due at workers that were stuck. False if it was woken
    /// before.
    fn sleep_for_look(&self, seen: &[Seen], umpire: &mut Umpire) -> bool {
        let mut left = LOOK;
        loop {
            let stuck =
                || self.workers().iter().zip(seen).filter(|(_, seen)| seen.stuck).map(|(slot, _)| slot);
            let nap = stuck()
                .map(|slot| slot.driver.until_due(left).max(FINE.min(left)))
                .min()
                .unwrap_or(left)
                .min(umpire.nap());
            if self.rescue.watch.park_timeout(nap) {
                return false;
            }
            umpire.look(self);
            left -= nap;
            if left.is_zero() {
                return true;
            }
            for slot in stuck() {
                // A waker that isn't ours may panic.
                let _ = catch_unwind(AssertUnwindSafe(|| slot.driver.turn()));
            }
        }
    }

    /// One look at all workers.
    fn look(self: &Arc<Self>, seen: &mut [Seen]) {
        // Relaxed: only the watch writes it.
        self.rescue.looks.store(self.rescue.looks.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        for core in self.rescue.spares.lock().iter() {
            seen[core.index()].resting = true;
        }
        let mut progress = false;
        for (index, slot) in self.slots.iter().enumerate() {
            let life = slot.counters.polls.read() + slot.counters.naps.read();
            let Seen { life: before, resting, .. } = seen[index];
            seen[index] = Seen { life: (!resting).then_some(life), ..Seen::default() };
            if resting {
                continue;
            }
            if before == Some(life) {
                seen[index].stuck = !self.idle.sleeps(index);
                self.relieve(index);
            } else {
                progress = true;
            }
        }
        if !self.inject.is_empty() {
            match self.idle.pick_anyway() {
                Some(worker) => self.slots[worker].driver.unpark(),
                None if !progress => self.add_spare(),
                None => {}
            }
        } else if self.has_work() {
            // Tasks that yield are queued without a word: see the README.
            self.notify();
        }
    }

    /// Takes what a worker holds that may be stuck. One that sleeps holds nothing, and keeps its driver.
    fn relieve(&self, index: usize) {
        let slot = &self.slots[index];
        if index < self.config.workers {
            slot.driver.turn();
        }
        let mut tasks = TaskList::new();
        while slot.queue.take_half(|task| tasks.push_back(task)) > 0 {}
        if let Some(task) = slot.lifo.take() {
            tasks.push_back(task);
        }
        if !tasks.is_empty() {
            if let Err(tasks) = self.inject.push_all(index, tasks) {
                drop(tasks);
            }
        }
    }

    fn add_spare(self: &Arc<Self>) {
        let Some(core) = self.count_spare() else { return };
        // Not under the lock: the name of a thread is the user's code.
        if let Err(core) = self.hand_over(core) {
            self.retire(core);
        }
    }

    /// Takes a spare core, unless the runtime shuts down, which from now on waits for the core to leave.
    fn count_spare(&self) -> Option<Box<Core>> {
        let mut spares = self.rescue.spares.lock();
        if self.is_closing() {
            return None;
        }
        let core = spares.pop()?;
        // Relaxed: under the lock, which `close` takes before it lets cores leave.
        self.cores.fetch_add(1, Ordering::Relaxed);
        Some(core)
    }

    /// Takes the core of a spare worker that ends.
    pub(super) fn retire(self: &Arc<Self>, core: Box<Core>) {
        self.rescue.spares.lock().push(core);
        self.core_left();
    }

    /// Whether a spare worker's term is over. Then it leaves its tasks to the others.
    #[cold]
    pub(super) fn spare_ends(&self, index: usize, term: u32) -> bool {
        let ends = self.rescue.is_over(term);
        if ends {
            self.relieve(index);
            self.notify();
        }
        ends
    }

    /// A spare worker has nothing to do: naps, and tells whether it should go on.
    pub(super) fn spare_sleep(&self, context: &Context<'_>, index: usize, searching: bool) -> bool {
        if searching && self.idle.stop_searching() {
            self.notify();
        }
        let slot = &self.slots[index];
        let nap = Parker::new();
        for _ in 0..SPARE_NAPS {
            nap.park_timeout(SPARE_NAP);
            slot.counters.naps.add(1);
            if self.is_closing() || self.has_work() {
                return true;
            }
        }
        debug_assert!(context.with_core(|_| ()).is_some());
        false
    }
}
