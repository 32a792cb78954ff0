//! The sending side.

use std::fmt;

use super::error::SendError;
use super::receiver::Receiver;
use super::shared::Shared;
use super::weak::WeakSender;
use crate::coop;
use crate::shim::sync::Arc;

/// Sends values to all receivers of a channel.
///
/// Made by [`channel`](super::channel) or [`Sender::new`]. It can be cloned, and shared among threads.
///
/// # Examples
///
/// ```
/// use rt_core::sync::broadcast;
///
/// # futures::executor::block_on(async {
/// let (sender, mut receiver) = broadcast::channel(16);
/// let other = sender.clone();
/// std::thread::spawn(move || other.send(1).unwrap()).join().unwrap();
/// sender.send(2).unwrap();
/// assert_eq!(receiver.recv().await, Ok(1));
/// assert_eq!(receiver.recv().await, Ok(2));
/// # });
/// ```
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A channel without a receiver yet, which keeps the last `capacity` values, rounded up to a power of
    /// two.
    ///
    /// # Panics
    ///
    /// When `capacity` is zero or more than `usize::MAX / 2`.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::broadcast::Sender::new(8);
    /// assert!(sender.send(1).is_err());
    /// let mut receiver = sender.subscribe();
    /// sender.send(2).unwrap();
    /// assert_eq!(receiver.try_recv(), Ok(2));
    /// ```
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self { shared: Shared::allocate(capacity) }
    }

    /// One more sender of a channel in which it has been counted.
    pub(super) const fn counted(shared: Arc<Shared<T>>) -> Self {
        Self { shared }
    }

    /// Sends a value to all receivers, and returns how many there are.
    ///
    /// That a value was sent doesn't mean that it will be received: receivers may be dropped, or be so slow
    /// that the value is overwritten.
    ///
    /// It doesn't wait for receivers, and can be called outside of asynchronous code.
    ///
    /// # Errors
    ///
    /// The value comes back when there is no receiver. That may change by [`subscribe`](Self::subscribe).
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel(8);
    /// let other = sender.subscribe();
    /// assert_eq!(sender.send("hello").unwrap(), 2);
    /// drop((receiver, other));
    /// assert_eq!(sender.send("anybody?").unwrap_err().0, "anybody?");
    /// ```
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        self.shared.send(value).map_err(SendError)
    }

    /// A new receiver, of what is sent from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, _receiver) = rt_core::sync::broadcast::channel(8);
    /// sender.send("missed").unwrap();
    /// let mut late = sender.subscribe();
    /// sender.send("seen").unwrap();
    /// assert_eq!(late.try_recv(), Ok("seen"));
    /// ```
    #[track_caller]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.shared.clone())
    }

    /// A sender that doesn't keep the channel open.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, _receiver) = rt_core::sync::broadcast::channel(8);
    /// let weak = sender.downgrade();
    /// weak.upgrade().unwrap().send(1).unwrap();
    /// drop(sender);
    /// assert!(weak.upgrade().is_none());
    /// ```
    #[must_use = "downgrading changes nothing but makes a weak sender"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(self.shared.clone())
    }

    /// How many values some receiver has yet to see, out of those that haven't been overwritten.
    ///
    /// At most the capacity. [`Receiver::len`] counts the overwritten ones too.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut one) = rt_core::sync::broadcast::channel(8);
    /// let mut two = sender.subscribe();
    /// sender.send(1).unwrap();
    /// sender.send(2).unwrap();
    /// one.try_recv().unwrap();
    /// assert_eq!(sender.len(), 2);
    /// two.try_recv().unwrap();
    /// assert_eq!(sender.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.shared.queued()
    }

    /// Whether the receivers have seen all values that haven't been overwritten.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::broadcast::channel(8);
    /// assert!(sender.is_empty());
    /// sender.send(1).unwrap();
    /// assert!(!sender.is_empty());
    /// receiver.try_recv().unwrap();
    /// assert!(sender.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        let end = self.shared.end();
        end == 0 || !self.shared.slot(end - 1).is_queued(end - 1)
    }

    /// How many receivers there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel::<u32>(8);
    /// assert_eq!(sender.receiver_count(), 1);
    /// drop(receiver);
    /// assert_eq!(sender.receiver_count(), 0);
    /// ```
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers()
    }

    /// Whether both send into the same channel.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::broadcast::Sender;
    ///
    /// let sender = Sender::<u32>::new(8);
    /// assert!(sender.same_channel(&sender.clone()));
    /// assert!(!sender.same_channel(&Sender::new(8)));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Waits until there is no receiver any more; returns at once when there is none.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = rt_core::sync::broadcast::channel::<u32>(8);
    /// std::thread::spawn(move || drop(receiver));
    /// sender.closed().await;
    /// assert_eq!(sender.receiver_count(), 0);
    /// # });
    /// ```
    pub async fn closed(&self) {
        loop {
            // Made before the look, so that it gets a notification that comes after the look.
            let abandoned = self.shared.abandoned.notified();
            if self.shared.receivers() == 0 {
                return coop::consume_budget().await;
            }
            // There may be another receiver by then.
            abandoned.await;
        }
    }

    /// How many senders the channel has.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::broadcast::Sender::<u32>::new(8);
    /// let _other = sender.clone();
    /// assert_eq!(sender.strong_count(), 2);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.shared.strong_count()
    }

    /// How many weak senders the channel has.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::broadcast::Sender::<u32>::new(8);
    /// let _weak = sender.downgrade();
    /// assert_eq!(sender.weak_count(), 1);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.shared.weak_count()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.join();
        Self { shared: self.shared.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.part();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broadcast::Sender")
    }
}
