//! The one-value channel from outside.
#![cfg(feature = "sync")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::executor::block_on;
use rt_core::sync::oneshot::{self, error::TryRecvError};

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counter() -> (Arc<Counter>, Waker) {
    let counter = Arc::new(Counter::default());
    (counter.clone(), Waker::from(counter))
}

#[test]
fn a_value_in_either_order() {
    let (sender, receiver) = oneshot::channel();
    sender.send(1).unwrap();
    assert_eq!(block_on(receiver), Ok(1));

    let (sender, mut receiver) = oneshot::channel();
    let (woken, waker) = counter();
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut receiver).poll(&mut cx).is_pending());
    assert!(Pin::new(&mut receiver).poll(&mut cx).is_pending());
    sender.send(2).unwrap();
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
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
fn a_closed_channel_takes_nothing() {
    let (mut sender, mut receiver) = oneshot::channel();
    let (woken, waker) = counter();
    assert!(sender.poll_closed(&mut Context::from_waker(&waker)).is_pending());
    receiver.close();
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(sender.is_closed());
    assert_eq!(sender.send(1), Err(1));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert!(block_on(receiver).is_err());
}

#[test]
fn wakers_are_not_kept() {
    let (rx, rx_waker) = counter();
    let (tx, tx_waker) = counter();
    let (mut sender, mut receiver) = oneshot::channel::<u32>();
    assert!(Pin::new(&mut receiver).poll(&mut Context::from_waker(&rx_waker)).is_pending());
    assert!(sender.poll_closed(&mut Context::from_waker(&tx_waker)).is_pending());
    drop((rx_waker, tx_waker));
    assert_eq!((Arc::strong_count(&rx), Arc::strong_count(&tx)), (2, 2));
    drop(receiver);
    assert_eq!((Arc::strong_count(&rx), Arc::strong_count(&tx)), (1, 1));
    assert_eq!((rx.0.load(Ordering::SeqCst), tx.0.load(Ordering::SeqCst)), (0, 1));
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
