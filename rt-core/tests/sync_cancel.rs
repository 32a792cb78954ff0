//! Every future of `sync` dropped at each of its pending points: nothing may be lost by that.
//!
//! A scenario is a few tasks that work together and do each operation again when it was cut off; so in the end all
//! must have gone as if nothing had been. The tasks run on a scheduler that polls only what was woken, in an order
//! given by a seed: whoever is forgotten stays behind, and fails the test. For each seed a scenario runs once
//! undisturbed, which counts the pending points, and then twice for each of them: there the future is dropped at
//! once, or when it has been woken, instead of being polled.
#![cfg(feature = "sync")]

#[macro_use]
mod sync_cut;

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rt_core::sync::{
    Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, SetOnce, broadcast, mpsc, oneshot, watch,
};
use sync_cut::{cut_everywhere, hold, pause};

#[test]
fn semaphore() {
    cut_everywhere(|tasks| {
        let semaphore = Arc::new(Semaphore::new(3));
        let done = Rc::new(Cell::new(0));
        for nth in 0..5_u32 {
            let (semaphore, done) = (semaphore.clone(), done.clone());
            tasks.spawn(|plan| async move {
                for _ in 0..2 {
                    match nth {
                        0 => drop(hold(again!(plan, semaphore.acquire()).unwrap()).await),
                        1 => drop(hold(again!(plan, semaphore.acquire_many(3)).unwrap()).await),
                        2 => drop(hold(again!(plan, semaphore.clone().acquire_owned()).unwrap()).await),
                        _ => drop(hold(again!(plan, semaphore.clone().acquire_many_owned(2)).unwrap()).await),
                    }
                    done.set(done.get() + 1);
                }
            });
        }
        move || {
            assert_eq!(semaphore.available_permits(), 3);
            assert_eq!(done.get(), 10);
        }
    });
}

#[test]
fn a_closed_semaphore() {
    cut_everywhere(|tasks| {
        let semaphore = Arc::new(Semaphore::new(1));
        for _ in 0..3 {
            let semaphore = semaphore.clone();
            tasks.spawn(|plan| async move {
                while let Ok(permit) = again!(plan, semaphore.acquire()) {
                    drop(hold(permit).await);
                }
            });
        }
        let closing = semaphore.clone();
        tasks.spawn(|_| async move {
            for _ in 0..4 {
                pause().await;
            }
            closing.close();
        });
        move || assert!(semaphore.is_closed())
    });
}

#[test]
fn mutex() {
    cut_everywhere(|tasks| {
        let lock = Arc::new(Mutex::new(0));
        for nth in 0..4 {
            let lock = lock.clone();
            tasks.spawn(|plan| async move {
                for _ in 0..2 {
                    if nth % 2 == 0 {
                        *hold(again!(plan, lock.lock())).await += 1;
                    } else {
                        *hold(again!(plan, lock.clone().lock_owned())).await += 1;
                    }
                }
            });
        }
        move || assert_eq!(*lock.try_lock().unwrap(), 8)
    });
}

#[test]
fn rwlock() {
    cut_everywhere(|tasks| {
        let lock = Arc::new(RwLock::with_max_readers(0, 2));
        for nth in 0..6 {
            let lock = lock.clone();
            tasks.spawn(|plan| async move {
                for _ in 0..2 {
                    match nth {
                        0 => *hold(again!(plan, lock.write())).await += 1,
                        1 => *hold(again!(plan, lock.clone().write_owned())).await += 1,
                        2 => {
                            let mut guard = again!(plan, lock.write());
                            *guard += 1;
                            let guard = guard.downgrade();
                            let before = *guard;
                            assert_eq!(*hold(guard).await, before);
                        }
                        3 => drop(hold(again!(plan, lock.clone().read_owned())).await),
                        _ => drop(hold(again!(plan, lock.read())).await),
                    }
                }
            });
        }
        move || assert_eq!(*lock.try_write().unwrap(), 6)
    });
}

/// Each notification is for one of those who wait; one that is cut off waits again.
#[test]
fn notify_one() {
    cut_everywhere(|tasks| {
        let notify = Arc::new(Notify::new());
        let told = Rc::new(Cell::new(0));
        for nth in 0..3 {
            let (notify, told) = (notify.clone(), told.clone());
            tasks.spawn(|plan| async move {
                if nth == 0 {
                    again!(plan, notify.clone().notified_owned());
                } else {
                    again!(plan, notify.notified());
                }
                told.set(told.get() + 1);
            });
        }
        let (notifying, seen) = (notify.clone(), told.clone());
        tasks.spawn(|_| async move {
            // The next one when the last has arrived, since notifications without a waiter are kept only once.
            for nth in 0..3 {
                if nth == 1 {
                    notifying.notify_last();
                } else {
                    notifying.notify_one();
                }
                while seen.get() == nth {
                    pause().await;
                }
            }
        });
        move || {
            assert_eq!(told.get(), 3);
            let mut none_left = pin!(notify.notified());
            assert!(!none_left.as_mut().enable());
        }
    });
}

#[test]
fn notify_waiters() {
    cut_everywhere(|tasks| {
        let shared = Arc::new((Notify::new(), AtomicBool::new(false)));
        for _ in 0..3 {
            let shared = shared.clone();
            tasks.spawn(|plan| async move {
                loop {
                    let notified = shared.0.notified();
                    if shared.1.load(Ordering::Relaxed) {
                        return;
                    }
                    plan.op(notified).await;
                }
            });
        }
        tasks.spawn(|_| async move {
            pause().await;
            pause().await;
            shared.1.store(true, Ordering::Relaxed);
            shared.0.notify_waiters();
        });
        || ()
    });
}

#[test]
fn mpsc_bounded() {
    cut_everywhere(|tasks| {
        let (tx, mut rx) = mpsc::channel(2);
        for nth in 0..4 {
            let tx = tx.clone();
            tasks.spawn(|plan| async move {
                let mut next = (0..4).map(|message| (nth, message));
                match nth {
                    0 => {
                        for message in next {
                            again!(plan, tx.send(message)).unwrap();
                        }
                    }
                    1 => {
                        for message in next {
                            hold(again!(plan, tx.reserve()).unwrap()).await.send(message);
                        }
                    }
                    2 => {
                        for _ in 0..2 {
                            for permit in hold(again!(plan, tx.reserve_many(2)).unwrap()).await {
                                permit.send(next.next().unwrap());
                            }
                        }
                    }
                    _ => {
                        let mut tx = tx;
                        for message in next {
                            let permit = again!(plan, tx.clone().reserve_owned()).unwrap();
                            drop(tx);
                            tx = hold(permit).await.send(message);
                        }
                    }
                }
            });
        }
        let weak = tx.downgrade();
        drop(tx);
        let received = Rc::new(RefCell::new(Vec::new()));
        let receiving = received.clone();
        tasks.spawn(|plan| async move {
            loop {
                let received = again!(plan, rx.recv());
                let Some(message) = received else { break };
                receiving.borrow_mut().push(message);
                let mut buffer = Vec::new();
                again!(plan, rx.recv_many(&mut buffer, 2));
                receiving.borrow_mut().append(&mut buffer);
            }
            assert_eq!(rx.capacity(), 2);
        });
        move || {
            assert!(weak.upgrade().is_none());
            let received = received.borrow();
            for nth in 0..4 {
                let of_one: Vec<_> =
                    received.iter().filter(|message| message.0 == nth).map(|message| message.1).collect();
                assert_eq!(of_one, [0, 1, 2, 3], "of sender {nth}");
            }
        }
    });
}

/// With a limit that is never reached, the timer of a wait is dropped along with it.
#[cfg(all(feature = "rt", feature = "time"))]
#[test]
fn mpsc_send_timeout() {
    let runtime = rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _entered = runtime.enter();
    let limit = std::time::Duration::from_secs(600);
    cut_everywhere(|tasks| {
        let (tx, mut rx) = mpsc::channel(1);
        for nth in 0..3 {
            let tx = tx.clone();
            tasks.spawn(move |plan| async move {
                for message in 0..3 {
                    if nth == 0 {
                        again!(plan, tx.send((nth, message))).unwrap();
                    } else {
                        again!(plan, tx.send_timeout((nth, message), limit)).unwrap();
                    }
                }
            });
        }
        drop(tx);
        let received = Rc::new(RefCell::new(Vec::new()));
        let receiving = received.clone();
        tasks.spawn(|plan| async move {
            while let Some(message) = again!(plan, rx.recv()) {
                receiving.borrow_mut().push(message);
            }
            assert_eq!(rx.capacity(), 1);
        });
        move || {
            for nth in 0..3 {
                let received = received.borrow();
                assert!(received.iter().filter(|message| message.0 == nth).map(|message| message.1).eq(0..3));
            }
        }
    });
}

/// The receiver closes the channel: what was sent before is received, who waits learns of the end.
#[test]
fn mpsc_closed_in_the_middle() {
    cut_everywhere(|tasks| {
        let (tx, mut rx) = mpsc::channel(2);
        let sent = Rc::new(Cell::new(0));
        for nth in 0..3 {
            let (tx, sent) = (tx.clone(), sent.clone());
            tasks.spawn(|plan| async move {
                loop {
                    let done = match nth {
                        0 => again!(plan, tx.send(())).is_err(),
                        1 => match again!(plan, tx.reserve()) {
                            Ok(permit) => {
                                hold(permit).await.send(());
                                false
                            }
                            Err(_) => true,
                        },
                        _ => match again!(plan, tx.reserve_many(2)) {
                            // One is sent, one given back.
                            Ok(mut permits) => {
                                permits.next().unwrap().send(());
                                drop(hold(permits).await);
                                false
                            }
                            Err(_) => true,
                        },
                    };
                    if done {
                        return;
                    }
                    sent.set(sent.get() + 1);
                }
            });
        }
        tasks.spawn(|plan| async move {
            again!(plan, tx.closed());
        });
        let counted = sent.clone();
        let received = Rc::new(Cell::new(0));
        let receiving = received.clone();
        tasks.spawn(|plan| async move {
            while again!(plan, rx.recv()).is_some() {
                receiving.set(receiving.get() + 1);
                if receiving.get() == 5 {
                    rx.close();
                }
            }
        });
        move || {
            assert!(received.get() >= 5);
            assert_eq!(received.get(), counted.get());
        }
    });
}

#[test]
fn mpsc_unbounded() {
    cut_everywhere(|tasks| {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let watching = tx.clone();
        for nth in 0..2 {
            let tx = tx.clone();
            tasks.spawn(|_| async move {
                for message in 0..4 {
                    pause().await;
                    tx.send((nth, message)).unwrap();
                }
            });
        }
        drop(tx);
        let received = Rc::new(RefCell::new(Vec::new()));
        let receiving = received.clone();
        tasks.spawn(|plan| async move {
            while receiving.borrow().len() < 8 {
                let mut buffer = Vec::new();
                again!(plan, rx.recv_many(&mut buffer, 3));
                receiving.borrow_mut().append(&mut buffer);
                if receiving.borrow().len() < 8 {
                    let message = again!(plan, rx.recv()).unwrap();
                    receiving.borrow_mut().push(message);
                }
            }
            pause().await;
        });
        tasks.spawn(|plan| async move {
            again!(plan, watching.closed());
        });
        move || {
            for nth in 0..2 {
                let received = received.borrow();
                assert!(received.iter().filter(|message| message.0 == nth).map(|message| message.1).eq(0..4));
            }
        }
    });
}

#[test]
fn oneshot() {
    cut_everywhere(|tasks| {
        let (tx, mut rx) = oneshot::channel();
        let (mut unwanted, dropped) = oneshot::channel::<()>();
        tasks.spawn(|plan| async move {
            assert_eq!(again!(plan, &mut rx), Ok(5));
            pause().await;
            drop(dropped);
        });
        tasks.spawn(|_| async move {
            pause().await;
            pause().await;
            tx.send(5).unwrap();
        });
        tasks.spawn(|plan| async move {
            again!(plan, unwanted.closed());
            assert!(unwanted.is_closed());
        });
        || ()
    });
}

#[test]
fn broadcast() {
    cut_everywhere(|tasks| {
        let (tx, _) = broadcast::channel(4);
        for _ in 0..3 {
            let mut rx = tx.subscribe();
            tasks.spawn(|plan| async move {
                for expected in 0..6 {
                    assert_eq!(again!(plan, rx.recv()), Ok(expected));
                }
                assert_eq!(again!(plan, rx.recv()), Err(broadcast::error::RecvError::Closed));
            });
        }
        tasks.spawn(|_| async move {
            for value in 0..6 {
                // Nobody is to lag behind: that is another matter.
                while tx.len() == 4 {
                    pause().await;
                }
                tx.send(value).unwrap();
                pause().await;
            }
        });
        || ()
    });
}

#[test]
fn broadcast_closed() {
    cut_everywhere(|tasks| {
        let (tx, rx) = broadcast::channel::<()>(1);
        let other = tx.subscribe();
        tasks.spawn(|plan| async move {
            again!(plan, tx.closed());
            assert_eq!(tx.receiver_count(), 0);
        });
        tasks.spawn(|_| async move {
            pause().await;
            drop(rx);
        });
        tasks.spawn(|_| async move {
            pause().await;
            drop(other);
        });
        || ()
    });
}

#[test]
fn watch() {
    cut_everywhere(|tasks| {
        let (tx, rx) = watch::channel(0);
        for nth in 0..3 {
            let mut rx = rx.clone();
            tasks.spawn(|plan| async move {
                if nth == 0 {
                    assert_eq!(*again!(plan, rx.wait_for(|value| *value == 4)).unwrap(), 4);
                    return;
                }
                let mut last = 0;
                while again!(plan, rx.changed()).is_ok() {
                    let now = *rx.borrow_and_update();
                    assert!(now > last, "a change is told once, and in order");
                    last = now;
                }
                assert_eq!(last, 4, "the last value is seen");
            });
        }
        drop(rx);
        tasks.spawn(|_| async move {
            for value in 1..=4 {
                pause().await;
                tx.send_replace(value);
            }
        });
        || ()
    });
}

#[test]
fn watch_closed() {
    cut_everywhere(|tasks| {
        let (tx, rx) = watch::channel(());
        let other = rx.clone();
        tasks.spawn(|plan| async move {
            again!(plan, tx.closed());
            assert_eq!(tx.receiver_count(), 0);
        });
        tasks.spawn(|_| async move {
            pause().await;
            drop(rx);
        });
        tasks.spawn(|_| async move {
            pause().await;
            drop(other);
        });
        || ()
    });
}

/// Who is cut off has arrived all the same.
#[test]
fn barrier() {
    cut_everywhere(|tasks| {
        let barrier = Arc::new(Barrier::new(3));
        let leaders = Rc::new(Cell::new(0));
        let cut_off = Rc::new(Cell::new(0));
        for _ in 0..6 {
            let (barrier, leaders, cut_off) = (barrier.clone(), leaders.clone(), cut_off.clone());
            tasks.spawn(|plan| async move {
                pause().await;
                match plan.op(barrier.wait()).await {
                    Some(result) => leaders.set(leaders.get() + usize::from(result.is_leader())),
                    None => cut_off.set(cut_off.get() + 1),
                }
            });
        }
        move || assert_eq!(leaders.get(), 2)
    });
}

#[test]
fn once_cell() {
    cut_everywhere(|tasks| {
        let cell = Rc::new(OnceCell::new());
        for nth in 0..3 {
            let cell = cell.clone();
            tasks.spawn(|plan| async move {
                if nth == 0 {
                    let failing = again!(
                        plan,
                        cell.get_or_try_init(|| async {
                            pause().await;
                            Err::<u32, _>("no")
                        })
                    );
                    assert!(matches!(failing, Err("no") | Ok(7)));
                } else {
                    let value = again!(
                        plan,
                        cell.get_or_init(|| async {
                            pause().await;
                            7
                        })
                    );
                    assert_eq!(*value, 7);
                }
            });
        }
        move || assert_eq!(cell.get(), Some(&7))
    });
}

#[test]
fn set_once() {
    cut_everywhere(|tasks| {
        let once = Rc::new(SetOnce::new());
        for _ in 0..3 {
            let once = once.clone();
            tasks.spawn(|plan| async move { assert_eq!(*again!(plan, once.wait()), 7) });
        }
        tasks.spawn(|_| async move {
            pause().await;
            pause().await;
            once.set(7).unwrap();
        });
        || ()
    });
}
