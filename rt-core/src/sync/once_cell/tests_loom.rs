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
