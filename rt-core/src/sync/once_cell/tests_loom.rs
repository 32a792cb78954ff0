use super::*;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::sync::Arc;
use loom::future::block_on;
use loom::thread;
use std::pin::pin;
use std::task::{Context, Waker};

#[test]
fn one_initializes_and_all_see_it() {
    loom::model(|| {
        let shared = Arc::new((OnceCell::new(), AtomicUsize::new(0)));
        let want = |shared: &(OnceCell<usize>, AtomicUsize)| {
            let make = || async { shared.1.fetch_add(1, Ordering::Relaxed) + 7 };
            assert_eq!(block_on(shared.0.get_or_init(make)), &7);
        };
        let others: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || want(&shared))
            })
            .collect();
        want(&shared);
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn when_one_gives_up_or_fails_the_next_tries() {
    loom::model(|| {
        let cell = Arc::new(OnceCell::new());
        let quitter = {
            let cell = cell.clone();
            thread::spawn(move || {
                let want = pin!(cell.get_or_init(std::future::pending));
                let _ = want.poll(&mut Context::from_waker(Waker::noop()));
            })
        };
        let failing = {
            let cell = cell.clone();
            thread::spawn(move || block_on(cell.get_or_try_init(|| async { Err(()) })).ok().copied())
        };
        assert_eq!(block_on(cell.get_or_init(|| async { 7 })), &7);
        quitter.join().unwrap();
        assert!(matches!(failing.join().unwrap(), None | Some(7)));
        assert!(cell.permit.snapshot().is_closed());
    });
}

#[test]
fn set_races_with_an_initialization() {
    loom::model(|| {
        let cell = Arc::new(OnceCell::new());
        let setter = {
            let cell = cell.clone();
            thread::spawn(move || match cell.set(1) {
                Ok(()) => true,
                Err(SetError::AlreadyInitializedError(1)) => {
                    assert_eq!(cell.get(), Some(&2));
                    false
                }
                Err(error) => {
                    assert!(error.is_initializing_err());
                    false
                }
            })
        };
        let value = *block_on(cell.get_or_init(|| async { 2 }));
        assert_eq!(value, if setter.join().unwrap() { 1 } else { 2 });
    });
}

#[test]
fn one_that_gives_up_in_the_line_passes_the_turn_on() {
    loom::model(|| {
        let cell = Arc::new(OnceCell::new());
        let mut first = Box::pin(cell.get_or_init(std::future::pending));
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let quitter = {
            let cell = cell.clone();
            thread::spawn(move || {
                let want = pin!(cell.get_or_try_init(|| std::future::pending::<Result<_, ()>>()));
                let _ = want.poll(&mut Context::from_waker(Waker::noop()));
            })
        };
        let last = {
            let cell = cell.clone();
            thread::spawn(move || *block_on(cell.get_or_init(|| async { 7 })))
        };
        drop(first);
        quitter.join().unwrap();
        assert_eq!(last.join().unwrap(), 7);
        assert_eq!(cell.get(), Some(&7));
    });
}

#[test]
fn one_of_two_sets_it_and_who_looks_sees_it() {
    loom::model(|| {
        let cell = Arc::new(OnceCell::new());
        let set = |cell: &OnceCell<usize>, value| match cell.set(value) {
            Ok(()) => 1,
            // Of the other one, who may not be through.
            Err(error) => {
                assert!(error.is_initializing_err() || cell.initialized());
                0
            }
        };
        let other = {
            let cell = cell.clone();
            thread::spawn(move || set(&cell, 1))
        };
        let seen = cell.get().copied();
        let mine = set(&cell, 2);
        assert_eq!(mine + other.join().unwrap(), 1);
        assert_eq!(*cell.get().unwrap(), 2 - usize::from(mine == 0));
        assert!(seen.is_none_or(|seen| Some(&seen) == cell.get()));
    });
}

#[test]
fn another_waker_takes_over_in_the_line() {
    loom::model(|| {
        let cell = Arc::new(OnceCell::new());
        let failing = {
            let cell = cell.clone();
            thread::spawn(move || drop(block_on(cell.get_or_try_init(|| async { Err(()) }))))
        };
        let mut want = Box::pin(cell.get_or_init(|| async { 7 }));
        if want.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            assert_eq!(*block_on(want), 7);
        }
        failing.join().unwrap();
    });
}
