//! Whether the thread is asleep in the system's event queue, so that unparking costs a system call only then.
//!
//! ```text
//!           fall_asleep (1)               notify (3): must write
//!   AWAKE ───────────────────▶ ASLEEP ──────────────────────────▶ NOTIFIED
//!    │ ▲                          │ wake_up (2)                      │ ▲
//!    │ └──────────────────────────┘                                  │ │ notify
//!    │ ▲            fall_asleep fails (4), wake_up (2)               │ │ (nothing)
//!    │ └─────────────────────────────────────────────────────────────┤─┘
//!    └───────────────────────────────────────────────────────────────▶
//!                     notify (5): nothing to write
//! ```
//!
//! A notification that meets a thread that is awake makes its next sleep a look. One whose write comes after
//! the thread woke for another reason makes a later sleep short, once.
//!
//! E1: `notify` AcqRel -> `fall_asleep`/`wake_up` Acquire: what was written before the unpark (a task in a
//! queue) is seen by the look around that follows the sleep. A `notify` that finds NOTIFIED is seen too, for it
//! writes the word again.

use crate::shim::atomic::{AtomicU32, Ordering};

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const NOTIFIED: u32 = 2;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Sleeper(AtomicU32);

/// What the thread that wants to sleep does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum FallAsleep {
    /// It sleeps; [`Sleeper::wake_up`] comes afterwards.
    Sleep,
    /// It was notified, and stays awake.
    StayAwake,
}

impl Sleeper {
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(AWAKE))
    }

    /// The thread is about to sleep. (1, 4)
    pub(super) fn fall_asleep(&self) -> FallAsleep {
        // Relaxed on success: ASLEEP publishes nothing, the sleeper has looked around before.
        match self.0.compare_exchange(AWAKE, ASLEEP, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => FallAsleep::Sleep,
            Err(_) => {
                self.0.swap(AWAKE, Ordering::Acquire); // E1
                FallAsleep::StayAwake
            }
        }
    }

    /// The thread has slept; true when it was notified. (2)
    pub(super) fn wake_up(&self) -> bool {
        self.0.swap(AWAKE, Ordering::Acquire) == NOTIFIED // E1
    }

    /// Tells the thread; true when it sleeps, so that the caller must write to its event queue. (3, 5)
    #[must_use]
    pub(super) fn notify(&self) -> bool {
        self.0.swap(NOTIFIED, Ordering::AcqRel) == ASLEEP // E1
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
