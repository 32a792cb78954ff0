//! The times of a file.
#![forbid(unsafe_code)]

use std::time::SystemTime;

/// When a file was read and changed last, to be set by [`File::set_times`](super::File::set_times).
///
/// A time that isn't given stays as it is.
///
/// # Examples
///
/// ```
/// use std::time::SystemTime;
/// use rt_core::fs::FileTimes;
///
/// let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
/// # let _ = times;
/// ```
#[derive(Debug, Clone, Default)]
pub struct FileTimes {
    inner: std::fs::FileTimes,
}

impl FileTimes {
    /// Neither time.
    pub fn new() -> FileTimes {
        Self::default()
    }

    /// The time of the last read.
    #[must_use]
    pub fn set_accessed(self, t: SystemTime) -> FileTimes {
        Self { inner: self.inner.set_accessed(t) }
    }

    /// The time of the last change.
    #[must_use]
    pub fn set_modified(self, t: SystemTime) -> FileTimes {
        Self { inner: self.inner.set_modified(t) }
    }

    pub(super) fn into_std(self) -> std::fs::FileTimes {
        self.inner
    }
}
