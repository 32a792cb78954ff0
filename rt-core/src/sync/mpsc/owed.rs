//! What the receiver has freed and not yet given back.
//!
//! ```text
//!          add (1)                     want (3)
//!   { n } ────────▶ { n + 1 }   { n } ─────────▶ { 0, WANTED }: the caller has n
//!                                      take (2)
//!                               { n } ─────────▶ { 0 }: the caller has n
//! ```
//!
//! WANTED says that somebody waits in the line. He sets it after he has joined, and each of the three is an exchange on
//! one word: so either his (3) finds what (1) has added, or (1) finds WANTED, and what it adds is given back at once.
//!
//! E1: `add` AcqRel -> `take`, `want` AcqRel: the receiver is done with what it freed.
//! E2: `want` AcqRel -> `add` AcqRel: who wants it is in the line.
//!
//! `tests_loom.rs` of the folder models it.

use crate::shim::atomic::{AtomicUsize, Ordering};

const WANTED: usize = 1;
const SHIFT: u32 = 1;

/// See the module's documentation.
pub(super) struct Owed(AtomicUsize);

impl Owed {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Adds `n`; whether all of it is to be given back, since it is wanted, or a batch. (1)
    #[inline]
    #[must_use]
    pub(super) fn add(&self, n: usize, batch: usize) -> bool {
        let before = self.0.fetch_add(n << SHIFT, Ordering::AcqRel); // E1 E2
        before & WANTED != 0 || (before >> SHIFT) + n >= batch
    }

    /// Takes all. (2)
    #[must_use]
    pub(super) fn take(&self) -> usize {
        self.0.swap(0, Ordering::AcqRel) >> SHIFT // E1
    }

    /// Takes all, and says that what comes is wanted at once. (3)
    #[must_use]
    pub(super) fn want(&self) -> usize {
        self.0.swap(WANTED, Ordering::AcqRel) >> SHIFT // E1 E2
    }

    /// Whether there is something.
    pub(super) fn is_some(&self) -> bool {
        self.count() > 0
    }

    /// How much there is.
    pub(super) fn count(&self) -> usize {
        // Relaxed: who wants it takes it.
        self.0.load(Ordering::Relaxed) >> SHIFT
    }
}
