//! Closures that block: what they may do, and what a shutdown makes of them.
#![cfg(feature = "full")]

use std::sync::mpsc;
use std::time::{Duration, Instant};

use rt_core::runtime::{Builder, Handle, Runtime};
use rt_core::task::spawn_blocking;

const LONG: Duration = Duration::from_secs(60);

fn builders() -> [Builder; 2] {
    let mut multi = Builder::new_multi_thread();
    multi.worker_threads(2);
    let mut both = [Builder::new_current_thread(), multi];
    for builder in &mut both {
        builder.enable_all();
    }
    both
}

fn on_each(test: impl Fn(Runtime)) {
    for mut builder in builders() {
        test(builder.build().unwrap());
    }
}

#[test]
fn a_closure_is_inside_the_runtime_and_may_block_on_it() {
    on_each(|runtime| {
        let output = runtime.block_on(async {
            let closure = spawn_blocking(|| {
                let nested = Handle::current().block_on(async {
                    rt_core::time::sleep(Duration::from_millis(1)).await;
                    rt_core::spawn(async { 3 }).await.unwrap()
                });
                nested + Handle::current().block_on(spawn_blocking(|| 4)).unwrap()
            });
            closure.await.unwrap()
        });
        assert_eq!(output, 7);
    });
}

#[test]
fn a_panic_in_a_closure_is_an_error_of_its_handle() {
    on_each(|runtime| {
        runtime.block_on(async {
            for _ in 0..10 {
                let join = spawn_blocking(|| std::panic::resume_unwind(Box::new("quiet")));
                let payload = join.await.unwrap_err().into_panic();
                assert_eq!(payload.downcast_ref::<&str>(), Some(&"quiet"));
            }
        });
    });
}

#[test]
fn an_abort_stops_only_what_has_not_begun() {
    for mut builder in builders() {
        let runtime = builder.max_blocking_threads(1).build().unwrap();
        let (began, has_begun) = mpsc::channel();
        let (go, may_go) = mpsc::channel::<()>();
        let running = runtime.spawn_blocking(move || {
            began.send(()).unwrap();
            may_go.recv().unwrap();
            7
        });
        has_begun.recv().unwrap();
        let queued = runtime.spawn_blocking(|| unreachable!("it was aborted"));
        queued.abort();
        running.abort();
        go.send(()).unwrap();
        assert_eq!(runtime.block_on(running).unwrap(), 7);
        let error = runtime.block_on(queued).unwrap_err();
        assert!(error.is_cancelled());
    }
}

/// How a runtime may end while a closure runs and another is queued.
#[test]
fn each_end_of_a_runtime_treats_closures_as_documented() {
    for end in 0..3 {
        for mut builder in builders() {
            let runtime = builder.max_blocking_threads(1).build().unwrap();
            let (began, has_begun) = mpsc::channel();
            let (go, may_go) = mpsc::channel::<()>();
            let running = runtime.spawn_blocking(move || {
                began.send(()).unwrap();
                may_go.recv().unwrap();
                7
            });
            has_begun.recv().unwrap();
            let queued = runtime.spawn_blocking(|| ());
            match end {
                // A drop waits for what runs.
                0 => {
                    let releases = std::thread::spawn(move || {
                        let error = futures::executor::block_on(queued).unwrap_err();
                        assert!(error.is_cancelled());
                        go.send(()).unwrap();
                    });
                    drop(runtime);
                    assert!(running.is_finished());
                    releases.join().unwrap();
                }
                _ => {
                    let start = Instant::now();
                    if end == 1 {
                        runtime.shutdown_timeout(Duration::from_millis(10));
                        assert!(start.elapsed() >= Duration::from_millis(10));
                    } else {
                        runtime.shutdown_background();
                    }
                    assert!(start.elapsed() < LONG);
                    assert!(!running.is_finished());
                    assert!(futures::executor::block_on(queued).unwrap_err().is_cancelled());
                    go.send(()).unwrap();
                }
            }
            assert_eq!(futures::executor::block_on(running).unwrap(), 7);
        }
    }
}

#[test]
fn a_closure_after_the_end_is_cancelled() {
    on_each(|runtime| {
        let handle = runtime.handle().clone();
        drop(runtime);
        let join = handle.spawn_blocking(|| ());
        assert!(futures::executor::block_on(join).unwrap_err().is_cancelled());
        let join = handle.spawn(async {});
        assert!(futures::executor::block_on(join).unwrap_err().is_cancelled());
    });
}

#[test]
fn a_thousand_at_once_all_return() {
    on_each(|runtime| {
        let sum = runtime.block_on(async {
            let joins: Vec<_> = (0..1_000_u64).map(|i| spawn_blocking(move || i)).collect();
            let mut sum = 0;
            for join in joins {
                sum += join.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 999 * 500);
    });
}
