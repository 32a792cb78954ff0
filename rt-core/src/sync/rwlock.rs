//! A lock for one writer or many readers that can be held across an `.await`.

mod access;
mod mapped;
mod owned_mapped;
mod owned_read;
mod owned_write;
mod read;
mod write;

use std::fmt;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc; // std: in public signatures

pub use mapped::RwLockMappedWriteGuard;
pub use owned_mapped::OwnedRwLockMappedWriteGuard;
pub use owned_read::OwnedRwLockReadGuard;
pub use owned_write::OwnedRwLockWriteGuard;
pub use read::RwLockReadGuard;
pub use write::RwLockWriteGuard;

use super::error::TryLockError;
use super::permits::expect_open;
use crate::base::trace;
use crate::coop::region;
use crate::shim::cell::UnsafeCell;
use access::{Access, Held};

/// How many readers there may be at once, unless the lock was made with another number.
const MAX_READERS: u32 = u32::MAX >> 3;

/// A value that many tasks at a time may read, or one task may write, also while they wait for something else.
///
/// The lock is fair: tasks get it in the order in which they asked for it. So readers that keep coming don't
/// starve a writer: who asks after a writer that waits is served after it, also if the lock is held for
/// reading. A task that holds it for reading and asks once more may thus wait for itself, when a writer has
/// asked in between.
///
/// Locking and unlocking without contention is one atomic operation each. A panic of the holder doesn't
/// poison it: the guard is dropped, and the next one gets the lock.
///
/// # Examples
///
/// ```
/// use rt_core::sync::RwLock;
///
/// # futures::executor::block_on(async {
/// let table = RwLock::new(vec![1, 2]);
/// {
///     let (one, two) = (table.read().await, table.read().await);
///     assert_eq!(one[0] + two[1], 3);
/// }
/// table.write().await.push(3);
/// assert_eq!(*table.read().await, [1, 2, 3]);
/// # });
/// ```
pub struct RwLock<T: ?Sized> {
    access: Access,
    value: UnsafeCell<T>,
}

// SAFETY: sending the lock sends the value.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: it gives `&T` to many threads at a time, or `&mut T` to one: the value must be `Sync` for the one and `Send`
// for the other.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

impl<T> RwLock<T> {
    /// An unlocked lock with a value in it.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::RwLock::new(5);
    /// assert_eq!(*lock.try_read().unwrap(), 5);
    /// ```
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self::with_max_readers(value, MAX_READERS)
    }

    /// An unlocked lock that at most so many readers hold at once; further ones wait.
    ///
    /// # Panics
    ///
    /// When `max_readers` is 0, or more than `u32::MAX >> 3`.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::RwLock::with_max_readers(5, 1);
    /// let guard = lock.try_read().unwrap();
    /// assert!(lock.try_read().is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn with_max_readers(value: T, max_readers: u32) -> Self {
        check(max_readers);
        let location = Location::caller();
        let trace = trace::Resource::new(trace::Kind::RwLock, location, &known(max_readers));
        let trace = trace.with_permits(max_readers as usize, location, &[]);
        Self { access: Access::new(max_readers, trace), value: UnsafeCell::new(value) }
    }

    /// An unlocked lock with a value in it, for a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::RwLock;
    ///
    /// static NAMES: RwLock<Vec<String>> = RwLock::const_new(Vec::new());
    /// assert!(NAMES.try_read().unwrap().is_empty());
    /// ```
    #[cfg(not(loom))]
    pub const fn const_new(value: T) -> Self {
        Self::const_with_max_readers(value, MAX_READERS)
    }

    /// As [`with_max_readers`](Self::with_max_readers), for a `static`.
    ///
    /// # Panics
    ///
    /// When `max_readers` is 0, or more than `u32::MAX >> 3`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::RwLock;
    ///
    /// static CACHE: RwLock<[u8; 4]> = RwLock::const_with_max_readers([0; 4], 64);
    /// assert_eq!(CACHE.try_read().unwrap()[0], 0);
    /// ```
    #[cfg(not(loom))]
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_readers: u32) -> Self {
        check(max_readers);
        Self { access: Access::new(max_readers, trace::Resource::NONE), value: UnsafeCell::new(value) }
    }

    /// The value.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::RwLock::new(5);
    /// assert_eq!(lock.into_inner(), 5);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// With none, a writer would have nothing to wait for, and there could be two.
#[track_caller]
const fn check(max_readers: u32) {
    assert!(max_readers > 0, "a RwLock may not be created with 0 readers");
    assert!(max_readers <= MAX_READERS, "a RwLock may not be created with more than u32::MAX >> 3 readers");
}

/// What is told of a lock that is new.
const fn known(max_readers: u32) -> [trace::Update; 3] {
    [trace::Update::MaxReaders(max_readers), trace::Update::WriteLocked(false), trace::Update::Readers(0)]
}

impl<T: ?Sized> RwLock<T> {
    /// Waits until nobody writes and no writer is first, and takes the lock for reading.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; a later call goes to the back of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = rt_core::sync::RwLock::new(1);
    /// let (one, two) = (lock.read().await, lock.read().await);
    /// assert_eq!(*one, *two);
    /// # });
    /// ```
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        expect_open(self.access.read("RwLock::read").await);
        RwLockReadGuard::new(Held::new(&self.access), self.place())
    }

    /// Blocks the calling thread until it has the lock for reading.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code: it would block the thread that runs the other tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::RwLock::new(1);
    /// assert_eq!(*lock.blocking_read(), 1);
    /// ```
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        region::block_on(self.read())
    }

    /// Waits for the lock, and takes it for reading by a guard that keeps it alive and can move into a task.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; a later call goes to the back of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::RwLock;
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.read_owned().await;
    /// std::thread::spawn(move || assert_eq!(*guard, 1)).join().unwrap();
    /// # });
    /// ```
    pub async fn read_owned(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        expect_open(self.access.read("RwLock::read_owned").await);
        let place = self.place();
        OwnedRwLockReadGuard::new(Held::new(self), place)
    }

    /// Takes the lock for reading if nobody writes or waits for it.
    ///
    /// # Errors
    ///
    /// When a writer holds it, or somebody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::RwLock::new(1);
    /// let guard = lock.try_read().unwrap();
    /// assert!(lock.try_read().is_ok());
    /// assert!(lock.try_write().is_err());
    /// # drop(guard);
    /// ```
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.access.try_read()?;
        Ok(RwLockReadGuard::new(Held::new(&self.access), self.place()))
    }

    /// As [`try_read`](Self::try_read), by a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// When a writer holds it, or somebody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::RwLock;
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.clone().try_read_owned().unwrap();
    /// assert!(lock.try_write_owned().is_err());
    /// # drop(guard);
    /// ```
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        self.access.try_read()?;
        let place = self.place();
        Ok(OwnedRwLockReadGuard::new(Held::new(self), place))
    }

    /// Waits until the lock is free and nobody is first, and takes it for writing.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; a later call goes to the back of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let lock = rt_core::sync::RwLock::new(1);
    /// *lock.write().await += 1;
    /// assert_eq!(*lock.read().await, 2);
    /// # });
    /// ```
    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        expect_open(self.access.write("RwLock::write").await);
        RwLockWriteGuard::new(Held::new(&self.access), self.place())
    }

    /// Blocks the calling thread until it has the lock for writing.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::RwLock::new(1);
    /// *lock.blocking_write() += 1;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        region::block_on(self.write())
    }

    /// Waits for the lock, and takes it for writing by a guard that keeps it alive and can move into a task.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line; a later call goes to the back of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::RwLock;
    ///
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(RwLock::new(1));
    /// let mut guard = lock.clone().write_owned().await;
    /// std::thread::spawn(move || *guard += 1).join().unwrap();
    /// assert_eq!(*lock.read().await, 2);
    /// # });
    /// ```
    pub async fn write_owned(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        expect_open(self.access.write("RwLock::write_owned").await);
        let place = self.place();
        OwnedRwLockWriteGuard::new(Held::new(self), place)
    }

    /// Takes the lock for writing if nobody holds it or waits for it.
    ///
    /// # Errors
    ///
    /// When somebody does.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = rt_core::sync::RwLock::new(1);
    /// *lock.try_write().unwrap() += 1;
    /// let guard = lock.try_read().unwrap();
    /// assert!(lock.try_write().is_err());
    /// # drop(guard);
    /// ```
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.access.try_write()?;
        Ok(RwLockWriteGuard::new(Held::new(&self.access), self.place()))
    }

    /// As [`try_write`](Self::try_write), by a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// When somebody holds it or waits for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::RwLock;
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.clone().try_write_owned().unwrap();
    /// assert!(lock.try_read().is_err());
    /// # drop(guard);
    /// ```
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        self.access.try_write()?;
        let place = self.place();
        Ok(OwnedRwLockWriteGuard::new(Held::new(self), place))
    }

    /// The value, without locking: having the lock mutably means that nobody else has it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lock = rt_core::sync::RwLock::new(1);
    /// *lock.get_mut() = 2;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: the mutable borrow of the lock excludes guards.
        self.value.with_mut(|value| unsafe { &mut *value })
    }

    /// Where the value is. It stays there while the lock is borrowed or kept alive.
    fn place(&self) -> NonNull<T> {
        // SAFETY: it is the address of a field.
        self.value.with(|value| unsafe { NonNull::new_unchecked(value.cast_mut()) })
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => out.field("data", &&*guard),
            Err(_) => out.field("data", &format_args!("<locked>")),
        };
        out.finish()
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
