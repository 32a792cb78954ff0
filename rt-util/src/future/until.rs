//! A future that another one ends.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// A future until another one ends.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Until<E, F> {
        #[pin]
        end: E,
        #[pin]
        future: F,
    }
}

impl<E, F> Until<E, F> {
    pub(super) fn new(end: E, future: F) -> Self {
        Self { end, future }
    }
}

impl<E: Future<Output = ()>, F: Future> Future for Until<E, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // The end first: what is to end doesn't go on, even if it could.
        match this.end.poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => this.future.poll(cx).map(Some),
        }
    }
}
