//! Timers by the hundred thousand.
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use std::time::Instant as Clock;

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Unit, Workload};
use crate::gate::Countdown;
use crate::usage::process_cpu_ns;
use rt::runtime::Runtime;
use rt::time::{Instant, Sleep, sleep, sleep_until};

const TIMERS: u64 = 100_000;
/// Time to arm all of them before the first one fires.
const HEAD_START: Duration = Duration::from_millis(300);

pub(super) fn cases() -> Vec<Case> {
    let (armed, fire) =
        ("100,000 sleeps armed, then dropped", "100,000 sleeping tasks fire within 100 ms and end");
    vec![
        Case::speed("sleeps-100k-dropped/mt", armed, 1.0, || armed_and_dropped(mt())).fixed(TIMERS),
        Case::speed("sleeps-100k-dropped/ct", armed, 1.0, || armed_and_dropped(ct())).fixed(TIMERS),
        Case::speed("sleeps-100k-fire/mt", fire, 1.0, || fire_all(mt()))
            .fixed(TIMERS)
            .counted_in(Unit::CpuNs),
        Case::speed("sleeps-100k-fire/ct", fire, 1.0, || fire_all(ct()))
            .fixed(TIMERS)
            .counted_in(Unit::CpuNs),
    ]
}

/// Numbers below `limit` that look random and are the same for both sides.
fn scattered(nth: u64, limit: u64) -> u64 {
    (nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) % limit
}

fn armed_and_dropped(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mut sleeps: Vec<Sleep> = Vec::with_capacity(operations as usize);
            let start = Clock::now();
            sleeps.extend(
                (0..operations).map(|nth| sleep(Duration::from_millis(60_000 + scattered(nth, 60_000)))),
            );
            poll_fn(|cx| {
                for sleep in &mut sleeps {
                    // SAFETY: no element moves from here on: the vector is neither grown nor moved
                    // out of this future, which is itself pinned, and drops its elements in place.
                    let sleep = unsafe { Pin::new_unchecked(sleep) };
                    assert!(sleep.poll(cx).is_pending());
                }
                Poll::Ready(())
            })
            .await;
            drop(sleeps);
            since(start)
        })
    })
}

/// Counts processor time, from when all are armed until all have ended: wall time would be the
/// length of the window.
fn fire_all(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (armed, ended) = (Arc::new(Countdown::default()), Arc::new(Countdown::default()));
            armed.expect(operations as usize);
            ended.expect(operations as usize);
            let first = Instant::now() + HEAD_START;
            for nth in 0..operations {
                let (armed, ended) = (armed.clone(), ended.clone());
                rt::spawn(async move {
                    armed.arrive();
                    sleep_until(first + Duration::from_micros(scattered(nth, 100_000))).await;
                    ended.arrive();
                });
            }
            armed.done().await;
            let before = process_cpu_ns();
            ended.done().await;
            process_cpu_ns() - before
        })
    })
}
