//! The queue for tasks that come from outside of the workers, and for what overflows from theirs.
//!
//! Sharded, so that threads which spawn at once don't meet: each thread keeps to one shard. A bitmask tells
//! which shards hold tasks, so that a worker which looks in vain reads one word. Workers take batches.
//!
//! A shard's bit is set and cleared under the shard's lock, so it is true to the list whenever the lock is
//! free. That no push is overlooked by one who goes to sleep is the business of the fences in `idle`.
//!
//! E1: `push` fetch_or Release -> `pop` / `is_empty` Acquire: who sees the bit finds the task in the shard.

use crate::base::{CachePadded, thread_number};
use crate::cell::{Notified, TaskList};
use crate::shim;
use crate::shim::atomic::{AtomicU64, Ordering};
use crate::shim::sync::Mutex;

/// More shards than this wouldn't fit the bitmask.
const MAX_SHARDS: usize = 64;

struct Shard {
    tasks: TaskList,
    closed: bool,
    /// Tasks that threads which aren't workers have added so far.
    pushes: u64,
}

/// See the module's documentation.
pub(crate) struct Inject {
    shards: Box<[CachePadded<Mutex<Shard>>]>,
    filled: CachePadded<AtomicU64>,
    /// How many workers share what is here.
    workers: usize,
}

impl Inject {
    pub(crate) fn new(workers: usize) -> Self {
        let shards = workers.next_power_of_two().min(shim::scaled(MAX_SHARDS, 2));
        Self {
            shards: (0..shards)
                .map(|_| {
                    CachePadded::new(Mutex::new(Shard { tasks: TaskList::new(), closed: false, pushes: 0 }))
                })
                .collect(),
            filled: CachePadded::new(AtomicU64::new(0)),
            workers,
        }
    }

    /// Whether nothing is queued.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.filled.load(Ordering::Acquire) == 0 // E1
    }

    /// How many tasks are queued.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().tasks.len()).sum()
    }

    /// How many tasks [`push`](Self::push) has added so far.
    pub(crate) fn pushes(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().pushes).sum()
    }

    /// Adds a task to the calling thread's shard; gives it back when the queue is closed.
    pub(crate) fn push(&self, task: Notified) -> Result<(), Notified> {
        let index = thread_number() & (self.shards.len() - 1);
        let mut shard = self.shards[index].lock();
        if shard.closed {
            return Err(task);
        }
        shard.pushes += 1;
        let was_empty = shard.tasks.is_empty();
        shard.tasks.push_back(task);
        if was_empty {
            self.filled.fetch_or(1 << index, Ordering::Release); // E1
        }
        Ok(())
    }

    /// Adds many tasks to a worker's shard; gives them back when the queue is closed.
    pub(crate) fn push_all(&self, worker: usize, mut tasks: TaskList) -> Result<(), TaskList> {
        let index = worker & (self.shards.len() - 1);
        let mut shard = self.shards[index].lock();
        if shard.closed {
            return Err(tasks);
        }
        if !tasks.is_empty() {
            shard.tasks.append(&mut tasks);
            self.filled.fetch_or(1 << index, Ordering::Release); // E1
        }
        Ok(())
    }

    /// Takes a worker's share of a shard that holds tasks, at most `limit`; shards are looked at from `start` on.
    pub(crate) fn pop(&self, start: usize, limit: usize) -> TaskList {
        let start = start & (self.shards.len() - 1);
        let mut filled = self.filled.load(Ordering::Acquire); // E1
        while filled != 0 {
            // The first filled shard at or behind the start, in a circle.
            let ahead = filled >> start;
            let index = if ahead != 0 {
                start + ahead.trailing_zeros() as usize
            } else {
                filled.trailing_zeros() as usize
            };
            let batch = self.pop_shard(index, limit);
            if !batch.is_empty() {
                return batch;
            }
            filled &= !(1 << index);
        }
        TaskList::new()
    }

    fn pop_shard(&self, index: usize, limit: usize) -> TaskList {
        let mut batch = TaskList::new();
        let mut shard = self.shards[index].lock();
        let share = (shard.tasks.len() / self.workers + 1).min(limit);
        for _ in 0..share {
            let Some(task) = shard.tasks.pop_front() else { break };
            batch.push_back(task);
        }
        if shard.tasks.is_empty() && !batch.is_empty() {
            // Relaxed: under the lock, and nothing is published by an empty shard.
            self.filled.fetch_and(!(1 << index), Ordering::Relaxed);
        }
        batch
    }

    /// Refuses tasks from now on, and returns what was queued.
    pub(crate) fn close(&self) -> TaskList {
        let mut rest = TaskList::new();
        for shard in &self.shards {
            let mut shard = shard.lock();
            shard.closed = true;
            rest.append(&mut shard.tasks);
        }
        // Relaxed: nobody pushes any more.
        self.filled.store(0, Ordering::Relaxed);
        rest
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
