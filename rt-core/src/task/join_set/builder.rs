//! Tasks of a set about which more is said.

use std::fmt;
use std::future::Future;
use std::io;

use super::JoinSet;
use crate::cell::AbortHandle;
use crate::runtime::Handle;
use crate::task::{self, LocalSet};

/// Says more about a task before it is spawned on a [`JoinSet`]: see [`JoinSet::build_task`].
#[must_use = "nothing is spawned yet"]
pub struct Builder<'a, T> {
    set: &'a mut JoinSet<T>,
    task: task::Builder<'a>,
}

impl<'a, T: 'static> Builder<'a, T> {
    pub(super) fn new(set: &'a mut JoinSet<T>) -> Self {
        Self { set, task: task::Builder::new() }
    }

    /// Names the task: see [`task::Builder::name`].
    pub fn name(self, name: &'a str) -> Self {
        Self { task: self.task.name(name), set: self.set }
    }

    /// Spawns a task on the calling thread's runtime: see [`JoinSet::spawn`].
    ///
    /// # Errors
    ///
    /// None so far.
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
    /// set.build_task().name("five").spawn(async { 5 })?;
    /// assert_eq!(set.join_all().await, [5]);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<AbortHandle>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        Ok(self.set.insert(self.task.spawn(future)?))
    }

    /// Spawns a task on a runtime: see [`JoinSet::spawn_on`].
    ///
    /// # Errors
    ///
    /// None so far.
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> io::Result<AbortHandle>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        Ok(self.set.insert(self.task.spawn_on(future, handle)?))
    }

    /// Spawns a task that stays on this thread: see [`JoinSet::spawn_local`].
    ///
    /// # Errors
    ///
    /// None so far.
    ///
    /// # Panics
    ///
    /// When the thread has entered no [`LocalSet`], and no local runtime of its own.
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> io::Result<AbortHandle>
    where
        F: Future<Output = T> + 'static,
    {
        Ok(self.set.insert(self.task.spawn_local(future)?))
    }

    /// Spawns a task on a [`LocalSet`]: see [`JoinSet::spawn_local_on`].
    ///
    /// # Errors
    ///
    /// None so far.
    #[track_caller]
    pub fn spawn_local_on<F>(self, future: F, local_set: &LocalSet) -> io::Result<AbortHandle>
    where
        F: Future<Output = T> + 'static,
    {
        Ok(self.set.insert(self.task.spawn_local_on(future, local_set)?))
    }

    /// Runs a closure that may block: see [`JoinSet::spawn_blocking`].
    ///
    /// # Errors
    ///
    /// When the system gives no thread, and there is none yet.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(self, f: F) -> io::Result<AbortHandle>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        Ok(self.set.insert(self.task.spawn_blocking(f)?))
    }

    /// As [`spawn_blocking`](Self::spawn_blocking), on a given runtime.
    ///
    /// # Errors
    ///
    /// When the system gives no thread, and there is none yet.
    #[track_caller]
    pub fn spawn_blocking_on<F>(self, f: F, handle: &Handle) -> io::Result<AbortHandle>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        Ok(self.set.insert(self.task.spawn_blocking_on(f, handle)?))
    }
}

impl<T> fmt::Debug for Builder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("set", &self.set).field("task", &self.task).finish()
    }
}
