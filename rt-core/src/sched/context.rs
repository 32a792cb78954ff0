//! The worker that the calling thread is.

use std::cell::{Cell, RefCell};
use std::ptr;

use super::shared::Shared;
use super::worker::Core;
use crate::driver::rung::Hearing;
use crate::shim;
use crate::shim::sync::Arc;

/// A thread that runs the worker loop; lies on that thread's stack.
pub(crate) struct Context<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    /// The same without a detour, to be compared.
    scheduler: *const Shared,
    /// What makes the thread a worker. Gone while another thread has it: then the thread only finishes the
    /// task it is in. A thread in `block_on` gets it when it first needs it. Never borrowed while code runs that
    /// isn't ours.
    core: RefCell<Option<Box<Core>>>,
}

shim::thread_slot! {
    static CONTEXT: Cell<*const Context<'static>> = Cell::new(ptr::null())
}

impl<'a> Context<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>, core: Option<Box<Core>>) -> Self {
        Self { shared, scheduler: Arc::as_ptr(shared), core: RefCell::new(core) }
    }

    /// Makes this the calling thread's context for the time of `f`.
    #[inline(always)]
    pub(crate) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Restore(*const Context<'static>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CONTEXT.with(|slot| slot.set(self.0));
            }
        }
        let _hearing = Hearing::start();
        let _restore = Restore(CONTEXT.with(|slot| slot.replace(ptr::from_ref(self).cast())));
        f()
    }

    /// Lets `f` use the core, if this thread has it, or can take it out of the seat.
    #[inline]
    pub(crate) fn with_core<R>(&self, f: impl FnOnce(&mut Core) -> R) -> Option<R> {
        let mut core = self.core.borrow_mut();
        if core.is_none() {
            *core = self.shared.sit_down();
        }
        core.as_deref_mut().map(f)
    }

    /// Whether it is a worker of that scheduler.
    #[inline]
    pub(crate) fn is_of(&self, shared: &Shared) -> bool {
        ptr::eq(self.scheduler, shared)
    }

    /// As [`with_core`](Self::with_core) with an `item`, which comes back if `f` gives it back, or if there is no core.
    #[inline]
    pub(crate) fn offer<T>(&self, item: T, f: impl FnOnce(&mut Core, T) -> Result<(), T>) -> Result<(), T> {
        let mut core = self.core.borrow_mut();
        if core.is_none() {
            *core = self.shared.sit_down();
        }
        match core.as_deref_mut() {
            Some(core) => f(core, item),
            None => Err(item),
        }
    }

    /// Takes the core away from this thread.
    pub(crate) fn take_core(&self) -> Option<Box<Core>> {
        self.core.borrow_mut().take()
    }

    /// Gives this thread a core.
    pub(crate) fn put_core(&self, core: Box<Core>) {
        let before = self.core.borrow_mut().replace(core);
        debug_assert!(before.is_none(), "a thread has one core at a time");
    }
}

/// Gives `f` the context of the calling thread, if it is a worker.
#[inline]
pub(crate) fn with_current<R>(f: impl FnOnce(Option<&Context<'_>>) -> R) -> R {
    let context = CONTEXT.try_with(Cell::get).unwrap_or(ptr::null());
    // SAFETY: `enter` takes the pointer back before the context that it points to can go, and contexts stay
    // on this thread.
    f(unsafe { context.as_ref() })
}

/// The index of the worker that the calling thread is.
pub(crate) fn worker_index() -> Option<usize> {
    with_current(|context| context?.with_core(|core| core.index()))
}
