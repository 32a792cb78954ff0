//! The bar chart: a row's ratio on a logarithmic scale, with a tick where its bar is.
use std::fmt::Write;

use crate::case::Bar;
use crate::report::{Report, Row};

const ROW: f64 = 18.0;
const TOP: f64 = 56.0;
const LABELS: f64 = 190.0;
const PLOT: f64 = 560.0;
const WIDTH: f64 = LABELS + PLOT + 70.0;

/// The chart as an SVG document.
pub(crate) fn svg(report: &Report) -> String {
    let height = TOP + ROW * report.rows.len() as f64 + 16.0;
    let scale = Scale::of(&report.rows);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"20\" font-size=\"14\">{} / {}: how many times as fast (median, log scale)</text>\n",
        report.sides[0], report.sides[1],
    );
    if let Some(mean) = report.geometric_mean() {
        let _ = writeln!(
            svg,
            "<text x=\"12\" y=\"36\">geometric mean {mean:.2}; the black tick is a row's bar</text>"
        );
    }
    grid(&mut svg, &scale, height);
    for (nth, row) in report.rows.iter().enumerate() {
        bar(&mut svg, &scale, TOP + ROW * nth as f64, row);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Maps ratios to places, 1.0 included.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(rows: &[Row]) -> Scale {
        let finite = || rows.iter().map(Row::ratio).filter(|ratio| ratio.is_finite() && *ratio > 0.0);
        Scale { low: finite().fold(0.9, f64::min), high: finite().fold(2.0, f64::max) * 1.1 }
    }

    fn place(&self, ratio: f64) -> f64 {
        let ratio = ratio.clamp(self.low, self.high);
        LABELS + PLOT * (ratio / self.low).ln() / (self.high / self.low).ln()
    }
}

fn grid(svg: &mut String, scale: &Scale, height: f64) {
    let lines = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
    for ratio in lines.into_iter().filter(|ratio| (scale.low..=scale.high).contains(ratio)) {
        let (x, bottom) = (scale.place(ratio), height - 12.0);
        let colour = if ratio == 1.0 { "#444" } else { "#ddd" };
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.0}\" y2=\"{bottom:.0}\" stroke=\"{colour}\"/>\
             <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\" fill=\"#666\">{ratio}</text>",
            TOP - 4.0,
            TOP - 7.0,
        );
    }
}

fn bar(svg: &mut String, scale: &Scale, y: f64, row: &Row) {
    let (one, end) = (scale.place(1.0), scale.place(row.ratio()));
    let colour = match (row.is_met(), row.ratio() < 1.0) {
        (true, _) => "#2a7f4f",
        (false, false) => "#d9a400",
        (false, true) => "#c0392b",
    };
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
         <rect x=\"{:.1}\" y=\"{:.0}\" width=\"{:.1}\" height=\"12\" fill=\"{colour}\"/>\
         <text x=\"{:.1}\" y=\"{:.0}\">{:.2}</text>",
        LABELS - 8.0,
        y + 11.0,
        row.name,
        one.min(end),
        y + 1.0,
        (end - one).abs().max(1.0),
        one.max(end) + 4.0,
        y + 11.0,
        row.ratio(),
    );
    if let Bar::Faster(bar) = row.bar {
        let x = scale.place(bar);
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.0}\" y2=\"{:.0}\" stroke=\"#000\" stroke-width=\"2\"/>",
            y + 14.0
        );
    }
}
