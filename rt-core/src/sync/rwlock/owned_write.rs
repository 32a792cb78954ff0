//! The guard of a writer that keeps the lock alive.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc; // std: in public signatures

use super::access::{Held, Write};
use super::{OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, RwLock};

/// Access for writing to the value of a [`RwLock`] that is held until this is dropped, and keeps the lock alive.
///
/// Returned by [`RwLock::write_owned`] and [`RwLock::try_write_owned`].
#[must_use = "the lock is released when this is dropped"]
pub struct OwnedRwLockWriteGuard<T: ?Sized> {
    value: NonNull<T>,
    held: Held<Arc<RwLock<T>>, Write>,
    _value: PhantomData<T>,
}

// SAFETY: it stands for a `&mut T` and the lock.
unsafe impl<T: ?Sized + Send + Sync> Send for OwnedRwLockWriteGuard<T> {}
// SAFETY: shared, it gives out `&T` only.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedRwLockWriteGuard<T> {}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// `value` is that of the lock that is held.
    pub(super) fn new(held: Held<Arc<RwLock<T>>, Write>, value: NonNull<T>) -> Self {
        Self { value, held, _value: PhantomData }
    }

    /// The same access, in a guard of the type that [`map`](Self::map) returns.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let mut guard = OwnedRwLockWriteGuard::into_mapped(lock.try_write_owned().unwrap());
    /// *guard = 2;
    /// ```
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockMappedWriteGuard::new(this.held, this.value)
    }

    /// Narrows the guard to a part of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(RwLock::new((1, "one")));
    /// let mut number = OwnedRwLockWriteGuard::map(lock.clone().write_owned().await, |pair| &mut pair.0);
    /// *number = 2;
    /// drop(number);
    /// assert_eq!(*lock.read().await, (2, "one"));
    /// # });
    /// ```
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let part = NonNull::from(f(&mut *this));
        OwnedRwLockMappedWriteGuard::new(this.held, part)
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
    /// use rt_core::sync::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(RwLock::new(vec![1, 2]));
    /// let second = OwnedRwLockWriteGuard::try_map(lock.write_owned().await, |list| list.get_mut(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// # });
    /// ```
    pub fn try_map<F, U: ?Sized>(mut this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        match f(&mut *this).map(NonNull::from) {
            Some(part) => Ok(OwnedRwLockMappedWriteGuard::new(this.held, part)),
            None => Err(this),
        }
    }

    /// Goes on as a reader, without letting another writer in between. Readers that are first in line get in.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::RwLock;
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let mut writer = lock.clone().try_write_owned().unwrap();
    /// *writer = 2;
    /// let reader = writer.downgrade();
    /// assert_eq!(*reader + *lock.try_read().unwrap(), 4);
    /// ```
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::new(self.held.downgrade(), self.value)
    }

    /// Goes on as a reader of a part of the value, as [`downgrade`](Self::downgrade) and a map in one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let lock = Arc::new(RwLock::new((1, "one")));
    /// let writer = lock.clone().try_write_owned().unwrap();
    /// let name = OwnedRwLockWriteGuard::downgrade_map(writer, |pair| &pair.1);
    /// assert_eq!(*name, lock.try_read().unwrap().1);
    /// ```
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let part = NonNull::from(f(&*this));
        OwnedRwLockReadGuard::new(this.held.downgrade(), part)
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
    /// use std::sync::Arc;
    /// use rt_core::sync::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(vec![1]));
    /// let writer = lock.clone().try_write_owned().unwrap();
    /// let mut writer = OwnedRwLockWriteGuard::try_downgrade_map(writer, |list| list.get(1)).unwrap_err();
    /// writer.push(2);
    /// let second = OwnedRwLockWriteGuard::try_downgrade_map(writer, |list| list.get(1)).unwrap();
    /// assert_eq!(*second, 2);
    /// ```
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        match f(&*this).map(NonNull::from) {
            Some(part) => Ok(OwnedRwLockReadGuard::new(this.held.downgrade(), part)),
            None => Err(this),
        }
    }

    /// The lock that is held.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::{OwnedRwLockWriteGuard, RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// assert!(Arc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&guard), &lock));
    /// ```
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.held.lock()
    }
}

impl<T: ?Sized> Deref for OwnedRwLockWriteGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: it is the value of a lock that we hold for writing.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for OwnedRwLockWriteGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: it is the value of a lock that we hold for writing, and the guard is borrowed mutably.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for OwnedRwLockWriteGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for OwnedRwLockWriteGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
