//! The lock without its value: who may read, who may write.
//!
//! There is a permit for each reader that there may be. A reader takes one, a writer all: so the line of the
//! [`Permits`] is that of readers and writers alike, and a writer that becomes a reader gives back all but one.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::Arc; // std: in public signatures

use super::RwLock;
use crate::sync::error::TryLockError;
use crate::sync::permits::{Acquire, Permits};

/// See the module's documentation.
pub(super) struct Access {
    permits: Permits,
    /// All permits.
    all: u32,
}

impl Access {
    #[cfg(not(loom))]
    pub(super) const fn new(readers: u32) -> Self {
        Self { permits: Permits::new(readers as usize), all: readers }
    }

    #[cfg(loom)]
    pub(super) fn new(readers: u32) -> Self {
        Self { permits: Permits::new(readers as usize), all: readers }
    }

    #[inline]
    pub(super) fn read(&self) -> Acquire<'_> {
        self.permits.acquire(1)
    }

    #[inline]
    pub(super) fn write(&self) -> Acquire<'_> {
        self.permits.acquire(self.all as usize)
    }

    #[inline]
    pub(super) fn try_read(&self) -> Result<(), TryLockError> {
        self.permits.try_acquire(1).map_err(|_| TryLockError(()))
    }

    #[inline]
    pub(super) fn try_write(&self) -> Result<(), TryLockError> {
        self.permits.try_acquire(self.all as usize).map_err(|_| TryLockError(()))
    }
}

/// Where the access is.
pub(super) trait Lock {
    fn access(&self) -> &Access;
}

impl Lock for &Access {
    #[inline]
    fn access(&self) -> &Access {
        self
    }
}

impl<T: ?Sized> Lock for Arc<RwLock<T>> {
    #[inline]
    fn access(&self) -> &Access {
        &self.access
    }
}

/// What it is held for.
pub(super) trait Kind {
    /// How many permits that takes.
    fn permits(access: &Access) -> usize;
}

/// For reading.
pub(super) enum Read {}

/// For writing.
pub(super) enum Write {}

impl Kind for Read {
    #[inline]
    fn permits(_: &Access) -> usize {
        1
    }
}

impl Kind for Write {
    #[inline]
    fn permits(access: &Access) -> usize {
        access.all as usize
    }
}

/// A lock that is held; dropping it releases the lock.
///
/// The guards have it and have no `Drop` of their own, so that it can move from one guard to the next.
pub(super) struct Held<L: Lock, K: Kind> {
    lock: L,
    _kind: PhantomData<K>,
}

impl<L: Lock, K: Kind> Held<L, K> {
    /// The caller has taken the permits.
    #[inline]
    pub(super) fn new(lock: L) -> Self {
        Self { lock, _kind: PhantomData }
    }

    #[inline]
    pub(super) fn lock(&self) -> &L {
        &self.lock
    }
}

impl<L: Lock> Held<L, Write> {
    /// Goes on as a reader; others may read as well from now on. No writer comes in between.
    pub(super) fn downgrade(self) -> Held<L, Read> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` isn't dropped, and this is the only time that its lock is taken out.
        let lock = unsafe { std::ptr::read(&this.lock) };
        let held = Held::new(lock);
        let access = held.lock.access();
        access.permits.release(access.all as usize - 1);
        held
    }
}

impl<L: Lock, K: Kind> Drop for Held<L, K> {
    #[inline]
    fn drop(&mut self) {
        let access = self.lock.access();
        access.permits.release(K::permits(access));
    }
}
