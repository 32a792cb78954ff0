use super::*;
use loom::future::block_on;
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

#[test]
fn one_at_a_time() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let lock = lock.clone();
                thread::spawn(move || *block_on(lock.lock()) += 1)
            })
            .collect();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(*lock.try_lock().unwrap(), 2);
    });
}

#[test]
fn an_owned_guard_moves_to_another_thread() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.clone().try_lock_owned().unwrap();
        let other = thread::spawn(move || {
            let mut guard = guard;
            *guard += 1;
        });
        assert_eq!(*block_on(lock.lock()), 1);
        other.join().unwrap();
    });
}

/// Polls once, and drops the future with what it returned.
fn give_up(future: impl Future) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn one_that_gives_up_passes_it_on() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.clone().try_lock_owned().unwrap();
        let quitter = {
            let lock = lock.clone();
            thread::spawn(move || give_up(lock.lock()))
        };
        let releaser = thread::spawn(move || drop(guard));
        *block_on(lock.lock()) += 1;
        quitter.join().unwrap();
        releaser.join().unwrap();
        assert_eq!(*lock.try_lock().unwrap(), 1);
    });
}

#[test]
fn one_that_gives_up_an_owned_lock_passes_it_on() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.clone().try_lock_owned().unwrap();
        let quitter = {
            let lock = lock.clone();
            thread::spawn(move || give_up(lock.lock_owned()))
        };
        drop(guard);
        quitter.join().unwrap();
        assert!(lock.try_lock().is_ok());
    });
}
