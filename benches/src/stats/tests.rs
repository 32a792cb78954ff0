use super::{Summary, geometric_mean};

#[test]
fn quartiles_interpolate_and_ignore_order() {
    let summary = Summary::of(&[4.0, 1.0, 3.0, 2.0]);
    assert_eq!(summary, Summary { min: 1.0, p25: 1.75, median: 2.5, p75: 3.25 });
    assert_eq!(summary.spread_percent(), 30.0);
}

#[test]
fn one_sample_is_all_of_its_quartiles() {
    assert_eq!(Summary::of(&[7.0]), Summary { min: 7.0, p25: 7.0, median: 7.0, p75: 7.0 });
}

#[test]
fn no_spread_of_nothing() {
    assert_eq!(Summary::of(&[0.0, 0.0]).spread_percent(), 0.0);
}

#[test]
fn infinities_stay_infinities() {
    assert_eq!(Summary::of(&[f64::INFINITY; 4]).p25, f64::INFINITY);
}

#[test]
fn geometric_mean_of_inverses_is_one() {
    let mean = geometric_mean(&[4.0, 0.25]).unwrap();
    assert!((mean - 1.0).abs() < 1e-12, "{mean}");
    assert_eq!(geometric_mean(&[]), None);
}
