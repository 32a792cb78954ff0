//! What tasks wait for, as spans.
//!
//! A resource is a span `runtime.resource`. A future that waits for it is a span `runtime.resource.async_op` in it,
//! with another one, `runtime.resource.async_op.poll`, for its polls: all three are entered for each poll, and an
//! event of the target `runtime::resource::poll_op` tells what came of it. What is known of the resource itself are
//! events in its span, of the target `runtime::resource::state_update`. What counts permits has an inner
//! resource for them. What becomes of a wait, for how many permits it is and that it got them, are events in its span, of
//! the target `runtime::resource::async_op::state_update`.

use std::future::Future;
use std::mem;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tracing::Span;

use super::line::Bid;
use super::{Kind, Line, Update};
use crate::shim::sync::Arc;

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
            Kind::Interval => resource!("tokio::time::interval", "timer", "Interval", location),
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

    /// Has others made in it.
    pub(crate) fn scope<R>(&self, f: impl FnOnce() -> R) -> R {
        self.span.in_scope(f)
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
    pub(crate) fn wait<F: Future>(&self, source: &'static str, future: F) -> TracedOp<'_, F, ()> {
        TracedOp { resource: self, source, waiting: self.begin(source), in_line: false, line: (), future }
    }

    /// A future that waits for `n` permits.
    pub(crate) fn wait_in_line<F: Future, L: Line<F::Output>>(
        &self,
        source: &'static str,
        n: usize,
        line: L,
        future: impl FnOnce(Bid) -> F,
    ) -> TracedOp<'_, F, L> {
        let waiting = self.begin(source);
        waiting.enter(self, || {
            if waiting.0.is_some() {
                Update::Requested(n).tell();
            }
        });
        let future = future(Bid::new(waiting.share()));
        TracedOp { resource: self, source, waiting, in_line: false, line, future }
    }

    /// The wait of a future for the resource.
    pub(crate) fn begin(&self, source: &'static str) -> Waiting {
        if self.span.is_disabled() {
            return Waiting(None);
        }
        let (op, poll) = match self.kind {
            Kind::Barrier => op_spans!("tokio::sync::barrier", self.span, source),
            Kind::Interval => op_spans!("tokio::time::interval", self.span, source),
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
        Waiting(Some(Arc::new(Spans { op, poll })))
    }
}

/// A wait for a resource. Small: futures have one in them.
#[derive(Debug)]
pub(crate) struct Waiting(Option<Arc<Spans>>);

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

    /// The same wait, for another who tells of it.
    pub(super) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// Tells what becomes of it.
    pub(super) fn tell(&self, update: Update) {
        let _op = self.0.as_ref().map(|spans| spans.op.enter());
        update.tell();
    }

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
    pub(crate) struct TracedOp<'a, F, L> {
        resource: &'a Resource,
        source: &'static str,
        waiting: Waiting,
        in_line: bool,
        line: L,
        #[pin]
        future: F,
    }
}

impl<F: Future, L: Line<F::Output>> Future for TracedOp<'_, F, L> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let (resource, line) = (*this.resource, &*this.line);
        let mut outcome = Outcome { line, outcome: None };
        let pending = this.waiting.enter(resource, || {
            // Kept where it is given back, should the subscriber panic.
            if let Poll::Ready(ready) = this.future.as_mut().poll(cx) {
                outcome.outcome = Some(ready);
            }
            let pending = outcome.outcome.is_none();
            let _ = this.waiting.polled(this.source, if pending { Poll::Pending } else { Poll::Ready(()) });
            if pending && !mem::replace(this.in_line, true) {
                if let Some(available) = line.available() {
                    resource.update_permits(|| Update::Permits(available));
                }
            }
            pending
        });
        if !pending {
            // The spans end here, where a panic of that, too, loses nothing.
            *this.waiting = Waiting::NONE;
        }
        outcome.outcome.take().map_or(Poll::Pending, Poll::Ready)
    }
}

/// What came of a wait, while it isn't out of a subscriber's reach.
struct Outcome<'a, T, L: Line<T>> {
    line: &'a L,
    outcome: Option<T>,
}

impl<T, L: Line<T>> Drop for Outcome<'_, T, L> {
    fn drop(&mut self) {
        if let Some(outcome) = &self.outcome {
            self.line.give_back(outcome);
        }
    }
}
