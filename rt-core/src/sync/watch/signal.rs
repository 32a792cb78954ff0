//! That the value has changed: its version, and the line of those that wait for the next.
//!
//! ```text
//!               wait (1), under the line's lock
//!      IDLE ───────────────────────────────────────▶ WAITING
//!           ◀───────────────────────────────────────
//!              leave (2): the last one left, under the line's lock
//!
//!   each state, advance (3): version + 1, under the value's lock; in WAITING the line is told
//!   each state, close (4): CLOSED from now on, and nobody waits any more; the line is told
//! ```
//!
//! The word holds all three, the version and both flags, so that one operation tells who sends whether somebody waits,
//! and one tells who waits whether it has to. A receiver joins the line only when the version in the word is the one it
//! has seen, so the line (`positions.rs`) holds them by versions.
//!
//! E1: `advance` Release -> `look` Acquire: what was done before sending is seen by who sees the version.
//! E2: `close` Release -> `look` Acquire: who sees that there is no sender sees the last version.

use super::error::RecvError;
use crate::base::{Latch, List};
use crate::shim::atomic::{AtomicU64, Ordering};
use crate::sync::positions::{self, Locked};
use crate::sync::waiter::Line;

const CLOSED: u64 = 1;
const WAITING: u64 = 2;
/// One version.
const STEP: u64 = 4;

/// Which value it is. It takes centuries to count them to an overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version(u64);

impl Version {
    pub(super) const fn position(self) -> u64 {
        self.0
    }

    /// One that no current value has.
    pub(super) const fn before(self) -> Self {
        Self(self.0.wrapping_sub(1))
    }
}

/// The word at some moment.
#[derive(Clone, Copy)]
pub(super) struct Snapshot(u64);

impl Snapshot {
    pub(super) const fn version(self) -> Version {
        Version(self.0 / STEP)
    }

    pub(super) const fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    const fn is_waiting(self) -> bool {
        self.0 & WAITING != 0
    }

    /// What it says to one who has seen the version `seen`.
    pub(super) fn news(self, seen: Version) -> News {
        match (self.version() == seen, self.is_closed()) {
            (false, _) => News::Changed(self.version()),
            (true, true) => News::Closed(RecvError(())),
            (true, false) => News::Nothing,
        }
    }
}

/// What there is to tell a receiver.
#[must_use]
pub(super) enum News {
    Nothing,
    Changed(Version),
    Closed(RecvError),
}

/// See the module's documentation.
struct State(AtomicU64);

impl State {
    fn look(&self) -> Snapshot {
        Snapshot(self.0.load(Ordering::Acquire)) // E1 E2
    }

    /// Announces a waiter, if there is nothing to tell to one who has seen `seen`. (1)
    fn wait(&self, seen: Version) -> News {
        let mut now = self.look();
        loop {
            let news = now.news(seen);
            if now.is_waiting() || !matches!(news, News::Nothing) {
                return news;
            }
            // Relaxed: the lock publishes the waiter, and a failure is looked at again.
            match self.0.compare_exchange_weak(now.0, now.0 | WAITING, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return News::Nothing,
                Err(_) => now = self.look(),
            }
        }
    }

    /// Nobody waits any more. (2)
    fn leave(&self) {
        // Relaxed: nothing is published.
        self.0.fetch_and(!WAITING, Ordering::Relaxed);
    }

    /// There is another value; what was before. (3)
    fn advance(&self) -> Snapshot {
        Snapshot(self.0.fetch_add(STEP, Ordering::Release)) // E1
    }

    /// There won't be another value. (4)
    fn close(&self) {
        self.0.fetch_or(CLOSED, Ordering::Release); // E2
    }
}

/// See the module's documentation.
pub(super) struct Signal {
    state: State,
    line: Line,
}

impl Signal {
    pub(super) fn new() -> Self {
        Self { state: State(AtomicU64::new(0)), line: Latch::new(List::new()) }
    }

    #[inline]
    pub(super) fn look(&self) -> Snapshot {
        self.state.look()
    }

    pub(super) const fn line(&self) -> &Line {
        &self.line
    }

    /// There is another value. Called under its lock; the answer is for after it, when the line is to be told.
    #[must_use]
    pub(super) fn advance(&self) -> Option<Version> {
        let before = self.state.advance();
        before.is_waiting().then_some(before.version())
    }

    /// Wakes those that have seen `last` and nothing later.
    #[cold]
    pub(super) fn tell(&self, last: Version) {
        positions::wake(&self.line, self.line.lock(), Some(last.position() + 1), || self.state.leave());
    }

    /// There won't be another value: wakes all.
    pub(super) fn close(&self) {
        self.state.close();
        positions::wake(&self.line, self.line.lock(), None, || self.state.leave());
    }

    /// Announces one who has seen `seen` and is about to join the line, unless there is something to tell.
    pub(super) fn announce(&self, _lock: &Locked<'_>, seen: Version) -> News {
        self.state.wait(seen)
    }

    /// Somebody has left the line before it was told.
    pub(super) fn left(&self, lock: &Locked<'_>) {
        if lock.is_empty() {
            self.state.leave();
        }
    }
}
