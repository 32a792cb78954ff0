//! Buckets that grow with the values in them.
//!
//! Each power of two is divided into `2^p` buckets of the same width, so that no bucket is wider than `2^-p` of the
//! values in it. Values below `2^(p+1)` have a bucket each. This numbers all buckets from 0 on (the
//! *index*); a histogram has those between its smallest and its largest value, one below, and one above.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// More precision than this only makes histograms large.
const MAX_PRECISION: u32 = 10;

const DEFAULT_MIN: Duration = Duration::from_nanos(100);
const DEFAULT_MAX: Duration = Duration::from_secs(60);
const DEFAULT_PRECISION: u32 = 2;

/// A scale whose buckets grow with the values in them, so that each is known with the same relative precision.
///
/// The first bucket takes everything below the smallest value of interest, the last one everything above the
/// largest.
///
/// # Examples
///
/// ```
/// use rt_core::runtime::{HistogramConfiguration, LogHistogram};
/// use std::time::Duration;
///
/// let scale = LogHistogram::builder()
///     .min_value(Duration::from_micros(1))
///     .max_value(Duration::from_secs(1))
///     .max_error(0.1)
///     .build();
/// let runtime = rt_core::runtime::Builder::new_current_thread()
///     .enable_metrics_poll_time_histogram()
///     .metrics_poll_time_histogram_configuration(HistogramConfiguration::log(scale))
///     .build()?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHistogram {
    precision: u32,
    /// The index of the bucket that the smallest value falls into.
    first: usize,
    /// The index of the one that the largest value falls into.
    last: usize,
}

impl LogHistogram {
    /// Builds a scale.
    pub fn builder() -> LogHistogramBuilder {
        LogHistogramBuilder::default()
    }

    /// The largest value, in nanoseconds, that isn't lumped together with everything above it.
    ///
    /// ```
    /// use rt_core::runtime::LogHistogram;
    /// use std::time::Duration;
    ///
    /// let scale = LogHistogram::builder().max_value(Duration::from_micros(4)).precision_exact(0).build();
    /// assert_eq!(scale.max_value(), 4_095);
    /// ```
    pub fn max_value(&self) -> u64 {
        start(self.last + 1, self.precision).saturating_sub(1)
    }

    pub(super) fn buckets(&self) -> usize {
        // One for each index, one below, one above.
        self.last - self.first + 3
    }

    pub(super) fn bucket_of(&self, nanos: u64) -> usize {
        let index = index(nanos, self.precision);
        if index < self.first { 0 } else { index.min(self.last + 1) - self.first + 1 }
    }

    /// The least value in a bucket.
    pub(super) fn start_of(&self, bucket: usize) -> u64 {
        if bucket == 0 { 0 } else { start(self.first + bucket - 1, self.precision) }
    }
}

impl Default for LogHistogram {
    /// The scale of a [`LogHistogramBuilder`] that was told nothing.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl From<LogHistogramBuilder> for LogHistogram {
    fn from(builder: LogHistogramBuilder) -> Self {
        builder.build()
    }
}

/// Which bucket a value falls into.
fn index(value: u64, precision: u32) -> usize {
    let power = (value | 1).ilog2();
    match power.checked_sub(precision) {
        None | Some(0) => value as usize,
        Some(shift) => ((shift as usize) << precision) + (value >> shift) as usize,
    }
}

/// The least value in a bucket, or the largest that there is.
fn start(index: usize, precision: u32) -> u64 {
    let per_power = 1_usize << precision;
    if index < 2 * per_power {
        return index as u64;
    }
    let shift = (index >> precision) as u32 - 1;
    let mantissa = (per_power + (index & (per_power - 1))) as u128;
    u64::try_from(mantissa << shift).unwrap_or(u64::MAX)
}

/// Builds a [`LogHistogram`].
///
/// By default the smallest value is 100 ns, the largest 60 s, and the error at most a quarter: 119 buckets.
///
/// # Examples
///
/// ```
/// use rt_core::runtime::LogHistogram;
///
/// let scale = LogHistogram::builder().max_error(0.01).max_buckets(1_000);
/// assert!(scale.is_err());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct LogHistogramBuilder {
    precision: u32,
    min: Duration,
    max: Duration,
}

impl Default for LogHistogramBuilder {
    fn default() -> Self {
        Self { precision: DEFAULT_PRECISION, min: DEFAULT_MIN, max: DEFAULT_MAX }
    }
}

impl LogHistogramBuilder {
    /// How wide a bucket may be, as a part of the values in it. The next smaller power of two is taken.
    ///
    /// # Panics
    ///
    /// When `max_error` isn't between 0 and 1, or is smaller than a thousandth.
    #[track_caller]
    #[must_use]
    pub fn max_error(self, max_error: f64) -> Self {
        assert!(0.0 < max_error && max_error < 1.0, "max_error must be greater than 0 and less than 1");
        let precision = (0..=MAX_PRECISION).find(|precision| 0.5_f64.powi(*precision as i32) <= max_error);
        match precision {
            Some(precision) => Self { precision, ..self },
            None => panic!("max_error must be at least 2^-{MAX_PRECISION}"),
        }
    }

    /// Says the precision as a power: buckets are at most `2^-precision` of the values in them.
    ///
    /// # Panics
    ///
    /// When `precision` is more than 10.
    #[track_caller]
    #[must_use]
    pub fn precision_exact(self, precision: u32) -> Self {
        assert!(precision <= MAX_PRECISION, "precision must be at most {MAX_PRECISION}");
        Self { precision, ..self }
    }

    /// The smallest value of interest: what is below it, to the precision of its bucket, shares one bucket.
    #[must_use]
    pub fn min_value(self, duration: Duration) -> Self {
        Self { min: duration, ..self }
    }

    /// The largest value of interest: what is above it, to the precision of its bucket, shares one bucket.
    #[must_use]
    pub fn max_value(self, duration: Duration) -> Self {
        Self { max: duration, ..self }
    }

    /// Builds the scale if it takes no more than so many buckets.
    ///
    /// # Errors
    ///
    /// When it takes more: a larger error or a narrower range of values would make it smaller.
    pub fn max_buckets(&mut self, max_buckets: usize) -> Result<LogHistogram, InvalidHistogramConfiguration> {
        let scale = self.build();
        if scale.buckets() > max_buckets {
            return Err(InvalidHistogramConfiguration::TooManyBuckets {
                required_bucket_count: scale.buckets(),
            });
        }
        Ok(scale)
    }

    /// Builds the scale.
    pub fn build(&self) -> LogHistogram {
        let (min, max) = (nanos(self.min), nanos(self.max));
        // Index 0 is the bucket of the value 0, which the first bucket has anyway.
        let first = index(min, self.precision).max(1);
        LogHistogram { precision: self.precision, first, last: index(max, self.precision).max(first) }
    }
}

/// A duration in nanoseconds, or the longest that can be told.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Why there is no [`LogHistogram`].
#[derive(Debug)]
pub enum InvalidHistogramConfiguration {
    /// It would take more buckets than were allowed.
    TooManyBuckets {
        /// How many it would take.
        required_bucket_count: usize,
    },
}

impl fmt::Display for InvalidHistogramConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyBuckets { required_bucket_count } => {
                write!(f, "the histogram would take {required_bucket_count} buckets, more than are allowed")
            }
        }
    }
}

impl Error for InvalidHistogramConfiguration {}
