//! Stopping the clock, for tests.
#![forbid(unsafe_code)]

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use crate::driver::{Driver, PauseError, with_current};

/// Stops the runtime's clock.
///
/// [`Instant::now`](super::Instant::now) says the same from now on, until the clock is moved by
/// [`advance`], or moves by itself; `std`'s clock goes on. Only the clock of a current-thread runtime can be
/// stopped, as with `start_paused` on its `Builder`.
///
/// # Auto-advance
///
/// When the runtime has nothing to do but to wait for a timer, the clock jumps to that timer's deadline:
/// awaiting a sleep of an hour takes no time. While work is under way on other threads (`spawn_blocking`), it
/// doesn't jump.
///
/// # Panics
///
/// When the clock is stopped already; outside of a current-thread runtime.
///
/// # Examples
///
/// ```
/// use rt_core::time::{self, Duration, Instant};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// time::pause();
/// let start = Instant::now();
/// time::sleep(Duration::from_secs(3_600)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(3_600));
/// # });
/// ```
#[track_caller]
pub fn pause() {
    succeed(with_driver(|driver| driver.clock().pause()));
}

/// Lets the clock run again, from the time it shows.
///
/// # Panics
///
/// When it isn't stopped; outside of a runtime.
///
/// # Examples
///
/// ```
/// use rt_core::time;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// time::pause();
/// time::resume();
/// # });
/// ```
#[track_caller]
pub fn resume() {
    succeed(with_driver(|driver| driver.clock().resume()));
}

/// Moves the stopped clock forward.
///
/// All timers due by then fire, and the calling task lets others run once. That the tasks woken have done
/// their work isn't certain afterwards: to wait for a timer, await one.
///
/// # Panics
///
/// When the clock isn't stopped, or can't show the new time; outside of a runtime.
///
/// # Examples
///
/// ```
/// use rt_core::time::{self, Duration, Instant};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// time::pause();
/// let start = Instant::now();
/// time::advance(Duration::from_secs(60)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(60));
/// # });
/// ```
pub async fn advance(duration: Duration) {
    succeed(with_driver(|driver| driver.clock().advance(duration)));
    with_current(|driver| driver.into_iter().for_each(|driver| driver.fire_due()));
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[track_caller]
fn with_driver(f: impl FnOnce(&Driver) -> Result<(), PauseError>) -> Result<(), PauseError> {
    match with_current(|driver| driver.map(|driver| f(driver))) {
        Some(outcome) => outcome,
        None => panic!("the clock can be stopped and moved only inside a runtime"),
    }
}

#[track_caller]
fn succeed(outcome: Result<(), PauseError>) {
    match outcome {
        Ok(()) => {}
        Err(PauseError::NotCurrentThread) => {
            panic!("the clock can be paused only on a current-thread runtime")
        }
        Err(PauseError::AlreadyPaused) => panic!("the clock is paused already"),
        Err(PauseError::NotPaused) => panic!("the clock isn't paused"),
        Err(PauseError::Overflow) => panic!("the clock can't be moved so far"),
    }
}
