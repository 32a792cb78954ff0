//! Errors of the wrappers.

use std::error::Error;
use std::fmt;

/// An error of [`BroadcastStream`](super::BroadcastStream).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BroadcastStreamRecvError {
    /// So many messages came too fast, and are lost for this receiver. The next poll gives the oldest that
    /// there is.
    Lagged(u64),
}

impl fmt::Display for BroadcastStreamRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl Error for BroadcastStreamRecvError {}
