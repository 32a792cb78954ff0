//! The histograms.

use std::ops::Range;
use std::time::Duration;

use super::RuntimeMetrics;
use crate::sched::Histogram;

impl RuntimeMetrics {
    /// Whether the durations of polls are counted: see
    /// [`enable_metrics_poll_time_histogram`](crate::runtime::Builder::enable_metrics_poll_time_histogram).
    pub fn poll_time_histogram_enabled(&self) -> bool {
        self.shared.config.poll_times.is_some()
    }

    /// How many buckets the histogram of polls has; 0 when there is none.
    pub fn poll_time_histogram_num_buckets(&self) -> usize {
        self.shared.config.poll_times.map_or(0, |scale| scale.buckets())
    }

    /// The durations that a bucket of the histogram of polls takes; an empty range when there is no histogram.
    ///
    /// # Panics
    ///
    /// When the histogram has no such bucket.
    #[track_caller]
    pub fn poll_time_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        match self.shared.config.poll_times {
            Some(scale) => scale.range(bucket),
            None => Duration::ZERO..Duration::ZERO,
        }
    }

    /// How many polls of a worker fell into a bucket; 0 when there is no such bucket.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    pub fn poll_time_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        let count = |histogram: &Histogram| histogram.count(bucket);
        self.sum(worker, |counters| counters.rare.poll_times.as_ref().map_or(0, count))
    }

    /// Whether the time is counted that tasks wait for their polls: see
    /// [`enable_metrics_schedule_latency_histogram`](crate::runtime::Builder::enable_metrics_schedule_latency_histogram).
    pub fn schedule_latency_histogram_enabled(&self) -> bool {
        self.shared.config.latencies.is_some()
    }

    /// How many buckets the histogram of waits has; 0 when there is none.
    pub fn schedule_latency_histogram_num_buckets(&self) -> usize {
        self.shared.config.latencies.map_or(0, |scale| scale.buckets())
    }

    /// The durations that a bucket of the histogram of waits takes; an empty range when there is no histogram.
    ///
    /// # Panics
    ///
    /// When the histogram has no such bucket.
    #[track_caller]
    pub fn schedule_latency_histogram_bucket_range(&self, bucket: usize) -> Range<Duration> {
        match self.shared.config.latencies {
            Some(scale) => scale.range(bucket),
            None => Duration::ZERO..Duration::ZERO,
        }
    }

    /// How many waits of tasks that a worker polled fell into a bucket; 0 when there is no such bucket.
    ///
    /// # Panics
    ///
    /// When there is no such worker.
    #[track_caller]
    pub fn schedule_latency_histogram_bucket_count(&self, worker: usize, bucket: usize) -> u64 {
        let count = |histogram: &Histogram| histogram.count(bucket);
        self.sum(worker, |counters| counters.rare.latencies.as_ref().map_or(0, count))
    }
}
