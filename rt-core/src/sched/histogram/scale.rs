//! Which values share a bucket.

use std::ops::Range;
use std::time::Duration;

use super::LogHistogram;
use super::log::nanos;

/// A scale, as it is used. Values are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Buckets of one width, the last without an end.
    Linear { width: u64, buckets: usize },
    /// Each bucket ends at twice the end of the one before; the last has no end.
    Doubling { first: u64, buckets: usize },
    /// See [`LogHistogram`].
    Log(LogHistogram),
}

impl Scale {
    pub(crate) fn linear(width: Duration, buckets: usize) -> Self {
        Self::Linear { width: nanos(width).max(1), buckets: buckets.max(1) }
    }

    pub(crate) fn doubling(first: Duration, buckets: usize) -> Self {
        let first = nanos(first).checked_next_power_of_two().unwrap_or(1 << 63);
        Self::Doubling { first, buckets: buckets.max(1) }
    }

    pub(crate) fn buckets(&self) -> usize {
        match self {
            Self::Linear { buckets, .. } | Self::Doubling { buckets, .. } => *buckets,
            Self::Log(log) => log.buckets(),
        }
    }

    pub(crate) fn bucket_of(&self, value: u64) -> usize {
        match self {
            Self::Linear { width, buckets } => {
                usize::try_from(value / width).unwrap_or(usize::MAX).min(buckets - 1)
            }
            Self::Doubling { first, buckets } => {
                // How often `first` is doubled until it is more than the value.
                let above = (value / first).checked_ilog2().map_or(0, |power| power as usize + 1);
                above.min(buckets - 1)
            }
            Self::Log(log) => log.bucket_of(value),
        }
    }

    /// The values that share a bucket.
    ///
    /// # Panics
    ///
    /// When there is no such bucket.
    #[track_caller]
    pub(crate) fn range(&self, bucket: usize) -> Range<Duration> {
        assert!(bucket < self.buckets(), "there is no bucket {bucket}: the histogram has {}", self.buckets());
        let end = if bucket + 1 == self.buckets() { u64::MAX } else { self.start_of(bucket + 1) };
        Duration::from_nanos(self.start_of(bucket))..Duration::from_nanos(end)
    }

    fn start_of(&self, bucket: usize) -> u64 {
        match self {
            Self::Linear { width, .. } => width.saturating_mul(bucket as u64),
            Self::Doubling { .. } if bucket == 0 => 0,
            Self::Doubling { first, .. } => {
                1_u64.checked_shl(bucket as u32 - 1).map_or(u64::MAX, |factor| first.saturating_mul(factor))
            }
            Self::Log(log) => log.start_of(bucket),
        }
    }
}
