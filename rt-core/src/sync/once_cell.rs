//! A value that is initialized once, by asynchronous code, when it is first wanted.
//!
//! ```text
//!               permit taken                      set (1)
//!   EMPTY ─────────────────────▶ EMPTY, held ────────────────▶ SET, final: the permit is closed
//!         ◀─────────────────────
//!           it failed, panicked, was dropped: the next in line gets the permit
//! ```
//!
//! The value and whether it is there are a [`WriteOnce`].

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;

use super::error::TryAcquireError;
use super::permits::Permits;
use super::write_once::WriteOnce;

/// A value that the first who wants it initializes, by asynchronous code; the others wait for that.
///
/// Typically a `static`. When the initialization fails, panics or is cancelled, one of those who wait tries in turn.
///
/// For one that someone else brings, see [`SetOnce`](super::SetOnce).
///
/// # Examples
///
/// ```
/// use rt_core::sync::OnceCell;
///
/// static CONFIG: OnceCell<String> = OnceCell::const_new();
///
/// async fn load() -> String {
///     "verbose".to_owned()
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(CONFIG.get_or_init(load).await, "verbose");
/// assert_eq!(CONFIG.get().unwrap(), "verbose");
/// # });
/// ```
pub struct OnceCell<T> {
    /// Written by who has the permit.
    value: WriteOnce<T>,
    /// One permit, to initialize; closed when that is done.
    permit: Permits,
}

impl<T> OnceCell<T> {
    /// An empty one.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = rt_core::sync::OnceCell::<u32>::new();
    /// assert_eq!(cell.get(), None);
    /// ```
    pub fn new() -> Self {
        Self { value: WriteOnce::new(None), permit: Permits::new(1) }
    }

    /// An empty one, for a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::OnceCell;
    ///
    /// static CELL: OnceCell<u32> = OnceCell::const_new();
    /// assert!(!CELL.initialized());
    /// ```
    #[cfg(not(loom))]
    pub const fn const_new() -> Self {
        Self { value: WriteOnce::new(None), permit: Permits::new(1) }
    }

    /// One with the value, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::OnceCell;
    ///
    /// assert_eq!(OnceCell::new_with(Some(5)).get(), Some(&5));
    /// assert_eq!(OnceCell::<u32>::new_with(None).get(), None);
    /// ```
    pub fn new_with(value: Option<T>) -> Self {
        match value {
            Some(_) => Self { value: WriteOnce::new(value), permit: Permits::new_closed() },
            None => Self::new(),
        }
    }

    /// One with the value, for a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::OnceCell;
    ///
    /// static CELL: OnceCell<u32> = OnceCell::const_new_with(5);
    /// assert_eq!(CELL.get(), Some(&5));
    /// ```
    #[cfg(not(loom))]
    pub const fn const_new_with(value: T) -> Self {
        Self { value: WriteOnce::new(Some(value)), permit: Permits::new_closed() }
    }

    /// Whether it has a value.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = rt_core::sync::OnceCell::new();
    /// assert!(!cell.initialized());
    /// cell.set(5).unwrap();
    /// assert!(cell.initialized());
    /// ```
    pub fn initialized(&self) -> bool {
        self.value.is_written()
    }

    /// The value, if it has one.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = rt_core::sync::OnceCell::new();
    /// assert_eq!(cell.get(), None);
    /// cell.set(5).unwrap();
    /// assert_eq!(cell.get(), Some(&5));
    /// ```
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, if it has one: having the cell mutably means that nobody else has it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cell = rt_core::sync::OnceCell::new_with(Some(5));
    /// *cell.get_mut().unwrap() += 1;
    /// assert_eq!(cell.get(), Some(&6));
    /// ```
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Gives the cell a value, without waiting.
    ///
    /// # Errors
    ///
    /// The value: in [`SetError::AlreadyInitializedError`] when there is one, in
    /// [`SetError::InitializingError`] when somebody is about to initialize it.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{OnceCell, SetError};
    ///
    /// let cell = OnceCell::new();
    /// cell.set(5).unwrap();
    /// assert_eq!(cell.set(6), Err(SetError::AlreadyInitializedError(6)));
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.permit.try_acquire(1) {
            Ok(()) => {
                Turn(self).set(value);
                Ok(())
            }
            Err(TryAcquireError::NoPermits) => Err(SetError::InitializingError(value)),
            Err(TryAcquireError::Closed) => Err(SetError::AlreadyInitializedError(value)),
        }
    }

    /// The value; if there is none, that of the future that `f` makes.
    ///
    /// With several callers at once, one of them initializes it, and the others wait. If that one panics or is
    /// cancelled, the next one tries with its own `f`. A future that waits for the very cell that it
    /// initializes waits for ever.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; the future of `f` is dropped, and the cell stays as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let cell = rt_core::sync::OnceCell::new();
    /// assert_eq!(cell.get_or_init(|| async { 5 }).await, &5);
    /// assert_eq!(cell.get_or_init(|| async { 6 }).await, &5);
    /// # });
    /// ```
    pub async fn get_or_init<F, Fut>(&self, f: F) -> &T
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        if let Some(value) = self.get() {
            return value;
        }
        match self.get_or_try_init(|| async { Ok::<T, Infallible>(f().await) }).await {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// The value; if there is none, that of the future that `f` makes, if it succeeds.
    ///
    /// As [`get_or_init`](Self::get_or_init), and when the one who initializes fails, the next one tries.
    ///
    /// # Errors
    ///
    /// That of the caller's own `f`, which leaves the cell empty.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; the future of `f` is dropped, and the cell stays as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let cell = rt_core::sync::OnceCell::new();
    /// assert_eq!(cell.get_or_try_init(|| async { Err("not yet") }).await, Err("not yet"));
    /// assert_eq!(cell.get_or_try_init(|| async { Ok::<_, ()>(5) }).await, Ok(&5));
    /// # });
    /// ```
    pub async fn get_or_try_init<E, F, Fut>(&self, f: F) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        if self.permit.acquire(1).await.is_ok() {
            let turn = Turn(self);
            let value = f().await?;
            return Ok(turn.set(value));
        }
        Ok(self.get().expect("the permit is closed when the value is set"))
    }

    /// Takes the value out, if there is one, and leaves the cell empty.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cell = rt_core::sync::OnceCell::new_with(Some(5));
    /// assert_eq!(cell.take(), Some(5));
    /// assert!(cell.set(6).is_ok());
    /// ```
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }

    /// The value, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = rt_core::sync::OnceCell::new_with(Some(5));
    /// assert_eq!(cell.into_inner(), Some(5));
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }
}

/// The permit to initialize. Dropped before that is done, it goes to the next one.
struct Turn<'a, T>(&'a OnceCell<T>);

impl<'a, T> Turn<'a, T> {
    fn set(self, value: T) -> &'a T {
        let cell = self.0;
        // The permit isn't given back, but closed.
        std::mem::forget(self);
        // SAFETY: we had the permit, which isn't closed: it hasn't been written, and nobody else writes.
        let value = unsafe { cell.value.write(value) };
        cell.permit.close();
        value
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.0.permit.release(1);
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> Self {
        Self::new_with(Some(value))
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell").field("value", &self.get()).finish()
    }
}

/// Why [`OnceCell::set`] didn't set the value, which is inside.
#[derive(Debug, PartialEq, Eq)]
pub enum SetError<T> {
    /// The cell has a value.
    AlreadyInitializedError(T),
    /// Somebody is initializing the cell.
    InitializingError(T),
}

impl<T> SetError<T> {
    /// Whether the cell had a value.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = rt_core::sync::OnceCell::new_with(Some(5));
    /// assert!(cell.set(6).unwrap_err().is_already_init_err());
    /// ```
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, Self::AlreadyInitializedError(_))
    }

    /// Whether somebody was initializing the cell.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = rt_core::sync::OnceCell::new_with(Some(5));
    /// assert!(!cell.set(6).unwrap_err().is_initializing_err());
    /// ```
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, Self::InitializingError(_))
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyInitializedError(_) => "AlreadyInitializedError",
            Self::InitializingError(_) => "InitializingError",
        })
    }
}

impl<T: fmt::Debug> Error for SetError<T> {}

#[cfg(all(test, loom))]
mod tests_loom;
