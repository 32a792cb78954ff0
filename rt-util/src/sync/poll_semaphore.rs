//! A semaphore for those who implement `poll` functions.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use rt_core::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use rt_core::task::coop;

type Acquiring = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send + Sync>>;

/// A [`Semaphore`] whose permits are acquired by a `poll` function. As a stream, it gives one permit after another.
///
/// It waits in the semaphore's line from a poll that is pending to the one that isn't, so it keeps its place
/// while nobody polls it, and may hold permits back from those behind it: drop it when they are no longer wanted. A
/// clone shares the semaphore, and waits for itself.
///
/// ```
/// use std::future::poll_fn;
/// use std::sync::Arc;
/// use rt_core::sync::Semaphore;
/// use rt_util::sync::PollSemaphore;
///
/// # futures::executor::block_on(async {
/// let mut semaphore = PollSemaphore::new(Arc::new(Semaphore::new(2)));
/// let permit = poll_fn(|cx| semaphore.poll_acquire(cx)).await.unwrap();
/// assert_eq!(semaphore.available_permits(), 1);
/// drop(permit);
/// semaphore.close();
/// assert!(poll_fn(|cx| semaphore.poll_acquire(cx)).await.is_none());
/// # });
/// ```
pub struct PollSemaphore {
    semaphore: Arc<Semaphore>,
    /// The wait of the last poll, and for how many permits.
    waiting: Option<(u32, Acquiring)>,
}

impl PollSemaphore {
    /// Wraps it.
    pub fn new(semaphore: Arc<Semaphore>) -> Self {
        Self { semaphore, waiting: None }
    }

    /// Closes the semaphore: nobody gets a permit any more.
    pub fn close(&self) {
        self.semaphore.close();
    }

    /// The semaphore.
    pub fn clone_inner(&self) -> Arc<Semaphore> {
        self.semaphore.clone()
    }

    /// The semaphore, without the place in its line.
    pub fn into_inner(self) -> Arc<Semaphore> {
        self.semaphore
    }

    /// Acquires a permit, and waits while there is none; `None` when the semaphore is closed. The last caller is woken.
    pub fn poll_acquire(&mut self, cx: &mut Context<'_>) -> Poll<Option<OwnedSemaphorePermit>> {
        self.poll_acquire_many(cx, 1)
    }

    /// As [`poll_acquire`](Self::poll_acquire) for so many permits at once. One that is called for another number than
    /// the last, which was pending, gives up the place in the line, and begins at its end.
    pub fn poll_acquire_many(
        &mut self,
        cx: &mut Context<'_>,
        permits: u32,
    ) -> Poll<Option<OwnedSemaphorePermit>> {
        if self.waiting.as_ref().is_some_and(|(waits_for, _)| *waits_for != permits) {
            self.waiting = None;
        }
        if self.waiting.is_none() {
            let coop = ready!(coop::poll_proceed(cx));
            match self.semaphore.clone().try_acquire_many_owned(permits) {
                Err(TryAcquireError::NoPermits) => {}
                outcome => {
                    coop.made_progress();
                    return Poll::Ready(outcome.ok());
                }
            }
        }
        let begin = || (permits, Box::pin(self.semaphore.clone().acquire_many_owned(permits)) as Acquiring);
        let (_, acquiring) = self.waiting.get_or_insert_with(begin);
        let outcome = ready!(acquiring.as_mut().poll(cx));
        self.waiting = None;
        Poll::Ready(outcome.ok())
    }

    /// How many permits are free.
    pub fn available_permits(&self) -> usize {
        self.semaphore.available_permits()
    }

    /// Adds so many permits.
    ///
    /// # Panics
    ///
    /// When there would be more than [`Semaphore::MAX_PERMITS`].
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        self.semaphore.add_permits(n);
    }
}

impl Stream for PollSemaphore {
    type Item = OwnedSemaphorePermit;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_acquire(cx)
    }
}

impl Clone for PollSemaphore {
    fn clone(&self) -> Self {
        Self::new(self.clone_inner())
    }
}

impl AsRef<Semaphore> for PollSemaphore {
    fn as_ref(&self) -> &Semaphore {
        &self.semaphore
    }
}

impl fmt::Debug for PollSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollSemaphore").field("semaphore", &self.semaphore).finish_non_exhaustive()
    }
}
