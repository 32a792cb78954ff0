//! What is requested of the allocator.
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::common::{mt, on_worker};
use super::rt;
use crate::alloc;
use crate::case::{Bar, Case, Unit, Workload};
use rt::runtime::Runtime;
use rt::sync::mpsc;

const TASKS: u64 = 10_000;
const ROUNDS: u64 = 1_000;

pub(super) fn cases() -> Vec<Case> {
    let none = |name, about, prepare| Case::gauge(name, about, Unit::Count, Bar::AtMost(0.0), prepare);
    vec![
        Case::gauge("task-bytes/mt", "bytes of a small idle task", Unit::Bytes, Bar::AtMost(96.0), || {
            task_footprint(|counts| counts.bytes)
        }),
        Case::gauge("task-allocs/mt", "allocations a spawn", Unit::Count, Bar::AtMost(1.0), || {
            task_footprint(|counts| counts.calls)
        }),
        none("yield-allocs/mt", "allocations a yield", || allocations_of(rt::task::yield_now)),
        none("sleep-allocs/mt", "allocations a sleep armed and dropped", || {
            allocations_of(|| async {
                let mut sleep = pin!(rt::time::sleep(Duration::from_secs(60)));
                let armed = poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx).is_pending())).await;
                assert!(armed);
            })
        }),
        none("mpsc-allocs/mt", "allocations a send and recv of a warm channel", channel_allocations),
    ]
}

/// What each of the second 10,000 tasks costs, which all stay. What a runtime allocates in slabs is in it; what it
/// allocates once, whatever comes, isn't.
fn task_footprint(figure: fn(alloc::Counts) -> u64) -> Workload {
    Box::new(move |_| {
        let runtime = mt();
        on_worker(&runtime, async move {
            let mut tasks = Vec::with_capacity(2 * TASKS as usize);
            let mut spawn_some = || {
                alloc::start();
                for _ in 0..TASKS {
                    tasks.push(rt::spawn(pending::<()>()));
                }
                alloc::stop()
            };
            spawn_some();
            let counts = spawn_some();
            tasks.iter().for_each(|task| task.abort());
            figure(counts) as f64 / TASKS as f64
        })
    })
}

/// A runtime whose threads have started, for what they allocate then is none of an operation's.
fn started_mt() -> Runtime {
    let runtime = mt();
    std::thread::sleep(Duration::from_millis(20));
    runtime
}

/// Allocations an operation, once it has been done as often before.
fn allocations_of<F>(operation: fn() -> F) -> Workload
where
    F: Future<Output = ()> + Send + 'static,
{
    Box::new(move |_| {
        let runtime = started_mt();
        on_worker(&runtime, async move {
            for _ in 0..ROUNDS {
                operation().await;
            }
            alloc::start();
            for _ in 0..ROUNDS {
                operation().await;
            }
            alloc::stop().calls as f64 / ROUNDS as f64
        })
    })
}

fn channel_allocations() -> Workload {
    Box::new(move |_| {
        let runtime = started_mt();
        on_worker(&runtime, async move {
            let (sender, mut receiver) = mpsc::channel(16);
            for nth in 0..2 * ROUNDS {
                if nth == ROUNDS {
                    alloc::start();
                }
                sender.send(nth).await.unwrap();
                assert_eq!(receiver.recv().await, Some(nth));
            }
            alloc::stop().calls as f64 / ROUNDS as f64
        })
    })
}
