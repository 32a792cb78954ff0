//! Tasks about which more is said.
#![forbid(unsafe_code)]

use std::future::Future;
use std::io;
use std::panic::Location;

use super::LocalSet;
use crate::base::trace::Label;
use crate::cell::JoinHandle;
use crate::runtime::{self, Handle};

/// Says more about a task before it is spawned.
///
/// # Examples
///
/// ```
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let task = rt_core::task::Builder::new().name("answer").spawn(async { 42 })?;
/// assert_eq!(task.await?, 42);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Debug, Default)]
#[must_use = "nothing is spawned yet"]
pub struct Builder<'a> {
    name: Option<&'a str>,
}

impl<'a> Builder<'a> {
    /// Says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the task, for tools that observe a runtime. Names needn't differ, and the program itself doesn't see
    /// them.
    pub fn name(&self, name: &'a str) -> Self {
        Self { name: Some(name) }
    }

    /// Spawns a task on the calling thread's runtime: see [`spawn`](super::spawn()).
    ///
    /// # Errors
    ///
    /// None so far.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let _label = Label::named(self.name);
        Ok(super::spawn(future))
    }

    /// Spawns a task on a runtime: see [`Handle::spawn`].
    ///
    /// # Errors
    ///
    /// None so far.
    ///
    /// # Examples
    ///
    /// ```
    /// let runtime = rt_core::runtime::Runtime::new()?;
    /// let task = rt_core::task::Builder::new().name("five").spawn_on(async { 5 }, runtime.handle())?;
    /// assert_eq!(runtime.block_on(task)?, 5);
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let _label = Label::named(self.name);
        Ok(handle.spawn(future))
    }

    /// Spawns a task that stays on this thread: see [`spawn_local`](super::spawn_local).
    ///
    /// # Errors
    ///
    /// None so far.
    ///
    /// # Panics
    ///
    /// When the thread has entered no [`LocalSet`], and no local runtime of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::LocalRuntime::new().unwrap().block_on(async {
    /// let task = rt_core::task::Builder::new().name("five").spawn_local(async { 5 })?;
    /// assert_eq!(task.await?, 5);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let _label = Label::named(self.name);
        Ok(super::spawn_local(future))
    }

    /// Spawns a task on a set: see [`LocalSet::spawn_local`].
    ///
    /// # Errors
    ///
    /// None so far.
    #[track_caller]
    pub fn spawn_local_on<F>(self, future: F, local_set: &LocalSet) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let _label = Label::named(self.name);
        Ok(local_set.spawn_local(future))
    }

    /// Runs a closure that may block: see [`spawn_blocking`](super::spawn_blocking).
    ///
    /// # Errors
    ///
    /// When the system gives no thread, and there is none yet.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let task = rt_core::task::Builder::new().name("sum").spawn_blocking(|| (1..=100).sum::<u32>())?;
    /// assert_eq!(task.await?, 5_050);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(self, f: F) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let _label = Label::named(self.name);
        let location = Location::caller();
        runtime::current(|handle| handle.try_spawn_blocking_at(f, location))
    }

    /// As [`spawn_blocking`](Self::spawn_blocking), on a given runtime.
    ///
    /// # Errors
    ///
    /// When the system gives no thread, and there is none yet.
    #[track_caller]
    pub fn spawn_blocking_on<F, R>(self, f: F, handle: &Handle) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let _label = Label::named(self.name);
        handle.try_spawn_blocking_at(f, Location::caller())
    }
}
