//! A runtime's clock: the only place that reads the system's.
//!
//! Timers count nanoseconds from the clock's origin. With `test-util` the clock can stand still; the two
//! files have one interface, and without the feature what concerns pausing costs nothing.

#[cfg(not(feature = "test-util"))]
mod real;
#[cfg(not(feature = "test-util"))]
pub(crate) use real::{Clock, now};

#[cfg(feature = "test-util")]
mod pausable;
#[cfg(feature = "test-util")]
pub(crate) use pausable::{Clock, PauseError, now};

mod nanos;
mod system;
pub(crate) use nanos::{FOREVER_NS, nanos_between};
pub(crate) use system::system_now;
