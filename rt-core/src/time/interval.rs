//! Waiting again and again.
#![forbid(unsafe_code)]

use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::sleep::{Sleep, with_timer};
use super::{Instant, MissedTickBehavior};
use crate::base::trace;
use crate::driver::Home;

/// Ticks every `period`, for the first time at once.
///
/// The period counts from tick to tick, however long the work between them takes; see [`MissedTickBehavior`]
/// for what happens when that is longer than a period.
///
/// # Panics
///
/// When `period` is zero; outside of a runtime, and when its time isn't enabled.
///
/// # Examples
///
/// ```
/// use rt_core::time::{Duration, interval};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let mut interval = interval(Duration::from_millis(2));
/// let first = interval.tick().await;
/// let second = interval.tick().await;
/// assert_eq!(second - first, Duration::from_millis(2));
/// # });
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    assert_period(period);
    let start = with_timer(|driver| Instant::from_std(driver.clock().now()));
    interval_at(start, period)
}

/// Ticks every `period`, for the first time at `start`.
///
/// # Panics
///
/// When `period` is zero; outside of a runtime, and when its time isn't enabled.
///
/// # Examples
///
/// ```
/// use rt_core::time::{Duration, Instant, interval_at};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let start = Instant::now() + Duration::from_millis(1);
/// let mut interval = interval_at(start, Duration::from_millis(2));
/// assert_eq!(interval.tick().await, start);
/// # });
/// ```
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert_period(period);
    let location = Location::caller();
    let delay = with_timer(|driver| Sleep::at(Home::of(driver), start));
    let trace = trace::Resource::new(trace::Kind::Interval, location, &[]);
    let delay = Box::pin(trace.scope(|| delay.traced_within(location)));
    Interval { delay, period, missed: MissedTickBehavior::default(), trace }
}

#[track_caller]
fn assert_period(period: Duration) {
    assert!(!period.is_zero(), "`period` must be non-zero.");
}

/// What [`interval`] and [`interval_at`] make.
///
/// It allocates once, when it is made.
#[derive(Debug)]
pub struct Interval {
    delay: Pin<Box<Sleep>>,
    period: Duration,
    missed: MissedTickBehavior,
    trace: trace::Resource,
}

impl Interval {
    /// Waits for the next tick, and returns when it was due.
    ///
    /// # Cancel safety
    ///
    /// A tick isn't lost when this is dropped before it returns.
    ///
    /// # Panics
    ///
    /// When the runtime has shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, interval};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut interval = interval(Duration::from_millis(1));
    /// for _ in 0..3 {
    ///     interval.tick().await;
    /// }
    /// # });
    /// ```
    pub async fn tick(&mut self) -> Instant {
        let mut waiting = self.trace.begin("Interval::tick");
        poll_fn(|cx| {
            let Self { trace, delay, .. } = &mut *self;
            ready!(waiting.poll(trace, "poll_tick", || delay.as_mut().poll(cx)));
            // The next tick is set after all that a subscriber is told: a panic of its loses none.
            waiting = trace::Waiting::NONE;
            Poll::Ready(self.advance())
        })
        .await
    }

    /// Waits for the next tick; the last caller is woken.
    ///
    /// # Panics
    ///
    /// When the runtime has shut down.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(self.delay.as_mut().poll(cx));
        Poll::Ready(self.advance())
    }

    /// It has ticked: sets the next tick, and gives the time of this one.
    #[inline]
    fn advance(&mut self) -> Instant {
        let due = self.delay.deadline();
        let next = self.missed.next(due, Instant::now(), self.period);
        self.delay.as_mut().reset(next);
        due
    }

    /// Makes the next tick come one period from now.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant, interval};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut interval = interval(Duration::from_millis(2));
    /// let now = Instant::now();
    /// interval.reset();
    /// assert!(interval.tick().await >= now + Duration::from_millis(2));
    /// # });
    /// ```
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Makes the next tick come at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, interval};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut interval = interval(Duration::from_secs(600));
    /// interval.tick().await;
    /// interval.reset_immediately();
    /// interval.tick().await;
    /// # });
    /// ```
    pub fn reset_immediately(&mut self) {
        self.delay.as_mut().reset(Instant::now());
    }

    /// Makes the next tick come after this time; the others follow by the period.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, interval};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut interval = interval(Duration::from_secs(600));
    /// interval.tick().await;
    /// interval.reset_after(Duration::from_millis(1));
    /// interval.tick().await;
    /// # });
    /// ```
    pub fn reset_after(&mut self, after: Duration) {
        self.delay.as_mut().reset(Instant::now().saturating_add(after));
    }

    /// Makes the next tick come at `deadline`; the others follow by the period.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant, interval};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut interval = interval(Duration::from_secs(600));
    /// let deadline = Instant::now() + Duration::from_millis(1);
    /// interval.reset_at(deadline);
    /// assert_eq!(interval.tick().await, deadline);
    /// # });
    /// ```
    pub fn reset_at(&mut self, deadline: Instant) {
        self.delay.as_mut().reset(deadline);
    }

    /// What it does when a tick was missed.
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed
    }

    /// Sets what it does when a tick was missed.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, MissedTickBehavior, interval};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut interval = interval(Duration::from_secs(1));
    /// interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    /// assert_eq!(interval.missed_tick_behavior(), MissedTickBehavior::Skip);
    /// # });
    /// ```
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed = behavior;
    }

    /// The period.
    pub fn period(&self) -> Duration {
        self.period
    }
}
