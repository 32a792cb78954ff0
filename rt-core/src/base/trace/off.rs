//! No traces: what `on.rs` has, and nothing in it. Costs nothing.
#![forbid(unsafe_code)]

use std::panic::Location;

/// A future with its span: the future.
pub(crate) type Traced<F> = F;

/// The span of a task, for its wakers.
#[derive(Debug, Clone)]
pub(crate) struct TaskSpan;

/// What is said of the next task that this thread makes, until it is dropped.
pub(crate) struct Label;

impl Label {
    #[inline(always)]
    pub(crate) fn named(_: Option<&str>) -> Self {
        Self
    }
}

/// The next task that this thread makes has a future that was boxed.
#[inline(always)]
pub(crate) fn note_boxed<F>() {}

/// A task with its future, as a span sees them.
#[inline(always)]
pub(crate) fn task<F>(
    _kind: &'static str,
    _id: u64,
    _location: &'static Location<'static>,
    future: F,
) -> (Traced<F>, TaskSpan) {
    (future, TaskSpan)
}

impl TaskSpan {
    /// Something happens to one of its wakers.
    #[inline(always)]
    pub(crate) fn waker(&self, _op: WakerOp) {}
}

/// What happens to a waker.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WakerOp {
    Clone,
    Drop,
    Wake,
    WakeByRef,
}
