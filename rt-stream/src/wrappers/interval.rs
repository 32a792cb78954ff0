//! The ticks of an interval.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use rt_core::time::{Instant, Interval};

/// The ticks of an interval, as the instants at which they were due. It never ends.
///
/// ```
/// use std::time::Duration;
/// use rt_core::time::interval;
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::IntervalStream;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let mut ticks = IntervalStream::new(interval(Duration::from_millis(2)));
/// let first = ticks.next().await.unwrap();
/// assert_eq!(ticks.next().await.unwrap() - first, Duration::from_millis(2));
/// # });
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct IntervalStream {
    inner: Interval,
}

impl IntervalStream {
    /// Wraps it.
    pub fn new(inner: Interval) -> Self {
        Self { inner }
    }

    /// What was wrapped.
    pub fn into_inner(self) -> Interval {
        self.inner
    }
}

impl Stream for IntervalStream {
    type Item = Instant;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl FusedStream for IntervalStream {
    fn is_terminated(&self) -> bool {
        false
    }
}

impl AsRef<Interval> for IntervalStream {
    fn as_ref(&self) -> &Interval {
        &self.inner
    }
}

impl AsMut<Interval> for IntervalStream {
    fn as_mut(&mut self) -> &mut Interval {
        &mut self.inner
    }
}
