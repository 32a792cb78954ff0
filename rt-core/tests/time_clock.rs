//! The clock that tests stop.
#![cfg(all(feature = "full", feature = "test-util"))]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::{Builder, Runtime};
use rt_core::time::{self, Duration, Instant, advance, sleep, timeout};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[rt_core::test]
async fn a_stopped_clock_stands_and_goes_on_from_there() {
    let start = Instant::now();
    time::pause();
    let stopped = Instant::now();
    std::thread::sleep(2 * MS);
    assert_eq!(Instant::now(), stopped);
    advance(10 * SECOND).await;
    assert_eq!(Instant::now(), stopped + 10 * SECOND);
    time::resume();
    let resumed = Instant::now();
    assert!(resumed >= stopped + 10 * SECOND && resumed < stopped + 70 * SECOND);
    std::thread::sleep(2 * MS);
    assert!(Instant::now() >= resumed + 2 * MS);
    time::pause();
    advance(10 * SECOND).await;
    assert!(start.elapsed() >= 20 * SECOND && start.elapsed() < 80 * SECOND);
}

#[rt_core::test(start_paused = true)]
async fn advance_fires_what_is_due_and_nothing_else() {
    let done = Arc::new(AtomicUsize::new(0));
    for after in [0, 1, 5, 5, 9, 10, 11, 20] {
        let done = done.clone();
        rt_core::spawn(async move {
            sleep(after * MS).await;
            done.fetch_add(1, Ordering::Relaxed);
        });
    }
    rt_core::task::yield_now().await;
    advance(10 * MS).await;
    assert_eq!(done.load(Ordering::Relaxed), 6);
    advance(MS).await;
    assert_eq!(done.load(Ordering::Relaxed), 7);
    advance(Duration::from_nanos(8_999_999)).await;
    assert_eq!(done.load(Ordering::Relaxed), 7);
    advance(Duration::from_nanos(1)).await;
    assert_eq!(done.load(Ordering::Relaxed), 8);
}

#[rt_core::test(start_paused = true)]
async fn a_polled_sleep_has_fired_after_advance() {
    let mut polled = pin!(sleep(5 * MS));
    let fresh = pin!(sleep(5 * MS));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(polled.as_mut().poll(&mut cx).is_pending());
    advance(5 * MS).await;
    assert!(polled.is_elapsed());
    assert!(polled.poll(&mut cx).is_ready());
    assert!(fresh.poll(&mut cx).is_ready());
}

#[rt_core::test(start_paused = true)]
async fn timers_armed_while_it_stood_fire_when_it_runs() {
    let start = Instant::now();
    let mut timer = pin!(sleep(3 * MS));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(timer.as_mut().poll(&mut cx).is_pending());
    advance(Duration::from_nanos(2_999_999)).await;
    assert!(!timer.is_elapsed());
    time::resume();
    timer.await;
    assert!(start.elapsed() >= 3 * MS);
}

#[test]
fn what_the_sleeper_reckoned_with_is_forgotten_over_a_pause() {
    // The driver sleeps for a timer far off; then the clock is moved to shortly before it, and runs again.
    for runtime in [current(), Builder::new_current_thread().enable_time().build().unwrap()] {
        let real = std::time::Instant::now();
        runtime.block_on(async {
            let far = rt_core::spawn(sleep(600 * SECOND));
            sleep(2 * MS).await;
            time::pause();
            advance(599 * SECOND + 995 * MS).await;
            time::resume();
            far.await.unwrap();
            // Standing still for longer than the alarm was set for.
            let near = rt_core::spawn(sleep(4 * MS));
            sleep(MS).await;
            time::pause();
            std::thread::sleep(6 * MS);
            rt_core::task::yield_now().await;
            time::resume();
            near.await.unwrap();
        });
        assert!(real.elapsed() < 60 * SECOND);
    }
}

#[rt_core::test(start_paused = true)]
async fn it_does_not_jump_while_a_blocking_closure_runs() {
    let start = Instant::now();
    let blocking = rt_core::task::spawn_blocking(|| std::thread::sleep(20 * MS));
    assert!(timeout(MS, blocking).await.is_ok());
    assert_eq!(start.elapsed(), Duration::ZERO);
    // Also when nobody waits for the closure, it jumps when that is done.
    drop(rt_core::task::spawn_blocking(|| std::thread::sleep(5 * MS)));
    let real = std::time::Instant::now();
    sleep(3_600 * SECOND).await;
    assert!(real.elapsed() >= 4 * MS && real.elapsed() < 600 * SECOND);
    assert_eq!(start.elapsed(), 3_600 * SECOND);
}

#[rt_core::test(start_paused = true)]
async fn it_does_not_jump_past_what_the_network_has_brought() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut server, _) = listener.accept().await.unwrap();
    let mut buffer = [0; 4];
    let waiting = rt_core::spawn(async move {
        timeout(SECOND, server.read_exact(&mut buffer)).await.map(|read| read.unwrap())
    });
    rt_core::task::yield_now().await;
    client.write_all(b"ping").await.unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(4));
}

#[rt_core::test(start_paused = true)]
async fn blocking_threads_see_the_same_time() {
    advance(90 * SECOND).await;
    let here = Instant::now();
    let there = rt_core::task::spawn_blocking(Instant::now).await.unwrap();
    assert_eq!(here, there);
}

#[test]
fn each_runtime_has_its_own_clock() {
    let (stopped, runs) = (current(), current());
    stopped.block_on(async {
        time::pause();
        advance(3_600 * SECOND).await;
    });
    let ahead = stopped.block_on(async { Instant::now() });
    let now = runs.block_on(async { Instant::now() });
    assert!(ahead > now + 3_000 * SECOND);
    assert!(Instant::now() < now + 3_000 * SECOND);
}

fn panic_of(f: impl Future) -> String {
    let outcome = catch_unwind(AssertUnwindSafe(|| drop(current().block_on(f))));
    let payload = outcome.expect_err("it doesn't panic");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
        + payload.downcast_ref::<&str>().copied().unwrap_or_default()
}

#[test]
fn misuse_panics() {
    let twice = async {
        time::pause();
        time::pause();
    };
    assert!(panic_of(twice).contains("paused already"));
    assert!(panic_of(async { time::resume() }).contains("isn't paused"));
    assert!(panic_of(advance(SECOND)).contains("isn't paused"));
    let too_far = async {
        time::pause();
        advance(Duration::MAX).await;
    };
    assert!(panic_of(too_far).contains("so far"));
    assert!(catch_unwind(time::pause).is_err());
    assert!(catch_unwind(time::resume).is_err());
    let multi = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| multi.block_on(async { time::pause() })));
    assert!(outcome.is_err());
}

#[test]
fn instants_calculate_as_those_of_std() {
    let now = Instant::now();
    let later = now + SECOND;
    assert_eq!(later - now, SECOND);
    assert_eq!(now - later, Duration::ZERO);
    assert_eq!(later.duration_since(now), SECOND);
    assert_eq!(now.checked_duration_since(later), None);
    assert_eq!(now.saturating_duration_since(later), Duration::ZERO);
    assert_eq!(later - SECOND, now);
    assert_eq!(later.checked_sub(SECOND), Some(now));
    assert_eq!(now.checked_add(SECOND), Some(later));
    assert_eq!(now.checked_add(Duration::MAX), None);
    let mut moved = now;
    moved += SECOND;
    assert_eq!(moved, later);
    moved -= SECOND;
    assert_eq!(moved, now);
    assert!(now < later);
    let std: std::time::Instant = now.into();
    assert_eq!(Instant::from(std), now);
    assert_eq!(format!("{now:?}"), format!("{std:?}"));
    assert!(catch_unwind(|| now + Duration::MAX).is_err());
}

#[test]
fn a_paused_clock_lets_what_a_closure_woke_go_on_first() {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let work = async {
            for _ in 0..5_000 {
                rt_core::task::spawn_blocking(|| ()).await.unwrap();
            }
        };
        timeout(3_600 * SECOND, work).await.expect("the clock stands while closures are at work");
    });
}
