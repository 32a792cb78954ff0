//! The values of a watch channel.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use rt_core::sync::watch::Receiver;
use rt_core::sync::watch::error::RecvError;

use super::again::{Again, Made};

/// The values of a watch channel: what is there at first, then what is there after each change. Of several changes
/// between two polls only the last is seen. It ends when all senders are gone and the last change has been seen.
///
/// ```
/// use rt_core::sync::watch;
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::WatchStream;
///
/// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (sender, receiver) = watch::channel("starting");
/// let mut states = WatchStream::new(receiver);
/// assert_eq!(states.next().await, Some("starting"));
/// sender.send("running").unwrap();
/// sender.send("stopping").unwrap();
/// drop(sender);
/// assert_eq!(states.next().await, Some("stopping"));
/// assert_eq!(states.next().await, None);
/// # });
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct WatchStream<T> {
    // The future borrows the receiver while it waits, so it owns it. Its box is made once.
    change: Pin<Box<dyn Again<Begin<T>, Changed<T>> + Send + Sync>>,
}

/// The receiver, and whether to wait for a change or to take what is there.
type Begin<T> = (Receiver<T>, bool);

/// Whether there is something to be seen, and the receiver back.
type Changed<T> = (Result<(), RecvError>, Receiver<T>);

async fn change<T>((mut receiver, waits): Begin<T>) -> Changed<T> {
    let changed = if waits { receiver.changed().await } else { Ok(()) };
    (changed, receiver)
}

impl<T: Clone + Send + Sync + 'static> WatchStream<T> {
    /// Wraps it; the first item is the value that is there, whether or not the receiver has seen it.
    pub fn new(rx: Receiver<T>) -> Self {
        Self::begin(rx, false)
    }

    /// Wraps it; the first item is the first value that the receiver hasn't seen.
    ///
    /// ```
    /// use rt_core::sync::watch;
    /// use rt_stream::StreamExt;
    /// use rt_stream::wrappers::WatchStream;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (sender, receiver) = watch::channel(0);
    /// let mut changes = WatchStream::from_changes(receiver);
    /// sender.send(1).unwrap();
    /// assert_eq!(changes.next().await, Some(1));
    /// # });
    /// ```
    pub fn from_changes(rx: Receiver<T>) -> Self {
        Self::begin(rx, true)
    }

    fn begin(receiver: Receiver<T>, waits: bool) -> Self {
        Self { change: Box::pin(Made::new(change, (receiver, waits))) }
    }
}

impl<T: Clone + Send + Sync + 'static> Stream for WatchStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let (changed, mut receiver) = ready!(self.change.as_mut().poll(cx));
        // A panic in the value's `clone` leaves a stream that can be polled again.
        let value =
            changed.ok().map(|()| catch_unwind(AssertUnwindSafe(|| receiver.borrow_and_update().clone())));
        self.change.as_mut().begin((receiver, true));
        Poll::Ready(value.map(|value| value.unwrap_or_else(|panic| resume_unwind(panic))))
    }
}

impl<T> fmt::Debug for WatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream").finish_non_exhaustive()
    }
}

impl<T: Clone + Send + Sync + 'static> From<Receiver<T>> for WatchStream<T> {
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}
