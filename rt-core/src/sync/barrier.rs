//! A place where tasks wait for each other.
//!
//! Who arrives is counted under the lock of the line, and waits in it (`positions.rs`) for its round to be over; the
//! last one of a round counts the round up, and wakes the line. Those of the next round may join it meanwhile: they
//! stand behind, with a later position.
//!
//! Both counters are Relaxed: they are read and written under the lock of the line.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use super::positions::{self, Place};
use super::waiter::Line;
use crate::base::{Latch, List, trace};
use crate::coop;
use crate::shim::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Makes tasks wait until a number of them has arrived, and then lets all of them go on.
///
/// After that it can be used again, for as many tasks.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use rt_core::sync::Barrier;
///
/// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let barrier = Arc::new(Barrier::new(3));
/// let tasks: Vec<_> = (0..3)
///     .map(|_| {
///         let barrier = barrier.clone();
///         rt_core::spawn(async move { barrier.wait().await.is_leader() })
///     })
///     .collect();
/// let mut leaders = 0;
/// for task in tasks {
///     leaders += u32::from(task.await.unwrap());
/// }
/// assert_eq!(leaders, 1);
/// # });
/// ```
pub struct Barrier {
    size: usize,
    /// How many have arrived in this round.
    arrived: AtomicUsize,
    round: AtomicU64,
    line: Line,
    trace: trace::Resource,
}

impl Barrier {
    /// A barrier that lets tasks through when `n` of them have arrived. One for 0 is as one for 1: nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let barrier = rt_core::sync::Barrier::new(1);
    /// assert!(barrier.wait().await.is_leader());
    /// # });
    /// ```
    #[track_caller]
    pub fn new(n: usize) -> Self {
        let size = n.max(1);
        let known = [trace::Update::Size(size), trace::Update::Arrived(0)];
        Self {
            size,
            arrived: AtomicUsize::new(0),
            round: AtomicU64::new(0),
            line: Latch::new(List::new()),
            trace: trace::Resource::new(trace::Kind::Barrier, Location::caller(), &known),
        }
    }

    /// Arrives, and waits until as many have as the barrier is for.
    ///
    /// One of them is told that it is the leader: the last one to arrive.
    ///
    /// # Cancel safety
    ///
    /// It isn't cancel safe: a future that was polled has arrived and stays counted, also when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let barrier = rt_core::sync::Barrier::new(2);
    /// let (one, two) = futures::join!(barrier.wait(), barrier.wait());
    /// assert!(one.is_leader() != two.is_leader());
    /// # });
    /// ```
    pub async fn wait(&self) -> BarrierWaitResult {
        let wait = Wait { barrier: self, arrived: false, place: Place::new() };
        self.trace.wait("Barrier::wait", wait).await
    }

    /// Counts one in; whether it was the last of its round. If not, it waits in the line.
    ///
    /// # Safety
    ///
    /// `place` is pinned, in no line, and leaves this one before it goes.
    unsafe fn arrive(&self, place: &mut Place, waker: &Waker) -> bool {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut unused = Some(waker.clone());
        let mut lock = self.line.lock();
        let (arrived, round) = (self.arrived.load(Ordering::Relaxed) + 1, self.round.load(Ordering::Relaxed));
        let last = arrived == self.size;
        self.arrived.store(if last { 0 } else { arrived }, Ordering::Relaxed);
        if last {
            self.round.store(round + 1, Ordering::Relaxed);
            positions::wake(&self.line, lock, Some(round + 1), || ());
        } else {
            // SAFETY: the caller's promise.
            unsafe { place.join(&mut lock, round, unused.take()) };
            drop(lock);
        }
        self.trace.update(&[trace::Update::Arrived(if last { 0 } else { arrived as i64 })]);
        last
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Waits for the others.
struct Wait<'a> {
    barrier: &'a Barrier,
    arrived: bool,
    place: Place,
}

impl Future for Wait<'_> {
    type Output = BarrierWaitResult;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<BarrierWaitResult> {
        let coop = ready!(coop::poll_proceed(cx));
        // SAFETY: nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        let mut last = false;
        if !this.arrived {
            this.arrived = true;
            // SAFETY: it is pinned, was in no line, and leaves this one when it is dropped.
            last = unsafe { this.barrier.arrive(&mut this.place, cx.waker()) };
            if !last {
                return Poll::Pending;
            }
        }
        // SAFETY: it's this line that it joined, if any.
        if unsafe { this.place.waits(&this.barrier.line, cx.waker()) } {
            return Poll::Pending;
        }
        coop.made_progress();
        Poll::Ready(BarrierWaitResult(last))
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        // SAFETY: it's this line that it joined, if any.
        unsafe { self.place.leave(&self.barrier.line, |_| ()) };
    }
}

/// What a task learns that was let through by a [`Barrier`].
#[derive(Debug, Clone)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether it is the one leader among those that waited for each other.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let barrier = rt_core::sync::Barrier::new(1);
    /// assert!(barrier.wait().await.is_leader());
    /// # });
    /// ```
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
