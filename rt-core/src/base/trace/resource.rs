//! What tasks wait for, as spans.
//!
//! A resource is a span `runtime.resource`. A future that waits for it is a span `runtime.resource.async_op` in it,
//! with another one, `runtime.resource.async_op.poll`, for its polls: all three are entered for each poll, and an
//! event of the target `runtime::resource::poll_op` tells what came of it. What is known of the resource itself are
//! events in its span, of the target `runtime::resource::state_update`. What counts permits has an inner
//! resource for them.

use std::future::Future;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tracing::Span;

use super::{Kind, Update};

/// Something that tasks wait for: a lock, a timer.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    span: Span,
    /// What is inside of it, if it counts permits.
    permits: Span,
    kind: Kind,
}

// A subscriber that panics has no business with what the resource guards.
impl UnwindSafe for Resource {}
impl RefUnwindSafe for Resource {}

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

macro_rules! op_spans {
    ($target:literal, $resource:expr, $source:ident) => {{
        // Who reads it takes the spans that are entered for the parents.
        let op = $resource
            .in_scope(|| tracing::trace_span!(target: $target, "runtime.resource.async_op", source = $source));
        let poll =
            op.in_scope(|| tracing::trace_span!(target: $target, "runtime.resource.async_op.poll"));
        (op, poll)
    }};
}

impl Resource {
    /// A resource that isn't traced.
    pub(crate) const NONE: Self = Self { span: Span::none(), permits: Span::none(), kind: Kind::Semaphore };

    /// A resource, of which so much is known.
    pub(crate) fn new(kind: Kind, location: &'static Location<'static>, known: &[Update]) -> Self {
        let span = match kind {
            Kind::Barrier => resource!("tokio::sync::barrier", "Sync", "Barrier", location),
            Kind::Mutex => resource!("tokio::sync::mutex", "Sync", "Mutex", location),
            Kind::Oneshot => resource!("tokio::sync::oneshot", "Sync", "Sender|Receiver", location),
            Kind::RwLock => resource!("tokio::sync::rwlock", "Sync", "RwLock", location),
            Kind::Semaphore => resource!("tokio::sync::semaphore", "Sync", "Semaphore", location),
            Kind::Sleep => resource!("tokio::time::sleep", "timer", "Sleep", location),
        };
        let resource = Self { span, permits: Span::none(), kind };
        if !known.is_empty() {
            resource.update(known);
        }
        resource
    }

    /// The resource, which counts permits, and of which so much is known.
    pub(crate) fn with_permits(
        mut self,
        permits: usize,
        location: &'static Location<'static>,
        known: &[Update],
    ) -> Self {
        let inner = self.span.in_scope(|| {
            known.iter().for_each(Update::tell);
            let inner = tracing::trace_span!(
                target: "tokio::sync::batch_semaphore",
                parent: None,
                "runtime.resource",
                concrete_type = "Semaphore",
                kind = "Sync",
                is_internal = true,
                loc.file = location.file(),
                loc.line = location.line(),
                loc.col = location.column(),
            );
            inner.in_scope(|| Update::Permits(permits).tell());
            inner
        });
        self.permits = inner;
        self
    }

    /// Tells how it is now.
    pub(crate) fn update(&self, known: &[Update]) {
        self.span.in_scope(|| known.iter().for_each(Update::tell));
    }

    /// Tells of its permits.
    pub(crate) fn update_permits(&self, update: impl FnOnce() -> Update) {
        self.permits.in_scope(|| update().tell());
    }

    /// A future that waits for the resource.
    pub(crate) fn wait<F: Future>(&self, source: &'static str, future: F) -> TracedOp<'_, F, fn() -> Update> {
        TracedOp { resource: self, source, waiting: self.begin(source), queued: None, future }
    }

    /// A future that waits for permits. In line, it makes them be as `queued` says.
    pub(crate) fn wait_in_line<F: Future, Q: FnOnce() -> Update>(
        &self,
        source: &'static str,
        future: F,
        queued: Q,
    ) -> TracedOp<'_, F, Q> {
        TracedOp { resource: self, source, waiting: self.begin(source), queued: Some(queued), future }
    }

    /// The wait of a future for the resource.
    pub(crate) fn begin(&self, source: &'static str) -> Waiting {
        if self.span.is_disabled() {
            return Waiting(None);
        }
        let (op, poll) = match self.kind {
            Kind::Barrier => op_spans!("tokio::sync::barrier", self.span, source),
            Kind::Mutex => op_spans!("tokio::sync::mutex", self.span, source),
            Kind::Oneshot => op_spans!("tokio::sync::oneshot", self.span, source),
            Kind::RwLock => op_spans!("tokio::sync::rwlock", self.span, source),
            Kind::Semaphore => op_spans!("tokio::sync::semaphore", self.span, source),
            Kind::Sleep => {
                let op = tracing::trace_span!(
                    target: "tokio::time::sleep",
                    parent: &self.span,
                    "runtime.resource.async_op",
                    source,
                );
                let poll = tracing::trace_span!(
                    target: "tokio::time::sleep",
                    parent: &op,
                    "runtime.resource.async_op.poll",
                );
                (op, poll)
            }
        };
        Waiting(Some(Box::new(Spans { op, poll })))
    }
}

/// A wait for a resource. Small: futures have one in them.
#[derive(Debug)]
pub(crate) struct Waiting(Option<Box<Spans>>);

#[derive(Debug)]
struct Spans {
    op: Span,
    poll: Span,
}

// See `Resource`.
impl UnwindSafe for Waiting {}
impl RefUnwindSafe for Waiting {}

impl Waiting {
    /// Nobody's.
    pub(crate) const NONE: Self = Self(None);

    /// One poll of it, in its spans.
    #[inline]
    pub(crate) fn enter<R>(&self, resource: &Resource, f: impl FnOnce() -> R) -> R {
        let Some(spans) = &self.0 else { return f() };
        let _resource = resource.span.enter();
        let _op = spans.op.enter();
        let _poll = spans.poll.enter();
        f()
    }

    /// A timer was set, in a poll: so much is left.
    #[inline]
    pub(crate) fn tell_of_timer(&self, left: impl FnOnce() -> Duration) {
        if self.0.is_some() {
            Update::DurationMs(u64::try_from(left().as_millis()).unwrap_or(u64::MAX)).tell();
        }
    }

    /// What a poll of something in it came to.
    #[inline]
    pub(crate) fn polled<R>(&self, op_name: &'static str, polled: Poll<R>) -> Poll<R> {
        if self.0.is_some() {
            tracing::trace!(target: "runtime::resource::poll_op", op_name, is_ready = polled.is_ready());
        }
        polled
    }

    /// One poll of it, in its spans, and what it came to.
    #[inline]
    pub(crate) fn poll<R>(
        &self,
        resource: &Resource,
        op_name: &'static str,
        f: impl FnOnce() -> Poll<R>,
    ) -> Poll<R> {
        self.enter(resource, || self.polled(op_name, f()))
    }
}

pin_project! {
    /// A future that waits for a resource, with its spans.
    #[derive(Debug)]
    pub(crate) struct TracedOp<'a, F, Q> {
        resource: &'a Resource,
        source: &'static str,
        waiting: Waiting,
        queued: Option<Q>,
        #[pin]
        future: F,
    }
}

impl<F: Future, Q: FnOnce() -> Update> Future for TracedOp<'_, F, Q> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (resource, queued) = (*this.resource, this.queued.take());
        this.waiting.enter(resource, || {
            let polled = this.waiting.polled(this.source, this.future.poll(cx));
            if let (Poll::Pending, Some(queued)) = (&polled, queued) {
                resource.update_permits(queued);
            }
            polled
        })
    }
}
