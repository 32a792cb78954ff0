//! The receiving side.

use std::fmt;

use super::error::{RecvError, TryRecvError};
use super::recv::Recv;
use super::shared::Shared;
use crate::coop::region;
use crate::shim::sync::Arc;

/// Receives all values that are sent through a channel since it was made.
///
/// Made by [`channel`](super::channel), [`Sender::subscribe`](super::Sender::subscribe) or
/// [`resubscribe`](Self::resubscribe).
///
/// # Examples
///
/// ```
/// use rt_core::sync::broadcast::{self, error::RecvError};
///
/// # futures::executor::block_on(async {
/// let (sender, mut receiver) = broadcast::channel(16);
/// std::thread::spawn(move || (1..=3).for_each(|value| assert_eq!(sender.send(value).unwrap(), 1)));
/// let mut sum = 0;
/// loop {
///     match receiver.recv().await {
///         Ok(value) => sum += value,
///         Err(RecvError::Lagged(missed)) => eprintln!("{missed} values missed"),
///         Err(RecvError::Closed) => break,
///     }
/// }
/// assert_eq!(sum, 6);
/// # });
/// ```
pub struct Receiver<T> {
    pub(super) shared: Arc<Shared<T>>,
    /// The position of the value it gets next.
    pub(super) next: u64,
}

impl<T> Receiver<T> {
    #[track_caller]
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        let next = shared.enter();
        Self { shared, next }
    }

    /// How many values were sent that this receiver has yet to receive.
    ///
    /// Those that have been overwritten are counted: when it is more than the capacity, rounded up to a power of
    /// two, the next call returns `Lagged`.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::broadcast::channel(8);
    /// sender.send(1).unwrap();
    /// sender.send(2).unwrap();
    /// receiver.try_recv().unwrap();
    /// assert_eq!(receiver.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        usize::try_from(self.shared.end() - self.next).unwrap_or(usize::MAX)
    }

    /// Whether the receiver has received everything that was sent.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel(8);
    /// assert!(receiver.is_empty());
    /// sender.send(1).unwrap();
    /// assert!(!receiver.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether both receive from the same channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel::<u32>(8);
    /// assert!(receiver.same_channel(&sender.subscribe()));
    /// let (_sender, other) = rt_core::sync::broadcast::channel(8);
    /// assert!(!receiver.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Whether all senders have been dropped. There may still be values to receive.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel::<u32>(8);
    /// assert!(!receiver.is_closed());
    /// drop(sender);
    /// assert!(receiver.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// How many senders the channel has that keep it open.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel::<u32>(8);
    /// let _other = sender.clone();
    /// assert_eq!(receiver.sender_strong_count(), 2);
    /// ```
    pub fn sender_strong_count(&self) -> usize {
        self.shared.strong_count()
    }

    /// How many weak senders the channel has.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel::<u32>(8);
    /// let _weak = sender.downgrade();
    /// assert_eq!(receiver.sender_weak_count(), 1);
    /// ```
    pub fn sender_weak_count(&self) -> usize {
        self.shared.weak_count()
    }
}

impl<T: Clone> Receiver<T> {
    /// A new receiver of the same channel, of what is sent from now on: not of what this one has yet to
    /// receive.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::broadcast::channel(8);
    /// sender.send("missed").unwrap();
    /// let mut late = receiver.resubscribe();
    /// sender.send("seen").unwrap();
    /// assert_eq!(late.try_recv(), Ok("seen"));
    /// ```
    #[track_caller]
    pub fn resubscribe(&self) -> Self {
        Self::new(self.shared.clone())
    }

    /// Waits for the next value.
    ///
    /// # Errors
    ///
    /// [`RecvError::Lagged`] when values were overwritten that this receiver hadn't seen: the next call goes on with
    /// the oldest that is left. [`RecvError::Closed`] when all senders are gone and there is nothing left.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it has received nothing: the value comes with the next call.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, mut receiver) = rt_core::sync::broadcast::channel(8);
    /// std::thread::spawn(move || sender.send(7).unwrap());
    /// assert_eq!(receiver.recv().await, Ok(7));
    /// # });
    /// ```
    pub async fn recv(&mut self) -> Result<T, RecvError> {
        Recv::new(self).await
    }

    /// Takes the next value if there is one, without waiting.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), and [`TryRecvError::Empty`] when there is nothing to receive now.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::broadcast::{self, error::TryRecvError};
    ///
    /// let (sender, mut receiver) = broadcast::channel(8);
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    /// sender.send(1).unwrap();
    /// drop(sender);
    /// assert_eq!(receiver.try_recv(), Ok(1));
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        loop {
            if let Some(value) = self.take() {
                return Ok(value);
            }
            let closed = self.shared.is_closed();
            if self.shared.end() <= self.next {
                return Err(if closed { TryRecvError::Closed } else { TryRecvError::Empty });
            }
            // It came since we looked, or it is being overwritten: then the lock waits until the end says so.
            let missed = self.shared.missed(&self.shared.line().lock(), self.next);
            if let Some((missed, next)) = missed {
                self.next = next;
                return Err(TryRecvError::Lagged(missed));
            }
        }
    }

    /// Blocks the calling thread until there is a value.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Panics
    ///
    /// When called in asynchronous code: it would block the thread that runs the other tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::broadcast::channel(8);
    /// let thread = std::thread::spawn(move || receiver.blocking_recv());
    /// sender.send(1).unwrap();
    /// assert_eq!(thread.join().unwrap(), Ok(1));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        region::block_on(self.recv())
    }

    /// The next value if it has been sent and its slot has it still.
    #[inline]
    pub(super) fn take(&mut self) -> Option<T> {
        // Not by a look at the slot: receivers that want what isn't there yet would take it from those that fill it.
        if self.next == self.shared.end() {
            return None;
        }
        self.shared.slot(self.next).see(&mut self.next)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.leave(self.next);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broadcast::Receiver")
    }
}
