//! The guard of a writer that borrows the lock.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::access::{Access, Held, Write};
use super::{RwLockMappedWriteGuard, RwLockReadGuard};

/// Access for writing to the value of a [`RwLock`](super::RwLock) that is held until this is dropped.
///
/// Returned by [`RwLock::write`](super::RwLock::write), [`RwLock::try_write`](super::RwLock::try_write) and
/// [`RwLock::blocking_write`](super::RwLock::blocking_write).
#[must_use = "the lock is released when this is dropped"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    held: Held<&'a Access, Write>,
    value: NonNull<T>,
    _value: PhantomData<&'a mut T>,
}

// SAFETY: it stands for a `&mut T` and a shared reference to the permits, and can become a reader's guard, for which the
// value must be `Sync`.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockWriteGuard<'_, T> {}
// SAFETY: shared, it gives out `&T` only.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// `value` is that of the lock that is held.
    #[inline]
    pub(super) fn new(held: Held<&'a Access, Write>, value: NonNull<T>) -> Self {
        Self { held, value, _value: PhantomData }
    }

    /// The same access, in a guard of the type that [`map`](Self::map) returns.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{RwLock, RwLockWriteGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new(1);
    /// let mut guard = RwLockWriteGuard::into_mapped(lock.write().await);
    /// *guard = 2;
    /// # });
    /// ```
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard::new(this.held, this.value)
    }

    /// Narrows the guard to a part of the value.
    ///
    /// This is an associated function: a method would hide one of the value's.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{RwLock, RwLockWriteGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new((1, "one"));
    /// let mut number = RwLockWriteGuard::map(lock.write().await, |pair| &mut pair.0);
    /// *number = 2;
    /// drop(number);
    /// assert_eq!(*lock.read().await, (2, "one"));
    /// # });
    /// ```
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let part = NonNull::from(f(&mut *this));
        RwLockMappedWriteGuard::new(this.held, part)
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
    /// use rt_core::sync::{RwLock, RwLockWriteGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new(vec![1, 2]);
    /// let second = RwLockWriteGuard::try_map(lock.write().await, |list| list.get_mut(1)).unwrap();
    /// assert_eq!(*second, 2);
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

    /// Goes on as a reader, without letting another writer in between. Readers that are first in line get in.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = rt_core::sync::RwLock::new(1);
    /// let mut writer = lock.write().await;
    /// *writer = 2;
    /// let reader = writer.downgrade();
    /// assert_eq!(*reader + *lock.read().await, 4);
    /// # });
    /// ```
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::new(self.held.downgrade(), self.value)
    }

    /// Goes on as a reader of a part of the value, as [`downgrade`](Self::downgrade) and a map in one.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{RwLock, RwLockWriteGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new((1, "one"));
    /// let name = RwLockWriteGuard::downgrade_map(lock.write().await, |pair| &pair.1);
    /// assert_eq!(*name, lock.read().await.1);
    /// # });
    /// ```
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let part = NonNull::from(f(&*this));
        RwLockReadGuard::new(this.held.downgrade(), part)
    }

    /// Goes on as a reader of a part of the value, if the value has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `f` returns `None`; it still is a writer's.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{RwLock, RwLockWriteGuard};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = RwLock::new(vec![1]);
    /// let mut writer = RwLockWriteGuard::try_downgrade_map(lock.write().await, |list| list.get(1)).unwrap_err();
    /// writer.push(2);
    /// let second = RwLockWriteGuard::try_downgrade_map(writer, |list| list.get(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// # });
    /// ```
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(part) => Ok(RwLockReadGuard::new(this.held.downgrade(), part)),
            None => Err(this),
        }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: it is the value of a lock that we hold for writing.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: it is the value of a lock that we hold for writing, and the guard is borrowed mutably.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
