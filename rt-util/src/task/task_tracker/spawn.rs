//! Spawning tasks that are tracked.

use std::future::Future;

use rt_core::runtime::Handle;
use rt_core::task::{JoinHandle, LocalSet};

use super::TaskTracker;

impl TaskTracker {
    /// Spawns a task on the current runtime, and tracks it. The handle may be dropped: the task goes on,
    /// and is waited for.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// ```
    /// use rt_util::task::TaskTracker;
    ///
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let tracker = TaskTracker::new();
    /// for n in 0..3 {
    ///     tracker.spawn(async move { println!("task {n}") });
    /// }
    /// tracker.close();
    /// tracker.wait().await;
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        rt_core::task::spawn(self.track_future(task))
    }

    /// As [`spawn`](Self::spawn), on the given runtime.
    #[track_caller]
    pub fn spawn_on<F>(&self, task: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn(self.track_future(task))
    }

    /// Spawns a task on the current thread, in the [`LocalSet`] or the local runtime that runs there, and tracks it.
    ///
    /// # Panics
    ///
    /// Outside of both.
    ///
    /// ```
    /// use rt_core::task::LocalSet;
    /// use rt_util::task::TaskTracker;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let tracker = TaskTracker::new();
    /// let local = LocalSet::new();
    /// local.run_until(async {
    ///     let shared = std::rc::Rc::new(5);
    ///     tracker.spawn_local(async move { println!("task {shared}") });
    ///     tracker.close();
    ///     tracker.wait().await;
    /// }).await;
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        rt_core::task::spawn_local(self.track_future(task))
    }

    /// As [`spawn_local`](Self::spawn_local), in the given set.
    #[track_caller]
    pub fn spawn_local_on<F>(&self, task: F, local_set: &LocalSet) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        local_set.spawn_local(self.track_future(task))
    }

    /// Runs a closure that blocks on the current runtime's threads for such, and tracks it.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    ///
    /// ```
    /// use rt_util::task::TaskTracker;
    ///
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let tracker = TaskTracker::new();
    /// let sum = tracker.spawn_blocking(|| (1..=10).sum::<i32>());
    /// tracker.close();
    /// tracker.wait().await;
    /// assert_eq!(sum.await.unwrap(), 55);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, task: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        rt_core::task::spawn_blocking(self.tracked(task))
    }

    /// As [`spawn_blocking`](Self::spawn_blocking), on the given runtime.
    #[track_caller]
    pub fn spawn_blocking_on<F, T>(&self, task: F, handle: &Handle) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        handle.spawn_blocking(self.tracked(task))
    }

    /// The closure, counted from now on until it has returned, or is dropped without being run.
    fn tracked<F, T>(&self, task: F) -> impl FnOnce() -> T + Send + 'static
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let token = self.token();
        move || {
            let _token = token;
            task()
        }
    }
}
