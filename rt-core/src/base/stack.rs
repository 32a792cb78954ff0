//! The stack between two functions.

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::c_void;

use crate::shim;

/// Frames from the inside out.
pub(crate) type Stack = Vec<Frame>;

/// A function that is under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// Where in the program it is: behind the call that it waits for.
    pub(crate) ip: usize,
    /// Where it begins.
    pub(crate) function: usize,
}

/// Where the function begins that an address is in. To look that up takes as long as to walk the frame.
type Functions = HashMap<usize, usize>;

shim::thread_slot! {
    static FUNCTIONS: Cell<Option<Box<Functions>>> = Cell::new(None)
}

/// The frames of the calling thread outside of the function `leaf` and inside of the function `root`; all of them
/// on the outside when there is no `root`.
#[inline(never)]
pub(crate) fn between(leaf: *const c_void, root: *const c_void) -> Stack {
    let mut functions = FUNCTIONS.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let (leaf, root) = (leaf.addr(), root.addr());
    let mut stack = Stack::new();
    let mut outside_of_leaf = false;
    backtrace::trace(|frame| {
        let ip = frame.ip().addr();
        let function = *functions.entry(ip).or_insert_with(|| frame.symbol_address().addr());
        let inside_of_root = root == 0 || function != root;
        if outside_of_leaf && inside_of_root {
            stack.push(Frame { ip, function });
        }
        outside_of_leaf |= function == leaf;
        inside_of_root
    });
    let _ = FUNCTIONS.try_with(|slot| slot.set(Some(functions)));
    stack
}
