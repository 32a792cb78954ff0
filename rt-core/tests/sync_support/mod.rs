//! Wakers that tests look at, and a poll by hand.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Counts how often it is woken.
#[derive(Default)]
pub(crate) struct Count(AtomicUsize);

impl Count {
    pub(crate) fn of(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// A count, and a waker that counts in it.
    pub(crate) fn waker() -> (Arc<Self>, Waker) {
        let count = Arc::new(Self::default());
        (count.clone(), count.into())
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A waker that panics when it is woken.
pub(crate) struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("from the waker");
    }
}

pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A future that waits, and how often it was woken.
pub(crate) struct Wait<'a, T> {
    future: Boxed<'a, T>,
    task: Task,
}

/// Polls one future, now and then as another task than before, whose waker is the one to wake from then on.
pub(crate) struct Task {
    woken: Arc<Count>,
    waker: Waker,
    polls: usize,
}

impl Task {
    pub(crate) fn new() -> Self {
        let (woken, waker) = Count::waker();
        Self { woken, waker, polls: 0 }
    }

    pub(crate) fn poll<F: Future + ?Sized>(&mut self, future: Pin<&mut F>) -> Poll<F::Output> {
        self.polls += 1;
        if self.polls % 2 == 0 {
            (self.woken, self.waker) = Count::waker();
        }
        poll(future, &self.waker)
    }

    /// How often it was woken, as the task that it was in the last poll.
    pub(crate) fn woken(&self) -> usize {
        self.woken.of()
    }
}

impl<'a, T> Wait<'a, T> {
    /// Begins; its output when there is nothing to wait for.
    pub(crate) fn begin(future: impl Future<Output = T> + 'a) -> Result<T, Self> {
        let mut wait = Self { future: Box::pin(future), task: Task::new() };
        match wait.poll() {
            Poll::Ready(output) => Ok(output),
            Poll::Pending => Err(wait),
        }
    }

    pub(crate) fn poll(&mut self) -> Poll<T> {
        self.task.poll(self.future.as_mut())
    }

    /// How often it was woken, as the task that it was in the last poll.
    pub(crate) fn woken(&self) -> usize {
        self.task.woken()
    }
}
