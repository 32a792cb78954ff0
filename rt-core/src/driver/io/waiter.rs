//! A future in the list of those who wait for a resource.

use std::ptr::NonNull;
use std::task::Waker;

use super::Ready;
use crate::base::{Links, Node};
use crate::shim::cell::UnsafeCell;

/// A node of the list; all of it is under the waiters' lock.
pub(crate) struct Waiter {
    links: Links<Waiter>,
    state: UnsafeCell<State>,
}

struct State {
    linked: bool,
    mask: Ready,
    waker: Option<Waker>,
}

// SAFETY: the waiters' lock guards links and state, and a waker may move between threads.
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

// SAFETY: always the same field, reached without a reference to the whole node; whoever links the node keeps
// it in its place.
unsafe impl Node for Waiter {
    unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live, says the caller, and a field of it isn't null.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).links) }
    }
}

impl Waiter {
    pub(super) fn new() -> Self {
        let state = State { linked: false, mask: Ready::EMPTY, waker: None };
        Self { links: Links::new(), state: UnsafeCell::new(state) }
    }

    /// Whether it is in the list.
    ///
    /// # Safety
    ///
    /// The waiters' lock is held.
    pub(super) unsafe fn is_linked(&self) -> bool {
        // SAFETY: the lock guards the state.
        self.state.with(|state| unsafe { (*state).linked })
    }

    /// What it waits for.
    ///
    /// # Safety
    ///
    /// The waiters' lock is held.
    pub(super) unsafe fn mask(&self) -> Ready {
        // SAFETY: the lock guards the state.
        self.state.with(|state| unsafe { (*state).mask })
    }

    /// Notes what it waits for, and whom to wake; returns the former waker.
    ///
    /// # Safety
    ///
    /// The waiters' lock is held.
    pub(super) unsafe fn set(&self, mask: Ready, waker: Waker) -> Option<Waker> {
        self.state.with_mut(|state| {
            // SAFETY: the lock guards the state.
            let state = unsafe { &mut *state };
            (state.linked, state.mask) = (true, mask);
            state.waker.replace(waker)
        })
    }

    /// Notes that it is out of the list, and hands out the waker.
    ///
    /// # Safety
    ///
    /// The waiters' lock is held.
    pub(super) unsafe fn reset(&self) -> Option<Waker> {
        self.state.with_mut(|state| {
            // SAFETY: the lock guards the state.
            let state = unsafe { &mut *state };
            state.linked = false;
            state.waker.take()
        })
    }
}
