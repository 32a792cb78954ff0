//! Both schedulers: nothing spawned is lost, whatever happens around it.
#![cfg(feature = "full")]

use rt_core::runtime::{Builder, Handle, Runtime};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

fn multi(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs a test on each kind of runtime.
fn on_each(test: impl Fn(Runtime)) {
    test(current());
    test(multi(1));
    test(multi(2));
    test(multi(4));
}

#[test]
fn many_tasks_from_a_task() {
    on_each(|runtime| {
        let sum = runtime.block_on(async {
            let tasks: Vec<_> = (0..10_000_u64).map(|i| rt_core::spawn(async move { i })).collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 10_000 * 9_999 / 2);
    });
}

#[test]
fn a_current_thread_runtime_keeps_the_order_however_long_the_queue() {
    let ran = Arc::new(Mutex::new(Vec::new()));
    let log = |nth| {
        let ran = ran.clone();
        async move { ran.lock().unwrap().push(nth) }
    };
    current().block_on(async {
        let first: Vec<_> = (0..2_000).map(|nth| rt_core::spawn(log(nth))).collect();
        // Some have run, and there is room in the queue, behind which the rest still lies.
        for _ in 0..10 {
            rt_core::task::yield_now().await;
        }
        let then: Vec<_> = (2_000..3_000).map(|nth| rt_core::spawn(log(nth))).collect();
        for task in first.into_iter().chain(then) {
            task.await.unwrap();
        }
    });
    assert_eq!(*ran.lock().unwrap(), (0..3_000).collect::<Vec<_>>());
}

#[test]
fn tasks_that_yield_and_spawn() {
    fn tree(depth: u32) -> futures::future::BoxFuture<'static, u64> {
        Box::pin(async move {
            if depth == 0 {
                rt_core::task::yield_now().await;
                return 1;
            }
            let left = rt_core::spawn(tree(depth - 1));
            let right = rt_core::spawn(tree(depth - 1));
            left.await.unwrap() + right.await.unwrap()
        })
    }
    on_each(|runtime| assert_eq!(runtime.block_on(tree(10)), 1_024));
}

/// Queued without a word to others, as tasks that yield are, and nothing else is queued later.
#[test]
fn tasks_that_only_yield_come_to_use_both_workers() {
    async fn until_two_threads(seen: Arc<Mutex<HashSet<ThreadId>>>) {
        let start = Instant::now();
        loop {
            let threads = {
                let mut seen = seen.lock().unwrap();
                seen.insert(thread::current().id());
                seen.len()
            };
            if threads == 2 {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(3), "the other worker was never woken");
            rt_core::task::yield_now().await;
        }
    }
    let runtime = multi(2);
    let seen = Arc::new(Mutex::new(HashSet::new()));
    runtime.block_on(async {
        let first = rt_core::spawn(async move {
            // Until the other worker sleeps.
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(50) {
                rt_core::task::yield_now().await;
            }
            let second = rt_core::spawn(until_two_threads(seen.clone()));
            until_two_threads(seen).await;
            second.await.unwrap();
        });
        first.await.unwrap();
    });
}

#[test]
fn spawned_from_threads_while_workers_park_and_unpark() {
    const THREADS: usize = 8;
    let each: usize = if cfg!(debug_assertions) { 12_500 } else { 125_000 };
    let runtime = multi(4);
    let done = Arc::new(AtomicUsize::new(0));
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (handle, done, tell) = (runtime.handle().clone(), done.clone(), tell.clone());
            scope.spawn(move || {
                for i in 0..each {
                    let (done, tell) = (done.clone(), tell.clone());
                    handle.spawn(async move {
                        if i % 7 == 0 {
                            rt_core::task::yield_now().await;
                        }
                        if done.fetch_add(1, Ordering::AcqRel) + 1 == THREADS * each {
                            tell.send(()).unwrap();
                        }
                    });
                    // Now and then the workers run out of work and fall asleep.
                    if i % (1_000 + thread) == 0 {
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    told.recv_timeout(Duration::from_secs(60)).expect("a task was lost");
    // The last task tells us before it is complete.
    let begun = Instant::now();
    while runtime.metrics().num_alive_tasks() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "a task is counted as alive for ever");
        std::thread::yield_now();
    }
}

#[test]
fn a_panic_harms_only_its_task() {
    on_each(|runtime| {
        runtime.block_on(async {
            let bad = rt_core::spawn(async { panic!("on purpose") });
            let good = rt_core::spawn(async { 1 });
            assert!(bad.await.unwrap_err().is_panic());
            assert_eq!(good.await.unwrap(), 1);
        });
    });
}

#[test]
fn dropping_a_runtime_drops_its_tasks() {
    struct Count(Arc<AtomicUsize>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    on_each(|runtime| {
        let dropped = Arc::new(AtomicUsize::new(0));
        for i in 0..500 {
            let count = Count(dropped.clone());
            runtime.spawn(async move {
                let _count = count;
                for _ in 0..i % 5 {
                    rt_core::task::yield_now().await;
                }
                std::future::pending::<()>().await;
            });
        }
        let left = rt_core::runtime::Handle::clone(runtime.handle());
        runtime.block_on(rt_core::task::yield_now());
        drop(runtime);
        assert_eq!(dropped.load(Ordering::SeqCst), 500);
        // What comes after is cancelled.
        let late = left.spawn(async {});
        let error = futures::executor::block_on(late).unwrap_err();
        assert!(error.is_cancelled());
    });
}

#[test]
fn a_destructor_may_spawn_and_wake_during_the_shutdown() {
    struct Spawner(Handle);
    impl Drop for Spawner {
        fn drop(&mut self) {
            self.0.spawn(async { std::future::pending::<()>().await });
        }
    }
    on_each(|runtime| {
        let handle = runtime.handle().clone();
        for _ in 0..50 {
            let spawner = Spawner(handle.clone());
            let other = runtime.spawn(std::future::pending::<()>());
            runtime.spawn(async move {
                let _spawner = spawner;
                let _ = other.await;
            });
        }
        runtime.block_on(rt_core::task::yield_now());
        drop(runtime);
    });
}

#[test]
fn runtimes_dropped_at_any_moment() {
    for round in 0..200 {
        let runtime = multi(2);
        let barrier = Arc::new(Barrier::new(2));
        let waker = {
            let (handle, barrier) = (runtime.handle().clone(), barrier.clone());
            std::thread::spawn(move || {
                barrier.wait();
                for _ in 0..round {
                    handle.spawn(async {
                        rt_core::spawn(async { rt_core::task::yield_now().await });
                        rt_core::task::yield_now().await;
                    });
                }
            })
        };
        barrier.wait();
        for _ in 0..round % 17 {
            std::hint::spin_loop();
        }
        drop(runtime);
        waker.join().unwrap();
    }
}

#[test]
fn a_blocked_worker_delays_nobody() {
    let runtime = multi(2);
    let latency = runtime.block_on(async {
        rt_core::spawn(async {
            let stop = Arc::new(AtomicBool::new(false));
            let begun = Instant::now();
            // One task behind in the LIFO slot, some in the queue.
            let others: Vec<_> = (0..10).map(|_| rt_core::spawn(async move { begun.elapsed() })).collect();
            std::thread::sleep(Duration::from_millis(500));
            stop.store(true, Ordering::Relaxed);
            let mut worst = Duration::ZERO;
            for other in others {
                worst = worst.max(other.await.unwrap());
            }
            worst
        })
        .await
        .unwrap()
    });
    assert!(latency < Duration::from_millis(100), "waited {latency:?} behind a blocked worker");
}

#[test]
fn with_all_workers_blocked_another_is_added() {
    let runtime = multi(2);
    let blocked = Arc::new(Barrier::new(3));
    for _ in 0..2 {
        let blocked = blocked.clone();
        runtime.spawn(async move {
            blocked.wait();
            std::thread::sleep(Duration::from_millis(500));
        });
    }
    blocked.wait();
    let begun = Instant::now();
    let task = runtime.spawn(async move { begun.elapsed() });
    let latency = runtime.block_on(task).unwrap();
    assert!(latency < Duration::from_millis(100), "waited {latency:?} behind blocked workers");
}

#[test]
fn block_in_place_hands_the_worker_over() {
    let runtime = multi(1);
    let value = runtime.block_on(async {
        rt_core::spawn(async {
            let (tell, told) = mpsc::channel();
            rt_core::spawn(async move { tell.send(7).unwrap() });
            // The only worker is busy here, so another thread must run the task.
            let value = rt_core::task::block_in_place(|| told.recv_timeout(Duration::from_secs(10)).unwrap());
            rt_core::task::yield_now().await;
            let nested = rt_core::task::block_in_place(|| Handle::current().block_on(async { 1 }));
            value + nested
        })
        .await
        .unwrap()
    });
    assert_eq!(value, 8);
}

#[test]
fn several_threads_in_block_on_of_one_current_thread_runtime() {
    let runtime = Arc::new(current());
    let threads: Vec<_> = (0..4_u64)
        .map(|i| {
            let runtime = runtime.clone();
            std::thread::spawn(move || {
                runtime.block_on(async move {
                    let mut sum = 0;
                    for k in 0..200 {
                        sum += rt_core::spawn(async move { i + k }).await.unwrap();
                        rt_core::task::yield_now().await;
                    }
                    sum
                })
            })
        })
        .collect();
    for (i, thread) in (0..4_u64).zip(threads) {
        assert_eq!(thread.join().unwrap(), 200 * i + 199 * 200 / 2);
    }
}

#[test]
#[should_panic(expected = "from within a runtime")]
fn block_on_inside_a_runtime_panics() {
    let runtime = current();
    runtime.block_on(async { Handle::current().block_on(async {}) });
}

#[test]
fn a_runtime_may_be_dropped_in_a_task() {
    let outer = multi(1);
    outer.block_on(async {
        let inner = multi(1);
        inner.spawn(std::future::pending::<()>());
        drop(inner);
        drop(current());
    });
}

/// Also when the driver's turn, which the yields bring about now and then, comes between the two.
#[test]
fn a_yield_in_block_on_waits_for_what_was_woken_outside() {
    let runtime = current();
    let notify = Arc::new(rt_core::sync::Notify::new());
    let told = Arc::new(AtomicUsize::new(0));
    runtime.spawn({
        let (notify, told) = (notify.clone(), told.clone());
        async move {
            loop {
                notify.notified().await;
                told.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    runtime.block_on(rt_core::task::yield_now());
    for round in 1..=50 {
        notify.notify_one();
        runtime.block_on(rt_core::task::yield_now());
        assert_eq!(told.load(Ordering::Relaxed), round);
    }
}

/// A pool of connections makes a new one in a task that it spawns as it hands out the last, and its user counts them then
/// (bb8's tests do).
#[test]
fn the_future_of_block_on_goes_behind_what_was_queued_before_its_wake() {
    current().block_on(async {
        let spawned_ran = Arc::new(AtomicBool::new(false));
        let (told, wait) = rt_core::sync::oneshot::channel();
        let seen = spawned_ran.clone();
        rt_core::spawn(async move {
            rt_core::spawn(async move { spawned_ran.store(true, Ordering::Relaxed) });
            told.send(()).unwrap();
        });
        wait.await.unwrap();
        assert!(seen.load(Ordering::Relaxed));
    });
}

/// Tasks that go on for ever don't keep it waiting: it is behind those alone that were there, in their order.
#[test]
fn the_future_of_block_on_goes_before_what_was_queued_after_its_wake() {
    current().block_on(async {
        let order = Arc::new(Mutex::new(Vec::new()));
        let (told, wait) = rt_core::sync::oneshot::channel();
        let (first, then) = (order.clone(), order.clone());
        rt_core::spawn(async move { told.send(()).unwrap() });
        rt_core::spawn(async move {
            first.lock().unwrap().push("queued before");
            rt_core::spawn(async move { then.lock().unwrap().push("queued after") });
        });
        wait.await.unwrap();
        assert_eq!(*order.lock().unwrap(), ["queued before"]);
    });
}
