//! All items folded into one value.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

pin_project! {
    /// Future of [`StreamExt::fold`](crate::StreamExt::fold).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Fold<S, B, F> {
        #[pin]
        stream: S,
        // None while the closure has it, and after the end.
        value: Option<B>,
        fold: F,
    }
}

impl<S, B, F> Fold<S, B, F> {
    pub(crate) fn new(stream: S, init: B, fold: F) -> Self {
        Self { stream, value: Some(init), fold }
    }
}

impl<S: Stream, B, F: FnMut(B, S::Item) -> B> Future for Fold<S, B, F> {
    type Output = B;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<B> {
        let mut this = self.project();
        loop {
            let item = ready!(this.stream.as_mut().poll_next(cx));
            let value = this.value.take().expect("`fold` polled after it was done");
            match item {
                Some(item) => *this.value = Some((this.fold)(value, item)),
                None => return Poll::Ready(value),
            }
        }
    }
}
