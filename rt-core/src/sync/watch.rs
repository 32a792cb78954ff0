//! A channel that holds one value, and tells all receivers when it changes.
//!
//! Three things exist: the [`Sender`], of which there may be many; the [`Receiver`], of which there may be many
//! too; and the value they share, which is never absent. What was sent before the latest value is gone: a receiver
//! sees that something changed, not how often. It suits configuration, state and shutdown signals.
//!
//! # Seen and unseen
//!
//! Each receiver remembers which version of the value it saw last. [`changed`](Receiver::changed) waits until there is
//! another, and marks that as seen; [`borrow_and_update`](Receiver::borrow_and_update) looks at the value and marks it
//! as seen; [`borrow`](Receiver::borrow) looks without marking. What is there when a receiver is made counts as
//! seen, and a clone has seen what its original has.
//!
//! # The end
//!
//! When the last [`Sender`] is dropped, `changed` returns an error once the last value has been seen; the value can be
//! borrowed for good. When the last [`Receiver`] is dropped, [`send`](Sender::send) returns the value;
//! [`send_replace`](Sender::send_replace) and its relatives go on.
//!
//! # Borrowing
//!
//! The value lies under a lock that isn't asynchronous. While somebody holds a [`Ref`], senders block their thread:
//! keep it short, and never hold one across an `.await`. A task that holds one `Ref` and takes a second one may block
//! for good if a sender has come in between.
//!
//! # Examples
//!
//! ```
//! use rt_core::sync::watch;
//!
//! # futures::executor::block_on(async {
//! let (sender, mut level) = watch::channel("info");
//! std::thread::spawn(move || sender.send("debug").unwrap());
//! level.changed().await.unwrap();
//! assert_eq!(*level.borrow_and_update(), "debug");
//! # });
//! ```
//!
//! A signal to stop, for as many tasks as wish:
//!
//! ```
//! use rt_core::sync::watch;
//!
//! async fn serve(mut stop: watch::Receiver<bool>) -> &'static str {
//!     stop.wait_for(|stop| *stop).await.expect("somebody can still stop us");
//!     "stopped"
//! }
//!
//! # futures::executor::block_on(async {
//! let (sender, stop) = watch::channel(false);
//! let servers = [serve(stop.clone()), serve(stop)];
//! std::thread::spawn(move || sender.send_replace(true));
//! assert_eq!(futures::future::join_all(servers).await, ["stopped"; 2]);
//! # });
//! ```

mod borrowed;
mod changed;
mod receiver;
mod sender;
mod shared;
mod signal;

/// Why nothing was sent or received.
pub mod error;

pub use borrowed::Ref;
pub use receiver::Receiver;
pub use sender::Sender;

/// A new channel with its first value, which the receiver has seen.
///
/// To begin without a receiver, use [`Sender::new`].
///
/// # Examples
///
/// ```
/// let (sender, receiver) = rt_core::sync::watch::channel(1);
/// assert_eq!(*receiver.borrow(), 1);
/// sender.send(2).unwrap();
/// assert_eq!(*receiver.borrow(), 2);
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(init);
    let receiver = sender.subscribe();
    (sender, receiver)
}

#[cfg(all(test, loom))]
mod tests_loom;
