//! What a closure holds until its task is complete.
//!
//! A closure drops what it captured when it returns, which is a moment before whoever waits for it is woken.
//! That moment matters to a paused clock: nothing seems to be left to do, and it would jump. So what must be
//! held a little longer is set aside here, and the thread drops it after the task.
#![forbid(unsafe_code)]

use std::any::Any;
use std::cell::Cell;

use crate::base::trace;
use crate::shim;

enum Slot {
    /// No closure runs on this thread.
    Outside,
    /// One does.
    Running,
    /// One has set this aside.
    Aside(#[expect(dead_code, reason = "only its drop matters")] Box<dyn Any>),
}

shim::thread_slot! {
    static SLOT: Cell<Slot> = Cell::new(Slot::Outside)
}

/// A value that outlives the closure that owns it until the closure's task is complete.
pub(crate) struct Held(Option<Box<dyn Any + Send>>);

impl Held {
    pub(crate) fn new(value: impl Any + Send) -> Self {
        Self(Some(Box::new(value)))
    }

    /// `f` as the next task's closure, which owns this. It's `f` that tracing tells of.
    pub(crate) fn wrap<F: FnOnce() -> R, R>(self, f: F) -> impl FnOnce() -> R {
        trace::note_function::<F>();
        move || {
            let _held = self;
            f()
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(value) = self.0.take() else { return };
        let _ = SLOT.try_with(|slot| match slot.replace(Slot::Outside) {
            // A closure that is cancelled instead of run holds nothing any longer.
            Slot::Outside => drop(value),
            Slot::Running | Slot::Aside(_) => slot.set(Slot::Aside(value)),
        });
    }
}

/// Runs a task, and then drops what its closure held.
pub(super) fn release_after(run: impl FnOnce()) {
    SLOT.with(|slot| slot.set(Slot::Running));
    run();
    let held = SLOT.with(|slot| slot.replace(Slot::Outside));
    drop(held);
}
