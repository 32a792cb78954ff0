use super::*;
use crate::shim::atomic::AtomicBool;
use crate::shim::sync::Arc;
use loom::future::block_on;
use std::future::poll_fn;
use std::task::Poll;

fn wait(shared: &(AtomicWaker, AtomicBool)) {
    block_on(poll_fn(|cx| {
        drop(shared.0.replace(cx.waker()));
        if shared.1.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    }));
}

#[test]
fn a_wake_is_never_lost() {
    loom::model(|| {
        let shared = Arc::new((AtomicWaker::new(), AtomicBool::new(false)));
        let waker = {
            let shared = shared.clone();
            loom::thread::spawn(move || {
                shared.1.store(true, Ordering::Relaxed);
                shared.0.wake();
            })
        };
        wait(&shared);
        waker.join().unwrap();
    });
}

#[test]
fn two_wakes_at_once_are_both_seen() {
    loom::model(|| {
        let shared = Arc::new((AtomicWaker::new(), AtomicBool::new(false), AtomicBool::new(false)));
        let threads: Vec<_> = (0..2)
            .map(|i| {
                let shared = shared.clone();
                loom::thread::spawn(move || {
                    let flag = if i == 0 { &shared.1 } else { &shared.2 };
                    flag.store(true, Ordering::Relaxed);
                    shared.0.wake();
                })
            })
            .collect();
        block_on(poll_fn(|cx| {
            drop(shared.0.replace(cx.waker()));
            let both = shared.1.load(Ordering::Relaxed) && shared.2.load(Ordering::Relaxed);
            if both { Poll::Ready(()) } else { Poll::Pending }
        }));
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
