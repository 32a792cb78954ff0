//! Readiness of resources: sockets, and whatever else the system's event queue can report.
//!
//! - [`Interest`], [`Ready`]: what one waits for, and what one gets. Public, as `rt_core::io::{Interest, Ready}`.
//! - [`Registration`]: a resource's tie to a driver. It enters the event queue only when a first operation
//!   would block.
//! - [`Tied`]: a resource with a registration that follows it from runtime to runtime.
//! - `Source`: the part of it that the driver knows: the readiness word, and who waits.
//! - [`Io`]: the event queue itself.
#![cfg_attr(not(feature = "net"), allow(unreachable_pub, reason = "only `net` makes the two types public"))]

mod interest;
mod ready;
pub use interest::Interest;
pub use ready::Ready;

mod direction;
mod readiness;
mod source;
mod waiter;
pub(crate) use direction::Direction;
pub(crate) use readiness::Event;

#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
mod queue;
#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
mod registration;
#[cfg(all(feature = "process", not(loom)))]
mod tied;
#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
mod wait;
#[cfg(not(loom))]
pub(super) use queue::Turned;
#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
pub(crate) use queue::{Counts, Io};
#[cfg(all(any(feature = "net", feature = "signal"), not(loom)))]
pub(crate) use registration::{Attempt, Registration, here};
#[cfg(all(feature = "process", not(loom)))]
pub(crate) use tied::Tied;
