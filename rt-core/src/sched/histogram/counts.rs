//! The counts of one worker.

use std::time::Duration;

use super::Scale;
use super::log::nanos;
use crate::shim::atomic::{AtomicU64, Ordering};

/// How many values fell into each bucket.
///
/// As a rule one worker counts; but a task that gave its worker away in its poll, by `block_in_place`, counts too,
/// so counting is a read-modify-write. It is nothing beside the clock that was read for it.
#[derive(Debug)]
pub(crate) struct Histogram {
    scale: Scale,
    counts: Box<[AtomicU64]>,
}

impl Histogram {
    pub(crate) fn new(scale: Scale) -> Self {
        Self { scale, counts: (0..scale.buckets()).map(|_| AtomicU64::new(0)).collect() }
    }

    pub(crate) fn record(&self, value: Duration) {
        // Relaxed: a statistic.
        self.counts[self.scale.bucket_of(nanos(value))].fetch_add(1, Ordering::Relaxed);
    }

    /// How many values fell into a bucket; 0 when there is no such bucket.
    pub(crate) fn count(&self, bucket: usize) -> u64 {
        // Relaxed: a statistic.
        self.counts.get(bucket).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}
