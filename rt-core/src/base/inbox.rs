//! A queue that any thread adds to and one thread empties, linked through what is queued: nothing is
//! allocated, and nobody waits.
//!
//! ```text
//!              push (1): First               push (2): Behind
//!   EMPTY ─────────────────────▶ newest node ◀───────────┐
//!     ▲                               │  └───────────────┘
//!     └───────────────────────────────┘
//!               take_all (3)
//! ```
//!
//! The one who empties it takes all there is in one go, oldest first, so that a node which comes back under the
//! address of an earlier one confuses nobody: only the newest is ever compared.
//!
//! A push into the empty queue tells so (`First`): its caller sees to it that the other thread takes a look. All
//! pushes behind it can rely on that, as the thread that takes takes everything.
//!
//! E1: `push` AcqRel -> `take_all` AcqRel: a node's link is whole, and what was written before the push is seen.
//! E2: `take_all` AcqRel -> `push` AcqRel: who finds the queue empty sees what was done before it was emptied,
//!   above all the waker that was left there.

use std::ptr::{self, NonNull};

use crate::shim::atomic::{AtomicPtr, Ordering};
use crate::shim::cell::UnsafeCell;

/// A type with a link inside it.
///
/// # Safety
///
/// `link` returns a pointer to a field of the very node it was given, always the same one.
pub(crate) unsafe trait Linked {
    /// Where the next older node, or later on the next newer one, is kept.
    ///
    /// # Safety
    ///
    /// `node` points to a live node.
    unsafe fn link(node: NonNull<Self>) -> NonNull<Link<Self>>;
}

/// What a node needs to be in an [`Inbox`].
pub(crate) type Link<N> = UnsafeCell<Option<NonNull<N>>>;

/// What [`Inbox::push`] says.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// The queue was empty: the thread that empties it may have to be told.
    First,
    /// It wasn't, and whoever was first tells.
    Behind,
}

/// See the module's documentation.
pub(crate) struct Inbox<N> {
    newest: AtomicPtr<N>,
}

impl<N: Linked> Inbox<N> {
    pub(crate) fn new() -> Self {
        Self { newest: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Adds a node. (1, 2)
    ///
    /// # Safety
    ///
    /// The node is live and in no queue, its link is the caller's, and both stay so until it is taken. What the
    /// node gives access to may move to the thread that takes it.
    pub(crate) unsafe fn push(&self, node: NonNull<N>) -> Pushed {
        // Relaxed: the exchange checks the value, and it is what orders.
        let mut newest = self.newest.load(Ordering::Relaxed);
        loop {
            // SAFETY: the caller vouches for the node, whose link is the caller's until the exchange succeeds.
            unsafe { N::link(node).as_ref().with_mut(|link| *link = NonNull::new(newest)) };
            // Relaxed: a failure is tried again.
            match self.newest.compare_exchange_weak(
                newest,
                node.as_ptr(),
                Ordering::AcqRel, // E1 E2
                Ordering::Relaxed,
            ) {
                Ok(_) if newest.is_null() => return Pushed::First,
                Ok(_) => return Pushed::Behind,
                Err(actual) => newest = actual,
            }
        }
    }

    /// Takes all nodes. (3) Writes the word even when there is none, for E2.
    pub(crate) fn take_all(&self) -> Chain<N> {
        let mut node = NonNull::new(self.newest.swap(ptr::null_mut(), Ordering::AcqRel)); // E1 E2
        let mut front = None;
        while let Some(older) = node {
            // SAFETY: the swap made the nodes ours, and a node in the queue is live.
            node = unsafe { N::link(older).as_ref().with_mut(|link| std::mem::replace(&mut *link, front)) };
            front = Some(older);
        }
        Chain { front }
    }
}

/// Nodes that were taken out of an [`Inbox`], oldest first.
pub(crate) struct Chain<N> {
    front: Option<NonNull<N>>,
}

impl<N: Linked> Chain<N> {
    pub(crate) const fn new() -> Self {
        Self { front: None }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.front.is_none()
    }

    pub(crate) fn pop(&mut self) -> Option<NonNull<N>> {
        let front = self.front?;
        // SAFETY: whoever pushed the node vouched for its being live, and it is ours since it was taken.
        self.front = unsafe { N::link(front).as_ref().with_mut(|link| (*link).take()) };
        Some(front)
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
