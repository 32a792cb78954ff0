//! The reader-writer lock from outside.
#![cfg(feature = "sync")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use rt_core::sync::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard,
};

/// Polls once, with a waker that does nothing.
macro_rules! poll {
    ($future:expr) => {
        std::future::Future::poll($future.as_mut(), &mut Context::from_waker(Waker::noop()))
    };
}

#[test]
fn many_read_and_one_writes() {
    let lock = RwLock::new(1);
    let (one, two) = (lock.try_read().unwrap(), block_on(lock.read()));
    assert_eq!(*one + *two, 2);
    assert!(lock.try_write().is_err());
    drop(one);
    assert!(lock.try_write().is_err());
    drop(two);
    let writer = lock.try_write().unwrap();
    assert!(lock.try_write().is_err());
    assert!(lock.try_read().is_err());
    drop(writer);
    assert!(lock.try_read().is_ok());
}

#[test]
fn a_waiting_writer_holds_up_later_readers_and_is_served_before_them() {
    let lock = RwLock::new(0);
    let reader = lock.try_read().unwrap();
    let mut writer = Box::pin(lock.write());
    let mut late = pin!(lock.read());
    assert!(poll!(writer).is_pending());
    assert!(poll!(late).is_pending());
    assert!(lock.try_read().is_err(), "a writer waits");
    drop(reader);
    assert!(poll!(late).is_pending(), "the writer is first");
    let Poll::Ready(mut guard) = poll!(writer) else { panic!("it's the writer's turn") };
    *guard = 1;
    drop(guard);
    let Poll::Ready(guard) = poll!(late) else { panic!("it's the reader's turn") };
    assert_eq!(*guard, 1);
}

#[test]
fn a_cancelled_writer_lets_readers_behind_it_in() {
    let lock = RwLock::new(());
    let reader = lock.try_read().unwrap();
    let mut writer = Box::pin(lock.write());
    let mut one = pin!(lock.read());
    let mut two = pin!(lock.read());
    assert!(poll!(writer).is_pending());
    assert!(poll!(one).is_pending());
    assert!(poll!(two).is_pending());
    drop(writer);
    assert!(poll!(one).is_ready());
    assert!(poll!(two).is_ready());
    drop(reader);
}

#[test]
fn a_cancelled_writer_that_was_given_the_lock_passes_it_on() {
    let lock = RwLock::new(());
    let reader = lock.try_read().unwrap();
    let mut first = Box::pin(lock.write());
    let mut second = pin!(lock.write());
    assert!(poll!(first).is_pending());
    assert!(poll!(second).is_pending());
    drop(reader);
    drop(first);
    assert!(poll!(second).is_ready());
}

#[test]
fn a_downgraded_writer_is_a_reader_and_no_writer_comes_in_between() {
    let lock = RwLock::new(0);
    let mut guard = lock.try_write().unwrap();
    let mut writer = Box::pin(lock.write());
    assert!(poll!(writer).is_pending());
    *guard = 5;
    let guard = guard.downgrade();
    assert!(poll!(writer).is_pending());
    assert!(lock.try_read().is_err(), "a writer waits");
    drop(writer);
    assert_eq!(*lock.try_read().unwrap() + *guard, 10);
    drop(guard);
    assert!(lock.try_write().is_ok());
}

#[test]
fn downgrading_lets_the_readers_that_are_first_in() {
    let lock = Arc::new(RwLock::new(0));
    let guard = lock.clone().try_write_owned().unwrap();
    let mut reader = pin!(lock.read());
    let mut writer = pin!(lock.write());
    assert!(poll!(reader).is_pending());
    assert!(poll!(writer).is_pending());
    let guard = guard.downgrade();
    assert!(poll!(reader).is_ready());
    assert!(poll!(writer).is_pending());
    drop(guard);
    assert!(poll!(writer).is_ready());
}

#[test]
fn so_many_readers_and_no_more() {
    let lock = RwLock::with_max_readers(0, 2);
    let (one, two) = (lock.try_read().unwrap(), lock.try_read().unwrap());
    assert!(lock.try_read().is_err());
    drop(one);
    assert!(lock.try_read().is_ok());
    drop(two);
    assert!(lock.try_write().is_ok());
}

// tokio #8076: it could be made.
/// A writer of a lock without readers would take no permit, and so there could be two.
#[test]
fn a_lock_for_no_reader_can_not_be_made() {
    assert!(catch_unwind(|| RwLock::with_max_readers((), 0)).is_err());
    assert!(catch_unwind(|| RwLock::const_with_max_readers((), 0)).is_err());
    assert!(catch_unwind(|| RwLock::with_max_readers((), (u32::MAX >> 3) + 1)).is_err());
    assert!(RwLock::with_max_readers((), u32::MAX >> 3).try_write().is_ok());
}

#[test]
fn mapped_guards_hold_the_lock_until_they_go() {
    let lock = RwLock::new((1, vec![2, 3]));
    let list = RwLockWriteGuard::map(lock.try_write().unwrap(), |all| &mut all.1);
    let mut last = RwLockMappedWriteGuard::map(list, |list| &mut list[1]);
    *last = 4;
    assert!(lock.try_read().is_err());
    let last = RwLockMappedWriteGuard::try_map(last, |_| None::<&mut i32>).unwrap_err();
    assert!(lock.try_read().is_err(), "it is still held");
    drop(last);
    let four = RwLockReadGuard::map(lock.try_read().unwrap(), |all| &all.1[1]);
    assert_eq!(*four, 4);
    assert!(lock.try_write().is_err());
    drop(four);
    let kept = RwLockReadGuard::try_map(lock.try_read().unwrap(), |all| all.1.get(9)).unwrap_err();
    assert_eq!(kept.0, 1);
    drop(kept);
    let one = RwLockWriteGuard::downgrade_map(lock.try_write().unwrap(), |all| &all.0);
    assert_eq!(*one, lock.try_read().unwrap().0);
    drop(one);
    assert!(lock.try_write().is_ok());
}

#[test]
fn owned_guards_do_the_same_and_keep_the_lock_alive() {
    let lock = Arc::new(RwLock::new((1, vec![2, 3])));
    let list = OwnedRwLockWriteGuard::map(lock.clone().try_write_owned().unwrap(), |all| &mut all.1);
    assert!(Arc::ptr_eq(OwnedRwLockMappedWriteGuard::rwlock(&list), &lock));
    let mut last = OwnedRwLockMappedWriteGuard::try_map(list, |list| list.last_mut()).unwrap();
    *last = 4;
    assert!(lock.try_read().is_err());
    drop(last);
    let four = OwnedRwLockReadGuard::map(lock.clone().try_read_owned().unwrap(), |all| &all.1[1]);
    assert!(lock.try_write().is_err());
    assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&four), &lock));
    drop(four);
    let writer = OwnedRwLockWriteGuard::into_mapped(lock.clone().try_write_owned().unwrap());
    let alive = Arc::downgrade(&lock);
    drop(lock);
    assert_eq!(writer.0, 1);
    assert!(alive.upgrade().is_some());
    drop(writer);
    assert!(alive.upgrade().is_none());
}

#[test]
fn a_panic_does_not_poison() {
    let lock = RwLock::new(1);
    let panicking = catch_unwind(AssertUnwindSafe(|| {
        let mut guard = lock.try_write().unwrap();
        *guard = 2;
        drop(RwLockWriteGuard::map(guard, |_| -> &mut i32 { panic!("in the map") }));
    }));
    assert!(panicking.is_err());
    assert_eq!(*lock.try_write().unwrap(), 2);
}

#[test]
fn blocking_works_outside_of_a_runtime() {
    let lock = RwLock::new(1);
    *lock.blocking_write() += 1;
    assert_eq!(*lock.blocking_read(), 2);
}

#[test]
fn values_without_a_size() {
    let lock: Arc<RwLock<[u8]>> = Arc::new(RwLock::new([1, 2, 3]));
    lock.try_write().unwrap()[0] = 9;
    assert_eq!(lock.clone().try_read_owned().unwrap()[..], [9, 2, 3]);
    assert_eq!(format!("{lock:?}"), "RwLock { data: [9, 2, 3] }");
    let guard = lock.try_write().unwrap();
    assert_eq!(format!("{lock:?} {guard:?}"), "RwLock { data: <locked> } [9, 2, 3]");
}

#[test]
fn it_counts_right_under_load() {
    let lock = Arc::new(RwLock::new((0_u64, 0_u64)));
    let threads: Vec<_> = (0..4)
        .map(|nth| {
            let lock = lock.clone();
            std::thread::spawn(move || {
                for round in 0..2_000 {
                    if (round + nth) % 3 == 0 {
                        let mut both = lock.blocking_write();
                        both.0 += 1;
                        std::thread::yield_now();
                        both.1 += 1;
                    } else {
                        let both = lock.blocking_read();
                        assert_eq!(both.0, both.1);
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let writes: u64 =
        (0..4).map(|nth| (0..2_000).filter(|round| (round + nth) % 3 == 0).count() as u64).sum();
    assert_eq!(Arc::into_inner(lock).unwrap().into_inner(), (writes, writes));
}
