//! A place in a line: what permits and notifications have in common.
//!
//! `permits/tests_loom.rs` and `notify/tests_loom.rs` model it.
//!
//! E1: `conclude` Release -> `verdict` Acquire: the node is out of the line, its waker is taken, and what the
//! concluding thread saw is seen by the future. It is the last access: the node may be gone after it.

use std::ptr::NonNull;
use std::task::{RawWakerVTable, Waker};

use crate::base::trace::Bid;
use crate::base::{Latch, Links, List, Node, WakeBatch};
use crate::shim::atomic::{AtomicU8, Ordering};
use crate::shim::cell::UnsafeCell;

/// The verdict of a waiter that is in the line.
pub(super) const WAITING: u8 = 0;

/// The line, and the lock that protects it.
pub(super) type Line = Latch<List<Waiter>>;

/// A node that lies in the future that waits.
pub(super) struct Waiter {
    links: Links<Waiter>,
    /// What the future waits for, as its line understands it. It doesn't change while in the line.
    key: UnsafeCell<usize>,
    /// WAITING while it is in the line; set to another value once, under the lock, after which the node
    /// belongs to its future again.
    verdict: AtomicU8,
    /// Touched under the lock while WAITING.
    waker: UnsafeCell<Option<Waker>>,
    /// As the waker.
    bid: UnsafeCell<Bid>,
    /// That of the waker that is to be woken. The future's own: nobody else touches it.
    identity: Option<WakerIdentity>,
}

/// What identifies a waker without borrowing it.
type WakerIdentity = (*const (), *const RawWakerVTable);

fn identity(waker: &Waker) -> WakerIdentity {
    (waker.data(), std::ptr::from_ref(waker.vtable()))
}

// SAFETY: `links` gives a field of the node by a raw pointer; futures are pinned before their waiter is
// linked, and leave the line when they are dropped.
unsafe impl Node for Waiter {
    unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the caller gives a live node.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).links) }
    }
}

// SAFETY: what isn't atomic in a waiter is touched under the lock of its line, or by its owner alone.
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

impl Waiter {
    #[inline]
    pub(super) fn new(key: usize) -> Self {
        Self {
            links: Links::new(),
            key: UnsafeCell::new(key),
            verdict: AtomicU8::new(WAITING),
            waker: UnsafeCell::new(None),
            bid: UnsafeCell::new(Bid::NONE),
            identity: None,
        }
    }

    /// What it waits for. To be asked under the lock while in the line.
    #[inline]
    pub(super) fn key(&self) -> usize {
        // SAFETY: it is changed by its owner, or by who takes it out of the line, under the lock.
        self.key.with(|key| unsafe { *key })
    }

    /// Has it wait for something else, or tells it what came of that.
    ///
    /// # Safety
    ///
    /// The node is the caller's own and in no line, or the caller took it out of the line, has the lock, and hasn't
    /// concluded it.
    #[inline]
    pub(super) unsafe fn set_key(node: NonNull<Self>, key: usize) {
        // SAFETY: as the caller promised.
        unsafe { (*node.as_ptr()).key.with_mut(|slot| *slot = key) };
    }

    /// Exchanges what is told of the wait; what was there is to be dropped outside of the lock.
    ///
    /// # Safety
    ///
    /// As [`set_key`](Self::set_key).
    #[inline]
    pub(super) unsafe fn exchange_bid(node: NonNull<Self>, bid: Bid) -> Bid {
        // SAFETY: as the caller promised.
        unsafe { (*node.as_ptr()).bid.with_mut(|slot| std::mem::replace(&mut *slot, bid)) }
    }

    /// How it ended; WAITING when it hasn't.
    #[inline]
    pub(super) fn verdict(&self) -> u8 {
        self.verdict.load(Ordering::Acquire) // E1
    }

    /// Puts it at the end of the line.
    ///
    /// # Safety
    ///
    /// The node is the caller's own, pinned, in no line, and leaves this one before it goes.
    pub(super) unsafe fn join(node: NonNull<Self>, line: &mut List<Self>, waker: Option<Waker>) {
        // SAFETY: the caller vouches for the node, and has the lock.
        unsafe {
            (*node.as_ptr()).identity = waker.as_ref().map(identity);
            (*node.as_ptr()).waker.with_mut(|slot| *slot = waker);
            line.push_back(node);
        }
    }

    /// Takes it out of the line; the waker is to be dropped outside of the lock.
    ///
    /// # Safety
    ///
    /// The node is the caller's own, in this line, and WAITING.
    pub(super) unsafe fn leave(node: NonNull<Self>, line: &mut List<Self>) -> Option<Waker> {
        // SAFETY: WAITING means that it is in the line, whose lock the caller has.
        unsafe {
            line.remove(node);
            (*node.as_ptr()).waker.with_mut(|slot| (*slot).take())
        }
    }

    /// Tells a waiter that was just taken out of the line how it ended.
    ///
    /// # Safety
    ///
    /// The caller took it out of the line and still has the lock. It may be gone when this returns.
    #[inline]
    pub(super) unsafe fn conclude(node: NonNull<Self>, verdict: u8, wakers: &mut WakeBatch) {
        // SAFETY: as the caller promised.
        if let Some(waker) = unsafe { Self::conclude_one(node, verdict) } {
            wakers.push(waker);
        }
    }

    /// As [`conclude`](Self::conclude); the waker is to be woken outside of the lock.
    ///
    /// # Safety
    ///
    /// As [`conclude`](Self::conclude).
    #[inline]
    pub(super) unsafe fn conclude_one(node: NonNull<Self>, verdict: u8) -> Option<Waker> {
        // SAFETY: the node is live until the verdict is stored, and the lock gives us its waker.
        let waker = unsafe { (*node.as_ptr()).waker.with_mut(|slot| (*slot).take()) };
        // SAFETY: as above; this is the last access.
        unsafe { (*node.as_ptr()).verdict.store(verdict, Ordering::Release) }; // E1
        waker
    }

    /// Makes `waker` the one to wake, if it is still in the line; its verdict.
    ///
    /// # Safety
    ///
    /// `node` is the caller's own, and was put into the line which `lock` locks.
    #[inline]
    pub(super) unsafe fn watch<G>(node: NonNull<Self>, lock: impl FnOnce() -> G, waker: &Waker) -> u8 {
        // SAFETY: the caller's own node is live, and nobody else touches its identity.
        let (verdict, known) = unsafe { (node.as_ref().verdict(), (*node.as_ptr()).identity) };
        // The waker that it waits with isn't dropped before the verdict, so that no other can look like it.
        if verdict != WAITING || known == Some(identity(waker)) {
            return verdict;
        }
        // SAFETY: as the caller promised.
        unsafe { Self::exchange(node, lock, waker) }
    }

    /// # Safety
    ///
    /// As [`watch`](Self::watch).
    #[cold]
    unsafe fn exchange<G>(node: NonNull<Self>, lock: impl FnOnce() -> G, waker: &Waker) -> u8 {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut other = Some(waker.clone());
        let lock = lock();
        // SAFETY: the caller's own node is live.
        let verdict = unsafe { node.as_ref() }.verdict();
        if verdict == WAITING {
            // SAFETY: WAITING, and we hold the lock; the identity is the caller's own.
            unsafe {
                (*node.as_ptr()).identity = Some(identity(waker));
                (*node.as_ptr()).waker.with_mut(|slot| std::ptr::swap(slot, &mut other));
            }
        }
        drop(lock);
        drop(other);
        verdict
    }
}
