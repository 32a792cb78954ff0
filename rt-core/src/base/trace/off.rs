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

/// Something that tasks wait for: a lock, a timer.
#[derive(Debug, Clone)]
pub(crate) struct Resource;

/// What a future that waits for a resource is with its spans: itself.
pub(crate) type TracedOp<F> = F;

impl Resource {
    /// A resource that isn't traced.
    pub(crate) const NONE: Self = Self;

    #[inline(always)]
    pub(crate) fn new(_: Kind, _: &'static Location<'static>) -> Self {
        Self
    }

    /// A future that waits for the resource.
    #[inline(always)]
    pub(crate) fn wait<F>(&self, _source: &'static str, future: F) -> TracedOp<F> {
        future
    }

    /// The wait of a future that is itself the resource.
    #[inline(always)]
    pub(crate) fn begin(self, _source: &'static str) -> Waiting {
        Waiting
    }
}

/// A wait for a resource.
#[derive(Debug)]
pub(crate) struct Waiting;

impl Waiting {
    /// One poll of it.
    #[inline(always)]
    pub(crate) fn poll<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }
}

/// Which resource it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Barrier,
    Mutex,
    Oneshot,
    RwLock,
    Semaphore,
    Sleep,
}
