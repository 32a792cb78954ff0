//! Values that belong to a task, as thread-locals belong to a thread.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::shim::thread;

/// Declares task-locals: each becomes a static [`LocalKey`](crate::task::LocalKey).
///
/// # Examples
///
/// ```
/// rt_core::task_local! {
///     /// Who asks.
///     pub static USER: String;
///     static DEPTH: u32;
/// }
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let greeting = USER.scope("Ada".into(), async { USER.with(|user| format!("Hello, {user}")) });
/// assert_eq!(greeting.await, "Hello, Ada");
/// assert!(DEPTH.try_get().is_err());
/// # });
/// ```
#[macro_export]
macro_rules! task_local {
    () => {};
    ($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty; $($rest:tt)*) => {
        $crate::task_local!($(#[$attr])* $vis static $name: $t);
        $crate::task_local!($($rest)*);
    };
    ($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty) => {
        $(#[$attr])*
        $vis static $name: $crate::task::LocalKey<$t> = {
            // std: this expands in the user's crate, and nothing of it is shared between threads.
            ::std::thread_local! {
                static SLOT: ::std::cell::RefCell<::std::option::Option<$t>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::task::LocalKey { slot: SLOT }
        };
    };
}

/// A task-local: a value that is set for the time of a future, or of a closure.
///
/// Made by [`task_local!`](crate::task_local). While the future of [`scope`](Self::scope) is polled, or dropped,
/// the value is there, on whichever thread that happens; tasks that the future spawns don't have it.
///
/// # Examples
///
/// ```
/// rt_core::task_local! { static NUMBER: u32 }
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// NUMBER.scope(1, async {
///     assert_eq!(NUMBER.get(), 1);
///     NUMBER.scope(2, async { assert_eq!(NUMBER.get(), 2) }).await;
///     assert_eq!(NUMBER.get(), 1);
/// }).await;
/// # });
/// ```
pub struct LocalKey<T: 'static> {
    #[doc(hidden)]
    pub slot: thread::LocalKey<RefCell<Option<T>>>,
}

impl<T: 'static> LocalKey<T> {
    /// Sets the value for the time of a future.
    ///
    /// # Panics
    ///
    /// The future panics when it is polled inside of [`with`](Self::with) for the same key, or while the thread
    /// is ending and has dropped its values.
    ///
    /// # Examples
    ///
    /// ```
    /// rt_core::task_local! { static NUMBER: u32 }
    ///
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// assert_eq!(NUMBER.scope(5, async { NUMBER.get() + 1 }).await, 6);
    /// # });
    /// ```
    pub fn scope<F>(&'static self, value: T, f: F) -> TaskLocalFuture<T, F>
    where
        F: Future,
    {
        TaskLocalFuture { value: Some(value), key: self, future: Some(f) }
    }

    /// Sets the value for the time of a closure.
    ///
    /// # Panics
    ///
    /// Inside of [`with`](Self::with) for the same key, or while the thread is ending and has dropped its values.
    ///
    /// # Examples
    ///
    /// ```
    /// rt_core::task_local! { static NUMBER: u32 }
    ///
    /// assert_eq!(NUMBER.sync_scope(5, || NUMBER.get() + 1), 6);
    /// ```
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        match self.swapped(&mut Some(value), f) {
            Ok(result) => result,
            Err(refused) => refused.panic(),
        }
    }

    /// Gives `f` the value.
    ///
    /// # Panics
    ///
    /// Outside of the key's scopes: see [`try_with`](Self::try_with).
    ///
    /// # Examples
    ///
    /// ```
    /// rt_core::task_local! { static NAME: String }
    ///
    /// let length = NAME.sync_scope("Ada".into(), || NAME.with(String::len));
    /// assert_eq!(length, 3);
    /// ```
    #[track_caller]
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(f) {
            Ok(result) => result,
            Err(AccessError(())) => {
                panic!("cannot access a task-local storage value without setting it first")
            }
        }
    }

    /// Gives `f` the value.
    ///
    /// # Errors
    ///
    /// Outside of the key's scopes.
    ///
    /// # Examples
    ///
    /// ```
    /// rt_core::task_local! { static NAME: String }
    ///
    /// assert!(NAME.try_with(String::len).is_err());
    /// ```
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        // A thread that is ending has no value any more.
        let with = |slot: &RefCell<Option<T>>| slot.borrow().as_ref().map(f);
        self.slot.try_with(with).ok().flatten().ok_or(AccessError(()))
    }

    /// A copy of the value.
    ///
    /// # Panics
    ///
    /// Outside of the key's scopes: see [`try_get`](Self::try_get).
    ///
    /// # Examples
    ///
    /// ```
    /// rt_core::task_local! { static NUMBER: u32 }
    ///
    /// assert_eq!(NUMBER.sync_scope(5, || NUMBER.get()), 5);
    /// ```
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// A copy of the value.
    ///
    /// # Errors
    ///
    /// Outside of the key's scopes.
    ///
    /// # Examples
    ///
    /// ```
    /// rt_core::task_local! { static NUMBER: u32 }
    ///
    /// assert!(NUMBER.try_get().is_err());
    /// ```
    pub fn try_get(&'static self) -> Result<T, AccessError>
    where
        T: Clone,
    {
        self.try_with(T::clone)
    }

    /// Runs `f` with `value` in the thread's slot; what was there comes back after it, also when it panics.
    fn swapped<R>(&'static self, value: &mut Option<T>, f: impl FnOnce() -> R) -> Result<R, Refused> {
        struct SwapBack<'a, T: 'static>(&'static LocalKey<T>, &'a mut Option<T>);
        impl<T> Drop for SwapBack<'_, T> {
            fn drop(&mut self) {
                // Whoever borrowed the slot in between has given it back, and the thread hasn't ended in between.
                let swapped = self.0.swap(self.1);
                debug_assert!(swapped.is_ok());
            }
        }

        self.swap(value)?;
        let _back = SwapBack(self, value);
        Ok(f())
    }

    fn swap(&'static self, value: &mut Option<T>) -> Result<(), Refused> {
        let swap = |slot: &RefCell<Option<T>>| {
            let mut slot = slot.try_borrow_mut().map_err(|_| Refused::Borrowed)?;
            mem::swap(&mut *slot, value);
            Ok(())
        };
        self.slot.try_with(swap).map_err(|_| Refused::Ending)?
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

/// Why a scope can't be entered.
#[derive(Debug)]
enum Refused {
    Borrowed,
    Ending,
}

impl Refused {
    #[track_caller]
    fn panic(&self) -> ! {
        match self {
            Self::Borrowed => {
                panic!("cannot enter a task-local scope while the task-local storage is borrowed")
            }
            Self::Ending => panic!(
                "cannot enter a task-local scope during or after destruction of the underlying thread-local"
            ),
        }
    }
}

/// The task-local isn't set: the caller is outside of its scopes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AccessError(());

impl fmt::Debug for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessError").finish()
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("task-local value not set")
    }
}

impl Error for AccessError {}

pin_project_lite::pin_project! {
    /// A future for whose time a task-local is set: see [`LocalKey::scope`].
    #[must_use = "futures do nothing unless polled"]
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        // The value while the future isn't polled.
        value: Option<T>,
        key: &'static LocalKey<T>,
        // None when it is complete.
        #[pin]
        future: Option<F>,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let key = *this.key;
                // Where no scope can be entered, the future is dropped without one, with the other fields.
                let _ = key.swapped(this.value, || this.future.set(None));
            }
        }
    }
}

impl<T: 'static, F> TaskLocalFuture<T, F> {
    /// Takes the value out of the future. `None` when it was taken before, or while the future is polled.
    ///
    /// A future that isn't complete doesn't see the value any more if it is polled again.
    ///
    /// # Examples
    ///
    /// ```
    /// rt_core::task_local! { static NAME: String }
    ///
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut scope = Box::pin(NAME.scope("Ada".into(), async {}));
    /// scope.as_mut().await;
    /// assert_eq!(scope.as_mut().take_value().as_deref(), Some("Ada"));
    /// assert_eq!(scope.as_mut().take_value(), None);
    /// # });
    /// ```
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().value.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let key = *this.key;
        let polled = key.swapped(this.value, || {
            let polled = this.future.as_mut().as_pin_mut()?.poll(cx);
            if polled.is_ready() {
                // What the future holds sees the value until its end.
                this.future.set(None);
            }
            Some(polled)
        });
        match polled {
            Ok(Some(polled)) => polled,
            Ok(None) => panic!("`TaskLocalFuture` polled after completion"),
            Err(refused) => refused.panic(),
        }
    }
}

impl<T: 'static + fmt::Debug, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture").field("value", &self.value).finish_non_exhaustive()
    }
}
