//! Single timers: what one costs, and how late it is.
use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::case::{Bar, Case, Unit, Workload};
use rt::runtime::Runtime;
use rt::time::{sleep, timeout};

const MINUTE: Duration = Duration::from_secs(60);
const MILLI: Duration = Duration::from_millis(1);
const TENTH: Duration = Duration::from_micros(100);
/// Sleeps a sample of the lateness rows takes: enough for a 99th percentile.
const SLEEPS: usize = 200;

pub(super) fn cases() -> Vec<Case> {
    let polled = "sleep(1 min) made, polled, dropped, in a task that the driver woke";
    let fresh = "sleep(1 min) made, polled, dropped, in a task spawned from outside";
    let late = |name, about, bar, prepare| Case::gauge(name, about, Unit::LateUs, bar, prepare);
    vec![
        Case::speed("sleep-polled/mt", polled, 5.0, || sleep_polled(mt(), true)),
        Case::speed("sleep-polled/ct", polled, 5.0, || sleep_polled(ct(), true)),
        Case::speed("sleep-polled-fresh/mt", fresh, 1.0, || sleep_polled(mt(), false)),
        // tokio #7226: timers in shards cost more than the lock that they saved.
        Case::speed("sleep-polled-both/mt", "the same on both workers at once, each", 5.0, || {
            sleep_polled_both(mt())
        }),
        Case::speed("timeout-ready/mt", "timeout(1 min) around a ready future", 4.0, || timeout_ready(mt())),
        Case::speed("timeout-yield/mt", "timeout(1 min) around one yield", 2.5, || timeout_yield(mt())),
        late("late-1ms-p50/mt", "lateness of sleep(1 ms), median", Bar::AtMost(100.0), || {
            lateness(mt(), MILLI, 0.5)
        }),
        late("late-1ms-p99/mt", "lateness of sleep(1 ms), 99th percentile", Bar::Faster(1.0), || {
            lateness(mt(), MILLI, 0.99)
        }),
        late("late-1ms-p50/ct", "lateness of sleep(1 ms), median", Bar::AtMost(100.0), || {
            lateness(ct(), MILLI, 0.5)
        }),
        late("late-100us-p50/mt", "lateness of sleep(100 us), median", Bar::AtMost(100.0), || {
            lateness(mt(), TENTH, 0.5)
        }),
        late("late-100us-p99/mt", "lateness of sleep(100 us), 99th percentile", Bar::Faster(1.0), || {
            lateness(mt(), TENTH, 0.99)
        }),
    ]
}

/// Polls a sleep once, which arms it, and drops it.
async fn arm_and_drop() {
    let mut sleep = pin!(sleep(MINUTE));
    let armed = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_pending())).await;
    assert!(armed);
}

/// With `woken`, the worker that runs the task is the one that turned the driver last, as for a task
/// that I/O or a timer woke. Otherwise the other worker may be the one that waits there, and has to
/// be woken, or not, for what this one arms.
fn sleep_polled(runtime: Runtime, woken: bool) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            if woken {
                sleep(MILLI).await;
            }
            let start = Instant::now();
            for _ in 0..operations {
                arm_and_drop().await;
            }
            since(start)
        })
    })
}

/// Both tasks start when both are on a worker: the second is spawned when the first one already
/// spins, so that it has to go to the other worker.
fn sleep_polled_both(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        let here = Arc::new(AtomicUsize::new(0));
        let measure = |here: Arc<AtomicUsize>| async move {
            here.fetch_add(1, SeqCst);
            while here.load(SeqCst) < 2 {
                std::hint::spin_loop();
            }
            let start = Instant::now();
            for _ in 0..operations {
                arm_and_drop().await;
            }
            since(start)
        };
        let first = runtime.spawn(measure(here.clone()));
        while here.load(SeqCst) == 0 {
            std::thread::yield_now();
        }
        let second = runtime.spawn(measure(here));
        runtime.block_on(async { (first.await.unwrap() + second.await.unwrap()) / 2.0 })
    })
}

fn timeout_ready(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for nth in 0..operations {
                assert_eq!(timeout(MINUTE, ready(nth)).await, Ok(nth));
            }
            since(start)
        })
    })
}

fn timeout_yield(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for _ in 0..operations {
                timeout(MINUTE, rt::task::yield_now()).await.unwrap();
            }
            since(start)
        })
    })
}

fn lateness(runtime: Runtime, duration: Duration, quantile: f64) -> Workload {
    Box::new(move |_| {
        on_worker(&runtime, async move {
            let mut late = Vec::with_capacity(SLEEPS);
            for _ in 0..SLEEPS {
                let start = Instant::now();
                sleep(duration).await;
                let slept = start.elapsed();
                assert!(slept >= duration, "woke after {slept:?} of {duration:?}");
                late.push((slept - duration).as_nanos() as f64 / 1e3);
            }
            late.sort_by(f64::total_cmp);
            late[(SLEEPS as f64 * quantile) as usize]
        })
    })
}
