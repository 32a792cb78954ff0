//! Spawning: one at a time, many at once, from inside, from outside, in a chain, by the million.
use std::sync::Arc;
use std::time::Instant;

use super::common::{batches, ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use crate::gate::{Countdown, Gate};
use rt::runtime::Runtime;

/// Large enough that the tasks don't all stay in the cache.
const MANY: u64 = 100_000;
const FEW: u64 = 1_000;

pub(super) fn cases() -> Vec<Case> {
    let one = "spawn a task, await it";
    let few = "spawn 1,000 tasks from a task, await all";
    let many = "spawn 100,000 tasks from a task, await all";
    let outside = "spawn 100,000 tasks from a thread outside, await all";
    let idle = "1,000,000 tasks spawned, idle, woken, ended";
    vec![
        Case::speed("spawn-join/mt", one, 2.0, || spawn_join(mt())),
        Case::speed("spawn-join/ct", one, 2.0, || spawn_join(ct())),
        Case::speed("spawn-1000/mt", few, 1.0, || spawn_many(mt(), FEW)),
        Case::speed("spawn-1000/ct", few, 1.0, || spawn_many(ct(), FEW)),
        Case::speed("spawn-many/mt", many, 2.5, || spawn_many(mt(), MANY)).fixed(MANY),
        Case::speed("spawn-many/ct", many, 2.5, || spawn_many(ct(), MANY)).fixed(MANY),
        // tokio #7973: one thread that spawns must not pay for shards.
        Case::speed("spawn-outside/mt", outside, 2.0, || spawn_outside(mt())).fixed(MANY),
        Case::speed("spawn-chain/mt", "each task spawns the next", 2.0, || spawn_chain(mt())).fixed(MANY),
        Case::speed("spawn-idle-1m/mt", idle, 2.0, || spawn_idle(mt())).fixed(1_000_000),
    ]
}

fn spawn_join(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for _ in 0..operations {
                rt::spawn(async {}).await.unwrap();
            }
            since(start)
        })
    })
}

fn spawn_many(runtime: Runtime, at_once: u64) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mut handles = Vec::with_capacity(at_once as usize);
            let start = Instant::now();
            for batch in batches(operations, at_once) {
                handles.extend((0..batch).map(|_| rt::spawn(async {})));
                for handle in handles.drain(..) {
                    handle.await.unwrap();
                }
            }
            since(start)
        })
    })
}

fn spawn_outside(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        let mut handles = Vec::with_capacity(operations as usize);
        let start = Instant::now();
        handles.extend((0..operations).map(|_| runtime.spawn(async {})));
        runtime.block_on(async {
            for handle in handles {
                handle.await.unwrap();
            }
        });
        since(start)
    })
}

fn spawn_chain(runtime: Runtime) -> Workload {
    fn link(left: u64, end: Arc<Gate>) {
        rt::spawn(async move {
            match left {
                0 => end.open(),
                left => link(left - 1, end),
            }
        });
    }
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let end = Arc::new(Gate::default());
            let start = Instant::now();
            link(operations - 1, end.clone());
            end.pass().await;
            since(start)
        })
    })
}

fn spawn_idle(runtime: Runtime) -> Workload {
    struct Shared {
        gates: Vec<Gate>,
        waiting: Countdown,
        ended: Countdown,
    }
    Box::new(move |operations| {
        let count = operations as usize;
        let gates = (0..count).map(|_| Gate::default()).collect();
        let shared = Arc::new(Shared { gates, waiting: Countdown::default(), ended: Countdown::default() });
        shared.waiting.expect(count);
        shared.ended.expect(count);
        on_worker(&runtime, async move {
            let start = Instant::now();
            for nth in 0..count {
                let shared = shared.clone();
                rt::spawn(async move {
                    shared.waiting.arrive();
                    shared.gates[nth].pass().await;
                    shared.ended.arrive();
                });
            }
            shared.waiting.done().await;
            for gate in &shared.gates {
                gate.open();
            }
            shared.ended.done().await;
            since(start)
        })
    })
}
