//! When a worker looks up from its tasks: to turn its driver, and to look into the inject queue.
//!
//! That is asked before each poll, so one comparison answers it as a rule: `due` is the earliest poll before which there
//! may be something to do, and what there is is worked out then.
#![forbid(unsafe_code)]

/// Polls after which the driver is turned when a task has yielded: it may wait for what the driver brings. When a
/// resource was asked for in vain since the last turn, the yield is enough: see [`Agenda::hurry_turn`].
const YIELD_INTERVAL: u32 = 4;

/// Further ahead than this, a number of a poll would look as if it had passed.
const FAR: u32 = 1 << 30;

/// See the module's documentation. Numbers of polls wrap.
#[derive(Debug)]
pub(super) struct Agenda {
    /// Polls between two turns of the driver, and between two looks into the inject queue.
    event_interval: u32,
    inject_interval: u32,
    tick: u32,
    due: u32,
    last_turn: u32,
    last_inject: u32,
    /// Whether a task yielded since the driver's last turn.
    yielded: bool,
}

/// What to look at before the next task.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The driver is to be turned.
    Turn,
    /// The inject queue comes before the worker's own.
    Inject,
    /// Nothing: it was only to be seen when there will be.
    Nothing,
}

impl Agenda {
    pub(super) fn new(event_interval: u32, inject_interval: u32) -> Self {
        Self {
            event_interval,
            inject_interval,
            tick: 0,
            due: 0,
            last_turn: 0,
            last_inject: 0,
            yielded: false,
        }
    }

    /// Whether it is time to [look](Self::look).
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        self.tick.wrapping_sub(self.due) < 2 * FAR
    }

    /// A task is polled.
    #[inline]
    pub(super) fn count_poll(&mut self) {
        self.tick = self.tick.wrapping_add(1);
    }

    /// A task yielded.
    #[inline]
    pub(super) fn note_yield(&mut self) {
        if !self.yielded {
            self.yielded = true;
            self.due = self.tick;
        }
    }

    /// Has the driver turned as if the polls that a yield may wait for had been.
    #[cold]
    pub(super) fn hurry_turn(&mut self) {
        if self.tick.wrapping_sub(self.last_turn) < YIELD_INTERVAL {
            self.last_turn = self.tick.wrapping_sub(YIELD_INTERVAL);
        }
        self.due = self.tick;
    }

    /// Has the inject queue looked into before the next task.
    #[cfg(feature = "taskdump")]
    pub(super) fn hurry_inject(&mut self) {
        self.last_inject = self.tick.wrapping_sub(u32::MAX / 2);
        self.due = self.tick;
    }

    /// The driver is being turned.
    pub(super) fn note_turn(&mut self) {
        (self.yielded, self.last_turn) = (false, self.tick);
        self.plan(self.event_interval);
    }

    /// What there is to do, with so many tasks in the worker's own queue.
    #[cold]
    pub(super) fn look(&mut self, queued: usize) -> Look {
        let since = self.tick.wrapping_sub(self.last_turn);
        // A task that yielded has waited for everything queued before it by then, and so for the driver next.
        let yield_interval = YIELD_INTERVAL.max(u32::try_from(queued).unwrap_or(u32::MAX));
        let interval =
            if self.yielded { self.event_interval.min(yield_interval) } else { self.event_interval };
        if since >= interval {
            return Look::Turn;
        }
        let inject = self.tick.wrapping_sub(self.last_inject) >= self.inject_interval;
        if inject {
            self.last_inject = self.tick;
        }
        self.plan(interval - since);
        if inject { Look::Inject } else { Look::Nothing }
    }

    /// The driver is to be turned after so many polls, unless something else happens.
    #[inline]
    fn plan(&mut self, turn: u32) {
        let waited = self.tick.wrapping_sub(self.last_inject);
        let ahead = turn.min(self.inject_interval.saturating_sub(waited)).min(FAR);
        self.due = self.tick.wrapping_add(ahead);
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
