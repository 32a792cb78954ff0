//! What a closure makes of the items, up to the first of which it makes nothing.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project_lite::pin_project;

pin_project! {
    /// Stream of [`StreamExt::map_while`](crate::StreamExt::map_while).
    #[must_use = "streams do nothing unless polled"]
    pub struct MapWhile<S, F> {
        #[pin]
        stream: S,
        f: F,
        done: bool,
    }
}

impl<S, F> MapWhile<S, F> {
    pub(crate) fn new(stream: S, f: F) -> Self {
        Self { stream, f, done: false }
    }
}

impl<T, S: Stream, F: FnMut(S::Item) -> Option<T>> Stream for MapWhile<S, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        if *this.done {
            return Poll::Ready(None);
        }
        let made = ready!(this.stream.poll_next(cx)).and_then(this.f);
        *this.done = made.is_none();
        Poll::Ready(made)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.done { (0, Some(0)) } else { (0, self.stream.size_hint().1) }
    }
}

impl<S, F> FusedStream for MapWhile<S, F>
where
    Self: Stream,
{
    fn is_terminated(&self) -> bool {
        self.done
    }
}

impl<S: fmt::Debug, F> fmt::Debug for MapWhile<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapWhile").field("stream", &self.stream).finish_non_exhaustive()
    }
}
