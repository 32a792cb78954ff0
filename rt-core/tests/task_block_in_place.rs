//! Blocking in place: wherever it's called, the other tasks go on, those included that were about to be woken or had
//! just yielded when their worker was handed over.
#![cfg(feature = "full")]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use rt_core::runtime::{Builder, Handle, LocalRuntime, Runtime, RuntimeFlavor};
use rt_core::sync::{Notify, oneshot};
use rt_core::task::{self, JoinSet, LocalSet, block_in_place, spawn_blocking, spawn_local, yield_now};

/// Longer than a test takes unless something is stuck.
const STUCK: Duration = Duration::from_secs(30);

fn workers(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// Runs a future as a task of a fresh runtime.
fn in_a_task(n: usize, task: impl Future<Output = ()> + Send + 'static) {
    let runtime = workers(n);
    runtime.block_on(runtime.spawn(task)).unwrap();
}

fn refused(result: thread::Result<()>) {
    let payload = result.unwrap_err();
    let message = payload.downcast_ref::<&str>().unwrap();
    assert_eq!(*message, "can call blocking only when running on the multi-threaded runtime");
}

#[test]
fn a_task_that_yielded_goes_on_while_its_worker_blocks() {
    // The only worker has tasks that woke themselves when it's handed over.
    workers(1).block_on(async {
        let yields = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let (yields, stop) = (yields.clone(), stop.clone());
                rt_core::spawn(async move {
                    while !stop.load(Ordering::SeqCst) {
                        yields.fetch_add(1, Ordering::SeqCst);
                        yield_now().await;
                    }
                })
            })
            .collect();
        let blocks = rt_core::spawn(async move {
            for _ in 0..20 {
                yield_now().await;
                let before = yields.load(Ordering::SeqCst);
                block_in_place(|| {
                    while yields.load(Ordering::SeqCst) < before + 50 {
                        thread::yield_now();
                    }
                });
            }
            stop.store(true, Ordering::SeqCst);
        });
        blocks.await.unwrap();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn what_was_woken_just_before_runs_while_its_waker_blocks() {
    for n in 1..=2 {
        in_a_task(n, async {
            for _ in 0..200 {
                let (sender, receiver) = oneshot::channel();
                let (told, hears) = mpsc::channel();
                rt_core::spawn(async move { told.send(receiver.await.unwrap()).unwrap() });
                yield_now().await;
                // The task is in this worker's LIFO slot.
                sender.send(5).unwrap();
                assert_eq!(block_in_place(|| hears.recv_timeout(STUCK)), Ok(5));
            }
        });
    }
}

#[test]
fn what_is_spawned_just_before_runs_too() {
    in_a_task(1, async {
        for _ in 0..200 {
            let (told, hears) = mpsc::channel();
            for n in 0..3 {
                let told = told.clone();
                rt_core::spawn(async move { told.send(n).unwrap() });
            }
            let mut sum = 0;
            block_in_place(|| (0..3).for_each(|_| sum += hears.recv_timeout(STUCK).unwrap()));
            assert_eq!(sum, 3);
        }
    });
}

#[test]
fn timers_fire_and_sockets_are_served_meanwhile() {
    use rt_core::io::AsyncReadExt;
    use rt_core::net::{TcpListener, TcpStream};

    in_a_task(1, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, hears) = mpsc::channel();
        let also = told.clone();
        rt_core::spawn(async move {
            rt_core::time::sleep(Duration::from_millis(1)).await;
            told.send("timer").unwrap();
        });
        rt_core::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
            also.send("socket").unwrap();
        });
        rt_core::spawn(async move { drop(listener.accept().await.unwrap()) });
        let mut heard: Vec<_> =
            block_in_place(|| (0..2).map(|_| hears.recv_timeout(STUCK).unwrap()).collect());
        heard.sort_unstable();
        assert_eq!(heard, ["socket", "timer"]);
    });
}

#[test]
fn many_tasks_block_at_once() {
    workers(2).block_on(async {
        let barrier = Arc::new(std::sync::Barrier::new(20));
        let mut set = JoinSet::new();
        for n in 0..20 {
            let barrier = barrier.clone();
            set.spawn(async move {
                yield_now().await;
                block_in_place(|| _ = barrier.wait());
                yield_now().await;
                n
            });
        }
        assert_eq!(set.join_all().await.iter().sum::<i32>(), 190);
    });
}

#[test]
fn it_may_be_nested_and_block_on_the_runtime_in_each() {
    let runtime = workers(2);
    async fn depth(n: usize) -> usize {
        if n == 0 {
            yield_now().await;
            return 0;
        }
        let below = block_in_place(|| block_in_place(|| Handle::current().block_on(Box::pin(depth(n - 1)))));
        below + rt_core::spawn(async { 1 }).await.unwrap()
    }

    assert_eq!(runtime.block_on(depth(5)), 5);
    assert_eq!(runtime.block_on(runtime.spawn(depth(5))).unwrap(), 5);
    assert_eq!(runtime.block_on(spawn_blocking_depth(&runtime)), 5);

    async fn spawn_blocking_depth(runtime: &Runtime) -> usize {
        runtime.spawn_blocking(|| Handle::current().block_on(depth(5))).await.unwrap()
    }
}

#[test]
fn the_future_of_block_on_may_block_in_place() {
    let runtime = workers(1);
    for _ in 0..50 {
        let notify = Arc::new(Notify::new());
        runtime.block_on(async {
            let (told, hears) = mpsc::channel();
            let theirs = notify.clone();
            rt_core::spawn(async move {
                theirs.notified().await;
                told.send(()).unwrap();
            });
            notify.notify_one();
            block_in_place(|| hears.recv_timeout(STUCK).unwrap());
            rt_core::spawn(async {}).await.unwrap();
        });
    }
}

#[test]
fn another_runtime_may_be_run_inside() {
    in_a_task(1, async {
        let sum = block_in_place(|| {
            let current = Builder::new_current_thread().enable_all().build().unwrap();
            let local = LocalRuntime::new().unwrap();
            let set = LocalSet::new();
            let one = current.block_on(async { rt_core::spawn(async { 1 }).await.unwrap() });
            let two = local.block_on(async { spawn_local(async { Rc::new(2) }).await.unwrap() });
            let three = set.block_on(&current, async { spawn_local(async { Rc::new(3) }).await.unwrap() });
            // Not in a current-thread runtime, though the thread is a worker of another one.
            current.block_on(async { refused(catch_unwind(|| block_in_place(|| ()))) });
            one + *two + *three
        });
        assert_eq!(sum, 6);
        assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread);
        assert_eq!(rt_core::spawn(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn a_set_goes_on_where_it_stopped() {
    let runtime = workers(2);
    // The set is run by a task that blocks in place between its turns.
    let steps = runtime.block_on(async {
        let steps = Rc::new(Cell::new(0));
        let local = LocalSet::new();
        let same = steps.clone();
        local.spawn_local(async move {
            loop {
                same.set(same.get() + 1);
                yield_now().await;
            }
        });
        for _ in 0..10 {
            local.run_until(yield_now()).await;
            let before = steps.get();
            block_in_place(|| assert_eq!(steps.get(), before));
            let (told, hears) = mpsc::channel();
            rt_core::spawn(async move { told.send(()).unwrap() });
            block_in_place(|| hears.recv_timeout(STUCK).unwrap());
        }
        // Within the set it's refused, and that harms neither the set nor the thread.
        local
            .run_until(async {
                refused(catch_unwind(|| block_in_place(|| ())));
                let task = spawn_local(async { block_in_place(|| ()) });
                assert!(task.await.unwrap_err().is_panic());
            })
            .await;
        block_in_place(|| ());
        steps.get()
    });
    assert!(steps >= 10);
}

#[test]
fn a_panic_inside_is_the_tasks_and_gives_the_worker_back() {
    for n in 1..=2 {
        let runtime = workers(n);
        runtime.block_on(async {
            for _ in 0..100 {
                let task = rt_core::spawn(async { block_in_place(|| resume_unwind(Box::new("quiet"))) });
                let result: Result<(), _> = task.await;
                assert!(result.unwrap_err().is_panic());
            }
            rt_core::spawn(async { yield_now().await }).await.unwrap();
        });
        let result = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async { block_in_place(|| resume_unwind(Box::new("quiet"))) })
        }));
        let result: thread::Result<()> = result;
        assert!(result.is_err());
        runtime.block_on(async { rt_core::spawn(async {}).await.unwrap() });
    }
}

#[test]
fn there_is_no_budget_inside_and_the_one_before_it_afterwards() {
    in_a_task(1, async {
        for _ in 0..100 {
            task::consume_budget().await;
        }
        block_in_place(|| {
            Handle::current().block_on(async {
                for _ in 0..1_000 {
                    task::consume_budget().await;
                }
            });
        });
        // 28 units are left, and no more.
        let mut spent = 0;
        while task::coop::has_budget_remaining() {
            task::consume_budget().await;
            spent += 1;
        }
        assert_eq!(spent, 28);
    });
}

#[test]
fn a_runtime_ends_while_a_task_blocks_in_place() {
    for n in 1..=2 {
        let runtime = workers(n);
        let (began, has_begun) = mpsc::channel();
        let (go, may_go) = mpsc::channel::<()>();
        let task = runtime.spawn(async move {
            block_in_place(|| {
                began.send(()).unwrap();
                may_go.recv_timeout(STUCK).unwrap();
            });
            // It is cancelled where it waits next.
            yield_now().await;
            std::future::pending::<()>().await;
        });
        has_begun.recv_timeout(STUCK).unwrap();
        let other = runtime.spawn(std::future::pending::<()>());
        let ends = thread::spawn(move || drop(runtime));
        assert!(futures::executor::block_on(other).unwrap_err().is_cancelled());
        assert!(!task.is_finished());
        go.send(()).unwrap();
        ends.join().unwrap();
        assert!(futures::executor::block_on(task).unwrap_err().is_cancelled());
    }
}

/// Whoever runs the tasks of a current-thread runtime may not block; whoever only waits for it may.
#[test]
fn the_future_of_a_handles_block_on_may_block_in_place_on_any_flavor() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle();
    let blocks = || block_in_place(|| Handle::current().block_on(async { 7 }));
    assert_eq!(handle.block_on(async { blocks() }), 7);
}

#[test]
fn where_blocking_is_fine_it_just_runs() {
    assert_eq!(block_in_place(|| 5), 5);
    let runtime = Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(async { spawn_blocking(|| block_in_place(|| 6)).await.unwrap() }), 6);
    runtime.block_on(async {
        refused(catch_unwind(|| block_in_place(|| ())));
        assert!(rt_core::spawn(async { block_in_place(|| ()) }).await.unwrap_err().is_panic());
    });
    let local = LocalRuntime::new().unwrap();
    local.block_on(async { refused(catch_unwind(|| block_in_place(|| ()))) });
}
