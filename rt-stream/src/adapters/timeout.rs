//! A limit to how long the next item may take.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;
use rt_core::time::{Instant, Interval, Sleep, sleep};

use super::Fuse;
use super::chain::both;
use crate::Elapsed;

pin_project! {
    /// Stream of [`StreamExt::timeout`](crate::StreamExt::timeout).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Timeout<S> {
        #[pin]
        stream: Fuse<S>,
        #[pin]
        deadline: Sleep,
        duration: Duration,
        // False once the error was given, until the next item.
        armed: bool,
    }
}

impl<S: Stream> Timeout<S> {
    #[track_caller]
    pub(crate) fn new(stream: S, duration: Duration) -> Self {
        Self { stream: Fuse::new(stream), deadline: sleep(duration), duration, armed: true }
    }
}

impl<S: Stream> Stream for Timeout<S> {
    type Item = Result<S::Item, Elapsed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if let Poll::Ready(item) = this.stream.poll_next(cx) {
            if item.is_some() {
                *this.armed = true;
                this.deadline.reset(Instant::now() + *this.duration);
            }
            return Poll::Ready(item.map(Ok));
        }
        if !*this.armed {
            return Poll::Pending;
        }
        ready!(this.deadline.as_mut().poll(cx));
        *this.armed = false;
        Poll::Ready(Some(Err(Elapsed::new())))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        with_errors(self.stream.size_hint())
    }
}

/// Before each item, and before the end, there may be an error.
fn with_errors((lower, upper): (usize, Option<usize>)) -> (usize, Option<usize>) {
    let most = both((0, upper), (0, upper)).1;
    (lower, most.and_then(|most| most.checked_add(1)))
}

pin_project! {
    /// Stream of [`StreamExt::timeout_repeating`](crate::StreamExt::timeout_repeating).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct TimeoutRepeating<S> {
        #[pin]
        stream: Fuse<S>,
        interval: Interval,
    }
}

impl<S: Stream> TimeoutRepeating<S> {
    pub(crate) fn new(stream: S, mut interval: Interval) -> Self {
        // An interval's first tick is due at once; the first error is due a period from now.
        interval.reset();
        Self { stream: Fuse::new(stream), interval }
    }
}

impl<S: Stream> Stream for TimeoutRepeating<S> {
    type Item = Result<S::Item, Elapsed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if let Poll::Ready(item) = this.stream.poll_next(cx) {
            if item.is_some() {
                this.interval.reset();
            }
            return Poll::Ready(item.map(Ok));
        }
        ready!(this.interval.poll_tick(cx));
        Poll::Ready(Some(Err(Elapsed::new())))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.stream.size_hint().0, None)
    }
}
