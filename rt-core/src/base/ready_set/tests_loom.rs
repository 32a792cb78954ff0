//! Models: no value is lost or doubled, whoever waits is woken, and nodes live as long as their wakers.

use std::future::poll_fn;
use std::task::Waker;

use loom::thread;

use super::ReadySet;
use crate::shim::block_on;

fn insert(set: &mut ReadySet<usize>, value: usize) -> Waker {
    let mut kept = None;
    set.insert(value, |_, waker| kept = Some(waker));
    kept.unwrap()
}

#[test]
fn who_waits_gets_all_values() {
    loom::model(|| {
        let mut set = ReadySet::new();
        let wakers = [1, 2].map(|value| insert(&mut set, value));
        let threads = wakers.map(|waker| thread::spawn(move || waker.wake()));
        let mut values = block_on(async {
            [poll_fn(|cx| set.poll_next(cx)).await, poll_fn(|cx| set.poll_next(cx)).await]
        });
        values.sort_unstable();
        assert_eq!(values, [1, 2]);
        assert!(set.is_empty());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_node_is_used_again_while_others_are_woken() {
    loom::model(|| {
        let mut set = ReadySet::new();
        let (first, second) = (insert(&mut set, 1), insert(&mut set, 2));
        let thread = thread::spawn(move || first.wake());
        second.wake();
        let value = block_on(poll_fn(|cx| set.poll_next(cx)));
        let third = insert(&mut set, 3);
        third.wake();
        let mut rest = [block_on(poll_fn(|cx| set.poll_next(cx))), block_on(poll_fn(|cx| set.poll_next(cx)))];
        thread.join().unwrap();
        rest.sort_unstable();
        assert_eq!(rest, [3 - value, 3]);
    });
}

#[test]
fn a_set_goes_while_its_values_become_ready() {
    loom::model(|| {
        let mut set = ReadySet::new();
        let wakers = [1, 2].map(|value| insert(&mut set, value));
        let threads = wakers.map(|waker| thread::spawn(move || waker.wake()));
        if set.try_next().is_some() {
            set.clear();
            let fresh = insert(&mut set, 3);
            fresh.wake();
            assert_eq!(set.try_next(), Some(3));
            assert_eq!(set.try_next(), None);
        }
        drop(set);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
