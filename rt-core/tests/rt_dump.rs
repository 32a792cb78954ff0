//! Dumps tell where tasks wait, and do nothing else to them.
#![cfg(all(feature = "full", feature = "taskdump"))]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use rt_core::runtime::dump::{Trace, trace_with};
use rt_core::runtime::{Builder, Handle, LocalRuntime, Runtime};
use rt_core::sync::{Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use rt_core::task::yield_now;

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

#[inline(never)]
async fn outer() {
    black_box(inner()).await;
}

#[inline(never)]
async fn inner() {
    loop {
        black_box(yield_now()).await;
    }
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "optimized, a call in tail position has no frame")]
fn a_trace_names_the_functions_from_the_task_to_the_leaf() {
    for runtime in runtimes() {
        let dump = runtime.block_on(async {
            for _ in 0..3 {
                rt_core::spawn(outer());
            }
            Handle::current().dump().await
        });
        let traces: Vec<_> = dump.tasks().iter().map(|task| task.trace().to_string()).collect();
        assert_eq!(traces.len(), 3);
        for trace in traces {
            let leaf =
                if cfg!(feature = "_facade") { "tokio::task::yield_now" } else { "rt_core::task::yield_now" };
            let places: Vec<_> = ["rt_dump::outer", "rt_dump::inner", leaf]
                .into_iter()
                .map(|name| trace.find(name).unwrap_or_else(|| panic!("{name} isn't in\n{trace}")))
                .collect();
            assert!(places.is_sorted(), "from the outside in:\n{trace}");
            assert!(trace.contains(&format!("{}:", file!())), "{trace}");
            assert!(!trace.contains("capture"), "nothing of the capture itself:\n{trace}");
        }
    }
}

#[inline(never)]
async fn waits_to_read(lock: Arc<RwLock<()>>) {
    drop(black_box(lock.read()).await);
}

#[inline(never)]
async fn waits_to_write(lock: Arc<RwLock<()>>) {
    drop(black_box(lock.write_owned()).await);
}

#[inline(never)]
async fn waits_to_be_notified(notify: Arc<Notify>) {
    black_box(notify.notified()).await;
}

#[inline(never)]
async fn waits_for_a_change(mut receiver: watch::Receiver<()>) {
    let _ = black_box(receiver.changed()).await;
}

#[inline(never)]
async fn waits_for_a_broadcast(mut receiver: broadcast::Receiver<()>) {
    let _ = black_box(receiver.recv()).await;
}

#[test]
fn a_task_that_stands_in_a_line_shows_where() {
    for runtime in runtimes() {
        let lock = Arc::new(RwLock::new(()));
        let held = lock.clone().try_write_owned().unwrap();
        let (changing, changed) = watch::channel(());
        let (sending, received) = broadcast::channel(1);
        runtime.spawn(waits_to_read(lock.clone()));
        runtime.spawn(waits_to_write(lock));
        runtime.spawn(waits_to_be_notified(Arc::new(Notify::new())));
        runtime.spawn(waits_for_a_change(changed));
        runtime.spawn(waits_for_a_broadcast(received));
        // The first of these leaves them in their lines.
        for _ in 0..2 {
            let dump = runtime.block_on(runtime.handle().dump());
            let traces = dump.tasks().iter().map(|task| task.trace().to_string()).collect::<String>();
            for function in [
                "waits_to_read",
                "waits_to_write",
                "waits_to_be_notified",
                "waits_for_a_change",
                "waits_for_a_broadcast",
            ] {
                assert!(traces.contains(function), "{function} is missing in {traces}");
            }
        }
        drop((held, changing, sending));
    }
}

#[test]
fn whatever_a_task_waits_for_it_is_found() {
    for runtime in runtimes() {
        let mutex = Arc::new(Mutex::new(()));
        let notify = Arc::new(Notify::new());
        let (sender, mut receiver) = mpsc::channel::<()>(1);
        let (_keep, once) = oneshot::channel::<()>();
        let guard = mutex.clone().try_lock_owned().unwrap();
        runtime.spawn(async { rt_core::time::sleep(Duration::from_secs(600)).await });
        runtime.spawn(async move { receiver.recv().await });
        runtime.spawn(once);
        runtime.spawn({
            let mutex = mutex.clone();
            async move { drop(mutex.lock().await) }
        });
        runtime.spawn({
            let notify = notify.clone();
            async move { notify.notified().await }
        });
        runtime.spawn(async { rt_core::spawn(std::future::pending::<()>()).await });
        // The seventh is there after the first poll of the sixth.
        while runtime.block_on(runtime.handle().dump()).tasks().iter().count() < 7 {}
        let dump = runtime.block_on(runtime.handle().dump());
        let traces: Vec<_> = dump.tasks().iter().map(|task| task.trace().to_string()).collect();
        let some = |name: &str| traces.iter().any(|trace| trace.contains(name));
        for name in ["time::sleep", "mpsc", "oneshot", "mutex", "notify", "join"] {
            assert!(some(name), "{name} isn't in\n{}", traces.join("\n"));
        }
        // The seventh waits for nothing that a runtime knows.
        assert_eq!((traces.len(), traces.iter().filter(|trace| trace.is_empty()).count()), (7, 1));
        drop((guard, sender));
    }
}

#[test]
fn tasks_lose_nothing_by_dumps() {
    const TASKS: usize = 300;
    const MESSAGES: usize = 50;

    for runtime in runtimes() {
        let (sender, mut receiver) = mpsc::channel(16);
        let permits = Arc::new(Semaphore::new(7));
        for _ in 0..TASKS {
            let (sender, permits) = (sender.clone(), permits.clone());
            runtime.spawn(async move {
                for _ in 0..MESSAGES {
                    let _permit = permits.acquire().await.unwrap();
                    sender.send(()).await.unwrap();
                }
            });
        }
        drop(sender);
        let done = Arc::new(AtomicBool::new(false));
        let dumps = runtime.spawn({
            let done = done.clone();
            async move {
                let mut dumps = 0;
                while !done.load(Ordering::SeqCst) {
                    drop(Handle::current().dump().await);
                    dumps += 1;
                }
                dumps
            }
        });
        let received = runtime.block_on(async {
            let mut received = 0;
            while receiver.recv().await.is_some() {
                received += 1;
            }
            received
        });
        assert_eq!(received, TASKS * MESSAGES);
        done.store(true, Ordering::SeqCst);
        assert!(runtime.block_on(dumps).unwrap() > 0);
        assert_eq!(permits.available_permits(), 7);
    }
}

/// Where there is nothing to wait for either.
#[test]
fn who_dumps_again_and_again_gives_way() {
    for runtime in runtimes() {
        let done = Arc::new(AtomicBool::new(false));
        let dumps = runtime.spawn({
            let done = done.clone();
            async move {
                for _ in 0..100_000 {
                    if done.load(Ordering::SeqCst) {
                        return;
                    }
                    drop(Handle::current().dump().await);
                }
                panic!("nobody else had a turn");
            }
        });
        runtime.block_on(async {
            yield_now().await;
            done.store(true, Ordering::SeqCst);
            dumps.await.unwrap();
        });
    }
}

#[test]
fn thousands_of_busy_tasks_are_all_found() {
    const TASKS: usize = if cfg!(debug_assertions) { 2_000 } else { 10_000 };

    for runtime in runtimes() {
        let stop = Arc::new(AtomicBool::new(false));
        let ended = Arc::new(AtomicUsize::new(0));
        for _ in 0..TASKS {
            let (stop, ended) = (stop.clone(), ended.clone());
            runtime.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    yield_now().await;
                }
                ended.fetch_add(1, Ordering::Relaxed);
            });
        }
        for _ in 0..3 {
            let found = runtime.block_on(runtime.handle().dump()).tasks().iter().count();
            assert_eq!(found, TASKS);
        }
        stop.store(true, Ordering::Relaxed);
        runtime.block_on(async {
            while ended.load(Ordering::Relaxed) < TASKS {
                yield_now().await;
            }
        });
    }
}

#[test]
fn a_cancelled_dump_lets_the_tasks_go_on() {
    for runtime in runtimes() {
        let (sender, receiver) = oneshot::channel();
        let task = runtime.spawn(receiver);
        runtime.block_on(async {
            yield_now().await;
            let mut dump = Box::pin(runtime.handle().dump());
            let _ = futures::poll!(&mut dump);
            drop(dump);
            sender.send(5).unwrap();
            assert_eq!(task.await.unwrap(), Ok(5));
        });
    }
}

#[test]
fn a_blocked_task_is_left_out() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (entered, has_entered) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let task = runtime.spawn(async move {
        rt_core::task::block_in_place(|| {
            entered.send(()).unwrap();
            may_go_on.recv().unwrap();
        });
        yield_now().await;
    });
    has_entered.recv().unwrap();
    assert_eq!(runtime.block_on(runtime.handle().dump()).tasks().iter().count(), 0);
    go_on.send(()).unwrap();
    runtime.block_on(task).unwrap();
}

#[test]
fn a_runtime_that_nobody_drives_isnt_waited_for_long() {
    let local = LocalRuntime::new().unwrap();
    let task = local.spawn_local(async {
        yield_now().await;
        5
    });
    // It waits now, and nobody is there to poll it.
    local.block_on(async { yield_now().await });
    let handle = local.handle().clone();
    let elsewhere = std::thread::spawn(move || {
        let other = Builder::new_current_thread().enable_all().build().unwrap();
        other.block_on(handle.dump()).tasks().iter().count()
    });
    assert_eq!(elsewhere.join().unwrap(), 0);
    assert_eq!(local.block_on(task).unwrap(), 5);
}

#[test]
fn children_of_a_task_are_not_stranded() {
    for runtime in runtimes() {
        let sum = runtime.block_on(async {
            let (senders, receivers): (Vec<_>, Vec<_>) = (0..10).map(|_| oneshot::channel::<usize>()).unzip();
            let task = rt_core::spawn(async move {
                let mut set: FuturesUnordered<_> = receivers.into_iter().collect();
                let mut sum = 0;
                while let Some(value) = set.next().await {
                    sum += value.unwrap();
                }
                sum
            });
            for (value, sender) in senders.into_iter().enumerate() {
                sender.send(value).unwrap();
                drop(Handle::current().dump().await);
            }
            task.await.unwrap()
        });
        assert_eq!(sum, 45);
    }
}

#[test]
fn a_task_that_is_polled_at_the_moment_is_found_as_well() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (entered, has_entered) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let (sender, receiver) = oneshot::channel::<()>();
    let task = runtime.spawn(async move {
        rt_core::time::sleep(Duration::from_millis(1)).await;
        entered.send(()).unwrap();
        may_go_on.recv().unwrap();
        receiver.await
    });
    has_entered.recv().unwrap();
    runtime.block_on(async {
        let mut dump = Box::pin(runtime.handle().dump());
        assert!(futures::poll!(&mut dump).is_pending());
        go_on.send(()).unwrap();
        let dump = dump.await;
        let traces: Vec<_> = dump.tasks().iter().map(|task| task.trace().to_string()).collect();
        assert!(traces.len() == 1 && traces[0].contains("oneshot"), "{traces:?}");
        sender.send(()).unwrap();
        assert_eq!(task.await.unwrap(), Ok(()));
    });
}

#[test]
fn each_child_of_a_task_is_shown_once() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..10).map(|_| oneshot::channel::<usize>()).unzip();
    // It polls those again that are woken meanwhile, and only those that are woken.
    let task = runtime.spawn(async move {
        let set: FuturesUnordered<_> = receivers.into_iter().collect();
        set.count().await
    });
    let dump = runtime.block_on(runtime.handle().dump());
    let stacks: Vec<_> = dump.tasks().iter().map(|task| task.trace().resolve_backtraces().len()).collect();
    assert_eq!(stacks, [10]);
    drop(senders);
    assert_eq!(runtime.block_on(task).unwrap(), 10);
}

#[test]
fn a_dump_wakes_each_sleeping_worker_once() {
    for workers in [1, 2, 5] {
        let parks = Arc::new(AtomicUsize::new(0));
        let unparks = Arc::new(AtomicUsize::new(0));
        let count = |counter: &Arc<AtomicUsize>| {
            let counter = counter.clone();
            move || _ = counter.fetch_add(1, Ordering::SeqCst)
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .on_thread_park(count(&parks))
            .on_thread_unpark(count(&unparks))
            .enable_all()
            .build()
            .unwrap();
        let wait_for = |count: usize| {
            while parks.load(Ordering::SeqCst) < count {
                std::thread::yield_now();
            }
        };
        wait_for(workers);
        for dumps in 1..=20 {
            assert_eq!(runtime.block_on(runtime.handle().dump()).tasks().iter().count(), 0);
            wait_for((dumps + 1) * workers);
            assert_eq!(unparks.load(Ordering::SeqCst), dumps * workers);
        }
        assert_eq!(runtime.block_on(runtime.spawn(async { 5 })).unwrap(), 5);
    }
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "optimized, a call in tail position has no frame")]
fn a_capture_of_ones_own_begins_at_its_root() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut future = Box::pin(Trace::root(outer()));
        std::future::poll_fn(|cx| {
            let (polled, trace) = Trace::capture(|| future.as_mut().poll(cx));
            assert!(polled.is_pending());
            let [backtrace] = &trace.resolve_backtraces()[..] else { panic!("{trace}") };
            let names: Vec<_> = backtrace
                .frames()
                .flat_map(|frame| frame.symbols().filter_map(|s| s.name_demangled()))
                .collect();
            assert!(names.first().unwrap().contains("yield_now"), "{names:?}");
            assert!(names.iter().any(|name| name.contains("rt_dump::outer")), "{names:?}");
            assert!(!names.iter().any(|name| name.contains("block_on")), "{names:?}");

            assert!(!Handle::is_tracing());
            let mut leaves = 0;
            let polled = trace_with(
                || {
                    assert!(Handle::is_tracing());
                    future.as_mut().poll(cx)
                },
                |leaf| {
                    assert!(leaf.root_addr.is_some());
                    leaves += 1;
                },
            );
            assert!(polled.is_pending());
            assert_eq!(leaves, 1);
            std::task::Poll::Ready(())
        })
        .await;
    });
}

/// Dumps of so many busy tasks, so often: each finds all of them, and all go on and end.
fn dump_busy_tasks(runtime: &Runtime, tasks: usize, dumps: usize) {
    let stop = Arc::new(AtomicBool::new(false));
    let rounds: Arc<[AtomicUsize]> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
    let handles: Vec<_> = (0..tasks)
        .map(|task| {
            let (stop, rounds) = (stop.clone(), rounds.clone());
            runtime.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    yield_now().await;
                    rounds[task].fetch_add(1, Ordering::Relaxed);
                }
                task
            })
        })
        .collect();
    runtime.block_on(async {
        let mut before = vec![0; tasks];
        for dump in 0..dumps {
            let found = Handle::current().dump().await;
            assert_eq!(found.tasks().iter().count(), tasks, "dump {dump}");
            // Every hundredth time all have gone on, however often they were looked at.
            if dump % 100 == 99 {
                for (before, now) in before.iter_mut().zip(rounds.iter()) {
                    let now = now.load(Ordering::Relaxed);
                    assert!(now > *before);
                    *before = now;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        for (task, handle) in handles.into_iter().enumerate() {
            assert_eq!(handle.await.unwrap(), task);
        }
    });
}

#[test]
fn hundreds_of_dumps_of_busy_tasks_lose_nothing() {
    for runtime in runtimes() {
        dump_busy_tasks(&runtime, 100, 300);
    }
}

#[test]
#[ignore = "takes minutes: cargo test --release -p rt-core --all-features --test rt_dump -- --ignored"]
fn a_thousand_dumps_of_ten_thousand_busy_tasks_lose_nothing() {
    for runtime in runtimes() {
        let begun = std::time::Instant::now();
        dump_busy_tasks(&runtime, 10_000, 1_000);
        println!("{:?} on {:?}", begun.elapsed(), runtime.handle().runtime_flavor());
    }
}
