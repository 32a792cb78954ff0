use super::*;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::sync::Arc;
use loom::future::block_on;
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// Polls once and gives up; whether there was anything to tell.
fn give_up(receiver: &mut Receiver<u32>) -> bool {
    pin!(receiver.changed()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_change_is_told_and_what_was_done_before_is_seen() {
    loom::model(|| {
        let cell = Arc::new(UnsafeCell::new(0));
        let (sender, mut receiver) = channel(0_u32);
        let other = {
            let cell = cell.clone();
            thread::spawn(move || {
                // SAFETY: read only after the change.
                cell.with_mut(|value| unsafe { *value = 7 });
                sender.send_replace(1);
                sender
            })
        };
        block_on(receiver.changed()).unwrap();
        // SAFETY: written before the change.
        assert_eq!(cell.with(|value| unsafe { *value }), 7);
        assert_eq!(*receiver.borrow(), 1);
        other.join().unwrap();
    });
}

#[test]
fn the_last_value_is_seen_before_the_end() {
    loom::model(|| {
        let (sender, receiver) = channel(0_u32);
        let receivers: Vec<_> = [receiver.clone(), receiver]
            .into_iter()
            .map(|mut receiver| {
                thread::spawn(move || {
                    let mut last = 0;
                    while block_on(receiver.changed()).is_ok() {
                        let value = *receiver.borrow_and_update();
                        assert!(value > last);
                        last = value;
                    }
                    last
                })
            })
            .collect();
        sender.send(1).unwrap();
        drop(sender);
        for receiver in receivers {
            assert_eq!(receiver.join().unwrap(), 1);
        }
    });
}

#[test]
fn two_senders_lose_no_change() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let threads = [sender.clone(), sender]
            .map(|sender| thread::spawn(move || sender.send_modify(|value| *value += 1)));
        while block_on(receiver.changed()).is_ok() {}
        assert_eq!(*receiver.borrow(), 2);
        assert!(receiver.is_closed());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn one_that_gives_up_misses_nothing() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let mut other = receiver.clone();
        let waiting = thread::spawn(move || block_on(other.changed()).unwrap());
        let sending = thread::spawn(move || {
            sender.send(1).unwrap();
            sender
        });
        if !give_up(&mut receiver) {
            block_on(receiver.changed()).unwrap();
        }
        assert_eq!(*receiver.borrow(), 1);
        waiting.join().unwrap();
        sending.join().unwrap();
    });
}

#[test]
fn a_borrowed_value_and_its_version_are_one() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let other = thread::spawn(move || sender.send(1).unwrap());
        let (value, has_changed) = {
            let borrowed = receiver.borrow_and_update();
            (*borrowed, borrowed.has_changed())
        };
        assert_eq!(has_changed, value == 1);
        assert_eq!(block_on(receiver.changed()).is_ok(), value == 0, "told once");
        other.join().unwrap();
    });
}

#[test]
fn wait_for_looks_at_the_last_value() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let sending = thread::spawn(move || {
            sender.send_replace(1);
            sender.send_replace(2);
        });
        assert_eq!(*block_on(receiver.wait_for(|value| *value == 2)).unwrap(), 2);
        assert!(block_on(receiver.wait_for(|value| *value == 3)).is_err());
        sending.join().unwrap();
    });
}

#[test]
fn closed_sees_the_last_receiver_go() {
    loom::model(|| {
        let gone = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = channel(0_u32);
        let threads = [receiver.clone(), receiver].map(|receiver| {
            let gone = gone.clone();
            thread::spawn(move || {
                // Relaxed: the drop publishes it.
                gone.fetch_add(1, Ordering::Relaxed);
                drop(receiver);
            })
        });
        block_on(sender.closed());
        assert!(sender.is_closed());
        assert_eq!(gone.load(Ordering::Relaxed), 2);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_wait_for_the_end_that_is_given_up_is_begun_again() {
    loom::model(|| {
        let (sender, receiver) = channel(0_u32);
        let closer = thread::spawn(move || drop(receiver));
        {
            let closed = pin!(sender.closed());
            let _ = closed.poll(&mut Context::from_waker(Waker::noop()));
        }
        block_on(sender.closed());
        assert!(sender.is_closed());
        closer.join().unwrap();
    });
}

#[test]
fn one_that_waits_for_a_value_and_gives_up_has_seen_none() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let sending = thread::spawn(move || {
            sender.send(1).unwrap();
            sender
        });
        {
            let wait = pin!(receiver.wait_for(|value| *value == 2));
            assert!(wait.poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(*block_on(receiver.wait_for(|value| *value == 1)).unwrap(), 1);
        sending.join().unwrap();
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let sending = thread::spawn(move || sender.send(1).unwrap());
        let mut changed = Box::pin(receiver.changed());
        if changed.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            block_on(changed).unwrap();
        }
        sending.join().unwrap();
    });
}

#[test]
fn one_that_gives_up_while_the_channel_ends_hides_nothing_from_another() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let mut other = receiver.clone();
        let mut changed = Box::pin(receiver.changed());
        assert!(changed.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let waiting = thread::spawn(move || assert!(block_on(other.changed()).is_err()));
        let ending = thread::spawn(move || drop(sender));
        drop(changed);
        waiting.join().unwrap();
        ending.join().unwrap();
        assert!(block_on(receiver.changed()).is_err());
    });
}

#[test]
fn one_that_subscribes_late_has_seen_what_is_there() {
    loom::model(|| {
        let sent = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = channel(0_u32);
        let sending = {
            let (sender, sent) = (sender.clone(), sent.clone());
            thread::spawn(move || {
                sender.send_replace(1);
                sent.store(1, Ordering::Release);
            })
        };
        drop(receiver);
        let was_sent = sent.load(Ordering::Acquire) == 1;
        let mut late = sender.subscribe();
        let (seen, has_changed) = {
            let borrowed = late.borrow();
            (*borrowed, borrowed.has_changed())
        };
        sending.join().unwrap();
        drop(sender);
        // The change that came after it subscribed, and no other. It may have come before the look.
        let told = block_on(late.changed()).is_ok();
        assert_eq!(told, seen == 0 || has_changed);
        assert!(!(was_sent && told), "it was there before");
        assert_eq!(*late.borrow(), 1);
    });
}

#[test]
fn what_is_kept_from_receivers_wakes_none() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let sending = thread::spawn(move || {
            assert!(!sender.send_if_modified(|value| {
                *value += 1;
                false
            }));
            assert!(sender.send_if_modified(|value| {
                *value += 1;
                true
            }));
        });
        block_on(receiver.changed()).unwrap();
        assert_eq!(*receiver.borrow(), 2);
        assert!(block_on(receiver.changed()).is_err(), "one change is told");
        sending.join().unwrap();
    });
}

#[test]
fn one_that_waits_for_a_value_sees_the_end() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0_u32);
        let sending = thread::spawn(move || sender.send(1).unwrap());
        let mut seen = 0;
        let missed = block_on(receiver.wait_for(|value| {
            seen = *value;
            *value == 2
        }));
        assert!(missed.is_err());
        drop(missed);
        assert_eq!(seen, 1, "the last value was looked at before the end");
        sending.join().unwrap();
    });
}
