//! A lock that can be held across an `.await`.

mod guard;
mod owned;

use std::fmt;
use std::panic::Location;
use std::sync::Arc; // std: in public signatures

pub use guard::{MappedMutexGuard, MutexGuard};
pub use owned::{OwnedMappedMutexGuard, OwnedMutexGuard};

use super::error::{AcquireError, TryLockError};
use super::permits::{Permits, expect_open};
use crate::base::trace;
use crate::coop::region;
use crate::shim::cell::UnsafeCell;

/// A value that one task at a time may reach, also while that task waits for something else.
///
/// Tasks get the lock in the order in which they asked for it. Locking and unlocking without contention is
/// one atomic operation each.
///
/// For data that is never held across an `.await`, a lock of the standard library does as well and is
/// faster under contention, since who waits for it isn't rescheduled. This one is for what must stay locked
/// meanwhile: a connection, a file.
///
/// A panic of the holder doesn't poison it: the guard is dropped, and the next one gets the lock.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use rt_core::sync::Mutex;
///
/// # futures::executor::block_on(async {
/// let log = Arc::new(Mutex::new(Vec::new()));
/// for line in ["one", "two"] {
///     log.lock().await.push(line);
/// }
/// assert_eq!(*log.lock().await, ["one", "two"]);
/// # });
/// ```
pub struct Mutex<T: ?Sized> {
    /// One permit: who has it has the value.
    permit: Permits,
    trace: trace::Resource,
    value: UnsafeCell<T>,
}

// SAFETY: sending the lock sends the value.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: the permit gives the value to one thread at a time, for which it must be `Send`.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    /// An unlocked mutex with a value in it.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::Mutex::new(5);
    /// assert_eq!(*lock.try_lock().unwrap(), 5);
    /// ```
    #[track_caller]
    pub fn new(value: T) -> Self {
        let location = Location::caller();
        let trace = trace::Resource::new(trace::Kind::Mutex, location, &[]);
        let trace = trace.with_permits(1, location, &[trace::Update::Locked(false)]);
        Self { permit: Permits::new(1), trace, value: UnsafeCell::new(value) }
    }

    /// An unlocked mutex with a value in it, for a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::Mutex;
    ///
    /// static NAMES: Mutex<Vec<String>> = Mutex::const_new(Vec::new());
    /// assert!(NAMES.try_lock().unwrap().is_empty());
    /// ```
    #[cfg(not(loom))]
    pub const fn const_new(value: T) -> Self {
        Self { permit: Permits::new(1), trace: trace::Resource::NONE, value: UnsafeCell::new(value) }
    }

    /// The value.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::Mutex::new(5);
    /// assert_eq!(lock.into_inner(), 5);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits until the lock is free and nobody is first, and takes it.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; a later call goes to the back of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = rt_core::sync::Mutex::new(1);
    /// *lock.lock().await += 1;
    /// assert_eq!(*lock.lock().await, 2);
    /// # });
    /// ```
    pub async fn lock(&self) -> MutexGuard<'_, T> {
        expect_open(self.wait("Mutex::lock").await);
        MutexGuard::new(self)
    }

    /// Blocks the calling thread until it has the lock.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code: it would block the thread that runs the other tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::Mutex::new(1);
    /// *lock.blocking_lock() += 1;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        region::block_on(self.lock())
    }

    /// Blocks the calling thread until it has the lock, by a guard that keeps the mutex alive.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Mutex;
    ///
    /// let lock = Arc::new(Mutex::new(1));
    /// *lock.clone().blocking_lock_owned() += 1;
    /// assert_eq!(*lock.blocking_lock_owned(), 2);
    /// ```
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        region::block_on(self.lock_owned())
    }

    /// Waits for the lock, and takes it by a guard that keeps the mutex alive and can move into a task.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; a later call goes to the back of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Mutex;
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(Mutex::new(1));
    /// let mut guard = lock.clone().lock_owned().await;
    /// std::thread::spawn(move || *guard += 1).join().unwrap();
    /// assert_eq!(*lock.lock().await, 2);
    /// # });
    /// ```
    pub async fn lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        expect_open(self.wait("Mutex::lock_owned").await);
        OwnedMutexGuard::new(self)
    }

    /// Takes the lock if it is free and nobody waits for it.
    ///
    /// # Errors
    ///
    /// When it is held, or promised to a task that waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::Mutex::new(1);
    /// let guard = lock.try_lock().unwrap();
    /// assert!(lock.try_lock().is_err());
    /// # drop(guard);
    /// ```
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        self.permit.try_acquire(1).map_err(|_| TryLockError(()))?;
        Ok(MutexGuard::new(self))
    }

    /// Takes the lock if it is free, by a guard that keeps the mutex alive.
    ///
    /// # Errors
    ///
    /// As [`try_lock`](Self::try_lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Mutex;
    ///
    /// let lock = Arc::new(Mutex::new(1));
    /// let guard = lock.clone().try_lock_owned().unwrap();
    /// assert!(lock.try_lock_owned().is_err());
    /// # drop(guard);
    /// ```
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        self.permit.try_acquire(1).map_err(|_| TryLockError(()))?;
        Ok(OwnedMutexGuard::new(self))
    }

    /// The value, without locking: having the mutex mutably means that nobody else has it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lock = rt_core::sync::Mutex::new(1);
    /// *lock.get_mut() = 2;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: the mutable borrow of the lock excludes guards.
        self.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized> Mutex<T> {
    #[inline]
    fn wait(&self, source: &'static str) -> impl Future<Output = Result<(), AcquireError>> + use<'_, T> {
        self.permit.wait(&self.trace, source, 1)
    }

    /// Tells that somebody has it now.
    #[inline]
    fn tell_locked(&self) {
        self.trace.update(&[trace::Update::Locked(true)]);
        self.permit.tell(&self.trace);
    }
}

/// Gives the permit of a mutex back, also when a subscriber panics that is told of it.
#[inline]
fn unlock(permit: &Permits, trace: &trace::Resource) {
    struct Release<'a>(&'a Permits);
    impl Drop for Release<'_> {
        #[inline]
        fn drop(&mut self) {
            self.0.release(1);
        }
    }
    let release = Release(permit);
    // Before it's another one's, who tells of that.
    trace.update(&[trace::Update::Locked(false)]);
    drop(release);
    permit.tell(trace);
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => out.field("data", &&*guard),
            Err(_) => out.field("data", &format_args!("<locked>")),
        };
        out.finish()
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
