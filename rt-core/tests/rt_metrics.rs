//! Each counter moves when what it counts happens, and only then.
#![cfg(feature = "full")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::{Builder, Runtime, RuntimeMetrics};
use rt_core::task::yield_now;

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn threaded(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

fn both() -> [Runtime; 2] {
    [current_thread(), threaded(2)]
}

fn sum<N: std::iter::Sum>(metrics: &RuntimeMetrics, count: impl Fn(&RuntimeMetrics, usize) -> N) -> N {
    (0..metrics.num_workers()).map(|worker| count(metrics, worker)).sum()
}

/// Waits for what another thread is about to do.
fn eventually(what: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !what() {
        assert!(Instant::now() < deadline, "it doesn't happen");
        std::thread::yield_now();
    }
}

/// Runs a future as a task.
fn run<F>(runtime: &Runtime, future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    runtime.block_on(runtime.spawn(future)).unwrap()
}

#[test]
fn a_task_is_alive_until_its_joiner_can_know_that_it_is_not() {
    for runtime in both() {
        let metrics = runtime.metrics();
        for _ in 0..1_000 {
            assert_eq!(metrics.num_alive_tasks(), 0);
            let alive = run(&runtime, {
                let metrics = metrics.clone();
                async move { metrics.num_alive_tasks() }
            });
            assert_eq!(alive, 1);
        }
        assert_eq!(metrics.spawned_tasks_count(), 1_000);
    }
}

#[test]
fn tasks_that_are_cancelled_are_alive_no_more() {
    for runtime in both() {
        let metrics = runtime.metrics();
        let task = runtime.spawn(std::future::pending::<()>());
        let panics = runtime.spawn(async { panic!("on purpose") });
        for _ in 0..10 {
            runtime.spawn(std::future::pending::<()>());
        }
        assert!(runtime.block_on(panics).is_err());
        task.abort();
        assert!(runtime.block_on(task).is_err());
        assert_eq!(metrics.num_alive_tasks(), 10);
        drop(runtime);
        assert_eq!(metrics.num_alive_tasks(), 0);
        assert_eq!(metrics.spawned_tasks_count(), 12);
    }
}

#[test]
#[expect(deprecated, reason = "it must tell the same")]
fn the_former_name_tells_the_same() {
    let runtime = current_thread();
    runtime.spawn(std::future::pending::<()>());
    assert_eq!(runtime.metrics().active_tasks_count(), 1);
}

#[test]
fn what_comes_from_outside_counts_as_remote() {
    for runtime in both() {
        let metrics = runtime.metrics();
        let (sender, receiver) = rt_core::sync::oneshot::channel();
        let task = runtime.spawn(receiver);
        assert_eq!(metrics.remote_schedule_count(), 1);
        // On a worker that waits: it has polled the task, as far as this matters.
        run(&runtime, async {});
        eventually(|| sum(&metrics, RuntimeMetrics::worker_poll_count) >= 2);
        sender.send(5).unwrap();
        assert_eq!(runtime.block_on(task).unwrap().unwrap(), 5);
        assert_eq!(metrics.remote_schedule_count(), 3);
    }
}

#[test]
fn what_a_worker_queues_counts_as_local() {
    for runtime in both() {
        let metrics = runtime.metrics();
        run(&runtime, async {
            // The spawn, the yield, and perhaps the joiner's wake.
            rt_core::spawn(yield_now()).await.unwrap();
        });
        let (local, remote) =
            (sum(&metrics, RuntimeMetrics::worker_local_schedule_count), metrics.remote_schedule_count());
        assert!((2..=3).contains(&local), "{local}");
        assert_eq!(remote, 1);
    }
}

#[test]
fn polls_are_counted() {
    for runtime in both() {
        let metrics = runtime.metrics();
        run(&runtime, async {
            for _ in 0..9 {
                yield_now().await;
            }
        });
        assert_eq!(sum(&metrics, RuntimeMetrics::worker_poll_count), 10);
    }
}

#[test]
fn budgets_that_are_used_up_count_once_a_poll() {
    for runtime in both() {
        let metrics = runtime.metrics();
        let spend = || async {
            for _ in 0..129 {
                rt_core::task::coop::consume_budget().await;
            }
        };
        runtime.block_on(spend());
        assert_eq!(metrics.budget_forced_yield_count(), 1);
        run(&runtime, spend());
        assert_eq!(metrics.budget_forced_yield_count(), 2);
        run(&runtime, async move {
            // Both run dry in the same poll.
            rt_core::join!(spend(), spend());
        });
        assert_eq!(metrics.budget_forced_yield_count(), 4);
    }
}

#[test]
fn a_worker_that_wakes_for_nothing_counts_that() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    // No task: whatever it wakes for, it finds none.
    runtime.block_on(async { rt_core::time::sleep(Duration::from_millis(1)).await });
    assert!(metrics.worker_noop_count(0) >= 1);
    assert_eq!(metrics.worker_noop_count(0), metrics.worker_park_count(0));
    let before = (metrics.worker_noop_count(0), metrics.worker_park_count(0));
    // It polls a task before each sleep.
    run(&runtime, async { rt_core::time::sleep(Duration::from_millis(1)).await });
    let after = (metrics.worker_noop_count(0), metrics.worker_park_count(0));
    assert!(after.1 > before.1);
    assert!(after.0 - before.0 < after.1 - before.1);
}

#[test]
fn the_thread_of_a_worker_is_known() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    assert_eq!(metrics.worker_thread_id(0), None);
    runtime.block_on(async {});
    assert_eq!(metrics.worker_thread_id(0), Some(std::thread::current().id()));
    let other = std::thread::scope(|scope| {
        let thread = scope.spawn(|| runtime.block_on(async {}));
        thread.thread().id()
    });
    assert_eq!(metrics.worker_thread_id(0), Some(other));
    runtime.block_on(async {});
    assert_eq!(metrics.worker_thread_id(0), Some(std::thread::current().id()));
}

#[test]
fn a_worker_that_is_given_away_has_another_thread() {
    let runtime = threaded(1);
    let metrics = runtime.metrics();
    run(&runtime, async move {
        // A worker whose thread is late has its first task taken by another.
        while metrics.worker_thread_id(0) != Some(std::thread::current().id()) {
            rt_core::task::yield_now().await;
        }
        let here = std::thread::current().id();
        rt_core::task::block_in_place(|| eventually(|| metrics.worker_thread_id(0) != Some(here)));
    });
}

#[test]
fn stolen_tasks_count_for_the_thief() {
    // The tasks may be rescued rather than stolen when the machine is busy.
    for _ in 0..50 {
        let runtime = Builder::new_multi_thread().worker_threads(2).disable_lifo_slot().build().unwrap();
        let metrics = runtime.metrics();
        run(&runtime, async {
            let (sender, receiver) = mpsc::channel();
            rt_core::spawn(async move { sender.send(()).unwrap() });
            // This worker is busy: only another one can run the task.
            receiver.recv().unwrap();
        });
        drop(runtime);
        let stolen = sum(&metrics, RuntimeMetrics::worker_steal_count);
        let steals = sum(&metrics, RuntimeMetrics::worker_steal_operations);
        assert!(steals <= stolen, "{steals} {stolen}");
        if stolen == 1 && steals == 1 {
            return;
        }
    }
    panic!("nothing was stolen");
}

#[test]
fn a_full_queue_counts_as_an_overflow() {
    for (tasks, overflows) in [(200, 0), (300, 1)] {
        let runtime = threaded(1);
        run(&runtime, async move {
            for _ in 0..tasks {
                rt_core::spawn(async {});
            }
        });
        assert_eq!(runtime.metrics().worker_overflow_count(0), overflows);
    }
}

#[test]
fn queued_tasks_are_the_depth_of_their_queue() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        for _ in 0..100 {
            rt_core::spawn(async {});
        }
        assert_eq!(metrics.worker_local_queue_depth(0), 100);
        assert_eq!(metrics.global_queue_depth(), 0);
    });
    for _ in 0..10 {
        runtime.spawn(async {});
    }
    assert_eq!(metrics.global_queue_depth(), 10);
}

// tokio #7910: at the shutdown idle threads were counted twice.
#[test]
fn blocking_closures_and_their_threads_are_counted() {
    let stopped = Arc::new(AtomicUsize::new(0));
    let runtime = {
        let stopped = stopped.clone();
        let mut builder = Builder::new_current_thread();
        builder.max_blocking_threads(1).on_thread_stop(move || _ = stopped.fetch_add(1, Ordering::SeqCst));
        builder.build().unwrap()
    };
    let metrics = runtime.metrics();
    assert_eq!((metrics.num_blocking_threads(), metrics.blocking_queue_depth()), (0, 0));
    let (sender, receiver) = mpsc::channel::<()>();
    let first = runtime.spawn_blocking(move || receiver.recv().is_err());
    let second = runtime.spawn_blocking(|| ());
    eventually(|| metrics.blocking_queue_depth() == 1);
    assert_eq!((metrics.num_blocking_threads(), metrics.num_idle_blocking_threads()), (1, 0));
    drop(sender);
    assert!(runtime.block_on(first).unwrap());
    runtime.block_on(second).unwrap();
    eventually(|| metrics.num_idle_blocking_threads() == 1);
    assert_eq!(metrics.blocking_queue_depth(), 0);
    drop(runtime);
    assert_eq!((metrics.num_blocking_threads(), metrics.num_idle_blocking_threads()), (0, 0));
    assert_eq!(stopped.load(Ordering::SeqCst), 1, "the thread came to its end, rather than to a panic");
}

#[test]
fn sleeps_and_wakes_alternate() {
    let runtime = threaded(1);
    let metrics = runtime.metrics();
    eventually(|| metrics.worker_park_unpark_count(0) == 1);
    run(&runtime, async {});
    eventually(|| metrics.worker_park_unpark_count(0) >= 3);
    let parks = metrics.worker_park_count(0);
    assert!(parks >= 2);
    drop(runtime);
    assert_eq!(metrics.worker_park_unpark_count(0), 2 * metrics.worker_park_count(0));
}

#[test]
fn the_time_that_a_worker_is_awake_adds_up() {
    let busy = || async {
        let since = Instant::now();
        let mut polls = 0;
        while since.elapsed() < Duration::from_millis(20) || polls < 2_000 {
            yield_now().await;
            polls += 1;
        }
    };
    let runtime = current_thread();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        rt_core::spawn(busy()).await.unwrap();
        // It hasn't slept yet.
        assert_ne!(metrics.worker_total_busy_duration(0), Duration::ZERO);
    });
    let first = metrics.worker_total_busy_duration(0);
    assert!(first > Duration::from_millis(19), "{first:?}");
    std::thread::sleep(Duration::from_millis(20));
    runtime.block_on(async { rt_core::spawn(async {}).await.unwrap() });
    let second = metrics.worker_total_busy_duration(0);
    assert!(
        second - first < Duration::from_millis(19),
        "time outside of `block_on` doesn't count: {second:?}"
    );

    let runtime = threaded(1);
    let metrics = runtime.metrics();
    run(&runtime, busy());
    drop(runtime);
    assert!(metrics.worker_total_busy_duration(0) > Duration::from_millis(19));
}

#[test]
fn the_mean_of_poll_times_follows_the_polls() {
    let pause = || async { std::thread::sleep(Duration::from_millis(3)) };
    let runtime = threaded(1);
    let metrics = runtime.metrics();
    assert_eq!(metrics.worker_mean_poll_time(0), Duration::ZERO);
    for _ in 0..20 {
        run(&runtime, pause());
    }
    drop(runtime);
    let estimated = metrics.worker_mean_poll_time(0);
    assert!(estimated > Duration::from_micros(500), "{estimated:?}");

    let runtime = Builder::new_current_thread().enable_metrics_poll_time_histogram().build().unwrap();
    let metrics = runtime.metrics();
    for _ in 0..20 {
        run(&runtime, pause());
    }
    let measured = metrics.worker_mean_poll_time(0);
    assert!(measured >= Duration::from_millis(3), "{measured:?}");
    run(&runtime, async {
        for _ in 0..1_000 {
            yield_now().await;
        }
    });
    assert!(metrics.worker_mean_poll_time(0) < measured / 10);
}

#[test]
fn descriptors_and_their_events_are_counted() {
    let runtime = current_thread();
    let metrics = runtime.metrics();
    let counts = || {
        (
            metrics.io_driver_fd_registered_count(),
            metrics.io_driver_fd_deregistered_count(),
            metrics.io_driver_ready_count(),
        )
    };
    assert_eq!(counts(), (0, 0, 0));
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = rt_core::spawn(TcpStream::connect(address));
        let (server, _) = listener.accept().await.unwrap();
        let client = client.await.unwrap().unwrap();
        let (registered, deregistered, events) = counts();
        assert!((1..=2).contains(&registered), "{registered}");
        assert_eq!(deregistered, 0);
        let mut buffer = [0; 1];
        // This waits for sure: a read has found nothing.
        assert_eq!(server.try_read(&mut buffer).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        let reader = rt_core::spawn(async move { server.readable().await.map(|()| server) });
        yield_now().await;
        client.writable().await.unwrap();
        client.try_write(b"x").unwrap();
        let server = reader.await.unwrap().unwrap();
        assert_eq!(server.try_read(&mut buffer).unwrap(), 1);
        let after = counts();
        assert!(after.0 >= registered && after.2 > events, "{after:?}");
    });
    let (registered, deregistered, _) = counts();
    assert_eq!(registered, deregistered);
}

#[test]
#[should_panic(expected = "there is no worker 1")]
fn there_is_no_worker_beyond_the_last() {
    current_thread().metrics().worker_poll_count(1);
}
