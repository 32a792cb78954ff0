//! Guards that keep the mutex alive.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc; // std: in public signatures

use super::{Mutex, unlock};

/// A locked mutex; dropping it releases the lock.
///
/// The guards hold it and have no `Drop` of their own, so that it can move from one guard to the next.
struct Held<T: ?Sized>(Arc<Mutex<T>>);

impl<T: ?Sized> Drop for Held<T> {
    #[inline]
    fn drop(&mut self) {
        unlock(&self.0.permit, &self.0.trace);
    }
}

/// Access to the value of a [`Mutex`] that is held until this is dropped, and keeps the mutex alive.
///
/// Returned by [`Mutex::lock_owned`], [`Mutex::try_lock_owned`] and [`Mutex::blocking_lock_owned`].
#[must_use = "the lock is released when this is dropped"]
pub struct OwnedMutexGuard<T: ?Sized> {
    held: Held<T>,
    // It gives out `&T` and `&mut T`, and so it is `Sync` only if the value is.
    _value: PhantomData<Box<T>>,
}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// The caller has taken the permit.
    pub(super) fn new(mutex: Arc<Mutex<T>>) -> Self {
        let guard = Self { held: Held(mutex), _value: PhantomData };
        guard.held.0.tell_locked();
        guard
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{Mutex, OwnedMutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(Mutex::new((1, "one")));
    /// let mut number = OwnedMutexGuard::map(lock.clone().lock_owned().await, |pair| &mut pair.0);
    /// *number = 2;
    /// drop(number);
    /// assert_eq!(*lock.lock().await, (2, "one"));
    /// # });
    /// ```
    pub fn map<U, F>(mut this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let part = NonNull::from(f(&mut *this));
        OwnedMappedMutexGuard { part, held: this.held }
    }

    /// Narrows the guard to a part of the value, if the value has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `f` returns `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{Mutex, OwnedMutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(Mutex::new(vec![1, 2]));
    /// let second = OwnedMutexGuard::try_map(lock.lock_owned().await, |list| list.get_mut(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// # });
    /// ```
    pub fn try_map<U, F>(mut this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(OwnedMappedMutexGuard { part, held: this.held }),
            None => Err(this),
        }
    }

    /// The mutex that is locked.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{Mutex, OwnedMutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(Mutex::new(1));
    /// let guard = lock.clone().lock_owned().await;
    /// assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &lock));
    /// # });
    /// ```
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.held.0
    }
}

impl<T: ?Sized> Deref for OwnedMutexGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard has the only permit.
        self.held.0.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> DerefMut for OwnedMutexGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard has the only permit, and it is borrowed mutably.
        self.held.0.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Access to a part of the value of a [`Mutex`] that is held until this is dropped, and keeps the mutex alive.
///
/// Returned by [`OwnedMutexGuard::map`].
#[must_use = "the lock is released when this is dropped"]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T> {
    part: NonNull<U>,
    held: Held<T>,
}

// SAFETY: it stands for a `&mut U` and the mutex.
unsafe impl<T: ?Sized + Send, U: ?Sized + Send> Send for OwnedMappedMutexGuard<T, U> {}
// SAFETY: shared, it gives out `&U` only.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync for OwnedMappedMutexGuard<T, U> {}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// Narrows the guard further.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(Mutex::new((1, (2, 3))));
    /// let inner = OwnedMutexGuard::map(lock.lock_owned().await, |all| &mut all.1);
    /// let two = OwnedMappedMutexGuard::map(inner, |pair| &mut pair.0);
    /// assert_eq!(*two, 2);
    /// # });
    /// ```
    pub fn map<S, F>(mut this: Self, f: F) -> OwnedMappedMutexGuard<T, S>
    where
        F: FnOnce(&mut U) -> &mut S,
    {
        let part = NonNull::from(f(&mut *this));
        OwnedMappedMutexGuard { part, held: this.held }
    }

    /// Narrows the guard further, if the part has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `f` returns `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(Mutex::new((1, vec![2])));
    /// let list = OwnedMutexGuard::map(lock.lock_owned().await, |all| &mut all.1);
    /// let first = OwnedMappedMutexGuard::try_map(list, |list| list.first_mut()).unwrap();
    /// assert_eq!(*first, 2);
    /// # });
    /// ```
    pub fn try_map<S, F>(mut this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(OwnedMappedMutexGuard { part, held: this.held }),
            None => Err(this),
        }
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedMappedMutexGuard<T, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: it points into the value of a mutex that we hold.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedMappedMutexGuard<T, U> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as above, and the guard is borrowed mutably.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
