//! Bounding how long a future may take.
//!
//! The future is polled before any clock is read: one that is ready at once costs no timer.
#![forbid(unsafe_code)]

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::Instant;
use super::error::Elapsed;
use super::sleep::{Sleep, with_timer};
use crate::coop::{self, Budget};
use crate::driver::Home;

/// Waits for `future`, for `duration` at most.
///
/// The future is polled first; the time counts from the end of its first poll, if that didn't make it ready.
/// (With a paused clock it counts from this call, so that tests see round numbers.) A future that is ready
/// when the time runs out wins.
///
/// # Errors
///
/// [`Elapsed`] when the time ran out. The future is dropped together with the [`Timeout`].
///
/// # Cancel safety
///
/// Dropping it drops the future; the timer is cancelled.
///
/// # Panics
///
/// Outside of a runtime, and when its time isn't enabled.
///
/// # Examples
///
/// ```
/// use std::future::{pending, ready};
///
/// use rt_core::time::{Duration, timeout};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let limit = Duration::from_millis(1);
/// assert_eq!(timeout(limit, ready(5)).await, Ok(5));
/// assert!(timeout(limit, pending::<()>()).await.is_err());
/// # });
/// ```
#[track_caller]
#[inline]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    let (home, delay) = with_timer(|driver| {
        let paused = driver.clock().is_paused();
        (Home::of(driver), paused.then(|| Sleep::after(driver, duration)))
    });
    Timeout { value: future.into_future(), limit: Limit::After(duration), home, delay }
}

/// Waits for `future`, until `deadline` at most.
///
/// A future that is ready when the time runs out wins, and so does one that is ready at once although the
/// deadline has passed.
///
/// # Errors
///
/// [`Elapsed`] when the time ran out. The future is dropped together with the [`Timeout`].
///
/// # Cancel safety
///
/// Dropping it drops the future; the timer is cancelled.
///
/// # Panics
///
/// Outside of a runtime, and when its time isn't enabled.
///
/// # Examples
///
/// ```
/// use std::future::pending;
///
/// use rt_core::time::{Duration, Instant, timeout_at};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let deadline = Instant::now() + Duration::from_millis(1);
/// assert!(timeout_at(deadline, pending::<()>()).await.is_err());
/// # });
/// ```
#[track_caller]
#[inline]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    let home = with_timer(Home::of);
    Timeout { value: future.into_future(), limit: Limit::At(deadline), home, delay: None }
}

pin_project! {
    /// The future of [`timeout`](timeout()) and [`timeout_at`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Timeout<T> {
        #[pin]
        value: T,
        limit: Limit,
        home: Home,
        // Made when the future had to wait.
        #[pin]
        delay: Option<Sleep>,
    }
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    After(Duration),
    At(Instant),
}

impl<T> Timeout<T> {
    /// The future.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, timeout};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let limited = timeout(Duration::from_secs(1), std::future::ready(5));
    /// assert_eq!(limited.get_ref().clone().await, 5);
    /// # });
    /// ```
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The future, to be changed.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The future, without the limit.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Future> Future for Timeout<T> {
    type Output = Result<T::Output, Elapsed>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = coop::has_budget_remaining();
        if let Poll::Ready(value) = this.value.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        let mut delay = this.delay;
        if delay.is_none() {
            delay.set(Some(start(*this.limit, *this.home)));
        }
        let poll = || delay.as_pin_mut().map_or(Poll::Pending, |delay| delay.poll(cx));
        // A future that has used up the budget, poll after poll, must not keep its own limit from being seen.
        let elapsed = if had_budget && !coop::has_budget_remaining() {
            coop::with_budget(Budget::UNLIMITED, poll)
        } else {
            poll()
        };
        elapsed.map(|()| Err(Elapsed::new()))
    }
}

fn start(limit: Limit, home: Home) -> Sleep {
    match limit {
        Limit::After(duration) => Sleep::new_in(home, Instant::now(), duration),
        Limit::At(deadline) => Sleep::at(home, deadline),
    }
}
