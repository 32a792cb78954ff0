//! Trackers on a runtime: spawned tasks end for them however they end.
#![cfg(feature = "rt")]

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::oneshot;
use rt_core::task::LocalSet;
use rt_util::sync::CancellationToken;
use rt_util::task::TaskTracker;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

#[test]
fn a_graceful_shutdown() {
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    let ended = Arc::new(AtomicUsize::new(0));
    runtime().block_on(async {
        for _ in 0..100 {
            let (stop, ended) = (stop.child_token(), ended.clone());
            tracker.spawn(async move {
                stop.cancelled().await;
                ended.fetch_add(1, Ordering::SeqCst);
            });
        }
        tracker.close();
        assert_eq!(tracker.len(), 100);
        stop.cancel();
        tracker.wait().await;
        assert_eq!(ended.load(Ordering::SeqCst), 100);
    });
}

#[test]
fn panics_and_aborts_are_ends() {
    let tracker = TaskTracker::new();
    runtime().block_on(async {
        let panicking = tracker.spawn(async { panic!("on purpose") });
        let aborted = tracker.spawn(std::future::pending::<()>());
        aborted.abort();
        let blocking = tracker.spawn_blocking(|| -> u8 { panic!("on purpose") });
        tracker.close();
        tracker.wait().await;
        assert!(panicking.await.unwrap_err().is_panic());
        assert!(aborted.await.unwrap_err().is_cancelled());
        assert!(blocking.await.unwrap_err().is_panic());
    });
}

#[test]
fn tasks_on_another_runtime_count() {
    let (tracker, elsewhere) = (TaskTracker::new(), runtime());
    let task = tracker.spawn_on(async { 1 }, elsewhere.handle());
    let blocking = tracker.spawn_blocking_on(|| 2, elsewhere.handle());
    tracker.close();
    runtime().block_on(async {
        tracker.wait().await;
        assert_eq!((task.await.unwrap(), blocking.await.unwrap()), (1, 2));
    });
}

#[test]
fn a_runtime_that_goes_ends_its_tasks() {
    let tracker = TaskTracker::new();
    let runtime = runtime();
    for _ in 0..10 {
        tracker.spawn_on(std::future::pending::<()>(), runtime.handle());
    }
    tracker.close();
    drop(runtime);
    futures::executor::block_on(tracker.wait());
    assert!(tracker.is_empty());
}

#[test]
fn tasks_of_a_thread_are_tracked() {
    let tracker = TaskTracker::new();
    let local = LocalSet::new();
    let later = tracker.spawn_local_on(async { Rc::new(5) }, &local);
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(local.run_until(async {
        let (started, wait) = oneshot::channel::<()>();
        let task = tracker.spawn_local(async move {
            let _here = Rc::new(wait.await);
        });
        assert_eq!(*later.await.unwrap(), 5);
        assert_eq!(tracker.len(), 1);
        tracker.close();
        started.send(()).unwrap();
        tracker.wait().await;
        task.await.unwrap();
    }));
    // One that is dropped with its set has ended, too.
    tracker.spawn_local_on(std::future::pending::<()>(), &local);
    assert_eq!(tracker.len(), 1);
    drop(local);
    assert!(tracker.is_empty());
}
