//! A task that blocks its worker delays nobody else: not what is queued behind it, not the task it woke last,
//! not sockets that became ready, not timers that are due.
#![cfg(feature = "full")]

use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::{Semaphore, watch};
use std::collections::HashMap;
use std::ffi::OsString;
use std::future::Future;
use std::io::{Read, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError, mpsc};
use std::task::{Context, Wake};
use std::time::{Duration, Instant};

/// How long the blocking tasks block.
const BLOCKED: Duration = Duration::from_millis(1_000);

/// The promise is 10 ms. A machine that is busy with other things adds to that; what isn't rescued waits a hundred
/// times as long.
const SOON: Duration = Duration::from_millis(200);

/// These tests measure time: one after the other.
fn alone() -> impl Drop {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// Blocks `n` workers, each in a task of its own, at the same moment.
fn block_workers(runtime: &Runtime, n: usize) -> Arc<Barrier> {
    let all = Arc::new(Barrier::new(n + 1));
    for _ in 0..n {
        let all = all.clone();
        runtime.spawn(async move {
            all.wait();
            std::thread::sleep(BLOCKED);
        });
    }
    all
}

fn soon(what: &str, waited: Duration) {
    assert!(waited < SOON, "{what} waited {waited:?} behind a task that blocks");
}

#[test]
fn the_queue_and_the_task_woken_last() {
    let _alone = alone();
    let runtime = runtime(2);
    let (tell, told) = mpsc::channel();
    runtime.spawn(async move {
        let begun = Instant::now();
        for i in 0..10 {
            let tell = tell.clone();
            // The last one stays in the LIFO slot.
            rt_core::spawn(async move { tell.send((i, begun.elapsed())).unwrap() });
        }
        std::thread::sleep(BLOCKED);
    });
    for _ in 0..10 {
        let (i, waited) = told.recv().unwrap();
        soon(&format!("task {i}"), waited);
    }
}

/// Workers that make short polls may keep their tasks to themselves.
#[test]
fn what_is_queued_behind_a_long_poll_among_short_ones() {
    const TASKS: usize = 100;
    let _alone = alone();
    let runtime = runtime(2);
    let (tell, told) = mpsc::channel();
    runtime.spawn(async move {
        let (rounds, _) = watch::channel(0_u32);
        let answered = Arc::new(Semaphore::new(0));
        let blocks = Arc::new(AtomicBool::new(false));
        for task in 0..TASKS {
            let (mut round, answered, blocks) = (rounds.subscribe(), answered.clone(), blocks.clone());
            rt_core::spawn(async move {
                while round.changed().await.is_ok() {
                    round.borrow_and_update();
                    if task == 10 && blocks.swap(false, Ordering::Relaxed) {
                        std::thread::sleep(BLOCKED / 4);
                    }
                    answered.add_permits(1);
                }
            });
        }
        for _ in 0..4 {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(100) {
                rounds.send_modify(|round| *round += 1);
                answered.acquire_many(TASKS as u32).await.unwrap().forget();
            }
            blocks.store(true, Ordering::Relaxed);
            let begun = Instant::now();
            rounds.send_modify(|round| *round += 1);
            answered.acquire_many(TASKS as u32 - 1).await.unwrap().forget();
            tell.send(begun.elapsed()).unwrap();
            answered.acquire().await.unwrap().forget();
        }
    });
    for _ in 0..4 {
        soon("a round of 99", told.recv().unwrap());
    }
}

#[test]
fn a_timer_of_the_blocked_worker() {
    let _alone = alone();
    let runtime = runtime(2);
    let (tell, told) = mpsc::channel();
    runtime.spawn(async move {
        let begun = Instant::now();
        let sleeper = rt_core::spawn(async move {
            rt_core::time::sleep(Duration::from_millis(20)).await;
            tell.send(begun.elapsed() - Duration::from_millis(20)).unwrap();
        });
        // The sleeper starts on this worker, as the task woken last, and its timer lies in this worker's wheel.
        rt_core::task::yield_now().await;
        std::thread::sleep(BLOCKED);
        drop(sleeper);
    });
    soon("a timer", told.recv().unwrap());
}

/// An echo server whose tasks were started, and so whose sockets are registered, on the worker that blocks.
fn a_ready_socket(workers: usize) {
    let runtime = runtime(workers);
    let (tell, told) = mpsc::channel();
    let address = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        rt_core::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                rt_core::spawn(async move {
                    let mut byte = [0];
                    while stream.read(&mut byte).await.unwrap() == 1 {
                        stream.write_all(&byte).await.unwrap();
                    }
                });
            }
        });
        address
    });
    let mut clients: Vec<_> = (0..8).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    let mut echo = |client: usize| {
        let begun = Instant::now();
        clients[client].write_all(&[7]).unwrap();
        clients[client].read_exact(&mut [0]).unwrap();
        begun.elapsed()
    };
    for client in 0..8 {
        echo(client);
    }
    let all = block_workers(&runtime, workers);
    std::thread::spawn(move || {
        all.wait();
        tell.send(()).unwrap();
    });
    told.recv().unwrap();
    for client in 0..8 {
        soon("a ready socket", echo(client));
    }
}

#[test]
fn a_ready_socket_with_all_workers_blocked() {
    let _alone = alone();
    a_ready_socket(1);
    a_ready_socket(2);
}

#[test]
fn a_new_connection_and_a_timer_with_all_workers_blocked() {
    let _alone = alone();
    let runtime = runtime(2);
    let all = block_workers(&runtime, 2);
    all.wait();
    let begun = Instant::now();
    let task = runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (accepted, connected) = rt_core::join!(listener.accept(), client);
        connected.unwrap();
        accepted.unwrap();
        let connected = begun.elapsed();
        rt_core::time::sleep(Duration::from_millis(20)).await;
        (connected, begun.elapsed() - Duration::from_millis(20))
    });
    let (connected, slept) = runtime.block_on(task).unwrap();
    soon("a connection", connected);
    soon("a timer", slept);
}

/// What the watch wakes may be the end of its own runtime: then it doesn't wait for itself.
#[test]
fn a_waker_that_drops_the_runtime() {
    struct Dropper {
        runtime: Mutex<Option<Runtime>>,
        tell: mpsc::Sender<Option<String>>,
    }
    impl Wake for Dropper {
        fn wake(self: Arc<Self>) {
            drop(self.runtime.lock().unwrap().take());
            let _ = self.tell.send(std::thread::current().name().map(String::from));
        }
    }
    let _alone = alone();
    let (tell, told) = mpsc::channel();
    let runtime = runtime(1);
    let handle = runtime.handle().clone();
    let dropper = Arc::new(Dropper { runtime: Mutex::new(Some(runtime)), tell });
    handle.spawn(async move {
        let mut sleep = pin!(rt_core::time::sleep(Duration::from_millis(20)));
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&dropper.into())).is_pending());
        std::thread::sleep(BLOCKED);
    });
    let thread = told.recv_timeout(10 * BLOCKED).expect("the runtime's drop waits for ever");
    assert_eq!(thread.as_deref(), Some("rt-watch"));
}

#[test]
fn workers_that_block_one_after_the_other() {
    let _alone = alone();
    // Each rescued task blocks its rescuer, too; what comes last still has a thread.
    let runtime = runtime(2);
    let all = block_workers(&runtime, 4);
    all.wait();
    let begun = Instant::now();
    let last = runtime.spawn(async move { begun.elapsed() });
    soon("the last task", runtime.block_on(last).unwrap());
}

/// A worker that was added while all others were blocked leaves, though there is always work.
#[test]
fn a_spare_worker_does_not_stay() {
    let _alone = alone();
    let (stopped, stops) = mpsc::channel();
    let stopped = Mutex::new(stopped);
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_keep_alive(Duration::from_millis(1))
        .on_thread_stop(move || stopped.lock().unwrap().send(()).unwrap_or_default())
        .build()
        .unwrap();
    for _ in 0..8 {
        runtime.spawn(async {
            loop {
                rt_core::task::yield_now().await;
            }
        });
    }
    block_workers(&runtime, 2).wait();
    let stopped = stops.recv_timeout(Duration::from_secs(30));
    assert_eq!(stopped, Ok(()), "the worker that was added is still there");
    runtime.shutdown_background();
}

#[test]
fn an_idle_runtime_does_not_tick() {
    let _alone = alone();
    let runtime = runtime(2);
    runtime.block_on(async { rt_core::spawn(rt_core::time::sleep(Duration::from_millis(5))).await.unwrap() });
    // Tasks that wait for what is far away, or never comes, are no reason to look.
    runtime.spawn(async { rt_core::time::sleep(Duration::from_secs(3_600)).await });
    runtime.spawn(async { TcpListener::bind("127.0.0.1:0").await.unwrap().accept().await.map(drop) });
    runtime.spawn(std::future::pending::<()>());
    // The watch, and a worker that was added while the machine was busy, linger for a while: of some half seconds one must
    // be quiet. A runtime that ticks has none.
    let parks = |runtime: &Runtime| (0..2).map(|i| runtime.metrics().worker_park_count(i)).sum::<u64>();
    let half_second = || {
        let (before, wakes) = (parks(&runtime), voluntary_switches());
        std::thread::sleep(Duration::from_millis(500));
        let since = |(thread, switches)| switches - wakes.get(&thread).copied().unwrap_or(0);
        (parks(&runtime) - before, voluntary_switches().into_iter().map(since).sum())
    };
    // One is this thread's own sleep; a runtime that ticked each 2 ms would have 250.
    let quiet = |(parks, switches): &(u64, u64)| *parks == 0 && *switches < 25;
    let seen: Vec<_> = (0..10).map(|_| half_second()).take_while(|seen| !quiet(seen)).collect();
    assert!(seen.len() < 10, "parks and wake-ups in each half second: {seen:?}");
}

/// How often each thread of this process went to sleep. The last one of the test before may just be ending.
fn voluntary_switches() -> HashMap<OsString, u64> {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| {
            let task = task.ok()?;
            let status = std::fs::read_to_string(task.path().join("status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"))?;
            Some((task.file_name(), line.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect()
}

#[test]
fn a_busy_worker_also_runs_what_overflows_at_a_blocked_one() {
    const TASKS: usize = 3_000;

    let _alone = alone();
    let runtime = runtime(2);
    let stop = Arc::new(AtomicBool::new(false));
    let rounds: Arc<[AtomicUsize]> = (0..TASKS).map(|_| AtomicUsize::new(0)).collect();
    for task in 0..TASKS {
        let (stop, rounds) = (stop.clone(), rounds.clone());
        runtime.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                rounds[task].fetch_add(1, Ordering::Relaxed);
                rt_core::task::yield_now().await;
            }
        });
    }
    // Each worker has more of them than its queue holds. Then one of the two is blocked until all have gone on.
    let (tell, told) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    runtime.spawn(async move {
        tell.send(()).unwrap();
        may_go_on.recv().unwrap();
    });
    told.recv().unwrap();
    let before: Vec<_> = rounds.iter().map(|rounds| rounds.load(Ordering::Relaxed)).collect();
    let begun = Instant::now();
    let left = loop {
        let left =
            (0..TASKS).filter(|task| rounds[*task].load(Ordering::Relaxed) < before[*task] + 2).count();
        if left == 0 || begun.elapsed() > Duration::from_secs(10) {
            break left;
        }
        std::thread::yield_now();
    };
    stop.store(true, Ordering::Relaxed);
    go_on.send(()).unwrap();
    assert_eq!(left, 0, "tasks that weren't polled for ten seconds");
}
