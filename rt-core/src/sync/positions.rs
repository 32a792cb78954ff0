//! A line in which each waits for a position to be passed: that of a value sent, or a version.
//!
//! Whoever joins waits for the position that is current, and looks at it under the line's lock; so the line is in
//! the order of positions. Who passes a position wakes those that wait for it or an earlier one. It meets nobody
//! twice, also when those it has woken join the line again before it is through.
//!
//! `broadcast/tests_loom.rs` and `watch/tests_loom.rs` model it.

use super::waiter::{Line, Waiter};
use crate::base::{List, WakeBatch};
use crate::shim::sync::MutexGuard;

/// The line, locked.
pub(super) type Locked<'a> = MutexGuard<'a, List<Waiter>>;

/// The verdict of a waiter whose position has been passed.
const PASSED: u8 = 1;

/// The key by which a waiter for `position` stands in the line.
#[inline]
pub(super) const fn key(position: u64) -> usize {
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
            let key = unsafe { first.as_ref() }.key;
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
