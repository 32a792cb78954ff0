//! How a driver's thread sleeps.
//!
//! Each file has a `Park` with the same interface: `new`, `turn`, `sleep`, `poll_now`, `unpark`,
//! `shutdown`. Without the system's event queue in the build it is `thread`, with it `either`,
//! which chooses as the runtime was configured.

mod thread;
mod wait;
pub(super) use wait::{Timer, Wait};

#[cfg(not(all(any(feature = "net", feature = "signal"), not(loom))))]
pub(super) use thread::Park;

#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
mod either;
#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
pub(super) mod poll;
#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
mod sleeper;
#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
pub(super) use either::Park;

#[cfg(all(test, loom))]
mod sleeper;
