//! What senders and receivers share.
//!
//! E1: `receiver_leaves` AcqRel -> `receivers` Acquire: what its owner did before is seen by who sees it gone.
//! E2: `sender_leaves` AcqRel -> the last `sender_leaves` AcqRel: the channel is closed after all that was sent.
//! Counting up is Relaxed: there is one to count from, or a sender, which keeps the channel alive.
//!
//! `tests_loom.rs` models it.

use super::signal::{Signal, Version};
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::sync::{RwLock, RwLockReadGuard};
use crate::sync::Notify;

pub(super) struct Shared<T> {
    value: RwLock<T>,
    /// Put forward under the write lock of the value: under its read lock, the version is that of the value.
    pub(super) signal: Signal,
    senders: AtomicUsize,
    receivers: AtomicUsize,
    /// Tells of the drop of the last receiver.
    pub(super) abandoned: Notify,
}

impl<T> Shared<T> {
    /// With one sender and no receiver.
    pub(super) fn new(init: T) -> Self {
        Self {
            value: RwLock::new(init),
            signal: Signal::new(),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(0),
            abandoned: Notify::new(),
        }
    }

    /// The value, which doesn't change while it is borrowed, and its version.
    #[inline]
    pub(super) fn read(&self) -> (RwLockReadGuard<'_, T>, Version) {
        let value = self.value.read();
        let version = self.signal.look().version();
        (value, version)
    }

    /// Lets `modify` change the value, and tells the receivers if it says that it has. A panic leaves what it did,
    /// and tells nobody.
    pub(super) fn modify(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let mut value = self.value.write();
        if !modify(&mut value) {
            return false;
        }
        let waiting = self.signal.advance();
        drop(value);
        if let Some(last) = waiting {
            self.signal.tell(last);
        }
        true
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers.load(Ordering::Acquire) // E1
    }

    pub(super) fn senders(&self) -> usize {
        // Relaxed: a number for the reader's eyes.
        self.senders.load(Ordering::Relaxed)
    }

    pub(super) fn receiver_joins(&self) {
        self.receivers.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn receiver_leaves(&self) {
        // E1
        if self.receivers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.abandoned.notify_waiters();
        }
    }

    pub(super) fn sender_joins(&self) {
        self.senders.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sender_leaves(&self) {
        // E2
        if self.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.signal.close();
        }
    }
}
