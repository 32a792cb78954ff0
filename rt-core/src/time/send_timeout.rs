//! Sending into a channel, with a limit to the wait for room. It lies here since `sync` knows no time.
#![forbid(unsafe_code)]

use std::time::Duration;

use super::timeout;
use crate::sync::mpsc::Sender;
use crate::sync::mpsc::error::SendTimeoutError;

impl<T> Sender<T> {
    /// Waits for room, for `duration` at most, and sends a message.
    ///
    /// # Errors
    ///
    /// The message, in [`SendTimeoutError::Timeout`] when there was no room in all that time, and in
    /// [`SendTimeoutError::Closed`] when the receiver has gone or has closed the channel.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it hasn't sent the message, which is dropped, and its place in the line is lost.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its time isn't enabled.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::mpsc::{self, error::SendTimeoutError};
    /// use rt_core::time::Duration;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let (tx, _rx) = mpsc::channel(1);
    /// let limit = Duration::from_millis(1);
    /// assert_eq!(tx.send_timeout(1, limit).await, Ok(()));
    /// assert_eq!(tx.send_timeout(2, limit).await, Err(SendTimeoutError::Timeout(2)));
    /// # });
    /// ```
    pub async fn send_timeout(&self, value: T, duration: Duration) -> Result<(), SendTimeoutError<T>> {
        match timeout(duration, self.reserve()).await {
            Ok(Ok(permit)) => {
                permit.send(value);
                Ok(())
            }
            Ok(Err(_)) => Err(SendTimeoutError::Closed(value)),
            Err(_) => Err(SendTimeoutError::Timeout(value)),
        }
    }
}
