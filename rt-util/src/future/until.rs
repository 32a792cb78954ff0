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
        // Whether the future has been polled.
        begun: bool,
    }
}

impl<E, F> Until<E, F> {
    pub(super) fn new(end: E, future: F) -> Self {
        Self { end, future, begun: false }
    }
}

impl<E: Future<Output = ()>, F: Future> Future for Until<E, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if !*this.begun {
            // What is to end already doesn't begin.
            if this.end.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            *this.begun = true;
            return this.future.poll(cx).map(Some);
        }
        match this.future.poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => this.end.poll(cx).map(|()| None),
        }
    }
}
