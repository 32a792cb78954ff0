//! The receiving side.

use std::fmt;

use super::borrowed::Ref;
use super::changed::Changed;
use super::error::RecvError;
use super::shared::Shared;
use super::signal::Version;
use crate::coop;
use crate::shim::sync::Arc;

/// Sees the value of a channel, and learns when it changes.
///
/// Made by [`channel`](super::channel), [`Sender::subscribe`](super::Sender::subscribe) or by cloning.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let (sender, mut receiver) = rt_core::sync::watch::channel(0);
/// std::thread::spawn(move || (1..=100).for_each(|value| sender.send(value).unwrap()));
/// let mut latest = 0;
/// while receiver.changed().await.is_ok() {
///     let value = *receiver.borrow_and_update();
///     assert!(value > latest);
///     latest = value;
/// }
/// assert_eq!(latest, 100);
/// # });
/// ```
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    /// The version it saw last.
    seen: Version,
}

impl<T> Receiver<T> {
    /// One more receiver, which has been counted.
    pub(super) const fn counted(shared: Arc<Shared<T>>, seen: Version) -> Self {
        Self { shared, seen }
    }

    /// The current value, which this doesn't mark as seen.
    ///
    /// While the [`Ref`] exists, senders block their thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(1);
    /// sender.send(2).unwrap();
    /// assert_eq!(*receiver.borrow(), 2);
    /// assert!(receiver.has_changed().unwrap());
    /// ```
    pub fn borrow(&self) -> Ref<'_, T> {
        let (value, version) = self.shared.read();
        Ref::new(value, version != self.seen)
    }

    /// The current value, which this marks as seen.
    ///
    /// After [`changed`](Self::changed) this is better than [`borrow`](Self::borrow): a value that came
    /// meanwhile isn't told again.
    ///
    /// While the [`Ref`] exists, senders block their thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::watch::channel(1);
    /// sender.send(2).unwrap();
    /// assert_eq!(*receiver.borrow_and_update(), 2);
    /// assert!(!receiver.has_changed().unwrap());
    /// ```
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let (value, version) = self.shared.read();
        let has_changed = version != self.seen;
        self.seen = version;
        Ref::new(value, has_changed)
    }

    /// Whether there is a value that this receiver hasn't seen.
    ///
    /// # Errors
    ///
    /// When all senders have been dropped, also if the last value hasn't been seen.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::watch::channel(1);
    /// sender.send(2).unwrap();
    /// assert!(receiver.has_changed().unwrap());
    /// receiver.mark_unchanged();
    /// assert!(!receiver.has_changed().unwrap());
    /// drop(sender);
    /// assert!(receiver.has_changed().is_err());
    /// ```
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let now = self.shared.signal.look();
        if now.is_closed() { Err(RecvError(())) } else { Ok(now.version() != self.seen) }
    }

    /// Marks the current value as unseen, so that [`changed`](Self::changed) returns at once.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_sender, mut receiver) = rt_core::sync::watch::channel(1);
    /// receiver.mark_changed();
    /// assert!(receiver.has_changed().unwrap());
    /// ```
    pub fn mark_changed(&mut self) {
        self.seen = self.shared.signal.look().version().before();
    }

    /// Marks the current value as seen, without looking at it.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::watch::channel(1);
    /// sender.send(2).unwrap();
    /// receiver.mark_unchanged();
    /// assert!(!receiver.has_changed().unwrap());
    /// ```
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.signal.look().version();
    }

    /// Waits until there is a value that this receiver hasn't seen, and marks it as seen.
    ///
    /// # Errors
    ///
    /// When all senders have been dropped and the last value has been seen.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it has marked nothing: a change is told by the next call.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, mut receiver) = rt_core::sync::watch::channel(1);
    /// std::thread::spawn(move || sender.send(2).unwrap());
    /// receiver.changed().await.unwrap();
    /// assert_eq!(*receiver.borrow(), 2);
    /// assert!(receiver.changed().await.is_err(), "there is no sender any more");
    /// # });
    /// ```
    pub async fn changed(&mut self) -> Result<(), RecvError> {
        Changed::new(&self.shared.signal, &mut self.seen).await
    }

    /// Waits for a value for which `condition` is true, and marks it as seen.
    ///
    /// It looks at the current value first, seen or not, and then at each it gets to see; several that come
    /// quickly are one to it.
    ///
    /// # Errors
    ///
    /// When all senders have been dropped, and the last value isn't such a one.
    ///
    /// # Panics
    ///
    /// When `condition` does.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, the last value that `condition` refused is marked as seen, and the receiver can go on.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, mut receiver) = rt_core::sync::watch::channel(0);
    /// std::thread::spawn(move || (1..=9).for_each(|value| sender.send(value).unwrap()));
    /// assert!(*receiver.wait_for(|value| *value > 4).await.unwrap() > 4);
    /// assert!(receiver.wait_for(|value| *value > 9).await.is_err());
    /// # });
    /// ```
    pub async fn wait_for(&mut self, mut condition: impl FnMut(&T) -> bool) -> Result<Ref<'_, T>, RecvError> {
        let shared = &*self.shared;
        coop::consume_budget().await;
        loop {
            // Looked at first: if it was closed, the value is the last.
            let closed = shared.signal.look().is_closed();
            {
                let (value, version) = shared.read();
                let has_changed = version != self.seen;
                self.seen = version;
                if condition(&value) {
                    return Ok(Ref::new(value, has_changed));
                }
            }
            if closed {
                return Err(RecvError(()));
            }
            // The version is marked as seen with the value, above. An error means that it is closed now: look
            // once more.
            let mut known = self.seen;
            let _ = Changed::new(&shared.signal, &mut known).await;
        }
    }

    /// Whether all senders have been dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::watch::channel(());
    /// assert!(!receiver.is_closed());
    /// drop(sender);
    /// assert!(receiver.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.shared.signal.look().is_closed()
    }

    /// Whether both receive from the same channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_sender, receiver) = rt_core::sync::watch::channel(());
    /// assert!(receiver.same_channel(&receiver.clone()));
    /// let (_sender, other) = rt_core::sync::watch::channel(());
    /// assert!(!receiver.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.receiver_joins();
        Self::counted(self.shared.clone(), self.seen)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.receiver_leaves();
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the value: it may be locked, by the very one who prints.
        f.debug_struct("Receiver")
            .field("has_changed", &(self.shared.signal.look().version() != self.seen))
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
