//! The table of upstream's defects is true: each has its test.

use super::report::{Report, Rule};
use super::tree::Tree;

const TABLE: &str = "docs/upstream-regressions.md";

static REGRESSIONS: Rule =
    Rule { name: "regressions", why: "what others paid for once is only worth it while a test remembers" };

/// Checks that each row, `| #N | ... | `path` ...`name` |`, names what `tokio #N` stands at, and what exists.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    let rows =
        tree.text(TABLE).unwrap_or_default().lines().zip(1..).filter(|(row, _)| row.starts_with("| #"));
    for (row, line) in rows {
        let number = row.trim_start_matches("| ").split(' ').next().unwrap_or_default();
        // Of what stands between backticks in the last column, the first is the file.
        let last = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        let mut quotes = last.split('`').skip(1).step_by(2);
        let Some(text) = quotes.next().and_then(|path| tree.text(path)) else {
            report.add(&REGRESSIONS, TABLE, line, format!("{number} names no file"));
            continue;
        };
        if !text.contains(&format!("tokio {number}")) {
            report.add(&REGRESSIONS, TABLE, line, format!("`tokio {number}` doesn't stand in that file"));
        }
        for name in quotes.filter(|name| !text.contains(*name)) {
            report.add(&REGRESSIONS, TABLE, line, format!("`{name}` isn't in that file"));
        }
    }
}
