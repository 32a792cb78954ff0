use super::*;
use crate::shim::cell::UnsafeCell;
use loom::future::block_on;
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// Polls once and gives up; whether it was notified.
fn give_up(notify: &Notify) -> bool {
    let notified = pin!(notify.notified());
    notified.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn one_is_told_and_sees_what_was_done() {
    loom::model(|| {
        let shared = Arc::new((Notify::new(), UnsafeCell::new(0)));
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                // SAFETY: read only after the notification.
                shared.1.with_mut(|value| unsafe { *value = 7 });
                shared.0.notify_one();
            })
        };
        block_on(shared.0.notified());
        // SAFETY: written before the notification.
        assert_eq!(shared.1.with(|value| unsafe { *value }), 7);
        other.join().unwrap();
    });
}

#[test]
fn two_notifications_reach_two() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let notify = notify.clone();
                thread::spawn(move || {
                    block_on(notify.notified());
                    // Two calls may leave one permit only: pass it on.
                    notify.notify_one();
                })
            })
            .collect();
        notify.notify_one();
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

#[test]
fn one_that_gives_up_passes_it_on() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let quitter = {
            let notify = notify.clone();
            thread::spawn(move || {
                if give_up(&notify) {
                    notify.notify_one();
                }
            })
        };
        let teller = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_one())
        };
        block_on(notify.notified());
        quitter.join().unwrap();
        teller.join().unwrap();
    });
}

#[test]
fn all_that_exist_are_told() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let notified = notify.clone().notified_owned();
                thread::spawn(move || block_on(notified))
            })
            .collect();
        notify.notify_waiters();
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert!(!give_up(&notify), "no permit is left");
    });
}

#[test]
fn telling_all_takes_no_permit() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let notified = notify.clone().notified_owned();
        let waiter = thread::spawn(move || block_on(notified));
        notify.notify_waiters();
        notify.notify_one();
        waiter.join().unwrap();
        assert!(give_up(&notify), "the one in the line was meant by the first call");
    });
}

#[test]
fn telling_all_races_with_telling_one() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let one = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_one())
        };
        let all = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_waiters())
        };
        block_on(notify.notified());
        one.join().unwrap();
        all.join().unwrap();
        assert_ne!(notify.state.0.load(Ordering::Relaxed) & STATE, WAITING);
    });
}

#[test]
fn the_last_that_gives_up_passes_it_to_the_last() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let first = notify.clone().notified_owned();
        let mut last = Box::pin(notify.clone().notified_owned());
        let waiter = thread::spawn(move || block_on(first));
        let _ = last.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let teller = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_last())
        };
        drop(last);
        waiter.join().unwrap();
        teller.join().unwrap();
        assert!(!give_up(&notify), "one was told, and that was it");
    });
}

#[test]
fn one_that_gives_up_when_all_are_told_leaves_no_permit() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let mut quitter = Box::pin(notify.notified());
        assert!(quitter.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let other = notify.clone().notified_owned();
        let waiter = thread::spawn(move || block_on(other));
        let teller = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_waiters())
        };
        drop(quitter);
        waiter.join().unwrap();
        teller.join().unwrap();
        assert!(!give_up(&notify));
    });
}

#[test]
fn one_that_is_enabled_before_it_looks_misses_nothing() {
    loom::model(|| {
        let shared = Arc::new((Notify::new(), UnsafeCell::new(0)));
        let mut notified = Box::pin(shared.0.notified());
        let told = notified.as_mut().enable();
        assert!(!told);
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                // SAFETY: read only after the notification.
                shared.1.with_mut(|value| unsafe { *value = 7 });
                shared.0.notify_one();
            })
        };
        if !notified.as_mut().enable() {
            block_on(notified.as_mut());
        }
        // SAFETY: written before the notification.
        assert_eq!(shared.1.with(|value| unsafe { *value }), 7);
        drop(notified);
        other.join().unwrap();
        assert!(!give_up(&shared.0), "it was taken");
    });
}

#[test]
fn an_owned_one_that_is_enabled_and_dropped_passes_it_on() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let mut enabled = Box::pin(notify.clone().notified_owned());
        assert!(!enabled.as_mut().enable());
        let teller = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_one())
        };
        drop(enabled);
        block_on(notify.notified());
        teller.join().unwrap();
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let notify = Arc::new(Notify::new());
        let teller = {
            let notify = notify.clone();
            thread::spawn(move || notify.notify_one())
        };
        let mut notified = Box::pin(notify.notified());
        if notified.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            block_on(notified);
        }
        teller.join().unwrap();
    });
}
