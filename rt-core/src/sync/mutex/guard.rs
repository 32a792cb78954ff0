//! Guards that borrow the mutex.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::{Mutex, unlock};
use crate::base::trace;
use crate::sync::permits::Permits;

/// Access to the value of a [`Mutex`] that is held until this is dropped.
///
/// Returned by [`Mutex::lock`], [`Mutex::try_lock`] and [`Mutex::blocking_lock`].
#[must_use = "the lock is released when this is dropped"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    // It gives out `&T` and `&mut T`, and so it is `Sync` only if the value is.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The caller has taken the permit.
    pub(super) fn new(mutex: &'a Mutex<T>) -> Self {
        let guard = Self { mutex, _value: PhantomData };
        mutex.tell_locked();
        guard
    }

    /// Narrows the guard to a part of the value.
    ///
    /// This is an associated function: a method would hide one of the value's.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{Mutex, MutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Mutex::new((1, "one"));
    /// let mut number = MutexGuard::map(lock.lock().await, |pair| &mut pair.0);
    /// *number = 2;
    /// drop(number);
    /// assert_eq!(*lock.lock().await, (2, "one"));
    /// # });
    /// ```
    pub fn map<U, F>(mut this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let part = NonNull::from(f(&mut *this));
        this.into_mapped(part)
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
    /// use rt_core::sync::{Mutex, MutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Mutex::new(vec![1, 2]);
    /// let second = MutexGuard::try_map(lock.lock().await, |list| list.get_mut(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// drop(second);
    /// assert!(MutexGuard::try_map(lock.lock().await, |list| list.get_mut(2)).is_err());
    /// # });
    /// ```
    pub fn try_map<U, F>(mut this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(this.into_mapped(part)),
            None => Err(this),
        }
    }

    /// The mutex that is locked.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{Mutex, MutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Mutex::new(1);
    /// let guard = lock.lock().await;
    /// assert!(std::ptr::eq(MutexGuard::mutex(&guard), &lock));
    /// # });
    /// ```
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }

    fn into_mapped<U: ?Sized>(self, part: NonNull<U>) -> MappedMutexGuard<'a, U> {
        let (permit, trace) = (&self.mutex.permit, self.mutex.trace.clone());
        // The new guard releases the lock.
        std::mem::forget(self);
        MappedMutexGuard { permit, trace, part, _value: PhantomData }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        unlock(&self.mutex.permit, &self.mutex.trace);
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard has the only permit.
        self.mutex.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard has the only permit, and it is borrowed mutably.
        self.mutex.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Access to a part of the value of a [`Mutex`] that is held until this is dropped.
///
/// Returned by [`MutexGuard::map`].
#[must_use = "the lock is released when this is dropped"]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    permit: &'a Permits,
    trace: trace::Resource,
    part: NonNull<T>,
    _value: PhantomData<&'a mut T>,
}

// SAFETY: it stands for a `&mut T` and a shared reference to the permit.
unsafe impl<T: ?Sized + Send> Send for MappedMutexGuard<'_, T> {}
// SAFETY: shared, it gives out `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for MappedMutexGuard<'_, T> {}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// Narrows the guard further.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{MappedMutexGuard, Mutex, MutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Mutex::new((1, (2, 3)));
    /// let inner = MutexGuard::map(lock.lock().await, |all| &mut all.1);
    /// let two = MappedMutexGuard::map(inner, |pair| &mut pair.0);
    /// assert_eq!(*two, 2);
    /// # });
    /// ```
    pub fn map<U, F>(mut this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let part = NonNull::from(f(&mut *this));
        this.narrowed(part)
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
    /// use rt_core::sync::{MappedMutexGuard, Mutex, MutexGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Mutex::new((1, vec![2]));
    /// let list = MutexGuard::map(lock.lock().await, |all| &mut all.1);
    /// let first = MappedMutexGuard::try_map(list, |list| list.first_mut()).unwrap();
    /// assert_eq!(*first, 2);
    /// # });
    /// ```
    pub fn try_map<U, F>(mut this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(this.narrowed(part)),
            None => Err(this),
        }
    }

    fn narrowed<U: ?Sized>(self, part: NonNull<U>) -> MappedMutexGuard<'a, U> {
        let this = ManuallyDrop::new(self);
        // The new guard releases the lock.
        // SAFETY: the old one isn't dropped, so that its field is moved once.
        let (permit, trace) = (this.permit, unsafe { std::ptr::read(&this.trace) });
        MappedMutexGuard { permit, trace, part, _value: PhantomData }
    }
}

impl<T: ?Sized> Drop for MappedMutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        unlock(self.permit, &self.trace);
    }
}

impl<T: ?Sized> Deref for MappedMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it points into the value of a mutex whose permit we have.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for MappedMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed mutably.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
