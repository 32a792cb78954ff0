//! Tasks that are joined in the order in which they were spawned.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use rt_core::runtime::Handle;
use rt_core::task::{
    AbortHandle, Id, JoinError, JoinHandle, coop::unconstrained, spawn, spawn_blocking, spawn_local,
};

use super::AbortOnDropHandle;

/// A queue of tasks, all with the same type of output.
///
/// The tasks run on their own, side by side. [`join_next`](Self::join_next) gives the output of the one that was spawned first
/// among those that weren't taken yet, and waits for it though later ones have ended. For outputs in the order of their
/// coming there's [`JoinSet`](rt_core::task::JoinSet).
///
/// Dropping the queue aborts all tasks in it. [`detach_all`](Self::detach_all) lets them go on instead.
///
/// # Examples
///
/// ```
/// use rt_util::task::JoinQueue;
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let mut squares: JoinQueue<u32> = (1..=10).map(|n| async move { n * n }).collect();
/// for n in 1..=10 {
///     assert_eq!(squares.join_next().await.unwrap().unwrap(), n * n);
/// }
/// assert!(squares.join_next().await.is_none());
/// # });
/// ```
#[must_use = "the tasks are aborted when the queue is dropped"]
pub struct JoinQueue<T> {
    tasks: VecDeque<AbortOnDropHandle<T>>,
}

impl<T> JoinQueue<T> {
    /// An empty queue.
    pub const fn new() -> Self {
        Self { tasks: VecDeque::new() }
    }

    /// An empty queue with room for so many tasks.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { tasks: VecDeque::with_capacity(capacity) }
    }

    /// How many tasks are in the queue, those that ended and weren't taken included.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether no task is in the queue.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Spawns a task on the calling thread's runtime, at the end of the queue.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        self.push(spawn(task))
    }

    /// Spawns a task on a runtime, at the end of the queue.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        self.push(handle.spawn(task))
    }

    /// Spawns a task that stays on this thread, at the end of the queue: see
    /// [`spawn_local`](rt_core::task::spawn_local()).
    ///
    /// # Panics
    ///
    /// When the thread has entered no `LocalSet`, and no local runtime of its own.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        self.push(spawn_local(task))
    }

    /// Runs a closure that may block on a thread of the runtime's, with its task at the end of the queue.
    ///
    /// A closure that has begun can't be aborted: see [`spawn_blocking`].
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime, or when the system gives no thread and there is none yet.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.push(spawn_blocking(f))
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
        T: Send + 'static,
    {
        self.push(handle.spawn_blocking(f))
    }

    fn push(&mut self, task: JoinHandle<T>) -> AbortHandle {
        let abort = task.abort_handle();
        self.tasks.push_back(AbortOnDropHandle::new(task));
        abort
    }

    /// Waits until the first task in the queue ends, takes it out, and gives its output; `None` when the queue is empty.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no task has left the queue.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// As [`join_next`](Self::join_next), and tells which task it was. For one that failed, the error tells.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no task has left the queue.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut queue = rt_util::task::JoinQueue::new();
    /// let task = queue.spawn(async { 5 });
    /// let (id, five) = queue.join_next_with_id().await.unwrap().unwrap();
    /// assert_eq!((id, five), (task.id(), 5));
    /// # });
    /// ```
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// Takes the first task out of the queue if it has ended, and gives its output; `None` when it hasn't, or when the
    /// queue is empty. Whoever waits for it is woken as before.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut queue = rt_util::task::JoinQueue::new();
    /// queue.spawn(std::future::pending());
    /// queue.spawn(async { 5 });
    /// rt_core::task::yield_now().await;
    /// assert!(queue.try_join_next().is_none(), "the first one hasn't ended");
    /// # });
    /// ```
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.try_join_next_with_id().map(|result| result.map(|(_, output)| output))
    }

    /// As [`try_join_next`](Self::try_join_next), and tells which task it was.
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        if !self.tasks.front()?.is_finished() {
            return None;
        }
        // It's over, so the poll is ready whatever is left of the budget.
        let mut cx = Context::from_waker(Waker::noop());
        let over = pin!(unconstrained(poll_fn(|cx| self.poll_join_next_with_id(cx)))).poll(&mut cx);
        match over {
            Poll::Ready(result) => result,
            Poll::Pending => None,
        }
    }

    /// Takes the first task out of the queue if it has ended, or has the caller woken when it has.
    ///
    /// Of several callers, the last is woken. `Pending` also comes when the caller's budget is used up: see
    /// [`coop`](rt_core::task::coop).
    ///
    /// # Errors
    ///
    /// Inside of `Some`: when the task panicked or was cancelled.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_join_next_with_id(cx).map(|next| next.map(|result| result.map(|(_, output)| output)))
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
        let Some(first) = self.tasks.front_mut() else { return Poll::Ready(None) };
        let result = ready!(Pin::new(&mut *first).poll(cx));
        let id = first.as_ref().id();
        self.tasks.pop_front();
        Poll::Ready(Some(result.map(|output| (id, output))))
    }

    /// Waits for all tasks, and gives their outputs in the order in which they were spawned.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it drops the queue, which aborts what hasn't ended.
    ///
    /// # Panics
    ///
    /// When a task panicked, with the same payload, or was cancelled. The tasks after it are aborted then.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let queue: rt_util::task::JoinQueue<_> = (0..3).map(|n| async move { n }).collect();
    /// assert_eq!(queue.join_all().await, [0, 1, 2]);
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

    /// Aborts all tasks and waits until they have ended. Their outputs are dropped, as are their panics.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it leaves tasks that were aborted, and haven't been waited for, in the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut queue = rt_util::task::JoinQueue::new();
    /// queue.spawn(std::future::pending::<()>());
    /// queue.shutdown().await;
    /// assert!(queue.is_empty());
    /// # });
    /// ```
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Asks all tasks to stop. They stay in the queue until they are joined.
    pub fn abort_all(&mut self) {
        self.tasks.iter().for_each(AbortOnDropHandle::abort);
    }

    /// Takes all tasks out of the queue and lets them go on by themselves. What has ended is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = rt_core::sync::oneshot::channel();
    /// let mut queue = rt_util::task::JoinQueue::new();
    /// queue.spawn(async { sender.send("still here").unwrap() });
    /// queue.detach_all();
    /// assert_eq!(receiver.await, Ok("still here"));
    /// # });
    /// ```
    pub fn detach_all(&mut self) {
        // All first: dropping an output may panic, and that mustn't abort the others.
        let tasks: Vec<JoinHandle<T>> = self.tasks.drain(..).map(AbortOnDropHandle::detach).collect();
        drop(tasks);
    }
}

impl<T> Default for JoinQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Spawns each future on the calling thread's runtime.
///
/// # Panics
///
/// When the thread has entered no runtime, and there is a future.
impl<T, F> FromIterator<F> for JoinQueue<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut queue = Self::new();
        for future in futures {
            queue.spawn(future);
        }
        queue
    }
}

impl<T> fmt::Debug for JoinQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tasks.iter().map(|task| task.as_ref().id())).finish()
    }
}
