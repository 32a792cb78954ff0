//! The threads that run workers: started, kept in reserve while they have no core, and waited for at the end.

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

struct State {
    reserve: Vec<Arc<Reserve>>,
    /// Threads that haven't ended.
    live: usize,
    closing: bool,
}

/// A thread that waits for a core.
struct Reserve {
    parker: Parker,
    assigned: Mutex<Option<usize>>,
}

impl Threads {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State { reserve: Vec::new(), live: 0, closing: false }),
            ended: Condvar::new(),
        }
    }

    /// Gives a waiting thread the core of slot `index`; otherwise counts a thread that is to be started.
    fn assign_or_count(&self, index: usize) -> bool {
        let mut state = self.state.lock();
        let Some(reserve) = state.reserve.pop() else {
            state.live += 1;
            return false;
        };
        *reserve.assigned.lock() = Some(index);
        drop(state);
        reserve.parker.unpark();
        true
    }

    fn end(&self) {
        let mut state = self.state.lock();
        state.live -= 1;
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

    /// Lets the threads in reserve end.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closing = true;
        for reserve in state.reserve.drain(..) {
            reserve.parker.unpark();
        }
    }

    /// Waits until all threads have ended, at most for `limit`. Returns what is left of that.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> Option<Duration> {
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
        self.start_rescue()
    }

    /// Starts a thread, or takes one from the reserve, for the core in slot `index`.
    pub(super) fn launch(self: &Arc<Self>, index: usize) -> io::Result<()> {
        if self.threads.assign_or_count(index) {
            return Ok(());
        }
        let shared = self.clone();
        let started = self.start_thread(move || shared.run_thread(index));
        if started.is_err() {
            self.threads.end();
        }
        started
    }

    fn start_thread(&self, main: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut builder = thread::Builder::new();
        if let Some(size) = self.config.thread_stack_size {
            builder = builder.stack_size(size);
        }
        // What makes the name is the user's code, and a name may be one that no thread can have: a core that
        // waits for its thread mustn't be lost by that panic.
        catch_unwind(AssertUnwindSafe(|| builder.name((self.config.thread_name)()).spawn(main)))
            .unwrap_or_else(|_| Err(io::Error::other("the thread has no name: what makes it panicked")))?;
        Ok(())
    }

    fn run_thread(self: Arc<Self>, first: usize) {
        struct End<'a>(&'a Threads);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.end();
            }
        }

        let _end = End(&self.threads);
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
        let context = Context::new(self, core);
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
