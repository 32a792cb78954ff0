//! The task's state word: who may touch the future, who must drop the output, and when the memory goes.
//!
//! ```text
//!                 begin (1)                       complete (5)
//!   new_task ──▶ HELD ────────▶ (HELD, being polled) ──────────▶ COMPLETE
//!                ▲  ▲                │   │     ▲
//!                │  │ idle, AGAIN (2)│   │     │ shutdown (6)
//!                │  └────────────────┘   │     │
//!                │                       │     │
//!                │ wake (4), abort (7)   ▼ idle (3)
//!                └───────────────── (none: the task waits)
//! ```
//!
//! (1) `begin`; (2), (3) `transition_to_idle`; (4) `wake_by_ref`, `wake_by_val`;
//! (5) `transition_to_complete`; (6) `transition_to_shutdown`; (7) `abort`.
//!
//! - HELD: somebody has the task for himself, and its future: he has the [`Notified`](super::Notified), of which
//!   there is one then, or has begun to poll, or to drop what is in it. Only he completes the task: so a task that is
//!   held isn't complete until its holder is done with it, and its scheduler, which waits for its tasks, is
//!   alive. The word doesn't say whether the poll has begun, so that to begin takes no write.
//! - AGAIN, beside HELD: the task was woken meanwhile. Who is about to poll it takes the flag down; who finds it up
//!   after a poll has the task polled once more.
//! - CANCELLED asks whoever polls next, or polls now, to drop the future instead. Never cleared.
//! - FAILED, set with COMPLETE: the stage holds a failure rather than an output.
//! - JOIN_INTEREST: the `JoinHandle` lives, and the output is its. Cleared before completion, the output is
//!   dropped by who completes. Never set again.
//! - JOIN_WAKER: the slot of the joiner's waker is full, and its content belongs to who completes. Without
//!   it the slot belongs to the `JoinHandle`. After completion the slot is nobody's: it's empty.
//! - REGISTERED: the task entered the registry, in the shard that 16 bits name. Never cleared.
//! - The rest counts references: two of who holds the notification, the registry's, the `JoinHandle`'s, and one for each
//!   `AbortHandle` and each waker. At zero the memory is freed; the task is complete by then.
//!
//! The second reference of a notification is spare: the first waker that is cloned in the poll, on the thread that
//! polls, gets it (`context.rs`), so that it costs no write. What isn't used is given up by the same exchange that
//! ends the poll. So a task that waits, is woken and waits again has its word written twice.
//!
//! E1: `transition_to_idle` Release -> `begin`, `transition_to_shutdown` Acquire: the next
//!   poll sees what the last one wrote into the future.
//! E2: `wake_by_*`, `abort` Release -> `begin` Acquire: the poll sees what was written before
//!   the wake, also when the task was held already, which is why such a wake still writes the word. All writes are
//!   read-modify-writes, so that a later value carries what an earlier one published.
//! E3: `transition_to_complete` Release -> `load` Acquire by the `JoinHandle`: the output is whole.
//! E4: `store_join_waker` Release -> `transition_to_complete` Acquire: the joiner's waker is whole.
//! E5: `ref_dec` and all that gives a reference up Release -> who frees, Acquire: all uses came before.

use std::fmt;

use crate::shim::atomic::{AtomicU64, Ordering};

const HELD: u64 = 1 << 0;
const AGAIN: u64 = 1 << 1;
const COMPLETE: u64 = 1 << 2;
const CANCELLED: u64 = 1 << 3;
const FAILED: u64 = 1 << 4;
const JOIN_INTEREST: u64 = 1 << 5;
const JOIN_WAKER: u64 = 1 << 6;
const REGISTERED: u64 = 1 << 7;
const SHARD_SHIFT: u32 = 8;
const REF_SHIFT: u32 = 24;
const REF: u64 = 1 << REF_SHIFT;

/// Which part of the registry a task is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard(pub(crate) u16);

/// See the module's documentation.
pub(super) struct State(AtomicU64);

/// What [`State::begin`] says.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Poll,
    Cancel,
}

/// Which references the holder of a task has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// One: the spare one went to a waker; or a shutdown holds the task, by what was the registry's.
    One = 1,
    /// Its own and the spare one.
    Both = 2,
}

impl Left {
    #[inline]
    const fn refs(self) -> u64 {
        (self as u64) << REF_SHIFT
    }
}

/// What [`State::transition_to_idle`] says.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ToIdle {
    /// The task waits, and the poll's references are gone.
    Idle,
    /// It was woken meanwhile: there is a new notification, whose references both are there.
    Notified,
    /// It was aborted meanwhile: it is still HELD, to be cancelled, and the poll's references are as they were.
    Cancelled,
}

/// What [`State::transition_to_complete`] says.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ToComplete {
    /// Nobody wants the output: drop it, and ask again.
    Unwanted,
    /// The task is complete and the references are given up: it must not be touched any more.
    Done,
    /// The task is complete and nobody else knows it: free it.
    Last,
    /// The task is complete: wake the joiner, and give the last reference up.
    WakeJoiner,
}

/// What [`State::wake_by_val`] says.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// The waker's reference is the notification's: schedule it.
    Schedule,
    /// Nothing to do; the waker's reference is gone.
    Done,
    /// As `Done`, and it was the last: free the task.
    Last,
}

/// What [`State::drop_join_handle`] says.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DropJoin {
    /// The handle's reference is gone.
    Done,
    /// The slot's waker is the handle's again: drop it, then give the reference up.
    DropWaker,
    /// The task is complete: drop the output, then give the reference up.
    Complete,
}

/// The word as it was at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(u64);

impl Snapshot {
    const fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }

    /// Whether it was woken since it is held.
    pub(super) const fn is_woken_again(self) -> bool {
        self.has(AGAIN)
    }

    pub(super) const fn is_complete(self) -> bool {
        self.has(COMPLETE)
    }

    pub(super) const fn has_failed(self) -> bool {
        self.has(FAILED)
    }

    pub(super) const fn has_join_waker(self) -> bool {
        self.has(JOIN_WAKER)
    }

    /// Where the task is registered, if it ever was.
    pub(super) const fn shard(self) -> Option<Shard> {
        if self.has(REGISTERED) { Some(Shard((self.0 >> SHARD_SHIFT) as u16)) } else { None }
    }

    pub(super) const fn refs(self) -> u64 {
        self.0 >> REF_SHIFT
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("held", &self.has(HELD))
            .field("again", &self.has(AGAIN))
            .field("complete", &self.has(COMPLETE))
            .field("cancelled", &self.has(CANCELLED))
            .field("failed", &self.has(FAILED))
            .field("join_interest", &self.has(JOIN_INTEREST))
            .field("join_waker", &self.has(JOIN_WAKER))
            .field("shard", &self.shard())
            .field("refs", &self.refs())
            .finish()
    }
}

impl State {
    /// A new task: notified, with a `JoinHandle`.
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(HELD | JOIN_INTEREST | (3 * REF)))
    }

    pub(super) fn load(&self) -> Snapshot {
        Snapshot(self.0.load(Ordering::Acquire)) // E3
    }

    /// Only the holder of the notification may call it. (1)
    #[inline]
    pub(super) fn begin(&self) -> Begin {
        // The queue handed the task over, so this sees the wake that led here, or what came later.
        let mut now = Snapshot(self.0.load(Ordering::Acquire)); // E1 E2
        debug_assert!(now.has(HELD) && !now.is_complete(), "{now:?}");
        if now.has(AGAIN) {
            // What these wakes were for is what the poll is about to see.
            now = Snapshot(self.0.fetch_and(!AGAIN, Ordering::Acquire)); // E2
        }
        if now.has(CANCELLED) { Begin::Cancel } else { Begin::Poll }
    }

    /// The poll returned `Pending`, and has the references that are `left`: its own, and the spare one unless that was
    /// used. With `registered`, the task has just entered the registry, which needs one of its own. (2) (3)
    #[inline]
    pub(super) fn transition_to_idle(&self, left: Left, registered: Option<Shard>) -> ToIdle {
        let entered = registered.map_or(0, |shard| (REGISTERED | (u64::from(shard.0) << SHARD_SHIFT)) + REF);
        self.update(Ordering::AcqRel, |now| {
            // E1
            debug_assert!(now.has(HELD) && !now.is_complete(), "{now:?}");
            let next = now.0 + entered;
            if now.has(CANCELLED) {
                (next, ToIdle::Cancelled)
            } else if now.has(AGAIN) {
                ((next & !AGAIN) + (2 * REF - left.refs()), ToIdle::Notified)
            } else {
                debug_assert!(now.shard().is_some() || entered != 0, "an idle task is registered");
                ((next & !HELD) - left.refs(), ToIdle::Idle)
            }
        })
    }

    /// Gives up the references that are `left` of the poll's, and with `registered` the registry's (one is kept for
    /// `WakeJoiner`). With `discarded` the output is gone. (5)
    pub(super) fn transition_to_complete(
        &self,
        failed: bool,
        left: Left,
        registered: bool,
        discarded: bool,
    ) -> ToComplete {
        let given_up = left.refs() + u64::from(registered) * REF;
        let mut now = self.load(); // E5
        loop {
            debug_assert!(now.has(HELD) && !now.is_complete(), "{now:?}");
            if !now.has(JOIN_INTEREST) && !discarded {
                return ToComplete::Unwanted;
            }
            if now.refs() == given_up >> REF_SHIFT {
                // Nobody is left who could look at the word, let alone change it.
                return ToComplete::Last;
            }
            let kept = if now.has_join_waker() { REF } else { 0 };
            let failed = if failed { FAILED } else { 0 };
            let next = ((now.0 & !(HELD | AGAIN)) | COMPLETE | failed) + kept - given_up;
            // E3 E4 E5
            match self.0.compare_exchange_weak(now.0, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) if kept != 0 => return ToComplete::WakeJoiner,
                Ok(_) => return ToComplete::Done,
                Err(actual) => now = Snapshot(actual),
            }
        }
    }

    /// Takes an idle task to cancel it (true), without a reference; asks its holder to cancel it when there is one. (6)
    #[must_use]
    pub(super) fn transition_to_shutdown(&self) -> bool {
        self.update(Ordering::AcqRel, |now| {
            // E1
            if now.is_complete() {
                (now.0, false)
            } else if now.has(HELD) {
                (now.0 | CANCELLED, false)
            } else {
                (now.0 | CANCELLED | HELD, true)
            }
        })
    }

    /// True when the caller must schedule a notification, for which references were added. (4)
    #[must_use]
    pub(super) fn wake_by_ref(&self) -> bool {
        // A word that stays the same is written all the same: E2.
        self.update(Ordering::AcqRel, |now| {
            if now.is_complete() {
                (now.0, false)
            } else if now.has(HELD) {
                (now.0 | AGAIN, false)
            } else {
                ((now.0 | HELD) + 2 * REF, true)
            }
        })
    }

    /// As [`wake_by_ref`](Self::wake_by_ref), and gives up or turns over the reference of the waker. (4)
    #[inline]
    pub(super) fn wake_by_val(&self) -> Wake {
        // E2 E5
        self.update(Ordering::AcqRel, |now| {
            if now.is_complete() {
                (now.0 - REF, if now.refs() == 1 { Wake::Last } else { Wake::Done })
            } else if now.has(HELD) {
                ((now.0 | AGAIN) - REF, Wake::Done)
            } else {
                // The waker's reference is one of the notification's.
                ((now.0 | HELD) + REF, Wake::Schedule)
            }
        })
    }

    /// True when the caller must schedule a notification, for which references were added. (7)
    #[must_use]
    pub(super) fn abort(&self) -> bool {
        // E2
        self.update(Ordering::AcqRel, |now| {
            if now.is_complete() || now.has(CANCELLED) {
                (now.0, false)
            } else if now.has(HELD) {
                (now.0 | CANCELLED, false)
            } else {
                ((now.0 | CANCELLED | HELD) + 2 * REF, true)
            }
        })
    }

    /// The `JoinHandle` has filled the slot. False when the task is complete: the slot stays the handle's.
    #[must_use]
    pub(super) fn store_join_waker(&self) -> bool {
        self.update(Ordering::AcqRel, |now| {
            // E4
            debug_assert!(now.has(JOIN_INTEREST) && !now.has_join_waker(), "{now:?}");
            if now.is_complete() { (now.0, false) } else { (now.0 | JOIN_WAKER, true) }
        })
    }

    /// The `JoinHandle` wants the slot back. False when the task is complete: the slot is to be left alone.
    #[must_use]
    pub(super) fn take_join_waker(&self) -> bool {
        self.update(Ordering::AcqRel, |now| {
            // E3
            debug_assert!(now.has(JOIN_INTEREST) && now.has_join_waker(), "{now:?}");
            if now.is_complete() { (now.0, false) } else { (now.0 & !JOIN_WAKER, true) }
        })
    }

    pub(super) fn drop_join_handle(&self) -> DropJoin {
        let mut now = self.load(); // E3
        loop {
            debug_assert!(now.has(JOIN_INTEREST), "{now:?}");
            if now.is_complete() {
                return DropJoin::Complete;
            }
            // Whoever holds the notification or the poll, or the registry, keeps a reference of its own.
            debug_assert!(now.refs() > 1, "{now:?}");
            let (next, verdict) = if now.has_join_waker() {
                (now.0 & !(JOIN_INTEREST | JOIN_WAKER), DropJoin::DropWaker)
            } else {
                ((now.0 & !JOIN_INTEREST) - REF, DropJoin::Done)
            };
            // E3 E5
            match self.0.compare_exchange_weak(now.0, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return verdict,
                Err(actual) => now = Snapshot(actual),
            }
        }
    }

    /// Adds a reference; the caller holds one.
    pub(super) fn ref_inc(&self) {
        // Relaxed: the reference that the caller holds keeps the task alive, and nothing is published.
        let old = Snapshot(self.0.fetch_add(REF, Ordering::Relaxed));
        if old.refs() > (u64::MAX >> REF_SHIFT) / 2 {
            // Only leaked references get here, and a count that wraps would free a live task.
            std::process::abort();
        }
    }

    /// Gives a reference up. True when it was the last, and the task must be freed.
    #[must_use]
    pub(super) fn ref_dec(&self) -> bool {
        // The only reference left is ours: nobody else can look at the word, and no write is needed.
        if self.load().refs() == 1 {
            return true; // E5
        }
        let old = Snapshot(self.0.fetch_sub(REF, Ordering::AcqRel)); // E5
        debug_assert!(old.refs() >= 1, "{old:?}");
        old.refs() == 1
    }

    /// Replaces the word by what `f` makes of it, and returns what `f` says with it.
    fn update<R>(&self, success: Ordering, mut f: impl FnMut(Snapshot) -> (u64, R)) -> R {
        // Relaxed: the exchange checks the value, and it is what orders.
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let (next, verdict) = f(Snapshot(now));
            match self.0.compare_exchange_weak(now, next, success, Ordering::Relaxed) {
                Ok(_) => return verdict,
                Err(actual) => now = actual,
            }
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}
