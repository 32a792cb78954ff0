//! Mutex and Semaphore, with and without others who want them.
use std::sync::Arc;
use std::time::Instant;

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::runtime::Runtime;
use rt::sync::{Mutex, Semaphore};

const RIVALS: u64 = 8;

pub(super) fn cases() -> Vec<Case> {
    let (rivals, held) = ("8 tasks, no pause", "8 tasks, held over a yield: each one queues");
    vec![
        Case::speed("mutex-free/ct", "lock and unlock, nobody else", 2.5, || mutex_free(ct())),
        Case::speed("mutex-contended/mt", rivals, 1.0, || mutex_contended(mt(), false)),
        Case::speed("mutex-held/ct", held, 1.0, || mutex_contended(ct(), true)),
        Case::speed("semaphore-free/ct", "acquire and release, nobody else", 2.5, || semaphore_free(ct())),
        Case::speed("semaphore-contended/mt", rivals, 1.0, || semaphore_contended(mt(), false)),
        Case::speed("semaphore-held/ct", held, 1.0, || semaphore_contended(ct(), true)),
    ]
}

fn mutex_free(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mutex = Mutex::new(0);
            let start = Instant::now();
            for _ in 0..operations {
                *mutex.lock().await += 1;
            }
            let took = since(start);
            assert_eq!(mutex.into_inner(), operations);
            took
        })
    })
}

fn semaphore_free(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let semaphore = Semaphore::new(3);
            let start = Instant::now();
            for _ in 0..operations {
                drop(semaphore.acquire().await.unwrap());
            }
            since(start)
        })
    })
}

fn mutex_contended(runtime: Runtime, hold: bool) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mutex = Arc::new(Mutex::new(0));
            let start = Instant::now();
            let tasks = (0..RIVALS).map(|_| {
                let mutex = mutex.clone();
                rt::spawn(async move {
                    for _ in 0..operations.div_ceil(RIVALS) {
                        let mut count = mutex.lock().await;
                        *count += 1;
                        if hold {
                            rt::task::yield_now().await;
                        }
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            since(start) * operations as f64 / *mutex.lock().await as f64
        })
    })
}

fn semaphore_contended(runtime: Runtime, hold: bool) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let semaphore = Arc::new(Semaphore::new(2));
            let rounds = operations.div_ceil(RIVALS);
            let start = Instant::now();
            let tasks = (0..RIVALS).map(|_| {
                let semaphore = semaphore.clone();
                rt::spawn(async move {
                    for _ in 0..rounds {
                        let permit = semaphore.acquire().await.unwrap();
                        if hold {
                            rt::task::yield_now().await;
                        }
                        drop(permit);
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            since(start) * operations as f64 / (rounds * RIVALS) as f64
        })
    })
}
