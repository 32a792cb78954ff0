//! Time: sleeping, timeouts, intervals, and a clock that tests can stop.
//!
//! - [`sleep`], [`sleep_until`]: wait.
//! - [`timeout`], [`timeout_at`]: bound how long a future may take.
//! - [`interval`], [`interval_at`]: wait again and again.
//! - [`Instant`]: a moment on the runtime's clock.
//! - with the feature `test-util`, `pause`, `resume` and `advance`: stop the clock and move it by hand.
//!
//! Deadlines are kept to some tens of microseconds where the system can: a timer never fires early, and the
//! wheel that holds it rounds up by at most 16.4 us. A future that waits holds its timer in itself: nothing
//! is allocated, and dropping it frees the timer.
//!
//! All of this needs a runtime with time enabled (`enable_time` or `enable_all` on its `Builder`).
//!
//! # Examples
//!
//! ```
//! use rt_core::time::{Duration, Instant, sleep};
//!
//! # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let start = Instant::now();
//! sleep(Duration::from_millis(2)).await;
//! assert!(start.elapsed() >= Duration::from_millis(2));
//! # });
//! ```

pub mod error;

mod instant;
mod interval;
mod missed_tick;
#[cfg(feature = "sync")]
mod send_timeout;
mod sleep;
mod timeout;

pub use std::time::Duration;

pub use instant::Instant;
pub use interval::{Interval, interval, interval_at};
pub use missed_tick::MissedTickBehavior;
pub use sleep::{Sleep, sleep, sleep_until};
pub use timeout::{Timeout, timeout, timeout_at};

#[cfg(feature = "test-util")]
mod pause;
#[cfg(feature = "test-util")]
pub use pause::{advance, pause, resume};
