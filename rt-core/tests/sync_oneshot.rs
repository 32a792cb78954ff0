//! The one-value channel from outside.
#![cfg(feature = "sync")]

mod sync_support;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::executor::block_on;
use rt_core::sync::oneshot::{self, error::TryRecvError};
use sync_support::Count;

#[test]
fn a_value_in_either_order() {
    let (sender, receiver) = oneshot::channel();
    sender.send(1).unwrap();
    assert_eq!(block_on(receiver), Ok(1));

    let (sender, mut receiver) = oneshot::channel();
    let (woken, waker) = Count::waker();
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut receiver).poll(&mut cx).is_pending());
    assert!(Pin::new(&mut receiver).poll(&mut cx).is_pending());
    sender.send(2).unwrap();
    assert_eq!(woken.of(), 1);
    assert_eq!(Pin::new(&mut receiver).poll(&mut cx), Poll::Ready(Ok(2)));
    assert!(receiver.is_terminated());
}

#[test]
#[should_panic = "called after complete"]
fn polling_past_the_end() {
    let (sender, mut receiver) = oneshot::channel();
    sender.send(1).unwrap();
    block_on(&mut receiver).unwrap();
    let _ = block_on(&mut receiver);
}

#[test]
fn a_closed_channel_yields_what_was_sent_before() {
    let (sender, mut receiver) = oneshot::channel();
    sender.send(1).unwrap();
    receiver.close();
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
#[should_panic(expected = "called after complete")]
fn a_receiver_that_was_told_of_the_end_has_yielded() {
    let (_sender, mut receiver) = oneshot::channel::<()>();
    receiver.close();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    let _ = block_on(receiver);
}

#[test]
fn a_closed_channel_takes_nothing() {
    let (mut sender, mut receiver) = oneshot::channel();
    let (woken, waker) = Count::waker();
    assert!(sender.poll_closed(&mut Context::from_waker(&waker)).is_pending());
    receiver.close();
    assert_eq!(woken.of(), 1);
    assert!(sender.is_closed());
    assert_eq!(sender.send(1), Err(1));
    assert!(block_on(receiver).is_err());
}

#[test]
fn wakers_are_not_kept() {
    let (rx, rx_waker) = Count::waker();
    let (tx, tx_waker) = Count::waker();
    let (mut sender, mut receiver) = oneshot::channel::<u32>();
    assert!(Pin::new(&mut receiver).poll(&mut Context::from_waker(&rx_waker)).is_pending());
    assert!(sender.poll_closed(&mut Context::from_waker(&tx_waker)).is_pending());
    drop((rx_waker, tx_waker));
    assert_eq!((Arc::strong_count(&rx), Arc::strong_count(&tx)), (2, 2));
    drop(receiver);
    assert_eq!((Arc::strong_count(&rx), Arc::strong_count(&tx)), (1, 1));
    assert_eq!((rx.of(), tx.of()), (0, 1));
    drop(sender);
}

#[test]
fn the_value_is_dropped_once() {
    let value = Arc::new(());
    let (sender, receiver) = oneshot::channel();
    sender.send(value.clone()).unwrap();
    assert_eq!(Arc::strong_count(&value), 2);
    drop(receiver);
    assert_eq!(Arc::strong_count(&value), 1);
    let (sender, receiver) = oneshot::channel();
    drop(receiver);
    drop(sender.send(value.clone()).unwrap_err());
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn across_threads() {
    for i in 0..2_000 {
        let (sender, receiver) = oneshot::channel();
        let thread = std::thread::spawn(move || receiver.blocking_recv());
        sender.send(i).unwrap();
        assert_eq!(thread.join().unwrap(), Ok(i));
    }
}

/// What it left to be woken goes along with it, whatever the other side does.
#[test]
fn each_side_takes_its_waker_along() {
    for sends in [false, true] {
        let (mut sender, receiver) = oneshot::channel();
        let (waits, waker) = Count::waker();
        assert!(sender.poll_closed(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&waits), 2);
        if sends {
            sender.send(1).unwrap();
        } else {
            drop(sender);
        }
        assert_eq!(Arc::strong_count(&waits), 1);
        drop(receiver);
    }
    for closes in [false, true] {
        let (sender, mut receiver) = oneshot::channel::<u32>();
        let (waits, waker) = Count::waker();
        assert!(Pin::new(&mut receiver).poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&waits), 2);
        if closes {
            receiver.close();
        } else {
            drop(receiver);
        }
        assert_eq!((Arc::strong_count(&waits), waits.of()), (1, 0));
        drop(sender);
    }
}
