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

#[test]
fn a_mapped_guard_releases_from_another_thread() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new((0, 0)));
        let guard = OwnedMutexGuard::map(lock.clone().try_lock_owned().unwrap(), |both| &mut both.1);
        let other = thread::spawn(move || {
            let mut part = OwnedMappedMutexGuard::map(guard, |part| part);
            *part += 1;
        });
        let part = MutexGuard::map(block_on(lock.lock()), |both| &mut both.1);
        assert_eq!(*part, 1);
        drop(part);
        other.join().unwrap();
        assert!(lock.try_lock().is_ok());
    });
}

#[test]
fn one_that_gives_up_between_two_others_lets_both_have_it() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.clone().try_lock_owned().unwrap();
        let mut quitter = Box::pin(lock.lock());
        assert!(quitter.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let behind = {
            let lock = lock.clone();
            thread::spawn(move || *block_on(lock.lock()) += 1)
        };
        let releaser = thread::spawn(move || drop(guard));
        // In front of the one behind, if that has come: it is granted the lock, or isn't.
        drop(quitter);
        behind.join().unwrap();
        releaser.join().unwrap();
        assert_eq!(*lock.try_lock().unwrap(), 1);
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.clone().try_lock_owned().unwrap();
        let releaser = thread::spawn(move || drop(guard));
        let mut waiting = Box::pin(lock.lock());
        if waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            *block_on(waiting) += 1;
        }
        releaser.join().unwrap();
        assert!(lock.try_lock().is_ok());
    });
}
