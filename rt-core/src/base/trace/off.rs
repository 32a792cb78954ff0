//! No traces: what `on.rs` has, and nothing in it. Costs nothing.
#![forbid(unsafe_code)]

use std::panic::Location;
use std::time::Duration;

#[allow(dead_code, reason = "what is said to nobody is never read")]
#[path = "update.rs"]
mod update;
pub(crate) use update::{Kind, Update};

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
    pub(crate) fn new(_: Kind, _: &'static Location<'static>, _: &[Update]) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn with_permits(self, _: usize, _: &'static Location<'static>, _: &[Update]) -> Self {
        self
    }

    #[inline(always)]
    pub(crate) fn update(&self, _: &[Update]) {}

    #[inline(always)]
    pub(crate) fn update_permits(&self, _: impl FnOnce() -> Update) {}

    /// A future that waits for the resource.
    #[inline(always)]
    pub(crate) fn wait<F>(&self, _source: &'static str, future: F) -> TracedOp<F> {
        future
    }

    /// A future that waits for permits.
    #[inline(always)]
    pub(crate) fn wait_in_line<F>(
        &self,
        _source: &'static str,
        future: F,
        _queued: impl FnOnce() -> Update,
    ) -> TracedOp<F> {
        future
    }

    /// The wait of a future for the resource.
    #[inline(always)]
    pub(crate) fn begin(&self, _source: &'static str) -> Waiting {
        Waiting
    }
}

/// A wait for a resource.
#[derive(Debug)]
pub(crate) struct Waiting;

impl Waiting {
    /// Nobody's.
    pub(crate) const NONE: Self = Self;

    /// One poll of it.
    #[inline(always)]
    pub(crate) fn enter<R>(&self, _: &Resource, f: impl FnOnce() -> R) -> R {
        f()
    }

    #[inline(always)]
    pub(crate) fn tell_of_timer(&self, _left: impl FnOnce() -> Duration) {}

    #[inline(always)]
    pub(crate) fn polled<R>(&self, _op_name: &'static str, polled: R) -> R {
        polled
    }

    /// One poll of it.
    #[inline(always)]
    pub(crate) fn poll<R>(&self, _: &Resource, _op_name: &'static str, f: impl FnOnce() -> R) -> R {
        f()
    }
}
