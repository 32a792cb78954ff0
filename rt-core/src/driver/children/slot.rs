//! A place for the number of a child that is to be reaped.
//!
//! ```text
//!             adopt (1)            claim (2)              mark (3)
//!    FREE ───────────────▶ pid ───────────────▶ pid|BUSY ──────────▶ pid|BUSY|AGAIN
//!     ▲                     ▲                    │  │  ▲                  │  │
//!     │                     └────────────────────┘  │  └──────────────────┘  │
//!     │                          let go (4)         │       let go (5)       │
//!     └─────────────────────────────────────────────┴────────────────────────┘
//!                                    free (6)
//! ```
//!
//! A child is reaped by whoever has claimed its slot, and by nobody else: once it is reaped, its number may be that of
//! another child, whose status isn't ours to take.
//! Who finds a slot claimed leaves a mark instead of waiting, for it may be a signal handler that has interrupted the
//! holder; who finds the mark asks once more. So an exit isn't missed: the signal comes after it.
//!
//! E1: `look`'s mark or claim (Release) -> the holder's `let_go`, or the next claim (Acquire): who asks after that, asks after
//! the exit that made the other look.
//! E2: `look`'s fence: `adopt`, fence, the child is asked for -> the child exits, signal, fence, the slot is read. One of
//! them sees the other. (The kernel orders this, too; here it doesn't depend on that.)
#![forbid(unsafe_code)]

use crate::shim::atomic::{AtomicU64, Ordering, fence};

const FREE: u64 = 0;
const BUSY: u64 = 1 << 32;
const AGAIN: u64 = 1 << 33;
const PID: u64 = BUSY - 1;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Slot(AtomicU64);

/// What became of a claim that was given back.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
enum LetGo {
    Done,
    /// Somebody has looked meanwhile: it's still claimed, and the child must be asked for again.
    Again,
}

impl Slot {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(FREE))
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(FREE))
    }

    /// Takes a child in, if the slot is free. [`look`](Self::look) must follow. (1)
    #[must_use]
    pub(super) fn adopt(&self, pid: u32) -> bool {
        // Relaxed: the number is all that there is to see; for when it is seen, there is E2.
        self.0.compare_exchange(FREE, pid.into(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Reaps the child, if there is one and it has exited, which `reap` finds out. A signal handler may call it.
    pub(super) fn look(&self, reap: impl Fn(u32) -> bool) {
        fence(Ordering::SeqCst); // E2
        let Some(pid) = self.claim() else { return };
        loop {
            if reap(pid) {
                self.free();
                return;
            }
            match self.let_go(pid) {
                LetGo::Done => return,
                LetGo::Again => {}
            }
        }
    }

    /// The child's number, when there is one and nobody else is asking for it. Otherwise who does is told to ask again. (2, 3)
    fn claim(&self) -> Option<u32> {
        // Relaxed: it's what the exchange below checks.
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let new = match word {
                FREE => return None,
                word if word & BUSY == 0 => word | BUSY,
                word => word | AGAIN,
            };
            // Relaxed: what is seen when it fails is checked by the next try.
            match self.0.compare_exchange(word, new, Ordering::AcqRel, Ordering::Relaxed) {
                // E1
                Ok(_) => return (word & BUSY == 0).then_some((word & PID) as u32),
                Err(now) => word = now,
            }
        }
    }

    /// Gives the claim back, unless somebody has looked meanwhile. (4, 5)
    fn let_go(&self, pid: u32) -> LetGo {
        let (mine, free) = (u64::from(pid) | BUSY, u64::from(pid));
        // Relaxed: the mark that made it fail is taken back by the next operation, which acquires it.
        if self.0.compare_exchange(mine, free, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            // E1
            return LetGo::Done;
        }
        self.0.fetch_and(!AGAIN, Ordering::AcqRel); // E1
        LetGo::Again
    }

    /// The child is reaped. (6)
    fn free(&self) {
        // Relaxed: a mark means nothing any more, and nothing is handed on. An exchange rather than a store, since the models
        // let a mark that comes at the same time overwrite a store.
        self.0.swap(FREE, Ordering::Relaxed);
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
