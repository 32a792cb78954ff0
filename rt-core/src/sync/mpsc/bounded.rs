//! The sending side of a bounded channel.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::chan::Chan;
use super::error::{SendError, TrySendError};
use super::permit::{OwnedPermit, Permit, PermitIterator};
use super::receiver::Receiver;
use super::room::{Bounded, Reserve};
use crate::coop::{self, region};
use crate::shim::sync::Arc;
use crate::sync::error::TryAcquireError;
use crate::sync::permits::MAX_PERMITS;

/// A channel with room for `buffer` messages.
///
/// Memory grows with what is in it, not with `buffer`.
///
/// # Panics
///
/// When `buffer` is 0, or more than [`Semaphore::MAX_PERMITS`](crate::sync::Semaphore::MAX_PERMITS).
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = rt_core::sync::mpsc::channel(2);
/// tx.send("hello").await.unwrap();
/// assert_eq!(rx.recv().await, Some("hello"));
/// # });
/// ```
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(buffer > 0, "mpsc bounded channel requires buffer > 0");
    assert!(buffer <= MAX_PERMITS, "a channel may not have room for more than MAX_PERMITS messages");
    let room = Bounded::new(buffer);
    let in_tail = room.in_tail();
    let chan = Arc::new(Chan::new(room, in_tail));
    (Sender { chan: chan.clone() }, Receiver::new(chan))
}

/// Sends into a bounded channel.
///
/// Made by [`channel`]. Clones send into the same channel.
pub struct Sender<T> {
    chan: Arc<Chan<T, Bounded>>,
}

impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}

impl<T> Sender<T> {
    pub(super) fn chan(&self) -> &Chan<T, Bounded> {
        &self.chan
    }

    /// Waits for room, and sends a message.
    ///
    /// `Ok` doesn't mean that it will be received: the receiver may still go without looking.
    ///
    /// # Errors
    ///
    /// The message, when the receiver has gone or has closed the channel.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it hasn't sent the message, which is dropped, and its place in the line is lost. To keep the
    /// message, [`reserve`](Self::reserve) a place first.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = rt_core::sync::mpsc::channel(1);
    /// tx.send(1).await.unwrap();
    /// drop(rx);
    /// assert_eq!(tx.send(2).await.unwrap_err().0, 2);
    /// # });
    /// ```
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        let value = match self.send_now(value) {
            Ok(()) => return Ok(()),
            Err(value) => value,
        };
        if self.reserve_room(1).await.is_err() {
            return Err(SendError(value));
        }
        self.chan.push_reserved(value);
        Ok(())
    }

    /// Sends a message if there's room, nobody waits for it, and the task has budget left. What `send` comes to as a
    /// rule: a permit, which it waits for otherwise, is one exchange more.
    #[inline]
    fn send_now(&self, value: T) -> Result<(), T> {
        if !coop::has_budget_remaining() {
            return Err(value);
        }
        self.chan.push(value)?;
        coop::spend();
        Ok(())
    }

    fn reserve_room(&self, n: usize) -> Reserve<'_> {
        self.chan.room.reserve(self.chan.tail(), n)
    }

    /// Waits until the receiver has gone or has closed the channel.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// std::thread::spawn(move || drop(rx));
    /// tx.closed().await;
    /// assert!(tx.is_closed());
    /// # });
    /// ```
    pub async fn closed(&self) {
        self.chan.closed().await;
    }

    /// Sends a message if there is room, without waiting.
    ///
    /// # Errors
    ///
    /// The message, in [`TrySendError::Full`] when there is no room, and in [`TrySendError::Closed`] when the
    /// receiver has gone or has closed the channel.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::mpsc::{self, error::TrySendError};
    ///
    /// let (tx, rx) = mpsc::channel(1);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// drop(rx);
    /// assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let value = match self.chan.push(value) {
            Ok(()) => return Ok(()),
            Err(value) => value,
        };
        match self.take_room(1) {
            Ok(()) => {
                self.chan.push_reserved(value);
                Ok(())
            }
            Err(TrySendError::Full(())) => Err(TrySendError::Full(value)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(value)),
        }
    }

    /// Blocks the calling thread until there is room, and sends a message.
    ///
    /// # Errors
    ///
    /// The message, when the receiver has gone or has closed the channel.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code: it would block the thread that runs the other tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(1);
    /// let thread = std::thread::spawn(move || tx.blocking_send(5));
    /// assert_eq!(rx.blocking_recv(), Some(5));
    /// # thread.join().unwrap().unwrap();
    /// ```
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        region::block_on(self.send(value))
    }

    /// Whether the receiver has gone or has closed the channel, so that sending fails.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// assert!(!tx.is_closed());
    /// rx.close();
    /// assert!(tx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.chan.is_closed()
    }

    /// Waits for room for one message, and keeps it for the caller.
    ///
    /// # Errors
    ///
    /// When the receiver has gone or has closed the channel.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it has taken no room, and its place in the line is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(1);
    /// let permit = tx.reserve().await.unwrap();
    /// assert!(tx.try_send(1).is_err());
    /// permit.send(2);
    /// assert_eq!(rx.recv().await, Some(2));
    /// # });
    /// ```
    pub async fn reserve(&self) -> Result<Permit<'_, T>, SendError<()>> {
        self.reserve_room(1).await.map_err(|_| SendError(()))?;
        Ok(Permit::new(self.chan()))
    }

    /// Waits for room for `n` messages, all at once, and keeps it for the caller.
    ///
    /// # Errors
    ///
    /// When the receiver has gone or has closed the channel, and when `n` exceeds
    /// [`max_capacity`](Self::max_capacity), since there will never be so much room.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it has taken no room, and its place in the line is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(3);
    /// for (permit, number) in tx.reserve_many(2).await.unwrap().zip(1..) {
    ///     permit.send(number);
    /// }
    /// assert_eq!((rx.recv().await, rx.recv().await), (Some(1), Some(2)));
    /// # });
    /// ```
    pub async fn reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, SendError<()>> {
        if n > self.max_capacity() {
            return Err(SendError(()));
        }
        self.reserve_room(n).await.map_err(|_| SendError(()))?;
        Ok(PermitIterator::new(self.chan(), n))
    }

    /// Waits for room for one message, and keeps it for the caller, together with the sender.
    ///
    /// # Errors
    ///
    /// When the receiver has gone or has closed the channel.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it has taken no room, its place in the line is lost, and the sender is dropped; clone it
    /// before if it is needed.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(1);
    /// let permit = tx.reserve_owned().await.unwrap();
    /// let tx = permit.send(1);
    /// assert_eq!(rx.recv().await, Some(1));
    /// # drop(tx);
    /// # });
    /// ```
    pub async fn reserve_owned(self) -> Result<OwnedPermit<T>, SendError<()>> {
        self.reserve_room(1).await.map_err(|_| SendError(()))?;
        Ok(OwnedPermit::new(self))
    }

    /// Takes room for one message if there is some, without waiting.
    ///
    /// # Errors
    ///
    /// [`TrySendError::Full`] when there is no room, [`TrySendError::Closed`] when the receiver has gone or
    /// has closed the channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(1);
    /// let permit = tx.try_reserve().unwrap();
    /// assert!(tx.try_reserve().is_err());
    /// permit.send(5);
    /// assert_eq!(rx.try_recv(), Ok(5));
    /// ```
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        self.take_room(1)?;
        Ok(Permit::new(self.chan()))
    }

    /// Takes room for `n` messages if there is so much, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_reserve`](Self::try_reserve).
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = rt_core::sync::mpsc::channel(3);
    /// assert!(tx.try_reserve_many(4).is_err());
    /// for permit in tx.try_reserve_many(2).unwrap() {
    ///     permit.send(5);
    /// }
    /// assert_eq!(rx.len(), 2);
    /// ```
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        self.take_room(n)?;
        Ok(PermitIterator::new(self.chan(), n))
    }

    /// Takes room for one message, together with the sender, if there is some, without waiting.
    ///
    /// # Errors
    ///
    /// The sender; otherwise as [`try_reserve`](Self::try_reserve).
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(1);
    /// let permit = tx.clone().try_reserve_owned().unwrap();
    /// let tx = tx.try_reserve_owned().unwrap_err().into_inner();
    /// permit.send(5);
    /// assert_eq!(rx.try_recv(), Ok(5));
    /// # drop(tx);
    /// ```
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.take_room(1) {
            Ok(()) => Ok(OwnedPermit::new(self)),
            Err(TrySendError::Full(())) => Err(TrySendError::Full(self)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(self)),
        }
    }

    fn take_room(&self, n: usize) -> Result<(), TrySendError<()>> {
        self.chan.room.try_take(self.chan.tail(), n).map_err(|error| match error {
            TryAcquireError::NoPermits => TrySendError::Full(()),
            TryAcquireError::Closed => TrySendError::Closed(()),
        })
    }

    /// Whether both send into the same channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// let (other, _rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// assert!(tx.same_channel(&tx.clone()));
    /// assert!(!tx.same_channel(&other));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.chan, &other.chan)
    }

    /// For how many more messages there is room: none while others wait for room.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = rt_core::sync::mpsc::channel(5);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.capacity(), 4);
    /// ```
    pub fn capacity(&self) -> usize {
        self.chan.room.available(self.chan.tail())
    }

    /// For how many messages there is room when the channel is empty: what [`channel`] was called with.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = rt_core::sync::mpsc::channel(5);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(tx.max_capacity(), 5);
    /// ```
    pub fn max_capacity(&self) -> usize {
        self.chan.room.capacity
    }

    /// A handle that doesn't keep the channel open.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// let weak = tx.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(tx);
    /// assert!(weak.upgrade().is_none());
    /// assert_eq!(rx.blocking_recv(), None);
    /// ```
    #[must_use = "this doesn't drop the sender"]
    pub fn downgrade(&self) -> WeakSender<T> {
        self.chan.add_weak();
        WeakSender { chan: self.chan.clone() }
    }

    /// How many senders there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// let _other = tx.clone();
    /// assert_eq!(tx.strong_count(), 2);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.chan.senders()
    }

    /// How many [`WeakSender`]s there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// let _weak = tx.downgrade();
    /// assert_eq!(tx.weak_count(), 1);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.chan.weak_senders()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.chan.add_sender();
        Self { chan: self.chan.clone() }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.chan.remove_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("capacity", &self.capacity())
            .field("max_capacity", &self.max_capacity())
            .field("closed", &self.is_closed())
            .finish()
    }
}

/// A handle of a bounded channel that doesn't keep it open.
///
/// Made by [`Sender::downgrade`]. The channel ends when no [`Sender`] is left, whatever weak ones there are.
pub struct WeakSender<T> {
    chan: Arc<Chan<T, Bounded>>,
}

impl<T> UnwindSafe for WeakSender<T> {}
impl<T> RefUnwindSafe for WeakSender<T> {}

impl<T> WeakSender<T> {
    /// A sender, if there is still one.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(1);
    /// let weak = tx.downgrade();
    /// weak.upgrade().unwrap().try_send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.chan.revive_sender().then(|| Sender { chan: self.chan.clone() })
    }

    /// How many senders there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// assert_eq!(tx.downgrade().strong_count(), 1);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.chan.senders()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = rt_core::sync::mpsc::channel::<u32>(1);
    /// assert_eq!(tx.downgrade().weak_count(), 1);
    /// ```
    pub fn weak_count(&self) -> usize {
        self.chan.weak_senders()
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        self.chan.add_weak();
        Self { chan: self.chan.clone() }
    }
}

impl<T> Drop for WeakSender<T> {
    fn drop(&mut self) {
        self.chan.remove_weak();
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
