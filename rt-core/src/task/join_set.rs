//! Sets of tasks that are joined in the order in which they end.
#![forbid(unsafe_code)]

mod builder;

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::task::{Context, Poll, ready};

use super::{AbortHandle, Id, JoinError, JoinHandle, LocalSet, spawn, spawn_blocking, spawn_local};
use crate::base::ReadySet;
use crate::coop::poll_proceed;
use crate::runtime::Handle;

pub use builder::Builder;

/// A set of tasks, all with the same type of output.
///
/// The tasks run on their own, whether or not they are awaited. [`join_next`](Self::join_next) gives the output of
/// the one that ended first among those that weren't taken yet. Ending costs the same however many tasks there
/// are, and waiting looks at no task that runs.
///
/// Dropping the set aborts all tasks in it. [`detach_all`](Self::detach_all) lets them go on instead.
///
/// As long as a task is in the set, no other task gets its [`Id`].
///
/// # Examples
///
/// ```
/// use rt_core::task::JoinSet;
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let mut set: JoinSet<u32> = (1..=10).map(|n| async move { n * n }).collect();
/// let mut sum = 0;
/// while let Some(square) = set.join_next().await {
///     sum += square.unwrap();
/// }
/// assert_eq!(sum, 385);
/// # });
/// ```
#[must_use = "the tasks are aborted when the set is dropped"]
pub struct JoinSet<T> {
    tasks: ReadySet<JoinHandle<T>>,
}

impl<T> JoinSet<T> {
    /// An empty set.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = rt_core::task::JoinSet::<()>::new();
    /// assert!(set.is_empty());
    /// ```
    pub fn new() -> Self {
        Self { tasks: ReadySet::new() }
    }

    /// How many tasks are in the set, those that ended and weren't taken included.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn(async {});
    /// set.spawn(async {});
    /// assert_eq!(set.len(), 2);
    /// # });
    /// ```
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether no task is in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn(async {});
    /// assert!(!set.is_empty());
    /// set.join_next().await;
    /// assert!(set.is_empty());
    /// # });
    /// ```
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Says more about a task before it is spawned on this set.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.build_task().name("fetch").spawn(async { 5 })?;
    /// assert_eq!(set.join_next().await.unwrap().unwrap(), 5);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder::new(self)
    }

    /// Spawns a task on the calling thread's runtime, and puts it into the set.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// let forever = set.spawn(std::future::pending());
    /// set.spawn(async { 1 });
    /// assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
    /// forever.abort();
    /// assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(spawn(task))
    }

    /// Spawns a task on a runtime, and puts it into the set.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::runtime::Runtime;
    ///
    /// let runtime = Runtime::new()?;
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn_on(async { 5 }, runtime.handle());
    /// let five = runtime.block_on(set.join_next()).unwrap();
    /// assert_eq!(five.unwrap(), 5);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(task))
    }

    /// Spawns a task that stays on this thread, and puts it into the set: see
    /// [`spawn_local`](super::spawn_local()).
    ///
    /// # Panics
    ///
    /// When the thread has entered no [`LocalSet`], and no local runtime of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::LocalRuntime::new().unwrap().block_on(async {
    /// let five = std::rc::Rc::new(5);
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn_local(async move { *five });
    /// assert_eq!(set.join_all().await, [5]);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(spawn_local(task))
    }

    /// Spawns a task on a [`LocalSet`], and puts it into this set. It runs when the `LocalSet` is polled.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let local = rt_core::task::LocalSet::new();
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn_local_on(async { 5 }, &local);
    /// assert_eq!(local.run_until(set.join_all()).await, [5]);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(local_set.spawn_local(task))
    }

    /// Runs a closure that may block on a thread of the runtime's, and puts its task into the set.
    ///
    /// A closure that has begun can't be aborted: see [`spawn_blocking`].
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime, or when the system gives no thread and there is none yet.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// for n in 1..=3_u64 {
    ///     set.spawn_blocking(move || (1..=n * 1_000).sum::<u64>());
    /// }
    /// assert_eq!(set.join_all().await.iter().sum::<u64>(), 500_500 + 2_001_000 + 4_501_500);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(spawn_blocking(f))
    }

    /// As [`spawn_blocking`](Self::spawn_blocking), on a given runtime.
    ///
    /// # Panics
    ///
    /// When the system gives no thread and there is none yet.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(f))
    }

    fn insert(&mut self, task: JoinHandle<T>) -> AbortHandle {
        let abort = task.abort_handle();
        self.tasks.insert(task, |task, waker| task.when_complete(waker));
        abort
    }

    /// Waits until a task ends, takes it out of the set, and gives its output; `None` when the set is empty.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no task has left the set.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// assert!(set.join_next().await.is_none());
    /// set.spawn(async { 5 });
    /// assert_eq!(set.join_next().await.unwrap().unwrap(), 5);
    /// # });
    /// ```
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// As [`join_next`](Self::join_next), and tells which task it was. For one that failed, the error tells.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no task has left the set.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// let task = set.spawn(async { 5 });
    /// let (id, five) = set.join_next_with_id().await.unwrap().unwrap();
    /// assert_eq!((id, five), (task.id(), 5));
    /// # });
    /// ```
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// Takes a task that has ended out of the set, and gives its output; `None` when there is none.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn(async { 5 });
    /// assert!(set.try_join_next().is_none());
    /// rt_core::task::yield_now().await;
    /// assert_eq!(set.try_join_next().unwrap().unwrap(), 5);
    /// # });
    /// ```
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.tasks.try_next().map(output)
    }

    /// As [`try_join_next`](Self::try_join_next), and tells which task it was.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.tasks.try_next().map(output_with_id)
    }

    /// Aborts all tasks and waits until they have ended. Their outputs are dropped, as are their panics.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it leaves tasks that were aborted, and haven't ended yet, in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn(std::future::pending::<()>());
    /// set.shutdown().await;
    /// assert!(set.is_empty());
    /// # });
    /// ```
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Waits for all tasks, and gives their outputs in the order in which the tasks ended.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it drops the set, which aborts what hasn't ended.
    ///
    /// # Panics
    ///
    /// When a task panicked, with the same payload, or was cancelled. The other tasks are aborted then.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let set: rt_core::task::JoinSet<_> = (0..3).map(|n| async move { n }).collect();
    /// let mut outputs = set.join_all().await;
    /// outputs.sort();
    /// assert_eq!(outputs, [0, 1, 2]);
    /// # });
    /// ```
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(result) = self.join_next().await {
            match result.map_err(JoinError::try_into_panic) {
                Ok(output) => outputs.push(output),
                Err(Ok(payload)) => resume_unwind(payload),
                Err(Err(error)) => panic!("{error}"),
            }
        }
        outputs
    }

    /// Asks all tasks to stop. They stay in the set until they are joined.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn(std::future::pending::<()>());
    /// set.abort_all();
    /// assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn abort_all(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }

    /// Takes all tasks out of the set and lets them go on by themselves. What has ended is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = rt_core::sync::oneshot::channel();
    /// let mut set = rt_core::task::JoinSet::new();
    /// set.spawn(async { sender.send("still here").unwrap() });
    /// set.detach_all();
    /// assert!(set.is_empty());
    /// assert_eq!(receiver.await, Ok("still here"));
    /// # });
    /// ```
    pub fn detach_all(&mut self) {
        self.tasks.clear();
    }

    /// Takes a task that has ended out of the set, or has the caller woken when one has.
    ///
    /// - `Ready(Some(_))`: a task has left the set.
    /// - `Ready(None)`: the set is empty.
    /// - `Pending`: no task has ended, or the caller's [budget](super::coop) is spent. Of several callers that were
    ///   told so, the last is woken.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_ended(cx).map(|task| task.map(output))
    }

    /// As [`poll_join_next`](Self::poll_join_next), and tells which task it was.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        self.poll_ended(cx).map(|task| task.map(output_with_id))
    }

    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<Option<JoinHandle<T>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let coop = ready!(poll_proceed(cx));
        let task = ready!(self.tasks.poll_next(cx));
        coop.made_progress();
        Poll::Ready(Some(task))
    }
}

fn output<T>(mut task: JoinHandle<T>) -> Result<T, JoinError> {
    task.take().expect("a task tells when it is complete")
}

fn output_with_id<T>(task: JoinHandle<T>) -> Result<(Id, T), JoinError> {
    let id = task.id();
    output(task).map(|output| (id, output))
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Spawns each future on the calling thread's runtime.
///
/// # Panics
///
/// When the thread has entered no runtime.
impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(iter: I) -> Self {
        let mut set = Self::new();
        set.extend(iter);
        set
    }
}

/// Spawns each future on the calling thread's runtime.
///
/// # Panics
///
/// When the thread has entered no runtime.
impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn extend<I: IntoIterator<Item = F>>(&mut self, iter: I) {
        for future in iter {
            self.spawn(future);
        }
    }
}
