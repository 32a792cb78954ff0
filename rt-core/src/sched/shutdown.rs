//! The end of a scheduler: no task is left, none is lost, nothing is freed that anyone still reaches for.
//!
//! 1. `close` raises the flag and wakes all. Workers leave their loops.
//! 2. Each core leaves: it cancels what is in its queue.
//! 3. The last core to leave closes the registry and cancels the tasks that wait; a task that a thread without a
//!    core still polls is marked, and cancelled when its poll returns. It closes the inject queue, after which whoever wakes a task cancels it on the spot;
//!    cancels what is left anywhere; and shuts the drivers down.
//! 4. A task may then still be in the hands of another thread, between the change of its state and its
//!    arrival at the closed queue. Such a task is in a registry, and while any registry holds one, the scheduler
//!    keeps itself alive (`parting`): that thread still reads it.
//!
//! Not modelled: it takes a whole runtime. `tests/rt_sched.rs` drops runtimes at any moment instead.
//!
//! E1: `close` SeqCst store and fence -> `is_closing` Acquire (`shared`), and the fence in `Idle::sleep`: a worker
//!     that falls asleep sees the flag, or `close` unparks it after it said so.
//! E2: `core_left` AcqRel -> `core_left` AcqRel: the last core sees what all have left behind.

use super::context::Context;
use super::shared::Shared;
use crate::shim::atomic::{Ordering, fence};
use crate::shim::sync::Arc;
use crate::shim::thread;

impl Shared {
    /// Makes the workers leave.
    pub(crate) fn close(&self) {
        // Before any thread has a reason to end, so that all are there to be joined.
        self.threads.close();
        self.rescue.freeze(|| self.closing.store(true, Ordering::SeqCst)); // E1
        fence(Ordering::SeqCst); // E1
        for slot in self.workers() {
            slot.driver.unpark();
        }
        self.rescue.wake();
    }

    /// Shuts a current-thread scheduler down, on the calling thread.
    pub(crate) fn close_seated(self: &Arc<Self>) {
        self.close();
        // Whoever is in the seat holds a reference to the runtime, so nobody is.
        if let Some(core) = self.seat.take() {
            let context = Context::new(self, Some(core));
            context.enter(|| super::enter::drive(self, false, || self.leave(&context)));
        }
    }

    /// Workers of which `from` and those behind it were never started.
    pub(super) fn abandon(self: &Arc<Self>, from: usize) {
        self.close();
        for index in from..self.config.workers {
            self.slots[index].handoff.lock().take();
            self.core_left();
        }
    }

    /// Ends the calling thread's time as a worker.
    pub(super) fn leave(self: &Arc<Self>, context: &Context<'_>) {
        // A destructor may wake or spawn more.
        while let Some(task) = context.with_core(|core| core.next_local(core.slot(self))).flatten() {
            task.cancel();
        }
        context.end_awake();
        if let Some(core) = context.take_core() {
            if core.searching {
                let _ = self.idle.stop_searching();
            }
            drop(core);
            self.core_left();
        }
    }

    /// Counts a core that is gone; the last one turns off the light.
    pub(super) fn core_left(self: &Arc<Self>) {
        if self.cores.fetch_sub(1, Ordering::AcqRel) == 1 {
            // E2
            self.finish();
        }
    }

    fn finish(self: &Arc<Self>) {
        self.registry.close_and_shutdown_all();
        if self.config.local_to.is_some() {
            self.wait_for_strays();
        }
        drop(self.inject.close());
        for slot in &self.slots {
            while slot.queue.take_half(|task| task.cancel()) > 0 {}
            if let Some(task) = slot.lifo.take() {
                task.cancel();
            }
        }
        for slot in self.workers() {
            slot.driver.shutdown();
        }
        *self.parting.lock() = Some(self.clone());
        self.part_if_empty();
    }

    /// A local runtime drops its futures on its own thread. So a task that another thread is about to put into the
    /// inject queue, between the change of its state and its arrival there, is waited for, and cancelled here. It
    /// takes that thread a few instructions.
    fn wait_for_strays(&self) {
        while self.registry.len() > 0 {
            drop(self.inject.pop(0, usize::MAX));
            thread::yield_now();
        }
    }

    /// Lets go of itself once no task is registered any more. The caller keeps the scheduler alive.
    pub(super) fn part_if_empty(&self) {
        if self.registry.len() == 0 {
            let parting = self.parting.lock().take();
            drop(parting);
        }
    }
}
