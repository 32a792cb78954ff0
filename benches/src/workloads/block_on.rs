//! `block_on` from a thread outside of the runtime.
use std::time::Instant;

use super::common::{ct, mt, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::runtime::Runtime;

pub(super) fn cases() -> Vec<Case> {
    let (hop, ready) = ("block_on of a task: over to the runtime and back", "block_on of a ready future");
    vec![
        Case::speed("block_on-hop/mt", hop, 1.0, || block_on_hop(mt())),
        Case::speed("block_on-hop/ct", hop, 1.0, || block_on_hop(ct())),
        Case::speed("block_on-ready/mt", ready, 1.0, || block_on_ready(mt())),
        Case::speed("block_on-ready/ct", ready, 5.0, || block_on_ready(ct())),
    ]
}

fn block_on_hop(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        let start = Instant::now();
        for _ in 0..operations {
            runtime.block_on(runtime.spawn(async {})).unwrap();
        }
        since(start)
    })
}

fn block_on_ready(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        let start = Instant::now();
        for nth in 0..operations {
            std::hint::black_box(runtime.block_on(async move { std::hint::black_box(nth) }));
        }
        since(start)
    })
}
