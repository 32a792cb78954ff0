//! A runtime whose tasks stay on its thread.

use std::fmt;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use super::{Builder, EnterGuard, Handle, LocalOptions, Runtime, RuntimeMetrics};
use crate::base::thread_number;
use crate::base::trace;
use crate::cell::{self, Id, JoinHandle};
use crate::sched::{Shared, with_entered};
use crate::shim::sync::Arc;

/// A runtime that stays on the thread where it was built, as do its tasks: their futures needn't be `Send`.
///
/// It is a current-thread runtime otherwise. [`spawn_local`](crate::task::spawn_local) spawns on it, from its tasks
/// and wherever it was entered on its thread. Its [`Handle`] may go to other threads, which can spawn futures that
/// are `Send` through it.
///
/// A [`LocalSet`](crate::task::LocalSet) isn't needed here.
///
/// # Shutdown
///
/// As [`Runtime`]'s.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use rt_core::runtime::LocalRuntime;
///
/// let runtime = LocalRuntime::new()?;
/// let five = Rc::new(5);
/// let task = runtime.spawn_local(async move { *five });
/// assert_eq!(runtime.block_on(task).unwrap(), 5);
/// # std::io::Result::Ok(())
/// ```
pub struct LocalRuntime {
    runtime: Runtime,
    _not_send: PhantomData<*const ()>,
}

// A panic in a task is the task's, and one in `block_on` leaves the runtime as it was.
impl UnwindSafe for LocalRuntime {}
impl RefUnwindSafe for LocalRuntime {}

impl LocalRuntime {
    /// A local runtime with I/O and timers enabled.
    ///
    /// # Errors
    ///
    /// When the system has no event queue to give.
    pub fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
    }

    pub(super) fn from_runtime(runtime: Runtime) -> Self {
        Self { runtime, _not_send: PhantomData }
    }

    /// A reference to the runtime, to be cloned and kept anywhere.
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Spawns a task on the runtime.
    ///
    /// It runs while some thread is in [`block_on`](Self::block_on), whether or not the [`JoinHandle`] is awaited.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        // SAFETY: this is the runtime's thread, which a `LocalRuntime` never leaves.
        unsafe { spawn_on(self.runtime.handle().shared(), future, Location::caller()) }
    }

    /// See [`Handle::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.runtime.spawn_blocking(f)
    }

    /// Runs a future to its end, and the tasks meanwhile: see [`Runtime::block_on`].
    ///
    /// # Panics
    ///
    /// When the calling thread drives a runtime already, or the future panics.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// See [`Handle::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// See [`Runtime::shutdown_timeout`].
    pub fn shutdown_timeout(self, duration: Duration) {
        self.runtime.shutdown_timeout(duration);
    }

    /// See [`Runtime::shutdown_background`].
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }

    /// See [`Handle::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.runtime.metrics()
    }
}

impl fmt::Debug for LocalRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRuntime").field("runtime", &self.runtime).finish()
    }
}

/// Spawns a task on the runtime that the calling thread has entered; `None` when it has entered no local one.
///
/// # Panics
///
/// When the runtime is local to another thread.
#[track_caller]
pub(crate) fn spawn_local_at<F>(
    future: F,
    location: &'static Location<'static>,
) -> Option<JoinHandle<F::Output>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawn = |shared: Option<&Arc<Shared>>| {
        let shared = shared.filter(|shared| shared.config.local_to.is_some())?;
        if shared.config.local_to != Some(thread_number()) {
            return Some(None);
        }
        // SAFETY: this is the runtime's thread.
        Some(Some(unsafe { spawn_on(shared, future, location) }))
    };
    let spawned = with_entered(spawn).ok().flatten()?;
    assert!(
        spawned.is_some(),
        "Local tasks can only be spawned on a LocalRuntime from the thread the runtime was created on"
    );
    spawned
}

/// # Safety
///
/// The runtime is local to the calling thread.
unsafe fn spawn_on<F>(
    shared: &Arc<Shared>,
    future: F,
    location: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    // SAFETY: a local runtime polls its tasks where `block_on` is called, and drops them there or where the
    // runtime itself is dropped: both on its own thread, as the caller says.
    unsafe {
        trace::note_local();
        if cell::is_large::<F>() {
            return shared.spawn(cell::boxed(future), Id::next(), location);
        }
        shared.spawn(future, Id::next(), location)
    }
}
