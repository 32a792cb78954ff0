//! Models of the tree: cancelling against growing, dropping, waiting, and against itself.

use std::future::Future;

use loom::future::block_on;
use loom::thread;

use super::CancellationToken;

#[test]
fn a_waiter_is_always_woken() {
    loom::model(|| {
        let token = CancellationToken::new();
        let child = token.child_token();
        let waiter = thread::spawn(move || block_on(child.cancelled()));
        token.cancel();
        waiter.join().unwrap();
    });
}

#[test]
fn a_waiter_that_gives_up_leaves_nothing() {
    loom::model(|| {
        let token = CancellationToken::new();
        let other = token.clone();
        let waiter = thread::spawn(move || {
            let mut waiting = Box::pin(other.cancelled());
            let waker = std::task::Waker::noop();
            let _ = waiting.as_mut().poll(&mut std::task::Context::from_waker(waker));
        });
        token.cancel();
        waiter.join().unwrap();
        assert_eq!(token.node.sizes(), (0, 0));
    });
}

#[test]
fn a_child_made_meanwhile_is_cancelled() {
    loom::model(|| {
        let token = CancellationToken::new();
        let parent = token.clone();
        let grower = thread::spawn(move || parent.child_token());
        token.cancel();
        assert!(grower.join().unwrap().is_cancelled());
        assert_eq!(token.node.sizes(), (0, 0));
    });
}

#[test]
fn a_child_that_moves_up_is_cancelled() {
    loom::model(|| {
        let root = CancellationToken::new();
        let parent = root.child_token();
        let child = parent.child_token();
        let dropper = thread::spawn(move || drop(parent));
        root.cancel();
        assert!(child.is_cancelled());
        dropper.join().unwrap();
        assert_eq!(root.node.sizes(), (0, 0));
    });
}

#[test]
fn a_second_canceller_returns_only_when_all_is_done() {
    loom::model(|| {
        let root = CancellationToken::new();
        let (child, leaf) = {
            let child = root.child_token();
            let leaf = child.child_token();
            (child, leaf)
        };
        let other = root.clone();
        let first = thread::spawn(move || other.cancel());
        child.cancel();
        assert!(leaf.is_cancelled());
        first.join().unwrap();
        assert!(root.is_cancelled());
    });
}

#[test]
fn two_levels_are_dropped_at_once() {
    loom::model(|| {
        let root = CancellationToken::new();
        let parent = root.child_token();
        let child = parent.child_token();
        let leaf = child.child_token();
        let dropper = thread::spawn(move || drop(parent));
        drop(child);
        dropper.join().unwrap();
        assert_eq!(root.node.sizes(), (1, 0));
        root.cancel();
        assert!(leaf.is_cancelled());
    });
}
