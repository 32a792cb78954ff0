//! The guard of a reader that borrows the lock.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

use super::access::{Access, Held, Read};

/// Access for reading to the value of a [`RwLock`](super::RwLock), or to a part of it, that is held until this
/// is dropped.
///
/// Returned by [`RwLock::read`](super::RwLock::read), [`RwLock::try_read`](super::RwLock::try_read),
/// [`RwLock::blocking_read`](super::RwLock::blocking_read) and
/// [`RwLockWriteGuard::downgrade`](super::RwLockWriteGuard::downgrade).
#[must_use = "the lock is released when this is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    held: Held<&'a Access, Read>,
    part: NonNull<T>,
    _value: PhantomData<&'a T>,
}

// SAFETY: it stands for a `&T` and a shared reference to the permits.
unsafe impl<T: ?Sized + Sync> Send for RwLockReadGuard<'_, T> {}
// SAFETY: shared, it gives out `&T` only.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockReadGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// `part` lies in the value of the lock that is held.
    #[inline]
    pub(super) fn new(held: Held<&'a Access, Read>, part: NonNull<T>) -> Self {
        Self { held, part, _value: PhantomData }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// This is an associated function: a method would hide one of the value's.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{RwLock, RwLockReadGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new((1, "one"));
    /// let name = RwLockReadGuard::map(lock.read().await, |pair| &pair.1);
    /// assert_eq!(*name, "one");
    /// # });
    /// ```
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let part = NonNull::from(f(&*this));
        RwLockReadGuard::new(this.held, part)
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
    /// use rt_core::sync::{RwLock, RwLockReadGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new(vec![1, 2]);
    /// let second = RwLockReadGuard::try_map(lock.read().await, |list| list.get(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// assert!(RwLockReadGuard::try_map(lock.read().await, |list| list.get(2)).is_err());
    /// # });
    /// ```
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(part) => Ok(RwLockReadGuard::new(this.held, part)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: it points into the value of a lock that we hold for reading: nobody writes it.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
