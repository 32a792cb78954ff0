//! The tree of tokens.
//!
//! A node knows its parent and its children, both strongly: the circle is cut when the node is cancelled,
//! or when the last token of it is dropped. In the latter case its children move up to its parent, so that
//! no chain of dropped tokens builds up.
//!
//! ```text
//!            child() adds, drop_handle() of a child removes (2)
//!             .--.
//!             v  |        cancel(): no child is left (1)
//!           [ live ] ------------------------------------> [ cancelled ]
//!             |                                             no parent, no children, no waiters
//!             |  drop_handle(), the last: children move up (3)
//!             '--> gone
//! ```
//!
//! 1. `cancel` goes down first. A node is cancelled only when all below it are: so whoever finds a token
//!    cancelled, be it a second caller of `cancel`, may rely on the whole tree below. The walk keeps its
//!    own stack, as a tree may be deeper than a thread's.
//! 2. `child` adds only to a live node, under its lock, under which also (1) is decided.
//! 3. `drop_handle` holds the parent's lock, the node's, and each child's in turn: a child is in one list or
//!    in the other, so that a walk from above can't miss it.
//!
//! Locks are taken from the root downward. No waker is cloned, called or dropped under one.
//!
//! E1: `cancel`'s Release -> `is_cancelled`'s Acquire: what was done before cancelling is seen by those who
//! find the token cancelled.
//! E2: `drop_handle`'s Release -> the last `drop_handle`'s Acquire: who moves the children up sees them all.

use std::mem;
use std::task::{Poll, Waker};

use slab::Slab;

use crate::shim::{Arc, AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering, lock};
use crate::waiters::{Waiters, WakeAll};

pub(crate) struct Node {
    /// Changes once, under the lock.
    cancelled: AtomicBool,
    /// How many tokens there are of this node.
    handles: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    parent: Option<Link>,
    children: Slab<Arc<Node>>,
    waiters: Waiters,
}

/// Where a node stands among its parent's children.
struct Link {
    parent: Arc<Node>,
    key: usize,
}

/// How far a walk got with a node.
#[must_use]
enum Step {
    /// These have to be cancelled first.
    Below(Vec<Arc<Node>>),
    /// The node is cancelled, now by us: who waited for it, and where it stood.
    Cancelled(Waiters, Option<Link>),
    /// The node had been cancelled.
    Done,
}

impl Node {
    /// A node without a parent, and the first handle of it.
    pub(crate) fn root() -> Arc<Self> {
        Self::alone(false)
    }

    /// A node below `parent`, and the first handle of it.
    pub(crate) fn child(parent: &Arc<Self>) -> Arc<Self> {
        let mut above = parent.lock();
        let child = Self::alone(parent.is_cancelled());
        if !parent.is_cancelled() {
            let key = above.children.insert(child.clone());
            child.lock().parent = Some(Link { parent: parent.clone(), key });
        }
        child
    }

    fn alone(cancelled: bool) -> Arc<Self> {
        Arc::new(Self {
            cancelled: AtomicBool::new(cancelled),
            handles: AtomicUsize::new(1),
            state: Mutex::new(State::default()),
        })
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire) // E1
    }

    /// Cancels everything from this node downward (1).
    pub(crate) fn cancel(this: &Arc<Self>) {
        if this.is_cancelled() {
            return;
        }
        // Woken once everything is cancelled: a waker may look at any token of the tree.
        let mut waiting = Vec::new();
        let mut stack = vec![this.clone()];
        while let Some(node) = stack.last() {
            match node.step() {
                Step::Below(children) => stack.extend(children),
                Step::Done => drop(stack.pop()),
                Step::Cancelled(waiters, link) => {
                    let node = stack.pop();
                    // A parent that comes next drops its cancelled children by itself.
                    let next = stack.last();
                    let above = link.filter(|link| next.is_none_or(|next| !Arc::ptr_eq(next, &link.parent)));
                    if let (Some(link), Some(node)) = (above, node) {
                        link.remove(&node);
                    }
                    waiting.push(waiters);
                }
            }
        }
        let mut wakes = WakeAll::default();
        waiting.into_iter().for_each(|waiters| wakes.wake(waiters));
        wakes.finish();
    }

    /// Cancels this node if all below it are.
    fn step(&self) -> Step {
        let mut state = self.lock();
        if self.is_cancelled() {
            return Step::Done;
        }
        state.children.retain(|_, child| !child.is_cancelled());
        if !state.children.is_empty() {
            return Step::Below(state.children.iter().map(|(_, child)| child.clone()).collect());
        }
        self.cancelled.store(true, Ordering::Release); // E1
        Step::Cancelled(mem::take(&mut state.waiters), state.parent.take())
    }

    pub(crate) fn add_handle(&self) {
        // Relaxed: whoever clones a handle has one, so that nobody drops the last meanwhile.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Drops a handle; with the last, the children move up (3).
    pub(crate) fn drop_handle(this: &Arc<Self>) {
        if this.handles.fetch_sub(1, Ordering::AcqRel) != 1 {
            // E2
            return;
        }
        while !Self::try_leave(this) {}
    }

    /// Moves the children up to the parent. False if the parent changed meanwhile.
    fn try_leave(this: &Arc<Self>) -> bool {
        let parent = this.lock().parent.as_ref().map(|link| link.parent.clone());
        let Some(parent) = parent else {
            // A root's children become roots. Where there's no parent none ever comes.
            let mut state = this.lock();
            for child in state.children.drain() {
                child.lock().parent = None;
            }
            return true;
        };
        let mut above = parent.lock();
        let mut state = this.lock();
        let Some(link) = state.parent.take_if(|link| Arc::ptr_eq(&link.parent, &parent)) else {
            return false;
        };
        above.children.remove(link.key);
        for child in state.children.drain() {
            let mut below = child.lock();
            // A cancelled one has left by itself.
            if below.parent.is_some() {
                let key = above.children.insert(child.clone());
                below.parent = Some(Link { parent: parent.clone(), key });
            }
        }
        true
    }

    /// Ready if the node is cancelled, else sees to it that the waker is called when it is. `key` is the
    /// waiter's place among the waiters.
    pub(crate) fn poll_cancelled(&self, key: &mut Option<usize>, waker: &Waker) -> Poll<()> {
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        if self.lock().waiters.is_current(*key, waker) {
            return Poll::Pending;
        }
        let waker = waker.clone();
        let mut state = self.lock();
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        let replaced = state.waiters.set(key, waker);
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Forgets a waiter.
    pub(crate) fn forget(&self, key: usize) {
        let mut state = self.lock();
        // Once the node is cancelled its waiters are gone, and nobody waits anew.
        let waker = state.waiters.remove(key);
        drop(state);
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// How many children and waiters there are.
    #[cfg(test)]
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let state = self.lock();
        (state.children.len(), state.waiters.len())
    }
}

impl Link {
    /// Removes the node from its parent's children, unless it has left or moved meanwhile.
    fn remove(self, node: &Arc<Node>) {
        let mut above = self.parent.lock();
        if above.children.get(self.key).is_some_and(|child| Arc::ptr_eq(child, node)) {
            above.children.remove(self.key);
        }
    }
}
