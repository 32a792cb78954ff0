//! Locks, signals and channels that many want, beside those of `locks.rs` and `channels.rs`.
use std::sync::Arc;
use std::time::Instant;

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::alloc;
use crate::case::{Bar, Case, Unit, Workload};
use crate::gate::Countdown;
use rt::runtime::Runtime;
use rt::sync::{Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, watch};
use rt::task::yield_now;

const RIVALS: u64 = 8;
/// Values that a broadcast channel keeps: receivers may lag a good deal, and don't lose any.
const RING: u64 = 128;

pub(super) fn cases() -> Vec<Case> {
    let rivals = "8 tasks, one write in ten";
    let held = "8 tasks, held over a yield: each one queues";
    let told = "two tasks, a notification there and one back";
    let all = "notify_waiters of 500 tasks, for each";
    let receivers = "a value to so many receivers, for each value";
    vec![
        Case::speed("rwlock-read-free/ct", "read lock and unlock, nobody else", 3.0, || rwlock_read(ct())),
        Case::speed("rwlock-write-free/ct", "write lock and unlock, nobody else", 3.0, || rwlock_write(ct())),
        Case::speed("rwlock-contended/mt", rivals, 1.5, || rwlock_contended(mt())),
        Case::speed("mutex-held/mt", held, 1.5, || mutex_held(mt())),
        Case::speed("semaphore-held/mt", held, 1.5, || semaphore_held(mt())),
        Case::speed("notify-ping-pong/mt", told, 1.5, || notify_ping_pong(mt())),
        Case::speed("notify-ping-pong/ct", told, 1.5, || notify_ping_pong(ct())),
        Case::speed("notify-waiters/mt", all, 1.5, || notify_waiters(mt())),
        Case::speed("notify-waiters/ct", all, 1.5, || notify_waiters(ct())),
        Case::speed("broadcast-10/mt", receivers, 1.5, || broadcast_to(mt(), 10)),
        Case::speed("broadcast-100/mt", receivers, 1.5, || broadcast_to(mt(), 100)),
        Case::speed("broadcast-1000/mt", receivers, 1.5, || broadcast_to(mt(), 1_000)),
        Case::speed("watch-one-task/ct", "send and changed in one task", 1.5, || watch_one_task(ct())),
        Case::speed("watch-1/mt", receivers, 1.5, || watch_to(mt(), 1)),
        Case::speed("watch-10/mt", receivers, 1.5, || watch_to(mt(), 10)),
        Case::speed("watch-100/mt", receivers, 1.5, || watch_to(mt(), 100)),
        Case::speed("mpsc-capacity-1/mt", "bounded to 1: a sending and a receiving task", 2.0, || {
            mpsc_capacity_one(mt())
        }),
        Case::gauge(
            "channel-bytes/ct",
            "bytes of an idle mpsc channel through which 200 messages went",
            Unit::Bytes,
            Bar::Faster(2.0),
            channel_bytes,
        ),
    ]
}

fn rwlock_read(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let lock = RwLock::new(1_u64);
            let mut sum = 0;
            let start = Instant::now();
            for _ in 0..operations {
                sum += *lock.read().await;
            }
            let took = since(start);
            assert_eq!(sum, operations);
            took
        })
    })
}

fn rwlock_write(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let lock = RwLock::new(0);
            let start = Instant::now();
            for _ in 0..operations {
                *lock.write().await += 1;
            }
            let took = since(start);
            assert_eq!(lock.into_inner(), operations);
            took
        })
    })
}

fn rwlock_contended(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let lock = Arc::new(RwLock::new(0));
            let rounds = operations.div_ceil(RIVALS);
            let start = Instant::now();
            let tasks = (0..RIVALS).map(|_| {
                let lock = lock.clone();
                rt::spawn(async move {
                    let mut seen = 0;
                    for round in 0..rounds {
                        if round % 10 == 0 {
                            *lock.write().await += 1;
                        } else {
                            seen = seen.max(*lock.read().await);
                        }
                    }
                    seen
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                assert!(task.await.unwrap() <= rounds * RIVALS);
            }
            since(start) * operations as f64 / (rounds * RIVALS) as f64
        })
    })
}

fn mutex_held(runtime: Runtime) -> Workload {
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
                        yield_now().await;
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

fn semaphore_held(runtime: Runtime) -> Workload {
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
                        yield_now().await;
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

fn notify_ping_pong(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let both = Arc::new((Notify::new(), Notify::new()));
            let answering = both.clone();
            let answerer = rt::spawn(async move {
                for _ in 0..operations {
                    answering.0.notified().await;
                    answering.1.notify_one();
                }
            });
            let start = Instant::now();
            for _ in 0..operations {
                both.0.notify_one();
                both.1.notified().await;
            }
            let took = since(start);
            answerer.await.unwrap();
            took
        })
    })
}

/// The next signal comes when all have got the last: a future counts from when it is made.
fn notify_waiters(runtime: Runtime) -> Workload {
    const TASKS: u64 = 500;
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let rounds = operations.div_ceil(TASKS);
            let shared = Arc::new((Notify::new(), Countdown::default()));
            shared.1.expect(TASKS as usize);
            let tasks: Vec<_> = (0..TASKS)
                .map(|_| {
                    let shared = shared.clone();
                    rt::spawn(async move {
                        let mut told = std::pin::pin!(shared.0.notified());
                        shared.1.arrive();
                        for _ in 0..rounds {
                            told.as_mut().await;
                            told.set(shared.0.notified());
                            shared.1.arrive();
                        }
                    })
                })
                .collect();
            shared.1.done().await;
            let start = Instant::now();
            for _ in 0..rounds {
                shared.1.expect(TASKS as usize);
                shared.0.notify_waiters();
                shared.1.done().await;
            }
            let took = since(start);
            for task in tasks {
                task.await.unwrap();
            }
            took * operations as f64 / (rounds * TASKS) as f64
        })
    })
}

/// The sender goes on when all have received as much as the ring holds.
fn broadcast_to(runtime: Runtime, receivers: usize) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, _) = broadcast::channel(RING as usize);
            let received = Arc::new(Countdown::default());
            let start = Instant::now();
            for _ in 0..receivers {
                let (mut receiver, received) = (sender.subscribe(), received.clone());
                rt::spawn(async move {
                    for expected in 0..operations {
                        assert_eq!(receiver.recv().await, Ok(expected));
                        if expected % RING == RING - 1 || expected + 1 == operations {
                            received.arrive();
                        }
                    }
                });
            }
            for value in 0..operations {
                if value % RING == 0 {
                    received.expect(receivers);
                }
                sender.send(value).unwrap();
                if value % 8 == 7 {
                    yield_now().await;
                }
                if value % RING == RING - 1 || value + 1 == operations {
                    received.done().await;
                }
            }
            since(start)
        })
    })
}

fn watch_one_task(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = watch::channel(0);
            let start = Instant::now();
            for value in 1..=operations {
                sender.send(value).unwrap();
                receiver.changed().await.unwrap();
                assert_eq!(*receiver.borrow_and_update(), value);
            }
            since(start)
        })
    })
}

/// The next value comes when all have seen the last.
fn watch_to(runtime: Runtime, receivers: usize) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, receiver) = watch::channel(0);
            let seen = Arc::new(Countdown::default());
            for _ in 0..receivers {
                let (mut receiver, seen) = (receiver.clone(), seen.clone());
                rt::spawn(async move {
                    for expected in 1..=operations {
                        receiver.changed().await.unwrap();
                        assert_eq!(*receiver.borrow_and_update(), expected);
                        seen.arrive();
                    }
                });
            }
            drop(receiver);
            let start = Instant::now();
            for value in 1..=operations {
                seen.expect(receivers);
                sender.send(value).unwrap();
                seen.done().await;
            }
            since(start)
        })
    })
}

fn mpsc_capacity_one(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let (sender, mut receiver) = mpsc::channel(1);
            let start = Instant::now();
            rt::spawn(async move {
                for nth in 0..operations {
                    sender.send(nth).await.unwrap();
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

/// Two bursts, so that a channel that keeps what it allocated for them is seen to do so.
fn channel_bytes() -> Workload {
    const CHANNELS: u64 = 1_000;
    Box::new(move |_| {
        on_worker(&ct(), async move {
            let mut channels = Vec::with_capacity(CHANNELS as usize);
            alloc::start();
            for _ in 0..CHANNELS {
                let (sender, mut receiver) = mpsc::channel::<[u64; 4]>(100);
                for _ in 0..2 {
                    for nth in 0..100 {
                        sender.send([nth; 4]).await.unwrap();
                    }
                    for nth in 0..100 {
                        assert_eq!(receiver.recv().await, Some([nth; 4]));
                    }
                }
                channels.push((sender, receiver));
            }
            let counts = alloc::stop();
            (counts.bytes - counts.freed) as f64 / CHANNELS as f64
        })
    })
}
