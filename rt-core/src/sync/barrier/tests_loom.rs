use super::*;
use crate::shim::sync::Arc;
use loom::future::block_on;
use loom::thread;
use std::pin::pin;

#[test]
fn nobody_passes_alone_and_one_leads() {
    loom::model(|| {
        let shared = Arc::new((Barrier::new(2), AtomicUsize::new(0)));
        let pass = |shared: &(Barrier, AtomicUsize)| {
            shared.1.fetch_add(1, Ordering::Relaxed);
            let leads = block_on(shared.0.wait()).is_leader();
            // The lock and the verdict order what was done before.
            assert_eq!(shared.1.load(Ordering::Relaxed), 2);
            usize::from(leads)
        };
        let other = {
            let shared = shared.clone();
            thread::spawn(move || pass(&shared))
        };
        assert_eq!(pass(&shared) + other.join().unwrap(), 1);
    });
}

#[test]
fn rounds_do_not_mix() {
    loom::model(|| {
        let shared = Arc::new((Barrier::new(2), AtomicUsize::new(0)));
        let pass = |shared: &(Barrier, AtomicUsize)| {
            for round in 1..=2 {
                shared.1.fetch_add(1, Ordering::Relaxed);
                block_on(shared.0.wait());
                assert!(shared.1.load(Ordering::Relaxed) >= 2 * round);
            }
        };
        let other = {
            let shared = shared.clone();
            thread::spawn(move || pass(&shared))
        };
        pass(&shared);
        other.join().unwrap();
    });
}

#[test]
fn one_that_gives_up_stays_counted() {
    loom::model(|| {
        let barrier = Arc::new(Barrier::new(3));
        let quitter = {
            let barrier = barrier.clone();
            thread::spawn(move || {
                let wait = pin!(barrier.wait());
                let _ = wait.poll(&mut Context::from_waker(Waker::noop()));
            })
        };
        let other = {
            let barrier = barrier.clone();
            thread::spawn(move || {
                block_on(barrier.wait());
            })
        };
        block_on(barrier.wait());
        quitter.join().unwrap();
        other.join().unwrap();
        assert!(barrier.line.lock().is_empty());
    });
}

/// A waiting thread's own waker, in place of another one with which it began to wait.
#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = {
            let barrier = barrier.clone();
            thread::spawn(move || block_on(barrier.wait()).is_leader())
        };
        let mut wait = Box::pin(barrier.wait());
        let leads = match wait.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.is_leader(),
            Poll::Pending => block_on(wait).is_leader(),
        };
        assert!(leads != other.join().unwrap());
    });
}

#[test]
fn one_that_gives_up_while_its_round_ends_is_not_in_the_next() {
    loom::model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let mut wait = Box::pin(barrier.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let others = [(); 2].map(|()| {
            let barrier = barrier.clone();
            thread::spawn(move || usize::from(block_on(barrier.wait()).is_leader()))
        });
        drop(wait);
        // One ends the round of the one that gives up; the two others have the next to themselves.
        let mut leaders = usize::from(block_on(barrier.wait()).is_leader());
        for other in others {
            leaders += other.join().unwrap();
        }
        assert_eq!(leaders, 2);
        assert!(barrier.line.lock().is_empty());
    });
}
