//! What one token promises, and what a tree of them does under many threads.

use std::collections::HashSet;
use std::future::{Future, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use futures::executor::block_on;

use super::CancellationToken;

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Grumpy;

impl Wake for Grumpy {
    fn wake(self: Arc<Self>) {
        panic!("woken");
    }
}

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

#[test]
fn waiters_are_woken_once_and_forgotten_when_dropped() {
    let token = CancellationToken::new();
    let (first, second) = (Arc::new(Wakes::default()), Arc::new(Wakes::default()));
    let (waker, other) = (Waker::from(first.clone()), Waker::from(second.clone()));
    let mut waiting = pin!(token.cancelled());
    assert!(poll(waiting.as_mut(), &waker).is_pending());
    assert!(poll(waiting.as_mut(), &waker).is_pending());
    assert!(poll(waiting.as_mut(), &other).is_pending());
    assert_eq!(token.node.sizes(), (0, 1), "a waiter has one entry, however often it's polled");
    {
        let mut dropped = pin!(token.clone().cancelled_owned());
        assert!(poll(dropped.as_mut(), &waker).is_pending());
        assert_eq!(token.node.sizes(), (0, 2));
    }
    assert_eq!(token.node.sizes(), (0, 1));
    token.cancel();
    token.cancel();
    assert_eq!((first.count(), second.count()), (0, 1), "the latest waker, once");
    assert!(poll(waiting.as_mut(), &waker).is_ready());
}

#[test]
fn trees_are_cancelled_downward_only() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let leaf = left.child_token();
    left.cancel();
    assert!(leaf.is_cancelled() && !root.is_cancelled() && !right.is_cancelled());
    assert_eq!(root.node.sizes(), (1, 0), "a cancelled child leaves its parent");
    assert!(left.child_token().is_cancelled(), "a child of a cancelled token is cancelled");
    root.cancel();
    assert!(right.is_cancelled());
    assert_eq!(root.node.sizes(), (0, 0));
}

#[test]
fn dropped_tokens_leave_the_tree_and_their_children_move_up() {
    let root = CancellationToken::new();
    let mut tip = root.child_token();
    for _ in 0..100_000 {
        tip = tip.child_token();
        assert_eq!(root.node.sizes(), (1, 0));
    }
    root.cancel();
    assert!(tip.is_cancelled());
    let root = CancellationToken::new();
    let children: Vec<_> = (0..10).map(|_| root.child_token().child_token()).collect();
    assert_eq!(root.node.sizes(), (10, 0));
    drop(children);
    assert_eq!(root.node.sizes(), (0, 0));
    let orphan = root.child_token();
    drop(root);
    assert!(!orphan.is_cancelled(), "dropping a token cancels nothing");
    orphan.cancel();
}

#[test]
fn a_very_deep_tree_needs_no_deep_stack() {
    let mut chain = vec![CancellationToken::new()];
    for depth in 0..100_000 {
        chain.push(chain[depth].child_token());
    }
    chain[0].cancel();
    assert!(chain.iter().all(CancellationToken::is_cancelled));
    let mut chain = vec![CancellationToken::new()];
    for depth in 0..100_000 {
        chain.push(chain[depth].child_token());
    }
    while chain.pop().is_some() {}
}

#[test]
fn nodes_are_freed() {
    let root = CancellationToken::new();
    let parent = root.child_token();
    let child = parent.child_token();
    let weak = [Arc::downgrade(&root.node), Arc::downgrade(&parent.node), Arc::downgrade(&child.node)];
    drop(parent);
    assert!(weak[1].upgrade().is_none(), "a token in the middle is freed with its last handle");
    child.cancel();
    drop(child);
    drop(root);
    assert!(weak.iter().all(|weak| weak.upgrade().is_none()));
}

#[test]
fn run_until_cancelled_prefers_the_output() {
    let token = CancellationToken::new();
    assert_eq!(block_on(token.run_until_cancelled(ready(1))), Some(1));
    let stop = token.clone();
    let cancels_itself = async move {
        stop.cancel();
        2
    };
    assert_eq!(block_on(token.run_until_cancelled(cancels_itself)), Some(2));
    let never = async { unreachable!("polled under a cancelled token") };
    assert_eq!(block_on(token.run_until_cancelled(never)), None::<()>);
    let token = CancellationToken::new();
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut run = pin!(token.clone().run_until_cancelled_owned(pending::<()>()));
    assert!(poll(run.as_mut(), &waker).is_pending());
    token.cancel();
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll(run.as_mut(), &waker), Poll::Ready(None));
}

#[test]
fn guards_cancel_unless_disarmed() {
    let token = CancellationToken::new();
    assert_eq!(token.clone().drop_guard().token(), &token);
    assert!(token.is_cancelled());
    let token = CancellationToken::new();
    assert_eq!(token.clone().drop_guard().disarm(), token);
    assert_eq!(token.drop_guard_ref().disarm(), &token);
    assert!(!token.is_cancelled());
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let guard = token.drop_guard_ref();
        assert!(guard.token().is_cancelled(), "on purpose");
    }));
    assert!(unwound.is_err());
    assert!(token.is_cancelled(), "a panic cancels as well");
}

#[test]
fn a_panicking_waker_harms_nobody_else() {
    let root = CancellationToken::new();
    let child = root.child_token();
    let wakes = Arc::new(Wakes::default());
    let mut grumpy = pin!(child.cancelled());
    assert!(poll(grumpy.as_mut(), &Waker::from(Arc::new(Grumpy))).is_pending());
    let mut others: Vec<_> = [&root, &child, &root].map(|token| Box::pin(token.cancelled())).into();
    for waiting in &mut others {
        assert!(poll(waiting.as_mut(), &Waker::from(wakes.clone())).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| root.cancel())).is_err());
    assert!(root.is_cancelled() && child.is_cancelled());
    assert_eq!(wakes.count(), 3);
    assert!(root.child_token().is_cancelled(), "no lock is poisoned");
}

#[test]
#[allow(clippy::mutable_key_type, reason = "the hash is of the address, which doesn't change")]
fn equality_is_identity() {
    let token = CancellationToken::default();
    let tokens = HashSet::from([token.clone(), token.child_token(), token.clone()]);
    assert_eq!(tokens.len(), 2);
    assert!(tokens.contains(&token));
    assert_eq!(format!("{token:?}"), "CancellationToken { is_cancelled: false }");
}

/// Threads grow, drop and cancel the same tree. A token whose `cancel` has returned must have taken all
/// that its thread made below it along, and every waiter must end.
#[test]
fn many_threads_on_one_tree() {
    for round in 0..200_u64 {
        let root = CancellationToken::new();
        thread::scope(|scope| {
            for seed in 0..4 {
                let root = root.clone();
                scope.spawn(move || grow(&root, round * 4 + seed));
            }
            let waiting = root.child_token();
            scope.spawn(move || block_on(waiting.cancelled()));
            scope.spawn(|| root.cancel());
        });
        assert!(root.is_cancelled());
        assert_eq!(root.node.sizes(), (0, 0));
    }
}

fn grow(root: &CancellationToken, seed: u64) {
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut tokens = vec![root.child_token()];
    for _ in 0..200 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let at = (random >> 8) as usize % tokens.len();
        match random % 8 {
            0..=3 => tokens.push(tokens[at].child_token()),
            4..=5 if tokens.len() > 1 => drop(tokens.swap_remove(at)),
            6 => {
                let below = tokens[at].child_token().child_token();
                tokens[at].cancel();
                assert!(tokens[at].is_cancelled() && below.is_cancelled());
            }
            _ => drop(tokens[at].clone()),
        }
    }
    block_on(root.cancelled());
    assert!(tokens.iter().all(CancellationToken::is_cancelled));
}
