//! Order, reuse of nodes, and what becomes of values and wakers that are left over.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::ReadySet;

/// A value whose waker the test keeps.
#[derive(Default)]
struct Kept(Vec<(u32, Waker)>);

impl Kept {
    fn insert(&mut self, set: &mut ReadySet<u32>, value: u32) {
        set.insert(value, |value, waker| self.0.push((*value, waker)));
    }

    fn wake(&mut self, value: u32) {
        let index = self.0.iter().position(|(other, _)| *other == value).unwrap();
        self.0.swap_remove(index).1.wake();
    }
}

#[test]
fn values_come_in_the_order_in_which_they_became_ready() {
    let (mut set, mut kept) = (ReadySet::new(), Kept::default());
    for value in 0..100 {
        kept.insert(&mut set, value);
    }
    assert_eq!(set.try_next(), None);
    let order: Vec<u32> = (0..100).map(|n| n * 37 % 100).collect();
    for half in order.chunks(50) {
        for value in half {
            kept.wake(*value);
        }
        let taken: Vec<u32> = std::iter::from_fn(|| set.try_next()).collect();
        assert_eq!(taken, half);
    }
    assert!(set.is_empty());
}

#[test]
fn nodes_are_used_again() {
    let (mut set, mut kept) = (ReadySet::new(), Kept::default());
    for value in 0..10_000 {
        kept.insert(&mut set, value);
        kept.insert(&mut set, 10_000 + value);
        kept.wake(value);
        assert_eq!(set.try_next(), Some(value));
        kept.wake(10_000 + value);
        assert_eq!(set.try_next(), Some(10_000 + value));
    }
    assert_eq!(set.slots.len(), super::SMALLEST);
}

#[test]
fn the_owner_is_woken_once_for_many() {
    struct Count(std::sync::atomic::AtomicUsize);
    impl std::task::Wake for Count {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let count = std::sync::Arc::new(Count(0.into()));
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let (mut set, mut kept) = (ReadySet::new(), Kept::default());
    for value in 0..5 {
        kept.insert(&mut set, value);
    }
    assert!(set.poll_next(&mut cx).is_pending());
    for value in 0..5 {
        kept.wake(value);
    }
    assert_eq!(count.0.load(std::sync::atomic::Ordering::Relaxed), 1);
    for value in 0..5 {
        assert_eq!(set.poll_next(&mut cx), Poll::Ready(value));
    }
    assert!(set.poll_next(&mut cx).is_pending());
}

#[test]
fn wakers_may_outlive_their_values_and_their_set() {
    let (mut set, mut kept) = (ReadySet::new(), Kept::default());
    for value in 0..20 {
        kept.insert(&mut set, value);
    }
    kept.wake(3);
    set.clear();
    assert!(set.is_empty() && set.try_next().is_none());
    // The nodes left behind don't get mixed up with the new ones.
    for value in 100..120 {
        kept.insert(&mut set, value);
    }
    kept.wake(5);
    kept.wake(105);
    assert_eq!(set.try_next(), Some(105));
    assert_eq!(set.try_next(), None);
    drop(set);
    kept.wake(7);
    kept.wake(107);
}

#[test]
fn clones_wake_nobody() {
    let (mut set, mut kept) = (ReadySet::new(), Kept::default());
    kept.insert(&mut set, 1);
    let clone = kept.0[0].1.clone();
    clone.wake_by_ref();
    clone.wake();
    kept.0[0].1.wake_by_ref();
    assert_eq!(set.try_next(), None);
    kept.wake(1);
    assert_eq!(set.try_next(), Some(1));
}

#[test]
fn a_value_that_panics_in_its_drop_leaves_the_others_to_be_dropped() {
    struct Loud(Rc<Cell<usize>>);
    impl Drop for Loud {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
            std::panic::resume_unwind(Box::new(()));
        }
    }
    let drops = Rc::new(Cell::new(0));
    let mut set = ReadySet::new();
    for _ in 0..3 {
        set.insert(Loud(drops.clone()), |_, waker| drop(waker));
    }
    drop(set);
    assert_eq!(drops.get(), 3);
}
