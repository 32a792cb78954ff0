//! The stack between two functions.

use std::ffi::c_void;

/// Frames from the inside out.
pub(crate) type Stack = Vec<backtrace::BacktraceFrame>;

/// The frames of the calling thread outside of the function `leaf` and inside of the function `root`; all of them
/// on the outside when there is no `root`.
#[inline(never)]
pub(crate) fn between(leaf: *const c_void, root: *const c_void) -> Stack {
    let mut stack = Stack::new();
    let mut outside_of_leaf = false;
    backtrace::trace(|frame| {
        let function = frame.symbol_address().cast_const();
        let inside_of_root = root.is_null() || function != root;
        if outside_of_leaf && inside_of_root {
            stack.push(frame.clone().into());
        }
        outside_of_leaf |= function == leaf;
        inside_of_root
    });
    stack
}
