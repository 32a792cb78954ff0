//! Models: nothing is lost, the order of each thread is kept, and who pushes first tells.

use std::ptr::NonNull;

use loom::thread;

use super::{Inbox, Link, Linked, Pushed};
use crate::base::AtomicWaker;
use crate::shim::block_on;
use crate::shim::cell::UnsafeCell;
use crate::shim::sync::Arc;

struct Node {
    link: Link<Node>,
    value: usize,
}

// SAFETY: always the same field.
unsafe impl Linked for Node {
    unsafe fn link(node: NonNull<Self>) -> NonNull<Link<Self>> {
        // SAFETY: the caller gives a live node.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).link) }
    }
}

struct Shared {
    inbox: Inbox<Node>,
    waker: AtomicWaker,
}

// SAFETY: nodes are values behind a box, which may move between threads.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

fn shared() -> Arc<Shared> {
    Arc::new(Shared { inbox: Inbox::new(), waker: AtomicWaker::new() })
}

impl Shared {
    fn push(&self, value: usize) {
        let node = Box::into_raw(Box::new(Node { link: UnsafeCell::new(None), value }));
        // SAFETY: a fresh node, which is given up.
        if unsafe { self.inbox.push(NonNull::new_unchecked(node)) } == Pushed::First {
            self.waker.wake();
        }
    }

    fn take(&self, into: &mut Vec<usize>) {
        let mut chain = self.inbox.take_all();
        while let Some(node) = chain.pop() {
            // SAFETY: a node in the inbox is a box that its pusher gave up.
            into.push(unsafe { Box::from_raw(node.as_ptr()) }.value);
        }
    }
}

#[test]
fn two_threads_push_while_one_takes() {
    loom::model(|| {
        let shared = shared();
        let threads: Vec<_> = [10, 20]
            .map(|base| {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.push(base);
                    shared.push(base + 1);
                })
            })
            .into_iter()
            .collect();
        let mut seen = Vec::new();
        shared.take(&mut seen);
        for thread in threads {
            thread.join().unwrap();
        }
        shared.take(&mut seen);
        for base in [10, 20] {
            let own: Vec<_> = seen.iter().copied().filter(|value| value / 10 == base / 10).collect();
            assert_eq!(own, [base, base + 1]);
        }
        assert_eq!(seen.len(), 4);
        assert!(shared.inbox.take_all().is_empty());
    });
}

#[test]
fn who_waits_hears_of_everything() {
    loom::model(|| {
        let shared = shared();
        let threads: Vec<_> = [1, 2]
            .map(|value| {
                let shared = shared.clone();
                thread::spawn(move || shared.push(value))
            })
            .into_iter()
            .collect();
        let mut seen = Vec::new();
        block_on(std::future::poll_fn(|cx| {
            drop(shared.waker.replace(cx.waker()));
            shared.take(&mut seen);
            if seen.len() == 2 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        }));
        for thread in threads {
            thread.join().unwrap();
        }
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
    });
}
