//! Gathering: workers that wake often for little leave their sockets to one of them.
//!
//! Two tasks that talk to each other over sockets, each on a worker of its own, wake the other's worker with
//! every message, and a wake costs more than the work it brings. So a worker that keeps waking for a few
//! microseconds of work, and is less than half busy with it, leaves the sockets that are waited for here to
//! the first such worker of the runtime, where the tasks then follow. When that one has its hands full it
//! no longer counts as such, and when its queue grows it wakes others, who take sockets along with the tasks
//! they steal.
//!
//! Not modelled: flags that others read as hints.

use super::shared::Shared;
use crate::shim::atomic::{AtomicBool, Ordering};

/// Wakes of this much work, in a row, make a worker idle in the sense above.
const WAKES: u32 = 16;
/// What a wake costs, and so how much work makes it worthwhile.
const LITTLE_NS: u64 = 50_000;
/// Sleeps longer than this are rare enough not to matter.
const LONG_SLEEP_NS: u64 = 1_000_000;

/// Whether the worker wakes often for little. For others to read.
#[derive(Debug, Default)]
pub(crate) struct WakesForLittle(AtomicBool);

impl WakesForLittle {
    fn read(&self) -> bool {
        // Relaxed: a hint.
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, little: bool) {
        // Relaxed: a hint.
        self.0.store(little, Ordering::Relaxed);
    }
}

/// What a worker's last wakes brought.
#[derive(Debug, Default)]
pub(super) struct Gather {
    wakes: u32,
    busy_ns: u64,
    asleep_ns: u64,
    /// Which worker has the sockets that are waited for here.
    host: Option<usize>,
}

impl Gather {
    /// Counts one wake: so much sleep, then so much work.
    fn count(&mut self, asleep_ns: u64, busy_ns: u64) -> Verdict {
        if busy_ns > LITTLE_NS || asleep_ns > LONG_SLEEP_NS {
            (self.wakes, self.busy_ns, self.asleep_ns) = (0, 0, 0);
            return Verdict::Keep;
        }
        self.wakes += 1;
        self.busy_ns += busy_ns;
        self.asleep_ns += asleep_ns;
        if self.wakes < WAKES {
            return Verdict::Wait;
        }
        let leave = self.busy_ns < self.asleep_ns;
        (self.wakes, self.busy_ns, self.asleep_ns) = (0, 0, 0);
        if leave { Verdict::Leave } else { Verdict::Keep }
    }

    /// Counts one wake of the worker `index`, which is about to sleep again.
    pub(super) fn wake(&mut self, shared: &Shared, index: usize, asleep_ns: u64, busy_ns: u64) {
        let mine = &shared.slots[index].wakes_for_little;
        let host = match self.count(asleep_ns, busy_ns) {
            Verdict::Wait => return,
            Verdict::Keep => {
                if mine.read() {
                    mine.set(false);
                }
                None
            }
            Verdict::Leave => {
                mine.set(true);
                let first = shared.workers().iter().position(|slot| slot.wakes_for_little.read());
                first.filter(|first| *first != index)
            }
        };
        if host != self.host {
            self.host = host;
            shared.slots[index].driver.leave_to(host.map(|host| &shared.slots[host].driver));
        }
    }
}

/// What a worker does with the sockets that are waited for on it.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It is too early to tell: as before.
    Wait,
    /// It has them itself.
    Keep,
    /// It leaves them to another, if there is one.
    Leave,
}

#[cfg(test)]
mod tests;
