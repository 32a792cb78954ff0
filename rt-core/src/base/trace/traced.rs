//! A future with its span.
//!
//! A subscriber is code that isn't ours, and may panic at whatever it is told. The future is dropped all the same, and
//! in its span; and a panic of the future's own isn't met by another one on its way.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tracing::Span;
use tracing::span::Entered;

use crate::base::contain;
use crate::shim;

pin_project! {
    /// A future whose span is entered while it is polled, and while it is dropped.
    #[derive(Debug)]
    pub(crate) struct Traced<F> {
        // Dropped before the span is left.
        #[pin]
        future: F,
        span: LeftOnDrop,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().span.enter();
        }
    }
}

impl<F> Traced<F> {
    pub(super) fn new(future: F, span: Span) -> Self {
        Self { future, span: LeftOnDrop(span) }
    }
}

impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _inside = Inside(Some(this.span.0.enter()));
        this.future.poll(cx)
    }
}

/// In the span for one poll.
struct Inside<'a>(Option<Entered<'a>>);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let entered = self.0.take();
        if shim::thread::panicking() {
            contain(|| drop(entered));
        }
    }
}

/// A span that is left when this is dropped: it was entered before, or is none.
///
/// Nobody learns of a subscriber's panic here but by the panic hook: what comes of the task was settled before.
#[derive(Debug)]
struct LeftOnDrop(Span);

impl LeftOnDrop {
    fn enter(&mut self) {
        let mut entered = false;
        contain(|| {
            self.0.with_subscriber(|(id, subscriber)| subscriber.enter(id));
            entered = true;
        });
        if !entered {
            self.close();
        }
    }

    fn close(&mut self) {
        let span = mem::replace(&mut self.0, Span::none());
        contain(|| drop(span));
    }
}

impl Drop for LeftOnDrop {
    fn drop(&mut self) {
        contain(|| _ = self.0.with_subscriber(|(id, subscriber)| subscriber.exit(id)));
        self.close();
    }
}
