//! All items in a collection.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::from_stream::sealed::FromStreamPriv;

pin_project! {
    /// Future of [`StreamExt::collect`](crate::StreamExt::collect).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Collect<S, U>
    where
        S: Stream,
        U: FromStreamPriv<S::Item>,
    {
        #[pin]
        stream: S,
        // None after the end.
        partial: Option<U::Partial>,
    }
}

impl<S: Stream, U: FromStreamPriv<S::Item>> Collect<S, U> {
    pub(crate) fn new(stream: S) -> Self {
        let (lower, _) = stream.size_hint();
        Self { stream, partial: Some(U::begin(lower)) }
    }
}

impl<S: Stream, U: FromStreamPriv<S::Item>> Future for Collect<S, U> {
    type Output = U;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<U> {
        let mut this = self.project();
        loop {
            let item = ready!(this.stream.as_mut().poll_next(cx));
            let partial = this.partial.as_mut().expect("`collect` polled after it was done");
            let go_on = item.is_some_and(|item| U::add(partial, item).is_continue());
            if let Some(partial) = this.partial.take_if(|_| !go_on) {
                return Poll::Ready(U::finish(partial));
            }
        }
    }
}

impl<S: Stream + fmt::Debug, U: FromStreamPriv<S::Item>> fmt::Debug for Collect<S, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect").field("stream", &self.stream).finish_non_exhaustive()
    }
}
