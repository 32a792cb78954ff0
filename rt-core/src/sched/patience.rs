//! What a thief leaves to the worker that has it: the only task in a queue, while the owner goes on polling.
//!
//! What a task uses, and what uses those that it wakes, moves to the thief's cache with it, which takes some hundred
//! nanoseconds for each poll; its owner would have come to it in less. And where tasks wait for each other, two workers with
//! one of them each go on like that for good, at a fraction of what one of them does alone. So a thief takes such a task only
//! from an owner that has begun no poll for a moment. It looks a few times, since the next poll may be a long one.
//!
//! The models are of more than what is here: they have the queue and the protocol of `idle` in them, for what they ask is
//! whether a task that a thief passed over is forgotten.
#![deny(unsafe_code)]

use crate::shim::{hint, scaled};

/// How often a thief's processor pauses between two looks at an owner: half a microsecond to two, by its kind.
const PAUSES: usize = scaled(25, 0);

/// How many moments in a row an owner must go on before the thief gives up.
pub(super) const LOOKS: usize = scaled(8, 1);

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Patience {
    /// Workers with one task, and how often they had polled.
    seen: Vec<(usize, u64)>,
}

impl Patience {
    /// Waits for a moment if some worker has a `lone` task, and tells which of them have begun no poll meanwhile.
    pub(super) fn wait(
        &mut self,
        lone: impl Iterator<Item = usize>,
        polls: impl Fn(usize) -> u64,
    ) -> impl Iterator<Item = usize> {
        self.seen.clear();
        self.seen.extend(lone.map(|worker| (worker, polls(worker))));
        if !self.seen.is_empty() {
            (0..PAUSES).for_each(|_| hint::spin_loop());
        }
        self.seen.iter().filter(move |(worker, before)| polls(*worker) == *before).map(|(worker, _)| *worker)
    }

    /// Whether no worker had such a task the last time.
    pub(super) fn saw_none(&self) -> bool {
        self.seen.is_empty()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
