//! The public face of local tasks.
#![forbid(unsafe_code)]

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use super::tasks::{self, Entered, Poller, Tasks};
use crate::cell::{self, JoinHandle};
use crate::runtime::{self, Id, Runtime, UnhandledPanic};

/// A set of tasks that stay on one thread, so that their futures needn't be `Send`.
///
/// The tasks run while the set is polled: by [`run_until`](Self::run_until), by [`block_on`](Self::block_on), or by
/// awaiting the set itself, which ends when all its tasks have ended. Within these,
/// [`spawn_local`](crate::task::spawn_local) spawns more.
///
/// Dropping the set drops its tasks, on the spot. They may be woken by other threads, and aborted, as all tasks may.
///
/// A task of a set can't call `block_in_place`, as nobody else could run the set's other tasks meanwhile. A
/// [`LocalRuntime`](crate::runtime::LocalRuntime) needs no set: all its tasks stay on one thread.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use rt_core::task::{LocalSet, spawn_local};
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let local = LocalSet::new();
/// let sum = local.run_until(async {
///     let two = Rc::new(2);
///     let same = two.clone();
///     let task = spawn_local(async move { *same * 20 });
///     task.await.unwrap() + *two
/// });
/// assert_eq!(sum.await, 42);
/// # });
/// ```
#[must_use = "the tasks are dropped when the set is dropped"]
pub struct LocalSet {
    tasks: Rc<Tasks>,
    id: Id,
}

impl LocalSet {
    /// An empty set.
    ///
    /// # Examples
    ///
    /// ```
    /// let local = rt_core::task::LocalSet::new();
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(local);
    /// ```
    pub fn new() -> Self {
        Self { tasks: Tasks::new(), id: Id::next() }
    }

    /// Makes [`spawn_local`](crate::task::spawn_local) on this thread spawn on this set, until the guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::task::{LocalSet, spawn_local};
    ///
    /// let local = LocalSet::new();
    /// let guard = local.enter();
    /// let task = spawn_local(async { 5 });
    /// drop(guard);
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// assert_eq!(local.block_on(&runtime, task).unwrap(), 5);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn enter(&self) -> LocalEnterGuard {
        LocalEnterGuard { _entered: Entered::new(&self.tasks), _not_send: PhantomData }
    }

    /// Spawns a task on this set. It runs when the set is polled next.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let local = rt_core::task::LocalSet::new();
    /// let task = local.spawn_local(async { 5 });
    /// local.await;
    /// assert_eq!(task.await.unwrap(), 5);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        spawn_on(&self.tasks, future, Location::caller())
    }

    /// Runs a future to its end on a runtime, and the set's tasks meanwhile.
    ///
    /// Tasks that haven't ended when the future has stay in the set, and go on when it's polled again.
    ///
    /// # Panics
    ///
    /// When the calling thread drives a runtime already, or the future panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::task::{LocalSet, spawn_local};
    ///
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// let five = LocalSet::new().block_on(&runtime, async { spawn_local(async { 5 }).await.unwrap() });
    /// assert_eq!(five, 5);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn block_on<F>(&self, rt: &Runtime, future: F) -> F::Output
    where
        F: Future,
    {
        rt.block_on(self.run_until(future))
    }

    /// Runs a future to its end, and the set's tasks meanwhile.
    ///
    /// Tasks that haven't ended when the future has stay in the set, and go on when it's polled again.
    ///
    /// # Panics
    ///
    /// When the future does, or a task [was to end the set by its panic](Self::unhandled_panic) and did.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it drops the future, and stops the set's tasks where they are until the set is polled again.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::task::{LocalSet, spawn_local};
    ///
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let local = LocalSet::new();
    /// let background = local.run_until(async { spawn_local(async { 5 }) }).await;
    /// assert_eq!(local.run_until(background).await.unwrap(), 5);
    /// # });
    /// ```
    pub async fn run_until<F>(&self, future: F) -> F::Output
    where
        F: Future,
    {
        let poller = Poller::new(&self.tasks);
        let mut future = pin!(future);
        poll_fn(|cx| {
            let ready = poller.turn(cx.waker(), || match future.as_mut().poll(cx) {
                Poll::Ready(output) => Some(output),
                Poll::Pending => None,
            });
            ready.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Says what becomes of the set when a task panics: by default, nothing.
    ///
    /// With [`ShutdownRuntime`](UnhandledPanic::ShutdownRuntime), all tasks of the set are dropped then, whether or
    /// not somebody waits for the one that panicked; and whoever polls the set, or does so later, panics.
    ///
    /// # Examples
    ///
    /// ```should_panic
    /// use rt_core::runtime::UnhandledPanic;
    /// use rt_core::task::{LocalSet, spawn_local};
    ///
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut local = LocalSet::new();
    /// local.unhandled_panic(UnhandledPanic::ShutdownRuntime);
    /// local.run_until(async {
    ///     spawn_local(async { panic!("of course") });
    ///     std::future::pending::<()>().await;
    /// }).await;
    /// # });
    /// ```
    pub fn unhandled_panic(&mut self, behavior: UnhandledPanic) -> &mut Self {
        self.tasks.set_fails_with_task(matches!(behavior, UnhandledPanic::ShutdownRuntime));
        self
    }

    /// Tells this set from others, and from runtimes.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::task::LocalSet;
    ///
    /// assert_ne!(LocalSet::new().id(), LocalSet::new().id());
    /// ```
    pub fn id(&self) -> Id {
        self.id
    }
}

/// Runs the tasks until all have ended.
impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.tasks.turn(cx.waker(), || None::<()>);
        if self.tasks.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for LocalSet {
    fn drop(&mut self) {
        self.tasks.close();
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").finish_non_exhaustive()
    }
}

/// The calling thread's entry into a set: see [`LocalSet::enter`].
#[must_use = "the set is left when the guard is dropped"]
pub struct LocalEnterGuard {
    _entered: Entered,
    _not_send: PhantomData<*const ()>,
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish_non_exhaustive()
    }
}

fn spawn_on<F>(tasks: &Tasks, future: F, location: &'static Location<'static>) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    if cell::is_large::<F>() {
        return tasks.spawn(cell::boxed(future), location);
    }
    tasks.spawn(future, location)
}

/// Spawns a task that stays on this thread: on the set that the thread has entered, or else on its runtime, if that
/// is a local one.
#[track_caller]
pub(in crate::task) fn spawn_local_at<F>(
    future: F,
    location: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    if let Some(tasks) = tasks::current() {
        return spawn_on(&tasks, future, location);
    }
    match runtime::spawn_local_at(future, location) {
        Some(handle) => handle,
        None => panic!("`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`"),
    }
}
