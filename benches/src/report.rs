//! What was found: rows, the table on the terminal, and the same as JSON.
use std::fmt::Write;

use crate::case::{Bar, Case, Unit};
use crate::stats::{Summary, geometric_mean};

/// One row of the comparison.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) unit: Unit,
    pub(crate) bar: Bar,
    pub(crate) theirs: Summary,
    pub(crate) ours: Summary,
    /// The ratios of samples taken one after the other; steadier than either side.
    pub(crate) paired: Summary,
}

impl Row {
    pub(crate) fn new(case: &Case, theirs: &[f64], ours: &[f64]) -> Row {
        let paired: Vec<f64> = theirs.iter().zip(ours).map(|(theirs, ours)| ratio(*theirs, *ours)).collect();
        Row {
            name: case.name,
            about: case.about,
            unit: case.unit,
            bar: case.bar,
            theirs: Summary::of(theirs),
            ours: Summary::of(ours),
            paired: Summary::of(&paired),
        }
    }

    /// How many times as good ours is: the median over pairs of samples. It isn't the quotient of the two
    /// medians, which may come from moments when the machine ran at different speeds.
    pub(crate) fn ratio(&self) -> f64 {
        self.paired.median
    }

    /// Below 1.0, for a row that is held to a ratio.
    pub(crate) fn is_below(&self) -> bool {
        matches!(self.bar, Bar::Faster(_)) && self.ratio() < 1.0
    }

    /// Below 1.0 by more than what the noise explains: in three of four pairs of samples.
    pub(crate) fn is_slower(&self) -> bool {
        self.is_below() && self.paired.p75 < 1.0
    }

    pub(crate) fn is_met(&self) -> bool {
        match self.bar {
            Bar::Faster(bar) => self.ratio() >= bar,
            Bar::AtMost(bar) => self.ours.median <= bar,
        }
    }
}

/// Nothing divided by nothing is a draw.
fn ratio(theirs: f64, ours: f64) -> f64 {
    if theirs == ours { 1.0 } else { theirs / ours }
}

/// All rows and what they were measured under.
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    /// What the columns are called: `tokio` and `ours`, but for `--aa`.
    pub(crate) sides: [&'static str; 2],
    /// The machine's load before the first and after the last row.
    pub(crate) load: [String; 2],
}

impl Report {
    /// Over the rows that are speeds.
    pub(crate) fn geometric_mean(&self) -> Option<f64> {
        let speeds = self.rows.iter().filter(|row| row.unit.is_speed());
        geometric_mean(&speeds.map(Row::ratio).collect::<Vec<_>>())
    }

    /// What stands under the table.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        let met = self.rows.iter().filter(|row| row.is_met()).count();
        if let Some(mean) = self.geometric_mean() {
            let _ = writeln!(text, "geometric mean of the speeds: {mean:.2}");
        }
        let _ = writeln!(text, "bars met: {met} of {}", self.rows.len());
        let (slower, near): (Vec<_>, Vec<_>) =
            self.rows.iter().filter(|row| row.is_below()).partition(|row| row.is_slower());
        for (what, rows) in [("slower", slower), ("below 1.0 within the noise", near)] {
            let names: Vec<_> = rows.iter().map(|row| row.name).collect();
            if !names.is_empty() {
                let _ = writeln!(text, "{what}: {}", names.join(", "));
            }
        }
        let _ = writeln!(text, "load before and after: {}; {}", self.load[0], self.load[1]);
        text
    }

    /// As JSON. Names hold nothing that JSON would escape.
    pub(crate) fn to_json(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(row_json).collect();
        let mean = self.geometric_mean().map_or("null".to_string(), number);
        format!(
            "{{\n  \"sides\": [\"{}\", \"{}\"],\n  \"load\": [\"{}\", \"{}\"],\n  \"geometric_mean\": {mean},\n  \"rows\": [\n{}\n  ]\n}}\n",
            self.sides[0],
            self.sides[1],
            self.load[0],
            self.load[1],
            rows.join(",\n"),
        )
    }
}

/// The table's head.
pub(crate) fn head(sides: [&str; 2]) -> String {
    format!(
        "{:24} {:>11} {:>6} {:>11} {:>6}  {:8} {:>7}  {:>13}  {:>8}  met",
        "row", sides[0], "+-%", sides[1], "+-%", "unit", "ratio", "p25-p75", "bar",
    )
}

/// One line of the table.
pub(crate) fn line(row: &Row) -> String {
    let bar = match row.bar {
        Bar::Faster(bar) => format!("{bar:.1}x"),
        Bar::AtMost(bar) => format!("<= {bar:.0}"),
    };
    format!(
        "{:24} {:>11} {:>6.1} {:>11} {:>6.1}  {:8} {:>7.2}  {:>13}  {:>8}  {}",
        row.name,
        figure(row.theirs.median),
        row.theirs.spread_percent(),
        figure(row.ours.median),
        row.ours.spread_percent(),
        row.unit.label(),
        row.ratio(),
        format!("{:.2}-{:.2}", row.paired.p25, row.paired.p75),
        bar,
        if row.is_met() { "yes" } else { "NO" },
    )
}

/// Three digits are enough for anything here.
pub(crate) fn figure(value: f64) -> String {
    match value {
        0.0 => "0".to_string(),
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

fn row_json(row: &Row) -> String {
    let (kind, bar) = match row.bar {
        Bar::Faster(bar) => ("faster", bar),
        Bar::AtMost(bar) => ("at_most", bar),
    };
    format!(
        "    {{\"name\": \"{}\", \"about\": \"{}\", \"unit\": \"{}\", \"ratio\": {}, \"bar\": {{\"{kind}\": {}}}, \"met\": {}, \"theirs\": {}, \"ours\": {}, \"paired\": {}}}",
        row.name,
        row.about,
        row.unit.label(),
        number(row.ratio()),
        number(bar),
        row.is_met(),
        summary_json(&row.theirs),
        summary_json(&row.ours),
        summary_json(&row.paired),
    )
}

fn summary_json(summary: &Summary) -> String {
    format!(
        "{{\"min\": {}, \"p25\": {}, \"median\": {}, \"p75\": {}}}",
        number(summary.min),
        number(summary.p25),
        number(summary.median),
        number(summary.p75)
    )
}

/// JSON has no infinity, which is what a ratio over nothing is.
fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}") } else { "null".to_string() }
}

#[cfg(test)]
mod tests;
