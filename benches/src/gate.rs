//! A signal between tasks that belongs to neither runtime, so that rows about the scheduler measure
//! the scheduler and not one side's channels.
use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel};
use std::task::{Poll, Waker};

/// Lets one waiter through for each opening; openings without a waiter are kept, up to one.
#[derive(Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Default)]
struct State {
    open: bool,
    waiter: Option<Waker>,
}

impl Gate {
    /// Waits until the gate is opened and closes it again.
    pub(crate) async fn pass(&self) {
        poll_fn(|cx| {
            let mut state = self.0.lock().unwrap();
            if std::mem::take(&mut state.open) {
                return Poll::Ready(());
            }
            match &mut state.waiter {
                Some(waiter) => waiter.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
            Poll::Pending
        })
        .await;
    }

    /// Opens the gate for one.
    pub(crate) fn open(&self) {
        let waiter = {
            let mut state = self.0.lock().unwrap();
            state.open = true;
            state.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

/// A gate that opens when so many have arrived.
#[derive(Default)]
pub(crate) struct Countdown {
    left: AtomicUsize,
    zero: Gate,
}

impl Countdown {
    /// Expects `count` arrivals. Nobody may be waiting or arriving.
    pub(crate) fn expect(&self, count: usize) {
        self.left.store(count, std::sync::atomic::Ordering::Release);
    }

    /// Counts one arrival.
    pub(crate) fn arrive(&self) {
        if self.left.fetch_sub(1, AcqRel) == 1 {
            self.zero.open();
        }
    }

    /// Waits until all expected ones have arrived.
    pub(crate) async fn done(&self) {
        self.zero.pass().await;
    }
}
