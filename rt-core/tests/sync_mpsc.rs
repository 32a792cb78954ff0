//! The many-to-one channels from outside: documented behaviour, known mistakes of others, panics, threads.
#![cfg(feature = "sync")]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::FutureExt;
use futures::executor::block_on;
use rt_core::sync::mpsc::error::{TryRecvError, TrySendError};
use rt_core::sync::mpsc::{self, OwnedPermit, Permit};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Counter {
    fn woken(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn counter() -> (Arc<Counter>, Waker) {
    let counter = Arc::new(Counter::default());
    (counter.clone(), Waker::from(counter))
}

#[test]
fn order_is_kept_across_blocks() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    for round in 1..200_u32 {
        for n in 0..round {
            tx.send((round, n)).unwrap();
        }
        assert_eq!(rx.len(), round as usize);
        for n in 0..round {
            assert_eq!(rx.try_recv(), Ok((round, n)));
        }
        assert!(rx.is_empty());
    }
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn capacity_is_exact() {
    let (tx, mut rx) = mpsc::channel(3);
    for n in 0..3 {
        assert_eq!(tx.capacity(), 3 - n);
        tx.try_send(n).unwrap();
    }
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
    for n in 0..3 {
        assert_eq!(block_on(rx.recv()), Some(n));
        assert_eq!((tx.capacity(), rx.capacity()), (n + 1, n + 1));
    }
    assert_eq!(tx.max_capacity(), 3);
}

#[test]
fn senders_get_room_in_line() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.try_send(0).unwrap();
    let mut first = pin!(tx.send(1));
    let mut second = pin!(tx.send(2));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(tx.capacity(), 0, "the room is promised");
    assert!(tx.try_reserve().is_err());
    assert!(poll(second.as_mut()).is_pending());
    assert!(poll(first.as_mut()).is_ready());
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(poll(second.as_mut()).is_ready());
}

#[test]
#[should_panic = "mpsc bounded channel requires buffer > 0"]
fn no_room_at_all() {
    mpsc::channel::<u32>(0);
}

// tokio #8062: the count of messages fell below zero while the last sender went. `tests_loom.rs` has the race itself.
#[test]
fn the_count_stays_within_bounds_while_others_send() {
    let (tx, mut rx) = mpsc::channel(8);
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let tx = tx.clone();
            std::thread::spawn(move || {
                for n in 0..5_000_u32 {
                    tx.blocking_send(n).unwrap();
                }
            })
        })
        .collect();
    drop(tx);
    let mut received = 0;
    loop {
        assert!(rx.len() <= 8);
        match rx.try_recv() {
            Ok(_) => received += 1,
            Err(TryRecvError::Empty) => std::thread::yield_now(),
            Err(TryRecvError::Disconnected) => break,
        }
        assert!(rx.len() <= 8);
    }
    assert_eq!(received, 10_000);
    assert_eq!(rx.len(), 0);
    for thread in threads {
        thread.join().unwrap();
    }
}

// tokio #8074: an outstanding permit may still send.
#[test]
fn a_closed_channel_is_not_over_while_permits_are_out() {
    let (tx, mut rx) = mpsc::channel(10);
    let one = tx.try_reserve().unwrap();
    let many = tx.try_reserve_many(3).unwrap();
    rx.close();
    assert!(rx.is_closed());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    one.send(1);
    drop(many);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

// tokio #8075 and its relatives: the last permit that comes back ends a closed channel.
#[test]
fn the_last_permit_back_wakes_a_closed_receiver() {
    type Return = fn(OwnedPermit<u32>);
    let ways: [Return; 2] = [|permit| drop(permit), |permit| drop(permit.release())];
    for way in ways {
        let (tx, mut rx) = mpsc::channel(10);
        let permit = tx.clone().try_reserve_owned().unwrap();
        rx.close();
        let (woken, waker) = counter();
        let mut recv = pin!(rx.recv());
        assert!(recv.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        way(permit);
        assert_eq!(woken.woken(), 1);
        assert_eq!(poll(recv), Poll::Ready(None));
        drop(tx);
    }
    for permit_last in [false, true] {
        let (tx, mut rx) = mpsc::channel::<u32>(10);
        let mut permits = tx.try_reserve_many(2).unwrap();
        let mut one: Option<Permit<'_, _>> = permits.next();
        rx.close();
        let (woken, waker) = counter();
        let mut recv = pin!(rx.recv());
        assert!(recv.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        if !permit_last {
            one = None;
            assert_eq!(woken.woken(), 0);
        }
        drop(permits);
        drop(one);
        assert_eq!(woken.woken(), 1);
        assert_eq!(poll(recv), Poll::Ready(None));
    }
}

// tokio #8260: a reservation that waits in line must not keep a closed channel from ending.
#[test]
fn a_queued_reservation_does_not_hold_up_the_end() {
    for (cancelled, last) in [(false, false), (false, true), (true, false), (true, true)] {
        let (tx, mut rx) = mpsc::channel::<u32>(4);
        let mut held = tx.clone().try_reserve_owned().ok();
        let mut queued = Box::pin(tx.reserve_many(4));
        assert!(poll(queued.as_mut()).is_pending());
        rx.close();
        let (woken, waker) = counter();
        let mut recv = pin!(rx.recv());
        assert!(recv.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        if last {
            held = None;
        }
        if !cancelled {
            assert!(matches!(poll(queued.as_mut()), Poll::Ready(Err(_))));
        }
        drop(queued);
        drop(held);
        assert!(woken.woken() > 0);
        assert_eq!(poll(recv), Poll::Ready(None));
    }
}

#[test]
fn a_granted_reservation_that_is_dropped_ends_a_closed_channel() {
    let (tx, mut rx) = mpsc::channel::<u32>(1);
    let held = tx.clone().try_reserve_owned().unwrap();
    let mut queued = Box::pin(tx.reserve());
    assert!(poll(queued.as_mut()).is_pending());
    drop(held);
    rx.close();
    let (woken, waker) = counter();
    let mut recv = pin!(rx.recv());
    assert!(recv.as_mut().poll(&mut Context::from_waker(&waker)).is_pending(), "it may still send");
    drop(queued);
    assert_eq!(woken.woken(), 1);
    assert_eq!(poll(recv), Poll::Ready(None));
}

#[test]
fn more_than_there_ever_will_be() {
    let (tx, _rx) = mpsc::channel::<u32>(2);
    assert!(matches!(tx.reserve_many(3).now_or_never(), Some(Err(_))));
    assert!(matches!(tx.try_reserve_many(3), Err(TrySendError::Full(()))));
    assert_eq!(tx.try_reserve_many(0).unwrap().len(), 0);
}

// tokio #8095: the waker of a receiver that has gone must go, too.
#[test]
fn a_receiver_takes_its_waker_along() {
    let (count, waker) = counter();
    let (tx, mut rx) = mpsc::channel::<u32>(1);
    assert!(rx.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    rx.close();
    assert!(tx.try_reserve().is_err());
    drop(rx);
    let (utx, mut urx) = mpsc::unbounded_channel::<u32>();
    assert!(urx.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    drop(urx);
    let (otx, mut orx) = mpsc::channel::<u32>(1);
    let permit = otx.try_reserve().unwrap();
    orx.close();
    assert!(orx.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    drop(orx);
    drop(waker);
    assert_eq!(Arc::strong_count(&count), 1);
    drop(permit);
    drop((tx, utx));
    assert_eq!(count.woken(), 0);
}

// A panic while the buffer grows must neither lose messages nor room.
#[test]
fn recv_many_survives_a_full_buffer() {
    let (tx, mut rx) = mpsc::channel(4);
    for _ in 0..4 {
        tx.try_send(()).unwrap();
    }
    // A vector of a type without size holds at most `usize::MAX`.
    let mut buffer = vec![(); usize::MAX - 1];
    let mut cx = Context::from_waker(Waker::noop());
    let result = catch_unwind(AssertUnwindSafe(|| rx.poll_recv_many(&mut cx, &mut buffer, 4)));
    assert!(result.is_err());
    assert_eq!(buffer.len(), usize::MAX, "one fitted");
    assert_eq!(rx.len(), 3);
    assert_eq!(tx.capacity(), 1);
    let mut rest = Vec::new();
    assert_eq!(rx.poll_recv_many(&mut cx, &mut rest, 10), Poll::Ready(3));
    assert_eq!(tx.capacity(), 4);
}

#[test]
fn recv_many_lets_a_buffer_grow_only_for_what_is_there() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let mut buffer = Vec::with_capacity(4);
    let room = buffer.capacity();
    (0..room).for_each(|n| tx.send(n).unwrap());
    assert_eq!(block_on(rx.recv_many(&mut buffer, 32)), room);
    assert_eq!(buffer.capacity(), room);
}

#[test]
fn room_that_was_granted_and_not_fetched_is_refused_by_a_close() {
    let (tx, mut rx) = mpsc::channel::<()>(1);
    let permit = tx.try_reserve().unwrap();
    let mut reserve = Box::pin(tx.reserve());
    assert!(poll(reserve.as_mut()).is_pending());
    drop(permit);
    rx.close();
    let mut recv = Box::pin(rx.recv());
    let (woken, waker) = counter();
    assert!(recv.as_mut().poll(&mut Context::from_waker(&waker)).is_pending(), "the room is out");
    assert!(matches!(poll(reserve.as_mut()), Poll::Ready(Err(_))));
    assert_eq!(woken.woken(), 1);
    assert_eq!(poll(recv.as_mut()), Poll::Ready(None));
}

#[test]
fn recv_many_takes_what_is_there() {
    let (tx, mut rx) = mpsc::channel(100);
    for n in 0..100 {
        tx.try_send(n).unwrap();
    }
    let mut buffer = vec![1_000];
    assert_eq!(block_on(rx.recv_many(&mut buffer, 0)), 0);
    assert_eq!(block_on(rx.recv_many(&mut buffer, 60)), 60);
    assert_eq!(tx.capacity(), 60);
    assert_eq!(block_on(rx.recv_many(&mut buffer, 60)), 40);
    assert!(buffer[1..].iter().copied().eq(0..100));
    assert!(rx.recv_many(&mut buffer, 1).now_or_never().is_none());
    drop(tx);
    assert_eq!(block_on(rx.recv_many(&mut buffer, 1)), 0);
}

#[test]
fn messages_of_any_size() {
    let (tx, mut rx) = mpsc::channel(100);
    for _ in 0..50 {
        tx.try_send(()).unwrap();
    }
    assert_eq!(rx.len(), 50);
    assert_eq!(rx.try_recv(), Ok(()));

    #[derive(Debug, Clone, Copy, PartialEq)]
    #[repr(align(256))]
    struct Wide(u8);
    let (tx, mut rx) = mpsc::unbounded_channel();
    for n in 0..50 {
        tx.send((Wide(n), [n; 3_000])).unwrap();
    }
    for n in 0..50 {
        let (wide, bytes) = rx.try_recv().unwrap();
        assert_eq!((wide, bytes), (Wide(n), [n; 3_000]));
        assert_eq!(std::ptr::from_ref(&wide).addr() % 256, 0);
    }
}

#[test]
fn what_is_not_received_is_dropped_once() {
    let value = Arc::new(());
    let (tx, mut rx) = mpsc::channel(100);
    for _ in 0..60 {
        tx.try_send(value.clone()).unwrap();
    }
    drop(rx.try_recv().unwrap());
    assert_eq!(Arc::strong_count(&value), 60);
    let permit = tx.try_reserve().unwrap();
    drop(rx);
    assert_eq!(Arc::strong_count(&value), 1, "the receiver drops them when it goes");
    permit.send(value.clone());
    assert_eq!(Arc::strong_count(&value), 2);
    drop(tx);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_panic_in_drop_spares_the_others() {
    struct Grumpy(Arc<AtomicUsize>, bool);
    impl Drop for Grumpy {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            assert!(!self.1, "grumpy");
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mpsc::unbounded_channel();
    for n in 0..100 {
        assert!(tx.send(Grumpy(dropped.clone(), n == 50)).is_ok());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!(dropped.load(Ordering::SeqCst), 100);
    assert!(tx.is_closed());
}

#[test]
fn a_waker_that_panics_does_not_undo_the_send() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            panic!("bomb");
        }
    }
    let (tx, mut rx) = mpsc::channel(1);
    assert!(rx.poll_recv(&mut Context::from_waker(&Waker::from(Arc::new(Bomb)))).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| tx.try_send(1))).is_err());
    assert_eq!(block_on(rx.recv()), Some(1));
    assert_eq!(tx.capacity(), 1);
}

#[test]
fn weak_senders() {
    let (tx, mut rx) = mpsc::channel(1);
    let weak = tx.downgrade();
    let other = weak.clone();
    assert_eq!((tx.strong_count(), tx.weak_count()), (1, 2));
    let again = weak.upgrade().unwrap();
    assert_eq!(rx.sender_strong_count(), 2);
    drop(tx);
    again.try_send(1).unwrap();
    drop(again);
    assert!(weak.upgrade().is_none());
    drop((weak, other));
    assert_eq!(rx.sender_weak_count(), 0);
    assert_eq!(block_on(rx.recv()), Some(1));
    assert_eq!(block_on(rx.recv()), None);
}

#[test]
fn closed_is_told_to_all() {
    let (tx, rx) = mpsc::unbounded_channel::<u32>();
    let (one, two) = (tx.clone(), tx);
    let (woken, waker) = counter();
    let mut cx = Context::from_waker(&waker);
    let mut waits = [Box::pin(one.closed()), Box::pin(two.closed())];
    assert!(waits.iter_mut().all(|wait| wait.as_mut().poll(&mut cx).is_pending()));
    drop(rx);
    assert_eq!(woken.woken(), 2);
    assert!(waits.iter_mut().all(|wait| wait.as_mut().poll(&mut cx).is_ready()));
    assert!(one.closed().now_or_never().is_some());
}

#[test]
fn a_fast_poll_keeps_the_waker() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let (woken, waker) = counter();
    let mut cx = Context::from_waker(&waker);
    for _ in 0..5 {
        assert!(rx.poll_recv(&mut cx).is_pending());
    }
    assert_eq!(Arc::strong_count(&woken), 3);
    tx.send(1).unwrap();
    tx.send(2).unwrap();
    assert_eq!(woken.woken(), 1);
    assert_eq!(rx.poll_recv(&mut cx), Poll::Ready(Some(1)));
    assert_eq!(rx.poll_recv(&mut cx), Poll::Ready(Some(2)));
    assert!(rx.poll_recv(&mut cx).is_pending());
    drop(tx);
    assert_eq!(woken.woken(), 2);
    assert_eq!(rx.poll_recv(&mut cx), Poll::Ready(None));
}

#[test]
fn threads_lose_nothing() {
    const EACH: u64 = 10_000;
    for capacity in [1, 3, 100] {
        let (tx, mut rx) = mpsc::channel(capacity);
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let tx = tx.clone();
                std::thread::spawn(move || {
                    for n in 0..EACH / capacity.min(4) as u64 {
                        block_on(tx.send((sender, n))).unwrap();
                    }
                })
            })
            .collect();
        drop(tx);
        let mut next = [0; 4];
        while let Some((sender, n)) = rx.blocking_recv() {
            assert_eq!(next[sender], n, "in order");
            next[sender] += 1;
        }
        assert_eq!(next, [EACH / capacity.min(4) as u64; 4]);
        for sender in senders {
            sender.join().unwrap();
        }
    }
}

#[test]
fn threads_lose_nothing_unbounded() {
    let (tx, mut rx) = mpsc::unbounded_channel();
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let tx = tx.clone();
            std::thread::spawn(move || (0..20_000).for_each(|n| tx.send((sender, n)).unwrap()))
        })
        .collect();
    drop(tx);
    let (mut next, mut buffer) = ([0; 4], Vec::new());
    while rx.blocking_recv_many(&mut buffer, 64) > 0 {
        for (sender, n) in buffer.drain(..) {
            assert_eq!(next[sender], n, "in order");
            next[sender] += 1;
        }
    }
    assert_eq!(next, [20_000; 4]);
    for sender in senders {
        sender.join().unwrap();
    }
}

#[test]
fn senders_that_give_up_while_others_send() {
    let (tx, mut rx) = mpsc::channel(2);
    let quitters: Vec<_> = (0..2)
        .map(|_| {
            let tx = tx.clone();
            std::thread::spawn(move || {
                let mut sent = 0;
                for _ in 0..5_000 {
                    // Poll once or twice, and then drop the future wherever it stands.
                    let mut send = pin!(tx.send(1_u32));
                    sent += u32::from(poll(send.as_mut()).is_ready() || poll(send.as_mut()).is_ready());
                }
                sent
            })
        })
        .collect();
    let steady = std::thread::spawn(move || (0..5_000).for_each(|_| tx.blocking_send(1).unwrap()));
    let mut received = 0;
    while let Some(n) = rx.blocking_recv() {
        received += n;
    }
    let sent: u32 = quitters.into_iter().map(|thread| thread.join().unwrap()).sum();
    steady.join().unwrap();
    assert_eq!(received, sent + 5_000);
    assert_eq!(rx.capacity(), 2);
}

/// A sender that waits for room with a waker that panics: the receiver gets its message all the same.
#[test]
fn a_waker_that_panics_loses_no_message() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            panic!("bomb");
        }
    }
    let (tx, mut rx) = mpsc::channel(1);
    tx.try_send(1).unwrap();
    let mut waiting = Box::pin(tx.send(2));
    let bomb = Waker::from(Arc::new(Bomb));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(&bomb)).is_pending());
    assert_eq!(block_on(rx.recv()), Some(1));
    block_on(waiting).unwrap();
    assert_eq!(block_on(rx.recv()), Some(2));
}

/// More room than the tail's word can count.
const LARGE: usize = 1 << 40;

#[test]
fn a_large_channel_counts_its_room() {
    let (tx, mut rx) = mpsc::channel(LARGE);
    assert_eq!((tx.capacity(), tx.max_capacity()), (LARGE, LARGE));
    block_on(tx.send(1)).unwrap();
    tx.try_send(2).unwrap();
    let permits = tx.try_reserve_many(LARGE - 3).unwrap();
    assert_eq!(tx.capacity(), 1);
    assert!(tx.try_reserve_many(2).is_err());
    let mut two = Box::pin(tx.reserve_many(2));
    assert!(poll(two.as_mut()).is_pending());
    assert_eq!(tx.capacity(), 0, "others wait");
    // What is received is enough for the one that waits.
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(block_on(two).unwrap().len(), 2);
    drop(permits);
    assert_eq!((rx.try_recv(), rx.len()), (Ok(2), 0));
    assert_eq!(tx.capacity(), LARGE);
}

#[test]
fn a_large_channel_ends_when_its_room_is_back() {
    let (tx, mut rx) = mpsc::channel::<u32>(LARGE);
    let (first, second) = (tx.clone().try_reserve_owned().unwrap(), tx.try_reserve().unwrap());
    rx.close();
    assert!(tx.is_closed());
    assert!(block_on(tx.send(1)).is_err());
    let thread = std::thread::spawn(move || drop(first.send(7)));
    assert_eq!(block_on(rx.recv()), Some(7));
    thread.join().unwrap();
    assert!(poll(Box::pin(rx.recv()).as_mut()).is_pending());
    drop(second);
    assert_eq!(block_on(rx.recv()), None);
}

#[test]
fn a_large_channel_wakes_its_receiver_for_the_end() {
    for _ in 0..200 {
        let (tx, mut rx) = mpsc::channel::<u32>(LARGE);
        let permit = tx.try_reserve_owned().unwrap();
        rx.close();
        let thread = std::thread::spawn(move || drop(permit));
        assert_eq!(block_on(rx.recv()), None);
        thread.join().unwrap();
    }
}

/// Laps through blocks of one size or another, with a queue that is drained and one that isn't.
#[test]
fn order_holds_across_laps() {
    fn laps<T: From<u8> + PartialEq + std::fmt::Debug>(ahead: usize) {
        let (tx, mut rx) = mpsc::unbounded_channel();
        for n in 0..1_000_usize {
            tx.send(T::from(n as u8)).unwrap();
            assert_eq!(rx.len(), n.min(ahead) + 1);
            if n >= ahead {
                assert_eq!(rx.try_recv(), Ok(T::from((n - ahead) as u8)));
            }
        }
    }
    for ahead in [0, 1, 2, 15, 16, 17, 100] {
        laps::<u8>(ahead);
        laps::<u64>(ahead);
        laps::<u128>(ahead);
        laps::<Vast>(ahead);
    }
}

/// Of which a block has but two.
#[derive(PartialEq, Debug)]
struct Vast([u8; 100]);

impl From<u8> for Vast {
    fn from(n: u8) -> Self {
        Self([n; 100])
    }
}
