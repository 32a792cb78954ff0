//! Captures: polls that find out where a future waits.
//!
//! A capture is a poll with a budget that is used up: each resource that the future comes to refuses, as it may do
//! in any poll, and on that way out, which is cold, takes notice of the stack. So a capture does nothing that a poll
//! with an empty budget doesn't, and costs nothing when there is none.
//!
//! The tasks are woken after the capture (`Woken`), not at the leaf: a future that runs others, and polls those
//! again that are woken, would come by the same leaves twice.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::task::Waker;

use super::{Budget, with_budget};
use crate::base::WakeBatch;
use crate::shim;

/// What a capture is told at each leaf: the functions between which the stack is that future's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf {
    pub(crate) root: *const c_void,
    pub(crate) leaf: *const c_void,
}

type OnLeaf<'a> = &'a mut dyn FnMut(Leaf);

/// What the leaves of a capture need: who takes notice, and who is to be woken.
struct UnderWay<'a> {
    on_leaf: OnLeaf<'a>,
    woken: &'a mut Woken,
}

/// The wakers of a capture's leaves. They are woken when this is dropped, so that none is lost by a panic.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Woken(Vec<Waker>);

impl Woken {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Woken {
    fn drop(&mut self) {
        let mut batch = WakeBatch::new();
        for waker in self.0.drain(..) {
            if !batch.has_room() {
                batch.wake_all();
            }
            batch.push(waker);
        }
        batch.wake_all();
    }
}

shim::thread_slot! {
    /// Points to the `UnderWay` of the capture that is under way.
    static UNDER_WAY: Cell<*mut c_void> = Cell::new(ptr::null_mut())
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

/// Runs `poll`, in which each leaf is refused and shown to `on_leaf`. Who is to be woken for it is returned.
pub(crate) fn capture<R>(on_leaf: &mut dyn FnMut(Leaf), poll: impl FnOnce() -> R) -> (R, Woken) {
    let mut woken = Woken::default();
    let mut under_way = UnderWay { on_leaf, woken: &mut woken };
    let before = UNDER_WAY.with(|slot| slot.replace(ptr::from_mut(&mut under_way).cast()));
    let restore = Restore(&UNDER_WAY, before);
    let result = with_budget(Budget::USED_UP, poll);
    drop(restore);
    (result, woken)
}

/// Runs `poll`, whose stack begins with the function `root`.
pub(crate) fn with_root<R>(root: *const c_void, poll: impl FnOnce() -> R) -> R {
    let _restore = Restore(&ROOT, ROOT.with(|slot| slot.replace(root)));
    poll()
}

/// Whether a capture is under way.
pub(crate) fn is_under_way() -> bool {
    UNDER_WAY.try_with(|slot| !slot.get().is_null()).unwrap_or(false)
}

/// Whether a capture is under way; then it has taken notice of this leaf: of the stack outside of `function`, which
/// must be on it, or else of this one. Then it has `waker` woken.
#[inline(never)]
pub(crate) fn leaf(function: Option<*const ()>, waker: Option<&Waker>) -> bool {
    let Ok(under_way) = UNDER_WAY.try_with(|slot| slot.replace(ptr::null_mut())) else { return false };
    if under_way.is_null() {
        return false;
    }
    // A leaf in the callback isn't the future's, nor one in a waker's clone: the slot is empty meanwhile.
    let _restore = Restore(&UNDER_WAY, under_way);
    let root = ROOT.try_with(Cell::get).unwrap_or(ptr::null());
    // SAFETY: `capture` points the slot at its local, on this thread and below us on the stack, and puts the former
    // value back before it returns. Nobody else uses the reference: it was taken out of the slot.
    let under_way = unsafe { &mut *under_way.cast::<UnderWay<'_>>() };
    under_way.woken.0.extend(waker.cloned());
    (under_way.on_leaf)(Leaf { root, leaf: function.unwrap_or(leaf as *const ()).cast() });
    true
}
