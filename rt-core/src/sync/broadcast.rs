//! A channel in which each receiver gets each value.
//!
//! Four things exist: the [`Sender`], of which there may be many; the [`WeakSender`], which doesn't keep
//! the channel open; the [`Receiver`], of which there may be many too; and what they share, a ring of the last
//! values sent. A value lies in the ring once and is cloned for each receiver that takes it; it goes when the
//! last one has.
//!
//! # Receivers that are too slow
//!
//! Sending never waits. When the ring is full, a new value takes the place of the oldest, also when some
//! receiver hasn't seen that. Such a receiver learns so once, by [`RecvError::Lagged`](error::RecvError::Lagged)
//! with the number of values it missed, and goes on with the oldest that the ring still holds.
//!
//! The ring has as many places as the capacity asked for, rounded up to a power of two.
//!
//! # The end
//!
//! When the last [`Sender`] is dropped, receivers get what is left, and then
//! [`RecvError::Closed`](error::RecvError::Closed). When the last [`Receiver`] is dropped, sending fails,
//! until somebody [subscribes](Sender::subscribe).
//!
//! # Cloning
//!
//! Two threads never clone the same value at once, so that it needn't be [`Sync`]: a receiver that wants a value
//! while another thread clones it waits for that, with its thread, and so `Clone` of what is sent through a channel should be
//! quick. Nobody else waits for it. It may use the channel itself: send, receive with other receivers, drop them. A panic of
//! `Clone` reaches the receiver that called it, which has then missed that value, and nobody else.
//!
//! # Examples
//!
//! ```
//! use rt_core::sync::broadcast;
//!
//! # futures::executor::block_on(async {
//! let (sender, mut early) = broadcast::channel(16);
//! sender.send("one").unwrap();
//! let mut late = sender.subscribe();
//! sender.send("two").unwrap();
//!
//! assert_eq!(early.recv().await, Ok("one"));
//! assert_eq!(early.recv().await, Ok("two"));
//! assert_eq!(late.recv().await, Ok("two"));
//! # });
//! ```
//!
//! A receiver that is too slow:
//!
//! ```
//! use rt_core::sync::broadcast::{self, error::RecvError};
//!
//! # futures::executor::block_on(async {
//! let (sender, mut receiver) = broadcast::channel(2);
//! for value in 1..=5 {
//!     sender.send(value).unwrap();
//! }
//! assert_eq!(receiver.recv().await, Err(RecvError::Lagged(3)));
//! assert_eq!(receiver.recv().await, Ok(4));
//! assert_eq!(receiver.recv().await, Ok(5));
//! # });
//! ```

mod receiver;
mod recv;
mod sender;
mod shared;
mod slot;
mod weak;

/// Why nothing was sent or received.
pub mod error;

pub use receiver::Receiver;
pub use sender::Sender;
pub use weak::WeakSender;

/// A new channel that keeps the last `capacity` values, rounded up to a power of two.
///
/// To begin without a receiver, use [`Sender::new`].
///
/// # Panics
///
/// When `capacity` is zero or more than `usize::MAX / 2`.
///
/// # Examples
///
/// ```
/// let (sender, mut receiver) = rt_core::sync::broadcast::channel(8);
/// sender.send(5).unwrap();
/// assert_eq!(receiver.try_recv(), Ok(5));
/// ```
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(capacity);
    let receiver = sender.subscribe();
    (sender, receiver)
}

#[cfg(all(test, loom))]
mod tests_loom;
