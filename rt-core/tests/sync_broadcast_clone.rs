//! What `Clone` of a broadcast value may do: no lock of the channel's is held while it runs.
#![cfg(feature = "sync")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;

use rt_core::sync::broadcast;
use rt_core::sync::broadcast::error::TryRecvError;

/// Its next clone does something first.
struct Acting {
    value: u32,
    action: Arc<Mutex<Option<Action>>>,
}

type Action = Box<dyn FnOnce() + Send>;

impl Acting {
    fn new(value: u32, action: impl FnOnce() + Send + 'static) -> Self {
        Self { value, action: Arc::new(Mutex::new(Some(Box::new(action)))) }
    }

    fn idle(value: u32) -> Self {
        Self { value, action: Arc::default() }
    }
}

impl Clone for Acting {
    fn clone(&self) -> Self {
        let action = self.action.lock().unwrap().take();
        if let Some(action) = action {
            action();
        }
        Self { value: self.value, action: self.action.clone() }
    }
}

fn value_of(received: Result<Acting, TryRecvError>) -> Result<u32, TryRecvError> {
    received.map(|received| received.value)
}

#[test]
fn a_clone_may_send_and_evict_what_it_clones() {
    let (sender, mut one) = broadcast::channel(2);
    let mut two = sender.subscribe();
    let more = sender.clone();
    let acting = Acting::new(0, move || (1..=4).for_each(|value| drop(more.send(Acting::idle(value)))));
    let alive = Arc::downgrade(&acting.action);
    sender.send(acting).ok().unwrap();
    assert_eq!(value_of(one.try_recv()), Ok(0));
    assert!(alive.upgrade().is_none(), "evicted while it was cloned, it is dropped");
    for receiver in [&mut one, &mut two] {
        assert!(matches!(value_of(receiver.try_recv()), Err(TryRecvError::Lagged(2 | 3))));
        assert_eq!(value_of(receiver.try_recv()), Ok(3));
        assert_eq!(value_of(receiver.try_recv()), Ok(4));
        assert_eq!(value_of(receiver.try_recv()), Err(TryRecvError::Empty));
    }
    assert!(sender.is_empty());
}

#[test]
fn a_clone_may_receive_the_same_value() {
    for waiting in [false, true] {
        let (sender, mut one) = broadcast::channel(1);
        let mut two = sender.subscribe();
        let three = waiting.then(|| sender.subscribe());
        let inner = Arc::new(Mutex::new(None));
        let acting = {
            let inner = inner.clone();
            Acting::new(7, move || *inner.lock().unwrap() = Some(value_of(two.try_recv())))
        };
        let alive = Arc::downgrade(&acting.action);
        sender.send(acting).ok().unwrap();
        assert_eq!(value_of(one.try_recv()), Ok(7));
        assert_eq!(*inner.lock().unwrap(), Some(Ok(7)));
        assert_eq!(sender.receiver_count(), 1 + usize::from(waiting), "the one in the action is gone");
        assert_eq!((sender.len(), alive.strong_count()), (usize::from(waiting), usize::from(waiting)));
        if let Some(mut three) = three {
            assert_eq!(value_of(three.try_recv()), Ok(7), "it was brought back");
        }
        assert_eq!((sender.len(), alive.strong_count()), (0, 0));
    }
}

#[test]
fn a_clone_may_drop_a_receiver_that_has_not_seen_it() {
    for waiting in [false, true] {
        let (sender, mut one) = broadcast::channel(1);
        let two = sender.subscribe();
        let three = waiting.then(|| sender.subscribe());
        let acting = Acting::new(7, move || drop(two));
        let alive = Arc::downgrade(&acting.action);
        sender.send(acting).ok().unwrap();
        assert_eq!(value_of(one.try_recv()), Ok(7));
        assert_eq!((sender.len(), alive.strong_count()), (usize::from(waiting), usize::from(waiting)));
        drop(three);
        assert_eq!((sender.len(), alive.strong_count()), (0, 0));
        drop(one);
        assert_eq!(sender.receiver_count(), 0);
    }
}

/// The thread that clones waits for others that use the channel.
#[test]
fn nobody_waits_for_a_clone_to_send_or_to_leave() {
    let (sender, mut one) = broadcast::channel(1);
    let (two, mut three) = (sender.subscribe(), sender.subscribe());
    let more = sender.clone();
    let others = move || {
        thread::spawn(move || drop(two)).join().unwrap();
        assert_eq!(more.len(), 1);
        thread::spawn(move || assert_eq!(more.send(Acting::idle(2)).ok(), Some(2))).join().unwrap();
    };
    let acting = Acting::new(1, others);
    let alive = Arc::downgrade(&acting.action);
    sender.send(acting).ok().unwrap();
    assert_eq!(value_of(one.try_recv()), Ok(1));
    assert_eq!(alive.strong_count(), 0);
    assert_eq!(value_of(one.try_recv()), Ok(2));
    assert_eq!(value_of(three.try_recv()), Err(TryRecvError::Lagged(1)));
    assert_eq!(value_of(three.try_recv()), Ok(2));
    assert!(sender.is_empty());
}

#[test]
fn a_panic_within_a_clone_within_a_clone_leaves_the_value() {
    let (sender, mut one) = broadcast::channel(1);
    let (mut two, mut three) = (sender.subscribe(), sender.subscribe());
    let acting = Acting::idle(5);
    let (action, again) = (acting.action.clone(), acting.action.clone());
    *action.lock().unwrap() = Some(Box::new(move || {
        *again.lock().unwrap() = Some(Box::new(|| panic!("not this one")));
        assert!(catch_unwind(AssertUnwindSafe(|| two.try_recv())).is_err());
        assert_eq!(value_of(two.try_recv()), Err(TryRecvError::Empty), "it has seen it");
        *again.lock().unwrap() = Some(Box::new(|| panic!("nor this one")));
        panic!("and not this one either");
    }));
    sender.send(acting).ok().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| one.try_recv())).is_err());
    assert_eq!(sender.len(), 1);
    assert!(catch_unwind(AssertUnwindSafe(|| three.try_recv())).is_err());
    assert!(sender.is_empty());
    assert_eq!(Arc::strong_count(&action), 1, "all clones are gone, and the value, too");
    sender.send(Acting::idle(6)).ok().unwrap();
    assert_eq!(value_of(one.try_recv()), Ok(6));
}
