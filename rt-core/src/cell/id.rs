//! Task ids.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU64;

use crate::shim;
use crate::shim::atomic::Ordering;
use crate::shim::statics::AtomicU64;

/// Ids that a thread takes from the global counter at a time, so that threads that spawn don't share it.
const BLOCK: u64 = 256;

static NEXT_BLOCK: AtomicU64 = AtomicU64::new(1);

shim::thread_slot! {
    // The next id, and the end of the block.
    static BLOCK_OF_THREAD: Cell<(u64, u64)> = Cell::new((0, 0))
}

/// Names a task, for as long as the task runs and longer: ids aren't used again within a process.
///
/// Ids say nothing about the order in which tasks were spawned.
///
/// # Examples
///
/// ```
/// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let task = rt_core::spawn(async { rt_core::task::id() });
/// let outside = task.id();
/// assert_eq!(task.await.unwrap(), outside);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Hash, Eq, PartialEq, Ord, PartialOrd)]
pub struct Id(NonZeroU64);

impl Id {
    pub(crate) fn number(self) -> u64 {
        self.0.get()
    }

    /// An id that no other task has.
    pub(crate) fn next() -> Self {
        let id = BLOCK_OF_THREAD
            .try_with(|block| {
                let (mut next, mut end) = block.get();
                if next == end {
                    next = take(BLOCK);
                    end = next + BLOCK;
                }
                block.set((next + 1, end));
                next
            })
            // A thread that is ending has no block any more.
            .unwrap_or_else(|_| take(1));
        Self(NonZeroU64::new(id).unwrap_or(NonZeroU64::MIN))
    }
}

fn take(count: u64) -> u64 {
    // Relaxed: the numbers need to differ, nothing else.
    NEXT_BLOCK.fetch_add(count, Ordering::Relaxed)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
