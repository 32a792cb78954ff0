//! The receiving side of a bounded channel.

use std::fmt;
use std::future::poll_fn;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::task::{Context, Poll};

use super::chan::Chan;
use super::error::TryRecvError;
use super::room::Bounded;
use crate::coop::region;
use crate::shim::sync::Arc;

/// Receives from a bounded channel.
///
/// Made by [`channel`](super::channel). Dropping it ends the channel and drops the messages in it.
pub struct Receiver<T> {
    chan: Arc<Chan<T, Bounded>>,
}

impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}

impl<T> Receiver<T> {
    pub(super) fn new(chan: Arc<Chan<T, Bounded>>) -> Self {
        Self { chan }
    }

    /// Waits for the next message; `None` when the channel has ended.
    ///
    /// It has ended when it is empty and no sender is left, or when it is empty after
    /// [`close`](Self::close) and no [`Permit`](super::Permit) is left.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it has received nothing, and no message is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// std::thread::spawn(move || tx.blocking_send("hello").unwrap());
    /// assert_eq!(rx.recv().await, Some("hello"));
    /// assert_eq!(rx.recv().await, None);
    /// # });
    /// ```
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Waits until there is a message, and appends up to `limit` that are there to `buffer`.
    ///
    /// Returns how many that were: 0 when the channel has ended, or `limit` is 0. The buffer grows as needed.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it has received nothing, and no message is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// for number in 1..=3 {
    ///     tx.try_send(number).unwrap();
    /// }
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.recv_many(&mut buffer, 2).await, 2);
    /// assert_eq!(rx.recv_many(&mut buffer, 2).await, 1);
    /// assert_eq!(buffer, [1, 2, 3]);
    /// # });
    /// ```
    pub async fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        poll_fn(|cx| self.poll_recv_many(cx, buffer, limit)).await
    }

    /// Takes the next message if there is one, without waiting.
    ///
    /// It doesn't miss a message whose `send` has returned, also while another sender is in the middle of
    /// sending one that comes before it; for that moment, it blocks.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] when there is none now, [`TryRecvError::Disconnected`] when there will be none.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::mpsc::{self, error::TryRecvError};
    ///
    /// let (tx, mut rx) = mpsc::channel(10);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.try_send(1).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        // SAFETY: we are the receiver, borrowed mutably.
        unsafe { self.chan.try_recv() }
    }

    /// Blocks the calling thread until there is a message; `None` when the channel has ended.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code: it would block the thread that runs the other tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// let thread = std::thread::spawn(move || rx.blocking_recv());
    /// tx.try_send(1).unwrap();
    /// assert_eq!(thread.join().unwrap(), Some(1));
    /// ```
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        region::block_on(self.recv())
    }

    /// Blocks the calling thread until there is a message, and appends up to `limit` that are there.
    ///
    /// It returns as [`recv_many`](Self::recv_many) does.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// tx.try_send(1).unwrap();
    /// tx.try_send(2).unwrap();
    /// let mut buffer = Vec::new();
    /// assert_eq!(rx.blocking_recv_many(&mut buffer, 10), 2);
    /// assert_eq!(buffer, [1, 2]);
    /// ```
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        region::block_on(self.recv_many(buffer, limit))
    }

    /// Ends the channel: sending fails from now on, and senders that wait learn of it.
    ///
    /// What was sent, and what is sent by a [`Permit`](super::Permit) that is there already, can still be received. To lose nothing, receive
    /// until `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// tx.try_send(1).unwrap();
    /// rx.close();
    /// assert!(tx.try_send(2).is_err());
    /// assert_eq!(rx.recv().await, Some(1));
    /// assert_eq!(rx.recv().await, None);
    /// # });
    /// ```
    pub fn close(&mut self) {
        self.chan.close();
    }

    /// Whether nothing more can be sent, except by permits: it was
    /// [closed](Self::close), or no sender is left.
    ///
    /// Messages may still be in it.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// tx.try_send(1).unwrap();
    /// assert!(!rx.is_closed());
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    pub fn is_closed(&self) -> bool {
        self.chan.is_closed()
    }

    /// Whether no message is in the channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = rt_core::sync::mpsc::channel(10);
    /// assert!(rx.is_empty());
    /// tx.try_send(1).unwrap();
    /// assert!(!rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages are in the channel.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = rt_core::sync::mpsc::channel(10);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(rx.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        // SAFETY: we are the receiver, and what needs it alone borrows it mutably.
        unsafe { self.chan.len() }
    }

    /// For how many more messages there is room: none while senders wait for room.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = rt_core::sync::mpsc::channel(5);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(rx.capacity(), 4);
    /// ```
    pub fn capacity(&self) -> usize {
        self.chan.room.available(self.chan.tail())
    }

    /// For how many messages there is room when the channel is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_tx, rx) = rt_core::sync::mpsc::channel::<u32>(5);
    /// assert_eq!(rx.max_capacity(), 5);
    /// ```
    pub fn max_capacity(&self) -> usize {
        self.chan.room.capacity
    }

    /// Takes the next message; when there is none, has the task woken when that changes.
    ///
    /// Only the task of the last call is woken.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::poll_fn;
    ///
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// tx.try_send(1).unwrap();
    /// assert_eq!(poll_fn(|cx| rx.poll_recv(cx)).await, Some(1));
    /// # });
    /// ```
    #[inline]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        // SAFETY: we are the receiver, borrowed mutably.
        unsafe { self.chan.poll_recv(cx) }
    }

    /// Appends up to `limit` messages that are there to `buffer`; when there is none, has the task woken when
    /// that changes.
    ///
    /// It returns as [`recv_many`](Self::recv_many) does. Only the task of the last call is woken.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::poll_fn;
    ///
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = rt_core::sync::mpsc::channel(10);
    /// tx.try_send(1).unwrap();
    /// let mut buffer = Vec::new();
    /// assert_eq!(poll_fn(|cx| rx.poll_recv_many(cx, &mut buffer, 10)).await, 1);
    /// # });
    /// ```
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        // SAFETY: we are the receiver, borrowed mutably.
        unsafe { self.chan.poll_recv_many(cx, buffer, limit) }
    }

    /// How many senders there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = rt_core::sync::mpsc::channel::<u32>(10);
    /// let _other = tx.clone();
    /// assert_eq!(rx.sender_strong_count(), 2);
    /// ```
    pub fn sender_strong_count(&self) -> usize {
        self.chan.senders()
    }

    /// How many weak senders there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = rt_core::sync::mpsc::channel::<u32>(10);
    /// let _weak = tx.downgrade();
    /// assert_eq!(rx.sender_weak_count(), 1);
    /// ```
    pub fn sender_weak_count(&self) -> usize {
        self.chan.weak_senders()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // SAFETY: we are the receiver, borrowed mutably.
        unsafe { self.chan.drop_receiver() };
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
