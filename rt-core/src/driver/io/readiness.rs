//! What a resource is known to be ready for: one word.
//!
//! ```text
//!   63            32 31       10   9        8      7          0
//!  ┌────────────────┬──────────┬───────┬──────────┬────────────┐
//!  │      tick      │          │ ENDED │ ATTACHED │   ready    │
//!  └────────────────┴──────────┴───────┴──────────┴────────────┘
//! ```
//!
//! 1. `set`: the event queue reported something: those bits come in, and `tick` counts up.
//! 2. `clear`: an operation found that it would block: its bits go, but only when `tick` is still what it was
//!    before the operation. If it isn't, an event came meanwhile, and what it brought must stay. So readiness
//!    can't be lost; what is there too much costs one more try.
//! 3. `attach`: the resource is in the event queue. Until then nobody sets bits, so a resource starts out ready
//!    for both directions, and one that isn't attached may always be tried.
//! 4. `end`: the driver was shut down.
//!
//! E1: `set`/`end` Release -> `load` Acquire: what was done before the event was reported is seen by the
//! operation that it lets through, also after a `clear` or an `attach`. Who waits is woken through the waiters' lock; the word orders nothing there.

use std::fmt;

use super::{Direction, Ready};
use crate::shim::atomic::{AtomicU64, Ordering};

const READY: u64 = 0xff;
const ATTACHED: u64 = 1 << 8;
const ENDED: u64 = 1 << 9;
const TICK_SHIFT: u32 = 32;
const TICK: u64 = 1 << TICK_SHIFT;

/// See the module's documentation.
pub(super) struct Readiness(AtomicU64);

/// What the word said at one moment; [`Readiness::clear`] wants it back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event(u64);

impl Readiness {
    /// A resource that isn't attached: ready until an operation says otherwise.
    pub(super) fn new() -> Self {
        Self(AtomicU64::new((Ready::READABLE | Ready::WRITABLE).bits()))
    }

    #[inline]
    pub(super) fn load(&self) -> Event {
        Event(self.0.load(Ordering::Acquire)) // E1
    }

    /// Adds what the event queue reported. (1)
    pub(super) fn set(&self, ready: Ready) {
        self.update(Ordering::AcqRel, |word| Some((word | ready.bits()).wrapping_add(TICK))); // E1
    }

    /// Removes `ready`, unless an event came after `seen`. (2)
    pub(super) fn clear(&self, seen: Event, ready: Ready) {
        // Release is not needed: clearing publishes nothing. Acquire on the way for the events it keeps.
        self.update(Ordering::Acquire, |word| {
            // E1
            (word >> TICK_SHIFT == seen.0 >> TICK_SHIFT).then_some(word & !ready.bits())
        });
    }

    /// The resource is in the event queue from now on. (3)
    pub(super) fn attach(&self) {
        // Release, so that a reader who sees it sees the attachment done.
        self.0.fetch_or(ATTACHED, Ordering::Release); // E1
    }

    /// The driver is gone. (4)
    pub(super) fn end(&self) {
        self.0.fetch_or(ENDED, Ordering::AcqRel); // E1
    }

    fn update(&self, order: Ordering, f: impl Fn(u64) -> Option<u64>) {
        let mut word = self.0.load(Ordering::Relaxed);
        while let Some(new) = f(word) {
            match self.0.compare_exchange_weak(word, new, order, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }
}

impl Event {
    /// What the resource is ready for.
    #[inline]
    pub(crate) const fn ready(self) -> Ready {
        Ready::from_bits(self.0 & READY)
    }

    /// Whether it is in the event queue.
    #[inline]
    pub(crate) const fn is_attached(self) -> bool {
        self.0 & ATTACHED != 0
    }

    /// Whether its driver was shut down.
    #[inline]
    pub(crate) const fn is_ended(self) -> bool {
        self.0 & ENDED != 0
    }

    /// Whether an operation that does less than asked may have stopped short of more. Urgent data leave a mark in a
    /// stream at which each read stops, whatever lies behind it. Where some have come, more may, so that this stays.
    #[inline]
    pub(super) fn may_stop_short(self, direction: Direction) -> bool {
        matches!(direction, Direction::Read) && self.ready().is_priority()
    }

    /// Whether a wait for `mask` is over.
    #[inline]
    pub(super) const fn satisfies(self, mask: Ready) -> bool {
        self.ready().intersects(mask) || self.is_ended()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("ready", &self.ready())
            .field("attached", &self.is_attached())
            .field("ended", &self.is_ended())
            .field("tick", &(self.0 >> TICK_SHIFT))
            .finish()
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
