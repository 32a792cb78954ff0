//! Who sleeps, who searches, and whether a push must wake someone. See `README.md` for the proof sketch.
//!
//! One word counts the workers that search for work and those that sleep:
//!
//! ```text
//!             start_searching (1)              sleep (3)
//!    RUNNING ────────────────────▶ SEARCHING ─────────────▶ SLEEPING
//!      ▲  ▲    stop_searching (2)      │ ▲     pick (4)         │ │
//!      │  └─────────────────────────────┘ └──────────────────────┘ │
//!      │                        rise (5)                           │
//!      └───────────────────────────────────────────────────────────┘
//! ```
//!
//! A worker may also go from RUNNING to SLEEPING (3), when enough others search. Waking costs a thousand
//! times what queueing costs, so a push wakes a sleeper only if nobody searches: whoever searches looks once
//! more after it has said that it stops.
//!
//! E1: `sleep` SeqCst fence <-> `needs_wake` SeqCst fence. The sleeper says so and then looks for work; the
//!     pusher pushes and then looks for sleepers. With both fences at least one of them sees the other.
//! The changes of the word itself are under `sleepers`' lock or change only `searching`, so Relaxed does.

use crate::base::CachePadded;
use crate::shim::atomic::{AtomicUsize, Ordering, fence};
use crate::shim::sync::Mutex;

const SEARCHING: usize = 1;
const SLEEPING: usize = 1 << 16;

/// The counts, decoded.
#[derive(Debug, Clone, Copy)]
struct Counts {
    searching: usize,
    sleeping: usize,
}

impl Counts {
    fn decode(word: usize) -> Self {
        Self { searching: word & (SLEEPING - 1), sleeping: word >> 16 }
    }
}

/// How a worker came to be awake again.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Rise {
    /// Someone picked it, and counts it as searching.
    Picked,
    /// Something of its own woke it.
    Alone,
}

/// See the module's documentation.
pub(crate) struct Idle {
    counts: CachePadded<AtomicUsize>,
    sleepers: Mutex<Vec<usize>>,
    workers: usize,
}

impl Idle {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            counts: CachePadded::new(AtomicUsize::new(0)),
            sleepers: Mutex::new(Vec::with_capacity(workers)),
            workers,
        }
    }

    fn counts(&self) -> Counts {
        // Relaxed: ordered by the fences of E1 where it matters, a hint elsewhere.
        Counts::decode(self.counts.load(Ordering::Relaxed))
    }

    /// Whether every worker sleeps.
    pub(crate) fn all_sleep(&self) -> bool {
        self.counts().sleeping == self.workers
    }

    /// Whether a worker that was just given work to share must wake another.
    #[inline]
    pub(crate) fn needs_wake(&self) -> bool {
        fence(Ordering::SeqCst); // E1
        let counts = self.counts();
        counts.sleeping > 0 && counts.searching == 0
    }

    /// Picks a sleeper to wake, and counts it as searching. The caller unparks it. (4)
    pub(crate) fn pick(&self) -> Option<usize> {
        let mut sleepers = self.sleepers.lock();
        if self.counts().searching > 0 {
            return None;
        }
        self.take_sleeper(&mut sleepers)
    }

    /// Picks a sleeper even if others search.
    pub(crate) fn pick_anyway(&self) -> Option<usize> {
        self.take_sleeper(&mut self.sleepers.lock())
    }

    /// Picks all sleepers, each of whom looks around and may sleep again. The caller unparks them. (4)
    #[cfg(any(feature = "taskdump", loom))]
    pub(crate) fn pick_all(&self) -> Vec<usize> {
        let mut sleepers = self.sleepers.lock();
        let picked: Vec<_> = sleepers.drain(..).collect();
        let change = SEARCHING.wrapping_sub(SLEEPING).wrapping_mul(picked.len());
        // Relaxed: see E1.
        self.counts.fetch_add(change, Ordering::Relaxed);
        picked
    }

    fn take_sleeper(&self, sleepers: &mut Vec<usize>) -> Option<usize> {
        // The last to fall asleep has the warmest cache.
        let worker = sleepers.pop()?;
        // Relaxed: see E1.
        self.counts.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::Relaxed);
        Some(worker)
    }

    /// Whether the worker sleeps.
    pub(crate) fn sleeps(&self, worker: usize) -> bool {
        self.sleepers.lock().contains(&worker)
    }

    /// Starts to search, unless half of the workers that are awake do so already. (1)
    pub(crate) fn start_searching(&self) -> bool {
        let counts = self.counts();
        if 2 * counts.searching >= self.workers - counts.sleeping.min(self.workers) {
            return false;
        }
        self.search_anyway()
    }

    /// Starts to search, however many do so: for a worker that has seen work. Always true. (1)
    pub(crate) fn search_anyway(&self) -> bool {
        // Relaxed: see E1.
        self.counts.fetch_add(SEARCHING, Ordering::Relaxed);
        true
    }

    /// Stops searching because work was found. True for the last that searched: it wakes another, since
    /// pushes that came meanwhile relied on it. (2)
    #[must_use]
    pub(crate) fn stop_searching(&self) -> bool {
        // Relaxed: see E1.
        Counts::decode(self.counts.fetch_sub(SEARCHING, Ordering::Relaxed)).searching == 1
    }

    /// Says that the worker sleeps. It must look for work once more after this, and
    /// [`rise`](Self::rise) if it finds any. (3)
    pub(crate) fn sleep(&self, worker: usize, searching: bool) {
        {
            let mut sleepers = self.sleepers.lock();
            sleepers.push(worker);
            let change = if searching { SLEEPING - SEARCHING } else { SLEEPING };
            // Relaxed: see E1.
            self.counts.fetch_add(change, Ordering::Relaxed);
        }
        fence(Ordering::SeqCst); // E1
    }

    /// Says that the worker is awake. (5, or the end of 4)
    pub(crate) fn rise(&self, worker: usize) -> Rise {
        let mut sleepers = self.sleepers.lock();
        match sleepers.iter().position(|sleeper| *sleeper == worker) {
            Some(position) => {
                sleepers.swap_remove(position);
                // Relaxed: see E1.
                self.counts.fetch_sub(SLEEPING, Ordering::Relaxed);
                Rise::Alone
            }
            None => Rise::Picked,
        }
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
