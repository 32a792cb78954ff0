//! Waiting for a moment.
//!
//! A [`Sleep`] has its timer in itself, and puts it into a driver's wheel when it is first polled: the driver
//! of the thread that polls, if that belongs to the runtime in which the future was made, else any of that
//! runtime. Whatever happens to the future later, its timer is only ever looked for in that wheel.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::Instant;
use super::error::Error;
use crate::base::{complaints, trace};
use crate::coop;
use crate::driver::timer::{Armed, Entry, Look, Peek, Timers};
use crate::driver::{Driver, Home, with_current};
use crate::shim::sync::Arc;

/// Waits for `duration`.
///
/// The time counts from this call. A duration too long for the clock is one that never ends; one of zero is
/// over at once.
///
/// # Cancel safety
///
/// Dropping it cancels the timer; nothing else happens.
///
/// # Panics
///
/// Outside of a runtime, and when its time isn't enabled.
///
/// # Examples
///
/// ```
/// use rt_core::time::{Duration, sleep};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// sleep(Duration::from_millis(1)).await;
/// # });
/// ```
#[track_caller]
#[inline]
pub fn sleep(duration: Duration) -> Sleep {
    let location = Location::caller();
    with_timer(|driver| Sleep::after(driver, duration)).traced(location)
}

/// Waits until `deadline`; one that has passed is no wait.
///
/// # Cancel safety
///
/// Dropping it cancels the timer; nothing else happens.
///
/// # Panics
///
/// Outside of a runtime, and when its time isn't enabled.
///
/// # Examples
///
/// ```
/// use rt_core::time::{Duration, Instant, sleep_until};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let deadline = Instant::now() + Duration::from_millis(1);
/// sleep_until(deadline).await;
/// assert!(Instant::now() >= deadline);
/// # });
/// ```
#[track_caller]
#[inline]
pub fn sleep_until(deadline: Instant) -> Sleep {
    let location = Location::caller();
    with_timer(|driver| Sleep::at(Home::of(driver), deadline)).traced(location)
}

/// Calls `f` with the calling thread's driver, which has timers.
///
/// # Panics
///
/// When there is none, or it has none.
#[track_caller]
#[inline]
pub(super) fn with_timer<R>(f: impl FnOnce(&Driver) -> R) -> R {
    // Not in a closure, whose panics would name this file rather than the caller.
    let outcome = with_current(|driver| match driver {
        Some(driver) if driver.has_time() => Ok(f(driver)),
        Some(_) => Err(complaints::NO_TIME),
        None => Err(complaints::NO_RUNTIME),
    });
    match outcome {
        Ok(value) => value,
        Err(message) => panic!("{message}"),
    }
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    ///
    /// It can be used again after it was [`reset`](Self::reset). It isn't `Unpin`: pin it with
    /// [`std::pin::pin!`] or `Box::pin` to poll it by hand.
    ///
    /// # Panics
    ///
    /// Awaiting it panics when its runtime has shut down.
    ///
    /// # Examples
    ///
    /// In a loop over events, one timer for the time since the last:
    ///
    /// ```
    /// use std::pin::pin;
    ///
    /// use rt_core::time::{Duration, Instant, sleep};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let idle = Duration::from_millis(1);
    /// let mut timer = pin!(sleep(idle));
    /// for _event in 0..3 {
    ///     timer.as_mut().reset(Instant::now() + idle);
    /// }
    /// timer.as_mut().await;
    /// assert!(timer.is_elapsed());
    /// # });
    /// ```
    #[must_use = "futures do nothing unless polled"]
    #[project(!Unpin)]
    pub struct Sleep {
        deadline: Instant,
        home: Home,
        known: Known,
        // Whose wheel the timer is in, or was last.
        driver: Option<Arc<Driver>>,
        #[pin]
        entry: Entry,
        waiting: trace::Waiting,
        trace: trace::Resource,
    }

    impl PinnedDrop for Sleep {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(driver) = this.driver {
                disarm(driver, this.entry.as_ref().get_ref());
            }
        }
    }
}

/// What was known of the deadline when it was set, so that a clock needn't be read twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It lay ahead of a clock just read.
    Ahead,
    /// It has passed.
    Past,
    /// Nothing.
    Nothing,
}

fn disarm(driver: &Driver, entry: &Entry) {
    if entry.look() == Look::Queued {
        // SAFETY: the entry is the caller's own, and was armed there.
        unsafe { driver.timers().cancel(entry) };
    }
}

impl Sleep {
    #[inline]
    pub(super) fn after(driver: &Driver, duration: Duration) -> Self {
        let now = Instant::from_std(driver.clock().now());
        let known = if duration.is_zero() { Known::Past } else { Known::Ahead };
        Self::new(Home::of(driver), now.saturating_add(duration), known)
    }

    #[inline]
    pub(super) fn at(home: Home, deadline: Instant) -> Self {
        Self::new(home, deadline, Known::Nothing)
    }

    #[inline]
    pub(super) fn new_in(home: Home, now: Instant, duration: Duration) -> Self {
        let known = if duration.is_zero() { Known::Past } else { Known::Ahead };
        Self::new(home, now.saturating_add(duration), known)
    }

    #[inline]
    fn new(home: Home, deadline: Instant, known: Known) -> Self {
        let (waiting, trace) = (trace::Waiting::NONE, trace::Resource::NONE);
        Self { deadline, home, known, driver: None, entry: Entry::new(0), waiting, trace }
    }

    /// As [`traced`](Self::traced), of one that is a part of something else.
    #[inline]
    pub(super) fn traced_within(mut self, location: &'static Location<'static>) -> Self {
        self.trace = trace::Resource::new(trace::Kind::Sleep, location, &[]);
        self.waiting = self.trace.scope(|| self.trace.begin("Sleep::new_timeout"));
        self
    }

    /// Has its waits traced, as those of a timer that was made there.
    #[inline]
    fn traced(mut self, location: &'static Location<'static>) -> Self {
        self.trace = trace::Resource::new(trace::Kind::Sleep, location, &[]);
        self.waiting = self.trace.begin("Sleep::new_timeout");
        self
    }

    /// When it ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant, sleep};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// assert!(sleep(Duration::from_secs(1)).deadline() > Instant::now());
    /// # });
    /// ```
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether its timer has fired: awaiting it then ends at once. A future that was never polled, or not
    /// since its last reset, has no timer that could fire.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, sleep};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// assert!(!sleep(Duration::from_secs(1)).is_elapsed());
    /// # });
    /// ```
    pub fn is_elapsed(&self) -> bool {
        self.entry.has_fired()
    }

    /// Makes it end at `deadline` instead, whether it has ended or not.
    ///
    /// A task that waits for it already needn't poll it again: it is woken for the new deadline. Putting a
    /// timer off, as one does on every message of a connection with an idle limit, takes no lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    ///
    /// use rt_core::time::{Duration, Instant, sleep};
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut timer = pin!(sleep(Duration::from_secs(60)));
    /// timer.as_mut().reset(Instant::now() + Duration::from_millis(1));
    /// timer.await;
    /// # });
    /// ```
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        let entry = this.entry.as_ref().get_ref();
        *this.deadline = deadline;
        *this.known = Known::Nothing;
        match (entry.look(), this.driver) {
            (Look::Queued, Some(driver)) => {
                Self::move_to(driver, entry, driver.clock().ns_of(deadline.into_std()))
            }
            (Look::Ended, _) => {}
            _ => entry.rearm(),
        }
    }

    /// Moves a queued timer.
    fn move_to(driver: &Driver, entry: &Entry, deadline: u64) {
        if deadline >= entry.deadline() {
            // The wheel finds out when the former deadline comes. If that is this moment, the next poll does.
            entry.set_deadline(deadline);
            return;
        }
        // SAFETY: the entry is ours, and was armed there.
        match unsafe { driver.timers().hasten(entry, deadline) } {
            // A time that has come already needn't wait for the driver's next turn.
            Some(_) if deadline <= driver.clock().now_ns() => driver.fire_due(),
            Some(Armed::Queued { unpark: true }) => driver.unpark(),
            Some(_) => {}
            // It fired meanwhile, for the former deadline or at the shutdown; the latter stays.
            None if entry.look() == Look::Ended => {}
            None => entry.rearm(),
        }
    }

    /// Whether the time has come; an error when the runtime has shut down.
    #[inline]
    fn poll_elapsed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut this = self.project();
        this.waiting.enter(this.trace, || {
            let coop = ready!(this.waiting.polled("poll_elapsed", coop::poll_proceed(cx)));
            let elapsed = loop {
                let entry = this.entry.as_ref().get_ref();
                // SAFETY: the entry is ours.
                match unsafe { Timers::peek(entry, cx.waker()) } {
                    Peek::Fired => break Poll::Ready(Ok(())),
                    Peek::Pending => break Poll::Pending,
                    Peek::Ended => break Poll::Ready(Err(Error::shutdown())),
                    Peek::OtherWaker => {
                        let Some(driver) = this.driver.as_ref() else { continue };
                        // SAFETY: the entry is ours, and was armed there.
                        if unsafe { driver.timers().rewake(entry, cx.waker()) } {
                            break Poll::Pending;
                        }
                    }
                    Peek::Idle => {
                        if let Err(error) = choose_driver(this.driver, *this.home) {
                            break Poll::Ready(Err(error));
                        }
                        let Some(driver) = this.driver.as_ref() else { continue };
                        let armed = arm(driver, this.entry.as_mut(), *this.deadline, *this.known, cx);
                        this.waiting.tell_of_timer(|| {
                            this.deadline.into_std().saturating_duration_since(driver.clock().now())
                        });
                        break match armed {
                            Armed::Queued { unpark } => {
                                if unpark {
                                    driver.unpark();
                                }
                                Poll::Pending
                            }
                            Armed::Due => Poll::Ready(Ok(())),
                            Armed::Ended => Poll::Ready(Err(Error::shutdown())),
                        };
                    }
                }
            };
            let outcome = ready!(this.waiting.polled("poll_elapsed", elapsed));
            coop.made_progress();
            Poll::Ready(outcome)
        })
    }
}

/// Puts the timer into the driver's wheel, unless its time has come.
#[inline]
fn arm(driver: &Driver, entry: Pin<&mut Entry>, deadline: Instant, known: Known, cx: &Context<'_>) -> Armed {
    let clock = driver.clock();
    let entry = entry.into_ref().get_ref();
    let deadline = deadline.into_std();
    entry.set_deadline(clock.ns_of(deadline));
    // A paused clock may have been moved since the deadline was set, and tests look closely.
    let read = known == Known::Nothing || clock.is_paused();
    if known == Known::Past || (read && clock.now() >= deadline) {
        entry.elapse();
        return Armed::Due;
    }
    // SAFETY: the entry is ours and pinned, and `Sleep`'s drop takes it out of this driver's wheel.
    unsafe { driver.timers().arm(entry, cx.waker()) }
}

/// Makes `slot` hold the driver for a timer that isn't queued: this thread's if it is of the runtime `home`,
/// else the one it has, else any of that runtime.
#[inline]
fn choose_driver(slot: &mut Option<Arc<Driver>>, home: Home) -> Result<(), Error> {
    let chosen = with_current(|here| match (here, &*slot) {
        (Some(here), Some(had)) if Arc::ptr_eq(here, had) => true,
        (Some(here), _) if home.owns(here) => {
            *slot = Some(here.clone());
            true
        }
        (_, had) => had.is_some(),
    });
    if !chosen {
        *slot = Some(home.driver().ok_or_else(Error::shutdown)?);
    }
    Ok(())
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Err(error) = ready!(self.poll_elapsed(cx)) {
            panic!("{error}");
        }
        Poll::Ready(())
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .field("elapsed", &self.is_elapsed())
            .finish_non_exhaustive()
    }
}
