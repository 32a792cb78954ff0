//! Models of a tracker's end: against tasks that leave, that come, and against reopening.

use loom::future::block_on;
use loom::thread;

use super::TaskTracker;

#[test]
fn the_last_two_tasks_and_the_closing() {
    loom::model(|| {
        let tracker = TaskTracker::new();
        let (first, second) = (tracker.token(), tracker.token());
        let leaving = thread::spawn(move || drop(first));
        let closing = thread::spawn(move || {
            second.task_tracker().close();
            drop(second);
        });
        block_on(tracker.wait());
        assert!(tracker.is_empty());
        leaving.join().unwrap();
        closing.join().unwrap();
    });
}

#[test]
fn a_waiter_hears_of_an_end_that_is_over() {
    loom::model(|| {
        let tracker = TaskTracker::new();
        let wait = tracker.wait();
        let other = tracker.clone();
        let thread = thread::spawn(move || {
            other.close();
            other.reopen();
        });
        block_on(wait);
        thread.join().unwrap();
    });
}

#[test]
fn a_task_that_comes_late_is_waited_for_or_comes_after_an_end() {
    loom::model(|| {
        let tracker = TaskTracker::new();
        let first = tracker.token();
        tracker.close();
        let thread = thread::spawn(move || {
            let late = first.clone();
            drop(first);
            late
        });
        let late = thread.join().unwrap();
        assert!(!tracker.inner.is_done());
        drop(late);
        block_on(tracker.wait());
    });
}
