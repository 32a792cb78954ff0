//! Threads for futures that aren't `Send`.

use std::fmt;
use std::future::{Future, pending};
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe, resume_unwind};
use std::sync::{Arc, mpsc};
use std::thread;

use rt_core::runtime::{Builder, Handle, LocalOptions};
use rt_core::sync::oneshot;
use rt_core::task::{JoinError, JoinHandle, spawn_local};

use super::AbortOnDropHandle;

/// A handle to a pool of threads, each with a runtime of its own, for futures that aren't `Send`.
///
/// A task stays on the thread on which it began. What it needs is made by a closure that is sent there: only that, and what the task
/// returns, have to be `Send`. On each thread, tasks may [`spawn_local`](rt_core::task::spawn_local()) others.
///
/// Clones share the pool. When the last one is dropped the threads end, and drop what still runs on them: hold one for as long as
/// there's something to wait for.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use rt_util::task::LocalPoolHandle;
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let pool = LocalPoolHandle::new(2);
/// let task = pool.spawn_pinned(|| async {
///     let not_send = Rc::new(5);
///     rt_core::task::yield_now().await;
///     *not_send
/// });
/// assert_eq!(task.await.unwrap(), 5);
/// # });
/// ```
#[derive(Clone)]
pub struct LocalPoolHandle {
    workers: Arc<[Worker]>,
}

struct Worker {
    runtime: Handle,
    /// A clone is with each task.
    load: Arc<()>,
    /// The thread ends when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl LocalPoolHandle {
    /// Starts so many threads.
    ///
    /// # Panics
    ///
    /// When `pool_size` is 0, and when the system gives no thread or no runtime.
    #[track_caller]
    pub fn new(pool_size: usize) -> Self {
        assert!(pool_size > 0);
        let workers: io::Result<_> = (0..pool_size).map(Worker::start).collect();
        Self { workers: workers.expect("each thread of the pool starts") }
    }

    /// How many threads there are.
    pub fn num_threads(&self) -> usize {
        self.workers.len()
    }

    /// How many tasks each thread has, those included that haven't begun.
    pub fn get_task_loads_for_each_worker(&self) -> Vec<usize> {
        self.workers.iter().map(Worker::load).collect()
    }

    /// Spawns a task on the thread with the fewest tasks. There, the closure makes the future, and the future runs.
    ///
    /// A panic of either is the task's. Aborting the task drops the future, on its thread, soon after.
    ///
    /// # Examples
    ///
    /// See [`LocalPoolHandle`].
    pub fn spawn_pinned<F, Fut>(&self, create_task: F) -> JoinHandle<Fut::Output>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static,
    {
        let least = self.workers.iter().min_by_key(|worker| worker.load());
        least.expect("a pool has a thread").spawn(create_task)
    }

    /// As [`spawn_pinned`](Self::spawn_pinned), on the thread with this index.
    ///
    /// # Panics
    ///
    /// When the index isn't below [`num_threads`](Self::num_threads).
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let pool = rt_util::task::LocalPoolHandle::new(2);
    /// let first = pool.spawn_pinned_by_idx(|| async { std::thread::current().id() }, 0).await;
    /// let again = pool.spawn_pinned_by_idx(|| async { std::thread::current().id() }, 0).await;
    /// assert_eq!(first.unwrap(), again.unwrap());
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_pinned_by_idx<F, Fut>(&self, create_task: F, idx: usize) -> JoinHandle<Fut::Output>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static,
    {
        let threads = self.num_threads();
        assert!(idx < threads, "there is no thread {idx} in a pool of {threads}");
        self.workers[idx].spawn(create_task)
    }
}

impl Worker {
    fn start(index: usize) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (sender, started) = mpsc::sync_channel(1);
        thread::Builder::new().name(format!("rt-local-pool-{index}")).spawn(move || {
            // A local runtime is made by the thread that runs it.
            match Builder::new_current_thread().enable_all().build_local(LocalOptions::default()) {
                Ok(runtime) => {
                    // Who waits for it is in `start`.
                    let _ = sender.send(Ok(runtime.handle().clone()));
                    // Nothing is ever sent: the other end is dropped.
                    let _ = runtime.block_on(stopped);
                }
                Err(error) => drop(sender.send(Err(error))),
            }
        })?;
        let runtime = started.recv().map_err(io::Error::other)??;
        Ok(Self { runtime, load: Arc::new(()), _stop: stop })
    }

    fn load(&self) -> usize {
        Arc::strong_count(&self.load) - 1
    }

    fn spawn<F, Fut>(&self, create_task: F) -> JoinHandle<Fut::Output>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static,
    {
        let load = self.load.clone();
        // Two tasks: one that may be sent to the thread, and there the one that may not.
        self.runtime.spawn(async move {
            let task = spawn_local(async move {
                let _load = load;
                create_task().await
            });
            match AbortOnDropHandle::new(task).await.map_err(JoinError::try_into_panic) {
                Ok(output) => output,
                Err(Ok(payload)) => resume_unwind(payload),
                // Only the end of the runtime cancels it, and that cancels this one, too.
                Err(Err(_)) => pending().await,
            }
        })
    }
}

// No code that isn't ours runs on what is in here.
impl UnwindSafe for LocalPoolHandle {}
impl RefUnwindSafe for LocalPoolHandle {}

impl fmt::Debug for LocalPoolHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPoolHandle").field("threads", &self.num_threads()).finish_non_exhaustive()
    }
}
