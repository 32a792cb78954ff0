use super::*;
use crate::shim::sync::Arc;
use loom::future::block_on;
use loom::thread;
use std::pin::pin;

#[test]
fn who_waits_sees_the_value() {
    loom::model(|| {
        let once = Arc::new(SetOnce::new());
        let waiter = {
            let once = once.clone();
            thread::spawn(move || assert_eq!(block_on(once.wait()), &7))
        };
        let setter = {
            let once = once.clone();
            thread::spawn(move || once.set(7).unwrap())
        };
        assert_eq!(block_on(once.wait()), &7);
        waiter.join().unwrap();
        setter.join().unwrap();
    });
}

#[test]
fn one_of_two_sets_it_and_the_other_finds_it_set() {
    loom::model(|| {
        let once = Arc::new(SetOnce::new());
        let set = |once: &SetOnce<usize>, value| {
            let lost = once.set(value).is_err();
            assert!(once.get().is_some());
            usize::from(lost)
        };
        let other = {
            let once = once.clone();
            thread::spawn(move || set(&once, 1))
        };
        assert_eq!(set(&once, 2) + other.join().unwrap(), 1);
    });
}

#[test]
fn one_that_gives_up_leaves_the_line() {
    loom::model(|| {
        let once = Arc::new(SetOnce::new());
        let quitter = {
            let once = once.clone();
            thread::spawn(move || {
                let wait = pin!(once.wait());
                let _ = wait.poll(&mut Context::from_waker(Waker::noop()));
            })
        };
        once.set(7).unwrap();
        quitter.join().unwrap();
        assert!(once.line.lock().is_empty());
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let once = Arc::new(SetOnce::new());
        let setter = {
            let once = once.clone();
            thread::spawn(move || once.set(7).unwrap())
        };
        let mut wait = Box::pin(once.wait());
        if wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            assert_eq!(block_on(wait), &7);
        }
        setter.join().unwrap();
    });
}

#[test]
fn one_that_gives_up_while_all_are_told_harms_no_other() {
    loom::model(|| {
        let once = Arc::new(SetOnce::new());
        let mut first = Box::pin(once.wait());
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let waiter = {
            let once = once.clone();
            thread::spawn(move || assert_eq!(block_on(once.wait()), &7))
        };
        let setter = {
            let once = once.clone();
            thread::spawn(move || once.set(7).unwrap())
        };
        drop(first);
        setter.join().unwrap();
        waiter.join().unwrap();
        assert!(once.line.lock().is_empty());
    });
}
