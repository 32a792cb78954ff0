use super::*;
use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

fn noop() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// A value whose leak loom notices.
fn value(n: u32) -> Arc<u32> {
    Arc::new(n)
}

#[test]
fn values_arrive_in_order_across_blocks() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let sender = thread::spawn(move || {
            // A block has one slot here.
            for n in 0..2 {
                tx.send(value(n)).unwrap();
            }
        });
        for n in 0..2 {
            assert_eq!(*block_on(rx.recv()).unwrap(), n);
        }
        assert!(block_on(rx.recv()).is_none());
        sender.join().unwrap();
    });
}

#[test]
fn two_senders_cross_blocks() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let one = {
            let tx = tx.clone();
            thread::spawn(move || tx.send(value(1)).unwrap())
        };
        tx.send(value(1)).unwrap();
        tx.send(value(1)).unwrap();
        tx.send(value(1)).unwrap();
        drop(tx);
        let mut sum = 0;
        while let Some(value) = block_on(rx.recv()) {
            sum += *value;
        }
        assert_eq!(sum, 4);
        one.join().unwrap();
    });
}

#[test]
fn a_block_starts_again() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        // The block has one slot: here it is full, and popped.
        tx.send(value(0)).unwrap();
        assert_eq!(*rx.try_recv().unwrap(), 0);
        let sender = thread::spawn(move || {
            tx.send(value(1)).unwrap();
            tx.send(value(2)).unwrap();
        });
        assert_eq!(*block_on(rx.recv()).unwrap(), 1);
        assert_eq!(*block_on(rx.recv()).unwrap(), 2);
        assert!(block_on(rx.recv()).is_none());
        sender.join().unwrap();
    });
}

#[test]
fn a_spare_block_comes_back() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        for n in 0..3 {
            tx.send(value(n)).unwrap();
        }
        // A block has one slot here: one block is kept, and both want it.
        for n in 0..2 {
            assert_eq!(*rx.try_recv().unwrap(), n);
        }
        let sender = {
            let tx = tx.clone();
            thread::spawn(move || tx.send(value(4)).unwrap())
        };
        tx.send(value(4)).unwrap();
        assert_eq!(*block_on(rx.recv()).unwrap(), 2);
        for _ in 0..2 {
            assert_eq!(*block_on(rx.recv()).unwrap(), 4);
        }
        sender.join().unwrap();
    });
}

#[test]
fn two_claim_slots_of_a_block() {
    loom::model(|| {
        // Of which a block has two slots here: the second lap begins in the same block, or in another.
        let (tx, mut rx) = channel::<u32>(4);
        let sender = {
            let tx = tx.clone();
            thread::spawn(move || block_on(tx.send(1)).unwrap())
        };
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        tx.try_send(1).unwrap();
        assert_eq!((block_on(rx.recv()), block_on(rx.recv())), (Some(1), Some(1)));
        sender.join().unwrap();
        assert_eq!(tx.capacity(), 4);
    });
}

#[test]
fn an_end_while_the_receiver_falls_asleep() {
    loom::model(|| {
        let (tx, mut rx) = channel::<u32>(1);
        let permit = tx.clone().try_reserve_owned().unwrap();
        // It ends by the room that comes back, for this sender doesn't go.
        let holder = thread::spawn(move || drop(permit.release()));
        rx.close();
        assert!(block_on(rx.recv()).is_none());
        holder.join().unwrap();
        drop(tx);
    });
}

#[test]
fn the_last_sender_ends_it() {
    loom::model(|| {
        let (tx, mut rx) = channel::<Arc<u32>>(1);
        let senders: Vec<_> =
            [tx.clone(), tx].into_iter().map(|tx| thread::spawn(move || drop(tx))).collect();
        assert!(block_on(rx.recv()).is_none());
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn room_is_passed_on() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        let sender = thread::spawn(move || {
            block_on(tx.send(value(1))).unwrap();
            block_on(tx.send(value(2))).unwrap();
        });
        assert_eq!(*block_on(rx.recv()).unwrap(), 1);
        assert_eq!(*block_on(rx.recv()).unwrap(), 2);
        sender.join().unwrap();
        assert_eq!(rx.capacity(), 1);
    });
}

#[test]
fn two_wait_for_room() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        tx.try_send(value(1)).unwrap();
        let senders: Vec<_> = [tx.clone(), tx]
            .into_iter()
            .map(|tx| thread::spawn(move || drop(block_on(tx.reserve()).unwrap())))
            .collect();
        assert_eq!(*rx.try_recv().unwrap(), 1);
        for sender in senders {
            sender.join().unwrap();
        }
        assert_eq!(rx.capacity(), 1);
    });
}

#[test]
fn a_cancelled_send_takes_no_room() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        tx.try_send(value(0)).unwrap();
        let quitter = {
            let tx = tx.clone();
            thread::spawn(move || {
                let send = pin!(tx.send(value(1)));
                send.poll(&mut noop()).is_ready()
            })
        };
        assert_eq!(*block_on(rx.recv()).unwrap(), 0);
        let sent = quitter.join().unwrap();
        assert_eq!(rx.capacity(), usize::from(!sent));
        assert_eq!(rx.try_recv().is_ok(), sent);
        drop(tx);
    });
}

#[test]
fn closing_waits_for_permits() {
    loom::model(|| {
        let (tx, mut rx) = channel::<Arc<u32>>(2);
        let permit = tx.clone().try_reserve_owned().unwrap();
        let holder = thread::spawn(move || drop(permit));
        // It ends by the permit, for this sender doesn't go.
        let kept = tx.clone();
        let sender = thread::spawn(move || tx.try_send(value(1)).is_ok());
        rx.close();
        let received = block_on(rx.recv()).is_some();
        if received {
            assert!(block_on(rx.recv()).is_none());
        }
        holder.join().unwrap();
        assert_eq!(sender.join().unwrap(), received);
        assert_eq!(kept.capacity(), 2);
    });
}

#[test]
fn a_reservation_that_fails_gives_the_end_away() {
    loom::model(|| {
        let (tx, mut rx) = channel::<Arc<u32>>(1);
        tx.try_send(value(1)).unwrap();
        let kept = tx.clone();
        let other = thread::spawn(move || drop(block_on(tx.reserve_many(1))));
        // It may be granted this room, and find the channel closed when it comes to fetch it.
        assert!(rx.try_recv().is_ok());
        rx.close();
        assert!(block_on(rx.recv()).is_none());
        other.join().unwrap();
        assert_eq!(kept.capacity(), 1);
    });
}

#[test]
fn closing_an_unbounded_one_loses_nothing() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let sender = thread::spawn(move || {
            u32::from(tx.send(value(1)).is_ok()) + u32::from(tx.send(value(1)).is_ok())
        });
        rx.close();
        let mut received = 0;
        while let Some(value) = block_on(rx.recv()) {
            received += *value;
        }
        assert_eq!(sender.join().unwrap(), received);
    });
}

#[test]
fn the_receiver_goes() {
    loom::model(|| {
        let (tx, rx) = unbounded_channel();
        let sender = thread::spawn(move || {
            let _ = tx.send(value(1));
            let _ = tx.send(value(2));
        });
        drop(rx);
        sender.join().unwrap();
    });
}

#[test]
fn senders_learn_that_it_is_closed() {
    loom::model(|| {
        let (tx, rx) = channel::<u32>(1);
        let closer = thread::spawn(move || drop(rx));
        block_on(tx.closed());
        assert!(tx.is_closed());
        closer.join().unwrap();
    });
}

/// As before, with threads that take each other's part: another order of exploration, which finds more at few preemptions.
#[test]
fn a_sender_elsewhere_learns_that_it_is_closed() {
    loom::model(|| {
        let (tx, rx) = channel::<u32>(1);
        let sender = thread::spawn(move || {
            block_on(tx.closed());
            assert!(tx.is_closed());
        });
        drop(rx);
        sender.join().unwrap();
    });
}

#[test]
fn weak_senders_race_with_the_last() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let weak = tx.downgrade();
        let upgrader = thread::spawn(move || match weak.upgrade() {
            Some(tx) => tx.send(value(1)).is_ok(),
            None => false,
        });
        drop(tx);
        let received = block_on(rx.recv()).is_some();
        if received {
            assert!(block_on(rx.recv()).is_none());
        }
        assert_eq!(upgrader.join().unwrap(), received);
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let sender = thread::spawn(move || tx.send(value(1)).unwrap());
        if rx.poll_recv(&mut noop()).is_pending() {
            assert!(block_on(rx.recv()).is_some());
        }
        sender.join().unwrap();
    });
}

#[test]
fn a_receiver_that_waited_goes() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        let sender = thread::spawn(move || drop(tx.try_send(value(1))));
        let _ = rx.poll_recv(&mut noop());
        drop(rx);
        sender.join().unwrap();
    });
}

#[test]
fn try_recv_misses_nothing_that_was_sent() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let slow = {
            let tx = tx.clone();
            thread::spawn(move || tx.send(value(1)).unwrap())
        };
        tx.send(value(2)).unwrap();
        assert!(rx.try_recv().is_ok(), "one was sent before, whichever comes first");
        slow.join().unwrap();
    });
}

#[test]
fn the_count_is_exact_when_nobody_sends() {
    loom::model(|| {
        let (tx, rx) = unbounded_channel();
        let senders: Vec<_> = [tx.clone(), tx.clone()]
            .into_iter()
            .map(|tx| {
                thread::spawn(move || {
                    tx.send(value(1)).unwrap();
                    tx.send(value(1)).unwrap();
                })
            })
            .collect();
        assert!(rx.len() <= 4);
        for sender in senders {
            sender.join().unwrap();
        }
        assert_eq!(rx.len(), 4);
        drop(tx);
    });
}

#[test]
fn who_waits_gets_what_is_owed() {
    loom::model(|| {
        let (tx, mut rx) = channel(2);
        tx.try_send(value(1)).unwrap();
        tx.try_send(value(2)).unwrap();
        let sender = thread::spawn(move || block_on(tx.send(value(3))).unwrap());
        // One is received, and then no more: it must be enough for the one that waits.
        assert_eq!(*rx.try_recv().unwrap(), 1);
        sender.join().unwrap();
        assert_eq!((*rx.try_recv().unwrap(), *rx.try_recv().unwrap()), (2, 3));
    });
}

#[test]
fn what_is_owed_is_room_for_all() {
    loom::model(|| {
        let (tx, mut rx) = channel(2);
        tx.try_send(value(1)).unwrap();
        tx.try_send(value(2)).unwrap();
        let receiver = thread::spawn(move || {
            assert!(rx.try_recv().is_ok());
            rx
        });
        // One that gives up, wherever it stands, takes nothing along.
        {
            let give_up = pin!(tx.reserve_many(2));
            assert!(give_up.poll(&mut noop()).is_pending());
        }
        let rx = receiver.join().unwrap();
        assert_eq!(tx.capacity(), 1);
        assert!(tx.try_reserve().is_ok());
        drop(rx);
    });
}

#[test]
fn a_close_waits_for_what_is_owed() {
    loom::model(|| {
        let (tx, mut rx) = channel(2);
        tx.try_send(value(1)).unwrap();
        // It ends by the room that comes back, for this sender doesn't go.
        let kept = tx.clone();
        let sender = thread::spawn(move || {
            if let Ok(permit) = tx.try_reserve() {
                permit.send(value(2));
            }
        });
        assert!(rx.try_recv().is_ok());
        rx.close();
        while block_on(rx.recv()).is_some() {}
        sender.join().unwrap();
        assert_eq!(kept.capacity(), 2);
    });
}

// tokio #8062: who looked while the last sender went counted fewer than none.
#[test]
fn the_end_is_not_counted() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let sender = thread::spawn(move || {
            // A block has one slot here: it is full when the channel ends.
            tx.send(value(1)).unwrap();
            tx.send(value(1)).unwrap();
        });
        let before = rx.len();
        assert!(before <= 2, "{before}");
        let received = rx.try_recv().is_ok();
        let after = rx.len();
        assert!(after + usize::from(received) <= 2, "{after}");
        sender.join().unwrap();
        assert_eq!(rx.len() + usize::from(received), 2);
    });
}

#[test]
fn a_wait_for_the_end_that_is_given_up_is_begun_again() {
    loom::model(|| {
        let (tx, rx) = channel::<u32>(1);
        let closer = thread::spawn(move || drop(rx));
        {
            let closed = pin!(tx.closed());
            let _ = closed.poll(&mut noop());
        }
        block_on(tx.closed());
        closer.join().unwrap();
    });
}

#[test]
fn a_receive_that_is_given_up_leaves_the_message() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        let sender = thread::spawn(move || {
            tx.try_send(value(1)).unwrap();
            tx
        });
        let mut buffer = Vec::new();
        {
            let receive = pin!(rx.recv_many(&mut buffer, 2));
            let _ = receive.poll(&mut noop());
        }
        if buffer.is_empty() {
            buffer.extend(block_on(rx.recv()));
        }
        assert_eq!(*buffer[0], 1);
        let tx = sender.join().unwrap();
        assert_eq!((rx.len(), tx.capacity()), (0, 1));
    });
}

/// Refused in the line, or granted room that it doesn't fetch before the close.
#[test]
fn who_waits_for_room_learns_of_the_close_and_keeps_the_message() {
    for receives_first in [false, true] {
        loom::model(move || {
            let (tx, mut rx) = channel(1);
            tx.try_send(value(1)).unwrap();
            let sender = thread::spawn(move || match block_on(tx.send(value(1))) {
                Ok(()) => 0,
                Err(crate::sync::mpsc::error::SendError(kept)) => *kept,
            });
            let mut received = u32::from(receives_first && rx.try_recv().is_ok());
            rx.close();
            while let Some(value) = block_on(rx.recv()) {
                received += *value;
            }
            assert_eq!(received + sender.join().unwrap(), 2);
        });
    }
}

// tokio #8260, with one that gives up in place of one that learns of it.
#[test]
fn a_reservation_that_is_given_up_does_not_hold_up_the_end() {
    loom::model(|| {
        let (tx, mut rx) = channel::<Arc<u32>>(2);
        let permit = tx.clone().try_reserve_owned().unwrap();
        let mut many = Box::pin(tx.reserve_many(2));
        assert!(many.as_mut().poll(&mut noop()).is_pending());
        let receiver = thread::spawn(move || {
            rx.close();
            assert!(block_on(rx.recv()).is_none());
        });
        let holder = thread::spawn(move || drop(permit));
        drop(many);
        holder.join().unwrap();
        receiver.join().unwrap();
    });
}

#[test]
fn an_owned_reservation_that_is_given_up_takes_its_sender_along() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        tx.try_send(value(1)).unwrap();
        let quitter = thread::spawn(move || {
            let reserve = pin!(tx.reserve_owned());
            let _ = reserve.poll(&mut noop());
        });
        assert_eq!(*block_on(rx.recv()).unwrap(), 1);
        // The end comes, since the last sender went with the future, or with the permit.
        assert!(block_on(rx.recv()).is_none());
        quitter.join().unwrap();
        assert_eq!(rx.capacity(), 1);
    });
}

#[test]
fn permits_of_which_some_are_used_give_the_rest_back() {
    loom::model(|| {
        let (tx, mut rx) = channel(2);
        let mut permits = tx.try_reserve_many(2).unwrap();
        let other = {
            let tx = tx.clone();
            thread::spawn(move || block_on(tx.send(value(2))).unwrap())
        };
        permits.next().unwrap().send(value(1));
        drop(permits);
        other.join().unwrap();
        assert_eq!((*rx.try_recv().unwrap(), *rx.try_recv().unwrap()), (1, 2));
        assert_eq!(rx.capacity(), 2);
    });
}

#[test]
fn weak_senders_of_a_bounded_one_race_with_the_last() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        let weak = tx.downgrade();
        let upgrader = thread::spawn(move || weak.upgrade().is_some_and(|tx| tx.try_send(value(1)).is_ok()));
        drop(tx);
        let received = block_on(rx.recv()).is_some();
        if received {
            assert!(block_on(rx.recv()).is_none());
        }
        assert_eq!(upgrader.join().unwrap(), received);
    });
}

#[test]
fn many_are_received_at_once_and_their_room_comes_back() {
    loom::model(|| {
        let (tx, mut rx) = channel(1);
        let sender = thread::spawn(move || {
            block_on(tx.send(value(0))).unwrap();
            block_on(tx.send(value(1))).unwrap();
            tx
        });
        let mut received = Vec::new();
        while received.len() < 2 {
            assert!(block_on(rx.recv_many(&mut received, 2)) > 0);
        }
        assert!(received.iter().map(|value| **value).eq(0..2));
        let tx = sender.join().unwrap();
        assert_eq!((rx.capacity(), tx.capacity()), (1, 1));
    });
}

#[test]
fn a_receive_of_an_unbounded_one_that_is_given_up_is_begun_again() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel();
        let sender = thread::spawn(move || tx.send(value(1)).unwrap());
        let first = {
            let receive = pin!(rx.recv());
            receive.poll(&mut noop()).is_ready()
        };
        if !first {
            assert!(block_on(rx.recv()).is_some());
        }
        assert!(block_on(rx.recv()).is_none());
        sender.join().unwrap();
    });
}

#[test]
fn senders_of_an_unbounded_one_learn_that_it_is_closed() {
    loom::model(|| {
        let (tx, rx) = unbounded_channel::<u32>();
        let closer = thread::spawn(move || drop(rx));
        {
            let closed = pin!(tx.closed());
            let _ = closed.poll(&mut noop());
        }
        block_on(tx.closed());
        assert!(tx.is_closed());
        closer.join().unwrap();
    });
}

/// One whose room doesn't fit into the tail's word.
#[test]
fn a_huge_one_ends_when_its_permits_are_back() {
    loom::model(|| {
        let (tx, mut rx) = channel::<Arc<u32>>(1 << 30);
        let permit = tx.clone().try_reserve_owned().unwrap();
        // It ends by the permit, with a sender left that doesn't go.
        let kept = tx.clone();
        let holder = thread::spawn(move || drop(permit));
        let sender = thread::spawn(move || tx.try_send(value(1)).is_ok());
        rx.close();
        let received = block_on(rx.recv()).is_some();
        if received {
            assert!(block_on(rx.recv()).is_none());
        }
        holder.join().unwrap();
        assert_eq!(sender.join().unwrap(), received);
        assert_eq!(kept.capacity(), 1 << 30);
    });
}
