//! `select!` and `join!`.
use std::future::{pending, ready};
use std::hint::black_box;
use std::time::Instant;

use super::common::{ct, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::runtime::Runtime;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::speed("select-4/ct", "select! of four branches, one ready, fair", 2.0, || select_fair(ct())),
        Case::speed("select-4-biased/ct", "select! of four branches, the last ready, biased", 1.0, || {
            select_biased(ct())
        }),
        Case::speed("join-4/ct", "join! of four ready futures", 1.0, || join_four(ct())),
    ]
}

fn select_fair(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for nth in 0..operations {
                let chosen = rt::select! {
                    value = pending::<u64>() => value,
                    value = pending::<u64>() => value + 1,
                    value = ready(black_box(nth)) => value,
                    value = pending::<u64>() => value + 2,
                };
                black_box(chosen);
            }
            since(start)
        })
    })
}

fn select_biased(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for nth in 0..operations {
                let chosen = rt::select! {
                    biased;
                    value = pending::<u64>() => value,
                    value = pending::<u64>() => value + 1,
                    value = pending::<u64>() => value + 2,
                    value = ready(black_box(nth)) => value,
                };
                black_box(chosen);
            }
            since(start)
        })
    })
}

fn join_four(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for nth in 0..operations {
                let nth = black_box(nth);
                black_box(rt::join!(ready(nth), ready(nth), ready(nth), ready(nth)));
            }
            since(start)
        })
    })
}
