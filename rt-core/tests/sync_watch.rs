//! The watch channel from outside.
#![cfg(feature = "sync")]

mod sync_support;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread;

use futures::FutureExt;
use futures::executor::block_on;
use proptest::prelude::*;
use rt_core::sync::watch::{self, Receiver, Sender};
use sync_support::{Bomb, Count, poll};

#[test]
fn the_first_value_is_seen() {
    let (sender, mut receiver) = watch::channel("one");
    assert!(receiver.changed().now_or_never().is_none());
    assert!(!receiver.borrow().has_changed());
    sender.send("two").unwrap();
    assert!(receiver.changed().now_or_never().unwrap().is_ok());
    assert_eq!(*receiver.borrow(), "two");
    assert!(receiver.changed().now_or_never().is_none());
    assert!(!sender.subscribe().borrow().has_changed());
}

#[test]
fn several_changes_are_told_as_one() {
    let (sender, mut receiver) = watch::channel(0);
    let mut other = receiver.clone();
    for value in 1..=3 {
        sender.send(value).unwrap();
    }
    for receiver in [&mut receiver, &mut other] {
        assert!(receiver.changed().now_or_never().unwrap().is_ok());
        assert_eq!(*receiver.borrow_and_update(), 3);
        assert!(receiver.changed().now_or_never().is_none());
    }
}

#[test]
fn a_clone_has_seen_what_its_original_has() {
    let (sender, receiver) = watch::channel(0);
    sender.send(1).unwrap();
    assert!(receiver.clone().has_changed().unwrap());
    let mut seen = receiver.clone();
    assert!(seen.borrow_and_update().has_changed());
    assert!(!seen.clone().has_changed().unwrap());
    assert!(receiver.has_changed().unwrap(), "the original is another receiver");
}

#[test]
fn the_end_comes_after_the_last_value() {
    let (sender, mut receiver) = watch::channel(0);
    sender.send(1).unwrap();
    drop(sender);
    assert!(receiver.is_closed());
    assert!(receiver.has_changed().is_err(), "the end is told at once here");
    assert!(receiver.changed().now_or_never().unwrap().is_ok());
    let error = receiver.changed().now_or_never().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "channel closed");
    assert_eq!(*receiver.borrow_and_update(), 1);
    receiver.mark_changed();
    assert!(receiver.changed().now_or_never().unwrap().is_ok());
}

#[test]
fn without_receivers_the_value_comes_back() {
    let (sender, receiver) = watch::channel(0);
    drop(receiver);
    let error = sender.send(1).unwrap_err();
    assert_eq!((error.0, error.to_string()), (1, "channel closed".to_owned()));
    assert_eq!(format!("{error:?}"), "SendError { .. }");
    assert_eq!(*sender.borrow(), 0);
    assert_eq!(sender.send_replace(2), 0);
    sender.send_modify(|value| *value += 1);
    let receiver = sender.subscribe();
    assert_eq!(*receiver.borrow(), 3);
    assert!(!receiver.has_changed().unwrap());
    sender.send(4).unwrap();
    assert!(receiver.has_changed().unwrap());
}

#[test]
fn marks_are_set_and_cleared() {
    let (sender, mut receiver) = watch::channel(0);
    receiver.mark_changed();
    receiver.mark_changed();
    assert!(receiver.has_changed().unwrap());
    assert!(receiver.borrow().has_changed());
    assert!(receiver.changed().now_or_never().unwrap().is_ok());
    assert!(!receiver.has_changed().unwrap());
    sender.send(1).unwrap();
    receiver.mark_unchanged();
    assert!(receiver.changed().now_or_never().is_none());
    assert!(!sender.borrow().has_changed());
}

#[test]
fn only_what_is_modified_is_told() {
    let (sender, mut receiver) = watch::channel(0);
    let woken = Arc::new(Count::default());
    let mut changed = pin!(receiver.changed());
    assert!(poll(changed.as_mut(), &woken.clone().into()).is_pending());
    assert!(!sender.send_if_modified(|_| false));
    assert_eq!(woken.of(), 0);
    assert!(sender.send_if_modified(|value| {
        *value = 1;
        true
    }));
    assert_eq!(woken.of(), 1);
    assert!(poll(changed, Waker::noop()).is_ready());
}

#[test]
fn a_panic_of_the_closure_tells_nobody() {
    let (sender, mut receiver) = watch::channel(0);
    let woken = Arc::new(Count::default());
    {
        let mut changed = pin!(receiver.changed());
        assert!(poll(changed.as_mut(), &woken.clone().into()).is_pending());
        let panic = catch_unwind(AssertUnwindSafe(|| {
            sender.send_modify(|value| {
                *value = 1;
                panic!("halfway");
            });
        }));
        assert!(panic.is_err());
        assert_eq!(woken.of(), 0);
        assert!(poll(changed.as_mut(), &woken.clone().into()).is_pending());
    }
    assert!(!receiver.has_changed().unwrap());
    assert_eq!(*receiver.borrow(), 1, "what it did stays, and the lock isn't poisoned");
    sender.send(2).unwrap();
    assert_eq!(*receiver.borrow_and_update(), 2);
}

#[test]
fn a_panic_of_the_condition_leaves_the_channel_whole() {
    let (sender, mut receiver) = watch::channel(0);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _ = receiver.wait_for(|_| panic!("no")).now_or_never();
    }));
    assert!(panic.is_err());
    sender.send(1).unwrap();
    assert_eq!(*receiver.borrow(), 1);
}

#[test]
fn wait_for_returns_what_was_asked_for() {
    let (sender, mut receiver) = watch::channel(3);
    {
        let value = receiver.wait_for(|value| *value == 3).now_or_never().unwrap().unwrap();
        assert_eq!((*value, value.has_changed()), (3, false));
    }
    {
        let mut looked_at = Vec::new();
        let mut waiting = pin!(receiver.wait_for(|value| {
            looked_at.push(*value);
            *value == 5
        }));
        assert!(poll(waiting.as_mut(), Waker::noop()).is_pending());
        sender.send(4).unwrap();
        assert!(poll(waiting.as_mut(), Waker::noop()).is_pending());
        sender.send(5).unwrap();
        let Poll::Ready(Ok(value)) = poll(waiting.as_mut(), Waker::noop()) else { panic!("it is there") };
        assert_eq!((*value, value.has_changed()), (5, true));
    }
    assert!(!receiver.has_changed().unwrap(), "it is seen");
    sender.send(6).unwrap();
    drop(sender);
    assert_eq!(
        receiver.wait_for(|value| *value == 6).now_or_never().unwrap().map(|value| *value).ok(),
        Some(6)
    );
    assert!(receiver.wait_for(|value| *value == 7).now_or_never().unwrap().is_err());
}

#[test]
fn all_that_wait_are_woken_once() {
    let (sender, receiver) = watch::channel(0);
    // More than a batch of wakers.
    let mut receivers = vec![receiver; 71];
    let woken = Arc::new(Count::default());
    let waker = Waker::from(woken.clone());
    for round in 1..=3 {
        let mut futures: Vec<_> = receivers.iter_mut().map(|receiver| Box::pin(receiver.changed())).collect();
        assert!(futures.iter_mut().all(|future| poll(future.as_mut(), &waker).is_pending()));
        assert!(futures.iter_mut().all(|future| poll(future.as_mut(), &waker).is_pending()));
        sender.send(round).unwrap();
        assert_eq!(woken.of(), 71 * round);
        assert!(futures.iter_mut().all(|future| poll(future.as_mut(), &waker).is_ready()));
    }
    let mut futures: Vec<_> = receivers.iter_mut().map(|receiver| Box::pin(receiver.changed())).collect();
    assert!(futures.iter_mut().all(|future| poll(future.as_mut(), &waker).is_pending()));
    drop(sender);
    assert_eq!(woken.of(), 71 * 4);
    for future in &mut futures {
        assert!(matches!(poll(future.as_mut(), &waker), Poll::Ready(Err(_))));
    }
}

#[test]
fn a_receiver_that_waits_again_while_others_are_woken_is_woken_once() {
    /// Waits again as soon as it is woken, as a task on another thread would.
    struct Again {
        receiver: Mutex<Option<Receiver<u32>>>,
        second_wait: Mutex<Option<Pin<Box<dyn Future<Output = bool> + Send>>>>,
        woken: AtomicUsize,
    }
    impl Wake for Again {
        fn wake(self: Arc<Self>) {
            self.woken.fetch_add(1, Ordering::SeqCst);
            let Some(mut receiver) = self.receiver.lock().unwrap().take() else { return };
            receiver.mark_unchanged();
            let waker = self.clone().into();
            let mut future = Box::pin(async move { receiver.changed().await.is_ok() });
            assert!(poll(future.as_mut(), &waker).is_pending());
            *self.second_wait.lock().unwrap() = Some(future);
        }
    }
    let (sender, receiver) = watch::channel(0);
    let wakers: Vec<_> = (0..100)
        .map(|_| {
            let receiver = Mutex::new(Some(receiver.clone()));
            Arc::new(Again { receiver, second_wait: Mutex::default(), woken: AtomicUsize::new(0) })
        })
        .collect();
    let mut receivers = vec![receiver; 100];
    let mut futures: Vec<_> = receivers.iter_mut().map(|receiver| Box::pin(receiver.changed())).collect();
    for (future, waker) in futures.iter_mut().zip(&wakers) {
        assert!(poll(future.as_mut(), &waker.clone().into()).is_pending());
    }
    sender.send(1).unwrap();
    assert!(wakers.iter().all(|waker| waker.woken.load(Ordering::SeqCst) == 1));
    sender.send(2).unwrap();
    assert!(wakers.iter().all(|waker| waker.woken.load(Ordering::SeqCst) == 2));
    // A wait holds its waker, which holds the wait.
    wakers.iter().for_each(|waker| drop(waker.second_wait.lock().unwrap().take()));
}

#[test]
fn a_cancelled_wait_leaves_the_line_and_misses_nothing() {
    let (sender, mut receiver) = watch::channel(0);
    let woken = Arc::new(Count::default());
    for (round, told) in [false, true].into_iter().enumerate() {
        {
            let mut changed = pin!(receiver.changed());
            assert!(poll(changed.as_mut(), &woken.clone().into()).is_pending());
            if told {
                sender.send(round).unwrap();
            }
        }
        if !told {
            sender.send(round).unwrap();
        }
        assert_eq!(woken.of(), usize::from(told));
        assert!(receiver.changed().now_or_never().unwrap().is_ok());
    }
}

#[test]
fn a_panicking_waker_keeps_none_from_being_woken() {
    let (sender, mut first) = watch::channel(0);
    let mut receivers = vec![first.clone(); 70];
    let woken = Arc::new(Count::default());
    let mut bomb = pin!(first.changed());
    assert!(poll(bomb.as_mut(), &Arc::new(Bomb).into()).is_pending());
    let mut futures: Vec<_> = receivers.iter_mut().map(|receiver| Box::pin(receiver.changed())).collect();
    for future in &mut futures {
        assert!(poll(future.as_mut(), &woken.clone().into()).is_pending());
    }
    sender.send(1).unwrap();
    assert_eq!(woken.of(), 70);
    assert!(poll(bomb, Waker::noop()).is_ready());
}

#[test]
fn closed_waits_for_the_last_receiver() {
    let (sender, one) = watch::channel(());
    let two = one.clone();
    let woken = Arc::new(Count::default());
    let waker = Waker::from(woken.clone());
    let mut closed = pin!(sender.closed());
    assert!(poll(closed.as_mut(), &waker).is_pending());
    assert_eq!(sender.receiver_count(), 2);
    drop(one);
    assert_eq!(woken.of(), 0);
    drop(two);
    assert_eq!(woken.of(), 1);
    assert!(sender.is_closed());
    assert!(poll(closed, &waker).is_ready());
    let _late = sender.subscribe();
    assert!(sender.closed().now_or_never().is_none());
    assert!(Sender::new(()).closed().now_or_never().is_some(), "none at the start");
}

#[test]
fn senders_are_counted() {
    let sender = Sender::<u32>::default();
    let (other, receiver) = (sender.clone(), sender.subscribe());
    assert!(sender.same_channel(&other) && sender.sender_count() == 2);
    drop(sender);
    assert!(!receiver.is_closed());
    other.send(1).unwrap();
    drop(other);
    assert!(receiver.is_closed());
}

#[test]
fn the_replaced_value_is_dropped_outside_of_the_lock() {
    struct Looks(Option<Receiver<Option<Looks>>>, Arc<AtomicBool>);
    impl Drop for Looks {
        fn drop(&mut self) {
            if let Some(receiver) = &self.0 {
                self.1.store(receiver.borrow().is_none(), Ordering::SeqCst);
            }
        }
    }
    let (sender, receiver) = watch::channel(None);
    let looked = Arc::new(AtomicBool::new(false));
    sender.send(Some(Looks(Some(receiver.clone()), looked.clone()))).ok().unwrap();
    sender.send(None).ok().unwrap();
    assert!(looked.load(Ordering::SeqCst));
}

#[test]
fn threads_see_values_in_order_and_the_last_one() {
    const LAST: u64 = 20_000;
    let (sender, receiver) = watch::channel(0_u64);
    let threads: Vec<_> = vec![receiver; 3]
        .into_iter()
        .map(|mut receiver| {
            thread::spawn(move || {
                let mut seen = 0;
                while block_on(receiver.changed()).is_ok() {
                    let value = *receiver.borrow_and_update();
                    assert!(value > seen, "told twice, or out of order");
                    seen = value;
                }
                seen
            })
        })
        .collect();
    (1..=LAST).for_each(|value| sender.send(value).unwrap());
    drop(sender);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), LAST);
    }
}

#[rt_core::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_of_a_runtime_follow_each_step() {
    let (sender, receiver) = watch::channel(0_u32);
    let (acks, mut acked) = rt_core::sync::broadcast::channel(1024);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (mut receiver, acks) = (receiver.clone(), acks.clone());
            rt_core::spawn(async move {
                while receiver.changed().await.is_ok() {
                    acks.send(*receiver.borrow_and_update()).unwrap();
                }
            })
        })
        .collect();
    drop((receiver, acks));
    for value in 1..=100 {
        sender.send(value).unwrap();
        for _ in 0..10 {
            assert_eq!(acked.recv().await, Ok(value), "each task tells each value once");
        }
    }
    drop(sender);
    for task in tasks {
        task.await.unwrap();
    }
    assert!(acked.recv().await.is_err());
}

#[test]
fn the_futures_move_between_threads() {
    fn check(_: &impl Send) {}
    let (sender, mut receiver) = watch::channel(0);
    check(&receiver.changed());
    check(&receiver.wait_for(|value| *value == 1));
    check(&sender.closed());
}

#[rt_core::test]
async fn changes_that_are_always_there_let_other_tasks_run() {
    let (_sender, mut receiver) = watch::channel(0);
    let ran = Arc::new(AtomicBool::new(false));
    let other = {
        let ran = ran.clone();
        rt_core::spawn(async move { ran.store(true, Ordering::SeqCst) })
    };
    let mut rounds = 0;
    while !ran.load(Ordering::SeqCst) {
        receiver.mark_changed();
        receiver.changed().await.unwrap();
        let _ = receiver.wait_for(|_| true).await.unwrap();
        rounds += 1;
        assert!(rounds < 1_000, "the other task never runs");
    }
    other.await.unwrap();
}

#[derive(Debug, Clone)]
enum Step {
    Send(u8),
    Keep(u8),
    Subscribe,
    Clone(usize),
    Leave(usize),
    Look(usize),
    Changed(usize),
    MarkChanged(usize),
    MarkUnchanged(usize),
    WaitFor(usize, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<usize>;
    let step = prop_oneof![
        3 => (0_u8..4).prop_map(Step::Send),
        1 => (0_u8..4).prop_map(Step::Keep),
        1 => Just(Step::Subscribe),
        1 => index().prop_map(Step::Clone),
        1 => index().prop_map(Step::Leave),
        2 => index().prop_map(Step::Look),
        3 => index().prop_map(Step::Changed),
        1 => index().prop_map(Step::MarkChanged),
        1 => index().prop_map(Step::MarkUnchanged),
        2 => (index(), 0_u8..4).prop_map(|(index, value)| Step::WaitFor(index, value)),
    ];
    proptest::collection::vec(step, 0..120)
}

proptest! {
    /// The model: the value, and for each receiver whether it has seen it.
    #[test]
    fn it_does_what_the_model_does(steps in steps()) {
        let sender = Sender::new(0_u8);
        let mut value = 0;
        let mut receivers: Vec<(Receiver<u8>, bool)> = Vec::new();
        for step in steps {
            let len = receivers.len();
            match step {
                Step::Send(next) => {
                    prop_assert_eq!(sender.send(next).is_ok(), len > 0);
                    if len > 0 {
                        value = next;
                        receivers.iter_mut().for_each(|receiver| receiver.1 = false);
                    }
                }
                Step::Keep(next) => {
                    let changes = next != value;
                    let told = sender.send_if_modified(|value| std::mem::replace(value, next) != next);
                    prop_assert_eq!(told, changes);
                    value = next;
                    receivers.iter_mut().for_each(|receiver| receiver.1 &= !changes);
                }
                Step::Subscribe => receivers.push((sender.subscribe(), true)),
                Step::Clone(index) if len > 0 => {
                    let (receiver, seen) = &receivers[index % len];
                    let clone = (receiver.clone(), *seen);
                    receivers.push(clone);
                }
                Step::Leave(index) if len > 0 => drop(receivers.remove(index % len)),
                Step::Look(index) if len > 0 => {
                    let (receiver, seen) = &mut receivers[index % len];
                    prop_assert_eq!(receiver.borrow_and_update().has_changed(), !*seen);
                    *seen = true;
                }
                Step::Changed(index) if len > 0 => {
                    let (receiver, seen) = &mut receivers[index % len];
                    prop_assert_eq!(receiver.changed().now_or_never().is_some(), !*seen);
                    *seen = true;
                }
                Step::MarkChanged(index) if len > 0 => {
                    let (receiver, seen) = &mut receivers[index % len];
                    receiver.mark_changed();
                    *seen = false;
                }
                Step::MarkUnchanged(index) if len > 0 => {
                    let (receiver, seen) = &mut receivers[index % len];
                    receiver.mark_unchanged();
                    *seen = true;
                }
                Step::WaitFor(index, wanted) if len > 0 => {
                    let (receiver, seen) = &mut receivers[index % len];
                    let found = receiver.wait_for(|value| *value == wanted).now_or_never();
                    let expected = (wanted == value).then_some((value, !*seen));
                    prop_assert_eq!(found.map(|found| found.map(|r| (*r, r.has_changed())).unwrap()), expected);
                    *seen = true;
                }
                _ => {}
            }
            prop_assert_eq!(*sender.borrow(), value);
            prop_assert_eq!(sender.receiver_count(), receivers.len());
            prop_assert_eq!(sender.is_closed(), receivers.is_empty());
            for (receiver, seen) in &receivers {
                prop_assert_eq!(receiver.has_changed().unwrap(), !*seen);
                prop_assert_eq!((*receiver.borrow(), receiver.borrow().has_changed()), (value, !*seen));
            }
        }
    }
}
