//! The pool, as a runtime sees it.

use std::any::Any;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
// std: a trait object and a receiver, neither of which loom's can be; what is modelled is the roster.
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::roster::{Recruit, Roster, ThreadKey};
use super::{task, thread};
use crate::base::gone;
use crate::cell::JoinHandle;
use crate::shim::thread::{Builder, JoinHandle as JoinHandleOfThread};

/// Code of the user's that a thread runs when it starts or stops.
pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;
/// Makes the name of a thread.
pub(crate) type ThreadName = Arc<dyn Fn() -> String + Send + Sync>;
/// What a thread holds from its start to its end.
type Enter = Box<dyn Fn() -> Box<dyn Any> + Send + Sync>;

/// How a pool starts its threads, and how many.
pub(crate) struct Config {
    /// Threads at a time.
    pub(crate) cap: usize,
    /// How long a thread sleeps before it goes.
    pub(crate) keep_alive: Duration,
    pub(crate) thread_name: ThreadName,
    /// Bytes; the system's default when `None`.
    pub(crate) stack_size: Option<usize>,
    pub(crate) on_start: Option<Hook>,
    pub(crate) on_stop: Option<Hook>,
}

/// The threads on which blocking closures run.
pub(crate) struct Pool {
    pub(super) roster: Roster,
    pub(super) config: Config,
    pub(super) enter: OnceLock<Enter>,
}

impl Pool {
    pub(crate) fn new(config: Config) -> Arc<Self> {
        Arc::new(Self { roster: Roster::new(config.cap), config, enter: OnceLock::new() })
    }

    /// Says what each thread holds while it lives: the runtime's context. Once, before the first closure.
    pub(crate) fn set_enter(&self, enter: impl Fn() -> Box<dyn Any> + Send + Sync + 'static) {
        let first = self.enter.set(Box::new(enter)).is_ok();
        debug_assert!(first, "the context of a pool is set once");
    }

    /// Runs a closure on a thread of the pool. Cancelled at once when the pool is shut down.
    ///
    /// # Panics
    ///
    /// When the pool has no thread, and the system refuses to start one.
    #[track_caller]
    pub(crate) fn spawn<F, R>(self: &Arc<Self>, f: F, location: &'static Location<'static>) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        match self.try_spawn(f, location) {
            Ok(join) => join,
            Err(error) => panic!("OS can't spawn worker thread: {error}"),
        }
    }

    /// As [`spawn`](Self::spawn), with an error where that panics.
    pub(crate) fn try_spawn<F, R>(
        self: &Arc<Self>,
        f: F,
        location: &'static Location<'static>,
    ) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let (task, join) = task::new(f, location);
        match self.roster.submit(task, false) {
            Ok(recruit) => self.follow(recruit)?,
            Err(task) => task.cancel(),
        }
        Ok(join)
    }

    /// As [`spawn`](Self::spawn), for what a shutdown must not cancel once it is accepted, as the rest of a
    /// write. An error when the pool is shut down, and where `spawn` panics.
    pub(crate) fn spawn_mandatory<F, R>(
        self: &Arc<Self>,
        f: F,
        location: &'static Location<'static>,
    ) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let (task, join) = task::new(f, location);
        match self.roster.submit(task, true) {
            Ok(recruit) => self.follow(recruit).map(|()| join),
            Err(task) => {
                task.cancel();
                Err(gone())
            }
        }
    }

    /// Whether the pool takes no more closures, to the best of one's knowledge.
    pub(crate) fn is_closed(&self) -> bool {
        self.roster.is_closed()
    }

    /// Wakes or starts the thread that was recruited. An error when nobody is left to run what is queued,
    /// which has been cancelled then.
    pub(super) fn follow(self: &Arc<Self>, recruit: Recruit) -> io::Result<()> {
        match recruit {
            Recruit::Nobody => Ok(()),
            Recruit::Idle(parker) => {
                parker.unpark();
                Ok(())
            }
            Recruit::New(key) => match self.start(key) {
                Ok(handle) => {
                    self.roster.started(key, handle);
                    Ok(())
                }
                // With other threads, the queue waits for them.
                Err(error) => self.roster.start_failed().map_or(Ok(()), |orphans| {
                    drop(orphans);
                    Err(error)
                }),
            },
        }
    }

    fn start(self: &Arc<Self>, key: ThreadKey) -> io::Result<JoinHandleOfThread<()>> {
        // The name is the user's code; the thread that is counted on must not be lost by its panic.
        let name = catch_unwind(AssertUnwindSafe(|| (self.config.thread_name)()))
            .map_err(|_| io::Error::other("the function that names threads panicked"))?;
        let mut builder = Builder::new().name(name);
        if let Some(bytes) = self.config.stack_size {
            builder = builder.stack_size(bytes);
        }
        let pool = self.clone();
        builder.spawn(move || thread::main(&pool, key))
    }

    /// Shuts the pool down: closures that no thread is on its way to are cancelled, the others are waited for, at
    /// most for `timeout` (for ever when `None`, not at all when zero). True when all threads are gone.
    ///
    /// A thread of the pool that calls this doesn't wait for itself.
    pub(crate) fn shutdown(&self, timeout: Option<Duration>) -> bool {
        // Too far off means for ever.
        // std: the real time, on which the closures run, rather than the runtime's.
        let deadline = timeout.map(|timeout| Instant::now().checked_add(timeout));
        drop(self.roster.close());
        if timeout == Some(Duration::ZERO) {
            return false;
        }
        let own = thread::is_own(&self.roster);
        match self.roster.wait_gone(usize::from(own), deadline.flatten()) {
            Some(handles) if !own => {
                for handle in handles.into_values() {
                    // The threads are past their last line; a panic there was reported by the panic hook.
                    let _ = handle.join();
                }
                true
            }
            other => other.is_some(),
        }
    }

    /// Threads that exist.
    pub(crate) fn num_threads(&self) -> usize {
        self.roster.threads().0
    }

    /// Threads that sleep.
    pub(crate) fn num_idle_threads(&self) -> usize {
        self.roster.threads().1
    }

    /// Closures that wait for a thread.
    pub(crate) fn queue_depth(&self) -> usize {
        self.roster.depth()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("cap", &self.config.cap).finish_non_exhaustive()
    }
}
