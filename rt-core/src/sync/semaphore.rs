//! A counting semaphore.

use std::fmt;
use std::panic::Location;
use std::sync::Arc; // std: in public signatures

use super::error::{AcquireError, TryAcquireError};
use super::permits::{MAX_PERMITS, Permits};
use crate::base::trace;
use crate::coop::region;

/// A count of permits that tasks take and give back.
///
/// A task that finds too few permits waits until enough are given back. The line is fair: permits go to
/// those who asked first, and a task that needs many at the front of the line isn't overtaken by one behind
/// it that needs few.
///
/// Taking and giving back permits that nobody waits for takes no lock, and waiting allocates nothing.
///
/// # Examples
///
/// No more than two downloads at a time:
///
/// ```
/// use std::sync::Arc;
/// use rt_core::sync::Semaphore;
///
/// async fn download(limit: Arc<Semaphore>, number: u32) -> u32 {
///     let _permit = limit.acquire().await.expect("never closed");
///     number * 10
/// }
///
/// # futures::executor::block_on(async {
/// let limit = Arc::new(Semaphore::new(2));
/// let downloads = (1..=3).map(|number| download(limit.clone(), number));
/// assert_eq!(futures::future::join_all(downloads).await, [10, 20, 30]);
/// assert_eq!(limit.available_permits(), 2);
/// # });
/// ```
pub struct Semaphore {
    permits: Permits,
    trace: trace::Resource,
}

/// Permits of a [`Semaphore`], given back when this is dropped.
///
/// Returned by [`Semaphore::acquire`] and its relatives.
#[must_use = "the permits are given back when this is dropped"]
#[derive(Debug)]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    n: usize,
}

/// Permits of a [`Semaphore`] that keep the semaphore alive, given back when this is dropped.
///
/// Returned by [`Semaphore::acquire_owned`] and its relatives. It can move into a task.
#[must_use = "the permits are given back when this is dropped"]
#[derive(Debug)]
pub struct OwnedSemaphorePermit {
    semaphore: Arc<Semaphore>,
    n: usize,
}

#[track_caller]
const fn check(permits: usize) {
    assert!(permits <= MAX_PERMITS, "a semaphore may not have more than MAX_PERMITS permits");
}

impl Semaphore {
    /// The most permits a semaphore can have: `usize::MAX >> 3`.
    ///
    /// Exceeding it panics.
    pub const MAX_PERMITS: usize = MAX_PERMITS;

    /// A semaphore with `permits` permits.
    ///
    /// # Panics
    ///
    /// When `permits` exceeds [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        check(permits);
        let location = Location::caller();
        let trace =
            trace::Resource::new(trace::Kind::Semaphore, location, &[]).with_permits(permits, location, &[]);
        Self { permits: Permits::new(permits), trace }
    }

    /// A semaphore with `permits` permits, for a `static`.
    ///
    /// # Panics
    ///
    /// When `permits` exceeds [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::Semaphore;
    ///
    /// static CONNECTIONS: Semaphore = Semaphore::const_new(100);
    /// assert_eq!(CONNECTIONS.available_permits(), 100);
    /// ```
    #[cfg(not(loom))]
    #[track_caller]
    pub const fn const_new(permits: usize) -> Self {
        check(permits);
        Self { permits: Permits::new(permits), trace: trace::Resource::NONE }
    }

    /// How many permits can be had now: none while tasks wait in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// let permit = semaphore.try_acquire_many(2).unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// drop(permit);
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.permits.snapshot().available()
    }

    /// Adds `n` permits, for those who wait and then for everyone.
    ///
    /// # Panics
    ///
    /// When that makes more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(0);
    /// assert!(semaphore.try_acquire().is_err());
    /// semaphore.add_permits(1);
    /// assert!(semaphore.try_acquire().is_ok());
    /// ```
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        check(n);
        self.permits.release(n);
        self.tell();
    }

    /// Takes up to `n` permits away for good, and returns how many it took.
    ///
    /// Only permits that are available count: those that are held, and those that lie ready for a task in
    /// line, stay. A closed semaphore stays closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// assert_eq!(semaphore.forget_permits(2), 2);
    /// assert_eq!(semaphore.forget_permits(2), 1);
    /// assert_eq!(semaphore.available_permits(), 0);
    /// ```
    pub fn forget_permits(&self, n: usize) -> usize {
        let forgotten = self.permits.forget(n);
        self.tell();
        forgotten
    }

    /// Has it traced how many permits there are now.
    #[inline(always)]
    fn tell(&self) {
        self.permits.tell(&self.trace);
    }

    /// Waits for permits, which nobody else owns then.
    #[inline(always)]
    fn take(
        &self,
        source: &'static str,
        n: usize,
    ) -> impl Future<Output = Result<(), AcquireError>> + use<'_> {
        self.permits.wait(&self.trace, source, n)
    }

    /// Waits for a permit.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line and takes no permit; a later call goes to the back of the line.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let semaphore = rt_core::sync::Semaphore::new(1);
    /// let permit = semaphore.acquire().await.unwrap();
    /// assert_eq!(semaphore.available_permits(), 0);
    /// drop(permit);
    /// # });
    /// ```
    pub async fn acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.take("Semaphore::acquire", 1).await?;
        let permit = SemaphorePermit { semaphore: self, n: 1 };
        permit.tell();
        Ok(permit)
    }

    /// Waits for `n` permits, all at once.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line and takes no permit; a later call goes to the back of the line.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let semaphore = rt_core::sync::Semaphore::new(5);
    /// let permit = semaphore.acquire_many(3).await.unwrap();
    /// assert_eq!(semaphore.available_permits(), 2);
    /// # drop(permit);
    /// # });
    /// ```
    pub async fn acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        let n = n as usize;
        self.take("Semaphore::acquire_many", n).await?;
        let permit = SemaphorePermit { semaphore: self, n };
        permit.tell();
        Ok(permit)
    }

    /// Takes a permit if there is one, without waiting.
    ///
    /// # Errors
    ///
    /// [`TryAcquireError::NoPermits`] when none is available, [`TryAcquireError::Closed`] when the semaphore
    /// is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{Semaphore, TryAcquireError};
    ///
    /// let semaphore = Semaphore::new(1);
    /// let permit = semaphore.try_acquire().unwrap();
    /// assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    /// # drop(permit);
    /// ```
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `n` permits if there are as many, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_acquire`](Self::try_acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(4);
    /// let permit = semaphore.try_acquire_many(3).unwrap();
    /// assert!(semaphore.try_acquire_many(2).is_err());
    /// # drop(permit);
    /// ```
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let n = n as usize;
        self.permits.try_acquire(n)?;
        let permit = SemaphorePermit { semaphore: self, n };
        permit.tell();
        Ok(permit)
    }

    /// Waits for a permit that keeps the semaphore alive and can move into a task.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line and takes no permit; a later call goes to the back of the line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// # futures::executor::block_on(async {
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.clone().acquire_owned().await.unwrap();
    /// std::thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # });
    /// ```
    pub async fn acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.take("Semaphore::acquire_owned", 1).await?;
        let permit = OwnedSemaphorePermit { semaphore: self, n: 1 };
        permit.tell();
        Ok(permit)
    }

    /// Waits for `n` permits, all at once, that keep the semaphore alive.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line and takes no permit; a later call goes to the back of the line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// # futures::executor::block_on(async {
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// let permit = semaphore.clone().acquire_many_owned(2).await.unwrap();
    /// assert_eq!(permit.num_permits(), 2);
    /// # });
    /// ```
    pub async fn acquire_many_owned(self: Arc<Self>, n: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        let n = n as usize;
        self.take("Semaphore::acquire_many_owned", n).await?;
        let permit = OwnedSemaphorePermit { semaphore: self, n };
        permit.tell();
        Ok(permit)
    }

    /// Takes a permit that keeps the semaphore alive, if there is one, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_acquire`](Self::try_acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.clone().try_acquire_owned().unwrap();
    /// assert!(semaphore.try_acquire_owned().is_err());
    /// # drop(permit);
    /// ```
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// Takes `n` permits that keep the semaphore alive, if there are as many, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_acquire`](Self::try_acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// let permit = semaphore.clone().try_acquire_many_owned(3).unwrap();
    /// assert_eq!(semaphore.available_permits(), 0);
    /// # drop(permit);
    /// ```
    pub fn try_acquire_many_owned(self: Arc<Self>, n: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let n = n as usize;
        self.permits.try_acquire(n)?;
        let permit = OwnedSemaphorePermit { semaphore: self, n };
        permit.tell();
        Ok(permit)
    }

    /// Blocks the calling thread until it has a permit.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code: it would block the thread that runs the other tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(1);
    /// let permit = semaphore.blocking_acquire().unwrap();
    /// assert_eq!(permit.num_permits(), 1);
    /// ```
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        region::block_on(self.acquire())
    }

    /// Blocks the calling thread until it has `n` permits.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(2);
    /// let permit = semaphore.blocking_acquire_many(2).unwrap();
    /// assert_eq!(permit.num_permits(), 2);
    /// ```
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        region::block_on(self.acquire_many(n))
    }

    /// Blocks the calling thread until it has a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.clone().blocking_acquire_owned().unwrap();
    /// assert!(Arc::ptr_eq(permit.semaphore(), &semaphore));
    /// ```
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        region::block_on(self.acquire_owned())
    }

    /// Blocks the calling thread until it has `n` permits that keep the semaphore alive.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(2));
    /// let permit = semaphore.blocking_acquire_many_owned(2).unwrap();
    /// assert_eq!(permit.num_permits(), 2);
    /// ```
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        region::block_on(self.acquire_many_owned(n))
    }

    /// Closes the semaphore: no more permits are given, and all who wait get an error.
    ///
    /// Permits that are held stay valid.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::{Semaphore, TryAcquireError};
    ///
    /// # futures::executor::block_on(async {
    /// let semaphore = Semaphore::new(1);
    /// semaphore.close();
    /// assert!(semaphore.acquire().await.is_err());
    /// assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
    /// # });
    /// ```
    pub fn close(&self) {
        self.permits.close();
    }

    /// Whether the semaphore is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(1);
    /// assert!(!semaphore.is_closed());
    /// semaphore.close();
    /// assert!(semaphore.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.permits.snapshot().is_closed()
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = self.permits.snapshot();
        f.debug_struct("Semaphore")
            .field("available_permits", &now.available())
            .field("closed", &now.is_closed())
            .finish()
    }
}

impl<'a> SemaphorePermit<'a> {
    /// Has it traced that the permits were taken.
    fn tell(&self) {
        self.semaphore.tell();
    }

    /// Drops the permits without giving them back: the semaphore has so many fewer from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// semaphore.try_acquire().unwrap().forget();
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    pub fn forget(mut self) {
        self.n = 0;
    }

    /// Adds the permits of another to this one.
    ///
    /// # Panics
    ///
    /// When they are permits of different semaphores.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// let mut permit = semaphore.try_acquire().unwrap();
    /// permit.merge(semaphore.try_acquire_many(2).unwrap());
    /// assert_eq!(permit.num_permits(), 3);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            std::ptr::eq(self.semaphore, other.semaphore),
            "merging permits from different semaphore instances"
        );
        self.n += std::mem::take(&mut other.n);
    }

    /// Takes `n` permits out of this one; `None` when it has fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// let mut three = semaphore.try_acquire_many(3).unwrap();
    /// let two = three.split(2).unwrap();
    /// assert_eq!((three.num_permits(), two.num_permits()), (1, 2));
    /// assert!(three.split(2).is_none());
    /// ```
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.n = self.n.checked_sub(n)?;
        Some(Self { semaphore: self.semaphore, n })
    }

    /// How many permits it holds.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// assert_eq!(semaphore.try_acquire_many(2).unwrap().num_permits(), 2);
    /// ```
    pub fn num_permits(&self) -> usize {
        self.n
    }

    /// The semaphore that the permits belong to.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = rt_core::sync::Semaphore::new(3);
    /// let permit = semaphore.try_acquire().unwrap();
    /// assert_eq!(permit.semaphore().available_permits(), 2);
    /// ```
    pub fn semaphore(&self) -> &'a Semaphore {
        self.semaphore
    }
}

impl Drop for SemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.n > 0 {
            self.semaphore.permits.release(self.n);
            self.semaphore.tell();
        }
    }
}

impl OwnedSemaphorePermit {
    /// Has it traced that the permits were taken.
    fn tell(&self) {
        self.semaphore.tell();
    }

    /// Drops the permits without giving them back: the semaphore has so many fewer from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// semaphore.clone().try_acquire_owned().unwrap().forget();
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    pub fn forget(mut self) {
        self.n = 0;
    }

    /// Adds the permits of another to this one.
    ///
    /// # Panics
    ///
    /// When they are permits of different semaphores.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// let mut permit = semaphore.clone().try_acquire_owned().unwrap();
    /// permit.merge(semaphore.try_acquire_many_owned(2).unwrap());
    /// assert_eq!(permit.num_permits(), 3);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            Arc::ptr_eq(&self.semaphore, &other.semaphore),
            "merging permits from different semaphore instances"
        );
        self.n += std::mem::take(&mut other.n);
    }

    /// Takes `n` permits out of this one; `None` when it has fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// let mut three = semaphore.try_acquire_many_owned(3).unwrap();
    /// let two = three.split(2).unwrap();
    /// assert_eq!((three.num_permits(), two.num_permits()), (1, 2));
    /// ```
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.n = self.n.checked_sub(n)?;
        Some(Self { semaphore: self.semaphore.clone(), n })
    }

    /// How many permits it holds.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// assert_eq!(semaphore.try_acquire_many_owned(2).unwrap().num_permits(), 2);
    /// ```
    pub fn num_permits(&self) -> usize {
        self.n
    }

    /// The semaphore that the permits belong to.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(3));
    /// let permit = semaphore.clone().try_acquire_owned().unwrap();
    /// assert!(Arc::ptr_eq(permit.semaphore(), &semaphore));
    /// ```
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }
}

impl Drop for OwnedSemaphorePermit {
    #[inline]
    fn drop(&mut self) {
        if self.n > 0 {
            self.semaphore.permits.release(self.n);
            self.semaphore.tell();
        }
    }
}
