//! The methods.

use std::future::Future;

#[cfg(feature = "time")]
use rt_core::time::{Duration, Instant, Timeout};

use super::until::Until;
use crate::sync::{CancellationToken, WaitForCancellationFuture, WaitForCancellationFutureOwned};

/// Limits on a future, as methods of it.
pub trait FutureExt: Future {
    /// The future, for `timeout` at most: see [`rt_core::time::timeout`](rt_core::time::timeout()).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its time isn't enabled.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_util::future::FutureExt;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let limit = Duration::from_millis(1);
    /// assert!(std::future::pending::<()>().timeout(limit).await.is_err());
    /// # });
    /// ```
    #[cfg(feature = "time")]
    #[track_caller]
    fn timeout(self, timeout: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        rt_core::time::timeout(timeout, self)
    }

    /// The future, until `deadline` at most: see [`rt_core::time::timeout_at`].
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its time isn't enabled.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_core::time::Instant;
    /// use rt_util::future::FutureExt;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let deadline = Instant::now() + Duration::from_millis(1);
    /// assert!(std::future::pending::<()>().timeout_at(deadline).await.is_err());
    /// # });
    /// ```
    #[cfg(feature = "time")]
    #[track_caller]
    fn timeout_at(self, deadline: Instant) -> Timeout<Self>
    where
        Self: Sized,
    {
        rt_core::time::timeout_at(deadline, self)
    }

    /// The future, until `token` is cancelled: `None` then. With a token that is cancelled already the
    /// future isn't polled at all; later its output wins over a cancellation that is seen in the same poll.
    ///
    /// # Cancel safety
    ///
    /// That of the future.
    ///
    /// ```
    /// use rt_util::future::FutureExt;
    /// use rt_util::sync::CancellationToken;
    ///
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// assert_eq!(async { 5 }.with_cancellation_token(&token).await, Some(5));
    /// token.cancel();
    /// assert_eq!(std::future::pending::<()>().with_cancellation_token(&token).await, None);
    /// # });
    /// ```
    fn with_cancellation_token(
        self,
        cancellation_token: &CancellationToken,
    ) -> Until<WaitForCancellationFuture<'_>, Self>
    where
        Self: Sized,
    {
        Until::new(cancellation_token.cancelled(), self)
    }

    /// As [`with_cancellation_token`](Self::with_cancellation_token), with a future that holds the token.
    ///
    /// # Cancel safety
    ///
    /// That of the future.
    ///
    /// ```
    /// use rt_util::future::FutureExt;
    /// use rt_util::sync::CancellationToken;
    ///
    /// # futures::executor::block_on(async {
    /// let token = CancellationToken::new();
    /// token.cancel();
    /// assert_eq!(std::future::pending::<()>().with_cancellation_token_owned(token).await, None);
    /// # });
    /// ```
    fn with_cancellation_token_owned(
        self,
        cancellation_token: CancellationToken,
    ) -> Until<WaitForCancellationFutureOwned, Self>
    where
        Self: Sized,
    {
        Until::new(cancellation_token.cancelled_owned(), self)
    }
}

impl<T: Future + ?Sized> FutureExt for T {}
