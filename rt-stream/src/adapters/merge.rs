//! Two streams at once.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project_lite::pin_project;

use super::Fuse;
use super::chain::both;

pin_project! {
    /// Stream of [`StreamExt::merge`](crate::StreamExt::merge).
    #[must_use = "streams do nothing unless polled"]
    pub struct Merge<A, B> {
        #[pin]
        a: Fuse<A>,
        #[pin]
        b: Fuse<B>,
        // Whose turn it is to be asked first: neither may starve the other.
        b_first: bool,
    }
}

impl<A, B> Merge<A, B> {
    pub(crate) fn new(a: A, b: B) -> Self {
        Self { a: Fuse::new(a), b: Fuse::new(b), b_first: false }
    }
}

impl<A: Stream, B: Stream<Item = A::Item>> Stream for Merge<A, B> {
    type Item = A::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<A::Item>> {
        let this = self.project();
        let b_first = *this.b_first;
        *this.b_first = !b_first;
        if b_first { either(this.b, this.a, cx) } else { either(this.a, this.b, cx) }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        both(self.a.size_hint(), self.b.size_hint())
    }
}

impl<A: Stream, B: Stream<Item = A::Item>> FusedStream for Merge<A, B> {
    fn is_terminated(&self) -> bool {
        self.a.is_terminated() && self.b.is_terminated()
    }
}

/// An item of either; the end once both have ended.
fn either<T>(
    first: Pin<&mut impl Stream<Item = T>>,
    second: Pin<&mut impl Stream<Item = T>>,
    cx: &mut Context<'_>,
) -> Poll<Option<T>> {
    let first_ended = match first.poll_next(cx) {
        Poll::Ready(None) => true,
        Poll::Pending => false,
        item => return item,
    };
    match second.poll_next(cx) {
        Poll::Ready(None) if !first_ended => Poll::Pending,
        outcome => outcome,
    }
}
