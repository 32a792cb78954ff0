//! The runtime itself, as its owner has it.

use std::future::Future;
use std::io;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::time::Duration;

use super::handle::assert_may_drive;
use super::{EnterGuard, Handle, RuntimeMetrics};
use crate::base::trace;
use crate::cell::{self, JoinHandle};
use crate::coop::region;
use crate::sched::Flavor;

/// Which scheduler a runtime has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// All tasks run on the thread that calls `block_on`.
    CurrentThread,
    /// Tasks run on worker threads that share the work.
    MultiThread,
}

/// A runtime: scheduler, timers, I/O and a pool of threads for what blocks.
///
/// # Shutdown
///
/// Dropping a runtime ends it: each task runs until it next waits, and is dropped there; tasks that are
/// queued are dropped without a poll. The drop waits for the workers, and for closures of
/// [`spawn_blocking`](Self::spawn_blocking) that have begun, or that a thread is on its way to; the others never run.
/// [`shutdown_timeout`](Self::shutdown_timeout) and [`shutdown_background`](Self::shutdown_background) wait
/// for less. Where a thread must not wait, in a task of this or another runtime, the drop doesn't wait either.
///
/// # Examples
///
/// ```
/// let runtime = rt_core::runtime::Runtime::new()?;
/// let answer = runtime.block_on(async {
///     rt_core::spawn(async { 42 }).await.unwrap()
/// });
/// assert_eq!(answer, 42);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
}

impl Runtime {
    pub(super) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    /// A multi-threaded runtime with a worker for each processor, I/O and timers enabled.
    ///
    /// # Errors
    ///
    /// When the system has no thread or no event queue to give.
    #[cfg(feature = "rt-multi-thread")]
    pub fn new() -> io::Result<Self> {
        super::Builder::new_multi_thread().enable_all().build()
    }

    /// A reference to the runtime, to be cloned and kept anywhere.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// See [`Handle::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// See [`Handle::spawn`].
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// See [`Handle::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(f)
    }

    /// Runs a future to its end on the calling thread.
    ///
    /// On a current-thread runtime this is what runs the tasks, too. Several threads may call it at once:
    /// one of them runs the tasks, and when its future is ready, another takes over.
    ///
    /// The future is no task: on a multi-threaded runtime it stays on this thread, beside the workers.
    ///
    /// # Panics
    ///
    /// When the calling thread drives a runtime already, or the future panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// assert_eq!(runtime.block_on(async { 2 * 2 }), 4);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        if self.handle.shared().config.flavor == Flavor::MultiThread {
            return self.handle.block_on(future);
        }
        assert_may_drive();
        let (location, id) = (Location::caller(), || cell::Id::next().number());
        if cell::is_large::<F>() {
            let future = trace::main_boxed(id, location, Box::pin(future));
            return self.handle.shared().block_on_seated(future);
        }
        self.handle.shared().block_on_seated(trace::main_future(id, location, future))
    }

    /// Shuts the runtime down, and waits for at most `duration`.
    ///
    /// What hasn't ended by then, a task that blocks its worker or a blocking closure, keeps its thread, and
    /// goes on until it ends by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// runtime.spawn_blocking(|| std::thread::sleep(Duration::from_secs(1)));
    /// runtime.shutdown_timeout(Duration::from_millis(10));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn shutdown_timeout(self, duration: Duration) {
        self.shut_down(Some(duration));
        // Its drop would wait once more, but nothing of it must be left.
        let this = ManuallyDrop::new(self);
        // SAFETY: read once, and never dropped where it was.
        drop(unsafe { std::ptr::read(&this.handle) });
    }

    /// Shuts the runtime down without waiting for anything. May be called in a task.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// runtime.block_on(async {
    ///     let inner = rt_core::runtime::Runtime::new().unwrap();
    ///     inner.shutdown_background();
    /// });
    /// # std::io::Result::Ok(())
    /// ```
    pub fn shutdown_background(self) {
        self.shutdown_timeout(Duration::ZERO);
    }

    /// See [`Handle::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }

    /// Ends everything, waiting at most for `limit`. Called once.
    fn shut_down(&self, limit: Option<Duration>) {
        let shared = self.handle.shared();
        // A thread that drives a runtime can't wait here for what it may itself have to bring about.
        let limit = if region::may_block() { limit } else { Some(Duration::ZERO) };
        match shared.config.flavor {
            Flavor::CurrentThread => shared.close_seated(),
            Flavor::MultiThread => shared.close(),
        }
        let left = shared.threads.wait(limit);
        shared.pool.shutdown(left);
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.shut_down(None);
    }
}
