use super::*;
use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

/// A value whose leak loom notices.
fn value() -> Arc<u32> {
    Arc::new(7)
}

#[test]
fn the_value_arrives() {
    loom::model(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(value()).unwrap());
        assert_eq!(*block_on(receiver).unwrap(), 7);
        other.join().unwrap();
    });
}

#[test]
fn a_sender_that_goes_is_noticed() {
    loom::model(|| {
        let (sender, receiver) = channel::<Arc<u32>>();
        let other = thread::spawn(move || drop(sender));
        assert!(block_on(receiver).is_err());
        other.join().unwrap();
    });
}

#[test]
fn both_go_at_once() {
    loom::model(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || drop(sender.send(value())));
        drop(receiver);
        other.join().unwrap();
    });
}

#[test]
fn a_receiver_that_waited_goes() {
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || drop(sender.send(value())));
        let _ = Pin::new(&mut receiver).poll(&mut Context::from_waker(Waker::noop()));
        drop(receiver);
        other.join().unwrap();
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || sender.send(value()).unwrap());
        let first = Pin::new(&mut receiver).poll(&mut Context::from_waker(Waker::noop()));
        if first.is_pending() {
            assert_eq!(*block_on(receiver).unwrap(), 7);
        }
        other.join().unwrap();
    });
}

#[test]
fn closing_races_with_sending() {
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || sender.send(value()).is_ok());
        receiver.close();
        let received = receiver.try_recv().is_ok();
        drop(receiver);
        assert_eq!(other.join().unwrap(), received);
    });
}

#[test]
fn the_sender_learns_of_the_end() {
    loom::model(|| {
        let (mut sender, receiver) = channel::<Arc<u32>>();
        let other = thread::spawn(move || drop(receiver));
        block_on(sender.closed());
        assert!(sender.send(value()).is_err());
        other.join().unwrap();
    });
}

#[test]
fn a_sender_that_waited_sends() {
    loom::model(|| {
        let (mut sender, receiver) = channel();
        let other = thread::spawn(move || {
            let mut cx = Context::from_waker(Waker::noop());
            let closed = sender.poll_closed(&mut cx).is_ready() | sender.poll_closed(&mut cx).is_ready();
            assert!(!closed);
            sender.send(value()).unwrap();
        });
        assert_eq!(*block_on(receiver).unwrap(), 7);
        other.join().unwrap();
    });
}

#[test]
fn a_sender_that_waited_and_a_receiver_that_goes() {
    loom::model(|| {
        let (mut sender, receiver) = channel();
        let other = thread::spawn(move || drop(receiver));
        let mut cx = Context::from_waker(Waker::noop());
        let _ = sender.poll_closed(&mut cx);
        let _ = sender.poll_closed(&mut cx);
        let _ = sender.send(value());
        other.join().unwrap();
    });
}

#[test]
fn a_receiver_that_waited_closes() {
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || sender.send(value()).is_ok());
        let mut cx = Context::from_waker(Waker::noop());
        if Pin::new(&mut receiver).poll(&mut cx).is_ready() {
            assert!(other.join().unwrap());
            return;
        }
        receiver.close();
        let received = receiver.try_recv().is_ok();
        assert_eq!(other.join().unwrap(), received);
    });
}

#[test]
fn a_receiver_that_waited_looks() {
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || sender.send(value()).unwrap());
        let mut cx = Context::from_waker(Waker::noop());
        if Pin::new(&mut receiver).poll(&mut cx).is_pending() && receiver.try_recv().is_err() {
            assert_eq!(*block_on(receiver).unwrap(), 7);
        }
        other.join().unwrap();
    });
}

#[test]
fn a_sender_that_waited_goes() {
    loom::model(|| {
        let (mut sender, receiver) = channel::<Arc<u32>>();
        let other = thread::spawn(move || {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(sender.poll_closed(&mut cx).is_pending());
            drop(sender);
        });
        assert!(block_on(receiver).is_err());
        other.join().unwrap();
    });
}

#[test]
fn a_wait_for_the_end_that_is_given_up_is_begun_again() {
    loom::model(|| {
        let (mut sender, receiver) = channel::<Arc<u32>>();
        let other = thread::spawn(move || drop(receiver));
        {
            let closed = std::pin::pin!(sender.closed());
            let _ = closed.poll(&mut Context::from_waker(Waker::noop()));
        }
        block_on(sender.closed());
        assert!(sender.is_closed());
        other.join().unwrap();
    });
}

#[test]
fn both_waited_and_go() {
    for sends in [false, true] {
        loom::model(move || {
            let (mut sender, mut receiver) = channel();
            let mut cx = Context::from_waker(Waker::noop());
            assert!(sender.poll_closed(&mut cx).is_pending());
            assert!(Pin::new(&mut receiver).poll(&mut cx).is_pending());
            let other = thread::spawn(move || drop(receiver));
            if sends {
                drop(sender.send(value()));
            } else {
                drop(sender);
            }
            other.join().unwrap();
        });
    }
}
