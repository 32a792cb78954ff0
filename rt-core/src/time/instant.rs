//! A moment.
#![forbid(unsafe_code)]

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use crate::driver;

/// A moment on the runtime's clock, which never goes back.
///
/// It is `std`'s [`Instant`](std::time::Instant), except that with the feature `test-util` it follows the
/// clock of the runtime that the calling thread is in, which may be paused.
///
/// # Examples
///
/// ```
/// use rt_core::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let later = start + Duration::from_secs(1);
/// assert_eq!(later - start, Duration::from_secs(1));
/// assert_eq!(start - later, Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    std: std::time::Instant,
}

impl Instant {
    /// The present.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::Instant;
    /// assert!(Instant::now() <= Instant::now());
    /// ```
    #[must_use]
    #[inline]
    pub fn now() -> Self {
        Self { std: driver::now() }
    }

    /// The same moment, from `std`'s type.
    ///
    /// # Examples
    ///
    /// ```
    /// let std = std::time::Instant::now();
    /// assert_eq!(rt_core::time::Instant::from_std(std).into_std(), std);
    /// ```
    #[must_use]
    #[inline]
    pub fn from_std(std: std::time::Instant) -> Self {
        Self { std }
    }

    /// The same moment, as `std`'s type.
    #[must_use]
    #[inline]
    pub fn into_std(self) -> std::time::Instant {
        self.std
    }

    /// A moment so far off that it never comes: for deadlines that can't be represented.
    pub(crate) fn far_after(now: std::time::Instant) -> Self {
        // Not every system's clock reaches centuries ahead; thirty years are enough for all of them.
        Self { std: now + Duration::from_secs(86_400 * 365 * 30) }
    }

    /// `self + duration`, or a moment that never comes when there is no such.
    #[inline]
    pub(crate) fn saturating_add(self, duration: Duration) -> Self {
        self.checked_add(duration).unwrap_or_else(|| Self::far_after(self.std))
    }

    /// The time from `earlier` to this moment; zero when that one is the later.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant};
    ///
    /// let now = Instant::now();
    /// assert_eq!(now.duration_since(now + Duration::from_secs(1)), Duration::ZERO);
    /// ```
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.std.saturating_duration_since(earlier.std)
    }

    /// The time from `earlier` to this moment; `None` when that one is the later.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant};
    ///
    /// let now = Instant::now();
    /// assert_eq!(now.checked_duration_since(now + Duration::from_secs(1)), None);
    /// ```
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.std.checked_duration_since(earlier.std)
    }

    /// The time from `earlier` to this moment; zero when that one is the later.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant};
    ///
    /// let now = Instant::now();
    /// assert_eq!((now + Duration::from_secs(1)).saturating_duration_since(now).as_secs(), 1);
    /// ```
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.std.saturating_duration_since(earlier.std)
    }

    /// The time since this moment; zero when it lies ahead.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant};
    /// assert!(Instant::now().elapsed() < Duration::from_secs(60));
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }

    /// The moment `duration` after this one; `None` when it can't be represented.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant};
    /// assert!(Instant::now().checked_add(Duration::MAX).is_none());
    /// ```
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.std.checked_add(duration).map(Self::from_std)
    }

    /// The moment `duration` before this one; `None` when it can't be represented.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::time::{Duration, Instant};
    /// assert!(Instant::now().checked_sub(Duration::MAX).is_none());
    /// ```
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.std.checked_sub(duration).map(Self::from_std)
    }
}

impl From<std::time::Instant> for Instant {
    fn from(std: std::time::Instant) -> Self {
        Self { std }
    }
}

impl From<Instant> for std::time::Instant {
    fn from(instant: Instant) -> Self {
        instant.std
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    #[track_caller]
    fn add(self, duration: Duration) -> Self {
        self.checked_add(duration).expect("the sum can't be represented as an instant")
    }
}

impl AddAssign<Duration> for Instant {
    #[track_caller]
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    #[track_caller]
    fn sub(self, duration: Duration) -> Self {
        self.checked_sub(duration).expect("the difference can't be represented as an instant")
    }
}

impl SubAssign<Duration> for Instant {
    #[track_caller]
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.std.fmt(f)
    }
}
