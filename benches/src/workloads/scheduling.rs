//! Turns of tasks: yields and wake storms.
use std::sync::Arc;
use std::time::Instant;

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use crate::gate::{Countdown, Gate};
use rt::runtime::Runtime;

const CROWD: u64 = 100;
const STORM: u64 = 1_000;

pub(super) fn cases() -> Vec<Case> {
    let (lone, crowd) = ("yield_now, no other task is ready", "yield_now among 100 tasks");
    let storm = "one task wakes 1,000, awaits their answers";
    vec![
        Case::speed("yield-lone/mt", lone, 4.0, || yield_lone(mt())),
        Case::speed("yield-lone/ct", lone, 4.0, || yield_lone(ct())),
        Case::speed("yield-100/mt", crowd, 1.2, || yield_crowd(mt())),
        Case::speed("yield-100/ct", crowd, 1.2, || yield_crowd(ct())),
        Case::speed("wake-storm/mt", storm, 1.0, || wake_storm(mt())),
        Case::speed("wake-storm/ct", storm, 1.0, || wake_storm(ct())),
    ]
}

fn yield_lone(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for _ in 0..operations {
                rt::task::yield_now().await;
            }
            since(start)
        })
    })
}

fn yield_crowd(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            let tasks: Vec<_> = (0..CROWD)
                .map(|_| {
                    rt::spawn(async move {
                        for _ in 0..operations.div_ceil(CROWD) {
                            rt::task::yield_now().await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            // The last round is rounded up for each task: take the time of what was asked for.
            since(start) * operations as f64 / (operations.div_ceil(CROWD) * CROWD) as f64
        })
    })
}

fn wake_storm(runtime: Runtime) -> Workload {
    let gates: Arc<Vec<Gate>> = Arc::new((0..STORM).map(|_| Gate::default()).collect());
    let answers = Arc::new(Countdown::default());
    for nth in 0..STORM as usize {
        let (gates, answers) = (gates.clone(), answers.clone());
        runtime.spawn(async move {
            loop {
                gates[nth].pass().await;
                answers.arrive();
            }
        });
    }
    Box::new(move |operations| {
        let (gates, answers) = (gates.clone(), answers.clone());
        on_worker(&runtime, async move {
            let rounds = operations.div_ceil(STORM);
            let start = Instant::now();
            for _ in 0..rounds {
                answers.expect(gates.len());
                gates.iter().for_each(Gate::open);
                answers.done().await;
            }
            since(start) * operations as f64 / (rounds * STORM) as f64
        })
    })
}
