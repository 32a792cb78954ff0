//! What a tracker counts, when waiting ends, and that no end is lost under many threads.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::thread;

use futures::executor::block_on;

use super::TaskTracker;

fn is_ready(future: std::pin::Pin<&mut impl Future>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn waiting_wants_closed_and_empty_at_once() {
    let tracker = TaskTracker::new();
    let mut wait = pin!(tracker.wait());
    assert!(!is_ready(wait.as_mut()));
    let token = tracker.token();
    assert!(tracker.close());
    assert!(!is_ready(wait.as_mut()));
    let second = token.clone();
    drop(token);
    assert_eq!((tracker.len(), is_ready(wait.as_mut())), (1, false));
    drop(second);
    assert!(is_ready(wait.as_mut()));
    assert!(is_ready(pin!(tracker.wait())));
}

#[test]
fn what_was_done_at_the_call_is_done_for_it() {
    let tracker = TaskTracker::new();
    tracker.close();
    let (first, second) = (pin!(tracker.wait()), pin!(tracker.wait()));
    tracker.reopen();
    let token = tracker.token();
    assert!(is_ready(first));
    drop(token);
    tracker.close();
    tracker.reopen();
    assert!(is_ready(second));
    assert!(!is_ready(pin!(tracker.wait())));
}

#[test]
fn an_end_counts_for_those_who_waited_only() {
    let tracker = TaskTracker::new();
    let mut early = pin!(tracker.wait());
    assert!(!is_ready(early.as_mut()));
    let unpolled = pin!(tracker.wait());
    tracker.close();
    assert!(tracker.reopen());
    assert!(!tracker.reopen());
    let mut late = pin!(tracker.wait());
    assert!(is_ready(early));
    assert!(is_ready(unpolled));
    assert!(!is_ready(late.as_mut()));
    let token = tracker.token();
    tracker.close();
    assert!(!is_ready(late.as_mut()));
    drop(token);
    let _again = tracker.token();
    assert!(is_ready(late), "it was done for a moment");
}

#[test]
fn closing_twice_is_one_end() {
    let tracker = TaskTracker::new();
    assert!(tracker.close());
    let ends = super::lock(&tracker.inner.state).ends;
    assert!(!tracker.close());
    assert_eq!(super::lock(&tracker.inner.state).ends, ends);
}

#[test]
fn waiters_that_give_up_leave_nothing() {
    let tracker = TaskTracker::new();
    let entries = || super::lock(&tracker.inner.state).waiters.len();
    {
        let mut wait = pin!(tracker.wait());
        assert!(!is_ready(wait.as_mut()));
        assert!(!is_ready(wait.as_mut()));
        assert_eq!(entries(), 1);
    }
    assert_eq!(entries(), 0);
    let stale = Box::pin(tracker.wait());
    let mut stale = stale;
    assert!(!is_ready(stale.as_mut()));
    tracker.close();
    tracker.reopen();
    let mut fresh = pin!(tracker.wait());
    assert!(!is_ready(fresh.as_mut()));
    drop(stale);
    assert_eq!(entries(), 1, "a waiter of an earlier end removes nobody else's entry");
}

#[test]
fn a_task_ends_after_its_future_is_gone() {
    struct Watch(TaskTracker, Arc<AtomicBool>);
    impl Drop for Watch {
        fn drop(&mut self) {
            self.1.store(self.0.len() == 1, Ordering::SeqCst);
        }
    }
    let tracker = TaskTracker::new();
    let counted = Arc::new(AtomicBool::new(false));
    let watch = Watch(tracker.clone(), counted.clone());
    drop(tracker.track_future(async move { drop(watch) }));
    assert!(counted.load(Ordering::SeqCst), "still counted while the future was dropped");
    assert!(tracker.is_empty());
}

#[test]
fn clones_are_the_same_tracker() {
    let tracker = TaskTracker::default();
    let token = tracker.clone().token();
    assert!(TaskTracker::ptr_eq(&tracker, token.task_tracker()));
    assert!(!TaskTracker::ptr_eq(&tracker, &TaskTracker::new()));
    assert_eq!(format!("{tracker:?}"), "TaskTracker { len: 1, is_closed: false }");
}

/// Tasks come and go on all threads while the tracker is closed: every waiter must end, and none before
/// the tasks that were there.
#[test]
fn many_threads_end_at_once() {
    for _ in 0..500 {
        let tracker = TaskTracker::new();
        let running = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                running.fetch_add(1, Ordering::SeqCst);
                let token = tracker.token();
                let running = &running;
                scope.spawn(move || {
                    let tokens: Vec<_> = (0..50).map(|_| token.clone()).collect();
                    drop(tokens);
                    running.fetch_sub(1, Ordering::SeqCst);
                    drop(token);
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    block_on(tracker.wait());
                    assert_eq!(running.load(Ordering::SeqCst), 0);
                });
            }
            tracker.close();
        });
        assert!(tracker.is_empty());
    }
}
