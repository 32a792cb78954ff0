use super::error::{RecvError, TryRecvError};
use super::*;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::sync::Arc;
use loom::future::block_on;
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// Polls once and gives up.
fn give_up<T: Clone>(receiver: &mut Receiver<T>) -> Option<Result<T, RecvError>> {
    match pin!(receiver.recv()).poll(&mut Context::from_waker(Waker::noop())) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

/// Receives to the end; what was received, and how many were missed.
fn drain(receiver: &mut Receiver<usize>) -> (Vec<usize>, u64) {
    let (mut seen, mut missed) = (Vec::new(), 0);
    loop {
        match block_on(receiver.recv()) {
            Ok(value) => seen.push(value),
            Err(RecvError::Lagged(more)) => missed += more,
            Err(RecvError::Closed) => return (seen, missed),
        }
    }
}

#[test]
fn both_receive_what_is_sent() {
    loom::model(|| {
        let (sender, mut one) = channel(2);
        let mut two = sender.subscribe();
        let other = thread::spawn(move || drain(&mut two));
        sender.send(1).unwrap();
        sender.send(2).unwrap();
        drop(sender);
        assert_eq!(drain(&mut one), (vec![1, 2], 0));
        assert_eq!(other.join().unwrap(), (vec![1, 2], 0));
    });
}

#[test]
fn one_that_lags_learns_how_much() {
    loom::model(|| {
        let (sender, mut receiver) = channel(1);
        let other = thread::spawn(move || {
            for value in 0..3 {
                sender.send(value).unwrap();
            }
        });
        let (seen, missed) = drain(&mut receiver);
        assert_eq!(seen.len() as u64 + missed, 3);
        assert!(seen.is_sorted());
        assert_eq!(seen.last(), Some(&2), "the newest is never evicted");
        other.join().unwrap();
    });
}

#[test]
fn two_senders_give_one_order() {
    loom::model(|| {
        let (sender, mut one) = channel(2);
        let mut two = sender.subscribe();
        let more = sender.clone();
        let other = thread::spawn(move || drop(more.send(1).unwrap()));
        sender.send(2).unwrap();
        drop(sender);
        assert_eq!(block_on(one.recv()), block_on(two.recv()));
        other.join().unwrap();
        assert_eq!(drain(&mut one), drain(&mut two));
    });
}

#[test]
fn the_last_sender_ends_a_wait() {
    loom::model(|| {
        let (sender, mut receiver) = channel::<usize>(1);
        let weak = sender.downgrade();
        let other = thread::spawn(move || drop(sender));
        let upgraded = thread::spawn(move || weak.upgrade().map(|sender| sender.send(1).unwrap()));
        let seen = drain(&mut receiver).0;
        other.join().unwrap();
        assert_eq!(upgraded.join().unwrap().is_some(), !seen.is_empty());
    });
}

#[test]
fn one_that_gives_up_leaves_the_line() {
    loom::model(|| {
        let (sender, mut receiver) = channel(1);
        let other = thread::spawn(move || sender.send(1).unwrap());
        if give_up(&mut receiver).is_none() {
            assert_eq!(block_on(receiver.recv()), Ok(1), "it is still to come");
        }
        other.join().unwrap();
    });
}

/// What a value's drop has to be seen by.
struct Tracked(Arc<(AtomicUsize, UnsafeCell<usize>)>);

impl Tracked {
    fn new(alive: &Arc<(AtomicUsize, UnsafeCell<usize>)>) -> Self {
        // Relaxed: counted only.
        alive.0.fetch_add(1, Ordering::Relaxed);
        Self(alive.clone())
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        // SAFETY: values are cloned one at a time: that is what the model checks.
        self.0.1.with_mut(|clones| unsafe { *clones += 1 });
        Self::new(&self.0)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn values_are_cloned_one_at_a_time_and_dropped_by_the_last() {
    loom::model(|| {
        let alive = Arc::new((AtomicUsize::new(0), UnsafeCell::new(0)));
        let (sender, mut one) = channel(1);
        let mut two = sender.subscribe();
        let three = sender.subscribe();
        sender.send(Tracked::new(&alive)).ok().unwrap();
        let threads = [
            thread::spawn(move || assert!(one.try_recv().is_ok())),
            thread::spawn(move || assert!(two.try_recv().is_ok())),
        ];
        drop(three);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(alive.0.load(Ordering::Relaxed), 0);
        assert!(sender.is_empty());
    });
}

#[test]
fn a_value_may_be_evicted_while_it_is_cloned() {
    loom::model(|| {
        let alive = Arc::new((AtomicUsize::new(0), UnsafeCell::new(0)));
        let other = Arc::new((AtomicUsize::new(0), UnsafeCell::new(0)));
        let (sender, mut one) = channel(1);
        let mut two = sender.subscribe();
        sender.send(Tracked::new(&alive)).ok().unwrap();
        let receiving = thread::spawn(move || match one.try_recv() {
            Err(TryRecvError::Lagged(1)) => assert!(one.try_recv().is_ok()),
            received => assert!(received.is_ok()),
        });
        sender.send(Tracked::new(&other)).ok().unwrap();
        assert!(matches!(two.try_recv(), Err(TryRecvError::Lagged(1))));
        assert!(two.try_recv().is_ok());
        receiving.join().unwrap();
        assert_eq!(alive.0.load(Ordering::Relaxed), 0, "evicted");
        assert_eq!(other.0.load(Ordering::Relaxed), sender.len());
        drop((two, sender));
        assert_eq!(other.0.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn receivers_leave_while_it_is_cloned() {
    loom::model(|| {
        let alive = Arc::new((AtomicUsize::new(0), UnsafeCell::new(0)));
        let (sender, mut one) = channel(1);
        let two = sender.subscribe();
        sender.send(Tracked::new(&alive)).ok().unwrap();
        let leaving = thread::spawn(move || drop(two));
        assert!(one.try_recv().is_ok());
        leaving.join().unwrap();
        assert_eq!(alive.0.load(Ordering::Relaxed), 0);
        assert!(sender.is_empty());
        assert_eq!(sender.receiver_count(), 1);
    });
}

/// A clone of it receives once, with another receiver.
struct Nested {
    tracked: Tracked,
    inner: Arc<crate::base::Latch<Option<Receiver<Nested>>>>,
}

impl Clone for Nested {
    fn clone(&self) -> Self {
        let inner = self.inner.lock().take();
        if let Some(mut inner) = inner {
            assert!(inner.try_recv().is_ok());
        }
        Self { tracked: self.tracked.clone(), inner: self.inner.clone() }
    }
}

#[test]
fn a_clone_receives_while_another_thread_does() {
    loom::model(|| {
        let alive = Arc::new((AtomicUsize::new(0), UnsafeCell::new(0)));
        let (sender, mut one) = channel(1);
        let mut two = sender.subscribe();
        let inner = Arc::new(crate::base::Latch::new(Some(sender.subscribe())));
        sender.send(Nested { tracked: Tracked::new(&alive), inner }).ok().unwrap();
        let receiving = thread::spawn(move || assert!(two.try_recv().is_ok()));
        assert!(one.try_recv().is_ok());
        receiving.join().unwrap();
        assert_eq!(alive.0.load(Ordering::Relaxed), 0);
        assert!(sender.is_empty());
    });
}

/// A clone of it looks once whether more has come, with another receiver.
struct Looking {
    tracked: Tracked,
    inner: Arc<crate::base::Latch<Option<Receiver<Looking>>>>,
}

impl Clone for Looking {
    fn clone(&self) -> Self {
        let inner = self.inner.lock().take();
        if let Some(mut inner) = inner {
            assert!(matches!(inner.try_recv(), Ok(_) | Err(TryRecvError::Empty)));
        }
        Self { tracked: self.tracked.clone(), inner: self.inner.clone() }
    }
}

#[test]
fn a_clone_receives_what_evicted_its_value_and_is_lent_to_another() {
    loom::model(|| {
        let alive = [(); 2].map(|()| Arc::new((AtomicUsize::new(0), UnsafeCell::new(0))));
        let value = |index: usize, inner| Looking { tracked: Tracked::new(&alive[index]), inner };
        let alive = |index: usize| alive[index].0.load(Ordering::Relaxed);
        let (sender, mut one) = channel(1);
        let idle = sender.subscribe();
        let inner = Arc::new(crate::base::Latch::new(None));
        sender.send(value(0, inner.clone())).ok().unwrap();
        // These begin with the second value.
        *inner.lock() = Some(sender.subscribe());
        let mut two = sender.subscribe();
        let second = value(1, inner);
        let evicting = thread::spawn(move || {
            sender.send(second).ok().unwrap();
            assert!(two.try_recv().is_ok());
            (sender, two)
        });
        let received = one.try_recv();
        assert!(matches!(received, Ok(_) | Err(TryRecvError::Lagged(1))));
        drop(received);
        let (sender, two) = evicting.join().unwrap();
        assert_eq!((alive(0), alive(1), sender.len()), (0, 1, 1), "only that which is still to be seen");
        drop((one, two, idle));
        assert_eq!((alive(1), sender.receiver_count()), (0, 0));
    });
}

#[test]
fn a_receiver_leaves_while_another_comes_and_values_do() {
    loom::model(|| {
        let alive = Arc::new((AtomicUsize::new(0), UnsafeCell::new(0)));
        let (sender, receiver) = channel(1);
        let quitter = thread::spawn(move || drop(receiver));
        let sending = {
            let (sender, alive) = (sender.clone(), alive.clone());
            thread::spawn(move || sender.send(Tracked::new(&alive)).is_ok())
        };
        let mut late = sender.subscribe();
        quitter.join().unwrap();
        sending.join().unwrap();
        let held = alive.0.load(Ordering::Relaxed);
        assert_eq!(sender.len(), held, "what nobody wants is gone");
        assert_eq!(late.len(), held);
        assert_eq!(late.try_recv().is_ok(), held == 1);
        drop(late);
        assert_eq!(alive.0.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn closed_sees_the_last_receiver_go() {
    loom::model(|| {
        let alive = Arc::new((AtomicUsize::new(0), UnsafeCell::new(0)));
        let (sender, one) = channel(1);
        let two = sender.subscribe();
        sender.send(Tracked::new(&alive)).ok().unwrap();
        let threads = [one, two].map(|receiver| thread::spawn(move || drop(receiver)));
        block_on(sender.closed());
        assert_eq!(sender.receiver_count(), 0);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(alive.0.load(Ordering::Relaxed), 0);
    });
}

/// As before, with threads that take each other's part: another order of exploration, which finds more at few preemptions.
#[test]
fn a_sender_elsewhere_sees_the_last_receiver_go() {
    loom::model(|| {
        let (sender, receiver) = channel::<usize>(1);
        let waiting = thread::spawn(move || {
            block_on(sender.closed());
            assert_eq!(sender.receiver_count(), 0);
        });
        drop(receiver);
        waiting.join().unwrap();
    });
}

#[test]
fn empty_and_closed_are_told_apart() {
    loom::model(|| {
        let (sender, mut receiver) = channel(1);
        let other = thread::spawn(move || sender.send(1).unwrap());
        let first = receiver.try_recv();
        if first == Err(TryRecvError::Empty) {
            other.join().unwrap();
            assert_eq!(receiver.try_recv(), Ok(1));
        } else {
            assert_eq!(first, Ok(1), "closed only when nothing is left");
            other.join().unwrap();
        }
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_wait_for_the_end_that_is_given_up_is_begun_again() {
    loom::model(|| {
        let (sender, receiver) = channel::<usize>(1);
        let closer = thread::spawn(move || drop(receiver));
        {
            let closed = pin!(sender.closed());
            let _ = closed.poll(&mut Context::from_waker(Waker::noop()));
        }
        block_on(sender.closed());
        assert_eq!(sender.receiver_count(), 0);
        closer.join().unwrap();
    });
}

#[test]
fn one_that_gives_up_while_all_are_told_harms_no_other() {
    loom::model(|| {
        let (sender, mut one) = channel(2);
        let mut two = sender.subscribe();
        let mut receive = Box::pin(one.recv());
        assert!(receive.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let waiter = thread::spawn(move || assert_eq!(block_on(two.recv()), Ok(1)));
        let sending = thread::spawn(move || assert_eq!(sender.send(1).ok(), Some(2)));
        drop(receive);
        assert_eq!(block_on(one.recv()), Ok(1), "it is still to come");
        waiter.join().unwrap();
        sending.join().unwrap();
        assert_eq!(block_on(one.recv()), Err(RecvError::Closed));
    });
}

#[test]
fn another_waker_takes_over() {
    loom::model(|| {
        let (sender, mut receiver) = channel(1);
        let sending = thread::spawn(move || assert_eq!(sender.send(1).ok(), Some(1)));
        let mut receive = Box::pin(receiver.recv());
        if receive.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            assert_eq!(block_on(receive), Ok(1));
        }
        sending.join().unwrap();
    });
}

#[test]
fn one_that_subscribes_anew_gets_what_is_sent_from_then_on() {
    loom::model(|| {
        let (sender, receiver) = channel(2);
        sender.send(1).unwrap();
        let sending = thread::spawn(move || _ = sender.send(2));
        let mut late = receiver.resubscribe();
        drop(receiver);
        sending.join().unwrap();
        match block_on(late.recv()) {
            Ok(value) => assert_eq!(value, 2),
            Err(error) => assert_eq!(error, RecvError::Closed),
        }
    });
}
