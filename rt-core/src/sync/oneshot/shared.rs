//! What sender and receiver share.
//!
//! ```text
//!   sender:    { } ── complete (1) ──▶ SENT[, VALUE][, TX_GONE] ── leave (2) ──▶ TX_GONE
//!              { } ◀── retract (3), register (4) ──▶ TX_WAKER
//!   receiver:  { } ── close (5) ──▶ CLOSED[, RX_GONE], no RX_WAKER ── leave (6) ──▶ RX_GONE
//!              { } ◀── retract (7), register (8) ──▶ RX_WAKER
//! ```
//!
//! Each side moves in its own row, and looks at the other's. The allocation belongs to whoever sets its GONE
//! when the other's is set already, or finds the other's set when it would have to set its own.
//!
//! - The value is the sender's until VALUE, and then the receiver's. VALUE is never set over CLOSED.
//! - The slot of the receiver's waker is the receiver's while RX_WAKER is clear. It is the sender's from (1)
//!   on, if (1) found RX_WAKER; then the sender takes the waker out before it leaves (2).
//! - The slot of the sender's waker is the sender's while TX_WAKER is clear, and from (1) on. It is the
//!   receiver's from (5) on, if (5) found TX_WAKER and no SENT; then the receiver takes the waker out before it
//!   leaves (6).
//!
//! E1: `complete` Release -> `look` and `close` Acquire: the value is there.
//! E2: `register_receiver`, `register_sender` Release -> `complete`, `close` Acquire: the waker is there.
//! E3: `complete`, `close` and `leave` Release -> the other's Acquire before it frees: the memory is no longer touched.

use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::task::Waker;

use crate::base::contain;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;

const SENT: usize = 1;
const VALUE: usize = 2;
const TX_GONE: usize = 4;
const TX_WAKER: usize = 8;
const CLOSED: usize = 16;
const RX_GONE: usize = 32;
const RX_WAKER: usize = 64;

/// A value of the state word.
#[derive(Clone, Copy)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    /// The sender sent, or went.
    pub(super) const fn is_sent(self) -> bool {
        self.0 & SENT != 0
    }

    pub(super) const fn has_value(self) -> bool {
        self.0 & VALUE != 0
    }

    /// The receiver takes no value any more.
    pub(super) const fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(super) const fn has_receiver_waker(self) -> bool {
        self.0 & RX_WAKER != 0
    }

    pub(super) const fn has_sender_waker(self) -> bool {
        self.0 & TX_WAKER != 0
    }
}

/// The state word; see the module's documentation.
struct State(AtomicUsize);

impl State {
    #[inline]
    fn load(&self) -> Snapshot {
        Snapshot(self.0.load(Ordering::Acquire)) // E1 E3
    }

    /// Replaces the state by `next` of it, unless that is `None`; returns the state before.
    fn update(&self, mut next: impl FnMut(usize) -> Option<usize>) -> Result<Snapshot, Snapshot> {
        let mut now = self.0.load(Ordering::Acquire); // E1 E3
        loop {
            let Some(new) = next(now) else { return Err(Snapshot(now)) };
            match self.0.compare_exchange_weak(now, new, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(Snapshot(now)), // E1 E2 E3
                Err(actual) => now = actual,
            }
        }
    }

    /// Replaces the initial state, in which nobody waits and nobody has gone.
    #[inline]
    fn leave_initial(&self, new: usize) -> bool {
        // The load spares an exchange that would fail.
        self.0.load(Ordering::Relaxed) == 0
            && self.0.compare_exchange(0, new, Ordering::AcqRel, Ordering::Relaxed).is_ok() // E1 E3
    }

    fn set(&self, bits: usize) -> Snapshot {
        Snapshot(self.0.fetch_or(bits, Ordering::AcqRel)) // E2 E3
    }

    fn clear(&self, bits: usize) -> Snapshot {
        Snapshot(self.0.fetch_and(!bits, Ordering::AcqRel)) // E2 E3
    }
}

/// The allocation of a channel.
pub(super) struct Shared<T> {
    state: State,
    receiver_waker: UnsafeCell<Option<Waker>>,
    sender_waker: UnsafeCell<Option<Waker>>,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Shared<T> {
    /// A fresh allocation, owned by both sides.
    pub(super) fn allocate() -> NonNull<Self> {
        let shared = Box::new(Self {
            state: State(AtomicUsize::new(0)),
            receiver_waker: UnsafeCell::new(None),
            sender_waker: UnsafeCell::new(None),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        });
        NonNull::from(Box::leak(shared))
    }

    #[inline]
    pub(super) fn look(&self) -> Snapshot {
        self.state.load()
    }

    /// The sender sends, and leaves. (1, 2)
    ///
    /// # Safety
    ///
    /// `this` is a live channel, and the caller its sender, which doesn't touch it any more.
    #[inline]
    pub(super) unsafe fn send(this: NonNull<Self>, value: T) -> Result<(), T> {
        // SAFETY: live until we leave.
        let shared = unsafe { this.as_ref() };
        // SAFETY: without VALUE the slot is the sender's.
        shared.value.with_mut(|slot| unsafe { (*slot).write(value) });
        if shared.state.leave_initial(SENT | VALUE | TX_GONE) {
            return Ok(());
        }
        // SAFETY: the caller is the sender.
        unsafe { Self::send_slowly(this) }
    }

    /// Sends what is in the slot to a receiver that waits, or has closed. (1, 2)
    ///
    /// # Safety
    ///
    /// As [`send`](Self::send); the value is written.
    #[inline(never)]
    unsafe fn send_slowly(this: NonNull<Self>) -> Result<(), T> {
        // SAFETY: the caller is the sender.
        match unsafe { Self::complete(this, VALUE) } {
            Ok(()) => Ok(()),
            Err(closed) => {
                // SAFETY: VALUE wasn't set, so that what was written is still ours; we haven't left.
                let value = unsafe { this.as_ref() }.value.with(|slot| unsafe { (*slot).assume_init_read() });
                // SAFETY: the caller is the sender, and we are through.
                unsafe { Self::go(this, closed, SENT | TX_GONE, RX_GONE) };
                Err(value)
            }
        }
    }

    /// The sender goes without a value. (1, 2)
    ///
    /// # Safety
    ///
    /// As [`send`](Self::send).
    pub(super) unsafe fn drop_sender(this: NonNull<Self>) {
        // SAFETY: the caller is the sender.
        if let Err(closed) = unsafe { Self::complete(this, 0) } {
            // SAFETY: as above, and we are through.
            unsafe { Self::go(this, closed, SENT | TX_GONE, RX_GONE) };
        }
    }

    /// Unless the receiver has closed: sets SENT and `bits`, wakes the receiver, and leaves.
    ///
    /// # Safety
    ///
    /// `this` is live, and the caller its sender. After `Ok` it may be gone.
    unsafe fn complete(this: NonNull<Self>, bits: usize) -> Result<(), Snapshot> {
        // SAFETY: live until we leave.
        let shared = unsafe { this.as_ref() };
        let before = shared.state.update(|now| {
            let wakers = now & (RX_WAKER | TX_WAKER) != 0;
            let gone = if wakers { 0 } else { TX_GONE };
            (now & CLOSED == 0).then_some(now | SENT | bits | gone)
        })?;
        let (mut theirs, mut own) = (None, None);
        if before.has_receiver_waker() {
            // SAFETY: RX_WAKER at (1) makes the slot the sender's until it leaves.
            theirs = shared.receiver_waker.with_mut(|slot| unsafe { (*slot).take() });
        }
        if before.has_sender_waker() {
            // SAFETY: SENT before CLOSED leaves the slot to the sender.
            own = shared.sender_waker.with_mut(|slot| unsafe { (*slot).take() });
        }
        if before.has_receiver_waker() || before.has_sender_waker() {
            // SAFETY: nothing of it is touched after this.
            unsafe { Self::go(this, before, TX_GONE, RX_GONE) };
        }
        if let Some(waker) = theirs {
            contain(|| waker.wake());
        }
        drop(own);
        Ok(())
    }

    /// The receiver takes no more. With `gone` it also leaves. (5, 6)
    ///
    /// # Safety
    ///
    /// `this` is live and the caller its receiver. If `gone`, the caller doesn't touch it any more.
    pub(super) unsafe fn close(this: NonNull<Self>, gone: bool) {
        // SAFETY: live until we leave.
        let shared = unsafe { this.as_ref() };
        let closed = shared.state.update(|now| {
            let rest = if gone && now & (RX_WAKER | TX_WAKER) == 0 { RX_GONE } else { 0 };
            (now & (SENT | CLOSED) == 0).then_some((now | CLOSED | rest) & !RX_WAKER)
        });
        let before = match closed {
            Ok(before) => before,
            Err(now) => {
                if gone {
                    // SAFETY: the caller is the receiver and leaves; a value that is there is its to take.
                    drop(unsafe { Self::finish(this, now) });
                }
                return;
            }
        };
        let (mut theirs, mut own) = (None, None);
        if before.has_receiver_waker() {
            // SAFETY: RX_WAKER is clear and nothing was sent: the slot is the receiver's.
            own = shared.receiver_waker.with_mut(|slot| unsafe { (*slot).take() });
        }
        if before.has_sender_waker() {
            // SAFETY: TX_WAKER at (5) without SENT makes the slot the receiver's.
            theirs = shared.sender_waker.with_mut(|slot| unsafe { (*slot).take() });
        }
        if gone && (before.has_receiver_waker() || before.has_sender_waker()) {
            // SAFETY: nothing of it is touched after this.
            unsafe { Self::go(this, before, RX_GONE, TX_GONE) };
        }
        if let Some(waker) = theirs {
            contain(|| waker.wake());
        }
        drop(own);
    }

    /// The receiver takes the value, if one was sent, and leaves. (6)
    ///
    /// # Safety
    ///
    /// `this` is live, `now` its state, and the caller its receiver, which doesn't touch it any more.
    #[inline]
    pub(super) unsafe fn finish(this: NonNull<Self>, now: Snapshot) -> Option<T> {
        // SAFETY: VALUE says that it was written, and that it is the receiver's; it is read once, since the
        // receiver leaves.
        let value =
            now.has_value().then(|| unsafe { this.as_ref().value.with(|slot| (*slot).assume_init_read()) });
        // SAFETY: the caller is the receiver, and we are through.
        unsafe { Self::go(this, now, CLOSED | RX_GONE, TX_GONE) };
        value
    }

    /// Sets `bits`, among them the side's own GONE, and frees the channel if `other` is gone too. (2, 6)
    ///
    /// # Safety
    ///
    /// `this` is live and `now` a state of it. The caller's side doesn't touch it after this.
    #[inline]
    unsafe fn go(this: NonNull<Self>, now: Snapshot, bits: usize, other: usize) {
        // When the other has gone already nobody looks at the word any more, and no exchange is needed.
        // SAFETY: live, since our GONE isn't set.
        if now.0 & other != 0 || unsafe { this.as_ref() }.state.set(bits).0 & other != 0 {
            // SAFETY: it was made by `Box`, and both sides are through.
            drop(unsafe { Box::from_raw(this.as_ptr()) });
        }
    }

    /// Registers the receiver's waker; `Err` with the state when something was sent meanwhile. (8)
    ///
    /// # Safety
    ///
    /// The caller is the receiver; RX_WAKER is clear.
    pub(super) unsafe fn register_receiver(&self, waker: &Waker) -> Result<(), Snapshot> {
        let waker = waker.clone();
        // SAFETY: without RX_WAKER the slot is the receiver's.
        self.receiver_waker.with_mut(|slot| unsafe { *slot = Some(waker) });
        let before = self.state.set(RX_WAKER);
        if !before.is_sent() {
            return Ok(());
        }
        // SAFETY: SENT came without RX_WAKER, so that the slot stays the receiver's.
        drop(self.receiver_waker.with_mut(|slot| unsafe { (*slot).take() }));
        Err(before)
    }

    /// Takes the receiver's waker back; `Err` with the state when something was sent meanwhile. (7)
    ///
    /// # Safety
    ///
    /// The caller is the receiver; RX_WAKER is set.
    pub(super) unsafe fn retract_receiver(&self) -> Result<(), Snapshot> {
        let before = self.state.clear(RX_WAKER);
        if before.is_sent() {
            return Err(before);
        }
        // SAFETY: RX_WAKER is clear and nothing was sent: the slot is the receiver's.
        drop(self.receiver_waker.with_mut(|slot| unsafe { (*slot).take() }));
        Ok(())
    }

    /// Registers the sender's waker, to be woken when the receiver closes; false if it has. (3, 4)
    ///
    /// # Safety
    ///
    /// The caller is the sender, which hasn't sent.
    pub(super) unsafe fn register_sender(&self, waker: &Waker) -> bool {
        let fresh = waker.clone();
        if self.look().has_sender_waker() && self.state.clear(TX_WAKER).is_closed() {
            // The receiver has the slot, and wakes what is there.
            return false;
        }
        // SAFETY: TX_WAKER is clear and was cleared before CLOSED: the slot is the sender's.
        let old = self.sender_waker.with_mut(|slot| unsafe { (*slot).replace(fresh) });
        drop(old);
        if !self.state.set(TX_WAKER).is_closed() {
            return true;
        }
        // SAFETY: CLOSED came without TX_WAKER, so that the slot stays the sender's.
        drop(self.sender_waker.with_mut(|slot| unsafe { (*slot).take() }));
        false
    }
}
