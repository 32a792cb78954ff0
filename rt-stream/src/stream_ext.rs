//! The adapters, as methods of every stream.

use std::future::Future;
#[cfg(feature = "time")]
use std::time::Duration;

use futures_core::Stream;
#[cfg(feature = "time")]
use rt_core::time::Interval;

use crate::FromStream;
use crate::adapters::{
    Chain, Filter, FilterMap, Fuse, Map, MapWhile, Merge, Peekable, Skip, SkipWhile, Take, TakeWhile, Then,
};
#[cfg(feature = "time")]
use crate::adapters::{ChunksTimeout, Throttle, Timeout, TimeoutRepeating};
use crate::futures::{All, Any, Collect, Fold, Next, TryNext};

/// What can be done with a stream.
///
/// The methods mirror those of [`Iterator`], except where waiting makes a difference.
pub trait StreamExt: Stream {
    /// The next item; `None` at the end.
    ///
    /// # Cancel safety
    ///
    /// The future only borrows the stream: if it's dropped, no item is lost.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = rt_stream::iter(["a", "b"]);
    /// assert_eq!(stream.next().await, Some("a"));
    /// assert_eq!(stream.next().await, Some("b"));
    /// assert_eq!(stream.next().await, None);
    /// # });
    /// ```
    fn next(&mut self) -> Next<'_, Self>
    where
        Self: Unpin,
    {
        Next::new(self)
    }

    /// The next item of a stream of results, as `Ok(Some(item))`; `Ok(None)` at the end.
    ///
    /// # Cancel safety
    ///
    /// As with [`next`](Self::next), no item is lost.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = rt_stream::iter(["1", "x"]).map(str::parse::<i32>);
    /// assert_eq!(stream.try_next().await, Ok(Some(1)));
    /// assert!(stream.try_next().await.is_err());
    /// assert_eq!(stream.try_next().await, Ok(None));
    /// # });
    /// ```
    fn try_next<T, E>(&mut self) -> TryNext<'_, Self>
    where
        Self: Stream<Item = Result<T, E>> + Unpin,
    {
        TryNext::new(self)
    }

    /// What `f` makes of each item.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let doubled = rt_stream::iter([1, 2]).map(|n| n * 2);
    /// assert_eq!(doubled.collect::<Vec<_>>().await, [2, 4]);
    /// # });
    /// ```
    fn map<T, F>(self, f: F) -> Map<Self, F>
    where
        F: FnMut(Self::Item) -> T,
        Self: Sized,
    {
        Map::new(self, f)
    }

    /// What `f` makes of each item, up to the first of which it makes `None`: there the stream ends.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let numbers = rt_stream::iter(["1", "2", "x", "3"]).map_while(|s| s.parse::<i32>().ok());
    /// assert_eq!(numbers.collect::<Vec<_>>().await, [1, 2]);
    /// # });
    /// ```
    fn map_while<T, F>(self, f: F) -> MapWhile<Self, F>
    where
        F: FnMut(Self::Item) -> Option<T>,
        Self: Sized,
    {
        MapWhile::new(self, f)
    }

    /// What the future that `f` makes of each item gives; the next item waits until it's done.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// async fn look_up(id: u32) -> String {
    ///     format!("user {id}")
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let names = rt_stream::iter([1, 2]).then(look_up);
    /// assert_eq!(names.collect::<Vec<_>>().await, ["user 1", "user 2"]);
    /// # });
    /// ```
    fn then<F, Fut>(self, f: F) -> Then<Self, Fut, F>
    where
        F: FnMut(Self::Item) -> Fut,
        Fut: Future,
        Self: Sized,
    {
        Then::new(self, f)
    }

    /// The items of both streams, in the order in which they arrive; it ends when both have.
    ///
    /// The streams are asked in turns, so that neither starves the other. For a number of streams that
    /// changes there is [`StreamMap`](crate::StreamMap).
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let both = rt_stream::iter([1, 3]).merge(rt_stream::iter([2]));
    /// assert_eq!(both.collect::<Vec<_>>().await, [1, 2, 3]);
    /// # });
    /// ```
    fn merge<U>(self, other: U) -> Merge<Self, U>
    where
        U: Stream<Item = Self::Item>,
        Self: Sized,
    {
        Merge::new(self, other)
    }

    /// Only the items for which `f` says yes.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let even = rt_stream::iter(1..=4).filter(|n| n % 2 == 0);
    /// assert_eq!(even.collect::<Vec<_>>().await, [2, 4]);
    /// # });
    /// ```
    fn filter<F>(self, f: F) -> Filter<Self, F>
    where
        F: FnMut(&Self::Item) -> bool,
        Self: Sized,
    {
        Filter::new(self, f)
    }

    /// What `f` makes of the items, without those of which it makes `None`.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let numbers = rt_stream::iter(["1", "x", "3"]).filter_map(|s| s.parse::<i32>().ok());
    /// assert_eq!(numbers.collect::<Vec<_>>().await, [1, 3]);
    /// # });
    /// ```
    fn filter_map<T, F>(self, f: F) -> FilterMap<Self, F>
    where
        F: FnMut(Self::Item) -> Option<T>,
        Self: Sized,
    {
        FilterMap::new(self, f)
    }

    /// The same stream, which may be polled again after its end: it stays ended.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = rt_stream::once(1).fuse();
    /// assert_eq!(stream.next().await, Some(1));
    /// assert_eq!(stream.next().await, None);
    /// assert_eq!(stream.next().await, None);
    /// # });
    /// ```
    fn fuse(self) -> Fuse<Self>
    where
        Self: Sized,
    {
        Fuse::new(self)
    }

    /// The first `n` items.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// assert_eq!(rt_stream::iter(1..).take(2).collect::<Vec<_>>().await, [1, 2]);
    /// # });
    /// ```
    fn take(self, n: usize) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, n)
    }

    /// The items up to the first for which `f` says no, without that one.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let small = rt_stream::iter([1, 2, 9, 3]).take_while(|n| *n < 5);
    /// assert_eq!(small.collect::<Vec<_>>().await, [1, 2]);
    /// # });
    /// ```
    fn take_while<F>(self, f: F) -> TakeWhile<Self, F>
    where
        F: FnMut(&Self::Item) -> bool,
        Self: Sized,
    {
        TakeWhile::new(self, f)
    }

    /// All but the first `n` items.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// assert_eq!(rt_stream::iter(1..=4).skip(2).collect::<Vec<_>>().await, [3, 4]);
    /// # });
    /// ```
    fn skip(self, n: usize) -> Skip<Self>
    where
        Self: Sized,
    {
        Skip::new(self, n)
    }

    /// The items from the first on for which `f` says no.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let rest = rt_stream::iter([1, 2, 9, 3]).skip_while(|n| *n < 5);
    /// assert_eq!(rest.collect::<Vec<_>>().await, [9, 3]);
    /// # });
    /// ```
    fn skip_while<F>(self, f: F) -> SkipWhile<Self, F>
    where
        F: FnMut(&Self::Item) -> bool,
        Self: Sized,
    {
        SkipWhile::new(self, f)
    }

    /// Whether `f` says yes to every item; the first no is the answer at once. True for no items.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// assert!(rt_stream::iter([2, 4]).all(|n| n % 2 == 0).await);
    /// # });
    /// ```
    fn all<F>(&mut self, f: F) -> All<'_, Self, F>
    where
        Self: Unpin,
        F: FnMut(Self::Item) -> bool,
    {
        All::new(self, f)
    }

    /// Whether `f` says yes to some item; the first yes is the answer at once. False for no items.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// assert!(rt_stream::iter([1, 4]).any(|n| n % 2 == 0).await);
    /// # });
    /// ```
    fn any<F>(&mut self, f: F) -> Any<'_, Self, F>
    where
        Self: Unpin,
        F: FnMut(Self::Item) -> bool,
    {
        Any::new(self, f)
    }

    /// The items of this stream, then those of `other`.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let all = rt_stream::iter([1]).chain(rt_stream::iter([2, 3]));
    /// assert_eq!(all.collect::<Vec<_>>().await, [1, 2, 3]);
    /// # });
    /// ```
    fn chain<U>(self, other: U) -> Chain<Self, U>
    where
        U: Stream<Item = Self::Item>,
        Self: Sized,
    {
        Chain::new(self, other)
    }

    /// One value out of all items: `f` gets what it made so far, `init` at first, and the next item.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// assert_eq!(rt_stream::iter([1, 2, 3]).fold(0, |sum, n| sum + n).await, 6);
    /// # });
    /// ```
    fn fold<B, F>(self, init: B, f: F) -> Fold<Self, B, F>
    where
        Self: Sized,
        F: FnMut(B, Self::Item) -> B,
    {
        Fold::new(self, init, f)
    }

    /// All items in a collection. A stream of results can be collected into a result: the first error
    /// ends it.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, so is what it has collected.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let words: String = rt_stream::iter(["a", "b"]).collect().await;
    /// assert_eq!(words, "ab");
    /// let numbers: Result<Vec<i32>, _> = rt_stream::iter(["1", "x"]).map(str::parse).collect().await;
    /// assert!(numbers.is_err());
    /// # });
    /// ```
    fn collect<T>(self) -> Collect<Self, T>
    where
        T: FromStream<Self::Item>,
        Self: Sized,
    {
        Collect::new(self)
    }

    /// The same stream, whose next item can be looked at before it's taken.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = rt_stream::iter([1]).peekable();
    /// assert_eq!(stream.peek().await, Some(&1));
    /// assert_eq!(stream.next().await, Some(1));
    /// assert_eq!(stream.peek().await, None);
    /// # });
    /// ```
    fn peekable(self) -> Peekable<Self>
    where
        Self: Sized,
    {
        Peekable::new(self)
    }

    /// The same items, and an error whenever the next one takes longer than `duration`, counted from the
    /// last item, at first from this call. After an error it waits for the next item without another.
    ///
    /// Where errors should go on, there is [`timeout_repeating`](Self::timeout_repeating).
    ///
    /// # Panics
    ///
    /// Outside of a runtime with timers, when the timer is first needed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_stream::StreamExt;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// let items = rt_stream::once(1).chain(rt_stream::pending());
    /// let mut stream = std::pin::pin!(items.timeout(Duration::from_millis(5)));
    /// assert_eq!(stream.next().await, Some(Ok(1)));
    /// assert!(stream.next().await.unwrap().is_err());
    /// # });
    /// ```
    #[cfg(feature = "time")]
    #[track_caller]
    fn timeout(self, duration: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        Timeout::new(self, duration)
    }

    /// The same items, and an error for each tick of `interval` that passes without one. An item, and this
    /// call, begin a new period.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_core::time::interval;
    /// use rt_stream::StreamExt;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// let ticks = interval(Duration::from_millis(5));
    /// let mut stream = rt_stream::pending::<()>().timeout_repeating(ticks);
    /// assert!(stream.next().await.unwrap().is_err());
    /// assert!(stream.next().await.unwrap().is_err());
    /// # });
    /// ```
    #[cfg(feature = "time")]
    fn timeout_repeating(self, interval: Interval) -> TimeoutRepeating<Self>
    where
        Self: Sized,
    {
        TimeoutRepeating::new(self, interval)
    }

    /// The same items, with a pause of at least `duration` after each.
    ///
    /// # Panics
    ///
    /// Outside of a runtime with timers, when the timer is first needed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_core::time::Instant;
    /// use rt_stream::StreamExt;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// let start = Instant::now();
    /// let slow = rt_stream::iter([1, 2, 3]).throttle(Duration::from_millis(10));
    /// assert_eq!(slow.collect::<Vec<_>>().await, [1, 2, 3]);
    /// assert!(start.elapsed() >= Duration::from_millis(20));
    /// # });
    /// ```
    #[cfg(feature = "time")]
    #[track_caller]
    fn throttle(self, duration: Duration) -> Throttle<Self>
    where
        Self: Sized,
    {
        Throttle::new(self, duration)
    }

    /// The items in batches: one is given when it has `max_size` items, when `duration` has passed since its
    /// first, or when the stream ends. No batch is empty.
    ///
    /// # Panics
    ///
    /// If `max_size` is zero. Outside of a runtime with timers, when the timer is first needed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_stream::StreamExt;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// let items = rt_stream::iter(1..=3).chain(rt_stream::pending());
    /// let mut batches = std::pin::pin!(items.chunks_timeout(2, Duration::from_millis(5)));
    /// assert_eq!(batches.next().await.unwrap(), [1, 2]);
    /// assert_eq!(batches.next().await.unwrap(), [3]);
    /// # });
    /// ```
    #[cfg(feature = "time")]
    #[track_caller]
    fn chunks_timeout(self, max_size: usize, duration: Duration) -> ChunksTimeout<Self>
    where
        Self: Sized,
    {
        ChunksTimeout::new(self, max_size, duration)
    }
}

impl<S: Stream + ?Sized> StreamExt for S {}
