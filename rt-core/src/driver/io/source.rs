//! What a driver knows of a resource: its readiness, and who waits for it.
//!
//! There is one place for a reader and one for a writer, for the `poll_*` functions, whose last caller is the
//! one that is woken; and a list for the futures, of which any number may wait.
//!
//! No wake-up is lost: the event sets the readiness word first, then takes the waiters' lock to look who waits.
//! Who waits enters under that lock and looks at the word once more before releasing it. Whichever holds the
//! lock first, either the event finds the waiter, or the waiter finds the event's bits. (E1)
//!
//! E1: the waiters' lock: word set, then lock -> lock, then word read.

use std::ptr::NonNull;
use std::task::{Poll, Waker};

use super::readiness::{Event, Readiness};
use super::waiter::Waiter;
use super::{Direction, Ready};
use crate::base::{Links, List, Node, WakeBatch};
use crate::driver::lock::Lock;

/// See the module's documentation.
pub(crate) struct Source {
    /// In the driver's list of attached sources; under that list's lock.
    links: Links<Source>,
    /// What its events name, if that isn't its address; 0 otherwise. See `queue`.
    name: usize,
    readiness: Readiness,
    waiters: Lock<Waiters>,
}

struct Waiters {
    reader: Option<Waker>,
    writer: Option<Waker>,
    list: List<Waiter>,
}

// SAFETY: the list's pointers lead to `Waiter`s, which are `Send`, and are followed under the lock only.
unsafe impl Send for Waiters {}

// SAFETY: always the same field, reached without a reference to the whole source; the driver's list owns a
// reference count, so a linked source stays.
unsafe impl Node for Source {
    unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live, says the caller, and a field of it isn't null.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).links) }
    }
}

// SAFETY: `links` is touched under the lock of the list that it belongs to; the rest is `Send` and `Sync`.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

impl Source {
    pub(crate) fn new() -> Self {
        Self::named(0)
    }

    /// One whose events name a number.
    pub(crate) fn named(name: usize) -> Self {
        Self {
            links: Links::new(),
            name,
            readiness: Readiness::new(),
            waiters: Lock::new(Waiters { reader: None, writer: None, list: List::new() }),
        }
    }

    /// What its events name, if that isn't its address.
    pub(super) fn name(&self) -> Option<usize> {
        (self.name != 0).then_some(self.name)
    }

    /// What is known now.
    #[inline]
    pub(crate) fn event(&self) -> Event {
        self.readiness.load()
    }

    /// An operation let through by `seen` has found `ready` to be over.
    pub(crate) fn clear(&self, seen: Event, ready: Ready) {
        self.readiness.clear(seen, ready);
    }

    pub(super) fn attach(&self) {
        self.readiness.attach();
    }

    /// Waits for a direction, in the one place that it has.
    #[inline]
    pub(crate) fn poll_ready(&self, direction: Direction, waker: &Waker) -> Poll<Event> {
        let event = self.event();
        if event.satisfies(direction.mask()) {
            return Poll::Ready(event);
        }
        self.poll_wait(direction, waker)
    }

    fn poll_wait(&self, direction: Direction, waker: &Waker) -> Poll<Event> {
        // Cloned before the lock and dropped after it: that is the waker's code.
        let waker = waker.clone();
        let (former, event) = self.waiters.with(|waiters| {
            let place = match direction {
                Direction::Read => &mut waiters.reader,
                Direction::Write => &mut waiters.writer,
            };
            (place.replace(waker), self.event()) // E1
        });
        drop(former);
        if event.satisfies(direction.mask()) { Poll::Ready(event) } else { Poll::Pending }
    }

    /// Waits in the list.
    ///
    /// # Safety
    ///
    /// Once this has returned `Pending`, the waiter stays where it is until a later call has returned `Ready`,
    /// or [`leave`](Self::leave) has returned. It never waits for two sources.
    pub(super) unsafe fn poll_list(&self, waiter: &Waiter, mask: Ready, waker: &Waker) -> Poll<Event> {
        let waker = waker.clone();
        let (former, event) = self.waiters.with(|waiters| {
            let event = self.event(); // E1
            // SAFETY: the lock is held; the caller keeps a linked waiter in its place.
            unsafe {
                if event.satisfies(mask) {
                    return (waiters.unlink(waiter).or(Some(waker)), event);
                }
                let linked = waiter.is_linked();
                let former = waiter.set(mask, waker);
                if !linked {
                    waiters.list.push_back(NonNull::from(waiter));
                }
                (former, event)
            }
        });
        drop(former);
        if event.satisfies(mask) { Poll::Ready(event) } else { Poll::Pending }
    }

    /// Takes a waiter out of the list, if it is there.
    ///
    /// # Safety
    ///
    /// It waits for no other source.
    pub(super) unsafe fn leave(&self, waiter: &Waiter) {
        // SAFETY: the lock is held, and the waiter is in this list or in none.
        let waker = self.waiters.with(|waiters| unsafe { waiters.unlink(waiter) });
        drop(waker);
    }

    /// The event queue reports `ready`: notes it, and wakes who waits for it.
    pub(super) fn dispatch(&self, ready: Ready, batch: &mut WakeBatch) {
        self.readiness.set(ready);
        self.wake(ready, batch);
    }

    /// The driver is gone: every wait is over.
    pub(super) fn end(&self, batch: &mut WakeBatch) {
        self.readiness.end();
        self.wake(Ready::ALL, batch);
    }

    fn wake(&self, ready: Ready, batch: &mut WakeBatch) {
        while !self.waiters.with(|waiters| waiters.collect(ready, batch)) {
            batch.wake_all(); // E1
        }
    }
}

impl Waiters {
    /// Takes the wakers of those whom `ready` concerns, until the batch is full; true when none is left.
    fn collect(&mut self, ready: Ready, batch: &mut WakeBatch) -> bool {
        let places = [(Direction::Read, &mut self.reader), (Direction::Write, &mut self.writer)];
        for (direction, place) in places {
            if place.is_none() || !ready.intersects(direction.mask()) {
                continue;
            }
            if !batch.has_room() {
                return false;
            }
            if let Some(waker) = place.take() {
                batch.push(waker);
            }
        }
        self.collect_list(ready, batch)
    }

    fn collect_list(&mut self, ready: Ready, batch: &mut WakeBatch) -> bool {
        let mut others = List::new();
        let mut done = true;
        while let Some(node) = self.list.front() {
            if !batch.has_room() {
                done = false;
                break;
            }
            self.list.pop_front();
            // SAFETY: a linked waiter is live, and the lock is held; it goes back into this list below, or
            // is told that it is out of it.
            unsafe {
                if node.as_ref().mask().intersects(ready) {
                    if let Some(waker) = node.as_ref().reset() {
                        batch.push(waker);
                    }
                } else {
                    others.push_back(node);
                }
            }
        }
        // Those looked at come back in front of the rest.
        others.append(&mut self.list);
        self.list = others;
        done
    }

    /// # Safety
    ///
    /// The lock is held, and the waiter is in this list or in none.
    unsafe fn unlink(&mut self, waiter: &Waiter) -> Option<Waker> {
        // SAFETY: passed on to the caller.
        unsafe {
            if waiter.is_linked() {
                self.list.remove(NonNull::from(waiter));
                waiter.reset()
            } else {
                None
            }
        }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("event", &self.event()).finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
