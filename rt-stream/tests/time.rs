//! The adapters that wait on timers, under a clock that stands still.
#![cfg(feature = "time")]

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::channel::mpsc::{self, UnboundedReceiver};
use rt_core::runtime::Builder;
use rt_core::time::{Instant, interval, sleep};
use rt_stream::wrappers::IntervalStream;
use rt_stream::{Elapsed, Stream, StreamExt};

const MS: Duration = Duration::from_millis(1);

fn run<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(future)
}

/// Items that arrive so many milliseconds from now, each with its number.
fn arrivals(at: &'static [u32]) -> UnboundedReceiver<usize> {
    let (sender, receiver) = mpsc::unbounded();
    let start = Instant::now();
    rt_core::spawn(async move {
        for (number, at) in at.iter().enumerate() {
            sleep((start + MS * *at).saturating_duration_since(Instant::now())).await;
            let _ = sender.unbounded_send(number);
        }
    });
    receiver
}

/// What a stream gives and when, in milliseconds, rounded down.
async fn record<S: Stream>(stream: S) -> Vec<(u128, S::Item)> {
    let start = Instant::now();
    let mut stream = pin!(stream);
    let mut seen = Vec::new();
    while let Some(item) = stream.next().await {
        seen.push((start.elapsed().as_millis(), item));
    }
    seen
}

fn flat<T>(seen: Vec<(u128, Result<T, Elapsed>)>) -> Vec<(u128, Option<T>)> {
    seen.into_iter().map(|(at, item)| (at, item.ok())).collect()
}

#[test]
fn a_timeout_gives_one_error_a_gap() {
    let seen = run(async { record(arrivals(&[5, 50, 55]).timeout(MS * 10)).await });
    assert_eq!(flat(seen), [(5, Some(0)), (15, None), (50, Some(1)), (55, Some(2))]);
}

#[test]
fn a_repeating_timeout_goes_on() {
    let seen = run(async { record(arrivals(&[5, 37]).timeout_repeating(interval(MS * 10))).await });
    assert_eq!(flat(seen), [(5, Some(0)), (15, None), (25, None), (35, None), (37, Some(1))]);
}

#[test]
fn an_item_beats_a_timeout_that_is_due_as_well() {
    run(async {
        let items = arrivals(&[5]);
        let mut stream = pin!(items.timeout(MS * 10));
        sleep(MS * 20).await;
        assert_eq!(stream.next().await, Some(Ok(0)));
        assert_eq!(stream.next().await, None);
    });
}

#[test]
fn throttling_pauses_between_items_only() {
    let seen = run(async { record(rt_stream::iter(0..3).throttle(MS * 10)).await });
    assert_eq!(seen, [(0, 0), (10, 1), (20, 2)]);
    let seen = run(async { record(rt_stream::iter(0..3).throttle(Duration::ZERO)).await });
    assert_eq!(seen, [(0, 0), (0, 1), (0, 2)]);
}

#[test]
fn batches_end_by_size_by_age_and_with_the_stream() {
    let seen = run(async { record(arrivals(&[1, 2, 3, 4, 30, 31]).chunks_timeout(3, MS * 10)).await });
    let expected = [(3, vec![0, 1, 2]), (14, vec![3]), (31, vec![4, 5])];
    assert_eq!(seen, expected);
    assert_eq!(run(record(rt_stream::empty::<()>().chunks_timeout(3, MS))), []);
}

#[test]
fn what_a_batch_holds_can_be_taken_out() {
    run(async {
        let items = rt_stream::iter([1, 2]).chain(rt_stream::pending());
        let mut batches = pin!(items.chunks_timeout(5, MS * 10));
        let early = rt_core::time::timeout(MS, batches.next()).await;
        assert!(early.is_err());
        assert_eq!(batches.as_mut().into_remainder(), [1, 2]);
        let late = rt_core::time::timeout(MS * 50, batches.next()).await;
        assert!(late.is_err(), "nothing is left, so no batch is due");
    });
}

#[test]
#[should_panic(expected = "room for at least one")]
fn a_batch_of_none() {
    run(async { drop(rt_stream::iter([1]).chunks_timeout(0, MS)) });
}

#[test]
fn ticks_as_a_stream() {
    let seen = run(async {
        let start = Instant::now();
        let ticks = IntervalStream::new(interval(MS * 10)).take(3);
        ticks.map(|tick| (tick - start).as_millis()).collect::<Vec<_>>().await
    });
    assert_eq!(seen, [0, 10, 20]);
}

#[test]
fn an_elapsed_is_a_timed_out() {
    let error = run(async {
        let mut stream = pin!(rt_stream::pending::<()>().timeout(MS));
        stream.next().await.unwrap().unwrap_err()
    });
    assert_eq!(error.to_string(), "deadline has elapsed");
    assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::TimedOut);
}
