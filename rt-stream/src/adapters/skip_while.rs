//! The items from the first on that fails a test.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project_lite::pin_project;

pin_project! {
    /// Stream of [`StreamExt::skip_while`](crate::StreamExt::skip_while).
    #[must_use = "streams do nothing unless polled"]
    pub struct SkipWhile<S, F> {
        #[pin]
        stream: S,
        f: F,
        skipping: bool,
    }
}

impl<S, F> SkipWhile<S, F> {
    pub(crate) fn new(stream: S, f: F) -> Self {
        Self { stream, f, skipping: true }
    }
}

impl<S: Stream, F: FnMut(&S::Item) -> bool> Stream for SkipWhile<S, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        loop {
            let item = ready!(this.stream.as_mut().poll_next(cx));
            if !*this.skipping {
                return Poll::Ready(item);
            }
            match item {
                Some(item) if (this.f)(&item) => {}
                first => {
                    *this.skipping = false;
                    return Poll::Ready(first);
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.stream.size_hint();
        (if self.skipping { 0 } else { lower }, upper)
    }
}

impl<S: FusedStream, F: FnMut(&S::Item) -> bool> FusedStream for SkipWhile<S, F> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for SkipWhile<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkipWhile")
            .field("stream", &self.stream)
            .field("skipping", &self.skipping)
            .finish_non_exhaustive()
    }
}
