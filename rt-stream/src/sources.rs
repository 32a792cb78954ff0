//! Streams to start from.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use rt_core::task::coop::poll_proceed;

/// A stream over the items of an iterator; made by [`iter`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Iter<I> {
    iter: I,
    /// How many more items to give before letting other tasks run.
    left: u8,
}

/// An iterator is always ready: without a pause it would keep its task on the thread for good, also on executors
/// without a budget. As many as the budget has units.
const BURST: u8 = 128;

impl<I> Unpin for Iter<I> {}

/// A stream that gives the items of `i`, each at once.
///
/// An iterator never waits, so that a loop over such a stream would keep other tasks from running: each item spends
/// a unit of the task's [budget](rt_core::task::coop). On other executors the stream gives way once in a while, and
/// wakes its task right away.
///
/// ```
/// use rt_stream::StreamExt;
///
/// # futures::executor::block_on(async {
/// let mut stream = rt_stream::iter(vec![17, 19]);
/// assert_eq!(stream.next().await, Some(17));
/// assert_eq!(stream.next().await, Some(19));
/// assert_eq!(stream.next().await, None);
/// # });
/// ```
pub fn iter<I: IntoIterator>(i: I) -> Iter<I::IntoIter> {
    Iter { iter: i.into_iter(), left: BURST }
}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<I::Item>> {
        let (Poll::Ready(coop), Some(left)) = (poll_proceed(cx), self.left.checked_sub(1)) else {
            self.left = BURST;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        };
        coop.made_progress();
        self.left = left;
        Poll::Ready(self.iter.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

/// A stream of one item; made by [`once`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Once<T> {
    item: std::option::IntoIter<T>,
}

impl<T> Unpin for Once<T> {}

/// A stream that gives `value` and ends.
///
/// ```
/// use rt_stream::StreamExt;
///
/// # futures::executor::block_on(async {
/// assert_eq!(rt_stream::once(7).collect::<Vec<_>>().await, [7]);
/// # });
/// ```
pub fn once<T>(value: T) -> Once<T> {
    Once { item: Some(value).into_iter() }
}

impl<T> Stream for Once<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.item.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.item.size_hint()
    }
}

/// A stream without items; made by [`empty`].
#[must_use = "streams do nothing unless polled"]
pub struct Empty<T>(PhantomData<fn() -> T>);

/// A stream that ends at once.
///
/// ```
/// use rt_stream::StreamExt;
///
/// # futures::executor::block_on(async {
/// assert_eq!(rt_stream::empty::<i32>().next().await, None);
/// # });
/// ```
pub const fn empty<T>() -> Empty<T> {
    Empty(PhantomData)
}

impl<T> Stream for Empty<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(0))
    }
}

impl<T: fmt::Debug> fmt::Debug for Empty<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Empty")
    }
}

/// A stream that is never ready; made by [`pending`].
#[must_use = "streams do nothing unless polled"]
pub struct Pending<T>(PhantomData<fn() -> T>);

impl<T> Unpin for Pending<T> {}

/// A stream that neither gives an item nor ends.
///
/// ```
/// use std::task::{Context, Poll, Waker};
/// use std::pin::pin;
/// use rt_stream::Stream;
///
/// let mut stream = pin!(rt_stream::pending::<i32>());
/// assert_eq!(stream.as_mut().poll_next(&mut Context::from_waker(Waker::noop())), Poll::Pending);
/// ```
pub const fn pending<T>() -> Pending<T> {
    Pending(PhantomData)
}

impl<T> Stream for Pending<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Pending
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, None)
    }
}

impl<T: fmt::Debug> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}
