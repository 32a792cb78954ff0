//! What panics say when a runtime lacks what is asked of it.
//!
//! Programs that move here look for the second half of each in their logs and tests.

/// The thread has entered no runtime.
pub(crate) const NO_RUNTIME: &str = "there is no runtime here (enter one, or call this in a task or in `block_on`): \
    there is no reactor running, must be called from the context of a Tokio 1.x runtime";

/// The runtime was built without I/O.
pub(crate) const NO_IO: &str = "the runtime was built without I/O: A Tokio 1.x context was found, but IO is disabled. \
    Call `enable_io` on the runtime builder to enable IO.";

/// The runtime was built without timers.
pub(crate) const NO_TIME: &str = "the runtime was built without time: A Tokio 1.x context was found, but timers are \
    disabled. Call `enable_time` on the runtime builder to enable timers.";

/// The runtime has gone, or is about to.
pub(crate) const GONE: &str =
    "the runtime has shut down: A Tokio 1.x context was found, but it is being shutdown.";

/// The blocking pool was shut down before it ran something.
pub(crate) const NOT_RUN: &str = "background task failed";
