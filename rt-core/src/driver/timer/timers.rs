//! A driver's wheel under its lock, and what may be known of it without the lock.
//!
//! `next` is a lower bound of the earliest deadline. Written under the lock, read without: the owner skips the
//! clock and the lock while it is `u64::MAX`, and another worker sees by it that the driver is overdue.
//! `sleeps_until` is the deadline that the driver's sleeper has reckoned with, 0 while it is awake: whoever
//! inserts an earlier timer must unpark it. It is set under the lock, together with the look at the wheel, so
//! that an insert either is seen by the look or sees the sleeper. The owner is awake when it inserts, so it
//! never unparks itself.
//!
//! Both words are Relaxed: under the lock it orders them, and without it they are hints, which are checked
//! under the lock before anything is done.
//!
//! E1: the wheel's unlock -> the wheel's lock: orders every insert, removal, fire and reset of a queued timer.

use std::ptr::NonNull;
use std::task::Waker;

use super::entry::{Entry, Look};
use super::wheel::{Insert, Wheel, tick_after, tick_of, tick_start};
use crate::base::WakeBatch;
use crate::driver::lock::Lock;
use crate::shim::atomic::{AtomicU64, Ordering};

const NEVER: u64 = u64::MAX;
const AWAKE: u64 = 0;

/// See the module's documentation.
pub(crate) struct Timers {
    next: AtomicU64,
    sleeps_until: AtomicU64,
    wheel: Lock<State>,
}

struct State {
    wheel: Wheel,
    ended: bool,
}

/// What an entry's owner learns by a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Peek {
    /// It has fired for its deadline.
    Fired,
    /// Its driver was shut down.
    Ended,
    /// It is queued with this very waker: nothing to do.
    Pending,
    /// It is queued with another waker: [`Timers::rewake`] it.
    OtherWaker,
    /// It isn't queued: [`Timers::arm`] it.
    Idle,
}

/// What became of an insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Armed {
    /// It will fire. With `unpark` the driver's sleeper must be unparked, for it sleeps longer.
    Queued {
        /// See above.
        unpark: bool,
    },
    /// It has fired already.
    Due,
    /// The driver was shut down.
    Ended,
}

impl Timers {
    pub(in crate::driver) fn new() -> Self {
        Self {
            next: AtomicU64::new(NEVER),
            sleeps_until: AtomicU64::new(AWAKE),
            wheel: Lock::new(State { wheel: Wheel::new(), ended: false }),
        }
    }

    /// What the entry has to say to its future, without any lock.
    ///
    /// # Safety
    ///
    /// The caller is the entry's owner.
    #[inline]
    pub(crate) unsafe fn peek(entry: &Entry, waker: &Waker) -> Peek {
        match entry.look() {
            Look::Fired(at) if at >= entry.deadline() => Peek::Fired,
            Look::Fired(_) => {
                // Put off at the moment it fired.
                entry.rearm();
                Peek::Idle
            }
            Look::Ended => Peek::Ended,
            // SAFETY: the owner has seen QUEUED.
            Look::Queued if unsafe { entry.will_wake(waker) } => Peek::Pending,
            Look::Queued => Peek::OtherWaker,
            Look::Idle => Peek::Idle,
        }
    }

    /// Inserts an idle entry, to wake `waker` when it fires.
    ///
    /// # Safety
    ///
    /// The caller is the entry's owner. The entry stays in its place until it has fired, or
    /// [`cancel`](Self::cancel) of the same timers has returned.
    #[inline]
    pub(crate) unsafe fn arm(&self, entry: &Entry, waker: &Waker) -> Armed {
        debug_assert_eq!(entry.look(), Look::Idle);
        // Cloning a waker runs code that isn't ours: before the lock, and the drop after it.
        let mut waker = Some(waker.clone());
        let deadline = entry.deadline();
        self.wheel.with(|state| {
            if state.ended {
                return Armed::Ended;
            }
            // SAFETY: idle, hence in no wheel; the caller keeps it in its place.
            match unsafe { state.wheel.insert(NonNull::from(entry), deadline) } {
                Insert::Due => {
                    entry.elapse();
                    Armed::Due
                }
                Insert::Queued => {
                    if let Some(waker) = waker.take() {
                        // SAFETY: the lock is held, and the entry is idle.
                        unsafe { entry.enqueue(waker) };
                    }
                    // Relaxed, here and below: under the lock; without it `next` is a hint.
                    if deadline < self.next.load(Ordering::Relaxed) {
                        self.next.store(deadline, Ordering::Relaxed);
                    }
                    Armed::Queued { unpark: deadline < self.sleeps_until.load(Ordering::Relaxed) }
                }
            }
        })
    }

    /// Makes a queued entry wake `waker`; false when it has fired meanwhile, which the next look tells.
    ///
    /// True means that there is no need to look again: a waker needn't be equal to its clone.
    ///
    /// # Safety
    ///
    /// The caller is the entry's owner, and armed it here.
    #[must_use]
    pub(crate) unsafe fn rewake(&self, entry: &Entry, waker: &Waker) -> bool {
        let new = waker.clone();
        let (queued, unused) = self.wheel.with(|_| {
            if entry.is_queued() {
                // SAFETY: the owner, under the lock, and it is queued.
                (true, unsafe { entry.replace_waker(new) })
            } else {
                (false, new)
            }
        });
        drop(unused);
        queued
    }

    /// Takes an entry out of the wheel if it is there. After it nothing here knows of the entry.
    ///
    /// # Safety
    ///
    /// The caller is the entry's owner, and armed it here.
    #[inline]
    pub(crate) unsafe fn cancel(&self, entry: &Entry) {
        let waker = self.wheel.with(|state| {
            // The timer may have fired between the owner's look and the lock. // E1
            if !entry.is_queued() {
                return None;
            }
            // SAFETY: queued, under the lock: it is in this wheel, unlinked here, and then idle.
            let waker = unsafe {
                state.wheel.remove(NonNull::from(entry));
                entry.dequeue()
            };
            if state.wheel.is_empty() {
                self.next.store(NEVER, Ordering::Relaxed);
            }
            Some(waker)
        });
        drop(waker);
    }

    /// Moves a queued entry to an earlier deadline, with the waker that it has. `None` when it isn't queued
    /// any more.
    ///
    /// # Safety
    ///
    /// The caller is the entry's owner, and armed it here.
    pub(crate) unsafe fn hasten(&self, entry: &Entry, deadline: u64) -> Option<Armed> {
        let (armed, waker) = self.wheel.with(|state| {
            if !entry.is_queued() {
                return (None, None);
            }
            let node = NonNull::from(entry);
            // SAFETY: queued, under the lock: it is in this wheel, and in none after the removal.
            let inserted = unsafe {
                state.wheel.remove(node);
                entry.set_deadline(deadline);
                state.wheel.insert(node, deadline)
            };
            match inserted {
                Insert::Queued => {
                    let earlier = deadline < self.next.load(Ordering::Relaxed);
                    if earlier {
                        self.next.store(deadline, Ordering::Relaxed);
                    }
                    let unpark = deadline < self.sleeps_until.load(Ordering::Relaxed);
                    (Some(Armed::Queued { unpark }), None)
                }
                // SAFETY: under the lock, queued, and unlinked.
                Insert::Due => (Some(Armed::Due), Some(unsafe { Entry::fire(node, deadline) })),
            }
        });
        if let Some(waker) = waker {
            waker.wake();
        }
        armed
    }

    /// A lower bound of the earliest deadline in nanoseconds, `u64::MAX` when there is none. No lock.
    #[inline]
    pub(crate) fn next(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// When the timer of this deadline fires, which is at the start of a tick.
    #[inline]
    pub(in crate::driver) const fn fires_at(deadline: u64, exact: bool) -> u64 {
        if exact || deadline == NEVER { deadline } else { tick_start(tick_after(deadline)) }
    }

    /// Whether a timer may be due at `now`.
    #[inline]
    pub(in crate::driver) fn is_due(&self, now: u64, exact: bool) -> bool {
        let next = self.next();
        if exact { next <= now } else { tick_after(next) <= tick_of(now) }
    }

    /// Fires what is due at `now`, and wakes outside the lock; returns how many there were.
    pub(in crate::driver) fn fire(&self, now: u64, exact: bool) -> usize {
        let mut batch = WakeBatch::new();
        let mut fired = 0;
        loop {
            let done = self.wheel.with(|state| self.collect(&mut state.wheel, &mut batch, now, exact));
            fired += batch.len();
            batch.wake_all();
            if done {
                return fired;
            }
        }
    }

    /// Takes due timers out until the batch is full; true when none is left.
    fn collect(&self, wheel: &mut Wheel, batch: &mut WakeBatch, now: u64, exact: bool) -> bool {
        while batch.has_room() {
            let Some(entry) = wheel.pop_due(now, exact) else {
                self.next.store(wheel.earliest(), Ordering::Relaxed);
                return true;
            };
            // SAFETY: under the lock, and popped: live, queued until here, unlinked. The deadline is read once:
            // the owner may put it off any time, and finds in the state for which one it was.
            unsafe {
                let deadline = entry.as_ref().deadline();
                batch.push(Entry::fire(entry, deadline.min(now)));
            }
        }
        false
    }

    /// The sleeper is about to sleep: from now on it must be told of earlier timers. Returns a lower bound of
    /// the earliest deadline.
    pub(in crate::driver) fn fall_asleep(&self) -> u64 {
        self.wheel.with(|state| {
            let earliest = state.wheel.earliest();
            self.next.store(earliest, Ordering::Relaxed);
            self.sleeps_until.store(earliest, Ordering::Relaxed);
            earliest
        })
    }

    /// The sleeper is awake. An insert that hasn't seen it yet unparks once more than needed.
    pub(in crate::driver) fn wake_up(&self) {
        self.sleeps_until.store(AWAKE, Ordering::Relaxed);
    }

    /// Ends all timers: their futures are woken, and learn that the driver is gone, or, with `fires`, that their time
    /// has come. Later ones are refused.
    pub(in crate::driver) fn shutdown(&self, fires: bool) {
        let mut batch = WakeBatch::new();
        loop {
            let done = self.wheel.with(|state| {
                state.ended = true;
                while batch.has_room() {
                    let Some(entry) = state.wheel.pop_any() else {
                        self.next.store(NEVER, Ordering::Relaxed);
                        return true;
                    };
                    // SAFETY: under the lock, and popped: live, queued until here, unlinked.
                    batch.push(unsafe { if fires { Entry::fire(entry, NEVER) } else { Entry::end(entry) } });
                }
                false
            });
            batch.wake_all();
            if done {
                return;
            }
        }
    }
}

impl std::fmt::Debug for Timers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timers").field("next_ns", &self.next()).finish()
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
