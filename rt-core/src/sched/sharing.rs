//! Whether workers share their tasks, which is found out by trial.
//!
//! A task that moves to another worker takes what it uses, and what those use that it wakes, from one processor's cache to
//! another's: some hundred nanoseconds for each poll. Where polls are shorter than that and tasks work for each other, several
//! workers may do less together than one of them alone; where tasks have nothing to do with each other, they do more. Nothing
//! that a queue shows tells one from the other. So while some worker makes polls so short that it could matter, the watch now and
//! then has the workers keep to their tasks for a moment, compares how much all of them get done with how much they
//! did before, and leaves it at what is better until the next trial. Then it tries the other way.
//!
//! What is compared is polls, and the units of their budgets that they spent: messages, permits and the like. Polls alone
//! would not do, since a task that waits for others less often does more in each.
//!
//! While workers keep to their tasks, nobody is woken for what one of them queues, and nobody steals. If one has tasks in its queue and
//! falls behind, as it does in a long poll, the watch has them shared again: it looks each half of a millisecond then. The
//! oftener that happens, the longer it is before the next trial.
//!
//! E1: `set` Relaxed, SeqCst fence of `idle::needs_wake` <-> SeqCst fence of `idle::sleep`, `is_on` Relaxed: when workers share
//!     again, who falls asleep looks into the others' queues, or the watch sees it asleep and wakes it.
//!
//! A worker that queues a task may see the flag too late, and tell nobody. It is awake and polls its tasks, and the watch
//! tells of what is queued at each look.

use std::mem;
use std::time::Duration;

#[cfg(not(loom))]
use super::counters::Stopwatch;
#[cfg(not(loom))]
use super::shared::Shared;
use crate::shim::atomic::{AtomicBool, Ordering};

/// The least that a worker does in a microsecond if its polls are short, in polls and units of the budget.
const SHORT: f64 = 1.0;

/// How many times as much must be done by workers that keep to their tasks.
const GAIN: f64 = 1.1;

/// How long it takes until the other way has come to its usual speed.
const SETTLE: Duration = Duration::from_micros(100);

/// How long it is measured then.
const SLICE: Duration = Duration::from_micros(250);

/// The time between two looks at workers that keep to their tasks.
const GUARD: Duration = Duration::from_micros(500);

/// The time to the next trial, which doubles as long as trials change nothing.
const SOONEST: Duration = Duration::from_millis(4);
const LATEST: Duration = Duration::from_millis(64);

/// The time to the next trial after a worker has fallen behind, which doubles if they had kept to their tasks for less than
/// [`CALM`] times as long until then.
const SHORT_PENALTY: Duration = Duration::from_millis(16);
const LONG_PENALTY: Duration = Duration::from_secs(1);
const CALM: u32 = 8;

/// Whether workers share their tasks. For them to read.
#[derive(Debug, Default)]
pub(super) struct Sharing {
    off: AtomicBool,
}

impl Sharing {
    #[inline]
    pub(super) fn is_on(&self) -> bool {
        // Relaxed: see the module's documentation.
        !self.off.load(Ordering::Relaxed) // E1
    }

    pub(super) fn set(&self, on: bool) {
        // Relaxed: the same.
        self.off.store(!on, Ordering::Relaxed); // E1
    }
}

/// Where a trial is.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// The next begins when so much time has passed.
    Waiting(Duration),
    /// Workers have begun to do it the other way, and got so much done in a microsecond before.
    Settling(f64),
    /// What they get done is measured.
    Measuring(f64),
}

/// What the workers did since the last look.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// What all of them got done in a microsecond.
    rate: f64,
    /// Whether some worker's polls are short.
    short: bool,
    /// Whether a worker with tasks in its queue has fallen behind.
    behind: bool,
}

/// The trials. The watch makes them.
#[derive(Debug)]
struct Trials {
    phase: Phase,
    /// Whether the workers keep to their tasks.
    keeping: bool,
    /// How long the next wait will be.
    wait: Duration,
    /// The same if a worker falls behind.
    penalty: Duration,
    /// How long they have kept to their tasks since one fell behind.
    kept: Duration,
}

impl Trials {
    fn new() -> Self {
        Self {
            phase: Phase::Waiting(Duration::ZERO),
            keeping: false,
            wait: SOONEST,
            penalty: SHORT_PENALTY,
            kept: Duration::ZERO,
        }
    }

    /// The longest time to the next look.
    fn nap(&self) -> Duration {
        match self.phase {
            Phase::Waiting(_) if !self.keeping => Duration::MAX,
            Phase::Waiting(_) => GUARD,
            Phase::Settling(_) => SETTLE,
            Phase::Measuring(_) => SLICE,
        }
    }

    /// Goes on after a look, so long after the last one.
    fn proceed(&mut self, elapsed: Duration, seen: Seen) {
        if self.keeping {
            self.kept += elapsed;
            if seen.behind || !seen.short {
                let wait = if seen.behind { self.next_penalty() } else { Duration::ZERO };
                (self.phase, self.keeping, self.wait) = (Phase::Waiting(wait), false, SOONEST);
                return;
            }
        }
        self.phase = self.next_phase(elapsed, seen);
    }

    /// What comes after a look at workers that share, or don't and are right.
    fn next_phase(&mut self, elapsed: Duration, seen: Seen) -> Phase {
        match self.phase {
            Phase::Waiting(left) if left > elapsed => Phase::Waiting(left - elapsed),
            Phase::Waiting(_) if seen.behind || !seen.short => Phase::Waiting(Duration::ZERO),
            Phase::Waiting(_) => {
                self.keeping = !self.keeping;
                Phase::Settling(seen.rate)
            }
            Phase::Settling(before) => Phase::Measuring(before),
            Phase::Measuring(before) => {
                let kept = if self.keeping { seen.rate > GAIN * before } else { GAIN * seen.rate < before };
                if kept == self.keeping {
                    self.wait = SOONEST;
                } else {
                    self.wait = LATEST.min(2 * self.wait);
                }
                self.keeping = kept;
                Phase::Waiting(self.wait)
            }
        }
    }

    /// How long they share after one that kept to its tasks has fallen behind.
    fn next_penalty(&mut self) -> Duration {
        let calm = mem::take(&mut self.kept) > CALM * self.penalty;
        self.penalty = if calm { SHORT_PENALTY } else { LONG_PENALTY.min(2 * self.penalty) };
        self.penalty
    }
}

/// What the watch remembers of a worker.
#[derive(Debug, Clone, Copy, Default)]
struct Worker {
    /// Polls and units so far.
    done: u64,
    /// Whether it had tasks in its queue.
    queued: bool,
}

impl Worker {
    /// Adds what a worker did in so many microseconds.
    fn look(&mut self, done: u64, queued: bool, micros: f64, seen: &mut Seen) {
        let before = mem::replace(self, Self { done, queued });
        let rate = done.wrapping_sub(before.done) as f64 / micros;
        seen.rate += rate;
        seen.short |= rate >= SHORT;
        // One that has just been woken has done little for lack of time.
        seen.behind |= queued && (rate == 0.0 || before.queued && rate < SHORT);
    }
}

/// What the watch needs for the trials.
#[cfg(not(loom))]
pub(super) struct Umpire {
    trials: Trials,
    workers: Vec<Worker>,
    since: Stopwatch,
}

#[cfg(not(loom))]
impl Umpire {
    pub(super) fn new(shared: &Shared) -> Self {
        // A single worker has nobody to share with.
        let workers = if shared.config.workers > 1 { shared.slots.len() } else { 0 };
        Self { trials: Trials::new(), workers: vec![Worker::default(); workers], since: Stopwatch::start() }
    }

    /// The longest time to the next look.
    pub(super) fn nap(&self) -> Duration {
        self.trials.nap()
    }

    /// Looks at the workers, and says how they go on.
    pub(super) fn look(&mut self, shared: &Shared) {
        let elapsed = self.since.restart();
        let micros = elapsed.as_secs_f64() * 1e6;
        let mut seen = Seen::default();
        for (slot, worker) in shared.slots.iter().zip(&mut self.workers) {
            let done = slot.counters.polls.read().wrapping_add(slot.counters.spent.read());
            worker.look(done, !slot.queue.is_empty(), micros, &mut seen);
        }
        let kept = self.trials.keeping;
        self.trials.proceed(elapsed, seen);
        shared.sharing.set(!self.trials.keeping);
        if kept && !self.trials.keeping && shared.has_work() {
            shared.notify();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
