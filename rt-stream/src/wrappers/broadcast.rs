//! What a broadcast channel receives.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use rt_core::sync::broadcast::Receiver;
use rt_core::sync::broadcast::error::RecvError;

use super::again::{Again, Made};
use super::errors::BroadcastStreamRecvError;

/// The messages of a broadcast channel. It ends when all senders are gone; messages that came too fast for
/// this receiver are an error, after which it goes on with the oldest that there is.
///
/// ```
/// use rt_core::sync::broadcast;
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::BroadcastStream;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sender, receiver) = broadcast::channel(4);
/// sender.send(1).unwrap();
/// drop(sender);
/// assert_eq!(BroadcastStream::new(receiver).collect::<Vec<_>>().await, [Ok(1)]);
/// # });
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct BroadcastStream<T> {
    // The future borrows the receiver while it waits, so it owns it. Its box is made once.
    recv: Pin<Box<dyn Again<Receiver<T>, Received<T>> + Send + Sync>>,
}

impl<T: Clone + Send + 'static> BroadcastStream<T> {
    /// Wraps it.
    pub fn new(rx: Receiver<T>) -> Self {
        Self { recv: Box::pin(Made::new(recv, rx)) }
    }
}

/// What a receive gives: the message, and the receiver back.
type Received<T> = (Result<T, RecvError>, Receiver<T>);

async fn recv<T: Clone>(mut receiver: Receiver<T>) -> Received<T> {
    let message = receiver.recv().await;
    (message, receiver)
}

impl<T: Clone + Send + 'static> Stream for BroadcastStream<T> {
    type Item = Result<T, BroadcastStreamRecvError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (message, receiver) = ready!(self.recv.as_mut().poll(cx));
        self.recv.as_mut().begin(receiver);
        Poll::Ready(match message {
            Ok(message) => Some(Ok(message)),
            Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(missed)) => Some(Err(BroadcastStreamRecvError::Lagged(missed))),
        })
    }
}

impl<T> fmt::Debug for BroadcastStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastStream").finish_non_exhaustive()
    }
}

impl<T: Clone + Send + 'static> From<Receiver<T>> for BroadcastStream<T> {
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}
