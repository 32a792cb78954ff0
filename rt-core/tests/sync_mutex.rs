//! The lock from outside.
#![cfg(feature = "sync")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use futures::executor::block_on;
use rt_core::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};

#[test]
fn who_asks_first_is_first() {
    let lock = Mutex::new(());
    let mut cx = Context::from_waker(Waker::noop());
    let guard = lock.try_lock().unwrap();
    let mut first = pin!(lock.lock());
    let mut second = pin!(lock.lock());
    assert!(first.as_mut().poll(&mut cx).is_pending());
    assert!(second.as_mut().poll(&mut cx).is_pending());
    drop(guard);
    assert!(lock.try_lock().is_err(), "it is promised");
    assert!(second.as_mut().poll(&mut cx).is_pending());
    let first = first.as_mut().poll(&mut cx);
    assert!(first.is_ready());
    drop(first);
    assert!(second.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn a_cancelled_wait_passes_the_lock_on() {
    let lock = Mutex::new(());
    let mut cx = Context::from_waker(Waker::noop());
    let guard = lock.try_lock().unwrap();
    let mut first = Box::pin(lock.lock());
    let mut second = Box::pin(lock.lock());
    assert!(first.as_mut().poll(&mut cx).is_pending());
    assert!(second.as_mut().poll(&mut cx).is_pending());
    drop(guard);
    drop(first);
    assert!(second.as_mut().poll(&mut cx).is_ready());
}

/// A task whose budget is spent comes back after others, and mustn't lose its place in the line to them.
#[cfg(feature = "rt")]
#[test]
fn with_the_budget_spent_it_asks_all_the_same() {
    use futures::FutureExt;
    use rt_core::runtime::Builder;
    use rt_core::task::coop::consume_budget;

    let held = Mutex::new(());
    let free = Mutex::new(());
    Builder::new_current_thread().build().unwrap().block_on(async {
        let guard = held.try_lock().unwrap();
        while consume_budget().now_or_never().is_some() {}
        let mut cx = Context::from_waker(Waker::noop());
        let mut first = Box::pin(held.lock());
        let mut put_off = Box::pin(free.lock());
        assert!(first.as_mut().poll(&mut cx).is_pending());
        assert!(put_off.as_mut().poll(&mut cx).is_pending());
        assert!(free.try_lock().is_ok(), "nobody waits for what it couldn't use yet");
        drop(put_off);
        drop(guard);
        assert!(held.try_lock().is_err(), "it is promised");
        drop(first);
        assert!(held.try_lock().is_ok());
    });
}

#[test]
fn a_panic_does_not_poison() {
    let lock = Arc::new(Mutex::new(1));
    let result = std::thread::spawn({
        let lock = lock.clone();
        move || {
            let mut guard = lock.blocking_lock();
            *guard = 2;
            panic!("with the lock held");
        }
    })
    .join();
    assert!(result.is_err());
    assert_eq!(*lock.try_lock().unwrap(), 2);
}

#[test]
fn narrowed_guards_hold_the_lock() {
    let lock = Arc::new(Mutex::new((1, vec![2, 3])));
    let guard = MutexGuard::map(block_on(lock.lock()), |all| &mut all.1);
    let guard = MappedMutexGuard::map(guard, |list| &mut list[1]);
    assert!(lock.try_lock().is_err());
    assert_eq!(*guard, 3);
    drop(guard);
    let guard = OwnedMutexGuard::map(lock.clone().try_lock_owned().unwrap(), |all| &mut all.1);
    let guard = OwnedMappedMutexGuard::try_map(guard, |list| list.get_mut(7)).unwrap_err();
    let mut guard = OwnedMappedMutexGuard::map(guard, |list| &mut list[0]);
    *guard = 5;
    assert!(lock.try_lock().is_err());
    drop(guard);
    assert_eq!(lock.try_lock().unwrap().1, [5, 3]);
    assert_eq!(format!("{lock:?}"), "Mutex { data: (1, [5, 3]) }");
}

#[test]
fn unsized_values() {
    let lock: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2, 3]));
    block_on(lock.clone().lock_owned())[1] = 5;
    assert_eq!(*block_on(lock.lock()), [1, 5, 3]);
}

#[test]
fn many_threads() {
    let lock = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let lock = lock.clone();
            std::thread::spawn(move || {
                for _ in 0..2_000 {
                    *lock.blocking_lock() += 1;
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*lock.try_lock().unwrap(), 8_000);
}

fn send<T: Send>(_: &T) {}
fn sync<T: Sync>(_: &T) {}

#[test]
fn auto_traits() {
    let lock = Mutex::new(std::cell::Cell::new(1));
    sync(&lock);
    send(&lock.lock());
    let lock = Mutex::new(1);
    sync(&lock.try_lock().unwrap());
}
