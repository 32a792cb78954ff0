//! Waiting again and again.
#![cfg(all(feature = "full", feature = "test-util"))]

use std::task::{Context, Poll, Waker};

use rt_core::time::{self, Duration, Instant, Interval, MissedTickBehavior, interval, interval_at, sleep};

const MS: Duration = Duration::from_millis(1);

/// The milliseconds after `start` at which the next tick was due, if it has come.
fn poll(interval: &mut Interval, start: Instant) -> Option<u128> {
    match interval.poll_tick(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(due) => Some((due - start).as_millis()),
        Poll::Pending => None,
    }
}

/// Lets 100 ms pass between two polls, and then 180 before the next; returns when the ticks after it are due.
async fn ticks_after_a_miss(behavior: MissedTickBehavior) -> Vec<u128> {
    let start = Instant::now();
    let mut ticks = interval(50 * MS);
    ticks.set_missed_tick_behavior(behavior);
    assert_eq!(ticks.missed_tick_behavior(), behavior);
    assert_eq!(poll(&mut ticks, start), Some(0));
    assert_eq!(poll(&mut ticks, start), None);
    sleep(50 * MS).await;
    assert_eq!(poll(&mut ticks, start), Some(50));
    sleep(130 * MS).await;
    let mut due = Vec::new();
    for _ in 0..5 {
        due.push((ticks.tick().await - start).as_millis());
    }
    due
}

#[rt_core::test(start_paused = true)]
async fn burst_catches_up() {
    assert_eq!(ticks_after_a_miss(MissedTickBehavior::Burst).await, [100, 150, 200, 250, 300]);
}

#[rt_core::test(start_paused = true)]
async fn delay_begins_anew() {
    assert_eq!(ticks_after_a_miss(MissedTickBehavior::Delay).await, [100, 230, 280, 330, 380]);
}

#[rt_core::test(start_paused = true)]
async fn skip_keeps_the_rhythm() {
    assert_eq!(ticks_after_a_miss(MissedTickBehavior::Skip).await, [100, 200, 250, 300, 350]);
}

#[rt_core::test(start_paused = true)]
async fn a_little_late_is_not_missed() {
    for behavior in [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
        let start = Instant::now();
        let mut ticks = interval(50 * MS);
        ticks.set_missed_tick_behavior(behavior);
        ticks.tick().await;
        sleep(53 * MS).await;
        assert_eq!(ticks.tick().await - start, 50 * MS);
        assert_eq!(ticks.tick().await - start, 100 * MS);
    }
}

#[rt_core::test(start_paused = true)]
async fn the_first_tick_comes_at_the_start() {
    let start = Instant::now();
    let mut ticks = interval_at(start + 20 * MS, 10 * MS);
    assert_eq!(ticks.period(), 10 * MS);
    assert_eq!(poll(&mut ticks, start), None);
    assert_eq!(ticks.tick().await, start + 20 * MS);
    assert_eq!(ticks.tick().await, start + 30 * MS);
    let mut ticks = interval_at(start, 10 * MS);
    for due in [0, 10, 20, 30] {
        assert_eq!(poll(&mut ticks, start), Some(due));
    }
    assert_eq!(poll(&mut ticks, start), None);
}

#[rt_core::test(start_paused = true)]
async fn resets_hold() {
    let start = Instant::now();
    let mut ticks = interval(100 * MS);
    ticks.tick().await;
    time::advance(60 * MS).await;
    ticks.reset();
    assert_eq!(ticks.tick().await, start + 160 * MS);

    assert_eq!(poll(&mut ticks, start), None);
    ticks.reset_immediately();
    assert_eq!(poll(&mut ticks, start), Some(160));
    assert_eq!(ticks.tick().await, start + 260 * MS);

    ticks.reset_after(20 * MS);
    assert_eq!(ticks.tick().await, start + 280 * MS);
    assert_eq!(ticks.tick().await, start + 380 * MS);

    ticks.reset_at(start + 700 * MS);
    assert_eq!(ticks.tick().await, start + 700 * MS);
    assert_eq!(ticks.tick().await, start + 800 * MS);

    // To the past.
    ticks.reset_at(start);
    assert_eq!(poll(&mut ticks, start), Some(0));
    assert_eq!(poll(&mut ticks, start), Some(100));
}

#[rt_core::test(start_paused = true)]
async fn a_cancelled_tick_is_not_lost() {
    let start = Instant::now();
    let mut ticks = interval(10 * MS);
    ticks.tick().await;
    for _ in 0..3 {
        assert!(time::timeout(2 * MS, ticks.tick()).await.is_err());
    }
    assert_eq!(ticks.tick().await, start + 10 * MS);
}

#[rt_core::test]
async fn ticks_keep_to_the_period_in_real_time() {
    let mut ticks = interval(2 * MS);
    let first = ticks.tick().await;
    for i in 1..10 {
        let due = ticks.tick().await;
        assert_eq!(due, first + 2 * i * MS);
        assert!(Instant::now() >= due);
    }
}

#[test]
#[should_panic(expected = "non-zero")]
fn a_period_of_zero_panics() {
    let runtime = rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { drop(interval(Duration::ZERO)) });
}

#[test]
#[should_panic(expected = "no runtime here")]
fn outside_of_a_runtime_it_panics() {
    drop(interval(MS));
}
