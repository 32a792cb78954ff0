//! Task-locals: scopes within scopes, in polls and drops, across threads, and where they can't be entered.
#![cfg(feature = "full")]

mod task_support;

use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use rt_core::runtime::{Builder, Runtime};
use rt_core::task::yield_now;
use task_support::message;

rt_core::task_local! {
    /// Documented.
    pub static NUMBER: u32;
    static NAME: String;
    pub(crate) static CELL: RefCell<Vec<u32>>
}

rt_core::task_local! {}

#[test]
fn a_value_follows_its_future_from_thread_to_thread() {
    Builder::new_multi_thread().worker_threads(4).build().unwrap().block_on(async {
        let tasks: Vec<_> = (0..200)
            .map(|n| {
                rt_core::spawn(NUMBER.scope(n, async move {
                    for _ in 0..50 {
                        assert_eq!(NUMBER.get(), n);
                        yield_now().await;
                    }
                    assert!(rt_core::spawn(async { NUMBER.try_get() }).await.unwrap().is_err());
                    NUMBER.get()
                }))
            })
            .collect();
        for (n, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap() as usize, n);
        }
    });
}

#[test]
fn scopes_nest_and_end() {
    assert!(NUMBER.try_get().is_err());
    NUMBER.sync_scope(1, || {
        NUMBER.sync_scope(2, || {
            NAME.sync_scope("both".into(), || assert_eq!((NUMBER.get(), NAME.get()), (2, "both".into())));
        });
        assert!(catch_unwind(|| NUMBER.sync_scope(3, || std::panic::resume_unwind(Box::new(())))).is_err());
        assert_eq!(NUMBER.get(), 1);
        assert!(NAME.try_with(|_| ()).is_err());
    });
    assert!(NUMBER.try_get().is_err());
}

#[test]
fn a_value_may_change_inside() {
    CELL.sync_scope(RefCell::default(), || {
        CELL.with(|cell| cell.borrow_mut().push(1));
        CELL.with(|cell| cell.borrow_mut().push(2));
        assert_eq!(CELL.get(), RefCell::new(vec![1, 2]));
    });
}

#[test]
fn what_a_future_holds_sees_the_value_when_it_is_dropped() {
    struct Looks(Arc<AtomicUsize>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.0.fetch_add(NUMBER.get() as usize, Ordering::SeqCst);
        }
    }

    let sum = Arc::new(AtomicUsize::new(0));
    let mut cx = Context::from_waker(Waker::noop());
    let holds = |wait: bool| {
        let looks = Looks(sum.clone());
        async move {
            let _looks = looks;
            if wait {
                pending().await
            }
        }
    };
    // Never polled, polled, complete.
    drop(NUMBER.scope(1, holds(true)));
    {
        let mut waits = pin!(NUMBER.scope(10, holds(true)));
        assert!(waits.as_mut().poll(&mut cx).is_pending());
    }
    let mut done = pin!(NUMBER.scope(100, holds(false)));
    assert!(done.as_mut().poll(&mut cx).is_ready());
    assert_eq!(sum.load(Ordering::SeqCst), 111);
    // And when the task is aborted.
    Runtime::new().unwrap().block_on(async {
        let task = rt_core::spawn(NUMBER.scope(1_000, holds(true)));
        yield_now().await;
        task.abort();
        assert!(task.await.is_err());
    });
    assert_eq!(sum.load(Ordering::SeqCst), 1_111);
}

#[test]
fn the_value_can_be_taken_back() {
    let mut cx = Context::from_waker(Waker::noop());
    let mut scope = pin!(NAME.scope("Ada".into(), async {
        yield_now().await;
        NAME.try_get().ok()
    }));
    assert_eq!(format!("{scope:?}"), "TaskLocalFuture { value: Some(\"Ada\"), .. }");
    assert!(scope.as_mut().poll(&mut cx).is_pending());
    assert_eq!(scope.as_mut().take_value().as_deref(), Some("Ada"));
    assert_eq!(scope.as_mut().take_value(), None);
    assert_eq!(scope.as_mut().poll(&mut cx), Poll::Ready(None));
}

#[test]
fn misuse_panics_and_says_so() {
    assert_eq!(
        message(catch_unwind(|| NUMBER.with(|_| ()))),
        "cannot access a task-local storage value without setting it first"
    );
    let nested = || NUMBER.sync_scope(1, || NUMBER.with(|_| NUMBER.sync_scope(2, || ())));
    assert_eq!(
        message(catch_unwind(nested)),
        "cannot enter a task-local scope while the task-local storage is borrowed"
    );
    let mut scope = Box::pin(NUMBER.scope(1, async {}));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(scope.as_mut().poll(&mut cx).is_ready());
    let again = catch_unwind(AssertUnwindSafe(|| _ = scope.as_mut().poll(&mut cx)));
    assert_eq!(message(again), "`TaskLocalFuture` polled after completion");
    assert_eq!(NUMBER.try_get().unwrap_err().to_string(), "task-local value not set");
    assert_eq!(format!("{NUMBER:?}"), "LocalKey { .. }");
}

#[test]
fn a_future_that_panics_leaves_no_value_behind() {
    Builder::new_current_thread().build().unwrap().block_on(async {
        let task = rt_core::spawn(NUMBER.scope(1, async { std::panic::resume_unwind(Box::new(())) }));
        let result: Result<(), _> = task.await;
        assert!(result.unwrap_err().is_panic());
        assert!(NUMBER.try_get().is_err());
    });
}
