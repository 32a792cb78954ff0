//! The adapters' edges: ends, turns, hints, and what is polled when.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::channel::mpsc;
use futures::executor::block_on;
use futures_core::stream::FusedStream;
use rt_stream::{Stream, StreamExt, StreamNotifyClose};

/// Counts how often its waker is called.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

/// Ends after its items, and panics when polled once more.
struct Touchy(VecDeque<i32>, bool);

impl Touchy {
    fn of(items: &[i32]) -> Self {
        Self(items.iter().copied().collect(), false)
    }
}

impl Stream for Touchy {
    type Item = i32;

    fn poll_next(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<i32>> {
        assert!(!self.1, "polled after the end");
        let item = self.0.pop_front();
        self.1 = item.is_none();
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

#[test]
fn iter_gives_way_and_wakes_itself() {
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut stream = rt_stream::iter(0..);
    let mut pauses = 0;
    for _ in 0..1_000 {
        if Pin::new(&mut stream).poll_next(&mut Context::from_waker(&waker)).is_pending() {
            pauses += 1;
            assert_eq!(wakes.0.load(Ordering::SeqCst), pauses, "a pause without a wake is a hang");
        }
    }
    assert!(pauses > 5, "{pauses} pauses in a thousand polls");
    let sum = block_on(rt_stream::iter(0..1_000).fold(0, |sum, n| sum + n));
    assert_eq!(sum, 499_500, "no item is lost in a pause");
}

#[test]
fn fused_adapters_never_touch_an_ended_stream() {
    let mut fuse = Touchy::of(&[1]).fuse();
    assert_eq!([poll(&mut fuse), poll(&mut fuse), poll(&mut fuse)], [Some(1), None, None].map(Poll::Ready));
    assert!(fuse.is_terminated());
    let mut merged = Touchy::of(&[1]).merge(Touchy::of(&[2]));
    while poll(&mut merged) != Poll::Ready(None) {}
    assert_eq!(poll(&mut merged), Poll::Ready(None));
    assert!(merged.is_terminated());
    let mut chained = Touchy::of(&[]).chain(rt_stream::iter([1]));
    assert_eq!([poll(&mut chained), poll(&mut chained)], [Some(1), None].map(Poll::Ready));
    let mut taken = Touchy::of(&[1]).take(5);
    assert_eq!(
        [poll(&mut taken), poll(&mut taken), poll(&mut taken)],
        [Some(1), None, None].map(Poll::Ready)
    );
    let mut none = Touchy::of(&[1]).take(0);
    assert!(none.is_terminated());
    assert_eq!(poll(&mut none), Poll::Ready(None));
    let mut peekable = Touchy::of(&[]).peekable();
    assert_eq!(block_on(peekable.peek()), None);
    assert_eq!(block_on(peekable.peek()), None);
    assert_eq!(poll(&mut peekable), Poll::Ready(None));
}

#[test]
fn the_first_no_ends_a_while_for_good() {
    let mut taken = rt_stream::iter([1, 9, 2]).take_while(|n| *n < 5);
    assert_eq!(
        [poll(&mut taken), poll(&mut taken), poll(&mut taken)],
        [Some(1), None, None].map(Poll::Ready)
    );
    assert!(taken.is_terminated());
    assert_eq!(taken.size_hint(), (0, Some(0)));
    let mut mapped = rt_stream::iter([1, 9, 2]).map_while(|n| (n < 5).then_some(n));
    assert_eq!(
        [poll(&mut mapped), poll(&mut mapped), poll(&mut mapped)],
        [Some(1), None, None].map(Poll::Ready)
    );
}

#[test]
fn merge_takes_turns_and_waits_for_both() {
    let merged = rt_stream::iter([1, 1, 1]).merge(rt_stream::iter([2, 2, 2]));
    assert_eq!(block_on(merged.collect::<Vec<_>>()), [1, 2, 1, 2, 1, 2]);
    let (sender, receiver) = mpsc::unbounded();
    let mut merged = rt_stream::empty().merge(receiver);
    assert_eq!(poll(&mut merged), Poll::Pending);
    sender.unbounded_send(7).unwrap();
    assert_eq!(poll(&mut merged), Poll::Ready(Some(7)));
    drop(sender);
    assert_eq!(poll(&mut merged), Poll::Ready(None));
}

#[test]
fn then_runs_one_future_at_a_time_and_keeps_it() {
    let running = Cell::new(0);
    let (sender, receiver) = mpsc::unbounded::<()>();
    let receiver = std::cell::RefCell::new(receiver);
    let mut stream = Box::pin(rt_stream::iter([1, 2]).then(|n| {
        running.set(running.get() + 1);
        let receiver = &receiver;
        async move {
            std::future::poll_fn(|cx| Pin::new(&mut *receiver.borrow_mut()).poll_next(cx)).await;
            n
        }
    }));
    assert_eq!(poll(&mut stream), Poll::Pending);
    assert_eq!(poll(&mut stream), Poll::Pending);
    assert_eq!(running.get(), 1);
    assert_eq!(stream.size_hint(), (2, Some(2)));
    sender.unbounded_send(()).unwrap();
    assert_eq!(poll(&mut stream), Poll::Ready(Some(1)));
    assert_eq!(poll(&mut stream), Poll::Pending);
    sender.unbounded_send(()).unwrap();
    assert_eq!(poll(&mut stream), Poll::Ready(Some(2)));
    assert_eq!(poll(&mut stream), Poll::Ready(None));
}

#[test]
fn peeked_items_stay_and_count() {
    let mut stream = rt_stream::iter([1, 2]).peekable();
    assert_eq!(block_on(stream.peek()), Some(&1));
    assert_eq!(stream.size_hint(), (2, Some(2)));
    assert_eq!(block_on(stream.collect::<Vec<_>>()), [1, 2]);
}

#[test]
fn hints_follow_the_adapters() {
    let five = || rt_stream::iter(0..5);
    assert_eq!(five().map(|n| n).size_hint(), (5, Some(5)));
    assert_eq!(five().filter(|_| true).size_hint(), (0, Some(5)));
    assert_eq!(five().take(3).size_hint(), (3, Some(3)));
    assert_eq!(rt_stream::pending::<()>().take(3).size_hint(), (0, Some(3)));
    assert_eq!(five().skip(3).size_hint(), (2, Some(2)));
    assert_eq!(five().skip_while(|_| true).size_hint(), (0, Some(5)));
    assert_eq!(five().chain(five()).size_hint(), (10, Some(10)));
    assert_eq!(five().merge(rt_stream::pending()).size_hint(), (5, None));
    assert_eq!(StreamNotifyClose::new(five()).size_hint(), (6, Some(6)));
    let huge = || rt_stream::iter(std::iter::repeat_n(0, usize::MAX));
    assert_eq!(huge().chain(huge()).size_hint(), (usize::MAX, None));
}

#[test]
fn searches_stop_at_the_answer() {
    let mut stream = rt_stream::iter([1, 2, 3, 4]);
    assert!(block_on(stream.any(|n| n == 2)));
    assert!(!block_on(stream.all(|n| n == 4)));
    assert_eq!(block_on(stream.collect::<Vec<_>>()), [4]);
}

#[test]
fn collections_of_every_kind() {
    let words = || rt_stream::iter(["b", "a", "b"]);
    assert_eq!(block_on(words().collect::<String>()), "bab");
    assert_eq!(block_on(words().collect::<HashSet<_>>()).len(), 2);
    assert_eq!(*block_on(words().collect::<Box<[_]>>()), ["b", "a", "b"]);
    let map: BTreeMap<_, _> = block_on(words().map(|word| (word, 1)).collect());
    assert_eq!(map.keys().copied().collect::<Vec<_>>(), ["a", "b"]);
    block_on(words().map(|_| ()).collect::<()>());
    let mut rest = rt_stream::iter([Ok(1), Err("bad"), Ok(2)]);
    assert_eq!(block_on((&mut rest).collect::<Result<Vec<i32>, _>>()), Err("bad"));
    assert_eq!(block_on(rest.next()), Some(Ok(2)), "the first error ends the collecting");
    let nested: Result<Result<Vec<i32>, &str>, &str> =
        block_on(rt_stream::iter([Ok(Ok(1)), Ok(Err("inner")), Err("never")]).collect());
    assert_eq!(nested, Ok(Err("inner")));
}

#[test]
fn closed_streams_give_their_end_back() {
    let mut stream = StreamNotifyClose::new(rt_stream::once(1));
    assert_eq!(poll(&mut stream), Poll::Ready(Some(Some(1))));
    assert_eq!(poll(&mut stream), Poll::Ready(Some(None)));
    assert_eq!(poll(&mut stream), Poll::Ready(None));
    assert!(stream.into_inner().is_none());
    assert!(StreamNotifyClose::new(rt_stream::once(1)).into_inner().is_some());
}

#[test]
fn streams_cross_threads_when_what_they_hold_does() {
    fn is_send<T: Send>(_: &T) {}
    let mut stream = rt_stream::iter([1]).map(|n| n + 1).filter(|n| *n > 0).take(1);
    is_send(&stream);
    is_send(&stream.next());
    is_send(&stream.collect::<Vec<_>>());
}
