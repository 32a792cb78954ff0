//! Captures: polls that find out where a future waits.
//!
//! A capture is a poll with a budget that is used up: each resource that the future comes to refuses, as it may do
//! in any poll, and wakes the task, as it must. On that way out, which is cold, it takes notice of the stack. So a
//! capture does nothing that a poll with an empty budget doesn't, and costs nothing when there is none.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

use super::{Budget, with_budget};
use crate::shim;

/// What a capture is told at each leaf: the functions between which the stack is that future's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf {
    pub(crate) root: *const c_void,
    pub(crate) leaf: *const c_void,
}

type OnLeaf<'a> = &'a mut dyn FnMut(Leaf);

shim::thread_slot! {
    /// Points to the `OnLeaf` of the capture that is under way.
    static ON_LEAF: Cell<*mut c_void> = Cell::new(ptr::null_mut())
}

shim::thread_slot! {
    /// The function that polls the innermost root.
    static ROOT: Cell<*const c_void> = Cell::new(ptr::null())
}

/// Puts a slot's former value back.
struct Restore<T: Copy + 'static>(&'static shim::thread::LocalKey<Cell<T>>, T);

impl<T: Copy> Drop for Restore<T> {
    fn drop(&mut self) {
        let _ = self.0.try_with(|slot| slot.set(self.1));
    }
}

/// Runs `poll`, in which each leaf is refused, and shown to `on_leaf`.
pub(crate) fn capture<R>(on_leaf: &mut dyn FnMut(Leaf), poll: impl FnOnce() -> R) -> R {
    let mut on_leaf: OnLeaf<'_> = on_leaf;
    let before = ON_LEAF.with(|slot| slot.replace(ptr::from_mut(&mut on_leaf).cast()));
    let _restore = Restore(&ON_LEAF, before);
    with_budget(Budget::USED_UP, poll)
}

/// Runs `poll`, whose stack begins with the function `root`.
pub(crate) fn with_root<R>(root: *const c_void, poll: impl FnOnce() -> R) -> R {
    let _restore = Restore(&ROOT, ROOT.with(|slot| slot.replace(root)));
    poll()
}

/// Whether a capture is under way.
pub(crate) fn is_under_way() -> bool {
    ON_LEAF.try_with(|slot| !slot.get().is_null()).unwrap_or(false)
}

/// Whether a capture is under way; then it has taken notice of this leaf: of the stack outside of `function`, which
/// must be on it, or else of this one.
#[inline(never)]
pub(crate) fn leaf(function: Option<*const ()>) -> bool {
    let Ok(on_leaf) = ON_LEAF.try_with(|slot| slot.replace(ptr::null_mut())) else { return false };
    if on_leaf.is_null() {
        return false;
    }
    // A leaf in the callback isn't the future's: the slot is empty meanwhile.
    let _restore = Restore(&ON_LEAF, on_leaf);
    let root = ROOT.try_with(Cell::get).unwrap_or(ptr::null());
    // SAFETY: `capture` points the slot at its local, on this thread and below us on the stack, and puts the former
    // value back before it returns. Nobody else uses the reference: it was taken out of the slot.
    let on_leaf = unsafe { &mut *on_leaf.cast::<OnLeaf<'_>>() };
    on_leaf(Leaf { root, leaf: function.unwrap_or(leaf as *const ()).cast() });
    true
}
