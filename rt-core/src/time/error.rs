//! What can go wrong with timers.
#![forbid(unsafe_code)]

use std::{fmt, io};

use crate::base::complaints;

/// A [`timeout`](super::timeout()) ran out before its future was done.
///
/// # Examples
///
/// ```
/// use std::future::pending;
/// use std::io;
///
/// use rt_core::time::{Duration, timeout};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let elapsed = timeout(Duration::from_millis(1), pending::<()>()).await.unwrap_err();
/// assert_eq!(io::Error::from(elapsed).kind(), io::ErrorKind::TimedOut);
/// # });
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl Elapsed {
    pub(super) fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(elapsed: Elapsed) -> Self {
        Self::new(io::ErrorKind::TimedOut, elapsed)
    }
}

/// Why a timer can't do its work.
///
/// The timers of this runtime know only the first reason, and panic for it; the others are there for libraries
/// that build timers on top and report in these terms.
///
/// # Examples
///
/// ```
/// use rt_core::time::error::Error;
///
/// let error = Error::at_capacity();
/// assert!(error.is_at_capacity() && !error.is_shutdown());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Error(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shutdown,
    AtCapacity,
    Invalid,
}

impl Error {
    /// The runtime that the timer belongs to has shut down: no timer of it will ever fire.
    pub fn shutdown() -> Self {
        Self(Kind::Shutdown)
    }

    /// Whether it is that error.
    pub fn is_shutdown(&self) -> bool {
        self.0 == Kind::Shutdown
    }

    /// There are too many timers just now; later it may work.
    pub fn at_capacity() -> Self {
        Self(Kind::AtCapacity)
    }

    /// Whether it is that error.
    pub fn is_at_capacity(&self) -> bool {
        self.0 == Kind::AtCapacity
    }

    /// The deadline is one that the timer can't have.
    pub fn invalid() -> Self {
        Self(Kind::Invalid)
    }

    /// Whether it is that error.
    pub fn is_invalid(&self) -> bool {
        self.0 == Kind::Invalid
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Shutdown => complaints::GONE,
            Kind::AtCapacity => "no more timers can be created at the moment",
            Kind::Invalid => "the timer can't have this deadline",
        })
    }
}

impl std::error::Error for Error {}
