//! The threads that run workers, and the watch: started, kept in reserve while they have no core, and joined at
//! the end. Joined, so that when a runtime's drop returns, no thread is left that is still about to give back its
//! thread-local values, or the runtime's memory and descriptors.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::config;
use super::context::Context;
use super::counters::Stopwatch;
use super::enter;
use super::shared::Shared;
use super::worker::Ended;
use crate::base::Parker;
use crate::shim::sync::{Arc, Condvar, Mutex};
use crate::shim::thread;

/// See the module's documentation.
pub(crate) struct Threads {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    reserve: Vec<Arc<Reserve>>,
    /// Threads that haven't ended.
    live: usize,
    closing: bool,
    /// The threads that are to be joined, by number: those that don't end before the runtime does.
    handles: BTreeMap<u64, thread::JoinHandle<()>>,
    /// Those that ended before their handles were here.
    early: BTreeSet<u64>,
    last_number: u64,
}

/// A thread that was counted, and its number. It counts no more when this is dropped.
struct Counted {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.shared.threads.end(self.number);
    }
}

/// A thread that waits for a core.
struct Reserve {
    parker: Parker,
    assigned: Mutex<Option<usize>>,
}

impl State {
    fn count(&mut self) -> u64 {
        self.live += 1;
        self.last_number += 1;
        self.last_number
    }
}

impl Threads {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::default()), ended: Condvar::new() }
    }

    /// Gives a waiting thread the core of slot `index`; otherwise counts a thread that is to be started.
    fn assign_or_count(&self, index: usize) -> Option<u64> {
        let mut state = self.state.lock();
        let Some(reserve) = state.reserve.pop() else { return Some(state.count()) };
        *reserve.assigned.lock() = Some(index);
        drop(state);
        reserve.parker.unpark();
        None
    }

    fn end(&self, number: u64) {
        let mut state = self.state.lock();
        state.live -= 1;
        let detached = if state.closing { None } else { state.handles.remove(&number) };
        if !state.closing && detached.is_none() {
            state.early.insert(number);
        }
        if state.live == 0 {
            self.ended.notify_all();
        }
    }

    /// Waits for the core of another slot; `None` when the thread should end.
    fn wait_in_reserve(&self, keep_alive: Duration) -> Option<usize> {
        let reserve = Arc::new(Reserve { parker: Parker::new(), assigned: Mutex::new(None) });
        {
            let mut state = self.state.lock();
            if state.closing {
                return None;
            }
            state.reserve.push(reserve.clone());
        }
        reserve.parker.park_timeout(keep_alive);
        let mut state = self.state.lock();
        state.reserve.retain(|other| !Arc::ptr_eq(other, &reserve));
        // Under the lock: who assigns has taken us out of the list first.
        reserve.assigned.lock().take()
    }

    /// Lets the threads in reserve end. From now on, threads that end are there to be joined.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closing = true;
        for reserve in state.reserve.drain(..) {
            reserve.parker.unpark();
        }
    }

    /// Waits until all threads are gone, at most for `limit`. Returns what is left of that.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> Option<Duration> {
        let left = self.wait_for_ends(limit);
        if left != Some(Duration::ZERO) {
            let handles = std::mem::take(&mut self.state.lock().handles);
            for handle in handles.into_values() {
                // It is past its last line; a panic there was reported by the panic hook.
                let _ = handle.join();
            }
        }
        left
    }

    fn wait_for_ends(&self, limit: Option<Duration>) -> Option<Duration> {
        let mut state = self.state.lock();
        let Some(limit) = limit else {
            while state.live > 0 {
                state = self.ended.wait(state);
            }
            return None;
        };
        let since = Stopwatch::start();
        loop {
            let left = limit.saturating_sub(since.elapsed());
            if state.live == 0 || left.is_zero() {
                return Some(left);
            }
            state = self.ended.wait_timeout(state, left).0;
        }
    }
}

impl Shared {
    /// Starts the workers and the thread that watches them.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<()> {
        for index in 0..self.config.workers {
            *self.slots[index].handoff.lock() = Some(super::worker::Core::new(index, &self.config));
            if let Err(error) = self.launch(index) {
                self.abandon(index);
                return Err(error);
            }
        }
        self.start_rescue().inspect_err(|_| self.abandon(self.config.workers))
    }

    /// Starts a thread, or takes one from the reserve, for the core in slot `index`.
    pub(super) fn launch(self: &Arc<Self>, index: usize) -> io::Result<()> {
        let Some(number) = self.threads.assign_or_count(index) else { return Ok(()) };
        let mut builder = thread::Builder::new();
        if let Some(size) = self.config.thread_stack_size {
            builder = builder.stack_size(size);
        }
        self.start_thread(
            number,
            builder,
            || (self.config.thread_name)(),
            move |shared| shared.run_thread(index),
        )
    }

    /// Starts the watch.
    pub(super) fn start_rescue(self: &Arc<Self>) -> io::Result<()> {
        let number = self.threads.state.lock().count();
        let builder = thread::Builder::new().stack_size(256 << 10);
        self.start_thread(number, builder, || "rt-watch".into(), Self::run_watch)
    }

    fn start_thread(
        self: &Arc<Self>,
        number: u64,
        builder: thread::Builder,
        name: impl FnOnce() -> String,
        main: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) -> io::Result<()> {
        let counted = Counted { shared: self.clone(), number };
        // What makes the name is the user's code, and a name may be one that no thread can have: a core that
        // waits for its thread mustn't be lost by that panic.
        let started = catch_unwind(AssertUnwindSafe(|| {
            builder.name(name()).spawn(move || {
                let counted = counted;
                main(&counted.shared);
            })
        }));
        let mut state = self.threads.state.lock();
        let has_ended = state.early.remove(&number);
        let handle = started
            .unwrap_or_else(|_| Err(io::Error::other("the thread has no name: what makes it panicked")))?;
        if !has_ended {
            state.handles.insert(number, handle);
        }
        Ok(())
    }

    fn run_thread(self: &Arc<Self>, first: usize) {
        config::call(self.config.hooks.start.as_ref());
        let mut next = Some(first);
        while let Some(index) = next {
            self.run_slot(index);
            next = self.threads.wait_in_reserve(self.config.keep_alive);
        }
        config::call(self.config.hooks.stop.as_ref());
    }

    /// Runs the core that waits in slot `index`, if nobody has taken it back.
    fn run_slot(self: &Arc<Self>, index: usize) {
        let Some(core) = self.slots[index].handoff.lock().take() else { return };
        self.slots[index].counters.rare.thread.note();
        let context = Context::new(self, Some(core));
        context.start_awake();
        context.enter(|| {
            enter::drive(self, true, || match context.run() {
                Ended::Closing => self.leave(&context),
                Ended::Spare => {
                    if let Some(core) = context.take_core() {
                        self.retire(core);
                    }
                }
                Ended::HandedOver => {}
            });
        });
    }
}
