//! One timer, inside the future that waits for it.
//!
//! ```text
//!                 enqueue (1)                fire (2)
//!      IDLE ─────────────────▶ QUEUED ──────────────────▶ fired for a deadline
//!       ▲ ▲                      │ │                              │
//!       │ └── dequeue (3) ───────┘ └──────▶ ENDED                 │
//!       │                           end (4)                       │
//!       └─────────────────── rearm (5), elapse (6) ───────────────┘
//! ```
//!
//! (1) to (4) happen under the wheel's lock. (5), and (6) in the other direction, are the owner's alone: the
//! owner is the future, polled by one thread at a time. The state is one word: a fired timer's word is the deadline that it fired for. The owner
//! may put the deadline off without the lock; when the wheel fires at that moment, the word tells that it was
//! for the former deadline, and the owner queues the timer again.
//!
//! The waker's slot: written by the owner under the lock; *copied* out under the lock by whoever leaves
//! QUEUED, who thereby owns the waker. So the owner may look at its bytes at any time in QUEUED, to compare.
//!
//! `timers/tests_loom.rs` models it under the wheel's lock.
//!
//! E1: `fire`/`end` Release -> `look` Acquire: the entry is the owner's again, links and waker's slot included,
//! and the owner may free it; nothing touches the entry after that store.

use std::marker::PhantomPinned;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::task::Waker;

use crate::base::{Links, Node};
use crate::driver::clock::FOREVER_NS;
use crate::shim::atomic::{AtomicU64, Ordering};
use crate::shim::cell::UnsafeCell;

const IDLE: u64 = u64::MAX;
const QUEUED: u64 = u64::MAX - 1;
const ENDED: u64 = u64::MAX - 2;
const _: () = assert!(FOREVER_NS < ENDED);

/// What the state word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// In no wheel.
    Idle,
    /// In a wheel.
    Queued,
    /// Fired for the deadline in it.
    Fired(u64),
    /// The driver was shut down.
    Ended,
}

/// See the module's documentation.
pub(crate) struct Entry {
    links: Links<Entry>,
    state: AtomicU64,
    /// Written by the owner, read by it and under the lock.
    deadline: AtomicU64,
    /// The wheel's slot; under the lock.
    slot: UnsafeCell<u16>,
    waker: UnsafeCell<MaybeUninit<Waker>>,
    _pinned: PhantomPinned,
}

// SAFETY: the module's documentation says who may touch the cells when; a waker may move between threads.
unsafe impl Send for Entry {}
// SAFETY: as above; what `&Entry` allows without the lock is atomic.
unsafe impl Sync for Entry {}

// SAFETY: always the same field, reached without a reference to the whole entry; `enqueue`'s caller keeps the
// entry in its place while it is linked.
unsafe impl Node for Entry {
    unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live, says the caller, and a field of it isn't null.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).links) }
    }
}

impl Entry {
    /// A timer that isn't queued. The deadline is in nanoseconds since the clock's origin.
    pub(crate) fn new(deadline: u64) -> Self {
        Self {
            links: Links::new(),
            state: AtomicU64::new(IDLE),
            deadline: AtomicU64::new(deadline),
            slot: UnsafeCell::new(0),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            _pinned: PhantomPinned,
        }
    }

    /// The state, as the owner may act on it.
    #[inline]
    pub(crate) fn look(&self) -> Look {
        match self.state.load(Ordering::Acquire) {
            // E1
            IDLE => Look::Idle,
            QUEUED => Look::Queued,
            ENDED => Look::Ended,
            deadline => Look::Fired(deadline),
        }
    }

    /// The deadline in nanoseconds since the clock's origin.
    #[inline]
    pub(crate) fn deadline(&self) -> u64 {
        // Relaxed: a number, no more; what the wheel reads too early it learns again when it fires.
        self.deadline.load(Ordering::Relaxed)
    }

    /// Sets the deadline; the owner's doing. A queued entry may only be put off so: sooner takes
    /// [`Timers::hasten`](super::Timers::hasten).
    #[inline]
    pub(crate) fn set_deadline(&self, deadline: u64) {
        // Relaxed: see `deadline`.
        self.deadline.store(deadline, Ordering::Relaxed);
    }

    /// Makes an entry that has fired an idle one. (5)
    ///
    /// The owner's doing, when the entry isn't queued.
    #[inline]
    pub(crate) fn rearm(&self) {
        // Relaxed: nobody else knows of the entry.
        self.state.store(IDLE, Ordering::Relaxed);
    }

    /// Makes an idle entry one that has fired: its deadline has passed. (6)
    ///
    /// The owner's doing.
    #[inline]
    pub(crate) fn elapse(&self) {
        // Relaxed: nobody else knows of the entry.
        self.state.store(self.deadline().min(FOREVER_NS), Ordering::Relaxed);
    }

    /// Whether it has fired for its deadline.
    #[inline]
    pub(crate) fn has_fired(&self) -> bool {
        matches!(self.look(), Look::Fired(at) if at >= self.deadline())
    }

    /// Whether the queued waker wakes the same task as `waker`.
    ///
    /// # Safety
    ///
    /// The caller is the owner, and has seen QUEUED.
    #[inline]
    pub(super) unsafe fn will_wake(&self, waker: &Waker) -> bool {
        // SAFETY: the slot was filled when QUEUED was set. If the entry fires now, the waker is copied out and
        // the bytes stay: they are compared, and not used.
        self.waker.with(|slot| unsafe { (*slot).assume_init_ref().will_wake(waker) })
    }

    /// Marks the entry queued, with the waker to wake. (1)
    ///
    /// # Safety
    ///
    /// The wheel's lock is held, and the entry is idle.
    #[inline]
    pub(super) unsafe fn enqueue(&self, waker: Waker) {
        // SAFETY: no one looks at the slot of an idle entry, and it holds no waker.
        self.waker.with_mut(|slot| unsafe { (*slot).write(waker) });
        // Relaxed: the owner sets it, and all others look under the lock.
        self.state.store(QUEUED, Ordering::Relaxed);
    }

    /// Puts another waker in place of the queued one, which is returned.
    ///
    /// # Safety
    ///
    /// The caller is the owner, holds the wheel's lock, and has seen QUEUED under it.
    pub(super) unsafe fn replace_waker(&self, waker: Waker) -> Waker {
        // SAFETY: QUEUED under the lock: the slot is full, and only the owner reads it without the lock.
        self.waker.with_mut(|slot| unsafe { std::mem::replace((*slot).assume_init_mut(), waker) })
    }

    /// Takes the queued mark away and the waker out. (3)
    ///
    /// # Safety
    ///
    /// The caller is the owner, holds the wheel's lock, has seen QUEUED under it, and has unlinked the entry.
    #[inline]
    pub(super) unsafe fn dequeue(&self) -> Waker {
        // SAFETY: as in `replace_waker`; the slot counts as empty from here.
        let waker = self.waker.with(|slot| unsafe { (*slot).assume_init_read() });
        // Relaxed: the owner's own thread.
        self.state.store(IDLE, Ordering::Relaxed);
        waker
    }

    /// Marks the entry fired for `deadline`, and hands out the waker. (2)
    ///
    /// # Safety
    ///
    /// The wheel's lock is held, the entry is queued, and unlinked. It may be gone right after.
    #[inline]
    pub(super) unsafe fn fire(entry: NonNull<Self>, deadline: u64) -> Waker {
        // SAFETY: passed on to the caller.
        unsafe { Self::finish(entry, deadline.min(FOREVER_NS)) }
    }

    /// Marks the entry ended by the driver's shutdown, and hands out the waker. (4)
    ///
    /// # Safety
    ///
    /// As for [`fire`](Self::fire).
    pub(super) unsafe fn end(entry: NonNull<Self>) -> Waker {
        // SAFETY: passed on to the caller.
        unsafe { Self::finish(entry, ENDED) }
    }

    unsafe fn finish(entry: NonNull<Self>, state: u64) -> Waker {
        // SAFETY: a queued entry is live, and its slot is full; the bytes stay for the owner to compare with.
        unsafe {
            let entry = entry.as_ref();
            let waker = entry.waker.with(|slot| (*slot).assume_init_read());
            entry.state.store(state, Ordering::Release); // E1
            waker
        }
    }

    /// What a model does before it frees an entry: touches what others may be at, which is an error if they are.
    #[cfg(all(test, loom))]
    pub(super) fn touch(&mut self) {
        self.waker.with_mut(|_| ());
        self.slot.with_mut(|_| ());
    }

    /// Whether it is queued, for those who hold the lock.
    #[inline]
    pub(super) fn is_queued(&self) -> bool {
        // Relaxed: the lock orders it.
        self.state.load(Ordering::Relaxed) == QUEUED
    }

    /// Notes the slot that the entry is in.
    ///
    /// # Safety
    ///
    /// The wheel's lock is held.
    #[inline]
    pub(super) unsafe fn set_slot(&self, index: u16) {
        // SAFETY: the lock guards the cell.
        self.slot.with_mut(|slot| unsafe { *slot = index });
    }

    /// The slot that the entry is in.
    ///
    /// # Safety
    ///
    /// The wheel's lock is held.
    #[inline]
    pub(super) unsafe fn slot(&self) -> u16 {
        // SAFETY: the lock guards the cell.
        self.slot.with(|slot| unsafe { *slot })
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("state", &self.look()).field("deadline_ns", &self.deadline()).finish()
    }
}
