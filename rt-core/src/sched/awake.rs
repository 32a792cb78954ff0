//! How long a worker is awake.

use std::time::Duration;

use super::counters::{Counters, Stopwatch};

/// Turns of the driver between two looks at the clock, to account for the time of a worker that never sleeps.
const TURNS: u32 = 64;

/// The time that a worker is awake, as far as it isn't accounted for.
#[derive(Debug)]
pub(super) struct Awake {
    since: Stopwatch,
    /// How much of it is accounted for; `None` while it isn't measured.
    accounted: Option<Duration>,
    turns: u32,
}

impl Awake {
    pub(super) fn new() -> Self {
        Self { since: Stopwatch::start(), accounted: None, turns: 0 }
    }

    /// The worker is awake from now on; what passed since it was so last.
    pub(super) fn start(&mut self) -> Duration {
        self.accounted = Some(Duration::ZERO);
        self.since.restart()
    }

    /// The worker sleeps or rests; what passed since it is awake.
    pub(super) fn stop(&mut self, counters: &Counters) -> Option<Duration> {
        let total = self.account(counters);
        self.accounted = None;
        total
    }

    /// Accounts for a part of the time, now and then.
    #[inline]
    pub(super) fn turn(&mut self, counters: &Counters) {
        self.turns = self.turns.wrapping_add(1);
        if self.turns % TURNS == 0 {
            self.account(counters);
        }
    }

    #[cold]
    fn account(&mut self, counters: &Counters) -> Option<Duration> {
        let before = self.accounted?;
        let total = self.since.elapsed();
        counters.account(total.saturating_sub(before));
        self.accounted = Some(total);
        Some(total)
    }
}
