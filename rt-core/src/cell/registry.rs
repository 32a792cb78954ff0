//! The tasks that wait, so that a shutdown finds them.
//!
//! A task enters when it first waits, in the shard of the worker that polled it, and leaves before it
//! completes. Each shard has a lock of its own, which is the worker's alone unless a task completes elsewhere.
//!
//! A shutdown takes the idle tasks out and cancels them. A task that is being polled, or whose notification
//! is on its way, stays until whoever holds it completes it: the scheduler must live until [`Registry::len`]
//! is zero.

use super::harness;
use super::header::Header;
use super::notified::{Task, TaskRef};
use super::state::Shard;
#[cfg(any(feature = "taskdump", loom))]
use super::{id::Id, waker};
use crate::base::{CachePadded, List};
use crate::shim::sync::Mutex;
#[cfg(any(feature = "taskdump", loom))]
use std::task::Waker;

/// See the module's documentation.
pub(crate) struct Registry {
    shards: Box<[CachePadded<Mutex<Tasks>>]>,
}

struct Tasks {
    list: List<Header>,
    len: usize,
    closed: bool,
}

impl Registry {
    /// A registry of so many shards, one for each worker.
    pub(crate) fn new(shards: usize) -> Self {
        let tasks = || Mutex::new(Tasks { list: List::new(), len: 0, closed: false });
        Self { shards: (0..shards.clamp(1, 1 << 16)).map(|_| CachePadded::new(tasks())).collect() }
    }

    /// For [`Schedule::register`](super::Schedule::register): the poll's reference becomes the registry's,
    /// unless the registry is closed.
    pub(crate) fn register(&self, shard: usize, task: &TaskRef) -> Option<Shard> {
        let shard = shard % self.shards.len();
        let mut tasks = self.shards[shard].lock();
        if tasks.closed {
            return None;
        }
        // SAFETY: the task lives until it is complete, and leaves before; it enters once, and cells don't move.
        unsafe { tasks.list.push_back(task.raw()) };
        tasks.len += 1;
        Some(Shard(shard as u16))
    }

    /// For [`Schedule::release`](super::Schedule::release): returns the reference if the task was still here.
    pub(crate) fn release(&self, task: &TaskRef) -> Option<Task> {
        let mut tasks = self.shards[usize::from(task.shard()?.0)].lock();
        // SAFETY: the caller holds the task, which is in this list or in none.
        if !unsafe { tasks.list.remove(task.raw()) } {
            return None;
        }
        tasks.len -= 1;
        // SAFETY: the registry's reference leaves with the task.
        Some(unsafe { Task::from_raw(task.raw()) })
    }

    /// Refuses tasks from now on, cancels those that wait, and asks the holders of the others to do so.
    ///
    /// The futures are dropped on the calling thread.
    pub(crate) fn close_and_shutdown_all(&self) {
        for shard in &self.shards {
            let mut idle = shard.lock().close();
            while let Some(task) = idle.pop_front() {
                // SAFETY: `close` holds it, and took the registry's reference.
                unsafe { harness::shutdown(task) };
            }
        }
    }

    /// The tasks in it, each with a waker.
    #[cfg(any(feature = "taskdump", loom))]
    pub(crate) fn all(&self) -> Vec<(Id, Waker)> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let mut tasks = shard.lock();
            for _ in 0..tasks.len {
                let Some(task) = tasks.list.pop_front() else { break };
                // SAFETY: the registry holds a reference; the task goes back into the list that it came from.
                unsafe {
                    tasks.list.push_back(task);
                    all.push((task.as_ref().id, waker::counted(task)));
                }
            }
        }
        all
    }

    /// The tasks in it.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len).sum()
    }
}

impl Tasks {
    /// Refuses tasks from now on, and takes the idle ones out, to be cancelled once the lock is free.
    fn close(&mut self) -> List<Header> {
        let mut idle = List::new();
        let mut held = List::new();
        self.closed = true;
        while let Some(task) = self.list.pop_front() {
            // SAFETY: the registry holds a reference; the task is unlinked, so that it can enter another list.
            unsafe {
                if task.as_ref().state.transition_to_shutdown() {
                    idle.push_back(task);
                    self.len -= 1;
                } else {
                    held.push_back(task);
                }
            }
        }
        self.list = held;
        idle
    }
}
