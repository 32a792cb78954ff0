//! Senders that don't keep the channel open.

use std::fmt;

use super::sender::Sender;
use super::shared::Shared;
use crate::shim::sync::Arc;

/// A sender that doesn't keep the channel open: it closes when only weak ones are left.
///
/// Made by [`Sender::downgrade`]. To send, [`upgrade`](Self::upgrade) it.
///
/// # Examples
///
/// ```
/// use rt_core::sync::broadcast::{self, error::TryRecvError};
///
/// let (sender, mut receiver) = broadcast::channel(8);
/// let weak = sender.downgrade();
/// weak.upgrade().expect("there is a sender").send(1).unwrap();
/// drop(sender);
/// assert!(weak.upgrade().is_none());
/// assert_eq!(receiver.try_recv(), Ok(1));
/// assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
/// ```
pub struct WeakSender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WeakSender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        shared.weak_join();
        Self { shared }
    }

    /// A sender, unless the last one has been dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::broadcast::Sender::<u32>::new(8);
    /// assert!(sender.downgrade().upgrade().is_some());
    /// ```
    #[must_use = "an upgraded sender that is dropped at once does nothing"]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.shared.rejoin().then(|| Sender::counted(self.shared.clone()))
    }

    /// How many senders the channel has that keep it open.
    ///
    /// # Examples
    ///
    /// ```
    /// let sender = rt_core::sync::broadcast::Sender::<u32>::new(8);
    /// let weak = sender.downgrade();
    /// assert_eq!(weak.strong_count(), 1);
    /// drop(sender);
    /// assert_eq!(weak.strong_count(), 0);
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
    /// let weak = sender.downgrade();
    /// assert_eq!(weak.clone().weak_count(), 2);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.shared.weak_count()
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self::new(self.shared.clone())
    }
}

impl<T> Drop for WeakSender<T> {
    fn drop(&mut self) {
        self.shared.weak_part();
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broadcast::WeakSender")
    }
}
