//! Runtimes that a task's panic ends, and those that it doesn't.
#![cfg(feature = "full")]

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Poll};

use rt_core::runtime::{Builder, Runtime, UnhandledPanic};

fn runtimes(behavior: UnhandledPanic) -> [Arc<Runtime>; 2] {
    let build = |mut builder: Builder| {
        Arc::new(builder.enable_all().unhandled_panic(behavior.clone()).build().unwrap())
    };
    let mut threaded = Builder::new_multi_thread();
    threaded.worker_threads(2);
    [build(Builder::new_current_thread()), build(threaded)]
}

fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(|s| &**s))
        .unwrap()
}

/// Sends when it is dropped.
struct Tells(mpsc::Sender<()>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn a_panic_ends_the_runtime_that_is_built_so() {
    for runtime in runtimes(UnhandledPanic::ShutdownRuntime) {
        let (sender, dropped) = mpsc::channel();
        let tells = Tells(sender);
        let waits = runtime.spawn(async move {
            let _tells = tells;
            pending::<()>().await;
        });
        let error = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                // Somebody waits for it, which makes no difference.
                let _ = rt_core::spawn(async { panic!("on purpose") }).await;
                pending::<()>().await;
            })
        }));
        let payload = error.unwrap_err();
        assert!(message(&*payload).contains("a spawned task panicked"), "{}", message(&*payload));
        dropped.recv().unwrap();
        assert!(futures::executor::block_on(waits).unwrap_err().is_cancelled());
        // What comes later is refused.
        let late = runtime.spawn(async {});
        assert!(futures::executor::block_on(late).unwrap_err().is_cancelled());
        assert!(catch_unwind(AssertUnwindSafe(|| runtime.block_on(async {}))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| runtime.handle().block_on(async {}))).is_err());
        assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    }
}

#[test]
fn all_threads_in_block_on_panic() {
    for runtime in runtimes(UnhandledPanic::ShutdownRuntime) {
        let (sender, waits) = mpsc::channel();
        let threads: Vec<_> = (0..4)
            .map(|i| {
                let (runtime, sender) = (runtime.clone(), sender.clone());
                std::thread::spawn(move || {
                    let future = async {
                        sender.send(()).unwrap();
                        pending::<()>().await;
                    };
                    if i % 2 == 0 { runtime.block_on(future) } else { runtime.handle().block_on(future) }
                })
            })
            .collect();
        for _ in 0..4 {
            waits.recv().unwrap();
        }
        runtime.spawn(async { panic!("on purpose") });
        for thread in threads {
            assert!(thread.join().is_err());
        }
    }
}

#[test]
fn a_panic_in_a_destructor_counts() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }

    for runtime in runtimes(UnhandledPanic::ShutdownRuntime) {
        let error = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                let bomb = Bomb;
                let task = rt_core::spawn(async move {
                    let _bomb = bomb;
                    pending::<()>().await;
                });
                task.abort();
                pending::<()>().await;
            })
        }));
        assert!(error.is_err());
    }
}

#[test]
fn otherwise_a_panic_is_its_tasks_own() {
    for runtime in runtimes(UnhandledPanic::Ignore) {
        let panics = runtime.spawn(async { panic!("on purpose") });
        let goes_on = runtime.spawn(async { 5 });
        assert!(runtime.block_on(panics).unwrap_err().is_panic());
        assert_eq!(runtime.block_on(goes_on).unwrap(), 5);
    }
}

#[test]
fn a_panic_in_block_on_is_the_callers() {
    for runtime in runtimes(UnhandledPanic::ShutdownRuntime) {
        let error = catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { panic!("on purpose") })));
        assert!(error.is_err());
        assert_eq!(runtime.block_on(runtime.spawn(async { 5 })).unwrap(), 5);
    }
}

#[test]
fn destructors_of_a_future_that_panics_can_tell() {
    struct Tells(mpsc::Sender<bool>);
    impl Drop for Tells {
        fn drop(&mut self) {
            self.0.send(std::thread::panicking()).unwrap();
        }
    }

    struct Panics {
        /// Dropped first, and panics again: that harms nothing.
        _second: SecondPanic,
        _tells: Tells,
    }
    struct SecondPanic;
    impl Drop for SecondPanic {
        fn drop(&mut self) {
            panic!("the second panic");
        }
    }
    impl Future for Panics {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            panic!("the first panic");
        }
    }

    let runtime = Builder::new_current_thread().build().unwrap();
    let (sender, receiver) = mpsc::channel();
    let task = runtime.spawn(Panics { _second: SecondPanic, _tells: Tells(sender) });
    let payload = runtime.block_on(task).unwrap_err().into_panic();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"the first panic"));
    assert!(receiver.recv().unwrap());
}
