//! Local runtimes: tasks, wakes and ends all on one thread.
#![cfg(feature = "full")]

mod task_support;

use std::cell::{Cell, RefCell};
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rt_core::runtime::{Builder, LocalOptions, LocalRuntime};
use rt_core::sync::Notify;
use rt_core::task::{self, spawn_local, yield_now};
use task_support::Stays;

fn local_runtime() -> LocalRuntime {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap()
}

#[test]
fn a_local_runtime_keeps_its_tasks_on_its_thread() {
    let runtime = local_runtime();
    let here = thread::current().id();
    let notes = Rc::new(RefCell::new(Vec::new()));
    let same = notes.clone();
    let first = runtime.spawn_local(async move { same.borrow_mut().push(1) });
    {
        let _guard = runtime.enter();
        let same = notes.clone();
        drop(spawn_local(async move { same.borrow_mut().push(2) }));
    }
    let handle = runtime.handle().clone();
    let elsewhere = thread::spawn(move || {
        let refused = handle.clone();
        let _guard = refused.enter();
        assert!(catch_unwind(|| _ = spawn_local(async {})).is_err());
        handle.spawn(async { thread::current().id() })
    });
    runtime.block_on(async {
        first.await.unwrap();
        while notes.borrow().len() < 2 {
            yield_now().await;
        }
        spawn_local(async { rt_core::spawn(async {}).await.unwrap() }).await.unwrap();
        let elsewhere = task::spawn_blocking(|| elsewhere.join().unwrap()).await.unwrap();
        assert_eq!(elsewhere.await.unwrap(), here);
        let refused = task::spawn_blocking(|| catch_unwind(|| _ = spawn_local(async {})).is_err());
        assert!(refused.await.unwrap());
    });
    assert_eq!(notes.take(), [1, 2]);
}

#[test]
fn a_local_runtime_drops_its_futures_on_its_thread() {
    for round in 0..300 {
        let drops = Rc::new(Cell::new(0));
        let notify = Arc::new(Notify::new());
        let runtime = local_runtime();
        let mut aborts = Vec::new();
        for _ in 0..8 {
            let (stays, notify) = (Stays::new(&drops), notify.clone());
            let task = runtime.spawn_local(async move {
                let _stays = stays;
                loop {
                    notify.notified().await;
                }
            });
            aborts.push(task.abort_handle());
        }
        runtime.block_on(yield_now());
        let barrier = Arc::new(std::sync::Barrier::new(3));
        let ready = barrier.clone();
        let waker = thread::spawn(move || {
            ready.wait();
            notify.notify_waiters();
        });
        let ready = barrier.clone();
        let aborter = thread::spawn(move || {
            ready.wait();
            aborts.into_iter().for_each(|abort| abort.abort());
        });
        barrier.wait();
        match round % 3 {
            0 => drop(runtime),
            1 => runtime.shutdown_timeout(Duration::from_secs(5)),
            _ => runtime.shutdown_background(),
        }
        assert_eq!(drops.get(), 8);
        waker.join().unwrap();
        aborter.join().unwrap();
    }
}

#[test]
#[should_panic(expected = "multi_thread is not supported for LocalRuntime")]
fn a_local_runtime_has_one_thread() {
    let _ = Builder::new_multi_thread().build_local(LocalOptions::default());
}

#[test]
fn it_is_a_runtime_like_others() {
    let runtime = LocalRuntime::new().unwrap();
    assert!(format!("{runtime:?}").starts_with("LocalRuntime"));
    assert_eq!(runtime.metrics().num_workers(), 1);
    assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 5)).unwrap(), 5);
    runtime.block_on(async { rt_core::time::sleep(Duration::from_millis(1)).await });
}
