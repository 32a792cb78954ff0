//! What no committed file may say.

use super::report::{Report, Rule};
use super::tree::Tree;

static MACHINE: Rule =
    Rule { name: "machine-paths", why: "a path of somebody's machine means nothing on anyone else's" };

/// First components of paths that exist on one machine only. In pieces, as this file is checked too.
const PLACES: [(&str, &str); 5] =
    [("/wo", "rk/"), ("/tmp/", "wt"), ("/ho", "me/"), ("/Us", "ers/"), ("/ro", "ot/")];

/// Checks the text of every file.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    let places: Vec<String> = PLACES.iter().map(|(start, end)| format!("{start}{end}")).collect();
    for file in &tree.texts {
        for (index, line) in file.text.lines().enumerate() {
            let named = places.iter().find(|place| {
                line.match_indices(place.as_str()).any(|(at, _)| !continues_a_path(&line[..at]))
            });
            if let Some(place) = named {
                report.add(&MACHINE, &file.path, index + 1, format!("names a path below {place}"));
            }
        }
    }
}

/// Whether the text before a `/` makes it an inner one, as in `src/net/`.
fn continues_a_path(before: &str) -> bool {
    before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || "._-".contains(c))
}
