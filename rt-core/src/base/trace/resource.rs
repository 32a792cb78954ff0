//! What tasks wait for, as spans.
//!
//! A resource is a span `runtime.resource`. A future that waits for it is a span `runtime.resource.async_op` in it,
//! with another one, `runtime.resource.async_op.poll`, for its polls: all three are entered for each poll, and an
//! event of the target `runtime::resource::poll_op` tells what came of it.

use std::future::Future;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tracing::Span;

/// Something that tasks wait for: a lock, a timer.
#[derive(Debug, Clone)]
pub(crate) struct Resource(Span);

// A subscriber that panics has no business with what the resource guards.
impl UnwindSafe for Resource {}
impl RefUnwindSafe for Resource {}

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

macro_rules! resource {
    ($target:literal, $kind:literal, $type:literal, $location:ident) => {
        tracing::trace_span!(
            target: $target,
            parent: None,
            "runtime.resource",
            concrete_type = $type,
            kind = $kind,
            is_internal = false,
            loc.file = $location.file(),
            loc.line = $location.line(),
            loc.col = $location.column(),
        )
    };
}

impl Resource {
    /// A resource that isn't traced.
    pub(crate) const NONE: Self = Self(Span::none());

    pub(crate) fn new(kind: Kind, location: &'static Location<'static>) -> Self {
        Self(match kind {
            Kind::Barrier => resource!("tokio::sync::barrier", "Sync", "Barrier", location),
            Kind::Mutex => resource!("tokio::sync::mutex", "Sync", "Mutex", location),
            Kind::Oneshot => resource!("tokio::sync::oneshot", "Sync", "Sender|Receiver", location),
            Kind::RwLock => resource!("tokio::sync::rwlock", "Sync", "RwLock", location),
            Kind::Semaphore => resource!("tokio::sync::semaphore", "Sync", "Semaphore", location),
            Kind::Sleep => resource!("tokio::time::sleep", "timer", "Sleep", location),
        })
    }

    /// A future that waits for the resource.
    pub(crate) fn wait<F: Future>(&self, source: &'static str, future: F) -> TracedOp<F> {
        TracedOp { waiting: self.clone().begin(source), future }
    }

    /// The wait of a future that is itself the resource.
    pub(crate) fn begin(self, source: &'static str) -> Waiting {
        if self.0.is_disabled() {
            return Waiting(None);
        }
        // Who reads it takes the spans that are entered for the parents.
        let op = self
            .0
            .in_scope(|| tracing::trace_span!(target: "tokio::wait", "runtime.resource.async_op", source));
        let poll =
            op.in_scope(|| tracing::trace_span!(target: "tokio::wait", "runtime.resource.async_op.poll"));
        Waiting(Some(Box::new(Spans { resource: self.0, op, poll, source })))
    }
}

/// A wait for a resource. Small: futures have one in them.
#[derive(Debug)]
pub(crate) struct Waiting(Option<Box<Spans>>);

#[derive(Debug)]
struct Spans {
    resource: Span,
    op: Span,
    poll: Span,
    source: &'static str,
}

// See `Resource`.
impl UnwindSafe for Waiting {}
impl RefUnwindSafe for Waiting {}

impl Waiting {
    /// One poll of it.
    #[inline]
    pub(crate) fn poll<R>(&self, f: impl FnOnce() -> Poll<R>) -> Poll<R> {
        let Some(spans) = &self.0 else { return f() };
        let _resource = spans.resource.enter();
        let _op = spans.op.enter();
        let _poll = spans.poll.enter();
        let polled = f();
        tracing::trace!(
            target: "runtime::resource::poll_op",
            op_name = spans.source,
            is_ready = polled.is_ready(),
        );
        polled
    }
}

pin_project! {
    /// A future that waits for a resource, with its spans.
    #[derive(Debug)]
    pub(crate) struct TracedOp<F> {
        waiting: Waiting,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for TracedOp<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.waiting.poll(|| this.future.poll(cx))
    }
}
