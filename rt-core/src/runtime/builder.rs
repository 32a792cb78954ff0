//! How a runtime is to be.

use std::fmt;
use std::io;
use std::num::NonZeroU64;
use std::time::Duration;

use super::handle::FINDER;
use super::{Handle, Id, LocalOptions, LocalRuntime, RngSeed, Runtime, UnhandledPanic};
use crate::base::fresh_seed;
use crate::base::thread_number;
use crate::blocking;
use crate::driver::{self, Clock, Driver};
use crate::sched::{Config, Entered, Flavor, Shared, Stopwatch, ThreadHooks};
use crate::shim::sync::Arc;
use crate::shim::thread;

mod accepted;
mod observers;

use observers::Observers;

/// Polls between two looks at the inject queue: often enough that what comes from outside doesn't wait long,
/// rarely enough that its cost doesn't show.
const INJECT_INTERVAL: u32 = 31;

/// Polls between two turns of the driver of a busy worker.
const EVENT_INTERVAL: u32 = 61;

/// Events taken from the system at once.
const IO_EVENTS: usize = 1024;

/// Builds a [`Runtime`].
///
/// # Examples
///
/// ```
/// let runtime = rt_core::runtime::Builder::new_multi_thread()
///     .worker_threads(2)
///     .thread_name("app")
///     .enable_all()
///     .build()?;
/// runtime.block_on(async {});
/// # std::io::Result::Ok(())
/// ```
pub struct Builder {
    flavor: Flavor,
    name: Option<String>,
    enable_io: bool,
    enable_time: bool,
    timers_fire_at_shutdown: bool,
    start_paused: bool,
    worker_threads: Option<usize>,
    max_blocking_threads: usize,
    thread_name: Arc<dyn Fn() -> String + Send + Sync>,
    thread_stack_size: Option<usize>,
    keep_alive: Duration,
    hooks: ThreadHooks,
    inject_interval: u32,
    event_interval: u32,
    io_events: usize,
    io_events_busy: Option<usize>,
    lifo_slot: bool,
    unhandled_panic: UnhandledPanic,
    seed: Option<RngSeed>,
    observers: Observers,
}

impl Builder {
    /// A runtime that runs all tasks on the thread which calls `block_on`.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn new_current_thread() -> Self {
        Self::new(Flavor::CurrentThread)
    }

    /// A runtime with worker threads of its own, which share the work.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    #[cfg(feature = "rt-multi-thread")]
    pub fn new_multi_thread() -> Self {
        Self::new(Flavor::MultiThread)
    }

    fn new(flavor: Flavor) -> Self {
        Self {
            flavor,
            name: None,
            enable_io: false,
            enable_time: false,
            timers_fire_at_shutdown: false,
            start_paused: false,
            worker_threads: None,
            max_blocking_threads: 512,
            thread_name: Arc::new(|| "tokio-rt-worker".into()),
            thread_stack_size: None,
            keep_alive: Duration::from_secs(10),
            hooks: ThreadHooks::default(),
            inject_interval: INJECT_INTERVAL,
            event_interval: EVENT_INTERVAL,
            io_events: IO_EVENTS,
            io_events_busy: None,
            lifo_slot: true,
            unhandled_panic: UnhandledPanic::Ignore,
            seed: None,
            observers: Observers::default(),
        }
    }

    /// Enables all drivers: I/O and time.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enable_all(&mut self) -> &mut Self {
        (self.enable_io, self.enable_time) = (true, true);
        self
    }

    /// Enables I/O: sockets and signals.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().enable_io().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enable_io(&mut self) -> &mut Self {
        self.enable_io = true;
        self
    }

    /// Enables timers.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().enable_time().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    #[cfg(feature = "time")]
    pub fn enable_time(&mut self) -> &mut Self {
        self.enable_time = true;
        self
    }

    /// The number of worker threads; by default what `TOKIO_WORKER_THREADS` says, or one for each processor.
    ///
    /// A current-thread runtime ignores it.
    ///
    /// # Panics
    ///
    /// When `threads` is 0.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().worker_threads(4).build()?;
    /// assert_eq!(runtime.metrics().num_workers(), 4);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn worker_threads(&mut self, threads: usize) -> &mut Self {
        assert!(threads > 0, "Worker threads cannot be set to 0");
        self.worker_threads = Some(threads);
        self
    }

    /// The most threads that `spawn_blocking` may use at once, 512 by default. More closures than that wait.
    ///
    /// # Panics
    ///
    /// When `threads` is 0.
    #[track_caller]
    pub fn max_blocking_threads(&mut self, threads: usize) -> &mut Self {
        assert!(threads > 0, "Max blocking threads cannot be set to 0");
        self.max_blocking_threads = threads;
        self
    }

    /// The name of the runtime's threads.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().thread_name("app").build()?;
    /// let name = runtime.spawn(async { std::thread::current().name().map(String::from) });
    /// assert_eq!(runtime.block_on(name).unwrap().as_deref(), Some("app"));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn thread_name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        self.thread_name_fn(move || name.clone())
    }

    /// What makes the name of each of the runtime's threads.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let runtime = rt_core::runtime::Builder::new_multi_thread()
    ///     .thread_name_fn(|| {
    ///         static NEXT: AtomicUsize = AtomicUsize::new(0);
    ///         format!("app-{}", NEXT.fetch_add(1, Ordering::Relaxed))
    ///     })
    ///     .build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn thread_name_fn<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.thread_name = Arc::new(f);
        self
    }

    /// The name of the runtime itself: see [`Handle::name`].
    ///
    /// # Panics
    ///
    /// When the name is blank.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_current_thread().name("io").build()?;
    /// assert_eq!(runtime.handle().name(), Some("io"));
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        assert!(!name.trim().is_empty(), "runtime name shouldn't be empty");
        self.name = Some(name);
        self
    }

    /// The size of the threads' stacks, in bytes; by default what the standard library takes.
    pub fn thread_stack_size(&mut self, bytes: usize) -> &mut Self {
        self.thread_stack_size = Some(bytes);
        self
    }

    /// How long a thread of the blocking pool stays without work, 10 seconds by default.
    pub fn thread_keep_alive(&mut self, duration: Duration) -> &mut Self {
        self.keep_alive = duration;
        self
    }

    /// Runs `f` on each of the runtime's threads when it starts.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread()
    ///     .on_thread_start(|| println!("a thread starts"))
    ///     .build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn on_thread_start<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.start = Some(Arc::new(f));
        self
    }

    /// Runs `f` on each of the runtime's threads before it ends.
    pub fn on_thread_stop<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.stop = Some(Arc::new(f));
        self
    }

    /// Runs `f` on a worker each time before it goes to sleep. It must be quick, and may spawn tasks.
    pub fn on_thread_park<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.park = Some(Arc::new(f));
        self
    }

    /// Runs `f` on a worker each time after it woke.
    pub fn on_thread_unpark<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.unpark = Some(Arc::new(f));
        self
    }

    /// After how many polls a worker that has tasks of its own looks for those from outside.
    ///
    /// # Panics
    ///
    /// When `polls` is 0.
    #[track_caller]
    pub fn global_queue_interval(&mut self, polls: u32) -> &mut Self {
        assert!(polls > 0, "global_queue_interval must be greater than 0");
        self.inject_interval = polls;
        self
    }

    /// After how many polls a busy worker looks for events: timers that are due, sockets that are ready.
    ///
    /// # Panics
    ///
    /// When `polls` is 0.
    #[track_caller]
    pub fn event_interval(&mut self, polls: u32) -> &mut Self {
        assert!(polls > 0, "event_interval must be greater than 0");
        self.event_interval = polls;
        self
    }

    /// The most events that a worker which has nothing else to do takes from the system at once, 1,024 by default.
    ///
    /// # Panics
    ///
    /// When `events` is 0.
    #[cfg(any(feature = "net", feature = "process", feature = "signal"))]
    #[track_caller]
    pub fn max_io_events_per_tick(&mut self, events: usize) -> &mut Self {
        assert!(events > 0, "max_io_events_per_tick must be non-zero");
        self.io_events = events;
        self
    }

    /// The most events that a worker takes while it has tasks to run; by default as many as
    /// [`max_io_events_per_tick`](Self::max_io_events_per_tick) says.
    ///
    /// # Panics
    ///
    /// When `events` is 0.
    #[cfg(any(feature = "net", feature = "process", feature = "signal"))]
    #[track_caller]
    pub fn max_io_events_per_busy_tick(&mut self, events: usize) -> &mut Self {
        assert!(events > 0, "max_io_events_per_busy_tick must be non-zero");
        self.io_events_busy = Some(events);
        self
    }

    /// Starts with the clock paused: see [`time::pause`](crate::time::pause). For current-thread runtimes.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let runtime = rt_core::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    /// // Nothing else is to be done, so the clock jumps.
    /// runtime.block_on(async { rt_core::time::sleep(Duration::from_secs(3600)).await });
    /// # std::io::Result::Ok(())
    /// ```
    #[cfg(feature = "test-util")]
    pub fn start_paused(&mut self, start_paused: bool) -> &mut Self {
        self.start_paused = start_paused;
        self
    }

    /// Turns the LIFO slot of multi-threaded runtimes off.
    ///
    /// The task that a worker woke last runs next as a rule, while what it is about is in the cache. Without the
    /// slot it goes to the back of the queue, where another worker may take it sooner.
    ///
    /// ```
    /// let runtime = rt_core::runtime::Builder::new_multi_thread().disable_lifo_slot().build()?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn disable_lifo_slot(&mut self) -> &mut Self {
        self.lifo_slot = false;
        self
    }

    /// What the runtime's random choices follow from: which branch a `select!` looks at first, and from whom a
    /// worker steals.
    ///
    /// On a current-thread runtime, the same seed makes for the same choices in the same program.
    ///
    /// ```
    /// use rt_core::runtime::{Builder, RngSeed};
    ///
    /// let choose = || {
    ///     let runtime = Builder::new_current_thread().rng_seed(RngSeed::from_bytes(b"a test")).build().unwrap();
    ///     runtime.block_on(async {
    ///         let mut chosen = Vec::new();
    ///         for _ in 0..50 {
    ///             rt_core::select! {
    ///                 _ = async {} => chosen.push(0),
    ///                 _ = async {} => chosen.push(1),
    ///             }
    ///         }
    ///         chosen
    ///     })
    /// };
    /// assert_eq!(choose(), choose());
    /// ```
    pub fn rng_seed(&mut self, seed: RngSeed) -> &mut Self {
        self.seed = Some(seed);
        self
    }

    /// What becomes of the runtime when a task panics. By default it goes on, and the task's
    /// [`JoinHandle`](crate::task::JoinHandle) returns the panic.
    ///
    /// ```should_panic
    /// use rt_core::runtime::{Builder, UnhandledPanic};
    ///
    /// let runtime = Builder::new_current_thread().unhandled_panic(UnhandledPanic::ShutdownRuntime).build().unwrap();
    /// runtime.block_on(async {
    ///     rt_core::spawn(async { panic!("boom") });
    ///     std::future::pending::<()>().await
    /// });
    /// ```
    pub fn unhandled_panic(&mut self, behavior: UnhandledPanic) -> &mut Self {
        self.unhandled_panic = behavior;
        self
    }

    /// Builds the runtime.
    ///
    /// # Errors
    ///
    /// When the system has no thread or no event queue to give.
    pub fn build(&mut self) -> io::Result<Runtime> {
        self.build_at(None)
    }

    /// Builds a runtime whose tasks stay on the calling thread: see [`LocalRuntime`].
    ///
    /// # Errors
    ///
    /// When the system has no event queue to give.
    ///
    /// # Panics
    ///
    /// When it was to be a multi-threaded runtime.
    ///
    /// ```
    /// use rt_core::runtime::{Builder, LocalOptions};
    ///
    /// let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    /// let five = runtime.block_on(async { rt_core::task::spawn_local(async { 5 }).await.unwrap() });
    /// assert_eq!(five, 5);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn build_local(&mut self, _options: LocalOptions) -> io::Result<LocalRuntime> {
        assert!(self.flavor == Flavor::CurrentThread, "multi_thread is not supported for LocalRuntime");
        self.build_at(Some(thread_number())).map(LocalRuntime::from_runtime)
    }

    /// Builds a runtime that is local to a thread, or to none.
    fn build_at(&self, local_to: Option<usize>) -> io::Result<Runtime> {
        let id = Id::next().number();
        let workers = match self.flavor {
            Flavor::CurrentThread => 1,
            Flavor::MultiThread => self.workers(),
        };
        let drivers = self.drivers(id, workers)?;
        let pool = self.pool();
        let shared = Shared::new(self.config(id, workers, local_to), drivers, pool);
        let for_threads = Arc::downgrade(&shared);
        shared.pool.set_enter(move || match for_threads.upgrade() {
            Some(shared) => Box::new(Entered::new(&shared)),
            // The runtime has gone meanwhile: what is left in the pool has nothing to enter.
            None => Box::new(()),
        });
        blocking::set_finder(FINDER);
        if self.flavor == Flavor::MultiThread {
            shared.start()?;
        }
        Ok(Runtime::from_handle(Handle::new(shared)))
    }

    fn workers(&self) -> usize {
        self.worker_threads.unwrap_or_else(|| {
            from_environment().unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
        })
    }

    fn drivers(&self, id: NonZeroU64, workers: usize) -> io::Result<Vec<Arc<Driver>>> {
        let can_pause = self.flavor == Flavor::CurrentThread;
        assert!(can_pause || !self.start_paused, "the clock can be paused only on a current-thread runtime");
        let config = driver::Config {
            io: self.enable_io,
            time: self.enable_time,
            fires_at_shutdown: self.timers_fire_at_shutdown,
            io_events_per_turn: self.io_events,
            io_events_per_busy_turn: self.io_events_busy.unwrap_or(self.io_events),
            clock: Arc::new(Clock::new(can_pause, self.start_paused)),
            runtime: id.get(),
        };
        (0..workers).map(|_| Driver::new(&config)).collect()
    }

    fn pool(&self) -> Arc<blocking::Pool> {
        blocking::Pool::new(blocking::Config {
            cap: self.max_blocking_threads,
            keep_alive: self.keep_alive,
            thread_name: self.thread_name.clone(),
            stack_size: self.thread_stack_size,
            on_start: self.hooks.start.clone(),
            on_stop: self.hooks.stop.clone(),
        })
    }

    fn config(&self, id: NonZeroU64, workers: usize, local_to: Option<usize>) -> Config {
        Config {
            id,
            name: self.name.clone(),
            flavor: self.flavor,
            local_to,
            workers,
            event_interval: self.event_interval,
            inject_interval: self.inject_interval,
            // Without other workers, tasks run in the order in which they became ready.
            lifo_slot: self.lifo_slot && self.flavor == Flavor::MultiThread,
            thread_name: self.thread_name.clone(),
            thread_stack_size: self.thread_stack_size,
            keep_alive: self.keep_alive,
            hooks: self.hooks.clone(),
            task_hooks: self.observers.hooks.clone(),
            poll_times: self.observers.poll_times(),
            latencies: self.observers.latencies(),
            stamps: self.observers.stamps(),
            observed: self.observers.look_at_polls(),
            fails_on_panic: matches!(self.unhandled_panic, UnhandledPanic::ShutdownRuntime),
            epoch: Stopwatch::start(),
            seed: self.seed.as_ref().map_or_else(fresh_seed, RngSeed::number),
            seeded: self.seed.is_some(),
        }
    }
}

/// What `TOKIO_WORKER_THREADS` says.
///
/// # Panics
///
/// When it isn't a number above 0.
fn from_environment() -> Option<usize> {
    let value = match std::env::var("TOKIO_WORKER_THREADS") {
        Ok(value) => value,
        Err(std::env::VarError::NotPresent) => return None,
        Err(error @ std::env::VarError::NotUnicode(_)) => {
            panic!("\"TOKIO_WORKER_THREADS\" must be valid unicode, error: {error}")
        }
    };
    match value.parse() {
        Ok(0) => panic!("\"TOKIO_WORKER_THREADS\" cannot be set to 0"),
        Ok(workers) => Some(workers),
        Err(error) => panic!("\"TOKIO_WORKER_THREADS\" must be usize, error: {error}, value: {value}"),
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("flavor", &self.flavor)
            .field("name", &self.name)
            .field("worker_threads", &self.worker_threads)
            .field("max_blocking_threads", &self.max_blocking_threads)
            .field("thread_stack_size", &self.thread_stack_size)
            .field("keep_alive", &self.keep_alive)
            .field("hooks", &self.hooks)
            .finish_non_exhaustive()
    }
}
