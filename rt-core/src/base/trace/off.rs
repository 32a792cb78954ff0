//! No traces: what `on.rs` has, and nothing in it. Costs nothing.
#![forbid(unsafe_code)]

use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

#[allow(dead_code, reason = "what is said to nobody is never read")]
#[path = "update.rs"]
mod update;
pub(crate) use update::{Kind, Line, Update};

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

/// The next task that this thread makes runs this closure.
#[inline(always)]
pub(crate) fn note_function<F>() {}

/// The next task that this thread makes stays on it, whatever its scheduler's other tasks do.
#[inline(always)]
pub(crate) fn note_local() {}

/// A future that a thread runs to its end as if it were a task, with its span.
#[inline(always)]
pub(crate) fn main_future<F>(
    _id: impl FnOnce() -> u64,
    _location: &'static Location<'static>,
    future: F,
) -> Traced<F> {
    future
}

/// The same, of one that was boxed.
#[inline(always)]
pub(crate) fn main_boxed<F>(
    _id: impl FnOnce() -> u64,
    _location: &'static Location<'static>,
    future: Pin<Box<F>>,
) -> Traced<Pin<Box<F>>> {
    future
}

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
    /// One of its wakers is cloned.
    #[inline(always)]
    pub(crate) fn waker_is_cloned(&self) {}

    /// Something happens to one of its wakers: `then`.
    #[inline(always)]
    pub(crate) fn waker(&self, _op: WakerOp, then: impl FnOnce()) {
        then();
    }
}

/// What happens to a waker.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WakerOp {
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

    /// Has others made in it.
    #[inline(always)]
    pub(crate) fn scope<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
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
    pub(crate) fn wait_in_line<F: Future, L: Line<F::Output>>(
        &self,
        _source: &'static str,
        _n: usize,
        _line: L,
        future: impl FnOnce(Bid) -> F,
    ) -> TracedOp<F> {
        future(Bid::NONE)
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

/// A wait in a line.
#[derive(Debug)]
pub(crate) struct Bid;

impl Bid {
    /// A wait of which nobody is told.
    pub(crate) const NONE: Self = Self;

    #[inline(always)]
    pub(crate) fn again(&self) -> Self {
        Self
    }
}

/// What those in a line were given.
pub(crate) struct Grants;

impl Grants {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) const fn has_room(&self) -> bool {
        true
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, _: Bid, _: usize) {}

    #[inline(always)]
    pub(crate) fn tell(&mut self) {}

    #[inline(always)]
    pub(crate) fn end(self) {}
}
