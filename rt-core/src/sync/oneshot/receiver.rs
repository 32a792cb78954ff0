//! The receiving side.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll, RawWakerVTable, Waker, ready};

use super::error::{RecvError, TryRecvError};
use super::shared::{Shared, Snapshot};
use crate::base::trace;
use crate::coop::{self, region};

/// Which waker is registered.
type Identity = (*const (), *const RawWakerVTable);

/// Receives the one value of a channel, by being awaited.
///
/// Made by [`channel`](super::channel). To wait for it in a loop that also waits for other things, poll it
/// by reference: `&mut receiver` is a future, too.
///
/// # Cancel safety
///
/// As long as the receiver itself is kept, no value is lost.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let (sender, receiver) = rt_core::sync::oneshot::channel();
/// sender.send(3).unwrap();
/// assert_eq!(receiver.await, Ok(3));
/// # });
/// ```
pub struct Receiver<T> {
    /// `None` once the channel has yielded its value or its end.
    shared: Option<NonNull<Shared<T>>>,
    /// What identifies the waker that is registered, so that polling again with it costs one load.
    registered: Identity,
    trace: trace::Resource,
    waiting: trace::Waiting,
}

// SAFETY: it gives out a `T`, and shares nothing else but atomics and wakers; `registered` is only compared.
unsafe impl<T: Send> Send for Receiver<T> {}
// SAFETY: a shared receiver only looks at the state.
unsafe impl<T: Send> Sync for Receiver<T> {}

impl<T> Unpin for Receiver<T> {}

impl<T> Receiver<T> {
    pub(super) fn new(shared: NonNull<Shared<T>>, trace: trace::Resource, waiting: trace::Waiting) -> Self {
        Self { shared: Some(shared), registered: (ptr::null(), ptr::null()), trace, waiting }
    }

    fn look(&self) -> Option<Snapshot> {
        // SAFETY: it lives until the receiver leaves.
        self.shared.map(|shared| unsafe { shared.as_ref() }.look())
    }

    /// Ends the channel: from now on `send` fails. A value that was sent before can still be received.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::oneshot::channel();
    /// receiver.close();
    /// assert_eq!(sender.send(1), Err(1));
    /// assert!(receiver.try_recv().is_err());
    /// ```
    pub fn close(&mut self) {
        if let Some(shared) = self.shared {
            // SAFETY: we are the receiver, and stay.
            unsafe { Shared::close(shared, false) };
        }
    }

    /// Whether the channel has yielded its value or its end, by being polled or by `try_recv`, so that it
    /// must not be polled any more.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::oneshot::channel();
    /// sender.send(1).unwrap();
    /// assert!(!receiver.is_terminated());
    /// receiver.try_recv().unwrap();
    /// assert!(receiver.is_terminated());
    /// ```
    pub fn is_terminated(&self) -> bool {
        self.shared.is_none()
    }

    /// Whether there is no value in the channel, since none was sent yet, none will be, or it was taken.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::oneshot::channel();
    /// assert!(receiver.is_empty());
    /// sender.send(1).unwrap();
    /// assert!(!receiver.is_empty());
    /// receiver.try_recv().unwrap();
    /// assert!(receiver.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        !self.look().is_some_and(Snapshot::has_value)
    }

    /// Takes the value if it has been sent, without waiting.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] when nothing was sent yet, [`TryRecvError::Closed`] when nothing will come: the
    /// receiver has yielded then, as it has with the value, and isn't to be polled any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::oneshot::{self, error::TryRecvError};
    ///
    /// let (sender, mut receiver) = oneshot::channel();
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.try_recv(), Ok(1));
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let (Some(shared), Some(now)) = (self.shared, self.look()) else { return Err(TryRecvError::Closed) };
        if !now.is_sent() && !now.is_closed() {
            return Err(TryRecvError::Empty);
        }
        self.tell(now);
        self.shared = None;
        // SAFETY: we are the receiver, and have forgotten the channel.
        unsafe { Shared::finish(shared, now) }.ok_or(TryRecvError::Closed)
    }

    /// Has it traced whether a value was received.
    /// Tells of a value that is about to be received: a subscriber may panic, and later it would be lost by that.
    fn tell(&self, now: Snapshot) {
        if now.has_value() {
            self.trace.update(&[trace::Update::ValueReceived(true)]);
        }
    }

    /// Blocks the calling thread until the value is there.
    ///
    /// # Errors
    ///
    /// When the sender goes without sending.
    ///
    /// # Panics
    ///
    /// When called in asynchronous code: it would block the thread that runs the other tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = rt_core::sync::oneshot::channel();
    /// std::thread::spawn(move || sender.send(1).unwrap());
    /// assert_eq!(receiver.blocking_recv(), Ok(1));
    /// ```
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        region::block_on(self)
    }

    /// The state once something was sent or the channel closed; else the waker is registered.
    #[inline]
    fn poll_end(registered: &mut Identity, shared: NonNull<Shared<T>>, waker: &Waker) -> Poll<Snapshot> {
        // SAFETY: it lives until the receiver leaves.
        let shared = unsafe { shared.as_ref() };
        let now = shared.look();
        if now.is_sent() || now.is_closed() {
            Poll::Ready(now)
        } else {
            Self::wait(registered, shared, now, waker)
        }
    }

    fn wait(registered: &mut Identity, shared: &Shared<T>, now: Snapshot, waker: &Waker) -> Poll<Snapshot> {
        let identity = (waker.data(), ptr::from_ref(waker.vtable()));
        if now.has_receiver_waker() {
            if *registered == identity {
                return Poll::Pending;
            }
            // SAFETY: we are the receiver, and RX_WAKER is set.
            if let Err(sent) = unsafe { shared.retract_receiver() } {
                return Poll::Ready(sent);
            }
        }
        *registered = identity;
        // SAFETY: we are the receiver, and RX_WAKER is clear.
        match unsafe { shared.register_receiver(waker) } {
            Ok(()) => Poll::Pending,
            Err(sent) => Poll::Ready(sent),
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    /// # Panics
    ///
    /// When it is polled after it has yielded.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(shared) = self.shared else { panic!("called after complete") };
        let coop = ready!(coop::poll_proceed(cx));
        let this = &mut *self;
        let (registered, trace) = (&mut this.registered, &this.trace);
        let now =
            ready!(this.waiting.poll(trace, "poll_recv", || Self::poll_end(registered, shared, cx.waker())));
        coop.made_progress();
        self.tell(now);
        self.shared = None;
        // SAFETY: we are the receiver, and have forgotten the channel.
        Poll::Ready(unsafe { Shared::finish(shared, now) }.ok_or(RecvError(())))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared {
            // SAFETY: we are the receiver, and it goes.
            unsafe { Shared::close(shared, true) };
        }
        self.trace.update(&[trace::Update::ReceiverDropped(true)]);
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("is_empty", &self.is_empty())
            .field("is_terminated", &self.is_terminated())
            .finish()
    }
}
