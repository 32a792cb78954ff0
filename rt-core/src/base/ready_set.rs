//! Values that become ready one by one, in other threads' time, and are taken in that order.
//!
//! - A value that is inserted comes with a [`Waker`]: whoever completes the value wakes it, once.
//! - That wake puts the value's *node* into an [`Inbox`]: two atomic operations, however many values there are.
//! - The owner takes ready values out. It never looks at those that aren't.
//!
//! Nodes lie in blocks that the set uses again and again; each block is twice as large as the one before. So an
//! insertion allocates nothing but now and then, and values don't need to be prepared for being in a set.
//!
//! ```text
//!            insert (1)             wake (2)               take (3)
//!   vacant ─────────────▶ waiting ──────────▶ in the inbox ─────────▶ vacant
//! ```
//!
//! 1. There is one waker for a node that isn't vacant. It isn't cloned (a clone wakes nobody), and waking
//!    consumes it: so a node is pushed once, and its link is the waker's until then.
//! 2. A waker keeps the nodes alive by a count, as it may outlive the set.
//! 3. The blocks are touched by the set's owner only, and freed with the last count.
//! 4. A set that drops its values before they are ready leaves their nodes behind, as some may still be pushed,
//!    and starts with new ones.
//!
//! The edges are those of the inbox and of the owner's waker: `inbox.rs`, `atomic_waker.rs`.

use std::ptr::NonNull;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use super::inbox::{Chain, Inbox, Link, Linked, Pushed};
use super::{AtomicWaker, contain};
use crate::shim;
use crate::shim::cell::UnsafeCell;
use crate::shim::sync::Arc;

/// Nodes in the first block, and in the largest.
const SMALLEST: usize = shim::scaled(8, 1);
const LARGEST: usize = shim::scaled(1024, 1);

/// See the module's documentation.
pub(crate) struct ReadySet<T> {
    /// None until the first insertion, and again when the nodes are left behind.
    home: Option<Arc<Home>>,
    /// One for each node of all blocks.
    slots: Vec<Slot<T>>,
    vacant: Vec<u32>,
    /// Taken out of the inbox, and not yet by the owner.
    ready: Chain<Node>,
}

struct Slot<T> {
    node: NonNull<Node>,
    value: Option<T>,
}

// SAFETY: the nodes that the set points to are shared as (1) to (3) say, with wakers on any thread; what remains
// are values.
unsafe impl<T: Send> Send for ReadySet<T> {}
// SAFETY: a shared reference gives access to values only.
unsafe impl<T: Sync> Sync for ReadySet<T> {}

/// What the set and its wakers share.
struct Home {
    inbox: Inbox<Node>,
    owner: AtomicWaker,
    blocks: UnsafeCell<Vec<NonNull<[Node]>>>,
}

// SAFETY: `blocks` belongs to the owner (3); the rest is made for sharing.
unsafe impl Send for Home {}
// SAFETY: as above.
unsafe impl Sync for Home {}

struct Node {
    link: Link<Node>,
    /// Alive while a waker of this node is: the waker has a count of it.
    home: *const Home,
    index: u32,
}

// SAFETY: always the same field.
unsafe impl Linked for Node {
    unsafe fn link(node: NonNull<Self>) -> NonNull<Link<Self>> {
        // SAFETY: the caller gives a live node.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).link) }
    }
}

impl<T> ReadySet<T> {
    pub(crate) const fn new() -> Self {
        Self { home: None, slots: Vec::new(), vacant: Vec::new(), ready: Chain::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.vacant.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values that weren't taken yet, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.value.as_ref())
    }

    /// Adds a value; `tell` leaves the waker with whoever will complete it, or wakes it at once.
    pub(crate) fn insert(&mut self, mut value: T, tell: impl FnOnce(&mut T, Waker)) {
        let home = self.home.get_or_insert_with(Home::new).clone();
        let index = self.vacant.pop().unwrap_or_else(|| {
            Home::grow(&home, &mut self.slots, &mut self.vacant);
            self.vacant.pop().expect("there are more slots now")
        });
        let slot = &mut self.slots[index as usize];
        // The count is the waker's.
        let _ = Arc::into_raw(home);
        // SAFETY: the functions of the table treat the pointer as a node with a count of its home. A vacant node
        // has no other waker (1).
        let waker = unsafe { Waker::new(slot.node.as_ptr().cast_const().cast(), &TOKEN) };
        tell(&mut value, waker);
        slot.value = Some(value);
    }

    /// Takes the value that was ready first, or has the caller woken when one is. Pending when the set is empty.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        if let Some(value) = self.try_next() {
            return Poll::Ready(value);
        }
        let before = self.home.as_ref().and_then(|home| home.owner.replace(cx.waker()));
        // Once more: who pushed before the registration woke nobody.
        let next = self.try_next();
        // Only now: its drop may be anybody's code.
        drop(before);
        next.map_or(Poll::Pending, Poll::Ready)
    }

    /// Takes the value that was ready first.
    pub(crate) fn try_next(&mut self) -> Option<T> {
        if self.ready.is_empty() {
            self.ready = self.home.as_ref()?.inbox.take_all();
        }
        let node = self.ready.pop()?;
        // SAFETY: nodes live as long as the home, of which the set has a count.
        let index = unsafe { node.as_ref() }.index;
        self.vacant.push(index);
        let value = self.slots[index as usize].value.take();
        debug_assert!(value.is_some(), "a node is pushed once for each value (1)");
        value
    }

    /// Drops all values.
    pub(crate) fn clear(&mut self) {
        let slots = std::mem::take(&mut self.slots);
        self.vacant.clear();
        self.ready = Chain::new();
        // See (4).
        self.home = None;
        for slot in slots {
            contain(move || drop(slot.value));
        }
    }
}

impl<T> Drop for ReadySet<T> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Home {
    fn new() -> Arc<Self> {
        Arc::new(Self { inbox: Inbox::new(), owner: AtomicWaker::new(), blocks: UnsafeCell::new(Vec::new()) })
    }

    /// Adds a block of nodes, with slots for them. Only the owner calls it.
    #[cold]
    fn grow<T>(home: &Arc<Self>, slots: &mut Vec<Slot<T>>, vacant: &mut Vec<u32>) {
        let first = slots.len();
        let nodes = first.clamp(SMALLEST, LARGEST);
        let end = u32::try_from(first + nodes).expect("fewer than 2^32 values");
        let block: Box<[Node]> = (first as u32..end)
            .map(|index| Node { link: UnsafeCell::new(None), home: Arc::as_ptr(home), index })
            .collect();
        let block = NonNull::from(Box::leak(block));
        // SAFETY: only the owner's thread touches the blocks, and not now (3).
        home.blocks.with_mut(|blocks| unsafe { (*blocks).push(block) });
        let first_node = block.cast::<Node>();
        // SAFETY: the block has so many nodes.
        slots.extend((0..nodes).map(|n| Slot { node: unsafe { first_node.add(n) }, value: None }));
        vacant.extend((first as u32..end).rev());
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.blocks.with_mut(|blocks| {
            // SAFETY: nobody has a count any more, so that this is the only reference.
            for block in unsafe { (*blocks).drain(..) } {
                // SAFETY: `grow` leaked the box; nodes are reached only by who has a count.
                drop(unsafe { Box::from_raw(block.as_ptr()) });
            }
        });
    }
}

static TOKEN: RawWakerVTable = RawWakerVTable::new(
    // Whoever is given the waker passes it on. What a clone would push, its original pushes as well.
    |_| RawWaker::new(Waker::noop().data(), Waker::noop().vtable()),
    // SAFETY: `data` is a node, whose one waker is consumed.
    |data| unsafe { wake(data) },
    // By reference it could be woken twice.
    |_| (),
    // SAFETY: as above.
    |data| drop(unsafe { home_of(data) }),
);

/// Turns the waker's count into a reference.
///
/// # Safety
///
/// `data` is the node of a waker, which is given up.
unsafe fn home_of(data: *const ()) -> Arc<Home> {
    // SAFETY: the waker has a count, which keeps the node alive.
    unsafe { Arc::from_raw((*data.cast::<Node>()).home) }
}

/// # Safety
///
/// As [`home_of`].
unsafe fn wake(data: *const ()) {
    // SAFETY: passed on to the caller.
    let home = unsafe { home_of(data) };
    // SAFETY: a waker's data isn't null; the link is the one waker's, and the node lives while the home does.
    let pushed = unsafe { home.inbox.push(NonNull::new_unchecked(data.cast_mut().cast())) };
    if pushed == Pushed::First {
        home.owner.wake();
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
