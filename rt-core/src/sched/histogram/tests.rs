use std::time::Duration;

use proptest::prelude::*;

use super::{Histogram, HistogramConfiguration, HistogramScale, Legacy, LogHistogram, Scale};

fn ns(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

#[test]
fn a_linear_scale_has_buckets_of_one_width() {
    let scale = HistogramConfiguration::linear(ns(50), 3).into_scale();
    assert_eq!(scale.range(0), ns(0)..ns(50));
    assert_eq!(scale.range(1), ns(50)..ns(100));
    assert_eq!(scale.range(2), ns(100)..ns(u64::MAX));
    assert_eq!([0, 49, 50, 100, 5_000].map(|value| scale.bucket_of(value)), [0, 0, 1, 2, 2]);
}

#[test]
fn the_scale_of_old_doubles() {
    let legacy = Legacy { scale: HistogramScale::Log, resolution: ns(50_000), buckets: 3 };
    let scale = legacy.into_scale();
    assert_eq!(scale.range(0), ns(0)..ns(65_536));
    assert_eq!(scale.range(1), ns(65_536)..ns(131_072));
    assert_eq!(scale.range(2), ns(131_072)..ns(u64::MAX));
    assert_eq!([65_535, 65_536, 131_071, 131_072, u64::MAX].map(|v| scale.bucket_of(v)), [0, 1, 1, 2, 2]);
}

#[test]
fn the_default_log_scale() {
    let log = LogHistogram::default();
    let scale = Scale::Log(log);
    assert_eq!(scale.buckets(), 119);
    assert_eq!(scale.range(0), ns(0)..ns(96));
    assert_eq!(scale.range(1), ns(96)..ns(112));
    assert_eq!(scale.range(118).end, ns(u64::MAX));
    assert_eq!(scale.bucket_of(Duration::from_secs(60).as_nanos() as u64), 117);
    assert_eq!(scale.bucket_of(log.max_value()), 117);
    assert_eq!(scale.bucket_of(log.max_value() + 1), 118);
}

#[test]
fn without_precision_buckets_are_powers_of_two() {
    let log = LogHistogram::builder()
        .max_value(Duration::from_millis(4))
        .min_value(Duration::from_micros(20))
        .precision_exact(0)
        .build();
    let scale = Scale::Log(log);
    assert_eq!(scale.buckets(), 10);
    for bucket in 1..9 {
        let range = scale.range(bucket);
        assert_eq!(range.end - range.start, ns(16_384 << (bucket - 1)));
    }
}

#[test]
fn too_many_buckets_are_refused() {
    let mut builder = LogHistogram::builder().max_error(0.25);
    assert!(builder.max_buckets(119).is_ok());
    let error = builder.max_buckets(118).unwrap_err();
    assert!(error.to_string().contains("119"), "{error}");
}

#[test]
fn errors_are_rounded_to_powers_of_two() {
    for (error, precision) in [(0.9, 1), (0.5, 1), (0.49, 2), (0.25, 2), (0.1, 4), (0.001, 10)] {
        assert_eq!(
            LogHistogram::builder().max_error(error).build(),
            LogHistogram::builder().precision_exact(precision).build()
        );
    }
}

#[test]
#[should_panic(expected = "max_error must be greater than 0")]
fn an_error_of_nothing_is_refused() {
    let _ = LogHistogram::builder().max_error(0.0);
}

#[test]
#[should_panic(expected = "there is no bucket 3")]
fn there_is_no_range_of_a_missing_bucket() {
    let _ = Scale::linear(ns(1), 3).range(3);
}

#[test]
fn counts_are_of_their_buckets() {
    let histogram = Histogram::new(Scale::linear(ns(10), 3));
    for value in [1, 2, 15, 40, 41, 42] {
        histogram.record(ns(value));
    }
    assert_eq!([0, 1, 2, 3].map(|bucket| histogram.count(bucket)), [2, 1, 3, 0]);
}

fn scales() -> impl Strategy<Value = Scale> {
    prop_oneof![
        (1..1_000_000_u64, 1..200_usize).prop_map(|(width, n)| Scale::linear(ns(width), n)),
        (0..u64::MAX, 1..80_usize).prop_map(|(first, n)| Scale::doubling(ns(first), n)),
        (0..=10_u32, any::<u64>(), any::<u64>()).prop_map(|(precision, min, max)| {
            let builder = LogHistogram::builder().precision_exact(precision);
            Scale::Log(builder.min_value(ns(min)).max_value(ns(max)).build())
        }),
    ]
}

proptest! {
    /// Buckets follow each other without a gap, and each value is in the range of its bucket.
    #[test]
    fn ranges_and_buckets_agree(scale in scales(), power in 0..64_u32, low in any::<u64>()) {
        let value = (low >> power).max(1) - 1;
        let bucket = scale.bucket_of(value);
        let range = scale.range(bucket);
        prop_assert!(range.start <= ns(value), "{:?} {:?}", scale, range);
        prop_assert!(ns(value) < range.end || value == u64::MAX);
        if bucket + 1 < scale.buckets() {
            prop_assert_eq!(range.end, scale.range(bucket + 1).start);
        }
        prop_assert_eq!(scale.range(0).start, ns(0));
        prop_assert_eq!(scale.range(scale.buckets() - 1).end, ns(u64::MAX));
    }

    /// No bucket of a log scale is wider than its precision allows, but for the first and the last.
    #[test]
    fn log_buckets_are_precise(precision in 0..=10_u32, value in 1..u64::MAX / 4) {
        let builder = LogHistogram::builder().precision_exact(precision);
        let scale = Scale::Log(builder.min_value(ns(1)).max_value(ns(u64::MAX / 2)).build());
        let range = scale.range(scale.bucket_of(value));
        let width = (range.end - range.start).as_nanos() as f64;
        prop_assert!(width <= (value as f64 * 0.5_f64.powi(precision as i32)).max(1.0));
    }
}
