//! The lock without its value: who may read, who may write.
//!
//! There is a permit for each reader that there may be. A reader takes one, a writer all: so the line of the
//! [`Permits`] is that of readers and writers alike, and a writer that becomes a reader gives back all but one.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::Arc; // std: in public signatures

use super::RwLock;
use crate::base::trace::{Resource, Update};
use crate::sync::error::{AcquireError, TryLockError};
use crate::sync::permits::Permits;

/// See the module's documentation.
pub(super) struct Access {
    permits: Permits,
    /// All permits.
    all: u32,
    trace: Resource,
}

impl Access {
    #[cfg(not(loom))]
    pub(super) const fn new(readers: u32, trace: Resource) -> Self {
        Self { permits: Permits::new(readers as usize), all: readers, trace }
    }

    #[cfg(loom)]
    pub(super) fn new(readers: u32, trace: Resource) -> Self {
        Self { permits: Permits::new(readers as usize), all: readers, trace }
    }

    #[inline]
    pub(super) fn read(
        &self,
        source: &'static str,
    ) -> impl Future<Output = Result<(), AcquireError>> + use<'_> {
        self.permits.wait(&self.trace, source, 1)
    }

    #[inline]
    pub(super) fn write(
        &self,
        source: &'static str,
    ) -> impl Future<Output = Result<(), AcquireError>> + use<'_> {
        self.permits.wait(&self.trace, source, self.all as usize)
    }

    #[inline]
    pub(super) fn try_read(&self) -> Result<(), TryLockError> {
        self.permits.try_acquire(1).map_err(|_| TryLockError(()))
    }

    #[inline]
    pub(super) fn try_write(&self) -> Result<(), TryLockError> {
        self.permits.try_acquire(self.all as usize).map_err(|_| TryLockError(()))
    }

    /// Gives `n` permits back, also when a subscriber panics that is told of it.
    #[inline]
    fn release(&self, n: usize, told: Update) {
        struct Release<'a>(&'a Permits, usize);
        impl Drop for Release<'_> {
            #[inline]
            fn drop(&mut self) {
                self.0.release(self.1);
            }
        }
        let release = Release(&self.permits, n);
        // Before they are another one's, who tells of that.
        self.trace.update(&[told]);
        drop(release);
        self.permits.tell(&self.trace);
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

    /// That it begins, as a subscriber is told.
    const BEGINS: Update;

    /// That it ends.
    const ENDS: Update;
}

/// For reading.
pub(super) enum Read {}

/// For writing.
pub(super) enum Write {}

impl Kind for Read {
    const BEGINS: Update = Update::ReaderCame;
    const ENDS: Update = Update::ReaderLeft;

    #[inline]
    fn permits(_: &Access) -> usize {
        1
    }
}

impl Kind for Write {
    const BEGINS: Update = Update::WriteLocked(true);
    const ENDS: Update = Update::WriteLocked(false);

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
        let held = Self { lock, _kind: PhantomData };
        let access = held.lock.access();
        access.trace.update(&[K::BEGINS]);
        access.permits.tell(&access.trace);
        held
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
        let held = Held { lock, _kind: PhantomData };
        let access = held.lock.access();
        access.release(access.all as usize - 1, Write::ENDS);
        access.trace.update(&[Read::BEGINS]);
        held
    }
}

impl<L: Lock, K: Kind> Drop for Held<L, K> {
    #[inline]
    fn drop(&mut self) {
        let access = self.lock.access();
        access.release(K::permits(access), K::ENDS);
    }
}
