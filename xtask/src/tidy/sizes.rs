//! Sizes of files and functions: a ratchet.
//!
//! `xtask/sizes.txt` records what is larger than the cap today. A record may only shrink:
//! `cargo xtask tidy --shrink` lowers it, and nothing raises it but a hand, which a reviewer sees.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use super::report::{Report, Rule};
use super::source::Source;
use super::tree::Tree;

/// Where the records stand.
pub(crate) const RECORDS: &str = "xtask/sizes.txt";

/// Lines with code in a file, tests included.
const FILE_CAP: usize = 600;
/// Lines with code in a function.
const FUNCTION_CAP: usize = 70;

static SIZES: Rule = Rule {
    name: "sizes",
    why: "a function fits a screen and a file fits a head (600 and 70 lines of code, comments not counted); what \
          is larger is recorded in xtask/sizes.txt and may only shrink",
};

/// What is measured: a file, or a function by name.
type Key = (String, Option<String>);

/// Checks sizes against the caps and the records.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    let records = read(tree.text(RECORDS).unwrap_or_default());
    let measured = measure(tree);
    for (key, (line, size)) in &measured {
        let limit = records.get(key).map_or(cap(key), |(_, recorded)| *recorded);
        if *size > limit {
            let message = format!("{} has {size} lines of code, {limit} is the most", describe(key));
            report.add(&SIZES, &key.0, *line, message);
        }
    }
    for (key, (line, recorded)) in &records {
        let size = measured.get(key).map_or(0, |(_, size)| *size);
        if size < *recorded {
            let message = format!(
                "{} in {} has {size} lines of code, {recorded} are recorded: run `cargo xtask tidy --shrink`",
                describe(key),
                key.0,
            );
            report.add(&SIZES, RECORDS, *line, message);
        }
    }
}

/// Lowers each record to today's size, and drops those that are within the cap.
pub(crate) fn shrink(root: &Path, tree: &Tree) -> io::Result<()> {
    let old = tree.text(RECORDS).unwrap_or_default();
    fs::write(root.join(RECORDS), lowered(old, tree))
}

/// The records' text, with each lowered to what it measures today.
pub(crate) fn lowered(old: &str, tree: &Tree) -> String {
    let measured = measure(tree);
    let mut text = String::new();
    for line in old.lines() {
        let Some((key, recorded)) = parse(line) else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let size = measured.get(&key).map_or(0, |(_, size)| *size).min(recorded);
        if size > cap(&key) {
            text.push_str(&record(&key, size));
        }
    }
    text
}

fn measure(tree: &Tree) -> BTreeMap<Key, (usize, usize)> {
    let mut measured: BTreeMap<Key, (usize, usize)> = BTreeMap::new();
    for source in &tree.sources {
        let lines = source.code_lines();
        measured.insert((source.path.clone(), None), (1, lines.len()));
        for (name, line, size) in functions(source, &lines) {
            let entry = measured.entry((source.path.clone(), Some(name))).or_insert((line, size));
            if size > entry.1 {
                *entry = (line, size);
            }
        }
    }
    measured
}

fn functions<'a>(
    source: &'a Source,
    lines: &'a [usize],
) -> impl Iterator<Item = (String, usize, usize)> + 'a {
    source.functions.iter().map(|function| {
        let first = lines.partition_point(|line| *line < function.line);
        let last = lines.partition_point(|line| *line <= function.end);
        (function.name.clone(), function.line, last - first)
    })
}

fn cap(key: &Key) -> usize {
    if key.1.is_some() { FUNCTION_CAP } else { FILE_CAP }
}

fn describe(key: &Key) -> String {
    key.1.as_ref().map_or_else(|| "the file".to_owned(), |name| format!("`{name}`"))
}

fn read(text: &str) -> BTreeMap<Key, (usize, usize)> {
    let parsed = text.lines().enumerate().filter_map(|(index, line)| Some((index + 1, parse(line)?)));
    parsed.map(|(line, (key, size))| (key, (line, size))).collect()
}

/// `path size`, or `path function size`.
fn parse(line: &str) -> Option<(Key, usize)> {
    let mut words = line.split('#').next()?.split_whitespace();
    let path = words.next()?.to_owned();
    let (name, size) = match (words.next()?, words.next()) {
        (name, Some(size)) => (Some(name.to_owned()), size),
        (size, None) => (None, size),
    };
    Some(((path, name), size.parse().ok()?))
}

fn record(key: &Key, size: usize) -> String {
    match &key.1 {
        Some(name) => format!("{} {name} {size}\n", key.0),
        None => format!("{} {size}\n", key.0),
    }
}
