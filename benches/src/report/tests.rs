use super::{Report, Row};
use crate::case::{Bar, Case, Unit};

fn case(unit: Unit, bar: Bar) -> Case {
    Case { unit, bar, ..Case::speed("row", "a row", 1.0, || Box::new(|_| 0.0)) }
}

fn speed(bar: f64, theirs: f64, ours: f64) -> Row {
    Row::new(&case(Unit::Ns, Bar::Faster(bar)), &[theirs; 3], &[ours; 3])
}

#[test]
fn a_ratio_bar_is_met_at_the_bar_and_not_below() {
    assert!(speed(2.0, 200.0, 100.0).is_met());
    assert!(!speed(2.0, 199.0, 100.0).is_met());
}

#[test]
fn an_absolute_bar_ignores_the_other_side() {
    let row = |ours: f64| Row::new(&case(Unit::Bytes, Bar::AtMost(96.0)), &[1.0], &[ours]);
    assert!(row(96.0).is_met());
    assert!(!row(97.0).is_met());
}

#[test]
fn slower_means_slower_in_most_pairs() {
    let row = |ours: &[f64]| Row::new(&case(Unit::Ns, Bar::Faster(1.0)), &[100.0; 4], ours);
    assert!(row(&[110.0, 120.0, 110.0, 120.0]).is_slower());
    assert!(!row(&[110.0, 120.0, 90.0, 95.0]).is_slower());
    assert!(!row(&[90.0; 4]).is_slower());
}

#[test]
fn nothing_against_nothing_is_a_draw() {
    let row = Row::new(&case(Unit::Count, Bar::AtMost(0.0)), &[0.0], &[0.0]);
    assert_eq!(row.ratio(), 1.0);
    assert!(row.is_met());
}

#[test]
fn the_mean_is_over_speeds_only() {
    let late = Row::new(&case(Unit::LateUs, Bar::AtMost(100.0)), &[1_000.0], &[10.0]);
    let rows = vec![speed(1.0, 400.0, 100.0), speed(1.0, 100.0, 100.0), late];
    let report = Report { rows, sides: ["tokio", "ours"], load: [String::new(), String::new()] };
    assert_eq!(report.geometric_mean(), Some(2.0));
}

#[test]
fn json_has_no_infinities() {
    let rows = vec![Row::new(&case(Unit::Count, Bar::AtMost(1.0)), &[2.0], &[0.0])];
    let report = Report { rows, sides: ["tokio", "ours"], load: [String::new(), String::new()] };
    let json = report.to_json();
    assert!(json.contains("\"ratio\": null"), "{json}");
    assert!(!json.contains("inf"), "{json}");
}
