//! Runtimes by number.

use std::fmt;
use std::num::NonZeroU64;

use crate::shim::atomic::{AtomicU64, Ordering};

/// Tells runtimes apart while they live. The number itself means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(NonZeroU64);

impl Id {
    pub(crate) fn new(id: NonZeroU64) -> Self {
        Self(id)
    }

    /// An id that nobody else has.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Relaxed: only the numbers' being different matters.
        Self(NonZeroU64::new(NEXT.fetch_add(1, Ordering::Relaxed)).expect("fewer than 2^64 runtimes"))
    }

    pub(super) fn number(self) -> NonZeroU64 {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
