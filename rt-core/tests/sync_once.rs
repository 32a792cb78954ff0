//! `OnceCell`, `SetOnce` and `Barrier` from outside.
#![cfg(feature = "sync")]

use std::future::{Future, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures::executor::block_on;
use futures::future::join_all;
use rt_core::sync::{Barrier, BarrierWaitResult, OnceCell, SetError, SetOnce};

/// Polls once, with a waker that does nothing.
macro_rules! poll {
    ($future:expr) => {
        Future::poll($future.as_mut(), &mut Context::from_waker(Waker::noop()))
    };
}

#[test]
fn the_others_wait_for_the_one_that_initializes() {
    let cell = OnceCell::new();
    let (sender, receiver) = futures::channel::oneshot::channel();
    let mut first = pin!(cell.get_or_init(|| async { receiver.await.unwrap() }));
    let mut second = pin!(cell.get_or_init(|| async { unreachable!("the first one does it") }));
    assert!(poll!(first).is_pending());
    assert!(poll!(second).is_pending());
    assert_eq!(cell.set(9), Err(SetError::InitializingError(9)));
    assert_eq!(cell.get(), None);
    sender.send(5).unwrap();
    assert_eq!(poll!(first), Poll::Ready(&5));
    assert_eq!(poll!(second), Poll::Ready(&5));
    assert_eq!(cell.set(9), Err(SetError::AlreadyInitializedError(9)));
}

#[test]
fn a_failure_leaves_it_to_the_next() {
    let cell = OnceCell::new();
    assert_eq!(block_on(cell.get_or_try_init(|| async { Err::<u32, _>("no") })), Err("no"));
    assert!(!cell.initialized());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        block_on(cell.get_or_init(|| async { panic!("in the initialization") }));
    }));
    assert!(panicked.is_err());
    let mut waiting = pin!(cell.get_or_init(|| ready(7)));
    {
        let mut first = pin!(cell.get_or_init(pending));
        assert!(poll!(first).is_pending());
        assert!(poll!(waiting).is_pending());
    }
    assert_eq!(poll!(waiting), Poll::Ready(&7));
}

#[test]
fn one_that_waits_in_line_may_give_up() {
    let cell = OnceCell::new();
    let mut first = Box::pin(cell.get_or_init(pending));
    let mut second = Box::pin(cell.get_or_init(|| ready(2)));
    let mut third = pin!(cell.get_or_init(|| ready(3)));
    assert!(poll!(first).is_pending());
    assert!(poll!(second).is_pending());
    assert!(poll!(third).is_pending());
    drop(first);
    // It was its turn.
    drop(second);
    assert_eq!(poll!(third), Poll::Ready(&3));
}

#[test]
fn a_cell_taken_is_as_new() {
    let mut cell = OnceCell::from("one".to_owned());
    cell.get_mut().unwrap().push('!');
    assert_eq!(cell.clone(), cell);
    assert_eq!(cell.take().as_deref(), Some("one!"));
    assert_eq!(cell.take(), None);
    assert_eq!(format!("{cell:?}"), "OnceCell { value: None }");
    assert_eq!(block_on(cell.get_or_init(|| ready("two".to_owned()))), "two");
    assert_eq!(cell.into_inner().as_deref(), Some("two"));
}

#[test]
fn the_value_is_dropped_once() {
    struct Counted<'a>(&'a AtomicUsize);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let drops = AtomicUsize::new(0);
    let cell = OnceCell::new_with(Some(Counted(&drops)));
    drop(cell.set(Counted(&drops)).unwrap_err());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    drop(cell);
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    let once = SetOnce::new();
    assert!(once.set(Counted(&drops)).is_ok());
    drop(once.set(Counted(&drops)));
    assert_eq!(drops.load(Ordering::Relaxed), 3);
    drop(once);
    assert_eq!(drops.load(Ordering::Relaxed), 4);
}

#[test]
fn all_who_wait_get_what_was_set() {
    let once = Arc::new(SetOnce::new());
    let threads: Vec<_> = (0..100)
        .map(|_| {
            let once = once.clone();
            std::thread::spawn(move || *block_on(once.wait()))
        })
        .collect();
    once.set(5).unwrap();
    assert_eq!(once.set(6).unwrap_err().to_string(), "SetOnceError");
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 5);
    }
}

#[test]
fn a_wait_for_what_is_set_is_ready_and_one_dropped_leaves_no_trace() {
    let once = SetOnce::new();
    {
        let mut given_up = pin!(once.wait());
        assert!(poll!(given_up).is_pending());
    }
    let mut waiting = Box::pin(once.wait());
    assert!(poll!(waiting).is_pending());
    once.set(5).unwrap();
    assert_eq!(poll!(waiting), Poll::Ready(&5));
    assert_eq!(poll!(pin!(once.wait())), Poll::Ready(&5));
    drop(waiting);
    assert_eq!(once.clone(), SetOnce::from(5));
    assert_eq!(format!("{once:?}"), "SetOnce { value: Some(5) }");
    assert_eq!(once.into_inner(), Some(5));
}

#[test]
fn a_barrier_lets_its_number_through_with_one_leader() {
    for size in [0, 1, 2, 40, 100] {
        let barrier = Barrier::new(size);
        for _ in 0..3 {
            let passed = block_on(join_all((0..size.max(1)).map(|_| barrier.wait())));
            assert_eq!(passed.iter().filter(|one| one.is_leader()).count(), 1);
        }
        if size > 1 {
            assert!(poll!(pin!(barrier.wait())).is_pending());
        }
    }
}

#[test]
fn who_arrives_after_a_round_waits_for_the_next() {
    let barrier = Barrier::new(2);
    let mut one = pin!(barrier.wait());
    assert!(poll!(one).is_pending());
    assert!(poll!(pin!(barrier.wait())).is_ready());
    let mut next = pin!(barrier.wait());
    assert!(poll!(next).is_pending());
    assert!(poll!(one).is_ready());
    assert!(poll!(next).is_pending());
    assert!(poll!(pin!(barrier.wait())).is_ready());
    assert!(poll!(next).is_ready());
}

#[test]
fn who_has_arrived_at_a_barrier_stays_counted() {
    let barrier = Barrier::new(2);
    assert!(poll!(pin!(barrier.wait())).is_pending());
    // That one was dropped. One that wasn't polled hasn't arrived.
    drop(barrier.wait());
    assert!(matches!(poll!(pin!(barrier.wait())), Poll::Ready(result) if result.is_leader()));
    assert!(poll!(pin!(barrier.wait())).is_pending());
}

/// A round with more than are woken at a time: who is woken first arrives again before the others are told.
#[test]
fn who_arrives_while_a_round_is_told_waits_for_the_next() {
    type Next = Mutex<Vec<Pin<Box<dyn Future<Output = BarrierWaitResult> + Send>>>>;
    struct Again(Arc<(Barrier, Next)>);
    impl Wake for Again {
        fn wake(self: Arc<Self>) {
            let shared = self.0.clone();
            let mut next = Box::pin(async move { shared.0.wait().await });
            assert!(poll!(next).is_pending());
            self.0.1.lock().unwrap().push(next);
        }
    }
    const SIZE: usize = 100;
    let shared = Arc::new((Barrier::new(SIZE), Next::default()));
    let waker = Waker::from(Arc::new(Again(shared.clone())));
    let mut first: Vec<_> = (1..SIZE).map(|_| Box::pin(shared.0.wait())).collect();
    for wait in &mut first {
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert!(matches!(poll!(pin!(shared.0.wait())), Poll::Ready(last) if last.is_leader()));
    assert!(first.iter_mut().all(|wait| poll!(wait).is_ready()));
    let mut next = std::mem::take(&mut *shared.1.lock().unwrap());
    assert_eq!(next.len(), SIZE - 1);
    assert!(next.iter_mut().all(|wait| poll!(wait).is_pending()), "of the next round, one is missing");
    assert!(matches!(poll!(pin!(shared.0.wait())), Poll::Ready(last) if last.is_leader()));
    assert!(next.iter_mut().all(|wait| poll!(wait).is_ready()));
}
