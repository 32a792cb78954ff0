use super::*;
use crate::shim::cell::UnsafeCell;
use crate::shim::sync::Arc;
use loom::future::block_on;
use loom::thread;

/// Polls once, and drops the future.
fn give_up(permits: &Permits, n: usize) -> bool {
    let mut acquire = std::pin::pin!(permits.acquire(n));
    acquire.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_permit_passes_the_value_on() {
    loom::model(|| {
        let shared = Arc::new((Permits::new(1), UnsafeCell::new(0)));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || {
                    block_on(shared.0.acquire(1)).unwrap();
                    // SAFETY: one permit, which we have.
                    shared.1.with_mut(|value| unsafe { *value += 1 });
                    shared.0.release(1);
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        // SAFETY: the threads are done.
        assert_eq!(shared.1.with(|value| unsafe { *value }), 2);
        assert_eq!(shared.0.snapshot().available(), 1);
    });
}

#[test]
fn a_cancelled_wait_loses_no_permit() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(0));
        let quitter = {
            let permits = permits.clone();
            thread::spawn(move || {
                if give_up(&permits, 1) {
                    permits.release(1);
                }
            })
        };
        let giver = {
            let permits = permits.clone();
            thread::spawn(move || {
                permits.release(1);
            })
        };
        block_on(permits.acquire(1)).unwrap();
        quitter.join().unwrap();
        giver.join().unwrap();
        assert_eq!(permits.snapshot().free(), 0);
        assert_eq!(permits.snapshot().0 & LINE, 0);
    });
}

#[test]
fn one_that_needs_much_leaves_and_another_goes_on() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(1));
        let quitter = {
            let permits = permits.clone();
            thread::spawn(move || assert!(!give_up(&permits, 3)))
        };
        block_on(permits.acquire(1)).unwrap();
        quitter.join().unwrap();
        assert_eq!(permits.snapshot().0, 0);
    });
}

#[test]
fn many_from_two_releases() {
    loom::model(|| {
        let shared = Arc::new((Permits::new(0), [UnsafeCell::new(0), UnsafeCell::new(0)]));
        let givers: Vec<_> = (0..2)
            .map(|nth| {
                let shared = shared.clone();
                thread::spawn(move || {
                    // SAFETY: read only by who has both permits.
                    shared.1[nth].with_mut(|value| unsafe { *value = 7 });
                    shared.0.release(1);
                })
            })
            .collect();
        block_on(shared.0.acquire(2)).unwrap();
        for value in &shared.1 {
            // SAFETY: written before the permits were released.
            assert_eq!(value.with(|value| unsafe { *value }), 7);
        }
        for giver in givers {
            giver.join().unwrap();
        }
        assert_eq!(shared.0.snapshot().0, 0);
    });
}

#[test]
fn closing_ends_every_wait() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(0));
        let closer = {
            let permits = permits.clone();
            thread::spawn(move || permits.close())
        };
        let giver = {
            let permits = permits.clone();
            thread::spawn(move || {
                permits.release(1);
            })
        };
        let got = block_on(permits.acquire(1)).is_ok();
        closer.join().unwrap();
        giver.join().unwrap();
        let now = permits.snapshot();
        assert!(now.is_closed());
        assert_eq!(now.free(), usize::from(!got));
    });
}

#[test]
fn forgetting_takes_only_what_is_there() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(1));
        let other = {
            let permits = permits.clone();
            thread::spawn(move || {
                block_on(permits.acquire(1)).unwrap();
                permits.release(2);
            })
        };
        // With the only permit forgotten the other would wait for ever: take it back at once.
        let forgotten = permits.forget(1);
        permits.release(forgotten);
        other.join().unwrap();
        assert_eq!(permits.snapshot().0 >> SHIFT, 2);
    });
}

#[test]
fn the_first_that_gives_up_while_it_is_closed_gives_its_part_back() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(1));
        let mut first = Box::pin(permits.acquire(2));
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let closer = {
            let permits = permits.clone();
            thread::spawn(move || permits.close())
        };
        let giver = {
            let permits = permits.clone();
            thread::spawn(move || drop(permits.release(1)))
        };
        // In line, granted, or refused with what lay there for it.
        drop(first);
        closer.join().unwrap();
        giver.join().unwrap();
        let now = permits.snapshot();
        assert!(now.is_closed());
        assert_eq!(now.free(), 2);
    });
}

#[test]
fn one_in_the_middle_gives_up() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(0));
        let mut first = Box::pin(permits.acquire(1));
        let mut middle = Box::pin(permits.acquire(2));
        let mut last = Box::pin(permits.acquire(1));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut cx).is_pending());
        assert!(middle.as_mut().poll(&mut cx).is_pending());
        assert!(last.as_mut().poll(&mut cx).is_pending());
        let giver = {
            let permits = permits.clone();
            thread::spawn(move || drop(permits.release(2)))
        };
        drop(middle);
        block_on(last).unwrap();
        block_on(first).unwrap();
        giver.join().unwrap();
        assert_eq!(permits.snapshot().0, 0);
    });
}

#[test]
fn what_lies_there_for_the_first_in_line_is_not_forgotten() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(1));
        let mut first = Box::pin(permits.acquire(2));
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let forgetting = {
            let permits = permits.clone();
            thread::spawn(move || permits.forget(1))
        };
        let giver = {
            let permits = permits.clone();
            thread::spawn(move || drop(permits.release(1)))
        };
        block_on(first).unwrap();
        assert_eq!(forgetting.join().unwrap(), 0);
        giver.join().unwrap();
        assert_eq!(permits.snapshot().0, 0);
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(0));
        let giver = {
            let permits = permits.clone();
            thread::spawn(move || drop(permits.release(1)))
        };
        let mut acquire = Box::pin(permits.acquire(1));
        if acquire.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            block_on(acquire).unwrap();
        }
        giver.join().unwrap();
        assert_eq!(permits.snapshot().0, 0);
    });
}
