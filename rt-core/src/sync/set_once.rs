//! A value that is set once, and that tasks can wait for.
//!
//! ```text
//!   EMPTY ── set (1), under the line's lock ──▶ SET, final: the line is told, and nobody joins it any more
//! ```
//!
//! The value and whether it is there are a [`WriteOnce`].

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::UnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use super::positions::{self, Place};
use super::waiter::Line;
use super::write_once::WriteOnce;
use crate::base::{Latch, List};
use crate::coop;

/// A value that is set at most once, and that any number of tasks can [wait](Self::wait) for.
///
/// It differs from [`OnceCell`](super::OnceCell) in who brings the value: here, someone else than those who
/// want it.
///
/// # Examples
///
/// ```
/// use rt_core::sync::SetOnce;
///
/// static ADDRESS: SetOnce<String> = SetOnce::const_new();
///
/// # futures::executor::block_on(async {
/// std::thread::spawn(|| ADDRESS.set("localhost".to_owned()).unwrap());
/// assert_eq!(ADDRESS.wait().await, "localhost");
/// assert!(ADDRESS.set("elsewhere".to_owned()).is_err());
/// # });
/// ```
pub struct SetOnce<T> {
    /// Written under the line's lock.
    value: WriteOnce<T>,
    line: Line,
}

impl<T: UnwindSafe> UnwindSafe for SetOnce<T> {}

impl<T> SetOnce<T> {
    /// One that isn't set.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = rt_core::sync::SetOnce::<u32>::new();
    /// assert_eq!(once.get(), None);
    /// ```
    pub fn new() -> Self {
        Self::new_with(None)
    }

    /// One that isn't set, for a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::SetOnce;
    ///
    /// static ONCE: SetOnce<u32> = SetOnce::const_new();
    /// assert!(!ONCE.initialized());
    /// ```
    #[cfg(not(loom))]
    pub const fn const_new() -> Self {
        Self { value: WriteOnce::new(None), line: Latch::new(List::new()) }
    }

    /// One that is set to the value, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::SetOnce;
    ///
    /// assert_eq!(SetOnce::new_with(Some(5)).get(), Some(&5));
    /// assert_eq!(SetOnce::<u32>::new_with(None).get(), None);
    /// ```
    pub fn new_with(value: Option<T>) -> Self {
        Self { value: WriteOnce::new(value), line: Latch::new(List::new()) }
    }

    /// One that is set, for a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::SetOnce;
    ///
    /// static ONCE: SetOnce<u32> = SetOnce::const_new_with(5);
    /// assert_eq!(ONCE.get(), Some(&5));
    /// ```
    #[cfg(not(loom))]
    pub const fn const_new_with(value: T) -> Self {
        Self { value: WriteOnce::new(Some(value)), line: Latch::new(List::new()) }
    }

    /// Whether it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = rt_core::sync::SetOnce::new();
    /// assert!(!once.initialized());
    /// once.set(5).unwrap();
    /// assert!(once.initialized());
    /// ```
    pub fn initialized(&self) -> bool {
        self.value.is_written()
    }

    /// The value, if it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = rt_core::sync::SetOnce::new();
    /// assert_eq!(once.get(), None);
    /// once.set(5).unwrap();
    /// assert_eq!(once.get(), Some(&5));
    /// ```
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// Sets the value, and wakes all who wait for it.
    ///
    /// # Errors
    ///
    /// The value, when another one was set before.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = rt_core::sync::SetOnce::new();
    /// assert!(once.set(5).is_ok());
    /// assert_eq!(once.set(6).unwrap_err().0, 6);
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        let lock = self.line.lock();
        if self.value.is_written() {
            drop(lock);
            return Err(SetOnceError(value));
        }
        // SAFETY: it hasn't been written, and we have the lock under which it is.
        unsafe { self.value.write(value) };
        positions::wake(&self.line, lock, None, || ());
        Ok(())
    }

    /// The value, if it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = rt_core::sync::SetOnce::new();
    /// once.set("five".to_owned()).unwrap();
    /// assert_eq!(once.into_inner().as_deref(), Some("five"));
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Waits until it is set; returns the value.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let once = rt_core::sync::SetOnce::new();
    /// let (value, set) = futures::join!(once.wait(), async { once.set(5) });
    /// assert_eq!((value, set), (&5, Ok(())));
    /// # });
    /// ```
    pub async fn wait(&self) -> &T {
        Wait { once: self, place: Place::new() }.await
    }

    /// The value; if there is none, `place` waits for it in the line.
    ///
    /// # Safety
    ///
    /// `place` is pinned, in no line, and leaves this one before it goes.
    #[cold]
    unsafe fn line_up(&self, place: &mut Place, waker: &Waker) -> Option<&T> {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut unused = Some(waker.clone());
        let mut lock = self.line.lock();
        let value = self.get();
        if value.is_none() {
            // SAFETY: the caller's promise.
            unsafe { place.join(&mut lock, 0, unused.take()) };
        }
        drop(lock);
        value
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for SetOnce<T> {
    fn from(value: T) -> Self {
        Self::new_with(Some(value))
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnce").field("value", &self.get()).finish()
    }
}

/// Waits for the value.
struct Wait<'a, T> {
    once: &'a SetOnce<T>,
    place: Place,
}

impl<'a, T> Future for Wait<'a, T> {
    type Output = &'a T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'a T> {
        let coop = ready!(coop::poll_proceed(cx));
        // SAFETY: nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: it's this line that it joins.
        if unsafe { this.place.waits(&this.once.line, cx.waker()) } {
            return Poll::Pending;
        }
        let once = this.once;
        // SAFETY: it is pinned, in no line, and leaves this one when it is dropped.
        let value = once.get().or_else(|| unsafe { once.line_up(&mut this.place, cx.waker()) });
        let Some(value) = value else { return Poll::Pending };
        coop.made_progress();
        Poll::Ready(value)
    }
}

impl<T> Drop for Wait<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it's this line that it joins.
        unsafe { self.place.leave(&self.once.line, |_| ()) };
    }
}

/// The [`SetOnce`] was set before; the value that came too late is inside.
#[derive(Debug, PartialEq, Eq)]
pub struct SetOnceError<T>(pub T);

impl<T> fmt::Display for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetOnceError")
    }
}

impl<T: fmt::Debug> Error for SetOnceError<T> {}

#[cfg(all(test, loom))]
mod tests_loom;
