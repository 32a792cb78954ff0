//! A map of streams: fairness, ends, and removal in between.

use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::channel::mpsc;
use futures::executor::block_on;
use proptest::prelude::*;
use rt_stream::{Stream, StreamExt, StreamMap, StreamNotifyClose, iter, pending};

fn poll<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn busy_streams_dont_starve_each_other() {
    let mut map = StreamMap::new();
    for key in 0..4 {
        map.insert(key, iter(std::iter::repeat(())));
    }
    let mut counts = [0; 4];
    for _ in 0..4_000 {
        let (key, ()) = block_on(map.next()).expect("endless");
        counts[key] += 1;
    }
    // Each is due 1,000; a fair draw strays by some 30.
    assert!(counts.iter().all(|count| (700..1_300).contains(count)), "{counts:?}");
}

#[test]
fn ended_streams_leave_and_the_map_goes_on() {
    let (sender, receiver) = mpsc::unbounded();
    let mut map = StreamMap::new();
    map.insert("open", receiver);
    let (closed, ended) = mpsc::unbounded::<i32>();
    drop(closed);
    map.insert("ended", ended);
    assert_eq!(poll(&mut map), Poll::Pending);
    assert_eq!(map.keys().collect::<Vec<_>>(), [&"open"]);
    sender.unbounded_send(5).unwrap();
    assert_eq!(poll(&mut map), Poll::Ready(Some(("open", 5))));
    drop(sender);
    assert_eq!(poll(&mut map), Poll::Ready(None));
    assert!(map.is_empty());
    let (sender, receiver) = mpsc::unbounded();
    map.insert("again", receiver);
    sender.unbounded_send(6).unwrap();
    assert_eq!(poll(&mut map), Poll::Ready(Some(("again", 6))), "an ended map may be filled again");
}

#[test]
fn keys_are_replaced_removed_and_found() {
    let mut map = StreamMap::with_capacity(2);
    assert!(map.capacity() >= 2);
    assert!(map.insert("a".to_owned(), iter([1])).is_none());
    let old = map.insert("a".to_owned(), iter([2]));
    assert_eq!(block_on(old.expect("replaced").next()), Some(1));
    assert!(map.contains_key("a"));
    assert_eq!(
        (map.len(), map.iter().count(), map.iter_mut().count(), map.values_mut().count()),
        (1, 1, 1, 1)
    );
    assert_eq!(map.values().map(|stream| stream.size_hint().0).sum::<usize>(), 1);
    assert!(map.remove("b").is_none());
    assert!(map.remove("a").is_some());
    map.extend([("c".to_owned(), iter([3]))]);
    assert_eq!(map.size_hint(), (1, Some(1)));
    map.clear();
    assert!(!map.contains_key("c"));
}

#[test]
fn the_end_of_a_stream_can_be_told() {
    let mut map = StreamMap::new();
    map.insert(1, StreamNotifyClose::new(iter(["x"])));
    assert_eq!(block_on(map.next()), Some((1, Some("x"))));
    assert_eq!(block_on(map.next()), Some((1, None)));
    assert_eq!(block_on(map.next()), None);
}

#[test]
fn next_many_takes_what_is_there_up_to_the_limit() {
    let (sender, receiver) = mpsc::unbounded();
    let mut map = StreamMap::from_iter([("a", receiver)]);
    let mut buffer = Vec::new();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(map.poll_next_many(&mut cx, &mut buffer, 4), Poll::Pending);
    assert_eq!(map.poll_next_many(&mut cx, &mut buffer, 0), Poll::Ready(0));
    for n in 0..3 {
        sender.unbounded_send(n).unwrap();
    }
    assert_eq!(block_on(map.next_many(&mut buffer, 2)), 2);
    assert_eq!(block_on(map.next_many(&mut buffer, 2)), 1);
    assert_eq!(buffer, [("a", 0), ("a", 1), ("a", 2)]);
    drop(sender);
    assert_eq!(block_on(map.next_many(&mut buffer, 2)), 0);
}

#[test]
fn an_empty_or_silent_map() {
    assert_eq!(poll(&mut StreamMap::<i32, rt_stream::Pending<()>>::default()), Poll::Ready(None));
    assert_eq!(poll(&mut StreamMap::from_iter([(1, pending::<()>())])), Poll::Pending);
}

proptest! {
    /// Whatever the lengths and wherever the map starts: every item once, in its stream's order.
    #[test]
    fn nothing_is_lost_or_reordered(lengths in prop::collection::vec(0usize..20, 0..8)) {
        let mut map: StreamMap<usize, _> =
            lengths.iter().enumerate().map(|(key, length)| (key, iter(0..*length))).collect();
        let mut seen: HashMap<usize, usize> = HashMap::new();
        while let Some((key, item)) = block_on(map.next()) {
            let next = seen.entry(key).or_default();
            prop_assert_eq!(item, *next);
            *next += 1;
        }
        for (key, length) in lengths.iter().enumerate() {
            prop_assert_eq!(seen.get(&key).copied().unwrap_or(0), *length);
        }
    }
}
