//! The pool of blocking threads.
use std::thread;
use std::time::{Duration, Instant};

use super::common::{batches, ct, mt, on_worker, since};
use super::rt;
use crate::case::{Bar, Case, Unit, Workload};
use rt::runtime::Runtime;
use rt::task::spawn_blocking;

const BATCH: u64 = 1_000;

pub(super) fn cases() -> Vec<Case> {
    let together = "100 closures that block for 10 ms, all at once: how late the last is";
    let trip = "spawn_blocking of nothing, await it";
    vec![
        // tokio #7757: what helps many threads must not cost one.
        Case::speed("blocking/mt", trip, 1.5, || round_trip(mt())),
        Case::speed("blocking/ct", trip, 1.5, || round_trip(ct())),
        Case::gauge("blocking-sleep/mt", together, Unit::LateUs, Bar::Faster(1.0), || sleepers(mt())),
        Case::speed("blocking-1000/mt", "1,000 spawn_blocking at once, await all", 2.5, || at_once(mt())),
    ]
}

fn round_trip(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for _ in 0..operations {
                spawn_blocking(|| ()).await.unwrap();
            }
            since(start)
        })
    })
}

fn at_once(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mut handles = Vec::with_capacity(BATCH as usize);
            let start = Instant::now();
            for batch in batches(operations, BATCH) {
                handles.extend((0..batch).map(|_| spawn_blocking(|| ())));
                for handle in handles.drain(..) {
                    handle.await.unwrap();
                }
            }
            since(start)
        })
    })
}

/// A pool that saves threads must not do so at the expense of closures that really block.
fn sleepers(runtime: Runtime) -> Workload {
    const BLOCK: Duration = Duration::from_millis(10);
    Box::new(move |_| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            let handles = (0..100).map(|_| spawn_blocking(|| thread::sleep(BLOCK)));
            for handle in handles.collect::<Vec<_>>() {
                handle.await.unwrap();
            }
            (start.elapsed() - BLOCK).as_nanos() as f64 / 1e3
        })
    })
}
