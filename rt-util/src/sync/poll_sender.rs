//! A sender for those who implement `poll` functions.

mod reserving;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_sink::Sink;
use rt_core::sync::mpsc::error::{SendError, TrySendError};
use rt_core::sync::mpsc::{OwnedPermit, Sender};
use rt_core::task::coop;

use reserving::Reserving;

/// A [`Sender`] whose slots are reserved by a `poll` function. As a sink, it sends each item to the channel.
///
/// First [`poll_reserve`](Self::poll_reserve), or [`poll_ready`](Sink::poll_ready) of the sink, has to give a slot; then an item can be
/// sent, at once. It waits in the channel's line from a poll that is pending to the one that isn't, and keeps the
/// slot until an item is sent: [`abort_send`](Self::abort_send) gives either back.
///
/// A clone shares the channel, and has neither the place in the line nor the slot.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use rt_core::sync::mpsc;
/// use rt_util::sync::PollSender;
///
/// # futures::executor::block_on(async {
/// let (sender, mut receiver) = mpsc::channel(1);
/// let mut sender = PollSender::new(sender);
/// poll_fn(|cx| sender.poll_reserve(cx)).await?;
/// sender.send_item("an item")?;
/// assert_eq!(receiver.recv().await, Some("an item"));
/// # Ok::<(), rt_util::sync::PollSendError<&str>>(()) }).unwrap();
/// ```
pub struct PollSender<T> {
    /// There until it's closed.
    sender: Option<Sender<T>>,
    state: State<T>,
    /// The last wait for a slot. Over unless the state says otherwise: then only its memory is of use.
    reserving: Option<Reserving<T>>,
}

enum State<T> {
    Idle,
    /// `reserving` waits for a slot.
    Reserving,
    /// There's a slot. It remains when the sender is closed.
    Reserved(OwnedPermit<T>),
}

impl<T: Send> PollSender<T> {
    /// Wraps a sender.
    pub fn new(sender: Sender<T>) -> Self {
        Self { sender: Some(sender), state: State::Idle, reserving: None }
    }

    /// Reserves a slot, and waits while there is none. With a slot that is reserved already, it's ready at once. The
    /// last caller is woken.
    ///
    /// # Errors
    ///
    /// When the receiver is gone or has closed the channel, or when this sender is closed. It holds no item.
    pub fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), PollSendError<T>>> {
        let outcome = match &self.state {
            State::Reserved(_) => return Poll::Ready(Ok(())),
            State::Reserving => {
                let reserving = self.reserving.as_mut().expect("the state says that it's there");
                ready!(reserving.poll(cx))
            }
            State::Idle => {
                let Some(sender) = &self.sender else { return Poll::Ready(Err(PollSendError(None))) };
                let coop = ready!(coop::poll_proceed(cx));
                match sender.clone().try_reserve_owned() {
                    Ok(permit) => {
                        coop.made_progress();
                        Ok(permit)
                    }
                    Err(TrySendError::Closed(_)) => Err(SendError(())),
                    Err(TrySendError::Full(sender)) => {
                        drop(coop);
                        let reserving = Reserving::start(self.reserving.take(), sender);
                        self.state = State::Reserving;
                        ready!(self.reserving.insert(reserving).poll(cx))
                    }
                }
            }
        };
        match outcome {
            Ok(permit) => {
                self.state = State::Reserved(permit);
                Poll::Ready(Ok(()))
            }
            Err(_) => {
                // It never opens again.
                self.state = State::Idle;
                self.close();
                Poll::Ready(Err(PollSendError(None)))
            }
        }
    }

    /// Sends an item to the slot that was reserved.
    ///
    /// A receiver that has gone meanwhile, or is going to, doesn't take it: that isn't an error.
    ///
    /// # Errors
    ///
    /// When this sender is closed and no slot was reserved before. The error holds the item.
    ///
    /// # Panics
    ///
    /// When no slot is reserved and the sender isn't closed.
    #[track_caller]
    pub fn send_item(&mut self, value: T) -> Result<(), PollSendError<T>> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Reserved(permit) => {
                permit.send(value);
                Ok(())
            }
            _ if self.sender.is_none() => Err(PollSendError(Some(value))),
            other => {
                self.state = other;
                panic!("`poll_reserve` has to be ready before an item is sent");
            }
        }
    }

    /// Whether this sender is closed, by [`close`](Self::close) or since `poll_reserve` has found that the channel is.
    pub fn is_closed(&self) -> bool {
        self.sender.is_none()
    }

    /// The sender; `None` when this one is closed.
    pub fn get_ref(&self) -> Option<&Sender<T>> {
        self.sender.as_ref()
    }

    /// Closes this sender. Other senders go on; the receiver finds the end when all are gone.
    ///
    /// A slot that is reserved can still be used, by one [`send_item`](Self::send_item), or be given back by
    /// [`abort_send`](Self::abort_send). A place in the line is given up.
    pub fn close(&mut self) {
        self.sender = None;
        if let State::Reserving = self.state {
            self.abort_send();
        }
    }

    /// Gives back the slot, or the place in the line; gives whether there was one.
    pub fn abort_send(&mut self) -> bool {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => false,
            State::Reserving => {
                self.reserving = None;
                true
            }
            State::Reserved(permit) => {
                drop(permit.release());
                true
            }
        }
    }
}

impl<T: Send> Sink<T> for PollSender<T> {
    type Error = PollSendError<T>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_reserve(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), Self::Error> {
        self.send_item(item)
    }

    /// Ready at once: what was sent is in the channel.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.close();
        Poll::Ready(Ok(()))
    }
}

impl<T> Clone for PollSender<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), state: State::Idle, reserving: None }
    }
}

impl<T: fmt::Debug> fmt::Debug for PollSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollSender").field("sender", &self.sender).finish_non_exhaustive()
    }
}

/// The channel, or the [`PollSender`], is closed.
#[derive(Debug)]
pub struct PollSendError<T>(Option<T>);

impl<T> PollSendError<T> {
    /// The item that couldn't be sent. [`poll_reserve`](PollSender::poll_reserve) knows of none.
    pub fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T> fmt::Display for PollSendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T: fmt::Debug> Error for PollSendError<T> {}
