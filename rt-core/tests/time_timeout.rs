//! Bounding how long a future may take.
#![cfg(feature = "full")]

use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use rt_core::runtime::Builder;
use rt_core::sync::oneshot;
use rt_core::time::{Duration, Instant, sleep, sleep_until, timeout, timeout_at};

const MS: Duration = Duration::from_millis(1);

#[rt_core::test(start_paused = true)]
async fn what_is_ready_in_time_comes_through() {
    assert_eq!(timeout(MS, ready(1)).await, Ok(1));
    assert_eq!(timeout(Duration::ZERO, ready(2)).await, Ok(2));
    assert_eq!(timeout_at(Instant::now() - MS, ready(3)).await, Ok(3));
    let late = async {
        sleep(5 * MS).await;
        4
    };
    assert_eq!(timeout(10 * MS, late).await, Ok(4));
    assert_eq!(timeout(Duration::MAX, async { 5 }).await, Ok(5));
}

#[rt_core::test(start_paused = true)]
async fn what_takes_longer_is_given_up_on_time() {
    let start = Instant::now();
    assert!(timeout(10 * MS, pending::<()>()).await.is_err());
    assert_eq!(start.elapsed(), 10 * MS);
    assert!(timeout_at(start + 30 * MS, pending::<()>()).await.is_err());
    assert_eq!(start.elapsed(), 30 * MS);
    assert!(timeout_at(start, pending::<()>()).await.is_err());
    assert!(timeout(Duration::ZERO, pending::<()>()).await.is_err());
    assert_eq!(start.elapsed(), 30 * MS);
}

#[rt_core::test(start_paused = true)]
async fn of_two_that_end_at_once_the_future_wins() {
    let start = Instant::now();
    assert_eq!(timeout(10 * MS, sleep(10 * MS)).await, Ok(()));
    assert_eq!(timeout_at(start + 30 * MS, sleep_until(start + 30 * MS)).await, Ok(()));
}

#[rt_core::test(start_paused = true)]
async fn with_a_paused_clock_the_time_counts_from_the_call() {
    let start = Instant::now();
    let limited = timeout(10 * MS, pending::<()>());
    sleep(4 * MS).await;
    assert!(limited.await.is_err());
    assert_eq!(start.elapsed(), 10 * MS);
}

#[test]
fn the_limit_holds_in_real_time_and_is_never_early() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..50_u64)
            .map(|i| {
                rt_core::spawn(async move {
                    let limit = Duration::from_micros(100 * i);
                    let start = std::time::Instant::now();
                    assert!(timeout(limit, pending::<()>()).await.is_err());
                    assert!(start.elapsed() >= limit);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[rt_core::test(start_paused = true)]
async fn the_future_is_dropped_with_the_timeout_and_not_before() {
    let (sender, receiver) = oneshot::channel::<()>();
    let mut limited = Box::pin(timeout(MS, receiver));
    assert!(limited.as_mut().await.is_err());
    assert!(!sender.is_closed());
    drop(limited);
    assert!(sender.is_closed());
}

#[rt_core::test(start_paused = true)]
async fn a_future_that_uses_up_the_budget_is_given_up_all_the_same() {
    let greedy = poll_fn(|cx| -> Poll<()> {
        while let Poll::Ready(coop) = rt_core::task::coop::poll_proceed(cx) {
            coop.made_progress();
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    let advance = rt_core::spawn(rt_core::time::advance(10 * MS));
    assert!(timeout(5 * MS, greedy).await.is_err());
    advance.await.unwrap();
}

#[rt_core::test]
async fn the_parts_are_at_hand() {
    let mut limited = timeout(MS, ready(vec![1]));
    assert_eq!(limited.get_ref().clone().await, [1]);
    *limited.get_mut() = ready(vec![2]);
    assert_eq!(limited.into_inner().await, [2]);
    // Not only futures: what can become one.
    struct Into;
    impl std::future::IntoFuture for Into {
        type Output = u8;
        type IntoFuture = std::future::Ready<u8>;
        fn into_future(self) -> Self::IntoFuture {
            ready(7)
        }
    }
    assert_eq!(timeout(MS, Into).await, Ok(7));
}

#[test]
fn a_timeout_made_in_a_runtime_may_be_awaited_outside() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let limited = {
        let _entered = runtime.enter();
        timeout(2 * MS, pending::<()>())
    };
    assert!(futures::executor::block_on(limited).is_err());
    let limited = {
        let _entered = runtime.enter();
        timeout(MS, pending::<()>())
    };
    drop(runtime);
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = pin!(limited).poll(&mut Context::from_waker(Waker::noop()));
    }));
    assert!(polled.is_err(), "its runtime is gone");
}

#[rt_core::test]
async fn errors_say_what_happened() {
    let elapsed = timeout(Duration::ZERO, pending::<()>()).await.unwrap_err();
    assert_eq!(elapsed.to_string(), "deadline has elapsed");
    let error = std::io::Error::from(elapsed);
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    assert_eq!(error.to_string(), "deadline has elapsed");
}

#[test]
fn auto_traits() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let _entered = runtime.enter();
    is_send_and_sync(&sleep(MS));
    is_send_and_sync(&timeout(MS, ready(())));
    is_send_and_sync(&rt_core::time::interval(MS));
    is_send_and_sync(&Arc::new(Instant::now()));
}

#[test]
#[should_panic(expected = "no runtime here")]
fn outside_of_a_runtime_it_panics() {
    drop(timeout(MS, ready(())));
}

#[test]
#[should_panic(expected = "without time")]
fn without_time_it_panics() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { drop(timeout_at(Instant::now(), ready(()))) });
}
