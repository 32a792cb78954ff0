//! A task polled by hand.
//!
//! To test a future one step at a time, it must be polled without an executor, and one must see whether it was
//! woken in between. [`spawn`] gives it a context for that.
//!
//! # Examples
//!
//! ```
//! use futures::channel::oneshot;
//! use rt_test::{assert_pending, assert_ready_eq, task};
//!
//! let (sender, receiver) = oneshot::channel();
//! let mut task = task::spawn(receiver);
//!
//! assert_pending!(task.poll());
//! assert!(!task.is_woken());
//!
//! sender.send(5).unwrap();
//! assert!(task.is_woken());
//! assert_ready_eq!(task.poll(), Ok(5));
//! ```

use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_core::Stream;

/// A future or stream with a context of its own, to be polled by hand: see [`spawn`].
pub struct Spawn<T> {
    future: Pin<Box<T>>,
    wakes: Arc<Wakes>,
    /// One more reference to `wakes`, made once.
    waker: Waker,
}

/// How often [`Spawn::poll_until_idle`] polls.
const MAX_POLLS: usize = 150;

/// Notes that the task was woken.
struct Wakes {
    is_woken: AtomicBool,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Release: what was done before the wake is seen after the look at it (`is_woken`, `enter`).
        self.is_woken.store(true, Ordering::Release);
    }
}

/// Makes a future or stream a task that is polled by hand.
///
/// # Examples
///
/// ```
/// let mut task = rt_test::task::spawn(async { 5 });
/// assert_eq!(task.poll(), std::task::Poll::Ready(5));
/// ```
pub fn spawn<T>(task: T) -> Spawn<T> {
    let wakes = Arc::new(Wakes { is_woken: AtomicBool::new(false) });
    Spawn { future: Box::pin(task), waker: Waker::from(wakes.clone()), wakes }
}

impl<T> Spawn<T> {
    /// The future or stream itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let task = rt_test::task::spawn(std::future::ready(5));
    /// assert_eq!(task.into_inner().into_inner(), 5);
    /// ```
    pub fn into_inner(self) -> T
    where
        T: Unpin,
    {
        *Pin::into_inner(self.future)
    }

    /// Whether the task was woken since it was last polled or entered.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut task = rt_test::task::spawn(std::future::poll_fn(|cx| {
    ///     cx.waker().wake_by_ref();
    ///     std::task::Poll::<()>::Pending
    /// }));
    /// assert!(!task.is_woken());
    /// assert!(task.poll().is_pending());
    /// assert!(task.is_woken());
    /// ```
    pub fn is_woken(&self) -> bool {
        self.wakes.is_woken.load(Ordering::Acquire)
    }

    /// How many wakers of the task there are, the one that it holds itself included; so never zero.
    ///
    /// Tells whether what the task waits for has kept a waker, or let it go.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut kept = None;
    /// let mut task = rt_test::task::spawn(());
    /// assert_eq!(task.waker_ref_count(), 1);
    /// task.enter(|cx, _| kept = Some(cx.waker().clone()));
    /// assert_eq!(task.waker_ref_count(), 2);
    /// ```
    pub fn waker_ref_count(&self) -> usize {
        // The wakers and `wakes`, which isn't one.
        Arc::strong_count(&self.wakes) - 1
    }

    /// Runs `f` in the context of the task, as if the task were polled.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::Future;
    ///
    /// let mut task = rt_test::task::spawn(async { 5 });
    /// let output = task.enter(|cx, future| future.poll(cx));
    /// assert_eq!(output, std::task::Poll::Ready(5));
    /// ```
    pub fn enter<F, R>(&mut self, f: F) -> R
    where
        F: FnOnce(&mut Context<'_>, Pin<&mut T>) -> R,
    {
        // Acquire: pairs with the wake that this poll answers.
        self.wakes.is_woken.swap(false, Ordering::Acquire);
        f(&mut Context::from_waker(&self.waker), self.future.as_mut())
    }
}

impl<T: Future> Spawn<T> {
    /// Polls the future once.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut task = rt_test::task::spawn(std::future::pending::<()>());
    /// assert!(task.poll().is_pending());
    /// ```
    pub fn poll(&mut self) -> Poll<T::Output> {
        self.enter(|cx, future| future.poll(cx))
    }

    /// Polls the future again and again, as long as it's woken during the poll.
    ///
    /// Returns `Pending` when it waits for something else.
    ///
    /// # Panics
    ///
    /// When the future has woken itself in 150 polls: it seems to have no end.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut polls = 0;
    /// let mut task = rt_test::task::spawn(std::future::poll_fn(|cx| {
    ///     polls += 1;
    ///     if polls < 3 {
    ///         cx.waker().wake_by_ref();
    ///     }
    ///     std::task::Poll::<()>::Pending
    /// }));
    /// assert!(task.poll_until_idle().is_pending());
    /// drop(task);
    /// assert_eq!(polls, 3);
    /// ```
    #[track_caller]
    pub fn poll_until_idle(&mut self) -> Poll<T::Output> {
        for _ in 0..MAX_POLLS {
            let poll = self.poll();
            if poll.is_ready() || !self.is_woken() {
                return poll;
            }
        }
        panic!("poll_until_idle exceeded {MAX_POLLS} iterations");
    }
}

impl<T: Stream> Spawn<T> {
    /// Polls the stream once.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::task::Poll;
    ///
    /// let mut task = rt_test::task::spawn(futures::stream::iter([1]));
    /// assert_eq!(task.poll_next(), Poll::Ready(Some(1)));
    /// assert_eq!(task.poll_next(), Poll::Ready(None));
    /// ```
    pub fn poll_next(&mut self) -> Poll<Option<T::Item>> {
        self.enter(|cx, stream| stream.poll_next(cx))
    }
}

/// Polls the future with the context of whoever polls, rather than the task's own.
impl<T: Future> Future for Spawn<T> {
    type Output = T::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.future.as_mut().poll(cx)
    }
}

/// Polls the stream with the context of whoever polls, rather than the task's own.
impl<T: Stream> Stream for Spawn<T> {
    type Item = T::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.future.as_mut().poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.future.size_hint()
    }
}

impl<T: Unpin> Deref for Spawn<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.future
    }
}

impl<T: Unpin> DerefMut for Spawn<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.future
    }
}

impl<T: fmt::Debug> fmt::Debug for Spawn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawn").field("future", &self.future).field("is_woken", &self.is_woken()).finish()
    }
}
