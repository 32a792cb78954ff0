//! A pause after each item.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;
use rt_core::time::{Instant, Sleep, sleep};

pin_project! {
    /// Stream of [`StreamExt::throttle`](crate::StreamExt::throttle).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Throttle<S> {
        #[pin]
        stream: S,
        #[pin]
        pause: Sleep,
        duration: Duration,
        // Whether the pause after an item isn't over yet.
        pausing: bool,
    }
}

impl<S: Stream> Throttle<S> {
    #[track_caller]
    pub(crate) fn new(stream: S, duration: Duration) -> Self {
        Self { stream, pause: sleep(Duration::ZERO), duration, pausing: false }
    }
}

impl<S: Stream> Stream for Throttle<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        if *this.pausing {
            ready!(this.pause.as_mut().poll(cx));
            *this.pausing = false;
        }
        let item = ready!(this.stream.poll_next(cx));
        if item.is_some() && !this.duration.is_zero() {
            *this.pausing = true;
            this.pause.reset(Instant::now() + *this.duration);
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}
