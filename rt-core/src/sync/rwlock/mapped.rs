//! The guard of a writer for a part of the value.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::access::{Access, Held, Write};

/// Access for writing to a part of the value of a [`RwLock`](super::RwLock) that is held until this is dropped.
///
/// Returned by [`RwLockWriteGuard::map`](super::RwLockWriteGuard::map). It can't be downgraded: another part
/// of the value may have been changed by who made this one, on the condition that nobody sees it yet.
#[must_use = "the lock is released when this is dropped"]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    held: Held<&'a Access, Write>,
    part: NonNull<T>,
    _value: PhantomData<&'a mut T>,
}

// SAFETY: it stands for a `&mut T` and a shared reference to the permits.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockMappedWriteGuard<'_, T> {}
// SAFETY: shared, it gives out `&T` only.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockMappedWriteGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// `part` lies in the value of the lock that is held.
    pub(super) fn new(held: Held<&'a Access, Write>, part: NonNull<T>) -> Self {
        Self { held, part, _value: PhantomData }
    }

    /// Narrows the guard further.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new((1, (2, 3)));
    /// let inner = RwLockWriteGuard::map(lock.write().await, |all| &mut all.1);
    /// let two = RwLockMappedWriteGuard::map(inner, |pair| &mut pair.0);
    /// assert_eq!(*two, 2);
    /// # });
    /// ```
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let part = NonNull::from(f(&mut *this));
        RwLockMappedWriteGuard::new(this.held, part)
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
    /// use rt_core::sync::{RwLock, RwLockMappedWriteGuard, RwLockWriteGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new((1, vec![2]));
    /// let list = RwLockWriteGuard::map(lock.write().await, |all| &mut all.1);
    /// let first = RwLockMappedWriteGuard::try_map(list, |list| list.first_mut()).unwrap();
    /// assert_eq!(*first, 2);
    /// # });
    /// ```
    pub fn try_map<F, U: ?Sized>(mut this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(RwLockMappedWriteGuard::new(this.held, part)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized> Deref for RwLockMappedWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it points into the value of a lock that we hold for writing.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for RwLockMappedWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed mutably.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockMappedWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockMappedWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
