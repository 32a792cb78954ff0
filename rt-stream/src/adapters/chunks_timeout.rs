//! Items in batches of bounded size and age.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;
use rt_core::time::{Sleep, sleep};

use super::Fuse;

pin_project! {
    /// Stream of [`StreamExt::chunks_timeout`](crate::StreamExt::chunks_timeout).
    #[must_use = "streams do nothing unless polled"]
    pub struct ChunksTimeout<S: Stream> {
        #[pin]
        stream: Fuse<S>,
        // Set by the first item of a batch.
        #[pin]
        deadline: Option<Sleep>,
        duration: Duration,
        items: Vec<S::Item>,
        cap: usize,
    }
}

impl<S: Stream> ChunksTimeout<S> {
    #[track_caller]
    pub(crate) fn new(stream: S, cap: usize, duration: Duration) -> Self {
        assert!(cap > 0, "a batch has to have room for at least one item");
        Self { stream: Fuse::new(stream), deadline: None, duration, items: Vec::new(), cap }
    }

    /// Takes the items of the batch that isn't full yet: without it they are lost when the stream is
    /// dropped.
    pub fn into_remainder(self: Pin<&mut Self>) -> Vec<S::Item> {
        let mut this = self.project();
        this.deadline.set(None);
        mem::take(this.items)
    }
}

impl<S: Stream> Stream for ChunksTimeout<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<S::Item>>> {
        let mut this = self.project();
        while let Poll::Ready(item) = this.stream.as_mut().poll_next(cx) {
            let Some(item) = item else {
                this.deadline.set(None);
                let rest = mem::take(this.items);
                return Poll::Ready(Some(rest).filter(|rest| !rest.is_empty()));
            };
            if this.items.is_empty() {
                this.deadline.set(Some(sleep(*this.duration)));
            }
            this.items.push(item);
            if this.items.len() >= *this.cap {
                this.deadline.set(None);
                return Poll::Ready(Some(mem::take(this.items)));
            }
        }
        let Some(deadline) = this.deadline.as_mut().as_pin_mut() else { return Poll::Pending };
        ready!(deadline.poll(cx));
        this.deadline.set(None);
        Poll::Ready(Some(mem::take(this.items)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let waiting = usize::from(!self.items.is_empty());
        let (lower, upper) = self.stream.size_hint();
        let lower = (lower / self.cap).saturating_add(waiting);
        (lower, upper.and_then(|upper| upper.checked_add(waiting)))
    }
}

impl<S: Stream + fmt::Debug> fmt::Debug for ChunksTimeout<S>
where
    S::Item: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunksTimeout")
            .field("stream", &self.stream)
            .field("items", &self.items)
            .field("cap", &self.cap)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}
