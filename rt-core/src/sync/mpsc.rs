//! A channel for many values, from many senders to one receiver.
//!
//! | | [`channel`] (bounded) | [`unbounded_channel`] |
//! |---|---|---|
//! | a slow receiver | makes senders wait | makes memory grow |
//! | sending | [`send`](Sender::send) waits for room, in line | [`send`](UnboundedSender::send) never waits |
//!
//! Messages arrive in the order in which they were sent. A sender can be cloned; when the last one is gone the
//! receiver gets what is in the channel, and then `None`. When the receiver is gone, sending fails with the
//! message inside the error, and messages that weren't received are dropped.
//!
//! To end it in an orderly way from the receiver's side, call [`close`](Receiver::close) and receive until
//! `None`: no message is lost then. A message that is sent by a [`Permit`] after the receiver has been dropped
//! stays in the channel until its last handle is gone.
//!
//! The blocking methods work outside of asynchronous code, in threads and in `spawn_blocking`; so a channel
//! can connect both worlds.
//!
//! # Examples
//!
//! ```
//! use rt_core::sync::mpsc;
//!
//! # futures::executor::block_on(async {
//! let (tx, mut rx) = mpsc::channel(10);
//! for number in 1..=2 {
//!     let tx = tx.clone();
//!     std::thread::spawn(move || tx.blocking_send(number).unwrap());
//! }
//! drop(tx);
//! let mut sum = 0;
//! while let Some(number) = rx.recv().await {
//!     sum += number;
//! }
//! assert_eq!(sum, 3);
//! # });
//! ```

mod block;
mod bounded;
mod chan;
mod owed;
mod permit;
mod queue;
mod receiver;
mod room;
mod tail;
mod unbounded;

/// Why nothing was sent or received.
pub mod error;

pub use bounded::{Sender, WeakSender, channel};
pub use permit::{OwnedPermit, Permit, PermitIterator};
pub use receiver::Receiver;
pub use unbounded::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel};

#[cfg(all(test, loom))]
mod tests_loom;
