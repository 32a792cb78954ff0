use super::*;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize as Count;
use std::task::Wake;

/// Counts how often it was woken.
struct Counter(Count);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counter() -> (Arc<Counter>, Waker) {
    let counter = Arc::new(Counter(Count::new(0)));
    (counter.clone(), Waker::from(counter))
}

fn poll(acquire: &mut Pin<Box<Acquire<'_>>>, waker: &Waker) -> Poll<Result<(), AcquireError>> {
    acquire.as_mut().poll(&mut Context::from_waker(waker))
}

#[test]
fn the_line_is_first_come_first_served() {
    let permits = Permits::new(1);
    let (woken, waker) = counter();
    permits.try_acquire(1).unwrap();
    let mut many = Box::pin(permits.acquire(3));
    let mut one = Box::pin(permits.acquire(1));
    assert!(poll(&mut many, &waker).is_pending());
    assert!(poll(&mut one, Waker::noop()).is_pending());
    permits.release(2);
    assert!(poll(&mut one, Waker::noop()).is_pending(), "not before the one in front");
    assert_eq!(permits.snapshot().available(), 0);
    assert_eq!(permits.try_acquire(1), Err(TryAcquireError::NoPermits));
    assert_eq!(woken.0.load(Ordering::SeqCst), 0);
    permits.release(2);
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(poll(&mut many, &waker).is_ready());
    assert!(poll(&mut one, &waker).is_ready());
    assert_eq!(permits.snapshot().free(), 0);
}

#[test]
fn who_leaves_makes_way() {
    let permits = Permits::new(2);
    let (woken, waker) = counter();
    let mut many = Box::pin(permits.acquire(3));
    let mut one = Box::pin(permits.acquire(1));
    assert!(poll(&mut many, Waker::noop()).is_pending());
    assert!(poll(&mut one, &waker).is_pending());
    drop(many);
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(poll(&mut one, &waker).is_ready());
    assert_eq!(permits.snapshot().available(), 1);
}

#[test]
fn what_was_granted_to_a_dropped_waiter_goes_on() {
    let permits = Permits::new(0);
    let (woken, waker) = counter();
    let mut first = Box::pin(permits.acquire(1));
    let mut second = Box::pin(permits.acquire(1));
    assert!(poll(&mut first, Waker::noop()).is_pending());
    assert!(poll(&mut second, &waker).is_pending());
    permits.release(1);
    assert_eq!(woken.0.load(Ordering::SeqCst), 0);
    drop(first);
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(poll(&mut second, &waker).is_ready());
}

#[test]
fn the_latest_waker_is_woken() {
    let permits = Permits::new(0);
    let (old, old_waker) = counter();
    let (new, new_waker) = counter();
    let mut acquire = Box::pin(permits.acquire(1));
    assert!(poll(&mut acquire, &old_waker).is_pending());
    assert!(poll(&mut acquire, &new_waker).is_pending());
    drop(old_waker);
    assert_eq!(Arc::strong_count(&old), 1, "the old waker isn't kept");
    permits.release(1);
    assert_eq!((old.0.load(Ordering::SeqCst), new.0.load(Ordering::SeqCst)), (0, 1));
    assert!(poll(&mut acquire, &new_waker).is_ready());
}

#[test]
fn closing_refuses_all_and_counts_go_on() {
    let permits = Permits::new(0);
    let (woken, waker) = counter();
    let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(permits.acquire(1))).collect();
    for acquire in &mut waiting {
        assert!(poll(acquire, &waker).is_pending());
    }
    permits.close();
    assert_eq!(woken.0.load(Ordering::SeqCst), 100);
    for acquire in &mut waiting {
        assert!(matches!(poll(acquire, &waker), Poll::Ready(Err(_))));
    }
    assert!(permits.release(3).is_closed());
    assert_eq!(permits.forget(1), 1);
    assert!(permits.snapshot().is_closed(), "forgetting doesn't reopen it");
    assert_eq!(permits.snapshot().available(), 2);
}

#[test]
fn the_first_in_line_has_what_lay_there_until_it_learns_of_the_end() {
    for is_dropped in [false, true] {
        let permits = Permits::new(2);
        let mut first = Box::pin(permits.acquire(3));
        let mut second = Box::pin(permits.acquire(1));
        assert!(poll(&mut first, Waker::noop()).is_pending());
        assert!(poll(&mut second, Waker::noop()).is_pending());
        permits.close();
        assert!(matches!(poll(&mut second, Waker::noop()), Poll::Ready(Err(_))));
        assert_eq!(permits.snapshot().free(), 0);
        if !is_dropped {
            assert!(matches!(poll(&mut first, Waker::noop()), Poll::Ready(Err(_))));
            assert_eq!(permits.snapshot().free(), 2);
        }
        drop(first);
        assert_eq!(permits.snapshot().free(), 2);
    }
}

#[test]
fn a_big_release_wakes_more_than_a_batch() {
    let permits = Permits::new(0);
    let (woken, waker) = counter();
    let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(permits.acquire(1))).collect();
    for acquire in &mut waiting {
        assert!(poll(acquire, &waker).is_pending());
    }
    permits.release(101);
    assert_eq!(woken.0.load(Ordering::SeqCst), 100);
    assert!(waiting.iter_mut().all(|acquire| poll(acquire, &waker).is_ready()));
    assert_eq!(permits.snapshot().available(), 1);
}

#[test]
fn a_waker_that_panics_harms_no_other() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            panic!("bomb");
        }
    }
    let permits = Permits::new(0);
    let (woken, waker) = counter();
    let mut first = Box::pin(permits.acquire(1));
    let mut second = Box::pin(permits.acquire(1));
    assert!(poll(&mut first, &Waker::from(Arc::new(Bomb))).is_pending());
    assert!(poll(&mut second, &waker).is_pending());
    permits.release(2);
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(poll(&mut first, &waker).is_ready());
    assert!(poll(&mut second, &waker).is_ready());
}

#[test]
fn too_many_permits_are_not_added() {
    let permits = Permits::new(MAX_PERMITS);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        permits.release(1);
    }));
    assert!(result.is_err());
    assert_eq!(permits.snapshot().available(), MAX_PERMITS);
}

/// Of all that is built on permits: locks, semaphores, channels with room.
#[test]
fn without_a_line_its_lock_is_not_taken() {
    let permits = Permits::new(2);
    let (done, is_done) = std::sync::mpsc::channel();
    let held = permits.line.lock();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                permits.try_acquire(1).unwrap();
                assert!(poll(&mut Box::pin(permits.acquire(1)), Waker::noop()).is_ready());
                assert_eq!(permits.try_acquire(1), Err(TryAcquireError::NoPermits));
                let _ = permits.release(2);
            }
            done.send(()).unwrap();
        });
        let outcome = is_done.recv_timeout(std::time::Duration::from_secs(10));
        drop(held);
        assert!(outcome.is_ok(), "somebody waited for the line's lock");
    });
}
