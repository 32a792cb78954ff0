//! The pool of blocking threads.
use std::time::Instant;

use super::common::{batches, ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::runtime::Runtime;
use rt::task::spawn_blocking;

const BATCH: u64 = 1_000;

pub(super) fn cases() -> Vec<Case> {
    let trip = "spawn_blocking of nothing, await it";
    vec![
        Case::speed("blocking/mt", trip, 1.5, || round_trip(mt())),
        Case::speed("blocking/ct", trip, 1.5, || round_trip(ct())),
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
