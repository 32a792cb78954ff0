//! loom's primitives: every access is a point at which a model may switch threads.

#[cfg(all(loom, not(feature = "_loom")))]
compile_error!("the models need the feature `_loom`: run them by `cargo xtask loom`");

/// Atomic integers, pointers and fences.
pub(crate) mod atomic {
    pub(crate) use loom::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
    };
}

/// Interior mutability whose accesses the models check.
pub(crate) mod cell {
    pub(crate) use loom::cell::UnsafeCell;
}

/// Locks that don't poison.
pub(crate) mod sync {
    use std::time::Duration;

    pub(crate) use loom::sync::{Arc, MutexGuard, RwLockReadGuard, RwLockWriteGuard};

    /// A mutex without poisoning.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(crate) fn into_inner(self) -> T {
            self.0.into_inner().unwrap_or_else(|error| error.into_inner())
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(|error| error.into_inner())
        }

        pub(crate) fn get_mut(&mut self) -> &mut T {
            self.0.get_mut().unwrap_or_else(|error| error.into_inner())
        }
    }

    /// A reader-writer lock without poisoning.
    #[derive(Debug, Default)]
    pub(crate) struct RwLock<T>(loom::sync::RwLock<T>);

    impl<T> RwLock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::RwLock::new(value))
        }

        pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
            self.0.read().unwrap_or_else(|error| error.into_inner())
        }

        pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
            self.0.write().unwrap_or_else(|error| error.into_inner())
        }
    }

    /// A condition variable for [`Mutex`].
    #[derive(Debug, Default)]
    pub(crate) struct Condvar(loom::sync::Condvar);

    impl Condvar {
        pub(crate) fn new() -> Self {
            Self(loom::sync::Condvar::new())
        }

        pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
            self.0.wait(guard).unwrap_or_else(|error| error.into_inner())
        }

        /// Time doesn't pass in a model: the wait ends by a notification.
        pub(crate) fn wait_timeout<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            _limit: Duration,
        ) -> (MutexGuard<'a, T>, bool) {
            (self.wait(guard), false)
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify_one();
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }
    }
}

/// Threads.
pub(crate) mod thread {
    pub(crate) use loom::thread::{
        AccessError, Builder, JoinHandle, LocalKey, Thread, current, park, spawn, yield_now,
    };

    pub(crate) fn panicking() -> bool {
        std::thread::panicking()
    }
}

/// Hints to the processor.
pub(crate) mod hint {
    pub(crate) use loom::hint::spin_loop;

    /// Lets others run, one of whom is about to let go of something. It goes on as if it had come after that, which
    /// other executions explore: a model of all ways to wait has no end.
    pub(crate) fn wait_for_holder(_turn: usize) {
        loom::skip_branch();
        loom::thread::yield_now();
    }
}

/// Waits for a future, on the model's thread.
pub(crate) use loom::future::block_on;

/// A thread-local slot.
macro_rules! thread_slot {
    ($(#[$meta:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr) => {
        ::loom::thread_local! { $(#[$meta])* $vis static $name: $ty = $init }
    };
}
pub(crate) use thread_slot;

/// An atomic of the whole process.
macro_rules! global {
    (static $name:ident: $ty:ty = $init:expr;) => {
        ::loom::lazy_static! { static ref $name: $ty = $init; }
    };
}
pub(crate) use global;
