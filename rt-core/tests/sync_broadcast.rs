//! The broadcast channel from outside.
#![cfg(feature = "sync")]

mod sync_support;

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;

use futures::FutureExt;
use futures::executor::block_on;
use proptest::prelude::*;
use rt_core::sync::broadcast::error::{RecvError, TryRecvError};
use rt_core::sync::broadcast::{self, Receiver, Sender};
use sync_support::{Bomb, Count, poll};

#[test]
fn each_receiver_gets_each_value() {
    block_on(async {
        let (sender, mut one) = broadcast::channel(4);
        let mut two = sender.subscribe();
        for value in 0..3 {
            assert_eq!(sender.send(value).unwrap(), 2);
        }
        drop(sender);
        for receiver in [&mut one, &mut two] {
            for value in 0..3 {
                assert_eq!(receiver.recv().await, Ok(value));
            }
            assert_eq!(receiver.recv().await, Err(RecvError::Closed));
            assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
        }
    });
}

#[test]
fn the_capacity_is_rounded_up() {
    let (sender, mut receiver) = broadcast::channel(3);
    (0..4).for_each(|value| assert_eq!(sender.send(value).unwrap(), 1));
    assert_eq!(receiver.try_recv(), Ok(0));
    (4..8).for_each(|value| assert_eq!(sender.send(value).unwrap(), 1));
    assert_eq!(receiver.len(), 7);
    assert_eq!(sender.len(), 4);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Lagged(3)));
    assert_eq!(receiver.len(), 4);
    assert_eq!(receiver.try_recv(), Ok(4));
}

#[test]
#[should_panic(expected = "capacity of zero")]
fn a_capacity_of_zero_panics() {
    let _ = broadcast::channel::<()>(0);
}

#[test]
#[should_panic(expected = "usize::MAX / 2")]
fn too_large_a_capacity_panics() {
    let _ = Sender::<()>::new(usize::MAX / 2 + 1);
}

#[test]
fn without_receivers_the_value_comes_back() {
    let sender = Sender::new(4);
    assert_eq!(sender.send(1).unwrap_err().0, 1);
    let mut receiver = sender.subscribe();
    assert_eq!(sender.send(2).unwrap(), 1);
    assert_eq!(receiver.try_recv(), Ok(2));
    drop(receiver);
    assert_eq!(sender.send(3).unwrap_err().to_string(), "channel closed");
}

#[test]
fn errors_say_what_happened() {
    assert_eq!(RecvError::Closed.to_string(), "channel closed");
    assert_eq!(RecvError::Lagged(3).to_string(), "channel lagged by 3");
    assert_eq!(TryRecvError::Empty.to_string(), "channel empty");
    assert_eq!(TryRecvError::Closed.to_string(), "channel closed");
    assert_eq!(TryRecvError::Lagged(3).to_string(), "channel lagged by 3");
}

#[test]
fn resubscribing_skips_what_was_sent() {
    let (sender, receiver) = broadcast::channel(4);
    sender.send(1).unwrap();
    let mut late = receiver.resubscribe();
    assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
    sender.send(2).unwrap();
    assert_eq!(late.try_recv(), Ok(2));
    drop(sender);
    assert_eq!(receiver.resubscribe().try_recv(), Err(TryRecvError::Closed));
    assert!(receiver.is_closed());
}

/// A value of which the living copies are counted.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Clone for Alive {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn a_value_goes_with_the_last_that_sees_it() {
    let alive = Arc::new(AtomicUsize::new(0));
    let (sender, mut one) = broadcast::channel(4);
    let mut two = sender.subscribe();
    sender.send(Alive::new(&alive)).ok().unwrap();
    drop(one.try_recv());
    assert_eq!(alive.load(Ordering::SeqCst), 1, "the other hasn't seen it");
    assert_eq!(sender.len(), 1);
    let last = two.try_recv().ok().unwrap();
    assert_eq!(alive.load(Ordering::SeqCst), 1, "the channel holds none");
    assert_eq!(sender.len(), 0);
    drop(last);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn a_receiver_that_goes_gives_up_what_it_has_not_seen() {
    let alive = Arc::new(AtomicUsize::new(0));
    let (sender, slow) = broadcast::channel(4);
    let mut quick = sender.subscribe();
    // Ten for a ring of four: the slow one has lost six already.
    for _ in 0..10 {
        sender.send(Alive::new(&alive)).ok().unwrap();
        assert!(quick.try_recv().is_ok());
    }
    assert_eq!((alive.load(Ordering::SeqCst), sender.len()), (4, 4));
    drop(slow);
    assert_eq!((alive.load(Ordering::SeqCst), sender.len()), (0, 0));
}

#[test]
fn the_counts_tell_who_is_there() {
    let (sender, receiver) = broadcast::channel::<()>(4);
    let (other, weak) = (sender.clone(), sender.downgrade());
    let weaker = weak.clone();
    assert_eq!((sender.strong_count(), sender.weak_count()), (2, 2));
    drop((other, weaker));
    assert_eq!((weak.strong_count(), weak.weak_count()), (1, 1));
    assert!(weak.upgrade().unwrap().same_channel(&sender));
    drop(sender);
    assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), (0, 1));
    assert!(weak.upgrade().is_none());
}

#[test]
fn closing_wakes_all() {
    let (sender, first) = broadcast::channel::<()>(4);
    // More than a batch of wakers.
    let mut receivers: Vec<_> = (0..70).map(|_| sender.subscribe()).chain([first]).collect();
    let weak = sender.downgrade();
    let woken = Arc::new(Count::default());
    let waker = Waker::from(woken.clone());
    let mut futures: Vec<_> = receivers.iter_mut().map(|receiver| Box::pin(receiver.recv())).collect();
    assert!(futures.iter_mut().all(|future| poll(future.as_mut(), &waker).is_pending()));
    drop(sender);
    assert_eq!(woken.of(), 71);
    for future in &mut futures {
        assert_eq!(poll(future.as_mut(), &waker), Poll::Ready(Err(RecvError::Closed)));
    }
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_send_wakes_each_that_waits_once() {
    let (sender, first) = broadcast::channel(4);
    let mut receivers: Vec<_> = (0..70).map(|_| sender.subscribe()).chain([first]).collect();
    let woken = Arc::new(Count::default());
    let waker = Waker::from(woken.clone());
    for round in 1..=3 {
        let mut futures: Vec<_> = receivers.iter_mut().map(|receiver| Box::pin(receiver.recv())).collect();
        assert!(futures.iter_mut().all(|future| poll(future.as_mut(), &waker).is_pending()));
        // Polling again with the same waker changes nothing.
        assert!(futures.iter_mut().all(|future| poll(future.as_mut(), &waker).is_pending()));
        sender.send(round).unwrap();
        assert_eq!(woken.of(), 71 * round);
        for future in &mut futures {
            assert_eq!(poll(future.as_mut(), &waker), Poll::Ready(Ok(round)));
        }
    }
}

#[test]
fn the_last_waker_is_woken() {
    let (sender, mut receiver) = broadcast::channel(4);
    let (old, new) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let mut future = pin!(receiver.recv());
    assert!(poll(future.as_mut(), &old.clone().into()).is_pending());
    assert!(poll(future.as_mut(), &new.clone().into()).is_pending());
    sender.send(1).unwrap();
    assert_eq!((old.of(), new.of()), (0, 1));
    assert_eq!(poll(future, Waker::noop()), Poll::Ready(Ok(1)));
}

#[test]
fn a_cancelled_wait_loses_nothing() {
    let (sender, mut receiver) = broadcast::channel(4);
    let woken = Arc::new(Count::default());
    {
        let mut future = pin!(receiver.recv());
        assert!(poll(future.as_mut(), &woken.clone().into()).is_pending());
    }
    sender.send(1).unwrap();
    assert_eq!(woken.of(), 0, "it left the line");
    {
        let mut future = Box::pin(receiver.recv());
        assert_eq!(poll(future.as_mut(), Waker::noop()), Poll::Ready(Ok(1)));
    }
    {
        let mut future = Box::pin(receiver.recv());
        assert!(poll(future.as_mut(), &woken.clone().into()).is_pending());
        sender.send(2).unwrap();
        assert_eq!(woken.of(), 1);
    }
    assert_eq!(receiver.recv().now_or_never(), Some(Ok(2)), "woken, dropped, and still there");
}

#[test]
fn a_waiter_learns_that_it_lags() {
    let (sender, mut receiver) = broadcast::channel(2);
    {
        let mut future = pin!(receiver.recv());
        assert!(poll(future.as_mut(), Waker::noop()).is_pending());
        (0..5).for_each(|value| assert_eq!(sender.send(value).unwrap(), 1));
        assert_eq!(poll(future, Waker::noop()), Poll::Ready(Err(RecvError::Lagged(3))));
    }
    assert_eq!(receiver.try_recv(), Ok(3));
}

#[test]
fn closed_waits_for_the_last_receiver() {
    let (sender, one) = broadcast::channel::<()>(4);
    let two = sender.subscribe();
    let woken = Arc::new(Count::default());
    let waker = Waker::from(woken.clone());
    let mut closed = pin!(sender.closed());
    assert!(poll(closed.as_mut(), &waker).is_pending());
    drop(one);
    assert_eq!(woken.of(), 0);
    drop(two);
    assert_eq!(woken.of(), 1);
    assert!(poll(closed, &waker).is_ready());
    assert!(Sender::<()>::new(1).closed().now_or_never().is_some(), "none at the start");
    let _late = sender.subscribe();
    assert!(sender.closed().now_or_never().is_none());
}

#[derive(Debug, PartialEq)]
struct Fragile(u32);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(self.0 != 13, "not this one");
        Self(self.0)
    }
}

#[test]
fn a_panic_of_clone_harms_one_receiver() {
    let (sender, mut one) = broadcast::channel(2);
    let (mut two, mut three) = (sender.subscribe(), sender.subscribe());
    sender.send(Fragile(13)).unwrap();
    sender.send(Fragile(1)).unwrap();
    for (receiver, left) in [(&mut one, 2), (&mut two, 2), (&mut three, 0)] {
        assert!(catch_unwind(AssertUnwindSafe(|| receiver.try_recv())).is_err());
        assert_eq!(receiver.try_recv(), Ok(Fragile(1)), "it goes on behind it");
        assert_eq!(sender.len(), left);
    }
    (2..6).for_each(|value| assert_eq!(sender.send(Fragile(value)).unwrap(), 3));
    assert_eq!(one.try_recv(), Err(TryRecvError::Lagged(2)));
    assert_eq!(one.try_recv(), Ok(Fragile(4)));
}

/// A receiver that comes after the last one has gone keeps the channel open, also for one who waits for its end.
#[test]
fn closed_looks_again_when_it_is_told() {
    let (sender, receiver) = broadcast::channel::<()>(1);
    let mut closed = Box::pin(sender.closed());
    assert!(poll(closed.as_mut(), Waker::noop()).is_pending());
    drop(receiver);
    let late = sender.subscribe();
    assert!(poll(closed.as_mut(), Waker::noop()).is_pending());
    drop(late);
    assert!(poll(closed.as_mut(), Waker::noop()).is_ready());
}

struct PanicOnDrop(bool);

impl Clone for PanicOnDrop {
    fn clone(&self) -> Self {
        Self(false)
    }
}

impl Drop for PanicOnDrop {
    fn drop(&mut self) {
        if std::mem::take(&mut self.0) {
            panic!("dropped");
        }
    }
}

#[test]
fn a_panic_of_drop_loses_nothing_else() {
    let (sender, mut one) = broadcast::channel(4);
    let two = sender.subscribe();
    for value in [true, false, false] {
        sender.send(PanicOnDrop(value)).ok().unwrap();
    }
    (0..3).for_each(|_| assert!(one.try_recv().is_ok()));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(two))).is_err());
    assert_eq!((sender.len(), sender.receiver_count()), (0, 1));
    sender.send(PanicOnDrop(true)).ok().unwrap();
    let closed = sender.closed();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(one))).is_err());
    assert!(closed.now_or_never().is_some());
}

#[test]
fn a_panicking_waker_keeps_none_from_being_woken() {
    let (sender, mut first) = broadcast::channel(4);
    let mut receivers: Vec<_> = (0..70).map(|_| sender.subscribe()).collect();
    let woken = Arc::new(Count::default());
    let mut bomb = Box::pin(first.recv());
    assert!(poll(bomb.as_mut(), &Arc::new(Bomb).into()).is_pending());
    let mut futures: Vec<_> = receivers.iter_mut().map(|receiver| Box::pin(receiver.recv())).collect();
    for future in &mut futures {
        assert!(poll(future.as_mut(), &woken.clone().into()).is_pending());
    }
    assert_eq!(sender.send(1).unwrap(), 71, "the sender isn't to blame");
    assert_eq!(woken.of(), 70);
    assert_eq!(poll(bomb.as_mut(), Waker::noop()), Poll::Ready(Ok(1)));
}

/// Send, but not Sync: two clones at once would be a data race on the cell.
struct Exclusive {
    busy: Arc<AtomicBool>,
    clones: Cell<u32>,
}

impl Clone for Exclusive {
    fn clone(&self) -> Self {
        assert!(!self.busy.swap(true, Ordering::SeqCst), "two clones at once");
        self.clones.set(self.clones.get() + 1);
        for _ in 0..10 {
            thread::yield_now();
        }
        self.busy.store(false, Ordering::SeqCst);
        Self { busy: self.busy.clone(), clones: self.clones.clone() }
    }
}

// tokio #7232: they were cloned by several threads at once.
#[test]
fn values_that_are_not_sync_are_cloned_one_at_a_time() {
    let (sender, mut last) = broadcast::channel(4);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let mut receiver = sender.subscribe();
            thread::spawn(move || {
                let mut received = 0;
                while block_on(receiver.recv()).is_ok() {
                    received += 1;
                }
                received
            })
        })
        .collect();
    for _ in 0..4 {
        let value = Exclusive { busy: Arc::new(AtomicBool::new(false)), clones: Cell::new(0) };
        sender.send(value).ok().unwrap();
    }
    drop(sender);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 4);
    }
    assert_eq!(last.try_recv().ok().unwrap().clones.get(), 5, "each one gets a clone");
}

#[test]
fn all_threads_see_one_order_without_gaps() {
    const EACH: usize = 3_000;
    let (sender, receiver) = broadcast::channel(EACH * 2);
    let others = [receiver.resubscribe(), receiver.resubscribe()];
    let receivers: Vec<_> = others
        .into_iter()
        .chain([receiver])
        .map(|mut receiver| {
            thread::spawn(move || {
                let mut seen = Vec::new();
                while let Ok(value) = block_on(receiver.recv()) {
                    seen.push(value);
                }
                seen
            })
        })
        .collect();
    let senders: Vec<_> = (0..2)
        .map(|id| {
            let sender = sender.clone();
            thread::spawn(move || (0..EACH).for_each(|value| assert!(sender.send((id, value)).is_ok())))
        })
        .collect();
    drop(sender);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    let seen: Vec<_> = receivers.into_iter().map(|receiver| receiver.join().unwrap()).collect();
    assert!(seen.iter().all(|other| other == &seen[0]), "one order");
    for id in 0..2 {
        let of_one: Vec<_> = seen[0].iter().filter(|value| value.0 == id).map(|value| value.1).collect();
        assert_eq!(of_one, (0..EACH).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_received_and_what_is_missed_add_up() {
    const ALL: u64 = 50_000;
    let (sender, receiver) = broadcast::channel(4);
    let others = [receiver.resubscribe(), receiver.resubscribe()];
    let receivers: Vec<_> = others
        .into_iter()
        .chain([receiver])
        .map(|mut receiver| {
            thread::spawn(move || {
                let mut next = 0;
                loop {
                    match receiver.blocking_recv() {
                        Ok(value) => {
                            assert_eq!(value, next);
                            next += 1;
                        }
                        Err(RecvError::Lagged(missed)) => next += missed,
                        Err(RecvError::Closed) => return next,
                    }
                }
            })
        })
        .collect();
    (0..ALL).for_each(|value| assert_eq!(sender.send(value).unwrap(), 3));
    drop(sender);
    for receiver in receivers {
        assert_eq!(receiver.join().unwrap(), ALL);
    }
}

#[rt_core::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_of_a_runtime_publish_and_subscribe() {
    let (sender, _) = broadcast::channel(1024);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let mut receiver: Receiver<u64> = sender.subscribe();
            rt_core::spawn(async move {
                let mut sum = 0;
                while let Ok(value) = receiver.recv().await {
                    sum += value;
                }
                sum
            })
        })
        .collect();
    for value in 1..=1_000 {
        sender.send(value).unwrap();
    }
    drop(sender);
    for task in tasks {
        assert_eq!(task.await.unwrap(), 500_500);
    }
}

#[rt_core::test]
async fn blocking_in_a_runtime_panics() {
    let (_sender, mut receiver) = broadcast::channel::<()>(1);
    assert!(catch_unwind(AssertUnwindSafe(|| receiver.blocking_recv())).is_err());
}

#[rt_core::test]
async fn a_flood_lets_other_tasks_run() {
    let (sender, mut receiver) = broadcast::channel(1024);
    (0..1_000).for_each(|value| assert!(sender.send(value).is_ok()));
    let ran = Arc::new(AtomicBool::new(false));
    let other = {
        let ran = ran.clone();
        rt_core::spawn(async move { ran.store(true, Ordering::SeqCst) })
    };
    let mut before = 0;
    while receiver.recv().await != Ok(999) {
        before += u32::from(!ran.load(Ordering::SeqCst));
    }
    assert!(before < 500, "{before} values before the other task ran");
    other.await.unwrap();
}

/// A sequential model: what each receiver has yet to see, and what the ring holds.
struct Model {
    capacity: usize,
    sent: u64,
    /// The next position of each receiver, and where it began.
    receivers: Vec<u64>,
    /// Of the values in the ring: who has yet to see each.
    ring: VecDeque<(u64, Vec<bool>)>,
}

#[derive(Debug, Clone)]
enum Step {
    Send,
    Receive(usize),
    Subscribe,
    Leave(usize),
    CancelWait(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Send),
        4 => any::<usize>().prop_map(Step::Receive),
        1 => Just(Step::Subscribe),
        1 => any::<usize>().prop_map(Step::Leave),
        1 => any::<usize>().prop_map(Step::CancelWait),
    ];
    proptest::collection::vec(step, 0..120)
}

impl Model {
    fn queued(&self) -> usize {
        self.ring.iter().filter(|(_, unseen)| unseen.contains(&true)).count()
    }

    fn oldest(&self) -> u64 {
        self.sent.saturating_sub(self.capacity as u64)
    }

    fn send(&mut self) {
        self.ring.push_back((self.sent, vec![true; self.receivers.len()]));
        self.sent += 1;
        if self.ring.len() > self.capacity {
            self.ring.pop_front();
        }
    }

    fn receive(&mut self, index: usize) -> Result<u64, TryRecvError> {
        let (next, oldest) = (self.receivers[index], self.oldest());
        if next == self.sent {
            return Err(TryRecvError::Empty);
        }
        if next < oldest {
            self.receivers[index] = oldest;
            return Err(TryRecvError::Lagged(oldest - next));
        }
        self.receivers[index] = next + 1;
        let held = self.ring.iter_mut().find(|held| held.0 == next).unwrap();
        held.1[index] = false;
        Ok(next)
    }

    fn subscribe(&mut self) {
        self.receivers.push(self.sent);
        self.ring.iter_mut().for_each(|held| held.1.push(false));
    }

    fn leave(&mut self, index: usize) {
        self.receivers.remove(index);
        for held in &mut self.ring {
            held.1.remove(index);
        }
    }
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(capacity in 1_usize..6, steps in steps()) {
        let sender = Sender::new(capacity);
        let mut receivers: Vec<Receiver<u64>> = Vec::new();
        let mut model = Model {
            capacity: capacity.next_power_of_two(),
            sent: 0,
            receivers: Vec::new(),
            ring: VecDeque::new(),
        };
        for step in steps {
            match step {
                Step::Send => {
                    let sent = sender.send(model.sent);
                    if receivers.is_empty() {
                        prop_assert!(sent.is_err());
                    } else {
                        prop_assert_eq!(sent.unwrap(), receivers.len());
                        model.send();
                    }
                }
                Step::Receive(index) if !receivers.is_empty() => {
                    let index = index % receivers.len();
                    prop_assert_eq!(receivers[index].try_recv(), model.receive(index));
                }
                Step::Subscribe => {
                    receivers.push(sender.subscribe());
                    model.subscribe();
                }
                Step::Leave(index) if !receivers.is_empty() => {
                    let index = index % receivers.len();
                    drop(receivers.remove(index));
                    model.leave(index);
                }
                Step::CancelWait(index) if !receivers.is_empty() => {
                    let index = index % receivers.len();
                    let got = receivers[index].recv().now_or_never();
                    let expected = match model.receive(index) {
                        Ok(value) => Some(Ok(value)),
                        Err(TryRecvError::Lagged(missed)) => Some(Err(RecvError::Lagged(missed))),
                        Err(_) => None,
                    };
                    prop_assert_eq!(got, expected);
                }
                _ => {}
            }
            prop_assert_eq!(sender.len(), model.queued());
            prop_assert_eq!(sender.is_empty(), model.queued() == 0);
            prop_assert_eq!(sender.receiver_count(), receivers.len());
            for (receiver, next) in receivers.iter().zip(&model.receivers) {
                prop_assert_eq!(receiver.len() as u64, model.sent - next);
            }
        }
    }
}
