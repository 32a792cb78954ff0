//! A channel for one value, from one sender to one receiver.
//!
//! Three things exist: the [`Sender`], the [`Receiver`], which is the future of the value, and what they
//! share, an allocation that the last one out frees. Sending doesn't wait, and a value that isn't taken is
//! dropped with the receiver.
//!
//! # Examples
//!
//! ```
//! use rt_core::sync::oneshot;
//!
//! # futures::executor::block_on(async {
//! let (sender, receiver) = oneshot::channel();
//! std::thread::spawn(move || sender.send("done").unwrap());
//! assert_eq!(receiver.await, Ok("done"));
//! # });
//! ```
//!
//! A sender that goes without sending ends the wait, too:
//!
//! ```
//! # futures::executor::block_on(async {
//! let (sender, receiver) = rt_core::sync::oneshot::channel::<u32>();
//! drop(sender);
//! assert!(receiver.await.is_err());
//! # });
//! ```

use std::panic::Location;

use crate::base::trace;

mod receiver;
mod sender;
mod shared;

/// Why nothing was received.
pub mod error;

pub use receiver::Receiver;
pub use sender::Sender;

/// A new channel for one value.
///
/// # Examples
///
/// ```
/// let (sender, mut receiver) = rt_core::sync::oneshot::channel();
/// sender.send(5).unwrap();
/// assert_eq!(receiver.try_recv(), Ok(5));
/// ```
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let trace = trace::Resource::new(trace::Kind::Oneshot, Location::caller(), &[]);
    trace.update(&[trace::Update::SenderDropped(false)]);
    trace.update(&[trace::Update::ReceiverDropped(false)]);
    trace.update(&[trace::Update::ValueSent(false)]);
    trace.update(&[trace::Update::ValueReceived(false)]);
    let (waiting, senders) = (trace.begin("Receiver::await"), trace.clone());
    // Nothing of a subscriber's runs from here on: it could panic.
    let shared = shared::Shared::allocate();
    (Sender::new(shared, senders), Receiver::new(shared, trace, waiting))
}

#[cfg(all(test, loom))]
mod tests_loom;
