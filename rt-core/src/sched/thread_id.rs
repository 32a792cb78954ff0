//! Which thread runs a worker.
//!
//! Not modelled: one lock, and a hint that only its writer relies on.
#![forbid(unsafe_code)]

use crate::base::thread_number;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::sync::Mutex;
use crate::shim::thread::{self, ThreadId};

/// The thread that took a core last. A thread that takes it time and again is noted once, without the lock.
#[derive(Debug, Default)]
pub(crate) struct LastThread {
    /// The thread's number, by which it recognizes itself; 0 for none.
    number: AtomicUsize,
    id: Mutex<Option<ThreadId>>,
}

impl LastThread {
    /// Notes that the calling thread has the core.
    #[inline]
    pub(super) fn note(&self) {
        let own = thread_number();
        // Relaxed: who finds its own number wrote it itself, the last of all.
        if own == 0 || self.number.load(Ordering::Relaxed) != own {
            self.change(own);
        }
    }

    #[cold]
    fn change(&self, own: usize) {
        let mut id = self.id.lock();
        *id = Some(thread::current().id());
        // Relaxed: as above. Under the lock, since two threads may come at once, one of which only means to take the core.
        self.number.store(own, Ordering::Relaxed);
    }

    pub(crate) fn id(&self) -> Option<ThreadId> {
        *self.id.lock()
    }
}
