//! What a user says about a histogram.

use std::time::Duration;

use super::{LogHistogram, Scale};

/// The buckets of a histogram.
///
/// # Examples
///
/// ```
/// use rt_core::runtime::{Builder, HistogramConfiguration};
/// use std::time::Duration;
///
/// let runtime = Builder::new_current_thread()
///     .enable_metrics_poll_time_histogram()
///     .metrics_poll_time_histogram_configuration(HistogramConfiguration::linear(Duration::from_micros(10), 100))
///     .build()?;
/// assert_eq!(runtime.metrics().poll_time_histogram_num_buckets(), 100);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug, Clone)]
pub struct HistogramConfiguration {
    pub(super) scale: Scale,
}

impl HistogramConfiguration {
    /// So many buckets of one width; the last takes everything above.
    pub fn linear(bucket_width: Duration, num_buckets: usize) -> Self {
        Self { scale: Scale::linear(bucket_width, num_buckets) }
    }

    /// Buckets that grow with the values in them.
    pub fn log(configuration: impl Into<LogHistogram>) -> Self {
        Self { scale: Scale::Log(configuration.into()) }
    }

    pub(crate) fn into_scale(self) -> Scale {
        self.scale
    }
}

/// How the buckets of a histogram grow, as the deprecated methods of the builder say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistogramScale {
    /// All have the same width.
    Linear,
    /// Each ends at twice the end of the one before.
    Log,
}

/// A histogram that is configured piece by piece.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Legacy {
    pub(crate) scale: HistogramScale,
    pub(crate) resolution: Duration,
    pub(crate) buckets: usize,
}

impl Default for Legacy {
    fn default() -> Self {
        Self { scale: HistogramScale::Linear, resolution: Duration::from_micros(100), buckets: 10 }
    }
}

impl Legacy {
    pub(crate) fn into_scale(self) -> Scale {
        match self.scale {
            HistogramScale::Linear => Scale::linear(self.resolution, self.buckets),
            HistogramScale::Log => Scale::doubling(self.resolution, self.buckets),
        }
    }
}
