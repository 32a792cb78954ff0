//! `block_on`: the current-thread scheduler's loop, and the wait of a thread that isn't a worker.
//!
//! On a current-thread runtime the core lies in a [`Seat`](super::seat::Seat). A thread that calls `block_on`
//! polls its future first, and takes the core when that needs one, to spawn a task for example, or has to wait: a
//! future that is ready at once costs no more than its poll. With the core the thread runs the loop, with its future
//! as one more task; other threads that call `block_on` meanwhile poll their futures themselves, and the first of
//! them takes over when the seat becomes free.
//!
//! A flag that is set before an unpark is what `driver/park/sleeper/tests_loom.rs` models.
//!
//! E1: `wake_main` Release -> `take_woken` Acquire: the poll sees what was written before the wake.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::pin::{Pin, pin};
use std::task::{Context as TaskContext, Poll, RawWaker, RawWakerVTable, Waker};

use super::config::Flavor;
use super::context::Context;
use super::enter;
use super::failure;
use super::seat::Seat;
use super::shared::Shared;
use super::worker::{Core, Step};
use crate::base::Parker;
use crate::coop::{Budget, with_budget};
use crate::shim;
use crate::shim::atomic::Ordering;
use crate::shim::sync::Arc;

/// A parker of the calling thread for one `block_on`: cached, since most calls don't nest.
struct ThreadParker(Option<Arc<Parker>>);

shim::thread_slot! {
    static CACHED: Cell<Option<Arc<Parker>>> = Cell::new(None)
}

impl ThreadParker {
    fn take() -> Self {
        let cached = CACHED.try_with(Cell::take).ok().flatten();
        Self(Some(cached.unwrap_or_else(|| Arc::new(Parker::new()))))
    }

    fn parker(&self) -> &Arc<Parker> {
        self.0.as_ref().expect("present until dropped")
    }

    /// A waker that borrows the parker.
    fn with_waker<R>(&self, f: impl FnOnce(&Waker) -> R) -> R {
        // SAFETY: the count isn't changed: what `from_raw` would drop is never dropped.
        let borrowed = unsafe { Arc::from_raw(Arc::as_ptr(self.parker())) };
        f(&ManuallyDrop::new(Waker::from(borrowed)))
    }
}

impl Drop for ThreadParker {
    fn drop(&mut self) {
        let _ = CACHED.try_with(|slot| slot.set(self.0.take()));
    }
}

impl Shared {
    /// Runs a future on a thread that isn't a worker, which sleeps while the future waits. It may block, since it has
    /// nothing to hand over.
    pub(crate) fn block_on_parked<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        let mut future = pin!(future);
        enter::drive(self, true, || {
            let parker = ThreadParker::take();
            parker.with_waker(|waker| {
                let _enlisted = self.enlist_for_failure(parker.parker());
                loop {
                    self.assert_sound();
                    if let Poll::Ready(output) = poll(future.as_mut(), waker) {
                        return output;
                    }
                    parker.parker().park();
                }
            })
        })
    }

    /// Runs a future and, with the seat, the tasks of a current-thread runtime.
    pub(crate) fn block_on_seated<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        let mut future = pin!(future);
        enter::drive(self, false, || {
            if self.seat.is_free() {
                self.slots[0].counters.rare.thread.note();
            }
            let departures = self.seat.departures();
            let sitting = Sitting { context: Context::new(self, None), measured: Cell::new(false) };
            let context = &sitting.context;
            if let Poll::Ready(output) = context.enter(|| self.poll_main(context, future.as_mut())) {
                return output;
            }
            let unheard = if context.with_core(|_| ()).is_some() {
                // Who sat here since the poll began may have taken our wake-up for its own.
                self.seat.departures() != departures
            } else {
                match self.wait_for_seat(future.as_mut()) {
                    Waited::Ready(output) => return output,
                    Waited::Seated(core) => context.put_core(core),
                }
                // It waited with another waker.
                true
            };
            sitting.measured.set(true);
            context.start_awake();
            context.enter(|| self.run_seated(context, future.as_mut(), unheard))
        })
    }

    /// Takes the core out of the seat, if the runtime has one.
    #[cold]
    pub(super) fn sit_down(&self) -> Option<Box<Core>> {
        if self.config.flavor == Flavor::MultiThread {
            return None;
        }
        let core = self.seat.take()?;
        self.slots[0].counters.rare.thread.note();
        Some(core)
    }

    /// Another thread runs the tasks: polls the future alone until it is ready or the seat is free.
    fn wait_for_seat<F: Future>(&self, mut future: Pin<&mut F>) -> Waited<F::Output> {
        struct Enlisted<'a>(&'a Seat<Core>, &'a ThreadParker);
        impl Drop for Enlisted<'_> {
            fn drop(&mut self) {
                self.0.delist(self.1.parker());
                // The word that the seat is free may have come to us, and we have no use for it.
                self.0.pass_on();
            }
        }

        let parker = ThreadParker::take();
        self.seat.enlist(parker.parker());
        let _enlisted = Enlisted(&self.seat, &parker);
        parker.with_waker(|waker| {
            loop {
                if let Some(core) = self.seat.take() {
                    return Waited::Seated(core);
                }
                self.assert_sound();
                if let Poll::Ready(output) = poll(future.as_mut(), waker) {
                    return Waited::Ready(output);
                }
                parker.parker().park();
            }
        })
    }

    /// Runs tasks, and the main future when it was woken; also at first, if it may have been.
    fn run_seated<F: Future>(
        self: &Arc<Self>,
        context: &Context<'_>,
        mut future: Pin<&mut F>,
        mut woken: bool,
    ) -> F::Output {
        let mut polled = true;
        loop {
            if woken {
                if let Poll::Ready(output) = self.poll_main(context, future.as_mut()) {
                    return output;
                }
                polled = true;
            }
            let idle = context.run_some(polled);
            woken = self.take_woken();
            if idle && !woken {
                context.park(&self.slots[0], || ());
                woken = self.take_woken();
            }
            polled = false;
        }
    }

    fn poll_main<F: Future>(self: &Arc<Self>, context: &Context<'_>, future: Pin<&mut F>) -> Poll<F::Output> {
        if self.has_failed() {
            self.leave(context);
            failure::fail_too();
        }
        poll(future, &self.main_waker())
    }

    /// Whether the main future was woken since the last call.
    fn take_woken(&self) -> bool {
        // Relaxed: saves the swap when it wasn't.
        self.woken.load(Ordering::Relaxed) && self.woken.swap(false, Ordering::Acquire) // E1
    }

    /// The waker of the future in the seat. It borrows the scheduler; its clones own it.
    fn main_waker(self: &Arc<Self>) -> ManuallyDrop<Waker> {
        let data = Arc::as_ptr(self).cast();
        // SAFETY: the vtable's functions treat the pointer as an `Arc<Shared>`, as whose it was made; this
        // first waker is never dropped, so that it owns no count.
        ManuallyDrop::new(unsafe { Waker::new(data, &MAIN_WAKER) })
    }

    pub(super) fn wake_main(&self) {
        self.woken.store(true, Ordering::Release); // E1
        self.slots[0].driver.unpark();
    }
}

/// A thread in `block_on`, with or without the core.
struct Sitting<'a> {
    context: Context<'a>,
    /// Whether the time that the thread is awake is measured. A future that is ready at once isn't worth a look at the
    /// clock.
    measured: Cell<bool>,
}

impl Drop for Sitting<'_> {
    fn drop(&mut self) {
        if self.measured.get() {
            self.context.end_awake();
        }
        if let Some(core) = self.context.take_core() {
            self.context.shared.seat.release(core);
        }
    }
}

enum Waited<T> {
    Ready(T),
    Seated(Box<Core>),
}

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    with_budget(Budget::FULL, || future.poll(&mut TaskContext::from_waker(waker)))
}

static MAIN_WAKER: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: `data` points to a `Shared` in an `Arc` that the cloned waker keeps alive.
        unsafe { Arc::increment_strong_count(data.cast::<Shared>()) };
        RawWaker::new(data, &MAIN_WAKER)
    },
    // SAFETY: a waker that is woken by value owns one count.
    |data| unsafe { Arc::from_raw(data.cast::<Shared>()) }.wake_main(),
    // SAFETY: the waker keeps the scheduler alive while it is borrowed.
    |data| unsafe { &*data.cast::<Shared>() }.wake_main(),
    // SAFETY: a waker that is dropped owns one count.
    |data| drop(unsafe { Arc::from_raw(data.cast::<Shared>()) }),
);

impl Context<'_> {
    /// Runs tasks until the main future is to be polled, or nothing is left (then true). A main future that yielded, or was
    /// woken while a task ran, goes behind the tasks that are queued by then, as one more task would, but for no longer than
    /// an event interval. One that a turn of the driver woke comes next.
    // Not inlined: a main future that is ready at once doesn't come here.
    #[inline(never)]
    fn run_some(&self, yielded: bool) -> bool {
        let shared = &**self.shared;
        // Relaxed: a hint, `take_woken` follows.
        let woken = || shared.woken.load(Ordering::Relaxed);
        let queued = || {
            let queued = u32::try_from(shared.slots[0].queue_depth()).unwrap_or(u32::MAX);
            queued.min(shared.config.event_interval)
        };
        // How many tasks the woken main future is behind.
        let mut behind = None;
        if yielded && woken() {
            self.with_core(Core::main_yielded);
            // One at least, for others may have queued what isn't here yet.
            behind = Some(queued().max(1));
        }
        loop {
            match self.with_core(|core| core.step(shared)) {
                Some(Step::Poll(task)) => {
                    self.poll(task);
                    behind = match behind {
                        Some(tasks) => Some(tasks - 1),
                        None => woken().then(queued),
                    };
                }
                Some(Step::Turn) => {
                    self.turn();
                    if behind.is_none() && woken() {
                        return false;
                    }
                }
                Some(Step::Nothing) | None => return true,
            }
            if behind == Some(0) {
                return false;
            }
        }
    }
}
