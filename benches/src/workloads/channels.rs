//! Channels: within a task, between tasks, with several senders.
use std::time::Instant;

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::runtime::Runtime;
use rt::sync::{mpsc, oneshot};

const CAPACITY: usize = 1_000;

pub(super) fn cases() -> Vec<Case> {
    let ping = "two tasks, a message there and one back";
    vec![
        Case::speed("ping-pong/mt", ping, 1.5, || ping_pong(mt())),
        Case::speed("ping-pong/ct", ping, 1.5, || ping_pong(ct())),
        Case::speed("mpsc-one-task/ct", "bounded: send and recv in one task", 2.0, || mpsc_one_task(ct())),
        Case::speed("mpsc-1-producer/mt", "bounded to 1,000: a sending and a receiving task", 2.0, || {
            mpsc_producers(mt(), 1)
        }),
        Case::speed("mpsc-5-producers/mt", "bounded to 1,000: five sending tasks", 2.0, || {
            mpsc_producers(mt(), 5)
        }),
        Case::speed("unbounded-one-task/ct", "unbounded: send and recv in one task", 1.0, || {
            unbounded_one_task(ct())
        }),
        Case::speed("unbounded-1-producer/mt", "unbounded: bursts of 1,000 to another task", 1.0, || {
            unbounded_producer(mt())
        }),
        Case::speed("oneshot-one-task/ct", "oneshot made, sent, received in one task", 1.0, || {
            oneshot_one_task(ct())
        }),
        Case::speed("oneshot-two-tasks/mt", "a request by mpsc, its answer by oneshot", 1.0, || {
            oneshot_two_tasks(mt())
        }),
    ]
}

fn ping_pong(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (ping, mut pinged) = mpsc::channel::<u64>(1);
            let (pong, mut ponged) = mpsc::channel::<u64>(1);
            let answerer = rt::spawn(async move {
                while let Some(ball) = pinged.recv().await {
                    pong.send(ball).await.unwrap();
                }
            });
            let start = Instant::now();
            for ball in 0..operations {
                ping.send(ball).await.unwrap();
                assert_eq!(ponged.recv().await, Some(ball));
            }
            let took = since(start);
            drop(ping);
            answerer.await.unwrap();
            took
        })
    })
}

fn mpsc_one_task(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = mpsc::channel(CAPACITY);
            let start = Instant::now();
            for nth in 0..operations {
                sender.send(nth).await.unwrap();
                assert_eq!(receiver.recv().await, Some(nth));
            }
            since(start)
        })
    })
}

fn mpsc_producers(runtime: Runtime, producers: u64) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = mpsc::channel(CAPACITY);
            let start = Instant::now();
            for producer in 0..producers {
                let sender = sender.clone();
                // The first ones take what doesn't divide evenly.
                let share = operations / producers + u64::from(producer < operations % producers);
                rt::spawn(async move {
                    for nth in 0..share {
                        sender.send(nth).await.unwrap();
                    }
                });
            }
            drop(sender);
            let mut received = 0;
            while receiver.recv().await.is_some() {
                received += 1;
            }
            assert_eq!(received, operations);
            since(start)
        })
    })
}

fn unbounded_one_task(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = mpsc::unbounded_channel();
            let start = Instant::now();
            for nth in 0..operations {
                sender.send(nth).unwrap();
                assert_eq!(receiver.recv().await, Some(nth));
            }
            since(start)
        })
    })
}

/// The sender gives way after each 1,000, so that the queue's length doesn't depend on luck alone.
fn unbounded_producer(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = mpsc::unbounded_channel();
            let start = Instant::now();
            rt::spawn(async move {
                for nth in 0..operations {
                    sender.send(nth).unwrap();
                    if nth % 1_000 == 999 {
                        rt::task::yield_now().await;
                    }
                }
            });
            let mut received = 0;
            while receiver.recv().await.is_some() {
                received += 1;
            }
            assert_eq!(received, operations);
            since(start)
        })
    })
}

fn oneshot_one_task(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let start = Instant::now();
            for nth in 0..operations {
                let (sender, receiver) = oneshot::channel();
                sender.send(nth).unwrap();
                assert_eq!(receiver.await, Ok(nth));
            }
            since(start)
        })
    })
}

fn oneshot_two_tasks(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (requests, mut queue) = mpsc::channel::<(u64, oneshot::Sender<u64>)>(16);
            rt::spawn(async move {
                while let Some((request, answer)) = queue.recv().await {
                    answer.send(request).unwrap();
                }
            });
            let start = Instant::now();
            for nth in 0..operations {
                let (sender, receiver) = oneshot::channel();
                requests.send((nth, sender)).await.unwrap();
                assert_eq!(receiver.await, Ok(nth));
            }
            since(start)
        })
    })
}
