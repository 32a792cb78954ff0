//! An intrusive doubly linked list: a node lies in what waits (a future, a task), so that linking allocates
//! nothing and unlinking from the middle takes constant time.
//!
//! The list knows no lock. Whoever owns it keeps it, and the links of all its nodes, under one: a node's
//! links may be touched only while that lock is held.

use std::marker::PhantomPinned;
use std::ptr::NonNull;

use crate::shim::cell::UnsafeCell;

/// A type with [`Links`] inside it.
///
/// # Safety
///
/// `links` returns a pointer to a field of the very node it was given, always the same one, made without a
/// reference to the whole node (`&raw mut (*node).links`), so that it may be called while the node is
/// mutably borrowed. The node doesn't move and isn't freed while it is linked.
pub(crate) unsafe trait Node {
    /// The node's links.
    ///
    /// # Safety
    ///
    /// `node` points to a live node.
    unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>>;
}

/// What a node needs to be in a [`List`].
pub(crate) struct Links<T: ?Sized> {
    neighbours: UnsafeCell<Neighbours<T>>,
    // A linked node is pointed at by others: it must not be taken for movable or unaliased.
    _pinned: PhantomPinned,
}

struct Neighbours<T: ?Sized> {
    previous: Option<NonNull<T>>,
    next: Option<NonNull<T>>,
}

impl<T> Links<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            neighbours: UnsafeCell::new(Neighbours { previous: None, next: None }),
            _pinned: PhantomPinned,
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self {
            neighbours: UnsafeCell::new(Neighbours { previous: None, next: None }),
            _pinned: PhantomPinned,
        }
    }
}

/// The list: new nodes go to the back, the oldest is at the front.
pub(crate) struct List<T> {
    front: Option<NonNull<T>>,
    back: Option<NonNull<T>>,
}

// SAFETY: the list is a pair of pointers to nodes; sending it sends access to the nodes, which `T: Send` allows.
unsafe impl<T: Send> Send for List<T> {}

impl<T: Node> List<T> {
    pub(crate) const fn new() -> Self {
        Self { front: None, back: None }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.front.is_none()
    }

    /// The node that was linked first.
    pub(crate) const fn front(&self) -> Option<NonNull<T>> {
        self.front
    }

    /// The node that was linked last.
    pub(crate) const fn back(&self) -> Option<NonNull<T>> {
        self.back
    }

    /// Links a node as the newest.
    ///
    /// # Safety
    ///
    /// The node is live, in no list, and stays where it is until it is unlinked from this one.
    pub(crate) unsafe fn push_back(&mut self, node: NonNull<T>) {
        // SAFETY: the caller vouches for `node`, and nodes already linked are live and ours to touch.
        unsafe {
            Self::edit(node, |links| {
                debug_assert!(links.previous.is_none() && links.next.is_none());
                links.previous = self.back;
                links.next = None;
            });
            match self.back {
                Some(back) => Self::edit(back, |links| links.next = Some(node)),
                None => self.front = Some(node),
            }
        }
        self.back = Some(node);
    }

    /// Unlinks the oldest node.
    pub(crate) fn pop_front(&mut self) -> Option<NonNull<T>> {
        let node = self.front?;
        // SAFETY: a node in the list is live, and it is in this list.
        unsafe { self.unlink(node) };
        Some(node)
    }

    /// Unlinks the newest node.
    pub(crate) fn pop_back(&mut self) -> Option<NonNull<T>> {
        let node = self.back?;
        // SAFETY: a node in the list is live, and it is in this list.
        unsafe { self.unlink(node) };
        Some(node)
    }

    /// Unlinks a node from wherever it stands; false when it isn't linked.
    ///
    /// # Safety
    ///
    /// The node is live, and it is in this list or in none.
    pub(crate) unsafe fn remove(&mut self, node: NonNull<T>) -> bool {
        // SAFETY: the caller vouches for `node`.
        unsafe {
            let alone = Self::edit(node, |links| links.previous.is_none() && links.next.is_none());
            if alone && self.front != Some(node) {
                return false;
            }
            self.unlink(node);
        }
        true
    }

    /// Moves all nodes of `other` behind those of this list.
    pub(crate) fn append(&mut self, other: &mut Self) {
        let Some(first) = other.front.take() else { return };
        match self.back {
            Some(back) => {
                // SAFETY: both are nodes of lists that we hold mutably, hence live.
                unsafe {
                    Self::edit(back, |links| links.next = Some(first));
                    Self::edit(first, |links| links.previous = Some(back));
                }
            }
            None => self.front = Some(first),
        }
        self.back = other.back.take();
    }

    /// # Safety
    ///
    /// The node is live and in this list.
    unsafe fn unlink(&mut self, node: NonNull<T>) {
        // SAFETY: the caller vouches for `node`; its neighbours are in the list too, hence live.
        unsafe {
            let (previous, next) = Self::edit(node, |links| (links.previous.take(), links.next.take()));
            match previous {
                Some(previous) => Self::edit(previous, |links| links.next = next),
                None => self.front = next,
            }
            match next {
                Some(next) => Self::edit(next, |links| links.previous = previous),
                None => self.back = previous,
            }
        }
    }

    /// # Safety
    ///
    /// The node is live, and its links are ours to touch.
    unsafe fn edit<R>(node: NonNull<T>, f: impl FnOnce(&mut Neighbours<T>) -> R) -> R {
        // SAFETY: `Node::links` gives the links of a live node; the lock around the list keeps others away.
        unsafe { T::links(node).as_ref().neighbours.with_mut(|links| f(&mut *links)) }
    }
}

#[cfg(test)]
mod tests;
