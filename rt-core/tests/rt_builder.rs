//! What the builder promises, and what the runtime does at its limits.
#![cfg(feature = "full")]

use rt_core::runtime::{Builder, Handle, RngSeed, Runtime, RuntimeFlavor};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::{Duration, Instant};

#[test]
fn a_thread_that_cannot_be_started_is_an_error() {
    // No address space has room for such a stack.
    let error = Builder::new_multi_thread().worker_threads(2).thread_stack_size(1 << 46).build().unwrap_err();
    assert_ne!(error.to_string(), "");
}

#[test]
fn without_a_thread_to_hand_over_to_block_in_place_still_runs() {
    // Names are asked for before each start of a thread: from some moment on, that fails.
    let starts = Arc::new(AtomicUsize::new(0));
    let runtime = {
        let starts = starts.clone();
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name_fn(move || {
                // An interior NUL is no name for a thread: the start panics, or errs, after the first ones.
                if starts.fetch_add(1, Ordering::SeqCst) < 2 { "first".into() } else { "\0".into() }
            })
            .build()
            .unwrap()
    };
    let result =
        runtime.block_on(async { rt_core::spawn(async { rt_core::task::block_in_place(|| 5) }).await });
    assert_eq!(result.unwrap(), 5);
}

#[test]
fn hooks_run_on_each_thread() {
    let counts: Arc<[AtomicUsize; 4]> = Arc::default();
    let count = |i: usize| {
        let counts = counts.clone();
        move || {
            counts[i].fetch_add(1, Ordering::SeqCst);
        }
    };
    let runtime = Builder::new_multi_thread()
        .worker_threads(3)
        .on_thread_start(count(0))
        .on_thread_stop(count(1))
        .on_thread_park(count(2))
        .on_thread_unpark(count(3))
        .build()
        .unwrap();
    runtime.block_on(async { rt_core::spawn(async {}).await.unwrap() });
    runtime.block_on(async { rt_core::task::spawn_blocking(|| ()).await.unwrap() });
    drop(runtime);
    let [started, stopped, parked, unparked] = [0, 1, 2, 3].map(|i| counts[i].load(Ordering::SeqCst));
    assert_eq!((started, stopped), (4, 4));
    assert!(parked >= 1);
    assert_eq!(parked, unparked);
}

#[test]
fn names_flavors_and_ids() {
    let one = Builder::new_current_thread().name("one").build().unwrap();
    let two = Builder::new_multi_thread().worker_threads(1).thread_name("two").build().unwrap();
    assert_eq!((one.handle().name(), two.handle().name()), (Some("one"), None));
    assert_eq!(one.handle().runtime_flavor(), RuntimeFlavor::CurrentThread);
    assert_eq!(two.handle().runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_ne!(one.handle().id(), two.handle().id());
    let names = two.block_on(async {
        let worker = rt_core::spawn(async { std::thread::current().name().map(String::from) }).await;
        let blocking =
            rt_core::task::spawn_blocking(|| std::thread::current().name().map(String::from)).await;
        [worker.unwrap(), blocking.unwrap()]
    });
    assert_eq!(names, [Some("two".into()), Some("two".into())]);
}

#[test]
fn a_current_thread_runtime_keeps_the_order() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..10)
            .map(|i| {
                let order = order.clone();
                rt_core::spawn(async move { order.lock().unwrap().push(i) })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
}

#[test]
fn shutdown_timeout_does_not_wait_for_a_stuck_worker() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (stuck, is_stuck) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    runtime.spawn(async move {
        stuck.send(()).unwrap();
        let _ = released.recv();
    });
    is_stuck.recv().unwrap();
    let begun = Instant::now();
    runtime.shutdown_timeout(Duration::from_millis(50));
    assert!(begun.elapsed() >= Duration::from_millis(50));
    assert!(begun.elapsed() < Duration::from_secs(5));
    release.send(()).unwrap();
}

#[test]
fn shutdown_in_the_background_waits_for_nothing() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let blocking = runtime.spawn_blocking(move || released.recv().is_ok());
    runtime.shutdown_background();
    // Whether it had begun or not: it ends.
    let _ = release.send(());
    let _ = futures::executor::block_on(blocking);
}

#[test]
fn closures_that_have_not_begun_are_cancelled() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    let first = runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        released.recv().is_ok()
    });
    begun.recv().unwrap();
    let second = runtime.spawn_blocking(|| ());
    let dropper = std::thread::spawn(move || drop(runtime));
    assert!(futures::executor::block_on(second).unwrap_err().is_cancelled());
    release.send(()).unwrap();
    assert!(futures::executor::block_on(first).unwrap());
    dropper.join().unwrap();
}

#[test]
fn closures_that_a_thread_is_on_its_way_to_run_before_the_end() {
    for _ in 0..100 {
        let runtime = Builder::new_current_thread().build().unwrap();
        let closure = runtime.spawn_blocking(|| 5);
        drop(runtime);
        assert_eq!(futures::executor::block_on(closure).unwrap(), 5);
    }
}

#[test]
fn nothing_is_begun_after_the_end() {
    use rt_core::io::AsyncWriteExt;
    use rt_core::net::{TcpListener, UdpSocket, UnixListener, UnixStream};
    use rt_core::runtime::is_rt_shutdown_err;

    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let bind = TcpListener::bind("127.0.0.1:0");
    runtime.shutdown_timeout(Duration::from_secs(600));
    let handle = Handle::current();
    let mut errors = vec![
        handle.block_on(bind).unwrap_err(),
        handle.block_on(UdpSocket::bind("127.0.0.1:0")).unwrap_err(),
        UnixStream::pair().unwrap_err(),
        handle.block_on(rt_core::io::stdout().write_all(b"x")).unwrap_err(),
    ];
    let directory = tempfile::tempdir().unwrap();
    errors.push(UnixListener::bind(directory.path().join("socket")).unwrap_err());
    for error in errors {
        assert!(is_rt_shutdown_err(&error), "{error:?}");
    }
}

#[test]
fn a_runtime_that_is_dropped_in_async_code_leaves_closures_at_work_to_themselves() {
    let outer = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let inner = builder.worker_threads(1).build().unwrap();
        let (release, released) = mpsc::channel::<()>();
        let (begin, begun) = mpsc::channel();
        let at_work = inner.spawn_blocking(move || {
            begin.send(()).unwrap();
            released.recv().is_ok()
        });
        begun.recv().unwrap();
        let waiting = inner.spawn(std::future::pending::<()>());
        outer.block_on(async { rt_core::spawn(async { drop(inner) }).await.unwrap() });
        assert!(futures::executor::block_on(waiting).unwrap_err().is_cancelled());
        release.send(()).unwrap();
        assert!(futures::executor::block_on(at_work).unwrap());
    }
    outer.block_on(async { drop(Builder::new_current_thread().build().unwrap()) });
}

/// A guard that is forgotten, or dropped out of order, keeps its runtime's memory for good. Here that stays
/// reachable, so that it isn't taken for lost by those who look for leaks.
fn remember(runtime: &Runtime) {
    static REMEMBERED: Mutex<Vec<Handle>> = Mutex::new(Vec::new());
    REMEMBERED.lock().unwrap().push(runtime.handle().clone());
}

#[test]
fn guards_nest_and_complain_when_dropped_out_of_order() {
    let one = Builder::new_current_thread().build().unwrap();
    let two = Builder::new_current_thread().build().unwrap();
    remember(&one);
    let outer = one.enter();
    {
        let _inner = two.enter();
        assert_eq!(Handle::current().id(), two.handle().id());
    }
    assert_eq!(Handle::current().id(), one.handle().id());
    let inner = two.enter();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(outer))).unwrap_err();
    assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("out of order")));
    drop(inner);
}

#[test]
fn a_forgotten_guard_leaves_nothing_dangling() {
    let one = Builder::new_current_thread().build().unwrap();
    remember(&one);
    std::thread::spawn(move || {
        std::mem::forget(one.enter());
        drop(one);
        // The runtime is gone, its handle isn't.
        let late = rt_core::spawn(async {});
        assert!(futures::executor::block_on(late).unwrap_err().is_cancelled());
    })
    .join()
    .unwrap();
}

#[test]
fn a_guard_may_outlive_the_block_on_it_was_made_in() {
    thread_local! {
        static KEPT: std::cell::RefCell<Option<rt_core::runtime::EnterGuard<'static>>> =
            const { std::cell::RefCell::new(None) };
    }
    static ENTERED: OnceLock<Handle> = OnceLock::new();
    let kept = ENTERED.get_or_init(|| Builder::new_current_thread().build().unwrap().handle().clone());
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { KEPT.with(|slot| *slot.borrow_mut() = Some(kept.enter())) });
        drop(runtime);
        let other = Builder::new_current_thread().build().unwrap();
        let _one = other.enter();
        let _two = other.enter();
        // It isn't the innermost entry, whatever its depth was: dropping it changes nothing here.
        let guard = KEPT.with(|slot| slot.borrow_mut().take());
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(guard)));
        assert!(panic.is_err());
        assert_eq!(Handle::current().id(), other.handle().id());
    })
    .join()
    .unwrap();
}

#[test]
fn metrics_count_parks_and_busy_time() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        rt_core::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(20))).await.unwrap();
    });
    assert!(metrics.worker_park_count(0) >= 1);
    assert_eq!(metrics.worker_park_unpark_count(0), 2 * metrics.worker_park_count(0));
    assert!(metrics.worker_total_busy_duration(0) > Duration::ZERO);
    assert_eq!(metrics.num_alive_tasks(), 0);
}

#[test]
fn a_park_hook_may_make_work() {
    for threads in [0, 1, 2] {
        let (sender, receiver) = mpsc::channel();
        let mut builder =
            if threads == 0 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
        let notify = Arc::new(rt_core::sync::Notify::new());
        let spawned = AtomicUsize::new(0);
        let runtime = {
            let notify = notify.clone();
            builder
                .worker_threads(threads.max(1))
                .enable_all()
                .on_thread_park(move || {
                    if spawned.fetch_add(1, Ordering::SeqCst) == 0 {
                        let (sender, notify) = (sender.clone(), notify.clone());
                        rt_core::spawn(async move {
                            sender.send(()).unwrap();
                            notify.notify_one();
                        });
                    }
                })
                .build()
                .unwrap()
        };
        // With nothing else to do, a worker that slept over what its hook spawned would sleep for good.
        runtime.block_on(notify.notified());
        receiver.recv().unwrap();
    }
}

#[test]
fn a_park_hook_may_wake_the_future_in_block_on() {
    let notify = Arc::new(rt_core::sync::Notify::new());
    let runtime = {
        let notify = notify.clone();
        Builder::new_current_thread().on_thread_park(move || notify.notify_waiters()).build().unwrap()
    };
    runtime.block_on(notify.notified());
}

#[test]
#[should_panic(expected = "runtime name")]
fn a_blank_name_is_refused() {
    Builder::new_current_thread().name(" \t");
}

#[test]
fn options_without_effect_are_accepted() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .enable_alt_timer()
        .enable_eager_driver_handoff()
        .enable_sharded_blocking_queue()
        .enable_io_uring()
        .max_io_events_per_busy_tick(1)
        .build()
        .unwrap();
    runtime.block_on(async { rt_core::time::sleep(Duration::from_millis(1)).await });
}

#[test]
fn the_same_seed_makes_the_same_choices() {
    let draw = |seed: &[u8]| {
        let runtime = Builder::new_current_thread().rng_seed(RngSeed::from_bytes(seed)).build().unwrap();
        // Each `block_on` goes on, in a way that follows from the seed.
        [0; 3].map(|_| {
            runtime.block_on(async {
                let mut choices = Vec::new();
                for _ in 0..64 {
                    choices.push(
                        rt_core::select! { () = async {} => 0, () = async {} => 1, () = async {} => 2 },
                    );
                }
                choices
            })
        })
    };
    assert_eq!(draw(b"one"), draw(b"one"));
    assert_ne!(draw(b"one"), draw(b"two"));
    let [first, second, _] = draw(b"one");
    assert_ne!(first, second);
}

#[test]
fn runtimes_and_what_refers_to_them_survive_a_panic() {
    fn unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}

    unwind_safe::<rt_core::runtime::Runtime>();
    unwind_safe::<Handle>();
    unwind_safe::<rt_core::runtime::RuntimeMetrics>();
}

// tokio #8093: the tables of the timers were made on the stack, which overflowed.
#[test]
fn a_runtime_is_made_and_used_with_little_stack() {
    let small = || std::thread::Builder::new().stack_size(64 << 10);
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let made = small().spawn(move || {
            let runtime = builder.worker_threads(2).thread_stack_size(64 << 10).enable_all().build().unwrap();
            // The first timer has the tables made.
            runtime.block_on(async { rt_core::time::sleep(Duration::from_millis(1)).await });
            let task = runtime.spawn(async { rt_core::time::sleep(Duration::from_millis(1)).await });
            runtime.block_on(task).unwrap();
        });
        made.unwrap().join().unwrap();
    }
}

/// It compiles: a guard that isn't used any longer doesn't keep the runtime borrowed.
#[test]
fn a_runtime_is_shut_down_while_it_is_entered() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let _entered = runtime.enter();
    runtime.shutdown_background();
    assert!(rt_core::runtime::Handle::try_current().is_ok());
}
