//! `block_in_place`: a task that is about to block hands its worker's core to another thread.

use super::context;
use super::shared::Shared;
use super::worker::Core;
use crate::coop::region::{self, Region};
use crate::coop::{Budget, with_budget};
use crate::shim::sync::Arc;

/// Runs `f`, which may block, on the calling thread, while another thread goes on as the worker.
///
/// # Panics
///
/// When the calling thread drives a runtime that has no other threads.
#[track_caller]
pub(crate) fn block_in_place<R>(f: impl FnOnce() -> R) -> R {
    match region::current() {
        Region::Outside | Region::MayBlock => return f(),
        Region::Driving { can_hand_over: true } => {}
        Region::Driving { can_hand_over: false } => {
            panic!("can call blocking only when running on the multi-threaded runtime")
        }
    }
    let _handed = Handed::new();
    let _region = region::Enter::new(Region::MayBlock);
    with_budget(Budget::UNLIMITED, f)
}

/// A core given away, and taken back at the end if nobody has begun to use it.
struct Handed(Option<usize>);

impl Handed {
    fn new() -> Self {
        Self(context::with_current(|context| {
            let context = context?;
            let core = context.take_core()?;
            let index = core.index();
            // No thread to be had: the worker keeps its core, and `rescue` looks after what it holds.
            if let Err(core) = context.shared.hand_over(core) {
                context.put_core(core);
                return None;
            }
            Some(index)
        }))
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        let Some(index) = self.0 else { return };
        context::with_current(|context| {
            let Some(context) = context else { return };
            let slot = &context.shared.slots[index];
            if let Some(core) = slot.handoff.lock().take() {
                context.put_core(core);
                slot.counters.rare.thread.note();
            }
        });
    }
}

impl Shared {
    /// Has another thread run a core; gives it back when there is no thread.
    pub(super) fn hand_over(self: &Arc<Self>, mut core: Box<Core>) -> Result<(), Box<Core>> {
        let index = core.index();
        // A waker that hands the core over from within a turn: the turn isn't the next thread's.
        core.turning = false;
        if core.searching {
            core.searching = false;
            if self.idle.stop_searching() {
                self.notify();
            }
        }
        let slot = &self.slots[index];
        *slot.handoff.lock() = Some(core);
        match self.launch(index) {
            Ok(()) => Ok(()),
            // Nobody else knows of it: it is still there.
            Err(_) => match slot.handoff.lock().take() {
                Some(core) => Err(core),
                None => Ok(()),
            },
        }
    }
}
