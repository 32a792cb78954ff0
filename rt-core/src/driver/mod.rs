//! What a worker waits on: one driver a worker.
//!
//! - [`Driver`]: sleeps until an event, a due timer or an unpark, and hands what came to wakers.
//! - [`timer`]: the wheel that holds sleeping futures, behind a lock of its driver's own.
//! - [`io`]: what a resource (a socket) knows of its readiness, and who waits for it.
//! - [`Clock`]: one for a runtime; all time comes from it.
//! - [`park`]: how the thread itself sleeps, with or without the system's event queue.
//!
//! - `host`: whether a worker leaves its sockets to another's driver.
//! - `asked`, `rung`: whether readiness was asked for in vain, and which signals came, since the driver was last turned.
//! - `children`: who reaps the processes that nobody waits for any more.
//!
//! But for the clock, the workers of a runtime share nothing here. A driver is turned by its owner as a rule; when the
//! owner is stuck in a task, the watch may turn it (rescue). The turn is guarded by a try-lock, so that
//! the two never wait for each other.

mod asked;
#[cfg(feature = "process")]
pub(crate) mod children;
mod clock;
mod current;
#[expect(clippy::module_inception, reason = "the folder is named for the noun that it is about")]
mod driver;
mod host;
#[cfg(any(feature = "net", feature = "signal"))]
pub(crate) mod io;
mod lock;
mod park;
pub(crate) mod rung;
pub(crate) mod timer;

pub(crate) use asked::{answer, is_asked};
#[cfg(feature = "test-util")]
pub(crate) use clock::PauseError;
pub(crate) use clock::{Clock, now, system_now};
pub(crate) use current::{Guard, Home, enter, with_current, with_driver};
pub(crate) use driver::{Config, Driver};
