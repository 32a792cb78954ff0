//! The sending side.

use std::fmt;
use std::mem;

use super::borrowed::Ref;
use super::error::SendError;
use super::receiver::Receiver;
use super::shared::Shared;
use crate::coop;
use crate::shim::sync::Arc;

/// Changes the value of a channel.
///
/// Made by [`channel`](super::channel) or [`Sender::new`]. It can be cloned, and shared among threads.
///
/// # Examples
///
/// ```
/// let (sender, receiver) = rt_core::sync::watch::channel(0);
/// sender.send_modify(|value| *value += 1);
/// sender.clone().send_modify(|value| *value += 1);
/// assert_eq!(*receiver.borrow(), 2);
/// ```
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A channel with its first value, and without a receiver yet.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::watch::Sender::new(1);
    /// assert!(sender.send(2).is_err());
    /// let receiver = sender.subscribe();
    /// sender.send(3).unwrap();
    /// assert_eq!(*receiver.borrow(), 3);
    /// ```
    pub fn new(init: T) -> Self {
        Self { shared: Arc::new(Shared::new(init)) }
    }

    /// Makes `value` the current one, and tells all receivers.
    ///
    /// It blocks the thread while somebody holds a [`Ref`].
    ///
    /// # Errors
    ///
    /// When there is no receiver, the value comes back, and the current one stays. To change it all the same,
    /// use [`send_replace`](Self::send_replace).
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(1);
    /// sender.send(2).unwrap();
    /// assert_eq!(*receiver.borrow(), 2);
    /// drop(receiver);
    /// assert_eq!(sender.send(3).unwrap_err().0, 3);
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Changes the value in place, and tells all receivers, if there are any.
    ///
    /// It blocks the thread while somebody holds a [`Ref`].
    ///
    /// # Panics
    ///
    /// When the closure does. What it did to the value until then stays, and no receiver is told.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(vec![1]);
    /// sender.send_modify(|list| list.push(2));
    /// assert_eq!(*receiver.borrow(), [1, 2]);
    /// ```
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    /// Changes the value in place, and tells the receivers if the closure returns true; returns what it returned.
    ///
    /// A closure that returns false should have left the value alone: what it changed is seen by who looks,
    /// but nobody is told to.
    ///
    /// It blocks the thread while somebody holds a [`Ref`].
    ///
    /// # Panics
    ///
    /// When the closure does. What it did to the value until then stays, and no receiver is told.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(5);
    /// let raise = |to: i32| sender.send_if_modified(|value| to > std::mem::replace(value, to.max(*value)));
    /// assert!(!raise(3));
    /// assert!(!receiver.has_changed().unwrap());
    /// assert!(raise(8));
    /// assert!(receiver.has_changed().unwrap());
    /// ```
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        self.shared.modify(modify)
    }

    /// Makes `value` the current one, tells all receivers, if there are any, and returns the value of before.
    ///
    /// It blocks the thread while somebody holds a [`Ref`].
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::watch::Sender::new(1);
    /// assert_eq!(sender.send_replace(2), 1);
    /// assert_eq!(*sender.borrow(), 2);
    /// ```
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|current| mem::swap(current, &mut value));
        value
    }

    /// The current value.
    ///
    /// While the [`Ref`] exists, all senders block, this one too.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::watch::Sender::new(1);
    /// assert_eq!(*sender.borrow(), 1);
    /// ```
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref::new(self.shared.read().0, false)
    }

    /// Whether there is no receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(());
    /// assert!(!sender.is_closed());
    /// drop(receiver);
    /// assert!(sender.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.shared.receivers() == 0
    }

    /// Waits until there is no receiver any more; returns at once when there is none.
    ///
    /// It also returns when somebody has subscribed since the last one was dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = rt_core::sync::watch::channel(());
    /// std::thread::spawn(move || drop(receiver));
    /// sender.closed().await;
    /// assert!(sender.is_closed());
    /// # });
    /// ```
    pub async fn closed(&self) {
        loop {
            // Made before the look, so that it gets a notification that comes after the look.
            let abandoned = self.shared.abandoned.notified();
            if self.is_closed() {
                return coop::consume_budget().await;
            }
            // There may be another receiver by then.
            abandoned.await;
        }
    }

    /// A new receiver, for which the current value counts as seen.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(1);
    /// drop(receiver);
    /// let late = sender.subscribe();
    /// assert!(!late.has_changed().unwrap());
    /// assert_eq!(*late.borrow(), 1);
    /// ```
    pub fn subscribe(&self) -> Receiver<T> {
        self.shared.receiver_joins();
        Receiver::counted(self.shared.clone(), self.shared.signal.look().version())
    }

    /// How many receivers there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(());
    /// let _other = receiver.clone();
    /// assert_eq!(sender.receiver_count(), 2);
    /// ```
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers()
    }

    /// How many senders there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::watch::Sender::new(());
    /// let _other = sender.clone();
    /// assert_eq!(sender.sender_count(), 2);
    /// ```
    pub fn sender_count(&self) -> usize {
        self.shared.senders()
    }

    /// Whether both send into the same channel.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::watch::Sender;
    ///
    /// let sender = Sender::new(());
    /// assert!(sender.same_channel(&sender.clone()));
    /// assert!(!sender.same_channel(&Sender::new(())));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.sender_joins();
        Self { shared: self.shared.clone() }
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.sender_leaves();
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the value: it may be locked, by the very one who prints.
        f.debug_struct("Sender")
            .field("sender_count", &self.sender_count())
            .field("receiver_count", &self.receiver_count())
            .finish_non_exhaustive()
    }
}
