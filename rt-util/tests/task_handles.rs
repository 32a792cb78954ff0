//! Handles that abort their tasks, and futures inside of other runtimes.
#![cfg(all(feature = "rt", feature = "time"))]

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rt_core::runtime::{Builder, Handle, Runtime};
use rt_core::sync::oneshot;
use rt_util::context::{RuntimeExt, TokioContext};
use rt_util::task::{AbortOnDrop, AbortOnDropHandle};

fn current() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// A task that never ends, and what tells when it's gone.
fn task() -> (AbortOnDropHandle<()>, Arc<()>) {
    let held = Arc::new(());
    let copy = held.clone();
    let task = rt_core::spawn(async move {
        let _copy = copy;
        pending().await
    });
    (AbortOnDropHandle::new(task), held)
}

fn is_gone(held: &Arc<()>) -> bool {
    Arc::strong_count(held) == 1
}

#[test]
fn a_handle_that_is_dropped_takes_its_task_along() {
    current().block_on(async {
        let (handle, held) = task();
        drop(handle);
        rt_core::task::yield_now().await;
        assert!(is_gone(&held));
        // Also when it has begun, and while it's waited for.
        let (handle, held) = task();
        rt_core::task::yield_now().await;
        {
            let mut waiting = pin!(handle);
            assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        rt_core::task::yield_now().await;
        assert!(is_gone(&held));
    });
}

#[test]
fn a_detached_task_goes_on() {
    current().block_on(async {
        let (handle, held) = task();
        let (guard, join) = (AbortOnDrop::new(handle.abort_handle()), handle.detach());
        let abort = guard.detach();
        rt_core::task::yield_now().await;
        assert!(!is_gone(&held) && !join.is_finished());
        drop(AbortOnDrop::new(abort));
        assert!(join.await.unwrap_err().is_cancelled());
        assert!(is_gone(&held));
    });
}

#[test]
fn a_task_is_aborted_by_hand_and_ended_ones_are_left_alone() {
    current().block_on(async {
        let (handle, held) = task();
        assert!(!handle.is_finished() && !handle.as_ref().is_finished());
        handle.abort();
        assert!(handle.await.unwrap_err().is_cancelled());
        assert!(is_gone(&held));
        let (handle, _) = task();
        let guard = AbortOnDrop::new(handle.abort_handle());
        guard.abort();
        rt_core::task::yield_now().await;
        assert!(guard.is_finished() && handle.is_finished());
        assert!(format!("{guard:?} {handle:?}").contains("AbortOnDropHandle"));
        let done = AbortOnDropHandle::new(rt_core::spawn(async { 5 }));
        assert_eq!(done.await.unwrap(), 5);
        let panics = AbortOnDropHandle::new(rt_core::spawn(async { panic!("boom") }));
        assert!(panics.await.unwrap_err().is_panic());
    });
}

#[test]
fn a_future_is_polled_inside_of_the_other_runtime() {
    let (outer, inner) =
        (current(), Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());
    let id = inner.handle().id();
    let spawned = outer.block_on(inner.wrap(async {
        rt_core::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(Handle::current().id(), id);
        rt_core::spawn(async { Handle::current().id() }).await.unwrap()
    }));
    assert_eq!(spawned, id);
    // Only while it's polled, also when the poll panics.
    outer.block_on(async {
        let mut panics = pin!(inner.wrap(async { panic!("boom") }));
        let poll = || panics.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll)).is_err());
        assert_eq!(Handle::current().id(), outer.handle().id());
    });
}

#[test]
fn a_wrapped_future_comes_back() {
    let runtime = current();
    let (sender, receiver) = oneshot::channel();
    let wrapped = TokioContext::new(receiver, runtime.handle().clone());
    assert_eq!(wrapped.handle().id(), runtime.handle().id());
    sender.send(5).unwrap();
    let mut receiver = pin!(wrapped.into_inner());
    assert_eq!(receiver.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(5)));
}
