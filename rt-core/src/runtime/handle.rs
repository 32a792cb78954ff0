//! A reference to a runtime, and the calling thread's entry into it.

use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

use super::auto_advance::Inhibit;
use super::{Id, RuntimeFlavor, RuntimeMetrics, TryCurrentError};
use crate::base::trace;
use crate::blocking::{Finder, Held};
use crate::cell::{self, JoinHandle};
use crate::coop::region;
use crate::sched::{Entered, Flavor, Shared, with_entered};
use crate::shim::sync::Arc;

/// A reference to a runtime. Cloning it is cheap; it doesn't keep the runtime running.
#[derive(Debug, Clone)]
#[repr(transparent)]
pub struct Handle {
    shared: Arc<Shared>,
}

// A panic of a task or of a future in `block_on` leaves the runtime whole: no code of a user's runs while a part of it
// is half changed.
impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

impl Handle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Makes this the calling thread's runtime until the guard is dropped: [`spawn`](crate::spawn) and all
    /// that needs a runtime use it.
    ///
    /// # Panics
    ///
    /// Guards must be dropped in the reverse order of their making; one that isn't panics when it's dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// let _guard = runtime.handle().enter();
    /// let task = rt_core::spawn(async { 5 });
    /// assert_eq!(runtime.block_on(task).unwrap(), 5);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard { _inside: Inside(Entered::new(&self.shared)), _handle: PhantomData }
    }

    /// The runtime that the calling thread has entered.
    ///
    /// # Panics
    ///
    /// When it has entered none; [`try_current`](Self::try_current) returns an error then.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::runtime::{Handle, Runtime};
    ///
    /// let runtime = Runtime::new()?;
    /// let id = runtime.block_on(async { Handle::current().id() });
    /// assert_eq!(id, runtime.handle().id());
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn current() -> Self {
        current(Self::clone)
    }

    /// The runtime that the calling thread has entered.
    ///
    /// # Errors
    ///
    /// When it has entered none, or is ending.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = rt_core::runtime::Handle::try_current().unwrap_err();
    /// assert!(error.is_missing_context());
    /// ```
    pub fn try_current() -> Result<Self, TryCurrentError> {
        with_entered(|shared| shared.map(|shared| Self { shared: shared.clone() }))
            .map_err(|_| TryCurrentError::thread_ending())?
            .ok_or_else(TryCurrentError::missing_context)
    }

    /// Spawns a task on the runtime.
    ///
    /// It starts at once, whether or not the [`JoinHandle`] is awaited; dropping the handle lets it run on
    /// its own. On a runtime that has been shut down the task is cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// let task = runtime.handle().spawn(async { "done" });
    /// assert_eq!(runtime.block_on(task).unwrap(), "done");
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_at(future, Location::caller())
    }

    /// Runs a closure that may block, on a thread where that harms nobody.
    ///
    /// Threads are kept and used again; there are at most as many as
    /// [`Builder::max_blocking_threads`](super::Builder::max_blocking_threads) says, and what comes when all are
    /// busy waits. A closure that has begun can't be aborted.
    ///
    /// # Panics
    ///
    /// When the system gives no thread, and there is none yet.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// let task = runtime.handle().spawn_blocking(|| std::fs::read_to_string("/proc/self/comm").is_ok());
    /// let _ = runtime.block_on(task).unwrap();
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.spawn_blocking_at(f, Location::caller())
    }

    /// Runs a future to its end on the calling thread.
    ///
    /// On a current-thread runtime, tasks and I/O make progress only while some thread is in
    /// [`Runtime::block_on`](super::Runtime::block_on); this method doesn't drive them.
    ///
    /// # Panics
    ///
    /// When the calling thread drives a runtime already, or the future panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// let handle = runtime.handle().clone();
    /// let sum = std::thread::spawn(move || handle.block_on(async { 1 + 2 })).join().unwrap();
    /// assert_eq!(sum, 3);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        assert_may_drive();
        let (location, id) = (Location::caller(), || cell::Id::next().number());
        if cell::is_large::<F>() {
            let future = trace::main_boxed(id, location, Box::pin(future));
            return self.shared.block_on_parked(future);
        }
        self.shared.block_on_parked(trace::main_future(id, location, future))
    }

    /// Which flavor the runtime has.
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        match self.shared.config.flavor {
            Flavor::CurrentThread => RuntimeFlavor::CurrentThread,
            Flavor::MultiThread => RuntimeFlavor::MultiThread,
        }
    }

    /// Tells this runtime from others that live.
    pub fn id(&self) -> Id {
        Id::new(self.shared.config.id)
    }

    /// The name that [`Builder::name`](super::Builder::name) gave.
    pub fn name(&self) -> Option<&str> {
        self.shared.config.name.as_deref()
    }

    pub(crate) fn spawn_at<F>(&self, future: F, location: &'static Location<'static>) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let id = cell::Id::next();
        if cell::is_large::<F>() {
            // SAFETY: the future is `Send`.
            return unsafe { self.shared.spawn(cell::boxed(future), id, location) };
        }
        // SAFETY: the future is `Send`.
        unsafe { self.shared.spawn(future, id, location) }
    }

    #[track_caller]
    pub(crate) fn spawn_blocking_at<F, R>(&self, f: F, location: &'static Location<'static>) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.shared.pool.spawn(hold(&self.shared).wrap(f), location)
    }

    pub(crate) fn try_spawn_blocking_at<F, R>(
        &self,
        f: F,
        location: &'static Location<'static>,
    ) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.shared.pool.try_spawn(hold(&self.shared).wrap(f), location)
    }

    /// What the runtime counts.
    pub fn metrics(&self) -> RuntimeMetrics {
        RuntimeMetrics::new(self.shared.clone())
    }
}

/// Gives `f` the calling thread's runtime.
///
/// # Panics
///
/// When it has entered none.
#[track_caller]
pub(crate) fn current<R>(f: impl FnOnce(&Handle) -> R) -> R {
    let result = with_entered(|shared| {
        // SAFETY: a handle is transparent over its one field, and both are only borrowed.
        shared.map(|shared| f(unsafe { &*std::ptr::from_ref(shared).cast::<Handle>() }))
    });
    match result {
        Ok(Some(result)) => result,
        Ok(None) => panic!("{}", TryCurrentError::missing_context()),
        Err(_) => panic!("{}", TryCurrentError::thread_ending()),
    }
}

/// What a closure on the pool holds until its task is complete.
fn hold(shared: &Arc<Shared>) -> Held {
    Held::new(Inhibit::new(shared))
}

/// How folders that don't know what a runtime is find the calling thread's pool.
pub(super) const FINDER: Finder = Finder {
    pool: || with_current(|shared| (shared.pool.clone(), hold(shared))),
    is_open: || with_current(|shared| !shared.pool.is_closed()),
};

fn with_current<R>(f: impl FnOnce(&Arc<Shared>) -> R) -> Option<R> {
    with_entered(|shared| shared.map(f)).ok().flatten()
}

/// Fails unless the calling thread may run a runtime.
#[track_caller]
pub(super) fn assert_may_drive() {
    assert!(
        region::may_block(),
        "Cannot start a runtime from within a runtime. This happens because a function (like `block_on`) \
         attempted to block the current thread while the thread is being used to drive asynchronous tasks. \
         If you are in an async function, use `.await` on the future instead of blocking on it."
    );
}

/// The calling thread's entry into a runtime: see [`Handle::enter`].
#[must_use = "the runtime is left when the guard is dropped"]
pub struct EnterGuard<'a> {
    _inside: Inside,
    _handle: PhantomData<&'a Handle>,
}

/// An entry that insists on being left in order. It knows nothing of the guard's lifetime: so a runtime may be shut down, or
/// moved, while a guard that isn't used any longer is still to be dropped.
struct Inside(Entered);

// SAFETY: a shared reference to a guard offers nothing but to print it, which reads nothing of it.
unsafe impl Sync for EnterGuard<'_> {}

impl Drop for Inside {
    fn drop(&mut self) {
        assert!(
            self.0.is_innermost() || crate::shim::thread::panicking(),
            "`EnterGuard` values dropped out of order: guards of `Handle::enter()` must be dropped in the \
             reverse order of their making"
        );
    }
}

impl fmt::Debug for EnterGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}
