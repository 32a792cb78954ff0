//! Whether a thread that has worked should wait awake for the next closure.
//!
//! When that comes soon, by way of the task that awaited the former, waiting awake saves a sleep and a wake, which
//! is most of what a short closure costs. When it doesn't, a core was kept for nothing. And when the core is
//! wanted by others, the thread may lose it while all count on it: that costs milliseconds. So what became of
//! the last looks decides about the next.

/// What came of a look around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A closure came.
    Paid,
    /// None came.
    Vain,
    /// The thread lost its core meanwhile.
    Disturbed,
}

/// See the module's documentation.
pub(super) struct Patience {
    /// Looks that may yet be in vain before some are skipped.
    credit: u8,
    /// Looks to skip.
    skip: u32,
    /// Looks to skip after a disturbance.
    penalty: u32,
}

const MOST_CREDIT: u8 = 8;
const SKIP_AFTER_VAIN: u32 = 32;
const LEAST_PENALTY: u32 = 32;
const MOST_PENALTY: u32 = 1 << 14;

impl Patience {
    pub(super) const fn new() -> Self {
        Self { credit: MOST_CREDIT / 2, skip: 0, penalty: LEAST_PENALTY }
    }

    /// Whether to look around now.
    pub(super) fn allows_a_look(&mut self) -> bool {
        let allowed = self.skip == 0;
        self.skip = self.skip.saturating_sub(1);
        allowed
    }

    pub(super) fn learn(&mut self, look: Look) {
        match look {
            Look::Paid => {
                self.credit = MOST_CREDIT.min(self.credit + 1);
                // Slowly: one disturbance in a thousand looks costs as much as the others save.
                self.penalty = LEAST_PENALTY.max(self.penalty - self.penalty.div_ceil(1024));
            }
            Look::Vain => {
                self.credit = self.credit.saturating_sub(1);
                if self.credit == 0 {
                    self.skip = SKIP_AFTER_VAIN;
                }
            }
            Look::Disturbed => {
                self.credit = 1;
                self.penalty = MOST_PENALTY.min(self.penalty * 2);
                self.skip = self.penalty;
            }
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
