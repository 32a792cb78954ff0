//! A line in which each waits for a position to be passed: that of a value sent, or a version.
//!
//! Whoever joins waits for the position that is current, and looks at it under the line's lock; so the line is in
//! the order of positions. Who passes a position wakes those that wait for it or an earlier one. It meets nobody
//! twice, also when those it has woken join the line again before it is through.
//!
//! `broadcast/tests_loom.rs` and `watch/tests_loom.rs` model it.

use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::task::Waker;

use super::waiter::{Line, WAITING, Waiter};
use crate::base::{LatchGuard, List, WakeBatch};

/// The line, locked.
pub(super) type Locked<'a> = LatchGuard<'a, List<Waiter>>;

/// The verdict of a waiter whose position has been passed.
const PASSED: u8 = 1;

/// A future's place in such a line.
pub(super) struct Place {
    in_line: bool,
    /// Its key is the position that is to be passed. There from the first time in a line on: what needn't wait as a
    /// rule shouldn't pay for it.
    waiter: MaybeUninit<Waiter>,
}

impl Place {
    /// Writes one byte. Not as `Self { .. }`: that makes a constant, of which the waiter's bytes are copied, too, with
    /// each future.
    #[inline]
    pub(super) fn new() -> Self {
        let mut place = MaybeUninit::<Self>::uninit();
        // SAFETY: the field is within `place`. The other one needs no value.
        unsafe {
            (&raw mut (*place.as_mut_ptr()).in_line).write(false);
            place.assume_init()
        }
    }

    /// Waits in the line for `position` to be passed. The waker was cloned before the lock was taken, since that is code
    /// that isn't ours.
    ///
    /// # Safety
    ///
    /// It is pinned, in no line, and `leave`s this one before it goes. The position is that which is current.
    pub(super) unsafe fn join(&mut self, lock: &mut Locked<'_>, position: u64, waker: Option<Waker>) {
        // One that was in a line before holds nothing by now that would have to be dropped.
        let waiter = NonNull::from(self.waiter.write(Waiter::new(key(position))));
        // SAFETY: the caller's promise.
        unsafe { Waiter::join(waiter, lock, waker) };
        self.in_line = true;
    }

    /// Whether it waits in the line still; if so, `waker` is the one to wake.
    ///
    /// # Safety
    ///
    /// It joined this line, if it joined one.
    #[inline]
    pub(super) unsafe fn waits(&mut self, line: &Line, waker: &Waker) -> bool {
        if self.in_line {
            // SAFETY: it was put into this line, and is our own.
            self.in_line = unsafe { Waiter::watch(self.waiter(), || line.lock(), waker) } == WAITING;
        }
        self.in_line
    }

    /// Leaves the line, if it is in it still; `left` is called under its lock then.
    ///
    /// # Safety
    ///
    /// It joined this line, if it joined one.
    #[inline]
    pub(super) unsafe fn leave(&mut self, line: &Line, left: impl FnOnce(&Locked<'_>)) {
        if self.in_line {
            // SAFETY: it was put into this line.
            unsafe { self.do_leave(line, left) };
        }
    }

    /// # Safety
    ///
    /// It was put into this line.
    #[cold]
    unsafe fn do_leave(&mut self, line: &Line, left: impl FnOnce(&Locked<'_>)) {
        self.in_line = false;
        let waiter = self.waiter();
        let mut lock = line.lock();
        let mut waker = None;
        // SAFETY: our own node, which is there once it was put into a line.
        if unsafe { waiter.as_ref() }.verdict() == WAITING {
            // SAFETY: our own node, which is in this line.
            waker = unsafe { Waiter::leave(waiter, &mut lock) };
            left(&lock);
        }
        drop(lock);
        drop(waker);
    }

    /// To be looked at once it was in a line.
    const fn waiter(&mut self) -> NonNull<Waiter> {
        // SAFETY: the pointer is that of a reference.
        unsafe { NonNull::new_unchecked(self.waiter.as_mut_ptr()) }
    }
}

/// The key by which a waiter for `position` stands in the line.
#[inline]
const fn key(position: u64) -> usize {
    position as usize
}

/// Wakes those that wait for a position before `end`, or all. When nobody is left in the line, `emptied` is called
/// under its lock.
#[cold]
pub(super) fn wake<'a>(line: &'a Line, mut lock: Locked<'a>, end: Option<u64>, emptied: impl Fn()) {
    let mut wakers = WakeBatch::new();
    loop {
        while wakers.has_room() {
            let Some(first) = lock.front() else { break };
            // SAFETY: a node in the line is live, and we hold the lock.
            let key = unsafe { first.as_ref() }.key();
            if end.is_some_and(|end| !is_before(key, end)) {
                break;
            }
            lock.pop_front();
            // SAFETY: it was in the line, and we hold the lock.
            unsafe { Waiter::conclude(first, PASSED, &mut wakers) };
        }
        let done = wakers.has_room();
        if done && lock.is_empty() {
            emptied();
        }
        drop(lock);
        // Contained: who sends isn't to blame for the waker of one that waits, nor are the others.
        wakers.wake_all();
        if done {
            return;
        }
        lock = line.lock();
    }
}

/// Whether `key` is that of a position before `end`. Keys may wrap where `usize` is small; those in a line are near
/// each other.
const fn is_before(key: usize, end: u64) -> bool {
    ((end as usize).wrapping_sub(key) as isize) > 0
}
