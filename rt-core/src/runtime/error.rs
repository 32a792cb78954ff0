//! Why there is no current runtime.

use std::error::Error;
use std::fmt;

use crate::base::complaints;

/// The error of [`Handle::try_current`](super::Handle::try_current).
#[derive(Debug)]
pub struct TryCurrentError {
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    NoContext,
    ThreadEnding,
}

impl TryCurrentError {
    pub(crate) fn missing_context() -> Self {
        Self { kind: Kind::NoContext }
    }

    pub(crate) fn thread_ending() -> Self {
        Self { kind: Kind::ThreadEnding }
    }

    /// Whether the thread has entered no runtime.
    pub fn is_missing_context(&self) -> bool {
        self.kind == Kind::NoContext
    }

    /// Whether the thread is ending, so that what it had entered can't be told any more.
    pub fn is_thread_local_destroyed(&self) -> bool {
        self.kind == Kind::ThreadEnding
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::NoContext => complaints::NO_RUNTIME,
            Kind::ThreadEnding => "the thread is ending, and its runtime can't be told any more",
        })
    }
}

impl Error for TryCurrentError {}
